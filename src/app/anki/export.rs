//! From cards and log to an Anki package.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Time;

use super::OURS;
use crate::app::quiz::{PARAMETERS, QuizError, StudyRules, scheduler};
use crate::progress::deck::{
    DeckCard, DeckName, DeckNote, DeckReview, NoteType, Package, Place, ReviewKind, Template,
};
use crate::progress::store::{CardFilter, StoredCard, StudyStore};
use crate::quiz::markup::escape;
use crate::quiz::{Card, CardBody, Choice, seed};
use crate::schedule::{AnswerEntry, CardHistory, Event, LogEntry, Rating, Scheduler};
use crate::time::StudyDay;

/// Numbers of the note types: any that Anki has not given itself, and never changed.
const CHOICE: i64 = 1_700_000_000_101;
const CARD: i64 = 1_700_000_000_102;
const CLOZE: i64 = 1_700_000_000_103;
/// Numbers of decks begin here, one for each exam in order of its code.
const DECKS: i64 = 1_700_000_000_200;
/// Numbers of notes and cards lie in the 10¹¹ from here: milliseconds of three years gone by.
const NOTES: i64 = 1_500_000_000_000;
const SPREAD: u64 = 100_000_000_000;
/// The interval that Anki knows for a card that comes back within the day, in seconds.
const WITHIN_THE_DAY: i32 = -600;

/// What is written out.
#[derive(Debug)]
pub struct Exported {
    /// The package.
    pub package: Package,
    /// Cards in it.
    pub cards: usize,
    /// Reviews in it.
    pub reviews: usize,
    /// Questions left out because they are kept for mock exams and were never seen.
    pub reserved: usize,
}

/// Makes a package of the cards of a filter that are in the bank.
///
/// # Errors
/// When the study database fails, or a memory state cannot be computed.
pub fn export(
    store: &dyn StudyStore,
    rules: &StudyRules,
    filter: &CardFilter,
    now: Timestamp,
) -> Result<Exported, QuizError> {
    let scheduler = scheduler(store)?;
    let mut cards = Vec::new();
    store.for_each_card(filter, &mut |card| cards.push(card))?;
    // A question that was seen as a card is none for a mock exam any more.
    let all = cards.len();
    cards.retain(|stored| !stored.reserved || stored.history.reps > 0);
    let reserved = all - cards.len();
    cards.sort_by(|a, b| a.card.id.cmp(&b.card.id));
    let answers = answers(store, &cards)?;
    let today = rules.day(now);
    let first_answer = answers.values().flatten().map(|(entry, _)| entry.day).min();
    let first = first_answer.map_or(today, |day| day.min(today));
    let parameters = store.value(PARAMETERS)?;
    let created = beginning(rules, first);
    let mut package = Package {
        created,
        minutes_west: -rules.zone.to_offset(created).seconds() / 60,
        rollover: i8::from(rules.rollover),
        retention: rules.retention.get(),
        parameters: parameters
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        note_types: note_types(),
        decks: Vec::new(),
        notes: Vec::new(),
        cards: Vec::new(),
        reviews: Vec::new(),
    };
    let mut taken = BTreeSet::new();
    let mut numbers = HashMap::new();
    for (position, stored) in (1..).zip(&cards) {
        let number = number(&stored.card.id.0, &mut taken);
        numbers.insert(stored.card.id.0.as_str(), number);
        let deck = deck(&mut package.decks, stored.card.exam.code());
        package.notes.push(note(&stored.card, number));
        let last = answers
            .get(stored.card.id.0.as_str())
            .and_then(|a| a.last());
        package.cards.push(card(
            stored,
            (number, deck, position),
            first,
            last.map(|(e, _)| e.at),
        ));
    }
    package.reviews = reviews(&scheduler, &answers, &numbers)?;
    Ok(Exported {
        cards: package.cards.len(),
        reviews: package.reviews.len(),
        reserved,
        package,
    })
}

