//! What comes due on the days ahead.

use serde::Serialize;

use super::store::{CardFilter, RecordError, StudyStore};
use crate::exam::Exam;
use crate::time::StudyDay;

/// Cards due on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DayForecast {
    /// The day.
    pub day: StudyDay,
    /// Cards due; for the first day also those overdue.
    pub due: u64,
}

/// Counts what comes due on each of some days from today.
///
/// # Errors
/// When the study database fails.
pub fn forecast(
    store: &dyn StudyStore,
    filter: &CardFilter,
    today: StudyDay,
    days: i32,
) -> Result<Vec<DayForecast>, RecordError> {
    let exams = filter
        .exam
        .map_or_else(|| Exam::ALL.to_vec(), |exam| vec![exam]);
    (0..days)
        .map(|ahead| {
            let day = today.plus_days(ahead);
            let due = if ahead == 0 {
                store.counts(filter, today)?.due
            } else {
                let mut due = 0;
                for exam in &exams {
                    due += u64::from(store.load_on(*exam, day)?);
                }
                due
            };
            Ok(DayForecast { day, due })
        })
        .collect()
}
