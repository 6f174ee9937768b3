//! What a card's log entries add up to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::log::{Event, Graded, LogEntry, ReviewId, Step};
use super::memory::{MemoryState, Scheduler, SchedulerError};
use super::rating::Rating;
use crate::time::StudyDay;

/// Lapses after which a card counts as a leech, as in Anki.
pub const LEECH_LAPSES: u32 = 8;

/// The first answer to a card: the only one that tells what was known before practice on that very card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstExposure {
    /// Whether it was right.
    pub correct: bool,
    /// 0 sure, 1 二択, 2 勘.
    pub doubt: u8,
    /// When.
    pub day: StudyDay,
}

/// The state of a card.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CardHistory {
    /// The memory state; `None` while it was never answered.
    pub memory: Option<MemoryState>,
    /// The day of the last answer.
    pub last_day: Option<StudyDay>,
    /// The day on which it comes due.
    pub due: Option<StudyDay>,
    /// How often it was answered.
    pub reps: u32,
    /// How often it was forgotten after a day or more.
    pub lapses: u32,
    /// The rating of the last answer.
    pub last_rating: Option<Rating>,
    /// Whether the last answer was right.
    pub last_correct: bool,
    /// The first answer.
    pub first: Option<FirstExposure>,
    /// Whether it is not to be asked.
    pub suspended: bool,
    /// Whether the learner marked it.
    pub flagged: bool,
}

impl CardHistory {
    /// Counts the days since the last answer; 0 when the clock was set back behind it.
    pub fn elapsed(&self, day: StudyDay) -> u32 {
        let days = self.last_day.map_or(0, |last| day.days_since(last));
        u32::try_from(days).unwrap_or(0)
    }

    /// Says whether the card is forgotten again and again.
    pub const fn is_leech(&self) -> bool {
        self.lapses >= LEECH_LAPSES
    }

    /// Gives the memory state that an answer today would lead to.
    ///
    /// # Errors
    /// When the state is not finite.
    pub fn after(
        &self,
        scheduler: &Scheduler,
        day: StudyDay,
        rating: Rating,
    ) -> Result<MemoryState, SchedulerError> {
        scheduler.step(self.memory, self.elapsed(day), rating)
    }

    /// Adds an answer.
    ///
    /// # Errors
    /// When the state is not finite; the history is unchanged then.
    pub fn answered(
        &mut self,
        scheduler: &Scheduler,
        day: StudyDay,
        answer: Graded,
    ) -> Result<(), SchedulerError> {
        let memory = self.after(scheduler, day, answer.rating)?;
        if answer.rating == Rating::Again && self.memory.is_some() && self.elapsed(day) > 0 {
            self.lapses += 1;
        }
        self.first.get_or_insert(FirstExposure {
            correct: answer.correct,
            doubt: answer.doubt,
            day,
        });
        self.memory = Some(memory);
        // A clock set back must not make the next interval look longer than it was.
        self.last_day = self.last_day.max(Some(day));
        self.due = Some(answer.due);
        self.reps += 1;
        self.last_rating = Some(answer.rating);
        self.last_correct = answer.correct;
        Ok(())
    }

    /// Adds a step of a day.
    ///
    /// # Errors
    /// When the state is not finite.
    pub fn apply(
        &mut self,
        scheduler: &Scheduler,
        day: StudyDay,
        step: Step,
    ) -> Result<(), SchedulerError> {
        match step {
            Step::Answer(answer) => self.answered(scheduler, day, answer)?,
            Step::Suspended(suspended) => self.suspended = suspended,
            Step::Flagged(flagged) => self.flagged = flagged,
        }
        Ok(())
    }

    /// Replays a card's entries, in any order and with repetitions; undone answers do not count.
    ///
    /// # Errors
    /// When a state is not finite.
    pub fn replay<'a>(
        scheduler: &Scheduler,
        entries: impl IntoIterator<Item = &'a LogEntry>,
    ) -> Result<Self, SchedulerError> {
        let mut entries: Vec<&LogEntry> = entries.into_iter().collect();
        entries.sort_by_key(|entry| entry.key());
        entries.dedup_by_key(|entry| entry.id);
        let undone: BTreeSet<ReviewId> = entries
            .iter()
            .filter_map(|entry| match entry.event {
                Event::Undo(id) => Some(id),
                _ => None,
            })
            .collect();
        let mut history = Self::default();
        for entry in entries.into_iter().filter(|e| !undone.contains(&e.id)) {
            if let Some(step) = entry.event.step() {
                history.apply(scheduler, entry.day, step)?;
            }
        }
        Ok(history)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::log::{AnswerEntry, DeviceId, Source};
    use super::*;

    fn entry(device: u64, number: u64, day: i32, event: Event) -> LogEntry {
        LogEntry {
            id: ReviewId {
                device: DeviceId(device),
                number,
            },
            order: i64::from(day) * 86_400_000,
            at: Timestamp::UNIX_EPOCH,
            day: StudyDay(date(2026, 11, 1)).plus_days(day),
            card: "c".to_owned(),
            event,
        }
    }

    fn answer(rating: Rating) -> Event {
        Event::Answer(AnswerEntry {
            rating,
            correct: rating != Rating::Again,
            doubt: 0,
            given: String::new(),
            millis: 0,
            source: Source::Quiz,
            due: StudyDay(date(2026, 12, 1)),
            confused: None,
            cause: None,
        })
    }

    #[test]
    fn an_undone_answer_leaves_no_trace() {
        let scheduler = Scheduler::new(&[]).unwrap();
        let one = entry(1, 1, 0, answer(Rating::Good));
        let two = entry(1, 2, 3, answer(Rating::Again));
        let undo = entry(1, 3, 3, Event::Undo(two.id));
        let replay = |entries: &[LogEntry]| CardHistory::replay(&scheduler, entries).unwrap();
        assert_eq!(replay(&[one.clone(), two, undo]), replay(&[one]));
    }

    #[test]
    fn a_clock_set_back_counts_no_negative_days() {
        let scheduler = Scheduler::new(&[]).unwrap();
        let mut history = CardHistory::default();
        for (n, day) in [(1, 10), (2, 4), (3, 12)] {
            let entry = entry(1, n, day, answer(Rating::Good));
            let step = entry.event.step().unwrap();
            history.apply(&scheduler, entry.day, step).unwrap();
        }
        assert_eq!(history.elapsed(StudyDay(date(2026, 11, 14))), 1);
        assert_eq!(history.reps, 3);
    }

    proptest! {
        /// Two devices' logs give the same state whichever is merged into which, and however often.
        #[test]
        fn merging_is_order_free(days in prop::collection::vec((0_i32..40, 1_u8..=4, 1_u64..3), 1..20), turn in 0_usize..20) {
            let scheduler = Scheduler::new(&[]).unwrap();
            let entries: Vec<LogEntry> = days
                .iter()
                .zip(1..)
                .map(|((day, rating, device), n)| {
                    entry(*device, n, *day, answer(Rating::of_number(*rating).unwrap()))
                })
                .collect();
            let mut other = entries.clone();
            other.rotate_left(turn % entries.len());
            other.extend(entries.clone());
            prop_assert_eq!(
                CardHistory::replay(&scheduler, &entries).unwrap(),
                CardHistory::replay(&scheduler, &other).unwrap()
            );
        }
    }
}
