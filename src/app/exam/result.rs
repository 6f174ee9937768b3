//! The result of a mock exam: score by domain and task, and what goes into the review log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ExamError, KEY, LAST};
use crate::app::quiz::{StudyRules, doubt, due_after, recall, scheduler};
use crate::exam::{Exam, ExamVersion, TaskId};
use crate::progress::store::{Draft, StoredCard, StudyStore};
use crate::quiz::answer::{Answer, Response};
use crate::quiz::mock::{Mock, MockItem, scaled_score};
use crate::quiz::{CardId, Labels, Outcome, Prompt, Sureness};
use crate::schedule::{AnswerEntry, CardHistory, Event, Rating, Scheduler, Source};
use crate::time::StudyDay;

/// Where the results of earlier exams are kept.
const RESULTS: &str = "mock-results";

/// A domain's or task's share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainResult {
    /// Its id.
    pub id: String,
    /// Its name in Japanese.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Scored questions answered right.
    pub correct: usize,
    /// Scored questions.
    pub scored: usize,
}

/// One question of the paper, marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemResult {
    /// Its number.
    pub number: usize,
    /// The question.
    pub id: CardId,
    /// Whether it counted.
    pub scored: bool,
    /// Whether it was on the screen; what was never seen is no card yet.
    pub seen: bool,
    /// Whether it was right.
    pub correct: bool,
    /// What was answered, by the labels shown.
    pub given: Option<String>,
    /// What is right.
    pub answer: String,
    /// The domain it stands for.
    pub domain: String,
}

/// An earlier result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastResult {
    /// When it was submitted.
    pub at: Timestamp,
    /// The exam's version.
    pub version: ExamVersion,
    /// The seed.
    pub seed: u64,
    /// Scored questions answered right.
    pub correct: usize,
    /// Scored questions.
    pub scored: usize,
    /// The estimated scaled score.
    pub scaled: u32,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExamResult {
    /// Version of the document.
    pub schema: u32,
    /// `result`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The exam.
    pub exam: Exam,
    /// Its version.
    pub version: ExamVersion,
    /// The seed.
    pub seed: u64,
    /// Scored questions answered right.
    pub correct: usize,
    /// Scored questions.
    pub scored: usize,
    /// Questions in all.
    pub questions: usize,
    /// Questions answered.
    pub answered: usize,
    /// The estimated scaled score; AWS publishes no curve.
    pub scaled: u32,
    /// The pass mark.
    pub pass_score: u32,
    /// Whether the estimate reaches it.
    pub passed: bool,
    /// True: the scaled score is an estimate.
    pub estimated: bool,
    /// Time spent.
    pub seconds: i64,
    /// By domain.
    pub domains: Vec<DomainResult>,
    /// By task.
    pub tasks: Vec<DomainResult>,
    /// Questions that were missed and are due now.
    pub missed: Vec<CardId>,
    /// All questions.
    pub items: Vec<ItemResult>,
    /// Earlier exams of the same certification, oldest first.
    pub earlier: Vec<PastResult>,
}

/// Marks a question and shows what was given and what is right.
fn mark(
    item: &MockItem,
    stored: &StoredCard,
    prompt: &Prompt,
) -> (Outcome, Option<String>, String) {
    let given: Vec<String> = item
        .answer
        .as_ref()
        .map(|a| a.given.split(',').map(str::to_owned).collect())
        .unwrap_or_default();
    let shown = |ids: &mut dyn Iterator<Item = &str>| {
        let mut labels: Vec<&str> = ids.filter_map(|id| prompt.label_of(id)).collect();
        labels.sort_unstable();
        labels.join(",")
    };
    let right = stored
        .card
        .options()
        .iter()
        .filter(|o| o.correct)
        .map(|o| o.id.as_str());
    let answer = shown(&mut { right });
    let told = item
        .answer
        .as_ref()
        .map(|_| shown(&mut given.iter().map(String::as_str)));
    let outcome = Outcome::mark(
        &stored.card,
        &Answer {
            response: Response::Chosen(given),
            sureness: Sureness::Sure,
            cause: None,
        },
    );
    (outcome, told, answer)
}

