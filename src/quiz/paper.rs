//! Which questions make up a mock exam: pure functions of the bank.
//!
//! Within each domain the fit questions stand in an order given by the hash of their ids. Seeds 1 to 5 take one slice
//! after the other, so that their papers share no question while the bank is deep enough; the questions of the first
//! two slices are kept out of study sessions until a mock exam has asked them.

use std::collections::{BTreeMap, BTreeSet};

use super::card::{Card, CardId};
use super::seed;
use crate::exam::{Blueprint, Blueprints, ExamRules};

/// Slices that are kept for mock exams: two papers of 65 make the 130 reserved questions.
const RESERVED_PAPERS: usize = 2;
/// No more than one in this many questions of a domain is reserved, so that a small bank can still be studied.
const RESERVED_SHARE: usize = 2;
/// Seeds whose papers share no question.
pub const DISJOINT_SEEDS: u64 = 5;

/// How many questions of a domain a paper holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The domain.
    pub domain: String,
    /// Questions that count.
    pub scored: usize,
    /// Questions that do not.
    pub unscored: usize,
}

/// One question of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperItem {
    /// The question.
    pub id: CardId,
    /// The domain it stands for.
    pub domain: String,
    /// Whether it counts.
    pub scored: bool,
}

/// A paper, in the order in which its questions are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The questions.
    pub items: Vec<PaperItem>,
    /// How many of them another of the papers of seeds 1 to 5 asks as well, for want of questions.
    pub repeated: usize,
}

/// Says that a domain has too few questions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{missing} questions are missing for a paper of {wanted}: {by_domain:?}")]
pub struct TooFewQuestions {
    /// How many are missing in all.
    pub missing: usize,
    /// How many questions the paper was to have.
    pub wanted: usize,
    /// How many are missing in each domain.
    pub by_domain: Vec<(String, usize)>,
    /// The longest paper that the bank can fill.
    pub possible: usize,
}

/// Shares a number out in proportion to weights, by largest remainder; ties go to the earlier.
fn share_out(total: usize, weights: &[u32]) -> Vec<usize> {
    let sum = weights.iter().map(|w| *w as usize).sum::<usize>().max(1);
    let mut shares: Vec<usize> = weights.iter().map(|w| total * *w as usize / sum).collect();
    let mut by_rest: Vec<usize> = (0..weights.len()).collect();
    by_rest.sort_by_key(|at| {
        let weight = weights.get(*at).map_or(0, |w| *w as usize);
        std::cmp::Reverse(total * weight % sum)
    });
    let left = total - shares.iter().sum::<usize>();
    for at in by_rest.into_iter().cycle().take(left) {
        if let Some(share) = shares.get_mut(at) {
            *share += 1;
        }
    }
    shares
}

/// Gives the quotas of a paper of some questions; at the exam's own length the scored counts are the blueprint's.
pub fn quotas(blueprint: &Blueprint, rules: &ExamRules, questions: usize) -> Vec<Quota> {
    let whole = rules.questions_total as usize;
    let counts: Vec<u32> = blueprint
        .domains
        .iter()
        .map(|d| d.scored_questions)
        .collect();
    let unscored_total = if questions == whole {
        rules.questions_unscored as usize
    } else {
        questions * rules.questions_unscored as usize / whole.max(1)
    };
    let scored = share_out(questions - unscored_total, &counts);
    let unscored = share_out(unscored_total, &counts);
    blueprint
        .domains
        .iter()
        .zip(scored.into_iter().zip(unscored))
        .map(|(domain, (scored, unscored))| Quota {
            domain: domain.id.clone(),
            scored,
            unscored,
        })
        .collect()
}

/// Sorts the fit questions of a version by domain, each domain in the order of its hashes.
fn by_domain<'a>(cards: &'a [Card], blueprint: &Blueprint) -> BTreeMap<&'a str, Vec<&'a Card>> {
    let mut domains: BTreeMap<&str, Vec<&Card>> = BTreeMap::new();
    for card in cards.iter().filter(|c| c.fit_for_mock(&blueprint.code)) {
        if let Some(task) = card.main_task(&blueprint.code) {
            domains.entry(task.domain()).or_default().push(card);
        }
    }
    for list in domains.values_mut() {
        seed::order(list, "mock", |card| &card.id.0);
    }
    domains
}

