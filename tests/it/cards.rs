//! Cards from the learner's own notes: proposed, kept, refused, asked, and flagged when their line changes.

use serde_json::Value;

use crate::env::{Run, TestEnv};

const NOTE: &str = "# SQS まとめ\n\n## 標準キュー\n\nSQS とは、フルマネージドのメッセージキューのサービス。\n\n\
                    - 保持期間\n  - 最大 14 日\n  - デフォルトは 4 日\n\n\
                    | 種類 | 順序 |\n|---|---|\n| 標準 | 保証しない |\n";

fn home() -> TestEnv {
    let env = TestEnv::new();
    let note = env.write("notes/sqs.md", NOTE);
    env.juku(&["import", note.to_str().unwrap()]).expect(0);
    env
}

fn lines(run: &Run) -> Vec<Value> {
    run.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const SUGGEST: [&str; 5] = ["card", "suggest", "--exam", "SAA", "--json"];

fn candidates(env: &TestEnv, code: i32) -> Vec<Value> {
    let run = env.juku(&[&SUGGEST[..], &["--list"]].concat()).expect(code);
    run.json()["candidates"].as_array().unwrap().clone()
}

#[test]
fn candidates_are_kept_edited_refused_and_not_shown_again() {
    let env = home();
    let found = candidates(&env, 0);
    assert_eq!(found.len(), 4, "{found:?}");
    let run = env
        .juku_with(&SUGGEST, "y\n=最大は {{14 日}}\nx\nn\n")
        .expect(0);
    let told = lines(&run);
    assert_eq!(told[4]["type"], "summary");
    assert_eq!(
        (&told[4]["kept"], &told[4]["never"], &told[4]["skipped"]),
        (&2.into(), &1.into(), &1.into())
    );
    // What was only skipped comes back, nothing else does.
    assert_eq!(candidates(&env, 0).len(), 1);
    let list = env.juku(&["card", "list", "--json"]).expect(0).json();
    assert_eq!(list["counts"]["same"], 2);
    assert_eq!(list["cards"][0]["line"], 5);
}

#[test]
fn a_script_that_is_out_of_step_or_too_short_stops() {
    let env = home();
    let run = env.juku_with(&SUGGEST, "maybe\n").expect(2);
    assert!(run.out.contains("suggest-bad-answer"), "{}", run.out);
    env.juku_with(&SUGGEST, "y\n").expect(4);
    // What was kept before the end of the input is there.
    assert_eq!(candidates(&env, 0).len(), 3);
    let run = env.juku_with(&SUGGEST, "=no blank\n").expect(2);
    assert!(run.out.contains("suggest-bad-cloze"), "{}", run.out);
}

#[test]
fn a_changed_line_flags_the_card_and_its_new_text_keeps_the_history() {
    let mut env = home();
    env.juku_with(&[&SUGGEST[..], &["14 日"]].concat(), "y\n")
        .expect(0);
    let list = env.juku(&["card", "list", "--json"]).expect(0).json();
    let id = list["cards"][0]["id"].as_str().unwrap().to_owned();
    env.juku(&["card", "flag", &id]).expect(0);
    let quiz = ["quiz", "--service", "sqs", "--exam", "SAA", "--json"];
    // Answer until the card has been asked.
    let mut asked = false;
    for _ in 0..80 {
        let run = env.juku_with(&quiz, "");
        let question = lines(&run)[0].clone();
        if question["type"] != "question" {
            break;
        }
        if question["id"] == id.as_str() {
            env.juku_with(&[&quiz[..], &["--count", "1"]].concat(), "=14 日\n")
                .expect(0);
            asked = true;
            break;
        }
        env.juku(&["card", "suspend", question["id"].as_str().unwrap()])
            .expect(0);
    }
    assert!(asked, "the card from the note is asked like any other");
    let path = env.write("notes/sqs.md", NOTE.replace("最大 14 日", "最大 28 日"));
    env.set_now("2026-11-22T09:00:00+09:00");
    env.juku(&["import", path.to_str().unwrap()]).expect(0);
    let list = env.juku(&["card", "list", "--json"]).expect(0).json();
    assert_eq!(list["cards"][0]["state"], "changed");
    let linted = env.juku(&["lint", "quizzes", "--json"]).expect(1).json();
    let codes: Vec<&str> = linted["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|f| f["code"].as_str())
        .collect();
    assert!(codes.contains(&"quiz-note-changed"), "{codes:?}");
    let found = candidates(&env, 0);
    let new = found.iter().find(|c| c["replaces"] == true).unwrap();
    assert_eq!(new["id"], id.as_str());
    env.juku_with(&[&SUGGEST[..], &["28 日"]].concat(), "y\n")
        .expect(0);
    let list = env.juku(&["card", "list", "--json"]).expect(0).json();
    assert_eq!(
        (&list["cards"][0]["id"], &list["cards"][0]["state"]),
        (&id.as_str().into(), &"same".into())
    );
    assert_eq!(
        env.juku(&["stats", "--json"]).expect(0).json()["reviews"],
        1
    );
}

#[test]
fn the_history_of_one_card_never_goes_to_another() {
    let note = |above: &str, sqs: &str, cell: &str| {
        format!(
            "# まとめ\n{above}\n- SQS のバッチは最大 {sqs}\n\n| S3 の種類 | 耐久性 | 取り出し |\n|---|---|---|\n\
             | 標準クラス | イレブンナイン | {cell} |\n"
        )
    };
    let mut env = TestEnv::new();
    let path = env.write("notes/a.md", note("", "10 件", "すぐ"));
    let import = |env: &TestEnv| env.juku(&["import", path.to_str().unwrap()]).expect(0);
    import(&env);
    env.juku_with(&SUGGEST, "y\ny\ny\n").expect(0);
    let before = env.juku(&["card", "list", "--json"]).expect(0).json();
    let questions = |list: &Value| -> Vec<(String, String)> {
        let mut told: Vec<_> = list["cards"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| {
                (
                    c["id"].as_str().unwrap().to_owned(),
                    c["question"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        told.sort();
        told
    };
    assert_eq!(questions(&before).len(), 3);
    // The number and one cell change: two cards have a new text, the third follows its line.
    env.set_now("2026-11-22T09:00:00+09:00");
    env.write("notes/a.md", note("", "20 件", "数分後"));
    import(&env);
    let found = candidates(&env, 0);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|c| c["replaces"] == true), "{found:?}");
    env.juku_with(&SUGGEST, "y\ny\n").expect(0);
    assert_eq!(candidates(&env, 1).len(), 0, "nothing is offered twice");
    // Lines come in above and the number changes again.
    env.set_now("2026-11-23T09:00:00+09:00");
    env.write("notes/a.md", note("\nx\n\ny\n", "30 件", "数分後"));
    import(&env);
    let found = candidates(&env, 0);
    assert_eq!(found.len(), 1, "{found:?}");
    env.juku_with(&SUGGEST, "y\n").expect(0);
    let after = env.juku(&["card", "list", "--json"]).expect(0).json();
    assert_eq!(
        questions(&after),
        questions(&before),
        "every card asks what it asked"
    );
    assert_eq!(after["counts"]["same"], 3);
    let bank = env.home().join("juku/data/quizzes/notes/saa.yaml");
    let bank = std::fs::read_to_string(bank).unwrap();
    assert_eq!(bank.matches("line: 11").count(), 2, "{bank}");
}

#[test]
fn cards_are_listed_by_their_marks() {
    let env = home();
    env.juku_with(&SUGGEST, "y\ny\nn\nn\n").expect(0);
    let list = env.juku(&["card", "list", "--json"]).expect(0).json();
    let id = |at: usize| list["cards"][at]["id"].as_str().unwrap().to_owned();
    env.juku(&["card", "list", "--suspended"]).expect(1);
    env.juku(&["card", "suspend", &id(0)]).expect(0);
    env.juku(&["card", "flag", &id(1)]).expect(0);
    let told = env
        .juku(&["card", "list", "--suspended", "--json"])
        .expect(0)
        .json();
    assert_eq!(told["cards"][0]["id"], id(0));
    assert_eq!(told["cards"][0]["marks"][0], "suspended");
    let both = [
        "card",
        "list",
        "--suspended",
        "--flagged",
        "--leeches",
        "--vanished",
        "--json",
    ];
    let told = env.juku(&both).expect(0).json();
    assert_eq!(told["cards"].as_array().unwrap().len(), 2);
    assert_eq!(told["counts"]["vanished"], 0);
    let run = env.juku(&["card", "一覧", "--flagged"]).expect(0);
    assert!(
        run.out.contains(&id(1)) && run.out.contains("印"),
        "{}",
        run.out
    );
    let english = TestEnv::new().english();
    let run = english.juku(&["card", "list", "--leeches"]).expect(1);
    assert!(run.err.contains("no such cards"), "{}", run.err);
}

#[test]
fn what_is_said_fits_eighty_columns() {
    let env = home();
    let run = env
        .juku_with(&["card", "suggest", "--exam", "SAA"], "n\nn\nn\nn\n")
        .expect(0);
    for line in run.err.lines() {
        assert!(kumojuku::text::width(line) <= 80, "{line}");
    }
}
