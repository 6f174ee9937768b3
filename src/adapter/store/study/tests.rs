use jiff::Timestamp;
use jiff::civil::date;

use super::*;
use crate::progress::practice::{LabDone, PracticeStore as _, Wish};
use crate::quiz::{BankFile, Card, Reference};
use crate::schedule::{AnswerEntry, Event, Rating, Scheduler, Source};

const TODAY: StudyDay = StudyDay(date(2026, 11, 21));

fn cards() -> Vec<Card> {
    let reference = Reference {
        blueprints: crate::yaml::from_str(include_str!("../../../../content/blueprint.yaml"))
            .unwrap(),
    };
    let text = include_str!("../../../../tests/fixtures/quizzes/valid/saa-sample.yaml");
    BankFile::read("x.yaml", text, &reference).cards
}

fn index(db: &mut StudyDb, cards: &[Card]) {
    let indexed: Vec<IndexedCard<'_>> = (0..)
        .zip(cards)
        .map(|(position, card)| IndexedCard {
            card,
            position,
            reserved: false,
        })
        .collect();
    db.index_bank("stamp", &indexed).unwrap();
}

fn answer(db: &mut StudyDb, card: &Card, confused: Option<&str>) -> ReviewId {
    let entry = AnswerEntry {
        rating: Rating::Again,
        correct: false,
        doubt: 0,
        given: "b".to_owned(),
        millis: 1000,
        source: Source::Quiz,
        due: TODAY,
        confused: confused.map(str::to_owned),
        cause: None,
    };
    let mut state = db.card(&card.id).unwrap().unwrap().history;
    state
        .answered(&Scheduler::new(&[]).unwrap(), TODAY, entry.graded())
        .unwrap();
    let draft = Draft {
        at: Timestamp::UNIX_EPOCH,
        day: TODAY,
        card: card.id.clone(),
        event: Event::Answer(entry),
    };
    db.append(&draft, &state).unwrap()
}

fn open(dir: &tempfile::TempDir) -> StudyDb {
    StudyDb::open(&dir.path().join("study.db")).unwrap()
}

#[test]
fn the_log_only_grows() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = open(&dir);
    let cards = cards();
    index(&mut db, &cards);
    answer(&mut db, &cards[0], None);
    for sql in ["DELETE FROM log", "UPDATE log SET rating = 4"] {
        assert!(db.connection.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn order_never_goes_back_when_the_clock_does() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = open(&dir);
    let cards = cards();
    index(&mut db, &cards);
    let ids: Vec<ReviewId> = (0..3).map(|_| answer(&mut db, &cards[0], None)).collect();
    let entries = db.entries(&cards[0].id).unwrap();
    let found: Vec<ReviewId> = entries.iter().map(|e| e.id).collect();
    assert_eq!(found, ids);
    assert!(entries.windows(2).all(|pair| pair[0].order < pair[1].order));
}

#[test]
fn a_card_that_vanishes_keeps_its_history_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = open(&dir);
    let cards = cards();
    index(&mut db, &cards);
    answer(&mut db, &cards[0], None);
    index(&mut db, &cards[1..]);
    let counts = db.counts(&CardFilter::default(), TODAY).unwrap();
    assert_eq!((counts.cards, counts.due, counts.vanished), (3, 0, 1));
    assert!(!db.card(&cards[0].id).unwrap().unwrap().present);
    let mut gone = Vec::new();
    db.for_each_vanished(&CardFilter::default(), &mut |card| gone.push(card.card.id))
        .unwrap();
    assert_eq!(gone, [cards[0].id.clone()]);
    index(&mut db, &cards);
    assert_eq!(db.due(&CardFilter::default(), TODAY, 9).unwrap().len(), 1);
}

#[test]
fn a_confusion_is_followed_up_until_it_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = open(&dir);
    let mut cards = cards();
    if let crate::quiz::CardBody::Multiple { options, .. } = &mut cards[1].body {
        options[2].confuses = Some("load-balancer-buffer".to_owned());
    }
    index(&mut db, &cards);
    answer(&mut db, &cards[0], Some("load-balancer-buffer"));
    let follow = |db: &StudyDb| db.follow_ups(&CardFilter::default(), TODAY, 9).unwrap();
    assert_eq!(follow(&db), [cards[1].id.clone()]);
    answer(&mut db, &cards[1], None);
    assert_eq!(follow(&db), []);
}

#[test]
fn a_merge_adds_each_entry_once() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut a, mut b) = (open(&one), open(&two));
    assert_ne!(a.device(), b.device());
    let cards = cards();
    index(&mut a, &cards);
    answer(&mut a, &cards[0], None);
    let entries = a.entries(&cards[0].id).unwrap();
    assert_eq!(b.merge(&entries).unwrap(), 1);
    assert_eq!(b.merge(&entries).unwrap(), 0);
    assert_eq!(b.entries(&cards[0].id).unwrap(), entries);
}

