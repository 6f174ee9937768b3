//! Entries of the review log: append-only, globally named, so that the logs of two devices merge.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rating::Rating;
use crate::time::StudyDay;

/// A device (more exactly: one home) that writes a log; chosen at random when the log is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub u64);

/// The global name of an entry: the device and its own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReviewId {
    /// The device that wrote it.
    pub device: DeviceId,
    /// The device's count, from 1.
    pub number: u64,
}

impl fmt::Display for ReviewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.device.0, self.number)
    }
}

/// Says that a text names no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no review id")]
pub struct BadReviewId {
    /// The text as given.
    pub given: String,
}

impl FromStr for ReviewId {
    type Err = BadReviewId;

    fn from_str(given: &str) -> Result<Self, BadReviewId> {
        let parsed = given.split_once('-').and_then(|(device, number)| {
            Some(Self {
                device: DeviceId(u64::from_str_radix(device, 16).ok()?),
                number: number.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| BadReviewId {
            given: given.to_owned(),
        })
    }
}

impl Serialize for ReviewId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ReviewId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Where an answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A study session.
    Quiz,
    /// A mock exam.
    Exam,
    /// Another program's history.
    Import,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerEntry {
    /// FSRS's rating.
    pub rating: Rating,
    /// Whether it was right; a lucky guess is right and rated again.
    pub correct: bool,
    /// How sure: 0 sure, 1 二択, 2 勘.
    pub doubt: u8,
    /// What was chosen or typed.
    pub given: String,
    /// Milliseconds from question to answer; 0 where unknown.
    pub millis: u32,
    /// Where it was given.
    pub source: Source,
    /// The day on which the card was put due, as decided then.
    pub due: StudyDay,
    /// The concept that was taken for the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confused: Option<String>,
    /// The cause of the miss, where it was said together with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// As much of an answer as the schedule depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Graded {
    /// How well it was recalled.
    pub rating: Rating,
    /// Whether it was right.
    pub correct: bool,
    /// How sure: 0 sure, 1 二択, 2 勘.
    pub doubt: u8,
    /// The day on which the card was put due.
    pub due: StudyDay,
}

impl AnswerEntry {
    /// Gives what the schedule depends on.
    pub const fn graded(&self) -> Graded {
        Graded {
            rating: self.rating,
            correct: self.correct,
            doubt: self.doubt,
            due: self.due,
        }
    }
}

/// What an entry does to its card's state; a taken back answer does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The card was answered.
    Answer(Graded),
    /// It is not asked any more, or is again.
    Suspended(bool),
    /// It was marked, or the mark taken away.
    Flagged(bool),
}

impl Event {
    /// Gives the step that this entry is by itself; an undo concerns another entry.
    pub const fn step(&self) -> Option<Step> {
        match self {
            Self::Answer(answer) => Some(Step::Answer(answer.graded())),
            Self::Suspend => Some(Step::Suspended(true)),
            Self::Resume => Some(Step::Suspended(false)),
            Self::Flag => Some(Step::Flagged(true)),
            Self::Unflag => Some(Step::Flagged(false)),
            Self::Undo(_) | Self::Cause { .. } => None,
        }
    }
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// A card was answered.
    Answer(AnswerEntry),
    /// An earlier answer does not count.
    Undo(ReviewId),
    /// The cause of an earlier miss.
    Cause {
        /// The answer.
        of: ReviewId,
        /// The cause.
        cause: String,
    },
    /// The card is not asked any more.
    Suspend,
    /// It is again.
    Resume,
    /// The card was marked by the learner.
    Flag,
    /// The mark was taken away.
    Unflag,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its global name.
    pub id: ReviewId,
    /// Its place among all entries, in milliseconds: never less than that of an entry known when it was written, even
    /// when the clock was set back meanwhile.
    pub order: i64,
    /// When it was written, by the clock.
    pub at: Timestamp,
    /// The study day it belongs to, by the local time then.
    pub day: StudyDay,
    /// The card.
    pub card: String,
    /// What it says.
    pub event: Event,
}

impl LogEntry {
    /// Gives the key by which logs of several devices are ordered.
    pub const fn key(&self) -> (i64, ReviewId) {
        (self.order, self.id)
    }
}
