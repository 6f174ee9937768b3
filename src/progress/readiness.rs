//! The chance to pass, with an interval. The model, its assumptions and its calibration: docs/READINESS.md.
//!
//! What is known of a domain is a point on the logit scale: the learner's general ability plus the domain's own
//! deviation. First answers to choice questions tell about it, each with the chance of a lucky guess taken into
//! account; later answers to the same card do not, because practice on a card says little about another question. From
//! draws of the posterior, moved to a harder exam on a later day, follow draws of the chance to pass.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::store::StoredCard;
use crate::exam::{Blueprint, Exam, ExamRules};
use crate::quiz::Kind;
use crate::time::StudyDay;

/// First answers below which nothing is said.
pub const NEEDED: u64 = 60;
/// First answers needed in each domain.
const NEEDED_PER_DOMAIN: u64 = 5;

/// Ability grid: from, step, and number of points on the logit scale.
const GRID: (f64, f64, i32) = (-4.0, 0.1, 91);
/// Prior of the general ability: mean and standard deviation.
const ABILITY: (f64, f64) = (0.0, 1.5);
/// Standard deviation of a domain around the general ability.
const DOMAIN_SD: f64 = 0.3;
/// How much harder the exam is than the bank, in logits: mean and standard deviation.
const HARDER: (f64, f64) = (0.14, 0.22);
/// Standard deviation that a day until the exam adds, as a random walk.
const DAILY_SD: f64 = 0.03;
/// Standard deviation of the share of right answers that passes; AWS publishes none.
const CUT_SD: f64 = 0.005;
/// Days after which a first answer tells half as much about today.
const HALF_LIFE: f64 = 60.0;
/// Draws of the posterior.
const DRAWS: usize = 2000;
/// Ends of the interval.
const INTERVAL: (f64, f64) = (0.05, 0.95);

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
        }
    }
}

/// One first answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposure {
    /// Whether it was right.
    pub correct: bool,
    /// 0 sure, 1 二択, 2 勘.
    pub doubt: u8,
    /// The chance to be right without knowing anything.
    pub guess: f64,
    /// Days ago.
    pub age: f64,
}

impl Exposure {
    /// Gives the likelihood at a share of known questions.
    fn likelihood(self, known: f64) -> f64 {
        match (self.doubt, self.correct) {
            // A guess says that it was not known, whatever came of it.
            (2.., _) => 1.0 - known,
            // Between two options chance alone is a half.
            (1, true) => known + (1.0 - known) * self.guess.max(0.5),
            (_, true) => known + (1.0 - known) * self.guess,
            (_, false) => (1.0 - known) * (1.0 - self.guess),
        }
    }
}

/// One domain of the exam with what is known about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DomainEvidence {
    /// Scored questions of the domain.
    pub questions: u32,
    /// First answers.
    pub exposures: Vec<Exposure>,
}

/// Estimates the chance to pass on a day.
pub fn estimate(
    cards: &[StoredCard],
    blueprint: &Blueprint,
    rules: &ExamRules,
    (today, exam_day): (StudyDay, StudyDay),
) -> Readiness {
    let exam = blueprint.code.exam().unwrap_or(Exam::Saa);
    let mut domains: BTreeMap<&str, DomainEvidence> = blueprint
        .domains
        .iter()
        .map(|d| {
            let evidence = DomainEvidence {
                questions: d.scored_questions,
                exposures: Vec::new(),
            };
            (d.id.as_str(), evidence)
        })
        .collect();
    for stored in cards.iter().filter(|c| c.card.kind().is_choice()) {
        let task = stored.card.main_task(&blueprint.code);
        let domain = task.and_then(|task| domains.get_mut(task.domain()));
        if let (Some(domain), Some(first)) = (domain, stored.history.first) {
            domain.exposures.push(Exposure {
                correct: first.correct,
                doubt: first.doubt,
                guess: guess_chance(stored),
                age: f64::from(today.days_since(first.day).max(0)),
            });
        }
    }
    let domains: Vec<DomainEvidence> = domains.into_values().collect();
    let evidence = domains.iter().map(|d| d.exposures.len() as u64).sum();
    let thin = |d: &DomainEvidence| (d.exposures.len() as u64) < NEEDED_PER_DOMAIN;
    if evidence < NEEDED || domains.iter().any(thin) {
        return Readiness::unknown(exam, evidence);
    }
    let cut = f64::from(rules.pass_score) / f64::from(rules.score_max);
    let days = f64::from(exam_day.days_since(today).max(0));
    let (probability, low, high) = chance_to_pass(&domains, cut, days, DRAWS);
    Readiness {
        exam,
        probability: Some(probability),
        low: Some(low),
        high: Some(high),
        evidence,
        needed: NEEDED,
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

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn normal_weight(x: f64, mean: f64, sd: f64) -> f64 {
    (-((x - mean) / sd).powi(2) / 2.0).exp()
}

/// Gives mean and interval of the chance to pass at a share `cut` of right answers, some days ahead.
pub fn chance_to_pass(
    domains: &[DomainEvidence],
    cut: f64,
    days: f64,
    draws: usize,
) -> (f64, f64, f64) {
    let posterior = Posterior::of(domains);
    // The same evidence gives the same figure.
    let mut rng = ChaCha8Rng::seed_from_u64(posterior.count);
    let sd = HARDER.1.hypot(DAILY_SD * days.sqrt());
    let mut chances: Vec<f64> = (0..draws)
        .map(|_| {
            let shift = sd * normal(&mut rng) - HARDER.0;
            let cut = cut + CUT_SD * normal(&mut rng);
            let abilities = posterior.draw(&mut rng);
            let shares = domains.iter().zip(abilities).map(|(domain, ability)| {
                let known = logistic(ability + shift);
                (domain.questions, known + (1.0 - known) * 0.22)
            });
            pass_probability(shares, cut)
        })
        .collect();
    chances.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand draws")]
    let mean = chances.iter().sum::<f64>() / chances.len() as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below a few thousand"
    )]
    let at = |share: f64| {
        let index = (share * (chances.len() - 1) as f64).round() as usize;
        chances.get(index).copied().unwrap_or(mean)
    };
    (mean, at(INTERVAL.0), at(INTERVAL.1))
}

