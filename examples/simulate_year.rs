//! A year of study by three made-up learners, through the program's own sessions and mock exams, with a simulated clock:
//! `cargo run --release --example simulate_year -- [FOLDER]`.
//!
//! The learners forget by another law than FSRS's (a power law with strengths of their own), so that what `stats` predicts
//! is put to the test. Each gets a home of its own under FOLDER (a temporary one when none is given); at the end the
//! program's own `stats` shows it, if `juku` was built beside this example. The same seeds give the same year.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a demonstration: it prints, and stops where something fails"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kumojuku::adapter::store::study::StudyDb;
use kumojuku::app::bank::{BankText, refresh};
use kumojuku::app::exam::{ExamRequest, ExamSession};
use kumojuku::app::history::optimise;
use kumojuku::app::own_notes::{NoNotes, SectionReader, TaughtSection};
use kumojuku::app::quiz::{Goal, QuizRequest, Session, SessionPorts, StudyRules};
use kumojuku::app::stats::stats;
use kumojuku::exam::Exam;
use kumojuku::progress::store::StudyStore;
use kumojuku::quiz::{Card, CardBody, CardId, Labels};
use kumojuku::schedule::DesiredRetention;
use kumojuku::time::{Rollover, StudyDay};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const DAYS: i64 = 365;
const START: &str = "2026-01-01T20:00:00+09:00";

/// How somebody studies and forgets.
struct Habit {
    name: &'static str,
    seed: u64,
    /// Share of the questions known before the first day.
    known: f64,
    /// Days for which a fact is remembered after it was met once.
    strength: f64,
    /// Factor by which a recall strengthens it.
    growth: f64,
    /// Minutes on a day; 0 on days without study.
    minutes: fn(i64) -> u32,
    /// Days between mock exams; 0 for none.
    mock_every: i64,
    /// Whether they say when they guess.
    honest: bool,
}

const LEARNERS: [Habit; 3] = [
    Habit {
        name: "steady",
        seed: 1,
        known: 0.35,
        strength: 4.0,
        growth: 2.6,
        minutes: |day| if day % 7 == 6 { 0 } else { 20 },
        mock_every: 60,
        honest: true,
    },
    Habit {
        name: "weekends",
        seed: 2,
        known: 0.45,
        strength: 6.0,
        growth: 2.2,
        minutes: |day| if day % 7 < 2 { 60 } else { 0 },
        mock_every: 90,
        honest: false,
    },
    Habit {
        name: "broken-off",
        seed: 3,
        known: 0.25,
        strength: 3.0,
        growth: 2.4,
        minutes: |day| match day {
            90..=159 => 0,
            160..=200 => 40,
            _ => 15,
        },
        mock_every: 0,
        honest: true,
    },
];

struct NoSections;

impl SectionReader for NoSections {
    fn section(&self, _: &str) -> Option<TaughtSection> {
        None
    }
}

/// What the learner's head holds of a card.
#[derive(Clone, Copy)]
struct Trace {
    strength: f64,
    at: Timestamp,
}

struct Learner<'a> {
    habit: &'a Habit,
    rng: ChaCha8Rng,
    memory: HashMap<CardId, Trace>,
}