/// Gives the moment at which a study day begins.
fn beginning(rules: &StudyRules, day: StudyDay) -> Timestamp {
    let hour = Time::constant(i8::from(rules.rollover), 0, 0, 0);
    let zoned = day.0.to_datetime(hour).to_zoned(rules.zone.clone());
    zoned.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

type Answers = HashMap<String, Vec<(LogEntry, AnswerEntry)>>;

/// Gives the answers that count, by card, in order.
fn answers(store: &dyn StudyStore, cards: &[StoredCard]) -> Result<Answers, QuizError> {
    let wanted: BTreeSet<&str> = cards.iter().map(|c| c.card.id.0.as_str()).collect();
    let (mut answers, mut undone) = (Answers::new(), BTreeSet::new());
    store.for_each_entry(&mut |entry| {
        match &entry.event {
            Event::Undo(id) => {
                undone.insert(*id);
            }
            Event::Answer(answer) if wanted.contains(entry.card.as_str()) => {
                let answer = answer.clone();
                answers
                    .entry(entry.card.clone())
                    .or_default()
                    .push((entry, answer));
            }
            Event::Answer(_)
            | Event::Cause { .. }
            | Event::Suspend
            | Event::Resume
            | Event::Flag
            | Event::Unflag => {}
        }
        Ok(())
    })?;
    for list in answers.values_mut() {
        list.retain(|(entry, _)| !undone.contains(&entry.id));
        list.sort_by_key(|(entry, _)| entry.key());
    }
    Ok(answers)
}

/// Gives a number that follows from an id; one that is taken already moves on.
fn number(id: &str, taken: &mut BTreeSet<i64>) -> i64 {
    let mut number = NOTES + (seed::rank(&["anki", id]) % SPREAD).cast_signed();
    while !taken.insert(number) {
        number += 1;
    }
    number
}

/// Finds the deck of an exam, adding it as needed.
fn deck(decks: &mut Vec<DeckName>, exam: &str) -> i64 {
    let name = format!("juku::{exam}");
    if let Some(deck) = decks.iter().find(|deck| deck.name == name) {
        return deck.id;
    }
    let id = DECKS + (seed::rank(&["deck", exam]) % 100_000).cast_signed();
    decks.push(DeckName { id, name });
    id
}

fn note_types() -> Vec<NoteType> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let template = |front: &str, back: &str| Template {
        name: "Card 1".to_owned(),
        front: front.to_owned(),
        back: format!("{back}<div class=sources>{{{{Sources}}}}</div>"),
    };
    let note_type = |id, name: &str, fields: &[&str], template| NoteType {
        id,
        name: name.to_owned(),
        cloze: id == CLOZE,
        fields: names(fields),
        templates: vec![template],
    };
    vec![
        note_type(
            CHOICE,
            "juku choice",
            &["Question", "Options", "Answer", "Sources", "Id"],
            template(
                "{{Question}}<br><br>{{Options}}",
                "{{FrontSide}}<hr id=answer>{{Answer}}",
            ),
        ),
        note_type(
            CARD,
            "juku card",
            &["Front", "Back", "Sources", "Id"],
            template("{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}"),
        ),
        note_type(
            CLOZE,
            "juku cloze",
            &["Text", "Sources", "Id"],
            template("{{cloze:Text}}", "{{cloze:Text}}"),
        ),
    ]
}

fn note(card: &Card, id: i64) -> DeckNote {
    let sources = escape(&card.sources.join("\n"));
    let (note_type, mut fields) = match &card.body {
        CardBody::Single { stem, options } | CardBody::Multiple { stem, options } => (
            CHOICE,
            vec![escape(stem), shown(options), explained(options)],
        ),
        CardBody::Card { front, back } => (CARD, vec![escape(front), escape(back)]),
        CardBody::Cloze(cloze) => (CLOZE, vec![cloze_text(cloze)]),
    };
    fields.extend([sources, card.id.0.clone()]);
    DeckNote {
        id,
        guid: format!("{OURS}{}", card.id),
        note_type,
        fields,
        tags: tags(card),
    }
}

/// Writes the options as they are asked.
fn shown(options: &[Choice]) -> String {
    let lines = options
        .iter()
        .map(|option| format!("{}) {}", option.id, escape(&option.text)));
    lines.collect::<Vec<_>>().join("<br>")
}