/// Gives the probability that at least a share of the questions is answered right, each domain's questions with their
/// own probability: the distribution of the sum, question by question.
pub fn pass_probability(domains: impl IntoIterator<Item = (u32, f64)>, cut: f64) -> f64 {
    let mut right = vec![1.0];
    for (questions, p) in domains {
        for _ in 0..questions {
            let mut next = vec![0.0; right.len() + 1];
            for (n, weight) in right.iter().enumerate() {
                if let Some(miss) = next.get_mut(n) {
                    *miss += weight * (1.0 - p);
                }
                if let Some(hit) = next.get_mut(n + 1) {
                    *hit += weight * p;
                }
            }
            right = next;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "fifty questions")]
    let needed = cut * (right.len() - 1) as f64;
    #[expect(clippy::cast_precision_loss, reason = "fifty questions")]
    let enough = |n: usize| n as f64 >= needed - 1e-9;
    right
        .iter()
        .enumerate()
        .filter(|(n, _)| enough(*n))
        .map(|(_, w)| w)
        .sum()
}

/// A number from the standard normal distribution (Box and Muller).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v) = (uniform(rng), uniform(rng));
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A number from 0 up to but not including 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits of chance fill a float")]
fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// The posterior on a grid: the general ability, and for each of its points every domain's ability.
struct Posterior {
    points: Vec<f64>,
    general: Vec<f64>,
    /// By domain, then by general ability: cumulated weights over the points.
    domains: Vec<Vec<Vec<f64>>>,
    count: u64,
}

impl Posterior {
    fn of(domains: &[DomainEvidence]) -> Self {
        let points: Vec<f64> = (0..GRID.2)
            .map(|i| GRID.0 + GRID.1 * f64::from(i))
            .collect();
        let mut general: Vec<f64> = points
            .iter()
            .map(|x| normal_weight(*x, ABILITY.0, ABILITY.1).ln())
            .collect();
        let mut all = Vec::new();
        let mut count = 0;
        for domain in domains {
            count += domain.exposures.len() as u64;
            let likelihood: Vec<f64> = points.iter().map(|x| log_likelihood(domain, *x)).collect();
            let best = likelihood.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let given: Vec<Vec<f64>> = points
                .iter()
                .map(|theta| {
                    let weights = points
                        .iter()
                        .zip(&likelihood)
                        .map(|(x, l)| normal_weight(*x, *theta, DOMAIN_SD) * (l - best).exp());
                    cumulated(weights)
                })
                .collect();
            for (log, cumulated) in general.iter_mut().zip(&given) {
                *log += cumulated
                    .last()
                    .copied()
                    .unwrap_or(0.0)
                    .max(f64::MIN_POSITIVE)
                    .ln();
            }
            all.push(given);
        }
        let best = general.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self {
            general: cumulated(general.iter().map(|log| (log - best).exp())),
            points,
            domains: all,
            count,
        }
    }

    /// Draws an ability for each domain.
    fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let theta = pick(&self.general, uniform(rng));
        self.domains
            .iter()
            .map(|given| {
                let at = given
                    .get(theta)
                    .map_or(0, |cumulated| pick(cumulated, uniform(rng)));
                self.points.get(at).copied().unwrap_or(0.0)
            })
            .collect()
    }
}

fn log_likelihood(domain: &DomainEvidence, ability: f64) -> f64 {
    let known = logistic(ability);
    let term = |e: &Exposure| {
        let weight = 0.5_f64.powf(e.age / HALF_LIFE);
        weight * e.likelihood(known).max(1e-9).ln()
    };
    domain.exposures.iter().map(term).sum()
}

fn cumulated(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

/// Finds the point at which cumulated weights reach a share of their sum.
fn pick(cumulated: &[f64], share: f64) -> usize {
    let sum = cumulated.last().copied().unwrap_or(0.0);
    cumulated
        .partition_point(|c| *c <= share * sum)
        .min(cumulated.len().saturating_sub(1))
}

#[cfg(test)]
mod tests;