impl Learner<'_> {
    #[expect(clippy::cast_precision_loss, reason = "53 bits of chance fill a float")]
    fn chance(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Says whether the card is recalled now, and remembers what studying it left behind.
    fn recalls(&mut self, id: &CardId, now: Timestamp) -> bool {
        let recalled = match self.memory.get(id).copied() {
            // What was studied helps with questions not seen yet, the more of it the less each card adds.
            None => {
                let studied = f64::from(u32::try_from(self.memory.len()).unwrap());
                let learned = 1.0 - (-studied / 300.0).exp();
                self.chance() < self.habit.known + (0.9 - self.habit.known) * learned
            }
            Some(trace) => {
                let days = now.duration_since(trace.at).as_secs_f64() / 86_400.0;
                // Wickelgren's power law: half is gone after three strengths, a tail stays for long.
                self.chance() < (1.0 + days / trace.strength).powf(-0.5).max(0.02)
            }
        };
        let before = self.memory.get(id).map(|trace| trace.strength);
        let noise = 0.8 + 0.4 * self.chance();
        let strength = match (before, recalled) {
            (None, true) => self.habit.strength * 6.0 * noise,
            (None, false) => self.habit.strength * noise,
            (Some(strength), true) => (strength * self.habit.growth * noise).min(2000.0),
            (Some(strength), false) => (strength * 0.4).max(self.habit.strength),
        };
        self.memory.insert(id.clone(), Trace { strength, at: now });
        recalled
    }

    /// Answers a card as the program wants it typed.
    fn answer(&mut self, card: &Card, now: Timestamp) -> String {
        let recalled = self.recalls(&card.id, now);
        match &card.body {
            CardBody::Single { options, .. } | CardBody::Multiple { options, .. } => {
                if recalled {
                    let right = options.iter().filter(|o| o.correct);
                    return right.map(|o| o.id.as_str()).collect::<Vec<_>>().join(",");
                }
                let count = card.correct_count();
                let from = self.rng.next_u64();
                let mut ids: Vec<&str> = options.iter().map(|o| o.id.as_str()).collect();
                let turn = usize::try_from(from % options.len() as u64).unwrap();
                ids.rotate_left(turn);
                let guess = if self.habit.honest && self.chance() < 0.6 {
                    "??"
                } else {
                    ""
                };
                format!("{}{guess}", ids[..count].join(","))
            }
            CardBody::Card { .. } => if recalled { "3" } else { "1" }.to_owned(),
            CardBody::Cloze(cloze) => {
                let blanks = cloze.blanks().map(|variants| variants[0].as_str());
                let typed = blanks.collect::<Vec<_>>().join("|");
                if recalled {
                    format!("={typed}")
                } else {
                    "=x".to_owned()
                }
            }
        }
    }

    fn seconds(&mut self) -> SignedDuration {
        SignedDuration::from_millis(i64::try_from(8_000 + self.rng.next_u64() % 50_000).unwrap())
    }
}

fn main() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    let files = bank();
    for habit in &LEARNERS {
        let home = folder.join(habit.name);
        println!("== {} (seed {})", habit.name, habit.seed);
        let end = year(habit, &home, &files);
        show(&home, end);
    }
}

fn year(habit: &Habit, home: &Path, files: &[BankText]) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    let exam = start + SignedDuration::from_hours(24 * (DAYS + 14));
    let rules = StudyRules {
        retention: DesiredRetention::clamped(0.9),
        // Slow enough that the bank lasts for most of the year.
        new_per_day: 3,
        reviews_per_day: 200,
        rollover: Rollover::DEFAULT,
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        goal: Some(Goal {
            exam: Exam::Saa,
            day: Some(StudyDay(
                exam.to_zoned(TimeZone::get("Asia/Tokyo").unwrap()).date(),
            )),
            minutes_per_day: None,
        }),
        blueprints: kumojuku::yaml::from_str(include_str!("../content/blueprint.yaml")).unwrap(),
    };
    let data = home.join("data");
    std::fs::create_dir_all(&data).unwrap();
    let mut store = StudyDb::open(&data.join("study.db")).unwrap();
    refresh(&mut store, files, &rules.blueprints, "simulated").unwrap();
    let mut learner = Learner {
        habit,
        rng: ChaCha8Rng::seed_from_u64(habit.seed),
        memory: HashMap::new(),
    };
    println!("  day  reviews  retention measured/predicted  readiness (90 % interval)");
    let mut now = start;
    for day in 0..DAYS {
        now = start + SignedDuration::from_hours(24 * day);
        let minutes = (habit.minutes)(day);
        if minutes > 0 {
            now = study(&mut learner, &mut store, &rules, minutes, now);
        }
        if habit.mock_every > 0 && day % habit.mock_every == habit.mock_every - 1 {
            now = mock(&mut learner, &mut store, &rules, now);
        }
        if day % 91 == 90 {
            optimise(&mut store).unwrap();
        }
        if day % 30 == 29 || day == DAYS - 1 {
            report(&store, &rules, day + 1, now);
        }
    }
    now
}

