//! Made-up learners of models other than ours, whose true chance to pass is known.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::model::{DomainEvidence, Exposure, logistic, normal, pass_probability, uniform};

/// Tasks and scored questions of the domains of SAA-C03.
const TASKS: [(usize, u32); 4] = [(3, 15), (2, 13), (5, 12), (4, 10)];
/// Highest share of right answers where there are slips: whoever knows misreads one in thirty.
const SLIP: f64 = 0.97;
/// Items drawn to find the mean of a question's chance.
const ITEMS: u32 = 200;

/// How abilities of tasks lie around the general one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tasks {
    /// Normal, with this standard deviation.
    Normal(f64),
    /// Normal, with a standard deviation from .2 to .9 that differs from learner to learner.
    Any,
    /// Domains around the general ability, and tasks around their domain.
    Domains(f64, f64),
    /// Student's t with five degrees of freedom and this scale.
    Heavy(f64),
}

/// How items turn ability into right answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Items {
    /// `c + (1 - c) / (1 + exp(-1.7 a (θ - b)))`, c = .22, with mean and spread of ln a and the spread of b.
    ThreePl((f64, f64), f64),
    /// One slope for all, a chance of a guess from .15 to .30, slips, and this spread of b.
    Slips(f64),
}

/// How the ability came to be what it is today.
#[derive(Debug, Clone, Copy)]
pub(super) enum Past {
    /// By so many logits a day, somewhere between.
    Rate(f64, f64),
    /// Every second learner took a course: gain in logits, days ago.
    Course(f64, f64),
    /// A random walk: standard deviation of a day.
    Walk(f64),
}

/// In which order tasks were studied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As the blueprint weighs them, any day.
    Blueprint,
    /// The weakest first, and more of them.
    WeakFirst,
    /// Either.
    Either,
}

/// A kind of learner, with the exam that awaits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Mean and standard deviation of the general ability.
    general: (f64, f64),
    tasks: Tasks,
    items: Items,
    past: Past,
    /// By how much the exam is harder than the bank, on the items' own scale: between these, every value alike.
    harder: (f64, f64),
    /// Age of the oldest first answers, in days.
    days: f64,
    order: Order,
}

const ITEMS_3PL: Items = Items::ThreePl((-0.3, 0.3), 0.8);
const STEADY: Past = Past::Rate(0.0, 0.0);

/// A learner of 3PL items whose exam is so much harder.
const fn steady(name: &'static str, harder: (f64, f64)) -> Kind {
    Kind {
        name,
        general: (1.0, 0.9),
        tasks: Tasks::Normal(0.5),
        items: ITEMS_3PL,
        past: STEADY,
        harder,
        days: 30.0,
        order: Order::Blueprint,
    }
}

/// Kinds on which the constants of the model were chosen.
pub(super) const CHOSEN_ON: [Kind; 5] = [
    steady("3PL", (-0.2, 0.6)),
    Kind {
        tasks: Tasks::Normal(0.7),
        days: 60.0,
        order: Order::WeakFirst,
        ..steady("weak tasks first", (0.0, 0.4))
    },
    Kind {
        general: (1.0, 1.0),
        tasks: Tasks::Any,
        past: Past::Rate(-0.006, 0.012),
        days: 60.0,
        order: Order::Either,
        ..steady("mixed", (0.0, 0.4))
    },
    Kind {
        general: (1.3, 1.0),
        tasks: Tasks::Heavy(0.5),
        items: Items::Slips(1.1),
        past: Past::Rate(0.0, 0.01),
        days: 45.0,
        ..steady("rising, heavy tails", (-0.25, 0.55))
    },
    Kind {
        general: (0.8, 1.0),
        tasks: Tasks::Normal(0.4),
        items: Items::Slips(0.8),
        past: Past::Course(0.5, 25.0),
        days: 60.0,
        order: Order::WeakFirst,
        ..steady("a course between", (0.0, 0.4))
    },
];

/// Kinds that were first met when the constants stood.
pub(super) const NEVER_SEEN: [Kind; 4] = [
    Kind {
        general: (0.6, 1.1),
        items: Items::ThreePl((0.0, 0.4), 0.5),
        past: Past::Walk(0.03),
        days: 40.0,
        order: Order::Either,
        ..steady("steep items, random walk", (0.0, 0.4))
    },
    Kind {
        general: (1.1, 0.8),
        tasks: Tasks::Heavy(0.7),
        items: Items::Slips(0.6),
        past: Past::Rate(-0.004, 0.008),
        days: 20.0,
        order: Order::WeakFirst,
        ..steady("uneven, recent", (0.1, 0.3))
    },
    Kind {
        general: (1.2, 1.0),
        tasks: Tasks::Domains(0.4, 0.3),
        past: Past::Rate(-0.008, 0.0),
        days: 60.0,
        ..steady("forgetting, domains apart", (0.0, 0.4))
    },
    Kind {
        general: (0.9, 0.7),
        tasks: Tasks::Domains(0.2, 0.6),
        items: Items::ThreePl((-0.1, 0.2), 1.0),
        past: Past::Rate(0.0, 0.015),
        days: 60.0,
        order: Order::Either,
        ..steady("rising fast", (0.0, 0.4))
    },
];

/// What cannot be known from first answers, at its ends: the interval is not claimed to hold here.
pub(super) const ENDS: [Kind; 3] = [
    steady("exam as hard as the bank", (0.0, 0.0)),
    steady("exam .4 harder", (0.4, 0.4)),
    Kind {
        general: (1.2, 0.8),
        past: Past::Rate(0.008, 0.018),
        days: 120.0,
        ..steady("beginner, 120 days", (0.0, 0.4))
    },
];