/// Gives the questions kept for mock exams, over all versions that have no announced end.
pub fn reserved(cards: &[Card], blueprints: &Blueprints) -> BTreeSet<CardId> {
    let mut kept = BTreeSet::new();
    for blueprint in blueprints.exams.iter().filter(|b| b.last_day.is_none()) {
        let domains = by_domain(cards, blueprint);
        let whole = blueprints.common.questions_total as usize;
        for quota in quotas(blueprint, &blueprints.common, whole) {
            let list = domains
                .get(quota.domain.as_str())
                .map_or(&[][..], Vec::as_slice);
            let wanted = RESERVED_PAPERS * (quota.scored + quota.unscored);
            let take = wanted.min(list.len() / RESERVED_SHARE);
            kept.extend(list.iter().take(take).map(|card| card.id.clone()));
        }
    }
    kept
}

/// How the questions of a paper are chosen.
#[derive(Debug, Clone, Copy)]
pub enum Choose<'a> {
    /// By seed alone.
    Seed(u64),
    /// Those not in the set first; the seed decides among equals.
    Unseen {
        /// The questions already asked.
        seen: &'a BTreeSet<CardId>,
        /// The seed.
        seed: u64,
    },
}

/// Puts a paper together.
///
/// # Errors
/// When a domain has fewer fit questions than its quota.
pub fn draw(
    cards: &[Card],
    blueprint: &Blueprint,
    rules: &ExamRules,
    questions: usize,
    choose: Choose<'_>,
) -> Result<Paper, TooFewQuestions> {
    let domains = by_domain(cards, blueprint);
    let quotas = quotas(blueprint, rules, questions);
    let have = |quota: &Quota| domains.get(quota.domain.as_str()).map_or(0, Vec::len);
    let by_missing: Vec<(String, usize)> = quotas
        .iter()
        .map(|q| {
            (
                q.domain.clone(),
                (q.scored + q.unscored).saturating_sub(have(q)),
            )
        })
        .filter(|(_, missing)| *missing > 0)
        .collect();
    if !by_missing.is_empty() {
        return Err(TooFewQuestions {
            missing: by_missing.iter().map(|(_, n)| n).sum(),
            wanted: questions,
            by_domain: by_missing,
            possible: possible(&domains, blueprint, rules, questions),
        });
    }
    let seed = match choose {
        Choose::Seed(seed) | Choose::Unseen { seed, .. } => seed.to_string(),
    };
    let mut items = Vec::new();
    let mut repeated = 0;
    for quota in &quotas {
        let list = domains
            .get(quota.domain.as_str())
            .map_or(&[][..], Vec::as_slice);
        let size = quota.scored + quota.unscored;
        let (mut chosen, again) = pick(list, size, choose, &seed);
        repeated += again;
        // Which of them count is part of the paper, and not to be seen from their order.
        seed::order(&mut chosen, &format!("scored/{seed}"), |card| &card.id.0);
        items.extend(chosen.into_iter().enumerate().map(|(at, card)| PaperItem {
            id: card.id.clone(),
            domain: quota.domain.clone(),
            scored: at < quota.scored,
        }));
    }
    seed::order(&mut items, &format!("paper/{seed}"), |item| &item.id.0);
    Ok(Paper { items, repeated })
}

/// Picks questions of a domain; also says how many another of the disjoint papers asks too.
fn pick<'a>(
    list: &[&'a Card],
    size: usize,
    choose: Choose<'_>,
    seed: &str,
) -> (Vec<&'a Card>, usize) {
    match choose {
        Choose::Seed(number) if (1..=DISJOINT_SEEDS).contains(&number) => {
            let from = (usize::try_from(number).unwrap_or(1) - 1) * size;
            let own: Vec<&Card> = list.iter().skip(from).take(size).copied().collect();
            let missing = size - own.len();
            // Too short a list: take up again from its beginning.
            let again = list.iter().filter(|c| !own.iter().any(|o| o.id == c.id));
            let chosen: Vec<&Card> = own
                .iter()
                .copied()
                .chain(again.take(missing).copied())
                .collect();
            (chosen, missing)
        }
        Choose::Seed(_) => {
            let mut list = list.to_vec();
            seed::order(&mut list, &format!("draw/{seed}"), |card| &card.id.0);
            list.truncate(size);
            (list, 0)
        }
        Choose::Unseen { seen, .. } => {
            let mut list = list.to_vec();
            seed::order(&mut list, &format!("draw/{seed}"), |card| &card.id.0);
            list.sort_by_key(|card| seen.contains(&card.id));
            list.truncate(size);
            (list, 0)
        }
    }
}

