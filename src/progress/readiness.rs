//! The chance to pass, with an interval. The model, its assumptions and its calibration: docs/READINESS.md.
//!
//! First answers to choice questions are the evidence, by domain and task, each with the chance of a lucky guess and its
//! age; later answers to the same card are not, because practice on a card says little about another question.

mod model;

use serde::Serialize;

use self::model::{DomainEvidence, Exposure, chance_to_pass};
use super::store::StoredCard;
use crate::exam::{Blueprint, Exam, ExamRules, TaskId};
use crate::quiz::Kind;
use crate::time::StudyDay;

/// First answers below which nothing is said.
pub const NEEDED: u64 = 60;
/// What first answers have to weigh together today, each by its age, below which they are too old to say anything.
const NEEDED_WEIGHT: f64 = 30.0;
/// First answers needed in each domain.
const NEEDED_PER_DOMAIN: u64 = 5;

/// Days after which a first answer counts half towards that weight.
const HALF_LIFE: f64 = 60.0;
/// Draws of the posterior.
const DRAWS: usize = 2000;

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
    /// True when there are enough of them and they are too old to say anything about today.
    pub outdated: bool,
}

impl Readiness {
    /// Says that nothing can be said yet.
    pub const fn unknown(exam: Exam, evidence: u64) -> Self {
        Self {
            exam,
            probability: None,
            low: None,
            high: None,
            evidence,
            needed: NEEDED,
            outdated: false,
        }
    }
}

/// Estimates the chance to pass on a day.
pub fn estimate(
    cards: &[StoredCard],
    blueprint: &Blueprint,
    rules: &ExamRules,
    (today, exam_day): (StudyDay, StudyDay),
) -> Readiness {
    let exam = blueprint.code.exam().unwrap_or(Exam::Saa);
    let domains = evidence_of(cards, blueprint, today);
    let evidence = domains.iter().map(DomainEvidence::count).sum();
    let thin = |domain: &DomainEvidence| domain.count() < NEEDED_PER_DOMAIN;
    let exposures = domains.iter().flat_map(DomainEvidence::exposures);
    let weight: f64 = exposures.map(|e| 0.5_f64.powf(e.age / HALF_LIFE)).sum();
    if evidence < NEEDED || domains.iter().any(thin) {
        return Readiness::unknown(exam, evidence);
    }
    if weight < NEEDED_WEIGHT {
        return Readiness {
            outdated: true,
            ..Readiness::unknown(exam, evidence)
        };
    }
    let cut = f64::from(rules.pass_score) / f64::from(rules.score_max);
    let days = f64::from(exam_day.days_since(today).max(0));
    let chance = chance_to_pass(&domains, cut, days, DRAWS);
    Readiness {
        exam,
        probability: Some(chance.mean),
        low: Some(chance.low),
        high: Some(chance.high),
        evidence,
        needed: NEEDED,
        outdated: false,
    }
}

/// Gives the chance of choosing right at random: one of the options, or one of the combinations.
#[expect(clippy::cast_precision_loss, reason = "a handful of options")]
fn guess_chance(stored: &StoredCard) -> f64 {
    let (all, correct) = (stored.card.options().len(), stored.card.correct_count());
    match stored.card.kind() {
        Kind::Single => 1.0 / all.max(1) as f64,
        // n over k.
        Kind::Multiple => {
            (0..correct).fold(1.0, |p, i| p * (correct - i) as f64 / (all - i) as f64)
        }
        Kind::Card | Kind::Cloze => 0.0,
    }
}

/// Sorts the first answers by domain and task. Questions on a task that the blueprint does not know are left out.
fn evidence_of(
    cards: &[StoredCard],
    blueprint: &Blueprint,
    today: StudyDay,
) -> Vec<DomainEvidence> {
    let asked = cards.iter().filter(|c| c.card.kind().is_choice());
    let firsts: Vec<_> = asked
        .filter_map(|stored| {
            let first = stored.history.first?;
            let exposure = Exposure {
                correct: first.correct,
                doubt: first.doubt,
                guess: guess_chance(stored),
                age: f64::from(today.days_since(first.day).max(0)),
            };
            Some((stored.card.main_task(&blueprint.code)?, exposure))
        })
        .collect();
    let of_task = |id: &TaskId| {
        let own = firsts.iter().filter(|(task, _)| *task == id);
        own.map(|(_, exposure)| *exposure).collect()
    };
    let domains = blueprint.domains.iter().map(|domain| DomainEvidence {
        questions: domain.scored_questions,
        tasks: domain.tasks.iter().map(|task| of_task(&task.id)).collect(),
    });
    domains.collect()
}

#[cfg(test)]
mod learners;
#[cfg(test)]
mod tests;
