//! What the review log tells: recall measured against what was predicted, days, hours, causes of misses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use serde::Serialize;

use super::store::{RecordError, StudyStore};
use crate::schedule::{AnswerEntry, CardHistory, Event, LogEntry, ReviewId, Scheduler};
use crate::time::StudyDay;

/// Upper ends of the bins in which predicted recall is compared with measured.
const BINS: [f64; 6] = [0.5, 0.7, 0.8, 0.9, 0.95, 1.0];

/// Reviews whose recall had been predicted within a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Lower end of the range.
    pub from: f64,
    /// Upper end.
    pub to: f64,
    /// Reviews in it.
    pub count: u64,
    /// Mean of what was predicted.
    pub predicted: f64,
    /// Share that was recalled.
    pub measured: f64,
}

/// Answers of an hour of the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct HourTally {
    /// Answers.
    pub answers: u64,
    /// Right ones.
    pub correct: u64,
}

/// What the whole log adds up to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogDigest {
    /// Answers that count.
    pub reviews: u64,
    /// Answers a day or more after the one before: those that test memory.
    pub tests: u64,
    /// Of these, recalled.
    pub recalled: u64,
    /// Sum of the predicted probabilities of these.
    pub predicted: f64,
    /// Predicted against measured.
    pub bins: Vec<CalibrationBin>,
    /// Answers by study day.
    pub days: BTreeMap<StudyDay, u64>,
    /// Answers by local hour.
    pub hours: [HourTally; 24],
    /// Misses by cause; those without one are not in it.
    pub causes: BTreeMap<String, u64>,
    /// Time spent, in milliseconds.
    pub millis: u64,
}

impl LogDigest {
    /// Gives the share of tests that were recalled; `None` while there were none.
    pub fn retention(&self) -> Option<f64> {
        share(self.recalled, self.tests)
    }

    /// Gives the mean of what was predicted for them.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of reviews stay far below 2^53"
    )]
    pub fn predicted_retention(&self) -> Option<f64> {
        (self.tests > 0).then(|| self.predicted / self.tests as f64)
    }

    /// Counts the days in a row with answers, up to today or yesterday.
    pub fn streak(&self, today: StudyDay) -> u32 {
        let studied = |day: StudyDay| self.days.get(&day).is_some_and(|n| *n > 0);
        let last = if studied(today) {
            today
        } else {
            today.plus_days(-1)
        };
        let mut streak = 0;
        while studied(last.plus_days(-streak)) {
            streak += 1;
        }
        streak.unsigned_abs()
    }

    /// Reads the whole log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn read(
        store: &dyn StudyStore,
        scheduler: &Scheduler,
        zone: &TimeZone,
    ) -> Result<Self, RecordError> {
        let mut undone = BTreeSet::new();
        let mut causes: HashMap<ReviewId, String> = HashMap::new();
        let mut cards: HashMap<String, Vec<LogEntry>> = HashMap::new();
        store.for_each_entry(&mut |entry| {
            match &entry.event {
                Event::Undo(of) => {
                    undone.insert(*of);
                }
                Event::Cause { of, cause } => {
                    causes.insert(*of, cause.clone());
                }
                Event::Answer(_) => cards.entry(entry.card.clone()).or_default().push(entry),
                Event::Suspend | Event::Resume | Event::Flag | Event::Unflag => {}
            }
            Ok(())
        })?;
        let mut digest = Self {
            bins: empty_bins(),
            ..Self::default()
        };
        for (_, mut entries) in cards {
            entries.retain(|entry| !undone.contains(&entry.id));
            entries.sort_by_key(LogEntry::key);
            digest.add_card(scheduler, zone, &entries, &causes);
        }
        for bin in &mut digest.bins {
            if bin.count > 0 {
                #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
                let count = bin.count as f64;
                bin.predicted /= count;
                bin.measured /= count;
            }
        }
        Ok(digest)
    }

    fn add_card(
        &mut self,
        scheduler: &Scheduler,
        zone: &TimeZone,
        entries: &[LogEntry],
        causes: &HashMap<ReviewId, String>,
    ) {
        let mut history = CardHistory::default();
        for entry in entries {
            let Event::Answer(answer) = &entry.event else {
                continue;
            };
            self.reviews += 1;
            self.millis += u64::from(answer.millis);
            *self.days.entry(entry.day).or_default() += 1;
            let hour = entry.at.to_zoned(zone.clone()).hour();
            if let Some(tally) = usize::try_from(hour)
                .ok()
                .and_then(|h| self.hours.get_mut(h))
            {
                tally.answers += 1;
                tally.correct += u64::from(answer.correct);
            }
            if !answer.correct
                && let Some(cause) = answer.cause.as_ref().or_else(|| causes.get(&entry.id))
            {
                *self.causes.entry(cause.clone()).or_default() += 1;
            }
            self.test(scheduler, &history, entry.day, answer);
            // A state that cannot be computed leaves the card out of the rest of the comparison.
            if history
                .answered(scheduler, entry.day, answer.graded())
                .is_err()
            {
                return;
            }
        }
    }

    /// Compares an answer with what was predicted for it.
    #[expect(
        clippy::cast_precision_loss,
        reason = "days of a life fit f32's 24 bits"
    )]
    fn test(
        &mut self,
        scheduler: &Scheduler,
        history: &CardHistory,
        day: StudyDay,
        answer: &AnswerEntry,
    ) {
        let elapsed = history.elapsed(day);
        let Some(memory) = history.memory.filter(|_| elapsed > 0) else {
            return;
        };
        let predicted = f64::from(scheduler.retrievability(memory, elapsed as f32));
        let recalled = answer.rating != crate::schedule::Rating::Again;
        self.tests += 1;
        self.recalled += u64::from(recalled);
        self.predicted += predicted;
        if let Some(bin) = self.bins.iter_mut().find(|bin| predicted <= bin.to) {
            bin.count += 1;
            bin.predicted += predicted;
            bin.measured += f64::from(u8::from(recalled));
        }
    }
}

fn empty_bins() -> Vec<CalibrationBin> {
    let from = std::iter::once(0.0).chain(BINS);
    from.zip(BINS)
        .map(|(from, to)| CalibrationBin {
            from,
            to,
            ..CalibrationBin::default()
        })
        .collect()
}

/// Gives a share; `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
