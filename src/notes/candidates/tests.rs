use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::notes::document::{DocumentId, LineRange, Scope, SectionId, Stale};

fn section(text: &str) -> (Document, Section) {
    let count = text.lines().count();
    let lines = LineRange {
        first: 1,
        last: count.max(1),
    };
    let section = Section {
        id: SectionId("d#s".to_owned()),
        document: DocumentId("d".to_owned()),
        title: "SQS まとめ".to_owned(),
        heading: vec!["SQS".to_owned()],
        lines,
        text: text.to_owned(),
        line_numbers: (1..=count).collect(),
        column: 0,
        services: vec!["sqs".to_owned()],
        stale: Vec::new(),
    };
    let document = Document {
        keywords: Vec::new(),
        id: DocumentId("d".to_owned()),
        title: "SQS まとめ".to_owned(),
        title_at: (1, 0),
        path: PathBuf::from("a.md"),
        lines,
        scope: Scope::Mine,
        sections: vec![section.clone()],
        services: vec!["sqs".to_owned()],
        exams: Vec::new(),
        date: None,
        secrets_masked: 0,
    };
    (document, section)
}

fn found(text: &str) -> Vec<(usize, String)> {
    let (document, section) = section(text);
    of_section(&document, &section)
        .into_iter()
        .map(|candidate| {
            let said = match candidate.proposal {
                Proposal::Card { front, back } => format!("{front} = {back}"),
                Proposal::Cloze(text) => text,
            };
            (candidate.line, said)
        })
        .collect()
}

fn said(text: &str) -> Vec<String> {
    found(text).into_iter().map(|(_, said)| said).collect()
}

#[test]
fn definitions_are_found_and_talk_is_not() {
    assert_eq!(
        said("SQS とは、フルマネージドのメッセージキューのサービスである。便利だ。"),
        ["SQSとは = フルマネージドのメッセージキューのサービスである"]
    );
    assert_eq!(
        said("## デッドレターキューとは？\n\n処理に失敗したメッセージを移しておくキュー\n"),
        ["デッドレターキューとは = 処理に失敗したメッセージを移しておくキュー"]
    );
    for talk in [
        "これとは、別の話をしておきたいと思います。",
        "SQS とは、今回初めて使ってみましたが便利なサービスでした。",
        "SNS とは違い、受け取る側が取りに行くしくみになっている。",
        "OODAとは",
    ] {
        assert_eq!(said(talk), [""; 0], "{talk}");
    }
}

#[test]
fn a_term_and_its_meaning_on_one_line_are_a_definition() {
    for (line, card) in [
        (
            "可視性タイムアウト：受信した消費者だけに見せる時間",
            "SQS › 可視性タイムアウト は = 受信した消費者だけに見せる時間",
        ),
        (
            "- **遅延キュー**: 届いてもしばらく見せないキュー。最初だけ。",
            "SQS › 遅延キュー は = 届いてもしばらく見せないキュー",
        ),
        (
            "- Message Group ID — 順序を守る範囲の名前",
            "SQS › Message Group ID は = 順序を守る範囲の名前",
        ),
        (
            "- SQS = 取りに行くしくみのキュー",
            "SQSとは = 取りに行くしくみのキュー",
        ),
        (
            "- 順序の保証 → FIFO キュー",
            "SQS › 順序の保証 → = FIFO キュー",
        ),
        (
            "**DLQ**とは処理に失敗したメッセージの置き場",
            "DLQとは = 処理に失敗したメッセージの置き場",
        ),
    ] {
        assert_eq!(said(line), [card], "{line}");
    }
}

#[test]
fn remarks_settings_and_output_are_no_definitions() {
    for line in [
        "例：キューを二つ作って片方だけを使う場合の動き",
        "- 注意：同じメッセージが二回届くことがある",
        "参考：公式のドキュメントの標準キューの章",
        "12:30 から配信を止めて、キューを空にする",
        "- 開始: 12:30 に配信を止めて、キューを空にする",
        "- 選んだ: ゲートウェイ型エンドポイントの作成",
        "https://example.com/a: ここに書いてある説明",
        "localhost:8080 で待ち受けるキューの代わり",
        "arn:aws:sqs:ap-northeast-1:1234:キューの名前",
        "2026-01-02 10:00 ERROR: キューに接続できない状態",
        "ERROR: キューに接続できない状態が続く",
        "Runtime: python3.12",
        "    Timeout: 30 # 秒単位で書くタイムアウト",
        "print(\"結果: キューの中身の一覧\")",
        "- 標準 → FIFO に移せないので作り直す",
        "- 設定 → キュー → 編集",
        "> 標準キュー：引用した文の中の説明文",
        "- [ ] 標準キュー：あとで確かめること一覧",
    ] {
        assert_eq!(said(line), [""; 0], "{line}");
    }
}

#[test]
fn numbers_carry_what_they_are_about() {
    assert_eq!(
        found("- メッセージ\n  - 保持期間\n    - 最大 14 日\n    - デフォルトは **4 日**\n"),
        [
            (3, "SQS › メッセージ › 保持期間 › 最大 {{14 日}}".to_owned()),
            (
                4,
                "SQS › メッセージ › 保持期間 › デフォルトは {{4 日}}".to_owned()
            ),
        ]
    );
    for talk in [
        "最大 14 日、既定 4 日",
        "料金は最大 100 ドルまで、3 日で消えました",
        "手順 3 つまで進んだ",
        "最大三日待つ",
        "```\nmax = 最大 3 個\n```",
    ] {
        assert_eq!(said(talk), [""; 0], "{talk}");
    }
}

#[test]
fn cells_are_asked_by_row_and_column() {
    let table = "| 種類 | 順序 | 備考 |\n|---|:--|--|\n| 標準キュー | 保証しない | x |\n| FIFO | 保証する\\|厳密 | - |\n";
    assert_eq!(
        found(table),
        [
            (3, "SQS › 標準キュー の 順序 は = 保証しない".to_owned()),
            (4, "SQS › FIFO の 順序 は = 保証する|厳密".to_owned()),
        ]
    );
    assert_eq!(said("| No | x |\n|--|--|\n| 1 | y |\n"), [""; 0]);
}

#[test]
fn outdated_lines_are_not_proposed() {
    let (document, mut section) = section("- キュー\n  - メッセージは最大 256 KB\n");
    assert_eq!(of_section(&document, &section).len(), 1);
    section.stale.push(Stale {
        rule: "x".to_owned(),
        lines: LineRange { first: 2, last: 2 },
        column: 1,
        now: String::new(),
        since: None,
        source: String::new(),
    });
    assert_eq!(of_section(&document, &section), []);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "(とは|、|：|: | = | → |\\*\\*|最大|14 日|- |  |\\||---|\n|#|雲|\\{\\{|。|SQS|`){0,30}") {
        let (document, section) = section(&text);
        for candidate in of_section(&document, &section) {
            if let Proposal::Cloze(text) = candidate.proposal {
                prop_assert!(text.contains("{{"));
            }
        }
    }
}
