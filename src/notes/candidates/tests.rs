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
fn a_front_does_not_hold_its_back() {
    // A line with a colon that was read as a heading leads to itself.
    let line = "コマンド ls: アプリ内のスタックを全て表示";
    let (mut document, mut section) = section(line);
    document.title = "CDK の使い方".to_owned();
    section.heading = vec![line.to_owned()];
    let found = of_section(&document, &section);
    let proposal = Proposal::Card {
        front: "CDK の使い方 › コマンド ls は".to_owned(),
        back: "アプリ内のスタックを全て表示".to_owned(),
    };
    assert_eq!(found[0].proposal, proposal);
    assert_eq!(
        said("| SQS の順序 | 方式 |\n|--|--|\n| FIFO 方式 | ＦＩＦＯ |\n"),
        [""; 0]
    );
    assert!(!tells("S3 の AZ の数 は", "3"));
    assert!(tells("キュー（FIFO）の順序 は", "fifo"));
}

#[test]
fn a_back_stands_by_itself() {
    for line in [
        "ValidateServiceとは\n\nこれが最後のデプロイライフサイクルイベントです",
        "- FIFO キュー: その順序を必ず守るキュー",
        "- EC2 ― EBS 間通信に専用の回線を使用し、速さを上げる",
        "ドメイン設定：プロバイダーはお名前などの外部の業者",
    ] {
        assert_eq!(said(line), [""; 0], "{line}");
    }
}

#[test]
fn words_of_a_diary_are_words() {
    assert!(is_talk("私は使う") && is_talk("これは私"));
    assert!(!is_talk("私設の網") && !is_talk("公私"));
    assert!(has_word("約 10 分", "約") && !has_word("予約の数", "約"));
    assert_eq!(
        said("- 私設の証明書：社内だけで信頼される証明書"),
        ["SQS › 私設の証明書 は = 社内だけで信頼される証明書"]
    );
    assert_eq!(
        said("- 予約できる台数の上限は 20 台"),
        ["SQS › 予約できる台数の上限は {{20 台}}"]
    );
    assert_eq!(
        said("- 最大スループット: 250 MiB/秒"),
        ["SQS › 最大スループット: {{250 MiB/秒}}"]
    );
}

#[test]
fn whole_sentences_that_name_a_kind_define() {
    for (line, card) in [
        (
            "Amazon SQS はフルマネージドのメッセージキューのサービスです。",
            "Amazon SQSとは = フルマネージドのメッセージキューのサービスです",
        ),
        (
            "スループットとは処理できる量のことです",
            "スループットとは = 処理できる量のことです",
        ),
    ] {
        assert_eq!(said(line), [card], "{line}");
    }
    for talk in [
        "SQS のよいところは待たせないしくみです",
        "SQS は便利なものです、と書いてあるもの",
        "テーマは小さなデータベース",
        "気を付けたことは小さく作り、小さく試すということです",
    ] {
        assert_eq!(said(talk), [""; 0], "{talk}");
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
    assert_eq!(
        said(
            "- 標準\n  - 最大 IOPS:16,000\n  - インバウンド(デフォルト:全て拒否)\n  - 暗号化の既定は有効\n"
        ),
        [
            "SQS › 標準 › 最大 IOPS:{{16,000}}",
            "SQS › 標準 › インバウンド(デフォルト:{{全て拒否}})",
            "SQS › 標準 › 暗号化の既定は{{有効}}",
        ]
    );
    for talk in [
        "- デフォルトは使わない",
        "- 上限：あとで調べる数",
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