/// Writes the options with what is right and why.
fn explained(options: &[Choice]) -> String {
    let lines = options.iter().map(|option| {
        let sign = if option.correct { "○" } else { "×" };
        format!(
            "<p>{sign} {}) {}<br>{}</p>",
            option.id,
            escape(&option.text),
            escape(&option.why)
        )
    });
    lines.collect()
}

/// Writes a cloze in Anki's way. All blanks have one number: they are asked together, as here.
fn cloze_text(cloze: &crate::quiz::cloze::Cloze) -> String {
    use crate::quiz::cloze::Piece;
    let pieces = cloze.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => escape_within(text),
        // Anki shows one answer; a colon pair would begin a hint.
        Piece::Blank(variants) => {
            let answer = variants.first().map_or("", String::as_str);
            format!(
                "{{{{c1::{}}}}}",
                escape_within(answer).replace("::", ":&#58;")
            )
        }
    });
    pieces.collect::<String>().trim().to_owned()
}

/// Escapes a piece of a text, whose spaces at the ends belong to it.
fn escape_within(text: &str) -> String {
    let trimmed = text.trim();
    match text.split_once(trimmed) {
        Some((before, after)) if !trimmed.is_empty() => {
            format!("{before}{}{after}", escape(trimmed)).replace('\n', "<br>")
        }
        _ => text.replace('\n', "<br>"),
    }
}

fn tags(card: &Card) -> Vec<String> {
    let tasks = card
        .task
        .iter()
        .flat_map(|(version, tasks)| tasks.iter().map(move |task| format!("{version}::{task}")));
    let services = card.services.iter().map(|slug| format!("service::{slug}"));
    std::iter::once(card.exam.code().to_owned())
        .chain(tasks)
        .chain(services)
        .collect()
}

fn card(
    stored: &StoredCard,
    (number, deck, position): (i64, i64, i32),
    first: StudyDay,
    last: Option<Timestamp>,
) -> DeckCard {
    let history = &stored.history;
    let place = match (history.due, history.last_day) {
        (Some(due), Some(last)) => Place::Review {
            due: due.days_since(first),
            interval: due.days_since(last).max(1),
        },
        _ => Place::New(position),
    };
    DeckCard {
        id: number,
        note: number,
        deck,
        template: 0,
        place,
        suspended: history.suspended,
        flagged: history.flagged,
        reps: history.reps,
        lapses: history.lapses,
        memory: history.memory,
        last,
    }
}

/// Writes the log as Anki's: one review at each millisecond.
fn reviews(
    scheduler: &Scheduler,
    answers: &Answers,
    numbers: &HashMap<&str, i64>,
) -> Result<Vec<DeckReview>, QuizError> {
    let mut reviews = Vec::new();
    // Sorted, so that the same log always gives the same file.
    for (card, list) in answers.iter().collect::<BTreeMap<_, _>>() {
        let Some(number) = numbers.get(card.as_str()) else {
            continue;
        };
        let mut history = CardHistory::default();
        let mut before = 0;
        for (entry, answer) in list {
            let kind = match history.last_rating {
                None => ReviewKind::Learn,
                Some(Rating::Again) if history.elapsed(entry.day) == 0 => ReviewKind::Relearn,
                Some(_) => ReviewKind::Review,
            };
            history.answered(scheduler, entry.day, answer.graded())?;
            let interval = match answer.due.days_since(entry.day) {
                days if days > 0 => days,
                _ => WITHIN_THE_DAY,
            };
            reviews.push(DeckReview {
                id: entry.at.as_millisecond(),
                card: *number,
                rating: Some(answer.rating),
                interval,
                last_interval: before,
                factor: factor(history.memory.map_or(1.0, |m| m.difficulty)),
                millis: answer.millis,
                kind,
            });
            before = interval;
        }
    }
    reviews.sort_by_key(|review| review.id);
    let mut last = 0;
    for review in &mut reviews {
        review.id = review.id.max(last + 1);
        last = review.id;
    }
    Ok(reviews)
}

/// Writes a difficulty from 1 to 10 as Anki does: 100 to 1100.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 100 and 1100"
)]
fn factor(difficulty: f32) -> u32 {
    (((difficulty - 1.0) / 9.0).clamp(0.0, 1.0) * 1000.0 + 100.0).round() as u32
}
