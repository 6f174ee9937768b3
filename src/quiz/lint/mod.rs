//! What a program can check of a bank beyond its structure: style, links, giveaways, balance, quotas.
//!
//! Codes are stable and listed in docs/LINT.md. Findings here are warnings: the question is asked all the same.

mod question;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use self::question::terms;
pub use self::whole::{GUESSABLE, Strategy, score_of};
use super::card::Card;
use super::finding::{Finding, Severity};
use crate::exam::Blueprints;
use crate::yaml::{Place, Spans};

/// What questions may refer to; an empty set means that it is not known and nothing is checked against it.
#[derive(Debug, Clone)]
pub struct LintReference {
    /// Exams with their tasks.
    pub blueprints: Blueprints,
    /// Slugs of services.
    pub services: BTreeSet<String>,
    /// Sections of the library's notes, as `note#anchor`.
    pub sections: BTreeSet<String>,
    /// Ids of labs.
    pub labs: BTreeSet<String>,
    /// The day of the check.
    pub today: Date,
}

/// Places in the bank's files, scanned when a finding needs one.
pub(super) struct Places<'a> {
    texts: BTreeMap<&'a str, &'a str>,
    spans: BTreeMap<&'a str, Spans>,
}

impl<'a> Places<'a> {
    fn new(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self {
            texts: texts.into_iter().collect(),
            spans: BTreeMap::new(),
        }
    }

    /// Finds the place of a field of a card; the card's own line where the file is not at hand.
    fn of(&mut self, card: &Card, field: &str) -> Place {
        let own = Place {
            line: card.line,
            column: 1,
        };
        let Some((path, text)) = self.texts.get_key_value(card.path.as_str()) else {
            return own;
        };
        let spans = self.spans.entry(path).or_insert_with(|| Spans::scan(text));
        // A question's index is found by the line at which it begins.
        (0..)
            .map(|at| format!("questions[{at}]"))
            .map_while(|base| spans.place(&base).map(|place| (base, place)))
            .take_while(|(_, place)| place.line <= card.line)
            .find(|(_, place)| place.line == card.line)
            .and_then(|(base, _)| spans.place(&format!("{base}.{field}")))
            .unwrap_or(own)
    }
}

/// Collects findings with their places.
pub(super) struct Findings<'a> {
    places: Places<'a>,
    found: Vec<Finding>,
}

impl Findings<'_> {
    /// Notes a fault in a field of a card.
    fn warn(
        &mut self,
        code: &'static str,
        card: &Card,
        field: &str,
        args: &[(&'static str, &str)],
    ) {
        let place = self.places.of(card, field);
        let mut finding = Finding::new(code, Severity::Warning, &card.path, Some(place));
        finding = finding.with("id", &card.id);
        for (name, value) in args {
            finding = finding.with(name, value);
        }
        self.found.push(finding);
    }

    /// Notes a fault of the bank as a whole.
    fn whole(&mut self, code: &'static str, path: &str, args: &[(&'static str, &str)]) {
        let mut finding = Finding::new(code, Severity::Warning, path, None);
        for (name, value) in args {
            finding = finding.with(name, value);
        }
        self.found.push(finding);
    }
}

/// Checks the cards of a bank; `texts` gives the files they stand in, by path.
pub fn check<'a>(
    cards: &[Card],
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    reference: &LintReference,
) -> Vec<Finding> {
    let mut findings = Findings {
        places: Places::new(texts),
        found: Vec::new(),
    };
    for card in cards {
        question::check(card, reference, &mut findings);
    }
    whole::check(cards, reference, &mut findings);
    findings.found.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.code).cmp(&(&b.path, b.line, b.column, b.code))
    });
    findings.found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::BankFile;
    use super::super::bank::tests::{GOOD, reference};
    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, usize)> {
        let cards = BankFile::read("x.yaml", text, &reference()).cards;
        let known = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let reference = LintReference {
            blueprints: reference().blueprints,
            services: known(&["sqs", "lambda", "vpc"]),
            sections: known(&["sqs#visibility-timeout"]),
            labs: known(&["sqs-lambda-dlq"]),
            today: date(2026, 11, 21),
        };
        check(&cards, [("x.yaml", text)], &reference)
            .into_iter()
            .filter(|f| f.code != "quiz-task-quota")
            .map(|f| (f.code, f.line))
            .collect()
    }

    #[test]
    fn good_questions_have_no_findings() {
        assert_eq!(codes(GOOD), []);
    }

    #[test]
    fn each_fault_is_found_where_it_stands() {
        let broken = |from: &str, to: &str| codes(&GOOD.replacen(from, to, 1));
        assert_eq!(broken("（2つ選択）", ""), [("quiz-choose-count", 27)]);
        assert_eq!(
            broken("sqs#visibility-timeout", "sqs#nowhere"),
            [("quiz-unknown-note", 18)]
        );
        assert_eq!(
            broken("services: [vpc]", "services: [vpx]"),
            [("quiz-unknown-service", 24)]
        );
        assert_eq!(
            broken("どの方法が要件を満たすか", "誤っているものはどれか"),
            [("quiz-negative-stem", 27)]
        );
        assert_eq!(
            broken("Elastic IP を付ける", "すべてに Elastic IP を付ける"),
            [("quiz-absolute-word", 31)]
        );
        assert_eq!(
            broken("checked: 2026-11-21", "checked: 2027-01-01"),
            [("quiz-checked-future", 21)]
        );
        assert_eq!(
            broken(
                "Amazon SQS の標準キュー",
                "Amazon SQS の標準キューを二つのサービスの間に置いて、出荷側が自分の速さで取り出す"
            ),
            [("quiz-long-answer", 14)]
        );
        assert_eq!(
            broken("\"https://docs", "\"http://docs"),
            [("quiz-source-form", 19)]
        );
        let twice = GOOD.replacen(
            "    text: SQS のメッセージ保持期間は既定 {{4 日}}、",
            "    text: '{{1}} {{2}} {{3}} {{4}}'\n    #",
            1,
        );
        assert_eq!(
            codes(&twice).first().map(|f| f.0),
            Some("quiz-cloze-blanks")
        );
    }
}
