//! The chance to pass, with an interval. See docs/READINESS.md.

use serde::Serialize;

use super::store::StoredCard;
use crate::exam::{Blueprint, Exam, ExamRules};
use crate::schedule::Scheduler;
use crate::time::StudyDay;

/// The estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Readiness {
    /// The exam.
    pub exam: Exam,
    /// The chance to pass; `None` while there is too little evidence.
    pub probability: Option<f64>,
    /// Lower end of the 90 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// First answers it rests on.
    pub evidence: u64,
    /// First answers it needs.
    pub needed: u64,
}

/// First answers below which nothing is said.
pub const NEEDED: u64 = 60;

impl Readiness {
    /// Says that nothing can be said yet.
    pub const fn unknown(exam: Exam) -> Self {
        Self {
            exam,
            probability: None,
            low: None,
            high: None,
            evidence: 0,
            needed: NEEDED,
        }
    }
}

/// Estimates the chance to pass on a day.
pub fn estimate(
    _cards: &[StoredCard],
    blueprint: &Blueprint,
    _rules: &ExamRules,
    _scheduler: &Scheduler,
    _days: (StudyDay, StudyDay),
) -> Readiness {
    Readiness::unknown(blueprint.code.exam().unwrap_or(Exam::Saa))
}
