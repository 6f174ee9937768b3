//! The statistical model behind the chance to pass (docs/READINESS.md).
//!
//! What is known of a task is a point on the logit scale: the learner's general ability plus the task's own deviation,
//! less what was learned since the answer was given. The posterior is computed on a grid; from draws of it, moved to a
//! harder exam on a later day, follow draws of the chance to pass.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Ability grid: from, step, and number of points on the logit scale.
const GRID: (f64, f64, i32) = (-5.0, 0.2, 56);
/// Prior of the general ability: mean and standard deviation.
const ABILITY: (f64, f64) = (1.0, 1.2);
/// Standard deviations that tasks may have around the general ability, with their prior weights: it is not known
/// beforehand how unevenly somebody has studied.
const TASK_SD: [(f64, f64); 3] = [(0.3, 0.3), (0.6, 0.4), (1.0, 0.3)];
/// Logits a day by which the ability grew since an answer: mean, scale and degrees of freedom of a t distribution.
/// Most learners grow a little, some forget, and a beginner grows much faster than that.
const GROWTH: (f64, f64, f64) = (0.003, 0.0035, 4.0);
/// Grid of that growth, around its mean: step and the first and last multiple of it.
const GROWTH_GRID: (f64, std::ops::RangeInclusive<i32>) = (0.004, -3..=6);
/// How much harder the exam is than the bank, in logits: mean and standard deviation.
const HARDER: (f64, f64) = (0.2, 0.12);
/// Standard deviation that a day since the last first answer and until the exam adds, as a random walk.
const DAILY_SD: f64 = 0.03;
/// Standard deviation of the share of right answers that passes; AWS publishes none.
const CUT_SD: f64 = 0.005;
/// Ends of the interval.
const INTERVAL: (f64, f64) = (0.05, 0.95);

/// One first answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Exposure {
    /// Whether it was right.
    pub(super) correct: bool,
    /// 0 sure, 1 二択, 2 勘.
    pub(super) doubt: u8,
    /// The chance to be right without knowing anything.
    pub(super) guess: f64,
    /// Days ago.
    pub(super) age: f64,
}

impl Exposure {
    /// Gives the likelihood at a share of known questions.
    pub(super) fn likelihood(self, known: f64) -> f64 {
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
pub(super) struct DomainEvidence {
    /// Scored questions of the domain.
    pub(super) questions: u32,
    /// First answers by task. A task without any is as good as the others let expect.
    pub(super) tasks: Vec<Vec<Exposure>>,
}

impl DomainEvidence {
    /// Walks over the first answers of all tasks.
    pub(super) fn exposures(&self) -> impl Iterator<Item = &Exposure> {
        self.tasks.iter().flatten()
    }

    /// Counts the first answers.
    pub(super) fn count(&self) -> u64 {
        self.exposures().count() as u64
    }
}

/// The chance to pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chance {
    /// The mean over the draws.
    pub(super) mean: f64,
    /// Lower end of the 90 % interval, rounded down to a whole percent.
    pub(super) low: f64,
    /// Upper end, rounded up: finer than percents nobody can know it, and a chance of 99.99 % shall not lie outside
    /// because the draws ended at 99.98 %.
    pub(super) high: f64,
}

/// Gives the chance to pass at a share `cut` of right answers, some days ahead.
#[expect(clippy::cast_precision_loss, reason = "a few thousand draws")]
pub(super) fn chance_to_pass(
    domains: &[DomainEvidence],
    cut: f64,
    days: f64,
    draws: usize,
) -> Chance {
    // Nobody is taken to grow after the last first answer: what the days since have brought is not known.
    let ages = domains
        .iter()
        .flat_map(DomainEvidence::exposures)
        .map(|e| e.age);
    let idle = ages.reduce(f64::min).unwrap_or(0.0);
    let posterior = Posterior::of(domains, idle);
    let evidence: Vec<f64> = domains
        .iter()
        .flat_map(DomainEvidence::exposures)
        .map(|e| e.guess)
        .collect();
    // Whoever is lucky in the bank is as lucky in the exam: its questions have as many options.
    let guess = evidence.iter().sum::<f64>() / evidence.len().max(1) as f64;
    // The same evidence gives the same figure.
    let mut rng = ChaCha8Rng::seed_from_u64(evidence.len() as u64);
    let sd = HARDER.1.hypot(DAILY_SD * (idle + days).sqrt());
    let mut chances: Vec<f64> = (0..draws)
        .map(|_| {
            let shift = sd * normal(&mut rng) - HARDER.0;
            let cut = cut + CUT_SD * normal(&mut rng);
            let mut abilities = posterior.draw(&mut rng).into_iter();
            let shares = domains.iter().map(|domain| {
                let tasks = domain.tasks.len();
                let own = abilities.by_ref().take(tasks);
                let known = own.map(|a| logistic(a + shift)).sum::<f64>() / tasks.max(1) as f64;
                (domain.questions, known + (1.0 - known) * guess)
            });
            pass_probability(shares, cut)
        })
        .collect();
    chances.sort_by(f64::total_cmp);
    let mean = chances.iter().sum::<f64>() / chances.len().max(1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index below a few thousand"
    )]
    let at = |share: f64| {
        let index = (share * chances.len().saturating_sub(1) as f64).round() as usize;
        chances.get(index).copied().unwrap_or(mean)
    };
    Chance {
        mean,
        low: (at(INTERVAL.0) * 100.0).floor() / 100.0,
        high: (at(INTERVAL.1) * 100.0).ceil() / 100.0,
    }
}

