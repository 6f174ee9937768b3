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

/// Title and heading paths of a dump that lies beside the tests.
fn outline(text: &str) -> (String, Vec<String>) {
    let documents = parse(&file(text));
    assert_eq!(documents.len(), 1);
    let paths = documents[0].sections.iter().map(|s| s.heading.join(" > "));
    (documents[0].title.clone(), paths.collect())
}

#[test]
fn headings_right_above_their_paragraphs() {
    let (title, paths) = outline(include_str!("../../../tests/fixtures/dumps/blog.txt"));
    assert_eq!(title, "静的サイトを小さく始めるときに考えたこと");
    assert_eq!(
        paths,
        [
            "きっかけ",
            "置き場所の選び方",
            "証明書の準備",
            "キャッシュの消し方",
            "困ったこと",
            "料金の目安",
            "これからの予定"
        ]
    );
}

#[test]
fn numbers_that_go_up_are_headings() {
    let (title, paths) = outline(include_str!("../../../tests/fixtures/dumps/exam_memo.txt"));
    assert_eq!(title, "開発者試験の準備メモ");
    assert_eq!(
        paths,
        [
            "1. API Gateway",
            "1. API Gateway > 1.1 スロットリング",
            "1. API Gateway > 1.2 キャッシュ",
            "2. Lambda",
            "2. Lambda > 2.1 予約した同時実行",
            "3. SQS",
            "問題1",
            "問題2",
            "問題3"
        ]
    );
}

#[test]
fn what_a_wiki_left_behind_a_heading_is_cut_off() {
    let (title, paths) = outline(include_str!(
        "../../../tests/fixtures/dumps/encyclopedia.txt"
    ));
    assert_eq!(title, "待ち行列サービス");
    assert_eq!(paths, ["", "歴史", "仕組み", "順序の保証", "関連項目"]);
}

#[test]
fn a_line_about_the_author_is_no_title() {
    let text = "2022年11月3日 投稿者: 山田\n\n鍵を入れ替える手順\n\n本文です。\n";
    assert_eq!(titles(text), ["鍵を入れ替える手順"]);
    let text = "鍵を入れ替える手順\n2022年11月3日 投稿者: 山田\n\nはじめに\n\n本文です。\n";
    assert_eq!(titles(text), ["鍵を入れ替える手順"]);
    let text = "雲の入門ノート\nホーム\n分類: AWS\n2022年11月3日 投稿者: 山田\n\n初回だけ遅い関数を測ってみた\n\n本文です。\n";
    assert_eq!(titles(text), ["初回だけ遅い関数を測ってみた"]);
    assert_eq!(
        titles("[2023/01/05 10:00] 相談\n\n本文です。\n"),
        ["[2023/01/05 10:00] 相談"]
    );
    let text = "山小屋日記\n\n2022/11/03\n\n鍵を入れ替える手順\n\n本文です。\n";
    assert_eq!(titles(text), ["鍵を入れ替える手順"]);
}

#[test]
fn headings_right_above_their_lists() {
    let text = "待ち行列の整理\n\nメリット\n・切り離せる\n・溢れない\n\nデメリット\n・前後する\n\n料金\n・百万回まで無料\n";
    let (_, paths) = outline(text);
    assert_eq!(paths, ["メリット", "デメリット", "料金"]);
}

#[test]
fn text_wrapped_by_hand_has_no_headings() {
    let text = "Title of it\n\nSecond paragraph begins here\nand goes on for a longer line than the first one.\n\nThird part is short\nbut this line is rather longer and ends.\n\nYet another one is\nalso like that, and it ends with a full stop.\n\nこの段落は手で折り返してあり一行の長さがほぼ\n同じなので見出しではないことがこれで分かります。\n";
    let (_, paths) = outline(text);
    assert_eq!(paths, [""]);
}

#[test]
fn a_short_line_above_a_paragraph_is_no_heading_by_itself() {
    let text = "題\n\n山田さん\nお疲れさまです。昨日の件を調べました。\n\nよろしくお願いします。\n\n1. 一つ目\n2. 二つ目\n3. 三つ目\n4. 四つ目\nこれで終わりです。\n";
    let (_, paths) = outline(text);
    assert_eq!(paths, [""]);
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
