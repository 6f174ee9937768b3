//! What is written into the log around an answer: ratings, due days, undone answers, marks.

use jiff::Timestamp;

use super::{QuizError, StudyRules, Undone};
use crate::progress::store::{Draft, StudyStore};
use crate::quiz::{Card, CardId, Cause, Kind, Level, Outcome, Sureness, seed};
use crate::schedule::due::choose_day;
use crate::schedule::{
    CardHistory, DuePolicy, Event, LogEntry, Rating, Recall, ReviewId, Scheduler,
};
use crate::time::StudyDay;

/// Where the learner's FSRS parameters are kept.
pub const PARAMETERS: &str = "fsrs-parameters";
/// How far back answers can be undone.
pub const UNDO_STEPS: usize = 30;
/// Answers quicker than this were not given by a person.
const SHORTEST_MILLIS: u32 = 500;

/// Gives the learner's FSRS parameters, or the defaults.
///
/// # Errors
/// When the study database fails. Parameters that cannot be read are passed over for the defaults.
pub fn scheduler(store: &dyn StudyStore) -> Result<Scheduler, QuizError> {
    let kept = store.value(PARAMETERS)?;
    let parameters: Option<Vec<f32>> = kept.and_then(|text| serde_json::from_str(&text).ok());
    if let Some(scheduler) = parameters.and_then(|p| Scheduler::new(&p).ok()) {
        return Ok(scheduler);
    }
    Ok(Scheduler::new(&[])?)
}

/// Decides the day on which a card comes back after a rating.
///
/// # Errors
/// When the study database fails, or a state cannot be computed.
pub fn due_after(
    store: &dyn StudyStore,
    scheduler: &Scheduler,
    rules: &StudyRules,
    (card, history): (&Card, &CardHistory),
    rating: Rating,
    today: StudyDay,
) -> Result<StudyDay, QuizError> {
    let state = history.after(scheduler, today, rating)?;
    let policy = DuePolicy {
        retention: rules.retention,
        exam: rules.exam_day(card.exam, today),
    };
    let range = policy.range(scheduler, state, today);
    if range.0 == range.1 {
        return Ok(range.0);
    }
    let mut loads = Vec::new();
    for n in 0..=range.1.days_since(range.0) {
        loads.push(store.load_on(card.exam, range.0.plus_days(n))?);
    }
    let load = |day: StudyDay| {
        let at = usize::try_from(day.days_since(range.0)).unwrap_or(0);
        loads.get(at).copied().unwrap_or(0)
    };
    let chance = seed::rank(&["due", &card.id.0, &history.reps.to_string()]);
    Ok(choose_day(range, chance, load))
}

/// Takes back this device's last answer that still counts, within the last 30.
///
/// # Errors
/// When the study database fails.
pub fn undo(
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    now: Timestamp,
) -> Result<Option<Undone>, QuizError> {
    let last = store.last_answers(UNDO_STEPS)?;
    let Some((entry, _)) = last.into_iter().find(|(_, undone)| !undone) else {
        return Ok(None);
    };
    let card = CardId(entry.card.clone());
    let mut entries = store.entries(&card)?;
    let draft = Draft {
        at: now,
        day: rules.day(now),
        card: card.clone(),
        event: Event::Undo(entry.id),
    };
    entries.push(LogEntry {
        event: draft.event.clone(),
        id: ReviewId {
            device: entry.id.device,
            number: u64::MAX,
        },
        ..entry.clone()
    });
    let state = CardHistory::replay(&scheduler(store)?, &entries)?;
    store.append(&draft, &state)?;
    let Event::Answer(answer) = entry.event else {
        return Ok(None);
    };
    Ok(Some(Undone {
        schema: 1,
        review: entry.id,
        question: store
            .card(&card)?
            .map(|c| c.card.question())
            .unwrap_or_default(),
        card,
        was_correct: answer.correct,
        given: answer.given,
    }))
}

/// Writes a suspension, a flag, or their end.
///
/// # Errors
/// When the card is not known, or the study database fails.
pub fn mark(
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    card: &CardId,
    event: Event,
    now: Timestamp,
) -> Result<(), QuizError> {
    let stored = store.card(card)?.ok_or(QuizError::NothingAsked)?;
    let draft = Draft {
        at: now,
        day: rules.day(now),
        card: card.clone(),
        event,
    };
    let mut state = stored.history;
    match &draft.event {
        Event::Suspend => state.suspended = true,
        Event::Resume => state.suspended = false,
        Event::Flag => state.flagged = true,
        Event::Unflag => state.flagged = false,
        Event::Answer(_) | Event::Undo(_) | Event::Cause { .. } => {
            return Err(QuizError::NothingAsked);
        }
    }
    store.append(&draft, &state)?;
    Ok(())
}

/// Gives the number that stands for a sureness in the log.
pub const fn doubt(sureness: Sureness) -> u8 {
    match sureness {
        Sureness::Sure => 0,
        Sureness::Hesitated => 1,
        Sureness::Guessed => 2,
    }
}

/// Gives the name of a cause in the log.
pub fn cause_name(cause: Cause) -> String {
    match cause {
        Cause::Knowledge => "knowledge",
        Cause::Reading => "reading",
        Cause::Time => "time",
    }
    .to_owned()
}

/// Derives from a marked answer what it shows.
pub fn recall(card: &Card, outcome: &Outcome, sureness: Sureness, millis: u32) -> Recall {
    if let Some(rating) = outcome.self_rating.and_then(Rating::of_number) {
        return Recall::Rated(rating);
    }
    match (outcome.correct, sureness) {
        (false, _) => Recall::Wrong,
        (true, Sureness::Guessed) => Recall::Guessed,
        (true, Sureness::Hesitated) => Recall::Hesitated,
        (true, Sureness::Sure) => Recall::Sure {
            quick: millis >= SHORTEST_MILLIS && millis < quick_below(card),
        },
    }
}

/// Gives the milliseconds below which an answer is quick: a third of the time that reading and choosing usually take,
/// at ten characters a second and five seconds to decide (two for a recall question).
fn quick_below(card: &Card) -> u32 {
    let options: usize = card.options().iter().map(|o| o.text.chars().count()).sum();
    let chars = u32::try_from(card.question().chars().count() + options).unwrap_or(u32::MAX);
    let decide = if card.kind() == Kind::Cloze || card.level == Level::Recall {
        2000
    } else {
        5000
    };
    chars.saturating_mul(100).saturating_add(decide) / 3
}