/// Gives the probability that at least a share of the questions is answered right, each domain's questions with their
/// own probability: the distribution of the sum, question by question.
pub(super) fn pass_probability(domains: impl IntoIterator<Item = (u32, f64)>, cut: f64) -> f64 {
    let mut right = vec![1.0];
    for (questions, p) in domains {
        for _ in 0..questions {
            right.resize(right.len() + 1, 0.0);
            // `n` right answers were `n`, and this one missed, or one fewer, and this one right.
            let mut fewer = 0.0;
            for weight in &mut right {
                let before = *weight;
                *weight = before * (1.0 - p) + fewer * p;
                fewer = before;
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "fifty questions")]
    let needed = cut * (right.len() - 1) as f64;
    #[expect(clippy::cast_precision_loss, reason = "fifty questions")]
    let enough = |n: usize| n as f64 >= needed - 1e-9;
    let counts = right.iter().enumerate().filter(|(n, _)| enough(*n));
    counts.map(|(_, weight)| weight).sum()
}

pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A number from the standard normal distribution (Box and Muller).
pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v) = (uniform(rng), uniform(rng));
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A number from 0 up to but not including 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits of chance fill a float")]
pub(super) fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Density of a normal distribution, up to a factor.
fn bell(x: f64, sd: f64) -> f64 {
    (-(x / sd).powi(2) / 2.0).exp()
}

/// How likely a task's answers are at each ability of today, the best of them as 1.
type Likelihood = Vec<f64>;

/// The posterior on a grid.
struct Posterior {
    points: Vec<f64>,
    /// By growth, then by task.
    tasks: Vec<Vec<Likelihood>>,
    /// One per pair of growth and spread of tasks.
    cases: Vec<Case>,
    /// Cumulated weights of the cases.
    weights: Vec<f64>,
}

/// What the general ability can be if growth and spread of the tasks are known.
struct Case {
    /// Index of the growth.
    growth: usize,
    spread: Spread,
    /// Cumulated weights over the points.
    general: Vec<f64>,
}

/// The distribution of tasks around a general ability, on the grid.
#[derive(Clone)]
struct Spread {
    /// Weight by distance, from far below to far above.
    weights: Vec<f64>,
    points: usize,
}

impl Spread {
    fn new(sd: f64, points: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a hundred points")]
        let distance = |steps: usize| GRID.1 * steps.abs_diff(points - 1) as f64;
        let weights: Vec<f64> = (0..2 * points - 1).map(|i| bell(distance(i), sd)).collect();
        let sum: f64 = weights.iter().sum();
        Self {
            weights: weights.iter().map(|w| w / sum).collect(),
            points,
        }
    }