/// Marks the paper, writes it into the log and ends the exam, in one transaction.
pub(super) fn submit(
    store: &mut dyn StudyStore,
    rules: &StudyRules,
    mock: &Mock,
    cards: &BTreeMap<CardId, StoredCard>,
    labels: Labels,
    now: Timestamp,
) -> Result<ExamResult, ExamError> {
    let scheduler = scheduler(store)?;
    let today = rules.day(now);
    let (mut items, mut writes) = (Vec::new(), Vec::new());
    for (number, item) in (1..).zip(&mock.items) {
        let Some(stored) = cards.get(&item.id) else {
            continue;
        };
        let prompt = Prompt::of(&stored.card, &format!("exam/{}", mock.seed), labels);
        let (outcome, given, answer) = mark(item, stored, &prompt);
        if item.seen || item.answer.is_some() {
            writes.push(write(
                store,
                rules,
                &scheduler,
                (item, stored, &outcome),
                (today, now),
            )?);
        }
        items.push(ItemResult {
            number,
            id: item.id.clone(),
            scored: item.scored,
            seen: item.seen || item.answer.is_some(),
            correct: outcome.correct,
            given,
            answer,
            domain: item.domain.clone(),
        });
    }
    let mut result = sum_up(rules, mock, cards, items);
    let past = store.value(RESULTS)?.unwrap_or_default();
    let mut past: Vec<PastResult> = serde_json::from_str(&past).unwrap_or_default();
    result.earlier = past
        .iter()
        .filter(|p| p.version.exam() == Some(mock.exam))
        .cloned()
        .collect();
    past.push(PastResult {
        at: now,
        version: mock.version.clone(),
        seed: mock.seed,
        correct: result.correct,
        scored: result.scored,
        scaled: result.scaled,
    });
    let past = serde_json::to_string(&past).unwrap_or_default();
    // Kept whole, so that the explanations can be read whenever there is time for them.
    let last = serde_json::to_string(mock).unwrap_or_default();
    store.append_all(
        &writes,
        &[(KEY, None), (RESULTS, Some(&past)), (LAST, Some(&last))],
    )?;
    Ok(result)
}

/// Makes the log entry of a question: a miss comes due at once.
fn write(
    store: &dyn StudyStore,
    rules: &StudyRules,
    scheduler: &Scheduler,
    (item, stored, outcome): (&MockItem, &StoredCard, &Outcome),
    (today, now): (StudyDay, Timestamp),
) -> Result<(Draft, CardHistory), ExamError> {
    let sureness = item.answer.as_ref().map_or(Sureness::Sure, |a| a.sureness);
    // Exam questions are read under pressure; quickness says nothing about ease there.
    let rating = Rating::from(recall(&stored.card, outcome, sureness, 0));
    let due = if outcome.correct {
        due_after(
            store,
            scheduler,
            rules,
            (&stored.card, &stored.history),
            rating,
            today,
        )?
    } else {
        today
    };
    let entry = AnswerEntry {
        rating,
        correct: outcome.correct,
        doubt: doubt(sureness),
        given: outcome.given.clone(),
        millis: item.answer.as_ref().map_or(0, |a| a.millis),
        source: Source::Exam,
        due,
        confused: outcome.confused.clone(),
        cause: None,
    };
    let mut state = stored.history.clone();
    state
        .answered(scheduler, today, entry.graded())
        .map_err(crate::app::quiz::QuizError::from)?;
    let draft = Draft {
        at: now,
        day: today,
        card: stored.card.id.clone(),
        event: Event::Answer(entry),
    };
    Ok((draft, state))
}

fn sum_up(
    rules: &StudyRules,
    mock: &Mock,
    cards: &BTreeMap<CardId, StoredCard>,
    items: Vec<ItemResult>,
) -> ExamResult {
    let common = &rules.blueprints.common;
    let scored = || items.iter().filter(|i| i.scored);
    let correct = scored().filter(|i| i.correct).count();
    let count = scored().count();
    let scaled = scaled_score(correct, count, common);
    let part =
        |id: &str, name: &str, name_en: &str, has: &dyn Fn(&ItemResult) -> bool| DomainResult {
            id: id.to_owned(),
            name: name.to_owned(),
            name_en: name_en.to_owned(),
            correct: scored().filter(|i| has(i) && i.correct).count(),
            scored: scored().filter(|i| has(i)).count(),
        };
    let blueprint = rules.blueprints.version(&mock.version);
    let domains = blueprint.into_iter().flat_map(|b| &b.domains);
    let task_of = |item: &ItemResult| -> Option<&TaskId> {
        cards.get(&item.id)?.card.main_task(&mock.version)
    };
    let tasks = blueprint
        .into_iter()
        .flat_map(crate::exam::Blueprint::tasks);
    ExamResult {
        schema: 1,
        kind: "result",
        exam: mock.exam,
        version: mock.version.clone(),
        seed: mock.seed,
        correct,
        scored: count,
        questions: mock.items.len(),
        answered: mock.answered(),
        scaled,
        pass_score: common.pass_score,
        passed: scaled >= common.pass_score,
        estimated: true,
        seconds: mock.spent_seconds(),
        domains: domains
            .map(|d| part(&d.id, &d.name_ja, &d.name_en, &|item| item.domain == d.id))
            .collect(),
        tasks: tasks
            .map(|t| {
                part(&t.id.0, &t.name_ja, &t.name_en, &|item| {
                    task_of(item) == Some(&t.id)
                })
            })
            .filter(|t| t.scored > 0)
            .collect(),
        missed: items
            .iter()
            .filter(|i| !i.correct && i.seen)
            .map(|i| i.id.clone())
            .collect(),
        items,
        earlier: Vec::new(),
    }
}
