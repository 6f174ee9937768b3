//! What is asked next: what labs asked for, due by gain, then follow-ups, then new cards, with missed ones coming back in between.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::QuizError;
use super::report::{Ended, Reason};
use crate::progress::store::{Candidate, CardFilter, StudyStore};
use crate::quiz::CardId;
use crate::schedule::Scheduler;
use crate::schedule::gain::{DEFAULT_HORIZON, expected_gain};
use crate::time::StudyDay;

/// Due cards ranked at once; more than anybody answers in a day, few enough to rank within a millisecond or two.
const WINDOW: usize = 512;
/// Questions asked before a missed card comes back.
const GAP: u32 = 7;
/// How often a card comes back in one session.
const RETURNS: u32 = 2;
/// Follow-ups taken up in one session.
const FOLLOW_UPS: usize = 10;
/// Cards that labs asked for, taken up in one session.
const WISHES: usize = 20;
/// Days for which a confusion is followed up.
const CONFUSION_DAYS: i32 = 14;

/// Days before the exam in which nothing new is begun and what would come due by then is drawn ahead, so that the
/// weakest cards are seen once more.
const LAST_DAYS: i32 = crate::progress::plan::NO_NEW;
/// Days that reach further than any schedule.
const FOR_EVER: i32 = 3650;

/// Says whether a day is one of the last before the exam.
fn last_days(today: StudyDay, exam_day: Option<StudyDay>) -> bool {
    exam_day.is_some_and(|day| (0..=LAST_DAYS).contains(&day.days_since(today)))
}

/// How much a session may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Reviews.
    pub(super) reviews: u32,
    /// Cards never seen.
    pub(super) new: u32,
    /// Questions up to which the weakest cards are gone over, whenever they would come due.
    pub(super) weak: u32,
}

/// The queue of one session.
#[derive(Debug)]
pub(super) struct Queue {
    filter: CardFilter,
    today: StudyDay,
    exam_day: Option<StudyDay>,
    /// Days of the schedule that are drawn ahead.
    ahead: i32,
    reviews_left: u32,
    new_left: u32,
    /// Questions up to which weak cards fill the session.
    weak_until: u32,
    weak: Option<VecDeque<CardId>>,
    /// Cards that labs asked for.
    wishes: Option<VecDeque<CardId>>,
    due: Option<VecDeque<CardId>>,
    follow_ups: Option<VecDeque<CardId>>,
    fresh: Option<VecDeque<CardId>>,
    /// Missed cards, with the count of questions after which they come back.
    again: VecDeque<(u32, CardId)>,
    front: VecDeque<(Reason, CardId)>,
    returns: BTreeMap<CardId, u32>,
    done: BTreeSet<CardId>,
    taken: u32,
    limited: bool,
    reason: Reason,
}

impl Queue {
    pub(super) fn new(
        filter: CardFilter,
        today: StudyDay,
        exam_day: Option<StudyDay>,
        limits: Limits,
    ) -> Self {
        Self {
            filter,
            today,
            exam_day,
            ahead: if last_days(today, exam_day) {
                LAST_DAYS
            } else {
                0
            },
            reviews_left: limits.reviews,
            new_left: limits.new,
            weak_until: limits.weak,
            weak: None,
            wishes: None,
            due: None,
            follow_ups: None,
            fresh: None,
            again: VecDeque::new(),
            front: VecDeque::new(),
            returns: BTreeMap::new(),
            done: BTreeSet::new(),
            taken: 0,
            limited: false,
            reason: Reason::Due,
        }
    }

    pub(super) fn filter(&self) -> &CardFilter {
        &self.filter
    }

    pub(super) fn today(&self) -> StudyDay {
        self.today
    }

    /// Says why the card taken last is asked.
    pub(super) fn reason(&self) -> Reason {
        self.reason
    }

    /// Says why nothing is left.
    pub(super) fn ended(&self) -> Ended {
        if self.limited && self.reviews_left > 0 && last_days(self.today, self.exam_day) {
            Ended::LastDays
        } else if self.limited {
            Ended::Limit
        } else {
            Ended::Nothing
        }
    }

    /// Takes the next card.
    pub(super) fn next(
        &mut self,
        store: &dyn StudyStore,
        scheduler: &Scheduler,
    ) -> Result<Option<CardId>, QuizError> {
        self.limited = false;
        let found = self.find(store, scheduler)?;
        if let Some((reason, id)) = &found {
            self.reason = *reason;
            self.taken += 1;
            self.done.insert(id.clone());
        }
        Ok(found.map(|(_, id)| id))
    }

    fn find(
        &mut self,
        store: &dyn StudyStore,
        scheduler: &Scheduler,
    ) -> Result<Option<(Reason, CardId)>, QuizError> {
        if let Some(next) = self.front.pop_front() {
            return Ok(Some(next));
        }
        if self
            .again
            .front()
            .is_some_and(|(from, _)| *from <= self.taken)
        {
            return Ok(self.again.pop_front().map(|(_, id)| (Reason::Again, id)));
        }
        if let Some(id) = self.next_wish(store)? {
            return Ok(Some((Reason::Lab, id)));
        }
        if let Some(id) = self.next_due(store, scheduler)? {
            return Ok(Some((Reason::Due, id)));
        }
        if let Some(id) = self.next_follow_up(store)? {
            return Ok(Some((Reason::FollowUp, id)));
        }
        if let Some(id) = self.next_weak(store, scheduler)? {
            return Ok(Some((Reason::Weak, id)));
        }
        if let Some(id) = self.next_fresh(store)? {
            return Ok(Some((Reason::New, id)));
        }
        Ok(self.again.pop_front().map(|(_, id)| (Reason::Again, id)))
    }

