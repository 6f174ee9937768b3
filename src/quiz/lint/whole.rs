//! Checks of a bank as a whole: doubles, balance of letters, quotas, and whether one can pass without knowledge.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::question::terms;
use super::{Findings, LintReference};
use crate::exam::Exam;
use crate::quiz::card::{Card, Choice, Kind};

/// Share of common character pairs above which two stems count as the same question.
const DUPLICATE: f64 = 0.8;
/// Fewest questions of which a share says anything.
const ENOUGH: usize = 40;
/// Highest share of right answers that may stand under one letter before shuffling; a quarter is even.
const LETTER_SHARE: f64 = 0.34;
/// Highest share of single-answer questions that a strategy without knowledge may get right.
pub const GUESSABLE: f64 = 0.32;
/// Fewest exam questions of each task.
const TASK_QUOTA: usize = 12;

/// Checks the bank.
pub(super) fn check(cards: &[Card], reference: &LintReference, findings: &mut Findings<'_>) {
    duplicates(cards, findings);
    for exam in Exam::ALL {
        let of_exam: Vec<&Card> = cards.iter().filter(|c| c.exam == exam).collect();
        if of_exam.is_empty() {
            continue;
        }
        let path = format!("quizzes/{}", exam.code().to_lowercase());
        letters(&of_exam, &path, findings);
        strategies(&of_exam, &path, findings);
        quotas(&of_exam, exam, &path, reference, findings);
    }
}

/// Reports stems that say nearly the same; candidates share an uncommon pair of characters, so not all pairs are compared.
fn duplicates(cards: &[Card], findings: &mut Findings<'_>) {
    let pairs: Vec<BTreeSet<(char, char)>> = cards.iter().map(|c| bigrams(&c.question())).collect();
    let mut holders: HashMap<(char, char), Vec<usize>> = HashMap::new();
    for (at, set) in pairs.iter().enumerate() {
        for pair in set {
            holders.entry(*pair).or_default().push(at);
        }
    }
    for (at, card) in cards.iter().enumerate() {
        let Some(own) = pairs.get(at) else { continue };
        // Two sets that share 80 % share at least one of any quarter of the rarest pairs.
        let mut rare: Vec<&(char, char)> = own.iter().collect();
        rare.sort_by_key(|pair| holders.get(*pair).map_or(0, Vec::len));
        let earlier: BTreeSet<usize> = rare
            .into_iter()
            .take(own.len() / 4 + 1)
            .flat_map(|pair| holders.get(pair).into_iter().flatten().copied())
            .filter(|other| *other < at)
            .collect();
        let double = earlier
            .into_iter()
            .filter_map(|other| Some((cards.get(other)?, pairs.get(other)?)))
            .find(|(other, set)| {
                other.exam == card.exam
                    && other.kind() == card.kind()
                    && jaccard(own, set) >= DUPLICATE
            });
        if let Some((other, _)) = double {
            findings.warn("quiz-near-duplicate", card, "id", &[("other", &other.id.0)]);
        }
    }
}

fn bigrams(text: &str) -> BTreeSet<(char, char)> {
    let folded: Vec<char> = crate::text::fold(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    folded
        .iter()
        .copied()
        .zip(folded.iter().copied().skip(1))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "sets of a few hundred")]
