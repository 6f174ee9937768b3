//! The port to the study database: the review log, the cached card states, and the bank's index.
//!
//! Nothing here loads a whole bank or log unless its name says so: a session on 100,000 cards opens by index.

use std::error::Error;

use super::practice::PracticeStore;
use crate::exam::{Exam, ExamVersion};
use crate::quiz::{Card, CardId};
use crate::schedule::{
    CardHistory, DeviceId, Event, LogEntry, MemoryState, ReviewId, SchedulerError, Step,
};
use crate::time::StudyDay;

/// Why the study database could not do something.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed")]
pub struct RecordError {
    /// What was being done.
    pub operation: &'static str,
    /// The reason of whatever stores the data.
    pub source: Box<dyn Error + Send + Sync>,
}

/// Which cards are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardFilter {
    /// Only cards of this exam.
    pub exam: Option<Exam>,
    /// Only cards that one of these versions asks; empty means any.
    pub versions: Vec<ExamVersion>,
    /// Only cards about this service, or one of several with commas between.
    pub service: Option<String>,
    /// Only cards of this task, such as `2.1`, or one of several with commas between, in any of the versions.
    pub task: Option<String>,
    /// Only cards whose last answer was wrong.
    pub mistakes: bool,
}

/// A card that could be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its name.
    pub id: CardId,
    /// Its memory state; `None` for a new card.
    pub memory: Option<MemoryState>,
    /// The day of its last answer.
    pub last_day: Option<StudyDay>,
}

/// A card with its history.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCard {
    /// The card as the bank has it, or had it before it vanished.
    pub card: Card,
    /// Its history.
    pub history: CardHistory,
    /// False when the bank does not have it any more.
    pub present: bool,
    /// Whether it is kept for mock exams.
    pub reserved: bool,
}

/// A card as the bank gives it to the store.
#[derive(Debug, Clone, Copy)]
pub struct IndexedCard<'a> {
    /// The card.
    pub card: &'a Card,
    /// Its place among new cards.
    pub position: u64,
    /// Whether it is kept for mock exams.
    pub reserved: bool,
}

/// How many cards there are of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cards in the bank.
    pub cards: u64,
    /// Seen and due today or before.
    pub due: u64,
    /// Never seen, not kept for mock exams.
    pub new: u64,
    /// Kept for mock exams and not seen.
    pub reserved: u64,
    /// Not asked at the learner's wish.
    pub suspended: u64,
    /// Marked by the learner.
    pub flagged: u64,
    /// Forgotten again and again.
    pub leeches: u64,
    /// Not in the bank any more, with history.
    pub vanished: u64,
}

/// What was done on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayTally {
    /// Answers.
    pub answers: u64,
    /// Answers that were right.
    pub correct: u64,
    /// Cards seen for the first time.
    pub new: u64,
    /// Time spent, in milliseconds.
    pub millis: u64,
}

/// An entry about to be written; the store gives it its name and order.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// When, by the clock.
    pub at: jiff::Timestamp,
    /// The study day.
    pub day: StudyDay,
    /// The card.
    pub card: CardId,
    /// What it says.
    pub event: Event,
}

/// Folds a card's steps, each with its day, into the card's state.
pub type FoldSteps<'a> = dyn FnMut(&[(StudyDay, Step)]) -> Result<CardHistory, SchedulerError> + 'a;

/// The study database.
pub trait StudyStore: PracticeStore {
    /// Gives the device whose answers are written here.
    fn device(&self) -> DeviceId;

    /// Gives the stamp of the bank that was indexed last.
    fn bank_stamp(&self) -> Result<Option<String>, RecordError>;

    /// Brings the index up to date with a whole bank, and remembers its stamp.
    fn index_bank(&mut self, stamp: &str, cards: &[IndexedCard<'_>]) -> Result<(), RecordError>;

    /// Finds a card.
    fn card(&self, id: &CardId) -> Result<Option<StoredCard>, RecordError>;

    /// Gives up to `limit` cards that are due, longest overdue first.
    fn due(
        &self,
        filter: &CardFilter,
        today: StudyDay,
        limit: usize,
    ) -> Result<Vec<Candidate>, RecordError>;

    /// Gives up to `limit` cards never seen, in the order of their positions.
    fn fresh(&self, filter: &CardFilter, limit: usize) -> Result<Vec<Candidate>, RecordError>;

    /// Gives up to `limit` cards that tell apart concepts which were mixed up since a day, latest confusion first;
    /// a confusion is settled once another card with the same concept was answered after it.
    fn follow_ups(
        &self,
        filter: &CardFilter,
        since: StudyDay,
        limit: usize,
    ) -> Result<Vec<CardId>, RecordError>;

    /// Counts the cards due on a day.
    fn load_on(&self, exam: Exam, day: StudyDay) -> Result<u32, RecordError>;

    /// Counts cards.
    fn counts(&self, filter: &CardFilter, today: StudyDay) -> Result<Counts, RecordError>;

    /// Says what was done on a day.
    fn tally(&self, day: StudyDay) -> Result<DayTally, RecordError>;

    /// Writes an entry and the card's new state in one durable transaction.
    fn append(&mut self, draft: &Draft, state: &CardHistory) -> Result<ReviewId, RecordError>;

    /// Writes several entries with their states, and sets small values, in one durable transaction.
    fn append_all(
        &mut self,
        entries: &[(Draft, CardHistory)],
        values: &[(&str, Option<&str>)],
    ) -> Result<(), RecordError>;

    /// Gives a card's log entries in order.
    fn entries(&self, id: &CardId) -> Result<Vec<LogEntry>, RecordError>;

    /// Gives this device's last answers, latest first, each with whether it was undone.
    fn last_answers(&self, limit: usize) -> Result<Vec<(LogEntry, bool)>, RecordError>;

    /// Hands over the whole log, entry by entry, in order of writing.
    fn for_each_entry(
        &self,
        visit: &mut dyn FnMut(LogEntry) -> Result<(), RecordError>,
    ) -> Result<(), RecordError>;

    /// Adds entries of another device's log that are not here yet; returns how many were new. States are stale
    /// until they are written anew.
    fn merge(&mut self, entries: &[LogEntry]) -> Result<u64, RecordError>;

    /// Makes the states of all cards and the tallies of all days anew: hands each card's steps over, in order and
    /// without what was taken back, and writes the states that come back. Gives the number of cards.
    fn replay(&mut self, fold: &mut FoldSteps<'_>) -> Result<usize, RecordError>;

    /// Hands over every card of a filter that is in the bank, with its history.
    fn for_each_card(
        &self,
        filter: &CardFilter,
        visit: &mut dyn FnMut(StoredCard),
    ) -> Result<(), RecordError>;

    /// Hands over every card of a filter that was answered and is not in the bank any more.
    fn for_each_vanished(
        &self,
        filter: &CardFilter,
        visit: &mut dyn FnMut(StoredCard),
    ) -> Result<(), RecordError>;

    /// Reads a small value kept beside the log, such as a plan or FSRS parameters.
    fn value(&self, key: &str) -> Result<Option<String>, RecordError>;

    /// Keeps a small value; `None` forgets it.
    fn set_value(&mut self, key: &str, value: Option<&str>) -> Result<(), RecordError>;
}
