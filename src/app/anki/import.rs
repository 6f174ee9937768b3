//! From an Anki package, or a table read as one, to questions of the learner's own and entries of the log.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::OURS;
use super::table::Table;
use super::template::{cloze, render};
use crate::app::history::replay_all;
use crate::app::quiz::{QuizError, StudyRules};
use crate::exam::Exam;
use crate::progress::deck::{DeckCard, DeckNote, DeckReview, NoteType, Package, Place, ReviewKind};
use crate::progress::store::{RecordError, StudyStore};
use crate::quiz::markup::{Plain, strip};
use crate::quiz::{CardId, OwnQuestion, seed};
use crate::schedule::{AnswerEntry, DeviceId, Event, LogEntry, Rating, ReviewId, Source};
use crate::time::StudyDay;

/// Milliseconds within which a review is the one that the log already has: packages hold one review at each
/// millisecond, so that the answers of a mock exam, all of one moment, move apart on the way out.
const SAME: i64 = 5_000;
/// Longest text of a card that is shown to name it.
const NAME: usize = 40;

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Its note's type is not in the package.
    NoNoteType,
    /// Nothing is asked once pictures and sounds are gone.
    EmptyFront,
    /// There is nothing to recall.
    EmptyBack,
    /// A quotation mark in it is never closed.
    OpenQuote,
}

/// A card that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The note's guid.
    pub guid: String,
    /// What it says, in short.
    pub text: String,
    /// Why it was not taken.
    pub reason: Reason,
    /// Its line in a table, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// What a package gives.
#[derive(Debug, Clone, Default)]
pub struct ImportPlan {
    /// Questions for the learner's own files, by exam.
    pub questions: BTreeMap<Exam, Vec<OwnQuestion>>,
    /// Entries for the log.
    pub entries: Vec<LogEntry>,
    /// Cards that are ours: their text is left alone.
    pub known: usize,
    /// Cards that were not taken.
    pub skipped: Vec<Skipped>,
    /// Pictures and sounds, which are not taken.
    pub media: BTreeSet<String>,
}

impl ImportPlan {
    /// Says where the rows of a table that were not taken stand, and which of them is cut off by an open quotation.
    pub fn locate(&mut self, table: &Table) {
        for skipped in &mut self.skipped {
            skipped.line = table.lines.get(&skipped.guid).copied();
            if table.open.as_ref() == Some(&skipped.guid) {
                skipped.reason = Reason::OpenQuote;
            }
        }
    }

    /// Says whether nothing of what was there could be taken.
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty() && self.entries.is_empty() && self.known == 0
    }
}

/// Why an import is not possible.
#[derive(Debug, thiserror::Error)]
pub enum AnkiImportError {
    /// Neither the package nor the settings say which exam the cards are for.
    #[error("the exam is not known")]
    NoExam,
    /// No note is in the package.
    #[error("no note is in it")]
    Empty,
    /// The study database failed.
    #[error(transparent)]
    Study(#[from] QuizError),
}

impl From<RecordError> for AnkiImportError {
    fn from(error: RecordError) -> Self {
        Self::Study(error.into())
    }
}

/// What the cards are for, where they do not say so.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// The exam that was named; the goal's when unset.
    pub exam: Option<Exam>,
    /// Slugs of services, by which tags are recognised.
    pub services: &'a BTreeSet<String>,
}

/// Works out what a package gives; nothing is written.
///
/// # Errors
/// When the package is empty, an exam is missing, or the study database fails.
pub fn plan(
    package: &Package,
    store: &dyn StudyStore,
    rules: &StudyRules,
    purpose: Purpose<'_>,
    now: Timestamp,
) -> Result<ImportPlan, AnkiImportError> {
    if package.notes.is_empty() {
        return Err(AnkiImportError::Empty);
    }
    let planner = Planner {
        notes: package.notes.iter().map(|note| (note.id, note)).collect(),
        types: package.note_types.iter().map(|t| (t.id, t)).collect(),
        decks: package
            .decks
            .iter()
            .map(|d| (d.id, d.name.as_str()))
            .collect(),
        reviews: by_card(&package.reviews),
        first: rules.day(package.created),
        store,
        rules,
        purpose,
        now,
    };
    let mut plan = ImportPlan::default();
    for card in &package.cards {
        planner.card(card, &mut plan)?;
    }
    Ok(plan)
}