fn jaccard<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> f64 {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    if all == 0 {
        0.0
    } else {
        common as f64 / all as f64
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of questions")]
fn letters(cards: &[&Card], path: &str, findings: &mut Findings<'_>) {
    let singles: Vec<&&Card> = cards.iter().filter(|c| c.kind() == Kind::Single).collect();
    if singles.len() < ENOUGH {
        return;
    }
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for card in &singles {
        if let Some(at) = card.options().iter().position(|o| o.correct) {
            *counts.entry(at).or_default() += 1;
        }
    }
    for (at, count) in counts {
        let share = count as f64 / singles.len() as f64;
        if share > LETTER_SHARE {
            let letter = char::from(b'a'.saturating_add(u8::try_from(at).unwrap_or(25)));
            let shown = format!("{:.0}%", share * 100.0);
            let args = [("letter", letter.to_string()), ("share", shown)];
            let args: Vec<(&'static str, &str)> =
                args.iter().map(|(n, v)| (*n, v.as_str())).collect();
            findings.whole("quiz-letter-bias", path, &args);
        }
    }
}

/// A way to answer without knowing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The longest option.
    Longest,
    /// An option without an absolute word; chance decides among them.
    NoAbsoluteWord,
    /// The option that shares most words with the stem.
    MostSharedWords,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Longest, Self::NoAbsoluteWord, Self::MostSharedWords];

    /// Gives the strategy's name in findings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Longest => "longest-option",
            Self::NoAbsoluteWord => "no-absolute-word",
            Self::MostSharedWords => "most-shared-words",
        }
    }

    /// Values an option; the highest is chosen, chance decides among equals.
    fn value(self, stem: &str, option: &Choice) -> usize {
        match self {
            Self::Longest => option.text.chars().count(),
            Self::NoAbsoluteWord => {
                let absolute = ["すべて", "全て", "常に", "決して", "必ず", "絶対"];
                usize::from(!absolute.iter().any(|word| option.text.contains(word)))
            }
            Self::MostSharedWords => {
                let words = |text: &str| {
                    let pairs = bigrams(text)
                        .into_iter()
                        .filter(|(a, b)| kanji(*a) && kanji(*b));
                    let pairs = pairs.map(|(a, b)| format!("{a}{b}"));
                    terms(text)
                        .into_iter()
                        .chain(pairs)
                        .collect::<BTreeSet<_>>()
                };
                words(stem).intersection(&words(&option.text)).count()
            }
        }
    }
}

fn kanji(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// Gives the share of single-answer questions that a strategy gets right, in expectation where chance decides; `None`
/// where there are none.
#[expect(clippy::cast_precision_loss, reason = "counts of questions")]
pub fn score_of<'a>(strategy: Strategy, cards: impl IntoIterator<Item = &'a Card>) -> Option<f64> {
    let mut right = 0.0;
    let mut all = 0;
    for card in cards.into_iter().filter(|c| c.kind() == Kind::Single) {
        let stem = card.question();
        let values: Vec<usize> = card
            .options()
            .iter()
            .map(|o| strategy.value(&stem, o))
            .collect();
        let best = values.iter().max().copied().unwrap_or(0);
        let chosen = values.iter().filter(|v| **v == best).count().max(1);
        let hit = card
            .options()
            .iter()
            .zip(&values)
            .any(|(o, v)| o.correct && *v == best);
        right += f64::from(u8::from(hit)) / chosen as f64;
        all += 1;
    }
    (all > 0).then(|| right / f64::from(all))
}

fn strategies(cards: &[&Card], path: &str, findings: &mut Findings<'_>) {
    if cards.iter().filter(|c| c.kind() == Kind::Single).count() < ENOUGH {
        return;
    }
    for strategy in Strategy::ALL {
        let score = score_of(strategy, cards.iter().copied()).unwrap_or(0.0);
        if score > GUESSABLE {
            let shown = format!("{:.0}%", score * 100.0);
            let args = [("strategy", strategy.name()), ("share", shown.as_str())];
            findings.whole("quiz-guessable", path, &args);
        }
    }
}

/// Reports tasks of the versions in force or to come that have too few exam questions.
fn quotas(
    cards: &[&Card],
    exam: Exam,
    path: &str,
    reference: &LintReference,
    findings: &mut Findings<'_>,
) {
    let current = reference.blueprints.exams.iter().filter(|b| {
        b.code.exam() == Some(exam) && b.last_day.is_none_or(|last| last >= reference.today)
    });
    // The version that outlives the others is the one to fill.
    let Some(blueprint) = current.max_by_key(|b| b.valid_from) else {
        return;
    };
    for task in blueprint.tasks() {
        let count = cards
            .iter()
            .filter(|c| c.kind().is_choice() && c.tasks_in(&blueprint.code).contains(&task.id))
            .count();
        if count < TASK_QUOTA {
            let (found, wanted) = (count.to_string(), TASK_QUOTA.to_string());
            let args = [
                ("exam", blueprint.code.0.as_str()),
                ("task", task.id.0.as_str()),
                ("found", found.as_str()),
                ("wanted", wanted.as_str()),
            ];
            findings.whole("quiz-task-quota", path, &args);
        }
    }
}
