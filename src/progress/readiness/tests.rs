use super::learners::{CHOSEN_ON, ENDS, Kind, Learner, NEVER_SEEN};
use super::model::pass_probability;
use super::*;

/// What came of many learners.
#[derive(Default)]
struct Tally {
    learners: f64,
    inside: f64,
    error: f64,
    width: f64,
}

impl Tally {
    fn add(&mut self, kind: Kind, first_answers: usize, seeds: std::ops::Range<u64>) {
        for seed in seeds {
            let mut learner = Learner::new(kind, seed);
            let evidence = learner.study(first_answers);
            let truth = learner.truth();
            let chance = chance_to_pass(&evidence, 0.72, 0.0, 300);
            let inside = chance.low <= truth && truth <= chance.high;
            self.learners += 1.0;
            self.inside += f64::from(u8::from(inside));
            self.error += chance.mean - truth;
            self.width += chance.high - chance.low;
        }
    }

    fn covered(&self) -> f64 {
        self.inside / self.learners
    }

    fn bias(&self) -> f64 {
        self.error / self.learners
    }
}

/// Judges a kind over three amounts of evidence together: one hundred and twenty learners leave an error of three
/// points. The table of docs/READINESS.md has more.
fn judge(kinds: &[Kind], covered: std::ops::RangeInclusive<f64>, most_bias: f64) {
    for kind in kinds {
        let mut tally = Tally::default();
        for first_answers in [60, 120, 300] {
            tally.add(*kind, first_answers, 10_000..10_040);
        }
        let (share, bias) = (tally.covered(), tally.bias());
        assert!(covered.contains(&share), "{}: {share} covered", kind.name);
        assert!(bias.abs() < most_bias, "{}: bias {bias}", kind.name);
    }
}

#[test]
fn the_interval_covers_learners_of_other_models() {
    judge(&CHOSEN_ON, 0.82..=0.99, 0.1);
}

#[test]
fn the_interval_covers_learners_never_seen_before() {
    judge(&NEVER_SEEN, 0.82..=0.99, 0.1);
}

/// Prints the table of docs/READINESS.md: `cargo test --lib readiness -- --ignored --nocapture`, some minutes.
#[test]
#[ignore = "measures; the tests above judge the same on fewer learners"]
fn table() {
    for (part, kinds) in [
        ("chosen on", CHOSEN_ON.as_slice()),
        ("never seen", NEVER_SEEN.as_slice()),
        ("ends", ENDS.as_slice()),
    ] {
        for kind in kinds {
            let cells = [60, 120, 300].map(|first_answers| {
                let mut tally = Tally::default();
                tally.add(*kind, first_answers, 50_000..50_400);
                let (covered, bias) = (tally.covered() * 100.0, tally.bias());
                let width = tally.width / tally.learners;
                format!("{covered:.1} %, {bias:+.2}, {width:.2}")
            });
            println!("| {part} | {} | {} |", kind.name, cells.join(" | "));
        }
    }
}

#[test]
fn the_sum_of_questions_is_exact() {
    let p = pass_probability([(2, 0.5), (1, 1.0)], 0.6);
    assert!((p - 0.75).abs() < 1e-12, "{p}");
    assert!((pass_probability([(50, 0.9)], 0.0) - 1.0).abs() < 1e-9);
}

fn answer(correct: bool, doubt: u8, age: f64) -> Exposure {
    Exposure {
        correct,
        doubt,
        guess: 0.25,
        age,
    }
}

#[test]
fn a_lucky_guess_is_no_sign_of_knowledge() {
    let [right, wrong] = [true, false].map(|correct| answer(correct, 2, 0.0).likelihood(0.7));
    assert!((right - wrong).abs() < 1e-12);
}

/// One domain of two tasks: so many answers each, and every which of them is wrong.
fn domain(tasks: [(usize, usize); 2], age: impl Fn(usize) -> f64) -> Vec<DomainEvidence> {
    let task = |(count, wrong): (usize, usize)| {
        let answers = (0..count).map(|n| answer(n % wrong != 0, 0, age(n)));
        answers.collect()
    };
    vec![DomainEvidence {
        questions: 50,
        tasks: tasks.map(task).to_vec(),
    }]
}

#[test]
fn studying_a_weak_task_more_does_not_make_the_exam_ask_it_more() {
    let mean = |tasks| chance_to_pass(&domain(tasks, |_| 1.0), 0.72, 0.0, 500).mean;
    // Half of the answers to the weak task are wrong; one in twenty of the strong one.
    let (even, weak_first) = (mean([(60, 2), (60, 20)]), mean([(180, 2), (60, 20)]));
    assert!((even - weak_first).abs() < 0.1, "{even} {weak_first}");
}

#[test]
fn old_answers_say_less_than_fresh_ones() {
    let width = |age: f64| {
        let chance = chance_to_pass(&domain([(60, 4), (60, 4)], |_| age), 0.72, 0.0, 500);
        chance.high - chance.low
    };
    assert!(width(90.0) > width(1.0) + 0.1);
}

#[test]
fn whoever_has_grown_is_told_so() {
    // The same answers; in one history the wrong ones are the old ones, in the other the fresh ones.
    let mean = |old_are_wrong: bool| {
        let age = |n: usize| {
            if n.is_multiple_of(4) == old_are_wrong {
                80.0
            } else {
                5.0
            }
        };
        chance_to_pass(&domain([(100, 4), (100, 4)], age), 0.72, 0.0, 500).mean
    };
    assert!(mean(true) > mean(false) + 0.1);
}

#[test]
fn days_without_study_widen_the_interval_and_credit_no_growth() {
    let after = |idle: f64| {
        let age = |n: usize| idle + if n.is_multiple_of(4) { 40.0 } else { 5.0 };
        chance_to_pass(&domain([(60, 4), (60, 4)], age), 0.72, 0.0, 500)
    };
    let (at_once, later) = (after(0.0), after(60.0));
    assert!(later.mean <= at_once.mean + 0.02, "{at_once:?} {later:?}");
    assert!(later.high - later.low > at_once.high - at_once.low);
}
