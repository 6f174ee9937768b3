//! Files as people have them: every line that a section shows stands where it says, and nothing makes the reader hang.

use std::path::PathBuf;

use kumojuku::notes::services::Services;
use kumojuku::notes::{Document, Kind, NoteFile, Scope, lines, parse};
use proptest::prelude::*;

fn file(kind: Kind, text: &str) -> NoteFile {
    NoteFile {
        path: PathBuf::from("notes/a"),
        identity: "a".to_owned(),
        scope: Scope::Mine,
        kind,
        text: text.to_owned(),
        named: false,
    }
}

fn read(kind: Kind, text: &str) -> Vec<Document> {
    parse(
        &file(kind, text),
        &Services::from_yaml("services: []").unwrap(),
    )
}

/// Checks that ranges hold, lines are true, ids are apart, and documents do not overlap.
fn check(text: &str, documents: &[Document]) -> Result<(), TestCaseError> {
    let all = lines(text);
    let mut ids = std::collections::HashSet::new();
    let mut last = 0;
    for document in documents {
        prop_assert!(document.lines.first > last, "articles overlap");
        prop_assert!(
            document.lines.first <= document.lines.last && document.lines.last <= all.len()
        );
        last = document.lines.last;
        prop_assert!(!document.sections.is_empty());
        for section in &document.sections {
            prop_assert!(ids.insert(section.id.clone()), "{} twice", section.id);
            prop_assert!(document.lines.first <= section.lines.first);
            prop_assert!(section.lines.last <= document.lines.last);
            prop_assert_eq!(section.text.split('\n').count(), section.line_numbers.len());
            prop_assert!(section.line_numbers.is_sorted());
            prop_assert_eq!(section.line_numbers.first(), Some(&section.lines.first));
            prop_assert_eq!(section.line_numbers.last(), Some(&section.lines.last));
            for (line, number) in section.text.split('\n').zip(&section.line_numbers) {
                prop_assert_eq!(line.trim(), all[number - 1].text.trim());
            }
        }
    }
    Ok(())
}

/// Lines in the shapes that real files have.
fn shape() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,30}",
        "[ぁ-んァ-ヶ一-龠、。]{1,40}",
        "#{1,7} ?[a-z雲 ]{0,8}",
        "[ 　\t]{0,4}[-*•・] ?[a-z雲\\[\\]x ]{0,10}",
        "\\|[a-z雲|:-]{0,20}\\|?",
        "(```|~~~)[a-z]{0,5}",
        "> ?(\\[!note\\])?-? ?[a-z雲]{0,8}",
        "<(details|summary|b|!--)>?[a-z雲]{0,6}(</summary>|-->)?",
        "[0-9]{1,3}",
        "(---|===|\\*\\*\\*|\\+\\+\\+|━━━━━━━━)",
        "(このエントリーをはてなブックマークに追加|Share on X|Read more|この記事をシェア)",
        "20230[1-9]1[0-9]のAWSに関する記事は[0-9]件です",
        "(Title|URL|Date|タイトル): ?[a-z0-9雲/-]{0,12}",
        "【[1-3]/3】[a-z雲]{0,5}",
        "\\[\\^[a-z]\\]:? ?[a-z]{0,5}",
        "[\u{0}-\u{8}\u{b}-\u{c}\u{e}-\u{1f}\u{80}-\u{9f}\u{202e}\u{feff}\u{fffd}\u{2028}]{1,3}[a-z雲]{0,4}",
        "(image.png|スクリーンショット 2021-01-19 17.48.29.png|example.com|title: x|tags: \\[a, b\\])",
        Just(String::new()),
    ]
}

fn whole_file() -> impl Strategy<Value = String> {
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\n\n"), Just("\r\n\r\n")];
    proptest::collection::vec((shape(), end), 0..40)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

proptest! {
    #[test]
    fn every_line_of_a_section_stands_where_it_says(text in whole_file()) {
        for kind in [Kind::Dump, Kind::Markdown] {
            check(&text, &read(kind, &text))?;
        }
        // Old line ends, and all in one line.
        for text in [text.replace("\r\n", "\n").replace('\n', "\r"), text.replace(['\r', '\n'], " ")] {
            check(&text, &read(Kind::Dump, &text))?;
        }
    }
}

#[test]
fn line_ends_change_nothing_but_themselves() {
    let text = "20230512のAWSに関する記事は2件です\n\n一つ目\n\nはじめに\n\n本文。\n\nRead more\n\n二つ目\n\n・箇条書き\n";
    let seen = |text: &str| -> Vec<(String, usize, usize, String)> {
        let documents = read(Kind::Dump, text);
        let sections = documents.into_iter().flat_map(|document| document.sections);
        sections
            .map(|s| (s.title, s.lines.first, s.lines.last, s.text))
            .collect()
    };
    let plain = seen(text);
    assert_eq!(plain.len(), 2);
    assert_eq!(seen(&text.replace('\n', "\r\n")), plain);
    assert_eq!(seen(&text.replace('\n', "\r")), plain);
    assert_eq!(seen(&format!("\u{feff}{text}")).len(), 2);
}

/// Texts that have brought other readers down, each some hundred kilobytes long.
#[test]
fn nothing_makes_the_reader_hang() {
    let times = 20_000;
    let patterns = [
        "[".repeat(times),
        "> ".repeat(times),
        "- ".repeat(times),
        "*_".repeat(times),
        "| a ".repeat(times),
        "`".repeat(times),
        "<!--".repeat(times),
        "![](".repeat(times),
        "[^a]: ".repeat(times),
        "# \n".repeat(times),
        "\n".repeat(times),
        "1\n2\n".repeat(times),
        "1\n".repeat(times),
        "Title:\n".repeat(times),
        "【1/3】\n\n".repeat(times),
        "---\n".repeat(times),
        "Read more\n\n".repeat(times),
        "見出し\n\n".repeat(times),
        "a\n\n---\n\nb\n\n".repeat(times),
        "目次 1. 概要 ".repeat(times),
        "https://a:b".repeat(times),
        "secret_key ".repeat(times),
        (0..times).fold(String::new(), |mut all, depth| {
            all.push_str(&" ".repeat(depth % 300));
            all.push_str("- a\n");
            all
        }),
        format!("記事は{times}件です。\n{}", "一\n\n二\n\n".repeat(times)),
    ];
    for pattern in &patterns {
        for kind in [Kind::Dump, Kind::Markdown] {
            let documents = read(kind, pattern);
            assert!(
                documents
                    .iter()
                    .all(|document| !document.sections.is_empty())
            );
        }
    }
}
