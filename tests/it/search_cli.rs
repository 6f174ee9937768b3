//! Search as a user types it: filters, phrases, exclusions, names with signs, and opening what was found.

use crate::env::{Run, TestEnv};
use crate::terminal::Terminal;

const NOTES: &[(&str, &str)] = &[
    (
        "deploy.md",
        "---\ntitle: デプロイの手順\ndate: 2021-03-01\n---\n# デプロイの手順\n\n## CodeDeploy の設定\n\nappspec.yml をルートに置く。`!Sub` で名前を組み立てる。\n\n## DynamoDB を読む\n\naws dynamodb get-item --projection-expression \"price, stock\" で属性を絞る。\n\n## 鍵\n\nKMS の鍵を使う。セッション マネージャーで入る。\n",
    ),
    (
        "queue.md",
        "# キュー\n\n## SQS の可視性タイムアウト\n\nSQS の可視性タイムアウトより処理が長いと、メッセージが二度処理される。\n\n## FIFO\n\nSQS の FIFO キューは順番を守る。\n",
    ),
    (
        "evil.md",
        "# 罠\n\n## 逃げる\n\n画面を\u{1b}[2J消す\u{9b}31m逆\u{202e}さま の記述。\n",
    ),
];

fn home() -> TestEnv {
    let env = TestEnv::new();
    for (name, text) in NOTES {
        env.write(&format!("notes/{name}"), text);
    }
    env.juku(&["import", "notes"]).expect(0);
    env
}

fn headings(run: &Run) -> Vec<String> {
    let document = run.json();
    let hits = document["hits"].as_array().unwrap();
    hits.iter()
        .map(|hit| hit["heading"][0].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_way_to_narrow_a_search_holds() {
    let env = home();
    let ask = |line: &str| {
        // A line of a script goes the way of the prompt.
        let run = env.juku_with(&["--json"], &format!("search {line} in:mine\n"));
        headings(&run)
    };
    assert_eq!(ask("--projection-expression")[0], "DynamoDB を読む");
    assert_eq!(ask("projection-expression")[0], "DynamoDB を読む");
    assert_eq!(ask("appspec.yml")[0], "CodeDeploy の設定");
    assert_eq!(ask("!Sub")[0], "CodeDeploy の設定");
    assert_eq!(ask("鍵")[0], "鍵");
    assert_eq!(ask("「セッション マネージャー」"), ["鍵"]);
    assert_eq!(ask("\"セッション マネージャー\""), ["鍵"]);
    assert_eq!(ask("SQS -FIFO"), ["SQS の可視性タイムアウト"]);
    assert_eq!(ask("SQS -「順番を守る」"), ["SQS の可視性タイムアウト"]);
    assert!(ask("設定 before:2021-03-01").is_empty());
    assert!(!ask("設定 before:2021-04").is_empty());
    assert!(
        ask("service:sqs メッセージ")
            .iter()
            .all(|h| h.contains("SQS") || h == "FIFO")
    );
    assert!(ask("ｓｅｒｖｉｃｅ：ｄｙｎａｍｏｄｂ 属性").contains(&"DynamoDB を読む".to_owned()));
    assert_eq!(ask("in:deploy 鍵"), ask("鍵 in:deploy"));
    assert!(ask("exam:SAA 鍵").is_empty(), "own notes name no exam");
}

#[test]
fn wrong_filters_say_what_is_wrong() {
    let env = home();
    for (line, word) in [
        ("exam:CLF 鍵", "CLF"),
        ("before:明日 鍵", "明日"),
        ("service:dynamo 鍵", "dynamo"),
        ("", ""),
    ] {
        let run = env.juku(&["search", line]).expect(2);
        assert!(run.err.contains(word), "{}", run.err);
    }
}

#[test]
fn a_search_without_hits_says_what_would_have_some() {
    let env = home();
    let run = env.juku(&["search", "鍵 in:queue"]).expect(1);
    assert!(run.err.contains("in:"), "{}", run.err);
    let run = env
        .juku(&["search", "ぬるぽぬるぽ", "--in", "mine"])
        .expect(1);
    assert!(run.err.contains("見つかりません"), "{}", run.err);
}

#[test]
fn what_was_found_opens_in_its_place_with_what_is_joined_to_it() {
    let env = home();
    env.juku(&["search", "可視性タイムアウト", "--in", "mine"])
        .expect(0);
    let opened = env.juku(&["--json", "open", "1"]).expect(0).json();
    assert_eq!(
        (&opened["line"], &opened["line_end"]),
        (&3.into(), &5.into())
    );
    assert!(opened["path"].as_str().unwrap().ends_with("notes/queue.md"));
    assert!(!opened["cards"].as_array().unwrap().is_empty(), "{opened}");
    let shown = env.juku(&["open", "１"]).expect(0);
    assert!(shown.out.contains("5  SQS の可視性"), "{}", shown.out);
    let related = env.juku(&["--json", "related", "1"]).expect(0).json();
    assert_ne!(related["hits"][0]["id"], opened["id"]);
    env.juku(&["open", "99"]).expect(2);
}

#[test]
fn at_a_terminal_a_passage_opens_in_the_users_pager() {
    let env = home();
    env.juku(&["search", "可視性タイムアウト", "--in", "mine"])
        .expect(0);
    let mut terminal = Terminal::with(&env, &["open", "1"], &[("PAGER", "sed s/^/PAGED:/")]);
    terminal.wait("PAGED:");
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::with(&env, &["open", "1"], &[("PAGER", "no-such-pager")]);
    terminal.wait("二度処理");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn nothing_in_a_note_drives_the_terminal() {
    let env = home();
    for arguments in [
        &["search", "逆 記述", "--in", "mine"][..],
        &["--json", "search", "逆 記述", "--in", "mine"],
        &["open", "1"],
        &["--json", "open", "1"],
    ] {
        let run = env.juku(arguments).expect(0);
        let drives = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.out.contains(drives), "{arguments:?} {:?}", run.out);
        if arguments[0] == "--json" {
            assert!(
                run.json().to_string().contains('\u{202e}'),
                "JSON keeps what it was"
            );
        }
    }
}