/// Adds the entries of a plan to the log and replays it; gives the number that was new.
///
/// # Errors
/// When the study database fails.
pub fn add_history(store: &mut dyn StudyStore, plan: &ImportPlan) -> Result<u64, QuizError> {
    if plan.entries.is_empty() {
        return Ok(0);
    }
    let added = store.merge(&plan.entries)?;
    if added > 0 {
        replay_all(store)?;
    }
    Ok(added)
}

fn by_card(reviews: &[DeckReview]) -> HashMap<i64, Vec<&DeckReview>> {
    let mut by_card: HashMap<i64, Vec<&DeckReview>> = HashMap::new();
    for review in reviews {
        by_card.entry(review.card).or_default().push(review);
    }
    by_card
}

struct Planner<'a> {
    notes: HashMap<i64, &'a DeckNote>,
    types: HashMap<i64, &'a NoteType>,
    decks: HashMap<i64, &'a str>,
    reviews: HashMap<i64, Vec<&'a DeckReview>>,
    /// The collection's first day.
    first: StudyDay,
    store: &'a dyn StudyStore,
    rules: &'a StudyRules,
    purpose: Purpose<'a>,
    now: Timestamp,
}

impl Planner<'_> {
    fn card(&self, card: &DeckCard, plan: &mut ImportPlan) -> Result<(), AnkiImportError> {
        let Some(note) = self.notes.get(&card.note) else {
            return Ok(());
        };
        let id = card_id(note, card.template);
        let stored = self.store.card(&id)?;
        let ours = note.guid.starts_with(OURS);
        if let Some(stored) = stored.as_ref().filter(|stored| ours && stored.present) {
            plan.known += 1;
            let choice = stored.card.kind().is_choice();
            plan.entries.extend(self.history(&id, card, choice)?);
            return Ok(());
        }
        let skipped = |reason| {
            let texts = note.fields.iter().map(|field| short(&strip(field).text));
            let first = texts.into_iter().find(|text| !text.is_empty());
            Skipped {
                guid: note.guid.clone(),
                text: first.unwrap_or_else(|| note.guid.clone()),
                reason,
                line: None,
            }
        };
        let Some(note_type) = self.types.get(&note.note_type) else {
            plan.skipped.push(skipped(Reason::NoNoteType));
            return Ok(());
        };
        let sides = Sides::of(note, note_type, card.template);
        plan.media.extend(sides.media.iter().cloned());
        let day = self.rules.day(self.now).0;
        match sides.question(&id, day) {
            Ok(question) => {
                let exam = self.exam(note, card).ok_or(AnkiImportError::NoExam)?;
                let question = self.described(question, note, exam);
                plan.questions.entry(exam).or_default().push(question);
                plan.entries.extend(self.history(&id, card, false)?);
                plan.entries.extend(self.marks(&id, card));
            }
            Err(reason) => plan.skipped.push(skipped(reason)),
        }
        Ok(())
    }

    /// Finds the exam: by the note's tags, as asked for, by the deck's name, by the goal.
    fn exam(&self, note: &DeckNote, card: &DeckCard) -> Option<Exam> {
        let said = |text: &str| text.split("::").find_map(|part| part.parse::<Exam>().ok());
        let tagged = note.tags.iter().find_map(|tag| said(tag));
        let deck = || {
            let name = self.decks.get(&card.deck)?;
            name.split([':', ' ', '_', '　'])
                .find_map(|word| word.parse::<Exam>().ok())
        };
        tagged
            .or(self.purpose.exam)
            .or_else(deck)
            .or(self.rules.goal.map(|goal| goal.exam))
    }

    /// Adds tasks and services that the tags name.
    fn described(&self, mut question: OwnQuestion, note: &DeckNote, exam: Exam) -> OwnQuestion {
        for tag in &note.tags {
            if let Some((version, task)) = tag.split_once("::")
                && let Some(blueprint) = self
                    .rules
                    .blueprints
                    .exams
                    .iter()
                    .find(|b| b.code.0 == version && b.code.exam() == Some(exam))
                && blueprint.tasks().any(|known| known.id.0 == task)
            {
                let tasks = question.task.entry(version.to_owned()).or_default();
                tasks.push(task.to_owned());
            }
            let last = tag.rsplit("::").next().unwrap_or(tag);
            let slug = crate::text::fold(last);
            if self.purpose.services.contains(&slug) && !question.services.contains(&slug) {
                question.services.push(slug);
            }
        }
        question
    }

    /// Makes log entries of a card's reviews that the log does not have.
    fn history(
        &self,
        id: &CardId,
        card: &DeckCard,
        choice: bool,
    ) -> Result<Vec<LogEntry>, QuizError> {
        let Some(reviews) = self.reviews.get(&card.id) else {
            return Ok(Vec::new());
        };
        let reset = |r: &&DeckReview| r.kind == ReviewKind::Manual && r.factor == 0;
        let from = reviews.iter().rposition(reset).map_or(0, |at| at + 1);
        let counted: Vec<(&DeckReview, Rating)> = reviews
            .iter()
            .skip(from)
            // A review in a filtered deck that did not reschedule is no evidence for FSRS either.
            .filter(|r| r.kind != ReviewKind::Filtered || r.factor != 0)
            .filter(|r| r.kind != ReviewKind::Manual)
            .filter_map(|r| Some((*r, r.rating?)))
            .collect();
        let device = DeviceId(seed::rank(&["anki", &id.0]));
        let mut here = self.answered_here(id, device)?;
        let mut entries = Vec::new();
        let last = counted.last().map(|(review, _)| review.id);
        for (review, rating) in counted {
            let same = here
                .iter()
                .position(|(at, given)| *given == rating && (at - review.id).abs() <= SAME);
            if let Some(same) = same {
                here.remove(same);
                continue;
            }
            let Ok(at) = Timestamp::from_millisecond(review.id) else {
                continue;
            };
            let day = self.rules.day(at);
            let due = match card.place {
                Place::Review { due, .. } if Some(review.id) == last => self.first.plus_days(due),
                _ => day.plus_days(review.interval.max(0)),
            };
            entries.push(LogEntry {
                id: ReviewId {
                    device,
                    number: review.id.unsigned_abs(),
                },
                order: review.id,
                at,
                day,
                card: id.0.clone(),
                event: Event::Answer(AnswerEntry {
                    rating,
                    correct: rating != Rating::Again,
                    // Choice questions are hard only after hesitating between two.
                    doubt: u8::from(choice && rating == Rating::Hard),
                    given: String::new(),
                    millis: review.millis,
                    source: Source::Import,
                    due,
                    confused: None,
                    cause: None,
                }),
            });
        }
        Ok(entries)
    }

    /// Lists moment and rating of the answers that were given here, not taken from a package before.
    fn answered_here(
        &self,
        id: &CardId,
        device: DeviceId,
    ) -> Result<Vec<(i64, Rating)>, RecordError> {
        let entries = self.store.entries(id)?;
        let own = entries.into_iter().filter(|e| e.id.device != device);
        let answers = own.filter_map(|entry| match entry.event {
            Event::Answer(answer) => Some((entry.at.as_millisecond(), answer.rating)),
            Event::Undo(_)
            | Event::Cause { .. }
            | Event::Suspend
            | Event::Resume
            | Event::Flag
            | Event::Unflag => None,
        });
        Ok(answers.collect())
    }

    /// Makes entries of a card's marks; their names are the same each time, so that a later import leaves alone what the
    /// learner has changed since.
    fn marks(&self, id: &CardId, card: &DeckCard) -> Vec<LogEntry> {
        let device = DeviceId(seed::rank(&["anki-marks", &id.0]));
        let marks = [
            (1, Event::Suspend, card.suspended),
            (2, Event::Flag, card.flagged),
        ];
        marks
            .into_iter()
            .filter(|(_, _, set)| *set)
            .map(|(number, event, _)| LogEntry {
                id: ReviewId { device, number },
                order: self.now.as_millisecond(),
                at: self.now,
                day: self.rules.day(self.now),
                card: id.0.clone(),
                event,
            })
            .collect()
    }
}