/// One learner.
pub(super) struct Learner {
    kind: Kind,
    /// Ability in each task today.
    tasks: Vec<f64>,
    /// What the ability of so many days ago lacked, by day.
    lacked: Vec<f64>,
    harder: f64,
    weak_first: bool,
    rng: ChaCha8Rng,
}

impl Learner {
    /// Makes a learner of a kind.
    pub(super) fn new(kind: Kind, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let between =
            |rng: &mut ChaCha8Rng, (from, to): (f64, f64)| from + (to - from) * uniform(rng);
        let general = kind.general.0 + kind.general.1 * normal(&mut rng);
        let any = between(&mut rng, (0.2, 0.9));
        let mut tasks = Vec::new();
        for (count, _) in TASKS {
            let domain = normal(&mut rng);
            tasks.extend((0..count).map(|_| {
                let own = normal(&mut rng);
                general
                    + match kind.tasks {
                        Tasks::Normal(sd) => sd * own,
                        Tasks::Any => any * own,
                        Tasks::Domains(of_domain, of_task) => of_domain * domain + of_task * own,
                        Tasks::Heavy(scale) => {
                            let squares = (0..5).map(|_| normal(&mut rng).powi(2)).sum::<f64>();
                            scale * own / (squares / 5.0).sqrt()
                        }
                    }
            }));
        }
        let lacked = lacked(kind.past, &mut rng);
        let harder = between(&mut rng, kind.harder);
        let either = uniform(&mut rng) < 0.5;
        Self {
            kind,
            tasks,
            lacked,
            harder,
            weak_first: kind.order == Order::WeakFirst || (kind.order == Order::Either && either),
            rng,
        }
    }

    /// Gives the chance of a right answer to an item drawn at random.
    fn item(&mut self, ability: f64) -> f64 {
        let rng = &mut self.rng;
        match self.kind.items {
            Items::ThreePl((mean, sd), spread) => {
                let slope = 1.7 * (mean + sd * normal(rng)).exp();
                0.22 + 0.78 * logistic(slope * (ability - spread * normal(rng)))
            }
            Items::Slips(spread) => {
                let guess = 0.15 + 0.15 * uniform(rng);
                guess + (SLIP - guess) * logistic(ability - spread * normal(rng))
            }
        }
    }

    /// Gives the first answers, about so many of them.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few hundred answers"
    )]
    pub(super) fn study(&mut self, first_answers: usize) -> Vec<DomainEvidence> {
        let mut order: Vec<usize> = (0..self.tasks.len()).collect();
        order.sort_by(|a, b| self.tasks[*a].total_cmp(&self.tasks[*b]));
        // From 0 for the weakest task to nearly 1 for the strongest.
        let rank = |task: usize| {
            let at = order.iter().position(|t| *t == task).unwrap();
            at as f64 / order.len() as f64
        };
        let shares: Vec<f64> = TASKS
            .iter()
            .flat_map(|(tasks, questions)| {
                std::iter::repeat_n(f64::from(*questions) / *tasks as f64, *tasks)
            })
            .enumerate()
            .map(|(task, share)| {
                share
                    * if self.weak_first {
                        2.0 - 1.5 * rank(task)
                    } else {
                        1.0
                    }
            })
            .collect();
        let sum: f64 = shares.iter().sum();
        let mut task = 0;
        let mut domains = Vec::new();
        for (tasks, questions) in TASKS {
            let mut of_domain = Vec::new();
            for _ in 0..tasks {
                let count = (first_answers as f64 * shares[task] / sum).round() as usize;
                let answers = (0..count).map(|_| {
                    let any = uniform(&mut self.rng);
                    let part = if self.weak_first {
                        (1.0 - rank(task)) * (0.5 + 0.5 * any)
                    } else {
                        any
                    };
                    let age = (self.kind.days * part).floor();
                    let ability = self.tasks[task] - self.lacked[age as usize];
                    let chance = self.item(ability);
                    Exposure {
                        correct: uniform(&mut self.rng) < chance,
                        doubt: 0,
                        guess: 0.25,
                        age,
                    }
                });
                of_domain.push(answers.collect());
                task += 1;
            }
            domains.push(DomainEvidence {
                questions,
                tasks: of_domain,
            });
        }
        domains
    }

    /// Gives the true chance to pass today: each question is an item drawn at random.
    pub(super) fn truth(&mut self) -> f64 {
        let mut means = Vec::new();
        for task in 0..self.tasks.len() {
            let ability = self.tasks[task] - self.harder;
            let sum: f64 = (0..ITEMS).map(|_| self.item(ability)).sum();
            means.push(sum / f64::from(ITEMS));
        }
        let mut from = 0;
        let mut shares = Vec::new();
        for (tasks, questions) in TASKS {
            let own = means[from..from + tasks].iter().cycle();
            shares.extend(own.take(questions as usize).map(|mean| (1, *mean)));
            from += tasks;
        }
        pass_probability(shares, 0.72)
    }
}

fn lacked(past: Past, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let (rate, course, mut walked) = (uniform(rng), uniform(rng) < 0.5, 0.0);
    let days = (0..=120).map(|day| match past {
        Past::Rate(from, to) => (from + (to - from) * rate) * f64::from(day),
        Past::Course(gain, ago) if course && f64::from(day) > ago => gain,
        Past::Course(..) => 0.0,
        Past::Walk(sd) => {
            walked += sd * normal(rng);
            walked
        }
    });
    days.collect()
}