    fn next_wish(&mut self, store: &dyn StudyStore) -> Result<Option<CardId>, QuizError> {
        if self.wishes.is_none() {
            self.wishes = Some(store.asked_for(&self.filter, WISHES)?.into());
        }
        while let Some(id) = self.wishes.as_mut().and_then(VecDeque::pop_front) {
            if !self.done.contains(&id) {
                if is_new(store, &id)? {
                    self.new_left = self.new_left.saturating_sub(1);
                }
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn next_due(
        &mut self,
        store: &dyn StudyStore,
        scheduler: &Scheduler,
    ) -> Result<Option<CardId>, QuizError> {
        loop {
            if self.due.as_ref().is_none_or(VecDeque::is_empty) {
                // Mistakes are gone over at once, whenever they would come due.
                let ahead = if self.filter.mistakes {
                    FOR_EVER
                } else {
                    self.ahead
                };
                let found = store.due(&self.filter, self.today.plus_days(ahead), WINDOW)?;
                let fresh: Vec<Candidate> = found
                    .into_iter()
                    .filter(|c| !self.done.contains(&c.id))
                    // What is drawn ahead was not answered today already.
                    .filter(|c| self.ahead == 0 || c.last_day != Some(self.today))
                    .collect();
                self.due = Some(self.ranked(fresh, scheduler));
            }
            let Some(id) = self.due.as_mut().and_then(VecDeque::pop_front) else {
                return Ok(None);
            };
            if self.reviews_left == 0 {
                self.limited = true;
                return Ok(None);
            }
            if !self.done.contains(&id) {
                self.reviews_left -= 1;
                return Ok(Some(id));
            }
        }
    }

    /// Ranks cards by what asking them today is worth on the day of the exam.
    fn ranked(&self, mut cards: Vec<Candidate>, scheduler: &Scheduler) -> VecDeque<CardId> {
        let horizon = self.exam_day.map(|day| day.days_since(self.today));
        let days = horizon.map_or(DEFAULT_HORIZON, |d| u32::try_from(d).unwrap_or(0));
        let gain = |card: &Candidate| {
            let elapsed = card.last_day.map_or(0, |last| self.today.days_since(last));
            let elapsed = u32::try_from(elapsed).unwrap_or(0);
            card.memory
                .map_or(0.0, |state| expected_gain(scheduler, state, elapsed, days))
        };
        cards.sort_by_cached_key(|card| {
            // Bits of a positive float sort as the float does; a loss sorts last.
            (
                std::cmp::Reverse(gain(card).max(0.0).to_bits()),
                card.id.clone(),
            )
        });
        cards.into_iter().map(|card| card.id).collect()
    }

    fn next_follow_up(&mut self, store: &dyn StudyStore) -> Result<Option<CardId>, QuizError> {
        if self.follow_ups.is_none() {
            let since = self.today.plus_days(-CONFUSION_DAYS);
            self.follow_ups = Some(store.follow_ups(&self.filter, since, FOLLOW_UPS)?.into());
        }
        while let Some(id) = self.follow_ups.as_mut().and_then(VecDeque::pop_front) {
            if self.done.contains(&id) {
                continue;
            }
            // A new card is a new card, whatever leads to it.
            if is_new(store, &id)? {
                if self.new_left == 0 {
                    continue;
                }
                self.new_left -= 1;
            }
            return Ok(Some(id));
        }
        Ok(None)
    }

    /// Goes over the weakest cards that were not answered today, as long as the day has time for them.
    fn next_weak(
        &mut self,
        store: &dyn StudyStore,
        scheduler: &Scheduler,
    ) -> Result<Option<CardId>, QuizError> {
        if self.taken >= self.weak_until || self.reviews_left == 0 {
            return Ok(None);
        }
        if self.weak.is_none() {
            let mut found = store.due(&self.filter, self.today.plus_days(FOR_EVER), WINDOW)?;
            found.retain(|card| card.last_day != Some(self.today));
            self.weak = Some(self.ranked(found, scheduler));
        }
        while let Some(id) = self.weak.as_mut().and_then(VecDeque::pop_front) {
            if !self.done.contains(&id) {
                self.reviews_left -= 1;
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn next_fresh(&mut self, store: &dyn StudyStore) -> Result<Option<CardId>, QuizError> {
        if self.fresh.as_ref().is_none_or(VecDeque::is_empty) && self.new_left > 0 {
            let found = store.fresh(&self.filter, self.done.len() + WINDOW.min(64))?;
            let fresh = found
                .into_iter()
                .map(|c| c.id)
                .filter(|id| !self.done.contains(id));
            self.fresh = Some(fresh.collect());
        }
        if self.new_left == 0 {
            // Only where something is held back has a limit been reached.
            self.limited |= !store.fresh(&self.filter, 1)?.is_empty();
            return Ok(None);
        }
        while let Some(id) = self.fresh.as_mut().and_then(VecDeque::pop_front) {
            if !self.done.contains(&id) {
                self.new_left -= 1;
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Notes an answer: a miss comes back, a confusion brings its follow-up into this session.
    pub(super) fn answered(&mut self, id: &CardId, missed: bool, confused: bool) {
        if confused {
            self.follow_ups = None;
        }
        if !missed {
            return;
        }
        let returns = self.returns.entry(id.clone()).or_default();
        if *returns < RETURNS {
            *returns += 1;
            self.again.push_back((self.taken + GAP, id.clone()));
        }
    }

    /// Asks a card next, for a reason.
    pub(super) fn put_back(&mut self, reason: Reason, id: CardId) {
        self.again.retain(|(_, waiting)| *waiting != id);
        self.front.push_front((reason, id));
    }
}

fn is_new(store: &dyn StudyStore, id: &CardId) -> Result<bool, QuizError> {
    Ok(store.card(id)?.is_some_and(|card| card.history.reps == 0))
}