/// Appends an event other than an answer, with the state that follows.
fn append(db: &mut StudyDb, card: &Card, event: Event, change: impl Fn(&mut CardHistory)) {
    let mut state = db.card(&card.id).unwrap().unwrap().history;
    change(&mut state);
    let draft = Draft {
        at: Timestamp::UNIX_EPOCH,
        day: TODAY,
        card: card.id.clone(),
        event,
    };
    db.append(&draft, &state).unwrap();
}

#[test]
fn a_replay_gives_what_was_written_step_by_step() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = open(&dir);
    let cards = cards();
    index(&mut db, &cards);
    answer(&mut db, &cards[0], None);
    answer(&mut db, &cards[0], None);
    let taken_back = answer(&mut db, &cards[1], None);
    append(&mut db, &cards[1], Event::Undo(taken_back), |state| {
        *state = CardHistory::default();
    });
    append(&mut db, &cards[2], Event::Suspend, |state| {
        state.suspended = true;
    });
    append(&mut db, &cards[0], Event::Flag, |state| {
        state.flagged = true;
    });
    let states = |db: &StudyDb| -> Vec<CardHistory> {
        let state = |card: &Card| db.card(&card.id).unwrap().unwrap().history;
        cards.iter().map(state).collect()
    };
    let (before, tally) = (states(&db), db.tally(TODAY).unwrap());
    // A cache that is wrong everywhere, also where nothing of the log is left.
    db.connection
        .execute_batch("UPDATE card SET stability = 1, difficulty = 1, reps = 9, phase = 1, flagged = 1; DELETE FROM day")
        .unwrap();
    let scheduler = Scheduler::new(&[]).unwrap();
    db.replay(&mut |steps| {
        let mut history = CardHistory::default();
        for (day, step) in steps {
            history.apply(&scheduler, *day, *step)?;
        }
        Ok(history)
    })
    .unwrap();
    assert_eq!(states(&db), before);
    assert_eq!(db.tally(TODAY).unwrap(), tally);
    assert_eq!(tally.answers, 2);
}

#[test]
fn a_card_a_lab_asked_for_waits_for_an_answer_that_stands() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = open(&dir);
    let cards = cards();
    index(&mut db, &cards);
    let wish = |id: &str| Wish {
        card: CardId(id.to_owned()),
        lab: "sqs-lambda-dlq".to_owned(),
        task: "dead-letter".to_owned(),
    };
    let wishes = [wish(&cards[0].id.0), wish("saa-not-in-the-bank-01")];
    let at = Timestamp::UNIX_EPOCH;
    let waiting = |db: &StudyDb| db.asked_for(&CardFilter::default(), 9).unwrap();
    assert_eq!(db.ask_for(&wishes, at, TODAY).unwrap(), 1);
    assert_eq!(db.ask_for(&wishes, at, TODAY).unwrap(), 0);
    // It survives a restart and a replay of the log.
    let mut db = open(&dir);
    assert_eq!(waiting(&db), [cards[0].id.clone()]);
    db.replay(&mut |_| Ok(CardHistory::default())).unwrap();
    assert_eq!(waiting(&db).len(), 1);
    let target = answer(&mut db, &cards[0], None);
    assert_eq!(waiting(&db), []);
    let state = db.card(&cards[0].id).unwrap().unwrap().history;
    let undo = Draft {
        at,
        day: TODAY,
        card: cards[0].id.clone(),
        event: Event::Undo(target),
    };
    db.append(&undo, &state).unwrap();
    assert_eq!(waiting(&db).len(), 1);
    answer(&mut db, &cards[0], None);
    // On another day the same task may ask again, after that answer.
    let later = Timestamp::from_millisecond(1).unwrap();
    assert_eq!(db.ask_for(&wishes, later, TODAY.plus_days(1)).unwrap(), 1);
    assert_eq!(waiting(&db).len(), 1);
}

#[test]
fn a_lab_is_done_once_on_each_tier() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = open(&dir);
    let mut done = LabDone {
        lab: "sns-fanout".to_owned(),
        tier: "sandbox".to_owned(),
        day: TODAY,
        tasks: 4,
    };
    assert!(db.note_done(&done, Timestamp::UNIX_EPOCH).unwrap());
    let first = done.clone();
    done.day = TODAY.plus_days(3);
    assert!(!db.note_done(&done, Timestamp::UNIX_EPOCH).unwrap());
    assert_eq!(db.labs_done().unwrap(), [first]);
}