/// Finds the longest paper that the bank can fill.
fn possible(
    domains: &BTreeMap<&str, Vec<&Card>>,
    blueprint: &Blueprint,
    rules: &ExamRules,
    below: usize,
) -> usize {
    let fits = |questions: &usize| {
        quotas(blueprint, rules, *questions)
            .iter()
            .all(|q| domains.get(q.domain.as_str()).map_or(0, Vec::len) >= q.scored + q.unscored)
    };
    (1..below).rev().find(fits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::bank::tests::{GOOD, reference};
    use super::*;
    use crate::exam::{Exam, ExamVersion, TaskId};

    /// A bank of the given depth in every domain of SAA-C03.
    pub(crate) fn deep_bank(per_domain: usize) -> Vec<Card> {
        let model = super::super::BankFile::read("x", GOOD, &reference())
            .cards
            .remove(0);
        (1..=4)
            .flat_map(|domain| (0..per_domain).map(move |n| (domain, n)))
            .map(|(domain, n)| {
                let mut card = model.clone();
                card.id = CardId(format!("saa-{domain}-{n:03}"));
                let task = vec![TaskId(format!("{domain}.1"))];
                card.task = [(ExamVersion("SAA-C03".to_owned()), task)].into();
                card
            })
            .collect()
    }

    fn paper(
        cards: &[Card],
        questions: usize,
        choose: Choose<'_>,
    ) -> Result<Paper, TooFewQuestions> {
        let b = reference().blueprints;
        let blueprint = b
            .exams
            .iter()
            .find(|b| b.code.exam() == Some(Exam::Saa))
            .unwrap();
        draw(cards, blueprint, &b.common, questions, choose)
    }

    #[test]
    fn the_counts_are_the_blueprints() {
        for blueprint in &reference().blueprints.exams {
            let rules = reference().blueprints.common;
            let quotas = quotas(blueprint, &rules, 65);
            let scored: Vec<usize> = quotas.iter().map(|q| q.scored).collect();
            let stated: Vec<usize> = blueprint
                .domains
                .iter()
                .map(|d| d.scored_questions as usize)
                .collect();
            assert_eq!(scored, stated);
            assert_eq!(quotas.iter().map(|q| q.unscored).sum::<usize>(), 15);
        }
    }

    #[test]
    fn seeds_one_to_five_share_nothing_and_are_repeatable() {
        let cards = deep_bank(100);
        let mut all = BTreeSet::new();
        for seed in 1..=5 {
            let drawn = paper(&cards, 65, Choose::Seed(seed)).unwrap();
            assert_eq!(drawn, paper(&cards, 65, Choose::Seed(seed)).unwrap());
            assert_eq!((drawn.items.len(), drawn.repeated), (65, 0));
            assert_eq!(drawn.items.iter().filter(|i| i.scored).count(), 50);
            all.extend(drawn.items.into_iter().map(|i| i.id));
        }
        assert_eq!(all.len(), 325);
        let kept = reserved(&cards, &reference().blueprints);
        assert_eq!(kept.len(), 130);
        assert!(kept.is_subset(&all));
    }

    #[test]
    fn a_shallow_bank_says_how_many_are_missing() {
        let cards = deep_bank(10);
        let error = paper(&cards, 65, Choose::Seed(1)).unwrap_err();
        assert_eq!(error.missing, 9 + 7 + 6 + 3);
        assert!(error.possible >= 30, "{error:?}");
        assert!(paper(&cards, error.possible, Choose::Seed(1)).is_ok());
        assert!(reserved(&cards, &reference().blueprints).len() <= 20);
        assert_eq!(
            paper(&deep_bank(30), 65, Choose::Seed(5)).unwrap().repeated,
            65
        );
    }

    #[test]
    fn unseen_questions_come_first() {
        let cards = deep_bank(40);
        let seen: BTreeSet<CardId> = cards.iter().step_by(2).map(|c| c.id.clone()).collect();
        let drawn = paper(
            &cards,
            65,
            Choose::Unseen {
                seen: &seen,
                seed: 7,
            },
        )
        .unwrap();
        assert!(drawn.items.iter().all(|item| !seen.contains(&item.id)));
    }
}
