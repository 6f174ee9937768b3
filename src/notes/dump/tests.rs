use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::notes::{Kind, Scope};

fn file(text: &str) -> NoteFile {
    NoteFile {
        path: PathBuf::from("dumps/day.txt"),
        identity: "/dumps/day.txt".to_owned(),
        scope: Scope::Mine,
        kind: Kind::Dump,
        text: text.to_owned(),
        named: false,
    }
}

fn titles(text: &str) -> Vec<String> {
    parse(&file(text)).into_iter().map(|d| d.title).collect()
}

#[test]
fn a_digest_with_share_lines() {
    let text = "20210301のAWSに関する記事は2件です。\n\n一つ目の題\n\nはじめに\n\n本文です。\n\n  • このエントリーをはてなブックマークに追加\n  • Qiitaで続きを読む\n\n二つ目の題\n\n本文です。\n\n  • このエントリーをはてなブックマークに追加\n  • Qiitaで続きを読む\n";
    let documents = parse(&file(text));
    let seen: Vec<(&str, usize, usize)> = documents
        .iter()
        .map(|d| (d.title.as_str(), d.lines.first, d.lines.last))
        .collect();
    assert_eq!(seen, [("一つ目の題", 3, 10), ("二つ目の題", 12, 17)]);
    assert_eq!(documents[0].date.unwrap().to_string(), "2021-03-01");
    assert_eq!(documents[0].sections[0].heading, ["はじめに"]);
    assert!(!documents[0].sections[0].text.contains("ブックマーク"));
}

#[test]
fn the_last_article_may_lack_its_end() {
    let text = "題A\n\n本文。\n二行目。\n\nShare this article\n\n題B\n\n本文。\n二行目。\n\nShare this article\n\n題C\n\n終わりがない。\n";
    assert_eq!(titles(text), ["題A", "題B", "題C"]);
}

#[test]
fn an_unknown_end_line_is_found_by_the_count() {
    let text = "2022-05-01 の記事は3件\n\n題A\n\n本文。\n\n[[zzz-footer]]\n\n題B\n\n本文。\n\n[[zzz-footer]]\n\n題C\n\n本文。\n\n[[zzz-footer]]\n";
    assert_eq!(titles(text), ["題A", "題B", "題C"]);
}

#[test]
fn fields_numbers_and_rules_are_borders_too() {
    let fields = "Title: First\nURL: https://example.com/1\nDate: 2020-01-02\n\nbody one\n\nTitle: Second\nURL: https://example.com/2\n\nbody two\n";
    let documents = parse(&file(fields));
    assert_eq!(
        documents
            .iter()
            .map(|d| d.title.as_str())
            .collect::<Vec<_>>(),
        ["First", "Second"]
    );
    assert_eq!(documents[0].date.unwrap().to_string(), "2020-01-02");
    let numbers = "【1/3】一\n\n本文。\n\n【2/3】二\n\n本文。\n\n【3/3】三\n\n本文。\n";
    assert_eq!(titles(numbers), ["一", "二", "三"]);
    let boxes = "==========\n甲\n==========\n\n本文。\n\n==========\n乙\n==========\n\n本文。\n";
    assert_eq!(titles(boxes), ["甲", "乙"]);
}

#[test]
fn gutters_count_their_code() {
    let text = "AWS\n\nインストール\n\n1\n2\nnpm install\n\n次の節\n\n • 箇条書き\n";
    let documents = parse(&file(text));
    let sections = &documents[0].sections;
    assert_eq!(sections[0].text, "インストール\n\nnpm install");
    assert_eq!(sections[1].heading, ["次の節"]);
    assert_eq!(sections[1].lines, LineRange { first: 9, last: 11 });
}

#[test]
fn a_heading_without_text_is_kept_or_leads_others() {
    let text = "題\n\nDynamoDB\n\nSDK の使い方\n\n本文です。\n\n機種を変えるときに MFA 端末を登録し直すための手順一覧\n\nテーブルの作成\n\n本文です。\n";
    let documents = parse(&file(text));
    let paths: Vec<Vec<String>> = documents[0]
        .sections
        .iter()
        .map(|s| s.heading.clone())
        .collect();
    assert_eq!(paths[0], ["DynamoDB", "SDK の使い方"]);
    assert_eq!(
        paths[1][1],
        "機種を変えるときに MFA 端末を登録し直すための手順一覧"
    );
    assert_eq!(paths[2], ["DynamoDB", "テーブルの作成"]);
}

#[test]
fn commands_sentences_and_steps_are_no_headings() {
    let text = "題\n\n手順\n\n次を実行します。\n\nsudo su -\n\n③ルートユーザへ切り替え\n\nvi /etc/sysctl.conf\n\nルートの編集をクリック\nimage.png\n\n「選択」をクリック\n\n終わりです。\n";
    let documents = parse(&file(text));
    assert_eq!(documents[0].sections.len(), 1);
    assert_eq!(documents[0].sections[0].heading, ["手順"]);
}

#[test]
fn a_site_head_is_passed_over() {
    let text = "雲の上の日々\n\n学んだことを書くブログです。\n\n【学習】一日目\n\nはじめに\n\n本文です。\n";
    assert_eq!(titles(text), ["【学習】一日目"]);
}

#[test]
fn ids_survive_an_edit_above() {
    let before = "題A\n\n本文。\n二行目。\n\nRead more\n\n題B\n\nはじめに\n\n本文。\n\nRead more\n";
    let after = format!("題0\n\n増えた。\n二行目。\n\nRead more\n\n{before}");
    let ids = |text: &str| {
        parse(&file(text))
            .into_iter()
            .flat_map(|d| d.sections)
            .map(|s| s.id)
            .collect::<Vec<_>>()
    };
    let (old, new) = (ids(before), ids(&after));
    assert!(old.iter().all(|id| new.contains(id)));
}

#[test]
fn one_line_of_many_characters_is_one_section() {
    let text = format!("題\n\n{}\n", "目次 1. 概要 説明 ".repeat(2000));
    let documents = parse(&file(&text));
    assert_eq!(documents[0].sections.len(), 1);
    assert_eq!(
        documents[0].sections[0].lines,
        LineRange { first: 3, last: 3 }
    );
}

proptest! {
    #[test]
    fn every_line_number_is_true(text in "([0-9•■=-]{0,2} ?[a-z雲。\n]{0,6}\n?){0,14}") {
        let all = lines(&text);
        for document in parse(&file(&text)) {
            prop_assert!(!document.sections.is_empty());
            for section in &document.sections {
                for (line, number) in section.text.split('\n').zip(&section.line_numbers) {
                    prop_assert_eq!(line.trim(), all[number - 1].text.trim());
                }
            }
        }
    }
}
