//! Study sessions from outside: scripts, NDJSON, what is kept when the input ends, and taking answers back.

use serde_json::Value;

use crate::env::{Run, TestEnv};

/// A home with four cards of its own about a service that nothing else is about.
fn home() -> TestEnv {
    let env = TestEnv::new();
    let bank = include_str!("../fixtures/quizzes/valid/saa-sample.yaml")
        .replace("[sqs, lambda]", "[fixture]")
        .replace("[vpc]", "[fixture]")
        .replace("[sqs]", "[fixture]");
    env.write("juku/data/quizzes/saa/sample.yaml", bank);
    env
}

const QUIZ: [&str; 4] = ["quiz", "--service", "fixture", "--json"];

fn lines(run: &Run) -> Vec<Value> {
    run.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The right answer to each card of the fixture.
fn right(id: &str) -> &'static str {
    match id {
        "saa-fixture-single-01" => "a",
        "saa-fixture-multiple-01" => "b,a",
        "saa-fixture-card-01" => "3",
        _ => "=4日|14日",
    }
}

/// Asks for the next question without answering it.
fn first_question(env: &TestEnv) -> String {
    let run = env.juku_with(&QUIZ, "").expect(4);
    lines(&run)[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_script_answers_every_kind_of_question() {
    let env = home();
    let mut kinds = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let id = first_question(&env);
        let run = env
            .juku_with(&[&QUIZ[..], &["--count", "1"]].concat(), right(&id))
            .expect(0);
        let told = lines(&run);
        assert_eq!(told[0]["type"], "question");
        assert_eq!(told[1]["type"], "feedback");
        assert_eq!(told[1]["correct"], true, "{told:?}");
        assert_eq!(told[2]["type"], "summary");
        kinds.insert(told[0]["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds.len(), 4);
    let run = env.juku_with(&QUIZ, "").expect(0);
    assert_eq!(lines(&run)[0]["ended"], "nothing");
}

#[test]
fn what_was_answered_before_the_input_ended_is_kept_and_can_be_taken_back() {
    let env = home();
    let run = env.juku_with(&QUIZ, "a\n").expect(4);
    let told = lines(&run);
    let kinds: Vec<&str> = told.iter().filter_map(|l| l["type"].as_str()).collect();
    assert_eq!(kinds, ["question", "feedback", "question", "summary"]);
    assert_eq!(told[4]["error"]["code"], "quiz-input-ended");
    assert_eq!(
        env.juku(&["stats", "--json"]).expect(0).json()["reviews"],
        1
    );
    let undone = env.juku(&["undo", "--json"]).expect(0).json();
    assert_eq!(undone["card"], told[0]["id"]);
    assert_eq!(
        env.juku(&["stats", "--json"]).expect(0).json()["reviews"],
        0
    );
    assert_eq!(first_question(&env), told[0]["id"].as_str().unwrap());
    env.juku(&["undo"]).expect(1);
}

#[test]
fn a_missed_card_is_due_tomorrow_and_a_known_one_later() {
    let mut env = home();
    let mut script = String::new();
    for _ in 0..4 {
        script.push_str("d\n");
    }
    env.juku_with(&[&QUIZ[..], &["--count", "4"]].concat(), &script)
        .expect(0);
    assert_eq!(env.juku(&["stats", "--json"]).json()["due"], 0);
    env.set_now("2026-11-23T09:00:00+09:00");
    let due = env.juku(&["stats", "--json"]).json()["due"]
        .as_u64()
        .unwrap();
    assert!(due >= 3, "{due}");
}

#[test]
fn a_line_that_is_no_answer_stops_a_script() {
    let env = home();
    let run = env
        .juku_with(&["quiz", "--service", "fixture"], &"%%%\n".repeat(4))
        .expect(2);
    assert!(run.err.contains("ヒント"), "{}", run.err);
}

#[test]
fn lint_names_the_place_of_a_fault() {
    let env = home();
    env.write(
        "juku/data/quizzes/saa/bad.yaml",
        "schema: 1\nexam: SAA\nquestions:\n  - id: UPPER\n",
    );
    let run = env.juku(&["lint", "quizzes", "--json"]).expect(1).json();
    let findings = run["findings"].as_array().unwrap();
    let own: Vec<_> = findings
        .iter()
        .filter(|f| f["path"].as_str().unwrap().ends_with("bad.yaml"))
        .collect();
    assert!(
        own.iter()
            .any(|f| f["code"] == "quiz-bad-id" && f["line"] == 4),
        "{own:?}"
    );
    assert!(run["counts"]["questions"].as_u64().unwrap() >= 2);
}

/// A home with a bank deep enough for five papers; the right option is always `b`.
fn deep_home() -> TestEnv {
    use std::fmt::Write as _;
    let env = TestEnv::new();
    let mut bank = "schema: 1\nexam: SAA\nquestions:\n".to_owned();
    for (domain, count) in [(1, 110), (2, 95), (3, 90), (4, 75)] {
        for n in 0..count {
            write!(
                bank,
                "  - id: saa-deep-{domain}-{n:03}\n    task: {{SAA-C03: [\"{domain}.1\"]}}\n    services: [sqs]\n    \
                 level: exam\n    type: single\n    stem: 分野{domain}の{n}番目の問い。\n    options:\n"
            )
            .unwrap();
            for (option, correct) in [("a", false), ("b", true), ("c", false), ("d", false)] {
                writeln!(
                    bank,
                    "      - {{id: {option}, text: 選択肢{option}, correct: {correct}, why: 理由}}"
                )
                .unwrap();
            }
            bank.push_str("    sources: [\"https://docs.aws.amazon.com/x\"]\n    evidence: copy\n    checked: 2026-11-21\n");
        }
    }
    env.write("juku/data/quizzes/saa/deep.yaml", bank);
    env
}

#[test]
fn an_exam_broken_off_at_question_30_goes_on_with_its_time_and_counts_fifty() {
    let mut env = deep_home();
    let thirty = env
        .juku_with(&["exam", "SAA", "--seed", "1", "--json"], &"b\n".repeat(30))
        .expect(4);
    let told = lines(&thirty);
    assert_eq!(told[0]["seconds_left"], 7800);
    assert!(
        told.iter().all(|line| line.get("scored").is_none()),
        "which questions count is hidden"
    );
    env.set_now("2026-11-22T21:00:00+09:00");
    let other = env.juku_with(&["exam", "SAA", "--seed", "2"], "");
    assert_eq!(other.code, 2, "{}", other.err);
    let rest = format!("flag 2\n{}goto 3\na\nreview\nsubmit\n", "b\n".repeat(35));
    let run = env
        .juku_with(&["exam", "SAA", "--seed", "1", "--json"], &rest)
        .expect(0);
    let told = lines(&run);
    assert_eq!(
        (&told[0]["resumed"], &told[0]["answered"]),
        (&true.into(), &30.into())
    );
    assert_eq!(
        told[0]["seconds_left"], 7800,
        "the night in between costs nothing"
    );
    let result = told.last().unwrap();
    assert_eq!(result["type"], "result");
    assert_eq!(
        (&result["scored"], &result["questions"]),
        (&50.into(), &65.into())
    );
    let domains: Vec<u64> = result["domains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["scored"].as_u64().unwrap())
        .collect();
    assert_eq!(domains, [15, 13, 12, 10]);
    // Questions of the bundled bank may stand among ours.
    let missed = result["missed"].as_array().unwrap().len();
    assert!(missed >= 1);
    let stats = env.juku(&["stats", "--json"]).json();
    assert_eq!(
        (&stats["reviews"], &stats["due"]),
        (&65.into(), &missed.into())
    );
    let review = lines(&env.juku(&["exam", "review", "--json"]).expect(0));
    assert_eq!(review.len(), missed);
    for told in &review {
        assert_eq!(
            (&told["type"], &told["correct"]),
            (&"explanation".into(), &false.into())
        );
        assert!(result["missed"].as_array().unwrap().contains(&told["id"]));
        let options = told["options"].as_array().unwrap();
        assert!(
            options
                .iter()
                .all(|o| !o["why"].as_str().unwrap().is_empty())
        );
        assert_ne!(told["given"], told["answer"]);
    }
    let third = lines(&env.juku(&["exam", "review", "3", "--json"]).expect(0));
    assert_eq!(
        (&third[0]["number"], &third[0]["given"]),
        (&3.into(), &"a".into())
    );
    env.juku(&["exam", "review", "66"]).expect(2);
}

#[test]
fn without_an_exam_there_is_nothing_to_go_over() {
    let run = home().juku(&["exam", "review", "--json"]).expect(2);
    assert_eq!(run.json()["error"]["code"], "exam-no-last");
}

#[test]
fn papers_of_five_seeds_share_no_question() {
    let env = deep_home();
    let mut all = std::collections::BTreeSet::new();
    for seed in ["1", "2", "3", "4", "5"] {
        let script = format!("{}submit\n", "a\n".repeat(65));
        let run = env
            .juku_with(&["exam", "SAA", "--seed", seed, "--json"], &script)
            .expect(0);
        for line in lines(&run).iter().filter(|line| line["type"] == "question") {
            all.insert(line["id"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(all.len(), 325);
}

#[test]
fn an_exam_that_is_none_is_refused() {
    let env = home();
    let run = env.juku(&["exam", "XYZ"]).expect(2);
    assert!(run.err.contains("XYZ"), "{}", run.err);
}

#[test]
fn two_homes_that_exchange_their_histories_hold_the_same_states() {
    let (one, mut two) = (home(), home());
    one.juku_with(&[&QUIZ[..], &["--count", "3"]].concat(), "a\na\na\n")
        .expect(0);
    two.set_now("2026-11-25T09:00:00+09:00");
    two.juku_with(&[&QUIZ[..], &["--count", "4"]].concat(), "b\nb\nb\nb\n")
        .expect(0);
    two.juku(&["undo"]).expect(0);
    let file = |env: &TestEnv| env.home().join("history.jsonl").display().to_string();
    for env in [&one, &two] {
        env.juku(&["export", "history", &file(env)]).expect(0);
    }
    for (env, other) in [(&one, &two), (&two, &one)] {
        let first = env
            .juku(&["import", "history", &file(other), "--json"])
            .expect(0)
            .json();
        assert!(first["added"].as_u64().unwrap() >= 3, "{first}");
        let again = env
            .juku(&["import", "history", &file(other), "--json"])
            .expect(0)
            .json();
        assert_eq!(again["added"], 0);
    }
    let mut now = one;
    now.set_now("2026-11-26T09:00:00+09:00");
    two.set_now("2026-11-26T09:00:00+09:00");
    let stats = |env: &TestEnv| {
        let mut stats = env.juku(&["stats", "--json"]).json();
        // What the two homes were doing today may differ; what is known of the cards may not.
        stats.as_object_mut().unwrap().remove("today");
        stats
    };
    assert_eq!(stats(&now), stats(&two));
    assert_eq!(stats(&now)["reviews"], 6);
}

#[test]
fn a_card_at_rest_is_not_asked() {
    let env = home();
    let id = first_question(&env);
    env.juku(&["card", "suspend", &id]).expect(0);
    assert_ne!(first_question(&env), id);
    env.juku(&["card", "resume", &id]).expect(0);
    assert_eq!(first_question(&env), id);
    env.juku(&["card", "flag", "no-such-card"]).expect(2);
}

#[test]
fn a_plan_names_the_version_of_the_day_and_is_kept() {
    let env = home();
    env.juku(&["plan"]).expect(2);
    let args = [
        "plan",
        "--exam",
        "DVA",
        "--date",
        "2026-12-20",
        "--minutes-per-day",
        "25",
        "--json",
    ];
    let plan = env.juku(&args).expect(0).json();
    assert_eq!(
        (&plan["version"], &plan["days_left"]),
        (&"DVA-C03".into(), &29.into())
    );
    assert_eq!(plan["differs_from"], "DVA-C02");
    assert_eq!(plan["days"].as_array().unwrap().len(), 30);
    assert_eq!(
        env.juku(&["plan", "--json"]).expect(0).json()["date"],
        "2026-12-20"
    );
    env.juku(&["plan", "--date", "2026-01-01"]).expect(2);
}

/// Answers a session's questions to its end, most of them wrongly, and gives its summary.
fn session(env: &TestEnv, arguments: &[&str]) -> Value {
    use std::io::{BufRead as _, Write as _};
    let mut child = env
        .command(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut last = Value::Null;
    for line in output.lines() {
        last = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = match last["kind"].as_str() {
            _ if last["type"] != "question" => continue,
            Some("card") => "1",
            Some("cloze") => "=x",
            Some("multiple") if last["choose"] == 3 => "a,b,c",
            Some("multiple") => "a,b",
            _ => "a",
        };
        writeln!(input, "{answer}").unwrap();
    }
    drop(input);
    assert!(child.wait().unwrap().success());
    last
}

#[test]
fn a_session_keeps_to_the_plan_and_a_second_plan_does_not_ask_again() {
    let env = TestEnv::new();
    let plan = [
        "plan",
        "--exam",
        "DVA",
        "--date",
        "2026-12-20",
        "--minutes-per-day",
        "20",
        "--json",
    ];
    let told = env.juku(&plan).expect(0).json();
    let today = told["days"][0]["new"].as_u64().unwrap();
    assert!((5..=20).contains(&today), "{today}");
    let days = told["days"].as_array().unwrap();
    assert!(days.iter().all(|day| day["new"].as_u64().unwrap() <= 20));
    // Wrong answers lead to follow-ups, which are new cards, too.
    let run = env
        .juku_with(&["quiz", "--json"], &"d\n".repeat(5))
        .expect(4);
    let seen = lines(&run)
        .iter()
        .filter(|l| l["type"] == "feedback")
        .count() as u64;
    assert_eq!(seen, 5, "{}", run.out);
    let told = env.juku(&plan).expect(0).json();
    assert_eq!(told["days"][0]["new"].as_u64().unwrap(), today - 5);
    assert_eq!(session(&env, &["quiz", "--json"])["ended"], "limit");
    let new = env.juku(&["stats", "--json"]).expect(0).json()["today"]["new"].as_u64();
    assert_eq!(new, Some(today));
    let told = env.juku(&plan).expect(0).json();
    assert_eq!(told["days"][0]["new"], 0);
}

#[test]
fn in_the_last_days_nothing_new_is_asked_and_that_is_said() {
    let mut env = TestEnv::new();
    session(&env, &["quiz", "--exam", "SAA", "--count", "4", "--json"]);
    let plan = [
        "plan",
        "--exam",
        "SAA",
        "--date",
        "2026-11-24",
        "--minutes-per-day",
        "25",
    ];
    env.set_now("2026-11-22T09:00:00+09:00");
    let told = env.juku(&plan).expect(0);
    assert!(
        told.out.contains("新しいカードはもう始めません"),
        "{}",
        told.out
    );
    assert!(!told.out.contains(" 0 分が必要"), "{}", told.out);
    let run = env.juku_with(&["quiz", "--json"], "");
    let told = lines(&run);
    assert_eq!(
        told[0]["type"], "question",
        "what was seen is gone over: {}",
        run.out
    );
    let fresh = TestEnv::new();
    fresh
        .juku(&["plan", "--exam", "SAA", "--date", "2026-11-22"])
        .expect(0);
    let run = fresh.juku(&["quiz"]).expect(0);
    assert!(
        run.out.contains("新しいカードはもう出しません"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("0問中"), "{}", run.out);
}

#[test]
fn another_paper_than_the_one_in_progress_and_a_retired_version_are_refused() {
    let mut env = deep_home();
    let begin = ["exam", "SAA", "--questions", "10", "--json"];
    env.juku_with(&begin, "b\n").expect(4);
    for other in [
        &["exam", "SAA", "--questions", "20", "--json"][..],
        &["exam", "SAA", "--minutes", "7", "--json"],
        &["exam", "DVA", "--json"],
    ] {
        let error = env.juku(other).expect(2).json();
        assert_eq!(error["error"]["code"], "exam-in-progress", "{other:?}");
    }
    let run = env.juku_with(&begin, "submit\n").expect(0);
    assert_eq!(lines(&run)[0]["resumed"], true);
    env.set_now("2026-12-05T09:00:00+09:00");
    let error = env.juku(&["exam", "DVA-C02", "--json"]).expect(2).json();
    assert_eq!(error["error"]["code"], "exam-retired");
    let plan = ["plan", "--exam", "DVA-C02", "--date", "2026-12-20"];
    let run = env.juku(&plan).expect(0);
    assert!(run.err.contains("DVA-C03 です"), "{}", run.err);
}

#[test]
fn questions_that_were_never_opened_are_counted_apart_and_letters_stay_the_same() {
    let env = deep_home();
    let script = "b\nsubmit\n";
    let run = env
        .juku_with(&["exam", "SAA", "--seed", "1"], script)
        .expect(0);
    assert!(run.out.contains("開かなかった 63 問"), "{}", run.out);
    // In a script the options have the ids of the bank, and so they have afterwards.
    let shown = env.juku(&["exam", "review", "1"]).expect(0).out;
    assert!(shown.contains("あなたの解答 b"), "{shown}");
}

#[test]
fn a_filter_that_fits_nothing_is_an_error_with_the_nearest_name() {
    let env = home();
    for (option, given, nearest) in [
        ("--service", "fixtur", "`fixture`"),
        ("--service", "fixture,nosuchthing", ""),
        ("--task", "2.9", "`2.1`"),
    ] {
        let run = env
            .juku(&["quiz", "--exam", "SAA", option, given, "--json"])
            .expect(2);
        let hint = run.json()["error"]["hint"]
            .as_str()
            .unwrap_or("")
            .to_owned();
        let near = nearest.trim_matches('`').split('.').next().unwrap();
        assert!(hint.contains(near), "{option} {given}: {hint}");
    }
    // Several names, in whatever width.
    let run = env
        .juku(&["quiz", "--service", "ｆｉｘｔｕｒｅ， s3", "--json"])
        .expect(4);
    assert_eq!(lines(&run)[0]["type"], "question");
    let run = env.juku(&["quiz", "--task", "2.1,1.2", "--json"]).expect(4);
    assert_eq!(lines(&run)[0]["type"], "question");
}

#[test]
fn numbers_and_days_are_read_in_any_width_and_within_their_range() {
    let env = home();
    let plan = |date: &str, minutes: &str| {
        env.juku(&[
            "plan",
            "--exam",
            "SAA",
            "--date",
            date,
            "--minutes-per-day",
            minutes,
        ])
    };
    let told = plan("２０２７－０１－１０", "１５").expect(0).out;
    assert!(told.contains("2027-01-10"), "{told}");
    let err = plan("2027-01-10", "0").expect(2).err;
    assert!(err.contains("1 から 1440"), "{err}");
    let err = env.juku(&["quiz", "--count", "0"]).expect(2).err;
    assert!(err.contains("1 から 10000"), "{err}");
    let err = env
        .juku(&["exam", "SAA", "--questions", "500"])
        .expect(2)
        .err;
    assert!(err.contains("1 から 200"), "{err}");
    let err = plan("9999-12-31", "15").expect(2).err;
    assert!(err.contains("遠すぎます"), "{err}");
    assert!(
        env.juku(&["plan"]).expect(0).out.contains("2027-01-10"),
        "kept"
    );
}

#[test]
fn the_bundled_bank_has_no_error_and_no_way_to_pass_without_knowledge() {
    let report = TestEnv::new().juku(&["--json", "lint", "quizzes"]);
    let document = report.json();
    let wrong: Vec<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| {
            let code = finding["code"].as_str().unwrap_or_default();
            finding["severity"] == "error" || code == "quiz-guessable"
        })
        .map(ToString::to_string)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        document["counts"]["questions"].as_u64().unwrap() >= 800,
        "{}",
        document["counts"]
    );
}
