//! Measures the study engine on a large collection: `cargo run --release --example study_bench -- 100000 1000000`.
//!
//! Cards and reviews are made up, written to a database in a temporary folder in the same durability mode as the
//! program's (WAL, `synchronous=FULL`), and then timed: opening a session up to its first question, answering and
//! getting the next question, and replaying the whole log.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measuring program: it prints, reads the clock, and stops where something fails"
)]

use std::time::Instant;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use kumojuku::adapter::store::study::StudyDb;
use kumojuku::app::bank::{BankText, refresh};
use kumojuku::app::history::replay_all;
use kumojuku::app::own_notes::{NoNotes, SectionReader, TaughtSection};
use kumojuku::app::quiz::{QuizRequest, Session, SessionPorts, StudyRules};
use kumojuku::exam::Exam;
use kumojuku::progress::store::StudyStore as _;
use kumojuku::quiz::Labels;
use kumojuku::schedule::{
    AnswerEntry, DesiredRetention, DeviceId, Event, LogEntry, Rating, ReviewId, Source,
};
use kumojuku::time::{Rollover, StudyDay};

struct NoSections;

impl SectionReader for NoSections {
    fn section(&self, _: &str) -> Option<TaughtSection> {
        None
    }
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse::<usize>().ok());
    let cards = arguments.next().unwrap_or(100_000);
    let reviews = arguments.next().unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("study.db");
    let rules = StudyRules {
        retention: DesiredRetention::clamped(0.9),
        new_per_day: 20,
        reviews_per_day: 100_000,
        rollover: Rollover::DEFAULT,
        zone: TimeZone::UTC,
        goal: None,
        blueprints: kumojuku::yaml::from_str(include_str!("../content/blueprint.yaml")).unwrap(),
    };
    let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
    let today = rules.day(now);
    let files = bank(cards);
    let mut store = StudyDb::open(&path).unwrap();
    time("index the bank", || {
        refresh(&mut store, &files, &rules.blueprints, "bench").unwrap()
    });
    let entries = log(cards, reviews, now, today);
    time("merge the log", || store.merge(&entries).unwrap());
    time("replay the log", || replay_all(&mut store).unwrap());
    drop(store);
    let mut opens = Vec::new();
    for _ in 0..20 {
        let started = Instant::now();
        let mut store = StudyDb::open(&path).unwrap();
        let mut session = open(&mut store, &rules, now);
        assert!(session.next(now).unwrap().is_some());
        opens.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    report("session opens (database open to first question)", opens);
    let mut store = StudyDb::open(&path).unwrap();
    let mut session = open(&mut store, &rules, now);
    let mut answers = Vec::new();
    session.next(now).unwrap();
    for n in 0..2000 {
        let line = if n % 7 == 0 { "a" } else { "b" };
        let started = Instant::now();
        session.answer(line, now).unwrap();
        let next = session.next(now).unwrap();
        answers.push(started.elapsed().as_secs_f64() * 1000.0);
        if next.is_none() {
            break;
        }
    }
    report("answer and next question", answers);
    report(
        "writing 8 KB and waiting for the disk",
        bare_writes(dir.path()),
    );
}

/// What the disk and whatever else runs on the machine cost by themselves: no durable answer can be faster.
fn bare_writes(dir: &std::path::Path) -> Vec<f64> {
    use std::io::{Seek as _, Write as _};
    let mut file = std::fs::File::create(dir.join("bare")).unwrap();
    file.set_len(4 << 20).unwrap();
    (0..2000_u64)
        .map(|n| {
            let started = Instant::now();
            file.seek(std::io::SeekFrom::Start(n % 512 * 8192)).unwrap();
            file.write_all(&[1; 8192]).unwrap();
            file.sync_data().unwrap();
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect()
}

fn open<'a>(store: &'a mut StudyDb, rules: &'a StudyRules, now: Timestamp) -> Session<'a> {
    let ports = SessionPorts {
        store,
        notes: &NoNotes,
        sections: &NoSections,
    };
    let request = QuizRequest {
        exam: Some(Exam::Saa),
        ..QuizRequest::default()
    };
    Session::open(ports, rules, request, Labels::Ids, now).unwrap()
}

fn time<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = run();
    println!("{what}: {:.2} s", started.elapsed().as_secs_f64());
    result
}

fn report(what: &str, mut millis: Vec<f64>) {
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index"
        )]
        let index = (share * (millis.len() - 1) as f64) as usize;
        millis[index]
    };
    println!(
        "{what}: p50 {:.2} ms, p99 {:.2} ms, n={}",
        at(0.5),
        at(0.99),
        millis.len()
    );
}

/// A bank of single-answer questions, in files of 100.
fn bank(cards: usize) -> Vec<BankText> {
    use std::fmt::Write as _;
    (0..cards)
        .step_by(100)
        .map(|from| {
            let mut text = "schema: 1\nexam: SAA\nquestions:\n".to_owned();
            for n in from..(from + 100).min(cards) {
                write!(
                    text,
                    "  - id: bench-{n}\n    task: {{SAA-C03: [\"{}.1\"]}}\n    services: [sqs]\n    level: exam\n    \
                     type: single\n    stem: 第{n}問。要件を満たす構成はどれか。\n    options:\n",
                    1 + n % 4
                )
                .unwrap();
                for (option, correct) in [("a", false), ("b", true), ("c", false), ("d", false)] {
                    writeln!(text, "      - {{id: {option}, text: 選択肢 {option}, correct: {correct}, why: 理由}}")
                        .unwrap();
                }
                text.push_str("    sources: [\"https://docs.aws.amazon.com/x\"]\n    evidence: copy\n    checked: 2026-11-21\n");
            }
            BankText {
                path: format!("bench-{from}.yaml"),
                text,
                own: true,
            }
        })
        .collect()
}

/// A log in which each card is answered at growing intervals.
fn log(cards: usize, reviews: usize, now: Timestamp, today: StudyDay) -> Vec<LogEntry> {
    let per_card = (reviews / cards).max(1);
    (0..reviews)
        .map(|n| {
            let (card, turn) = (n % cards, n / cards);
            let back = i32::try_from((per_card - turn) * 12 + card % 11).unwrap();
            let day = today.plus_days(-back);
            let at = now.checked_sub((i64::from(back) * 24).hours()).unwrap();
            let rating = if (n * 7919) % 10 == 0 {
                Rating::Again
            } else {
                Rating::Good
            };
            LogEntry {
                id: ReviewId {
                    device: DeviceId(7),
                    number: n as u64 + 1,
                },
                order: at.as_millisecond() + i64::try_from(n % 1000).unwrap(),
                at,
                day,
                card: format!("bench-{card}"),
                event: Event::Answer(AnswerEntry {
                    rating,
                    correct: rating != Rating::Again,
                    doubt: 0,
                    given: "b".to_owned(),
                    millis: 20_000,
                    source: Source::Quiz,
                    due: today.plus_days(i32::try_from(card % 60).unwrap() - 20),
                    confused: None,
                    cause: None,
                }),
            }
        })
        .collect()
}