    /// Gives what each ability of a task weighs at a general ability once its answers are heard.
    fn heard(&self, general: usize, likelihood: &Likelihood) -> impl Iterator<Item = f64> {
        let own = self.weights.iter().skip(self.points - 1 - general);
        own.zip(likelihood).map(|(weight, l)| weight * l)
    }
}

impl Posterior {
    /// Computes it; nothing is assumed of the last `idle` days.
    fn of(domains: &[DomainEvidence], idle: f64) -> Self {
        let points: Vec<f64> = (0..GRID.2)
            .map(|i| GRID.0 + GRID.1 * f64::from(i))
            .collect();
        let spreads = TASK_SD.map(|(sd, prior)| (Spread::new(sd, points.len()), prior));
        let evidence: Vec<&Vec<Exposure>> = domains.iter().flat_map(|d| &d.tasks).collect();
        let (mut tasks, mut cases, mut logs) = (Vec::new(), Vec::new(), Vec::new());
        for (growth, (rate, rate_prior)) in growths().enumerate() {
            // The best of each task is taken out, so that many answers do not vanish below the smallest float.
            let (best, likelihoods): (Vec<f64>, Vec<Likelihood>) = evidence
                .iter()
                .map(|answers| likelihood(answers, &points, (rate, idle)))
                .unzip();
            let scale: f64 = best.iter().sum();
            for (spread, spread_prior) in &spreads {
                let (log, general) = general(&points, spread, &likelihoods);
                logs.push(log + scale + (rate_prior * spread_prior).ln());
                cases.push(Case {
                    growth,
                    spread: spread.clone(),
                    general,
                });
            }
            tasks.push(likelihoods);
        }
        let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self {
            points,
            tasks,
            cases,
            weights: cumulated(logs.iter().map(|log| (log - best).exp())),
        }
    }

    /// Draws today's ability in each task.
    fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let case = &self.cases[pick(&self.weights, uniform(rng))];
        let general = pick(&case.general, uniform(rng));
        let tasks = self.tasks[case.growth].iter().map(|likelihood| {
            let weights = cumulated(case.spread.heard(general, likelihood));
            let within = GRID.1 * (uniform(rng) - 0.5);
            self.points[pick(&weights, uniform(rng))] + within
        });
        tasks.collect()
    }
}

/// Walks over the growths that are considered, in logits a day, with their prior weights.
fn growths() -> impl Iterator<Item = (f64, f64)> {
    let (mean, scale, freedom) = GROWTH;
    let (step, multiples) = GROWTH_GRID;
    multiples.map(move |i| {
        let off = step * f64::from(i);
        let t = (1.0 + (off / scale).powi(2) / freedom).powf(-f64::midpoint(freedom, 1.0));
        (mean + off, t)
    })
}

/// Gives how likely a task's answers are at each ability of today, as the logarithm of the best and the others against
/// it.
fn likelihood(answers: &[Exposure], points: &[f64], (rate, idle): (f64, f64)) -> (f64, Likelihood) {
    let at = |today: &f64| {
        let term = |e: &Exposure| {
            let known = logistic(today - rate * (e.age - idle));
            e.likelihood(known).max(1e-9).ln()
        };
        answers.iter().map(term).sum::<f64>()
    };
    let logs: Vec<f64> = points.iter().map(at).collect();
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (best, logs.iter().map(|log| (log - best).exp()).collect())
}

/// Gives the evidence for a spread as a logarithm, and the cumulated posterior of the general ability under it.
fn general(points: &[f64], spread: &Spread, tasks: &[Likelihood]) -> (f64, Vec<f64>) {
    let at = |(i, point): (usize, &f64)| {
        let prior = bell(point - ABILITY.0, ABILITY.1).max(f64::MIN_POSITIVE);
        let heard = |l: &Likelihood| spread.heard(i, l).sum::<f64>().max(f64::MIN_POSITIVE);
        prior.ln() + tasks.iter().map(|l| heard(l).ln()).sum::<f64>()
    };
    let logs: Vec<f64> = points.iter().enumerate().map(at).collect();
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights = cumulated(logs.iter().map(|log| (log - best).exp()));
    let sum = weights.last().copied().unwrap_or(1.0);
    (best + sum.ln(), weights)
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