/// Names a card: by our own id, or by the note's guid and the number of the card among its note's.
fn card_id(note: &DeckNote, template: u32) -> CardId {
    let ours = note.guid.strip_prefix(OURS);
    if let Some(id) = ours.filter(|id| CardId::is_well_formed(id)) {
        return CardId(id.to_owned());
    }
    let hash = seed::rank(&["guid", &note.guid]) >> 16;
    CardId(format!("anki-{hash:012x}-{}", template + 1))
}

/// The two sides of a card as text.
struct Sides {
    front: String,
    back: String,
    cloze: bool,
    media: Vec<String>,
}

impl Sides {
    fn of(note: &DeckNote, note_type: &NoteType, template: u32) -> Self {
        let fields: BTreeMap<&str, &str> = note_type
            .fields
            .iter()
            .map(String::as_str)
            .zip(note.fields.iter().map(String::as_str))
            .collect();
        let at = if note_type.cloze {
            0
        } else {
            template as usize
        };
        let sides = note_type.templates.get(at);
        let front = strip(&render(sides.map_or("", |t| t.front.as_str()), &fields));
        let back = strip(&render(sides.map_or("", |t| t.back.as_str()), &fields));
        let mut media = [front.media, back.media].concat();
        if note_type.cloze {
            let Plain { text, media: named } = strip(cloze_field(note, note_type));
            media.extend(named);
            return Self {
                front: cloze(&text, template + 1).unwrap_or_default(),
                back: String::new(),
                cloze: true,
                media,
            };
        }
        // Many templates repeat the front on the back instead of naming the front's side.
        let answer = back.text.strip_prefix(&front.text).map(str::trim);
        Self {
            back: answer.unwrap_or(&back.text).to_owned(),
            front: front.text,
            cloze: false,
            media,
        }
    }

    fn question(self, id: &CardId, day: Date) -> Result<OwnQuestion, Reason> {
        if self.front.trim().is_empty() {
            return Err(Reason::EmptyFront);
        }
        let id = id.0.clone();
        if self.cloze {
            return Ok(OwnQuestion::cloze(id, self.front, day));
        }
        if self.back.trim().is_empty() {
            return Err(Reason::EmptyBack);
        }
        Ok(OwnQuestion::card(id, self.front, self.back, day))
    }
}

/// Gives the field that holds the blanks: the one the template names, or the first.
fn cloze_field<'n>(note: &'n DeckNote, note_type: &NoteType) -> &'n str {
    let front = note_type.templates.first().map_or("", |t| t.front.as_str());
    let named = front
        .split_once("{{cloze:")
        .and_then(|(_, tail)| tail.split_once("}}"))
        .and_then(|(name, _)| {
            let name = name.rsplit(':').next().unwrap_or(name).trim();
            note_type.fields.iter().position(|field| field == name)
        });
    note.fields
        .get(named.unwrap_or(0))
        .map_or("", String::as_str)
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    crate::text::cut_to_width(line, NAME)
}