/// One session; gives the moment at which it ended.
fn study(
    learner: &mut Learner<'_>,
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    minutes: u32,
    mut now: Timestamp,
) -> Timestamp {
    let ports = SessionPorts {
        store,
        notes: &NoNotes,
        sections: &NoSections,
    };
    let request = QuizRequest {
        minutes: Some(minutes),
        ..QuizRequest::default()
    };
    let mut session = Session::open(ports, rules, request, Labels::Ids, now).unwrap();
    while session.next(now).unwrap().is_some() {
        let card = session.open_card().unwrap().clone();
        now += learner.seconds();
        let line = learner.answer(&card, now);
        session.answer(&line, now).unwrap();
    }
    now
}

/// One mock exam; gives the moment at which it was handed in.
fn mock(
    learner: &mut Learner<'_>,
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    mut now: Timestamp,
) -> Timestamp {
    let cards = {
        let mut cards = HashMap::new();
        let filter = rules.filter(Some(Exam::Saa), rules.day(now));
        store
            .for_each_card(&filter, &mut |stored| {
                cards.insert(stored.card.id.clone(), stored.card);
            })
            .unwrap();
        cards
    };
    let request = ExamRequest {
        exam: Exam::Saa,
        version: None,
        questions: None,
        minutes: None,
        extra_time: false,
        seed: None,
        chance: learner.rng.next_u64() >> 12,
        restart: true,
        alive: None,
    };
    let mut session = ExamSession::open(store, rules, &request, Labels::Ids, now).unwrap();
    while let Some(question) = session.question(now).unwrap() {
        now += learner.seconds();
        let line = learner.answer(&cards[&question.prompt.id], now);
        session.answer(&line, now).unwrap();
    }
    let result = session.submit(now).unwrap();
    println!(
        "       mock exam: {}/{} right, about {} points",
        result.correct, result.scored, result.scaled
    );
    now
}

fn report(store: &dyn StudyStore, rules: &StudyRules, day: i64, now: Timestamp) {
    let stats = stats(store, rules, Some(Exam::Saa), now).unwrap();
    let share =
        |share: Option<f64>| share.map_or("-".to_owned(), |x| format!("{:.1} %", x * 100.0));
    let readiness = &stats.readiness;
    println!(
        "  {day:>3}  {:>7}  {:>7} / {:<7}             {:>7} ({}-{})",
        stats.reviews,
        share(stats.retention),
        share(stats.predicted),
        share(readiness.probability),
        share(readiness.low),
        share(readiness.high),
    );
}

/// Shows the program's own statistics.
fn show(home: &Path, now: Timestamp) {
    let juku = std::env::current_exe().unwrap();
    let juku = juku.parent().and_then(Path::parent).unwrap().join("juku");
    if !juku.exists() {
        println!("(build `juku` with the same profile to see its plots)");
        return;
    }
    let output = Command::new(juku)
        .args(["stats", "--exam", "SAA"])
        .env("JUKU_HOME", home)
        .env("JUKU_NOW", now.to_string())
        .env("COLUMNS", "80")
        .env("TZ", "Asia/Tokyo")
        .output()
        .unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
}

/// The bundled questions.
fn bank() -> Vec<BankText> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("quizzes");
    let mut files: Vec<BankText> = walkdir::WalkDir::new(root)
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "yaml"))
        .map(|entry| BankText {
            path: entry.path().display().to_string(),
            text: std::fs::read_to_string(entry.path()).unwrap(),
            own: false,
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
