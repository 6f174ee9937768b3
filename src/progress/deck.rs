//! A deck as Anki keeps it: note types, notes, cards with their schedule, and reviews.
//!
//! These are Anki's terms, not ours: `app::anki` turns our cards and log into them and back, `adapter::anki` writes and
//! reads the package file. A card's day counts from the collection's own first day, a review is named by the
//! millisecond at which it was given.

use jiff::Timestamp;

use crate::schedule::{MemoryState, Rating};

/// How the cards of a note are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteType {
    /// Its number, unique in the collection.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it makes one card for each numbered blank of its first field.
    pub cloze: bool,
    /// The names of its fields.
    pub fields: Vec<String>,
    /// One card is made by each; a cloze has one for all its cards.
    pub templates: Vec<Template>,
}

/// The two sides of a card, with `{{Field}}` where a field's text goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// What is asked.
    pub front: String,
    /// What is shown then.
    pub back: String,
}

/// A note: the texts from which cards are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeckNote {
    /// Its number, unique in the collection.
    pub id: i64,
    /// Its name, the same in every collection.
    pub guid: String,
    /// The number of its type.
    pub note_type: i64,
    /// The HTML of its fields.
    pub fields: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
}

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Never answered; its place among the new ones.
    New(i32),
    /// Being learnt, or learnt again, within a day; its reviews tell more.
    Learning,
    /// Answered; due on a day of the collection, after an interval of days.
    Review {
        /// Days since the collection's first day.
        due: i32,
        /// The interval in days.
        interval: i32,
    },
}

/// A card.
#[derive(Debug, Clone, PartialEq)]
pub struct DeckCard {
    /// Its number, unique in the collection.
    pub id: i64,
    /// The number of its note.
    pub note: i64,
    /// The number of its deck.
    pub deck: i64,
    /// Which template made it, or which blank, from 0.
    pub template: u32,
    /// Where it stands.
    pub place: Place,
    /// Whether it is not to be asked.
    pub suspended: bool,
    /// Whether it is marked.
    pub flagged: bool,
    /// How often it was answered.
    pub reps: u32,
    /// How often it was forgotten.
    pub lapses: u32,
    /// FSRS's state, where it is known.
    pub memory: Option<MemoryState>,
    /// The last answer.
    pub last: Option<Timestamp>,
}

/// What sort of review it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewKind {
    /// Of a new card.
    Learn,
    /// Of a card that had come due.
    Review,
    /// Of a card that had been forgotten.
    Relearn,
    /// Outside the schedule, in a filtered deck.
    Filtered,
    /// No answer: the card was moved or reset by hand.
    Manual,
}

/// A review.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeckReview {
    /// The millisecond at which it was given, unique in the collection.
    pub id: i64,
    /// The number of the card.
    pub card: i64,
    /// How it was rated; `None` for what is no answer.
    pub rating: Option<Rating>,
    /// The interval that followed, in days; negative in seconds.
    pub interval: i32,
    /// The interval before, in the same units.
    pub last_interval: i32,
    /// Ease in thousandths, or with FSRS the difficulty from 100 to 1100; 0 where the schedule did not change.
    pub factor: u32,
    /// How long it took.
    pub millis: u32,
    /// What sort it was.
    pub kind: ReviewKind,
}

/// A deck with its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeckName {
    /// Its number.
    pub id: i64,
    /// Its name; `::` separates levels.
    pub name: String,
}

/// A whole package.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// The beginning of the collection's first day.
    pub created: Timestamp,
    /// Minutes from local time to UTC, west of Greenwich positive, when the collection was made.
    pub minutes_west: i32,
    /// The hour at which days begin.
    pub rollover: i8,
    /// The probability of recall at which cards come due.
    pub retention: f32,
    /// FSRS's parameters; empty means the defaults.
    pub parameters: Vec<f32>,
    /// The note types.
    pub note_types: Vec<NoteType>,
    /// The decks.
    pub decks: Vec<DeckName>,
    /// The notes.
    pub notes: Vec<DeckNote>,
    /// The cards.
    pub cards: Vec<DeckCard>,
    /// The reviews, oldest first.
    pub reviews: Vec<DeckReview>,
}
