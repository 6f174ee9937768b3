//! Packages as Anki's own library sees them: ours opened there, its opened here, and memory states compared.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use kumojuku::adapter::anki;
use kumojuku::progress::deck::{
    DeckCard, DeckName, DeckNote, DeckReview, NoteType, Package, Place, ReviewKind, Template,
};
use kumojuku::schedule::{Rating, Scheduler};
use serde_json::Value;

use crate::env::TestEnv;
use crate::python_env;

/// Asks Anki's library.
fn ask(arguments: &[&Path]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/anki_check.py");
    let output = Command::new(python_env::programs().join("python"))
        .arg(script)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

fn home() -> TestEnv {
    let env = TestEnv::new();
    let bank = include_str!("../fixtures/quizzes/valid/saa-sample.yaml")
        .replace("[sqs, lambda]", "[fixture]")
        .replace("[vpc]", "[fixture]")
        .replace("[sqs]", "[fixture]");
    env.write("juku/data/quizzes/saa/sample.yaml", bank);
    env
}

/// A home in which four cards of each kind were answered on three days, one answer taken back, one card flagged.
fn studied() -> TestEnv {
    let mut env = home();
    let quiz = |env: &TestEnv, count: &str, script: &str| {
        env.juku_with(
            &["quiz", "--service", "fixture", "--count", count, "--json"],
            script,
        )
        .expect(0);
    };
    quiz(&env, "4", &"d\n".repeat(4));
    env.set_now("2026-11-22T09:00:00+09:00");
    quiz(&env, "2", "a\na\n");
    env.juku(&["undo"]).expect(0);
    env.set_now("2026-11-25T23:30:00+09:00");
    quiz(&env, "2", "b\nb\n");
    env.juku(&["card", "flag", "saa-fixture-card-01"]).expect(0);
    env
}

fn read(path: &Path) -> Package {
    anki::read(&std::fs::read(path).unwrap()).unwrap()
}

/// What must be the same wherever a card's history lies: when it is due and how firmly it is remembered.
type Known = (String, i64, u32, u32, Option<(u32, u32)>);

fn known(package: &Package) -> Vec<Known> {
    let first = package.created.as_second() / 86_400;
    let mut cards: Vec<Known> = package
        .cards
        .iter()
        .map(|card| {
            let note = package.notes.iter().find(|n| n.id == card.note).unwrap();
            let due = match card.place {
                Place::Review { due, .. } => first + i64::from(due),
                Place::New(_) | Place::Learning => -1,
            };
            let memory = card
                .memory
                .map(|m| (m.stability.to_bits(), m.difficulty.to_bits()));
            (note.guid.clone(), due, card.reps, card.lapses, memory)
        })
        .collect();
    cards.sort();
    cards
}

#[test]
fn our_package_opens_in_anki_and_its_history_comes_back() {
    let env = studied();
    let at = |name: &str| env.home().join(name);
    let (ours, newer, legacy) = (at("ours.apkg"), at("newer.apkg"), at("legacy.apkg"));
    let export = [
        "export",
        "anki",
        ours.to_str().unwrap(),
        "--service",
        "fixture",
        "--json",
    ];
    let report = env.juku(&export).expect(0).json();
    assert_eq!(
        (&report["cards"], &report["reviews"]),
        (&4.into(), &7.into())
    );
    let told: Value =
        serde_json::from_str(&ask(&[Path::new("roundtrip"), &ours, &newer, &legacy])).unwrap();
    assert_eq!(
        told["first"]["notes"], told["twice"]["notes"],
        "importing twice doubles nothing"
    );
    let written = read(&ours);
    let notes = told["first"]["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 4);
    let mut revlog = 0;
    for note in notes {
        let guid = note["guid"].as_str().unwrap();
        assert!(guid.starts_with("juku:saa-fixture-"), "{guid}");
        assert_eq!(note["csum_ok"], true);
        assert!(note["tags"].as_array().unwrap().contains(&"SAA".into()));
        let card = &note["cards"][0];
        assert_eq!(card["deck"], "juku::SAA");
        assert_eq!((&card["type"], &card["queue"]), (&2.into(), &2.into()));
        let own = written.notes.iter().find(|n| n.guid == guid).unwrap();
        let own = written.cards.iter().find(|c| c.note == own.id).unwrap();
        let memory = own.memory.unwrap();
        let near = |at: usize, value: f32| {
            let theirs = card["memory"][at].as_f64().unwrap();
            assert!((theirs - f64::from(value)).abs() < 1e-3, "{theirs} {value}");
        };
        near(0, memory.stability);
        near(1, memory.difficulty);
        revlog += card["revlog"].as_array().unwrap().len();
        let shown = card["answer"].as_str().unwrap();
        match note["type"].as_str().unwrap() {
            "juku choice" => assert!(shown.contains('○') && shown.contains('×'), "{shown}"),
            "juku cloze" => assert!(shown.contains("class=\"cloze\""), "{shown}"),
            kind => assert_eq!(kind, "juku card"),
        }
    }
    assert_eq!(revlog, 7);
    for package in [&newer, &legacy] {
        let mut other = home();
        other.set_now("2026-11-25T23:40:00+09:00");
        let path = package.to_str().unwrap();
        let report = other
            .juku(&["import", "anki", path, "--json"])
            .expect(0)
            .json();
        assert_eq!((&report["known"], &report["cards"]), (&4.into(), &0.into()));
        assert_eq!(report["entries_added"], 7);
        let again = other
            .juku(&["import", "anki", path, "--json"])
            .expect(0)
            .json();
        assert_eq!(again["entries_added"], 0);
        let back = other.home().join("back.apkg");
        let back_export = [
            "export",
            "anki",
            back.to_str().unwrap(),
            "--service",
            "fixture",
        ];
        other.juku(&back_export).expect(0);
        assert_eq!(known(&read(&back)), known(&written));
    }
    // Where it came from, nothing is new.
    let path = newer.to_str().unwrap();
    let same = env
        .juku(&["import", "anki", path, "--json"])
        .expect(0)
        .json();
    assert_eq!(
        (&same["known"], &same["entries_added"]),
        (&4.into(), &0.into())
    );
}

#[test]
fn a_deck_made_in_anki_becomes_cards_with_their_history() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    let (newer, legacy, table, edited) = (at("n.apkg"), at("l.apkg"), at("t.txt"), at("e.apkg"));
    ask(&[Path::new("made"), &newer, &legacy, &table, &edited]);
    let import = |env: &TestEnv, path: &PathBuf| {
        env.juku(&["import", "anki", path.to_str().unwrap(), "--json"])
            .expect(0)
            .json()
    };
    for package in [&newer, &legacy] {
        let env = TestEnv::new();
        let report = import(&env, package);
        assert_eq!(
            (&report["cards"], &report["added"]),
            (&5.into(), &5.into()),
            "{report}"
        );
        assert_eq!(report["entries_added"], 4);
        assert_eq!(report["skipped"][0]["reason"], "empty-front");
        assert_eq!(
            report["media"],
            serde_json::json!(["only.png", "q.png", "s.mp3"])
        );
        let again = import(&env, package);
        assert_eq!(
            (&again["added"], &again["changed"], &again["entries_added"]),
            (&0.into(), &0.into(), &0.into())
        );
        let changed = import(&env, &edited);
        assert_eq!(
            (&changed["added"], &changed["changed"]),
            (&0.into(), &1.into())
        );
        let stats = env.juku(&["stats", "--json"]).expect(0).json();
        assert_eq!(stats["reviews"], 4);
        let file = report["files"][0].as_str().unwrap();
        let bank = std::fs::read_to_string(file).unwrap();
        assert!(bank.contains("SQS の既定の保持期間"), "{bank}");
        assert!(bank.contains("{{10,240 MB}}"), "{bank}");
        let lint = env.juku(&["lint", "quizzes", "--json"]).json();
        let own: Vec<&Value> = lint["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["path"].as_str() == Some(file))
            .collect();
        assert!(own.is_empty(), "{own:?}");
    }
    // The text export names the same notes: the cards are the same ones.
    let env = TestEnv::new();
    assert_eq!(import(&env, &table)["added"], 4);
    let both = import(&env, &newer);
    assert_eq!(
        (&both["added"], &both["changed"]),
        (&1.into(), &0.into()),
        "{both}"
    );
}

#[test]
fn what_cannot_be_imported_is_told() {
    let env = TestEnv::new();
    let refused = |name: &str, bytes: &[u8], code: &str, exit: i32| {
        let path = env.write(name, bytes);
        let run = env
            .juku(&["import", "anki", path.to_str().unwrap(), "--json"])
            .expect(exit);
        assert_eq!(run.json()["error"]["code"], code, "{}", run.out);
    };
    refused("a.apkg", b"no zip at all", "anki-no-zip", 4);
    refused("b.apkg", b"PK\x03\x04 cut off", "anki-no-zip", 4);
    refused("c.csv", b"", "anki-empty", 4);
    refused("d.csv", "表,裏\n".as_bytes(), "anki-no-exam", 2);
    refused("e.txt", b"#separator:??\nx\ty\n", "anki-head", 4);
    env.juku(&["import", "anki", "nowhere.apkg"]).expect(4);
    // A bare name is a file in the folder one stands in.
    env.juku(&["export", "anki", "bare.apkg", "--service", "sqs"])
        .expect(0);
    assert!(env.home().join("bare.apkg").exists());
    let path = env.write("d.csv", "表,裏\n");
    let dry = [
        "import",
        "anki",
        path.to_str().unwrap(),
        "--exam",
        "SAA",
        "--dry-run",
        "--json",
    ];
    assert_eq!(env.juku(&dry).expect(0).json()["added"], 1);
    assert!(!env.home().join("juku/data/quizzes/anki/saa.yaml").exists());
}

/// How many random histories are compared.
const HISTORIES: usize = 1000;

/// A history: days since the review before, and ratings.
fn history(seed: &mut u64) -> Vec<(i64, Rating)> {
    let mut next = |below: u64| {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % below
    };
    let reviews = 1 + next(15);
    (0..reviews)
        .map(|n| {
            let rating = Rating::of_number(u8::try_from(1 + next(4)).unwrap()).unwrap();
            let days = match next(6) {
                0 => 0,
                1 => next(4),
                2 | 3 => next(30),
                4 => next(120),
                _ => next(400),
            };
            (
                if n == 0 {
                    0
                } else {
                    i64::try_from(days).unwrap()
                },
                rating,
            )
        })
        .collect()
}

#[test]
fn memory_states_equal_ankis_for_a_thousand_random_histories() {
    let scheduler = Scheduler::new(&[]).unwrap();
    let mut seed = 20_261_121;
    let mut own = std::collections::BTreeMap::new();
    let (mut notes, mut cards, mut reviews) = (Vec::new(), Vec::new(), Vec::new());
    // Noon in Tokyo, long enough ago for the longest history.
    let start: Timestamp = "2004-01-05T03:00:00Z".parse().unwrap();
    for n in 0..HISTORIES {
        let id = i64::try_from(n).unwrap() + 1_600_000_000_000;
        let guid = format!("history-{n}");
        let (mut state, mut day) = (None, 0);
        for (turn, (elapsed, rating)) in (0_i64..).zip(history(&mut seed)) {
            day += elapsed;
            state = Some(
                scheduler
                    .step(state, u32::try_from(elapsed).unwrap(), rating)
                    .unwrap(),
            );
            reviews.push(DeckReview {
                // Minutes apart within a day, a millisecond apart between cards.
                id: start.as_millisecond()
                    + day * 86_400_000
                    + turn * 60_000
                    + i64::try_from(n).unwrap(),
                card: id,
                rating: Some(rating),
                interval: 1,
                last_interval: 1,
                factor: 500,
                millis: 5000,
                kind: if turn == 0 {
                    ReviewKind::Learn
                } else {
                    ReviewKind::Review
                },
            });
        }
        own.insert(guid.clone(), state.unwrap());
        notes.push(DeckNote {
            id,
            guid,
            note_type: 5,
            fields: vec![format!("q{n}"), "a".to_owned()],
            tags: Vec::new(),
        });
        cards.push(DeckCard {
            id,
            note: id,
            deck: 9,
            template: 0,
            place: Place::Review {
                due: 7000,
                interval: 1,
            },
            suspended: false,
            flagged: false,
            reps: 1,
            lapses: 0,
            memory: None,
            last: None,
        });
    }
    reviews.sort_by_key(|review| review.id);
    let package = Package {
        created: start,
        minutes_west: -540,
        rollover: 4,
        retention: 0.9,
        parameters: Vec::new(),
        note_types: vec![NoteType {
            id: 5,
            name: "histories".to_owned(),
            cloze: false,
            fields: vec!["F".to_owned(), "B".to_owned()],
            templates: vec![Template {
                name: "Card 1".to_owned(),
                front: "{{F}}".to_owned(),
                back: "{{B}}".to_owned(),
            }],
        }],
        decks: vec![DeckName {
            id: 9,
            name: "histories".to_owned(),
        }],
        notes,
        cards,
        reviews,
    };
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("histories.apkg");
    std::fs::File::create(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &anki::write(&package).unwrap()))
        .unwrap();
    let theirs: std::collections::BTreeMap<String, (f32, f32)> =
        serde_json::from_str(&ask(&[Path::new("states"), &path])).unwrap();
    assert_eq!(theirs.len(), HISTORIES);
    for (guid, state) in &own {
        let (stability, difficulty) = theirs[guid];
        let near = |a: f32, b: f32| (a - b).abs() <= 1e-5 * a.abs().max(1.0);
        assert!(
            near(stability, state.stability) && near(difficulty, state.difficulty),
            "{guid}: {stability} {difficulty}, ours {state:?}"
        );
    }
}

#[test]
fn a_table_of_which_nothing_could_be_taken_exits_one_and_names_the_row() {
    let env = TestEnv::new();
    let bad = env.write("bad.csv", "# 見出し\n\"表,裏\n");
    let import = ["import", "anki", bad.to_str().unwrap(), "--exam", "SAA"];
    let run = env.juku(&import).expect(1);
    assert!(
        run.out.contains("2 行目") && run.out.contains("引用符"),
        "{}",
        run.out
    );
    let told = env
        .juku(&[&import[..], &["--json"]].concat())
        .expect(1)
        .json();
    assert_eq!(told["skipped"][0]["reason"], "open-quote");
    assert_eq!(told["skipped"][0]["line"], 2);
    // What stands before the open row comes in.
    env.write("bad.csv", "a,b\nc,\"裏\n");
    let told = env
        .juku(&[&import[..], &["--json"]].concat())
        .expect(0)
        .json();
    assert_eq!(
        (&told["added"], &told["skipped"][0]["line"]),
        (&1.into(), &2.into())
    );
}

#[test]
fn unseen_questions_of_mock_exams_are_not_exported() {
    let env = TestEnv::new();
    let file = env.home().join("new/folder/saa.apkg");
    let export = [
        "export",
        "anki",
        file.to_str().unwrap(),
        "--exam",
        "SAA",
        "--json",
    ];
    let run = env.juku(&export).expect(0);
    assert!(
        run.err.contains("new/folder"),
        "a folder is not made in silence: {}",
        run.err
    );
    let stats = env
        .juku(&["stats", "--json", "--exam", "SAA"])
        .expect(0)
        .json();
    let told = run.json();
    assert_eq!(told["reserved"], stats["reserved"]);
    assert!(told["reserved"].as_u64().unwrap() > 0);
    assert_eq!(
        told["cards"].as_u64().unwrap() + told["reserved"].as_u64().unwrap(),
        stats["cards"].as_u64().unwrap()
    );
}
