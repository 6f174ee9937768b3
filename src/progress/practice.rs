//! What labs leave in the study database: cards that a failed task asks for, and labs that were finished.
//!
//! Neither is an answer, so neither touches the review log: a wish is settled by the answers that the log holds.

use jiff::Timestamp;
use serde::Serialize;

use super::store::{CardFilter, RecordError};
use crate::quiz::CardId;
use crate::time::StudyDay;

/// A card that a task of a lab asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The card.
    pub card: CardId,
    /// The lab.
    pub lab: String,
    /// Its task.
    pub task: String,
}

/// A lab all of whose tasks were done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabDone {
    /// The lab.
    pub lab: String,
    /// Where it was done.
    pub tier: String,
    /// The study day on which it was done first.
    pub day: StudyDay,
    /// How many tasks it had then.
    pub tasks: u32,
}

/// The part of the study database that labs write.
pub trait PracticeStore {
    /// Asks for cards of the bank, each at most once on a study day; gives how many were added.
    ///
    /// # Errors
    /// When the database fails.
    fn ask_for(
        &mut self,
        wishes: &[Wish],
        at: Timestamp,
        day: StudyDay,
    ) -> Result<usize, RecordError>;

    /// Gives up to `limit` cards that were asked for and not answered since, oldest wish first.
    ///
    /// # Errors
    /// When the database fails.
    fn asked_for(&self, filter: &CardFilter, limit: usize) -> Result<Vec<CardId>, RecordError>;

    /// Notes that a lab is done; the first time on a tier counts. Says whether it was the first.
    ///
    /// # Errors
    /// When the database fails.
    fn note_done(&mut self, done: &LabDone, at: Timestamp) -> Result<bool, RecordError>;

    /// Lists the labs that are done, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    fn labs_done(&self) -> Result<Vec<LabDone>, RecordError>;
}
