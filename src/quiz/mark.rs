//! What an answer is worth: right or wrong, all or nothing, and which concept was taken for another.

use super::answer::{Answer, Response};
use super::card::{Card, CardBody};

/// The lowest self-rating that counts as recalled.
const RECALLED: u8 = 2;

/// A marked answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it was right; no partial credit.
    pub correct: bool,
    /// What was chosen or typed, as it goes into the log.
    pub given: String,
    /// The learner's own rating, for a card.
    pub self_rating: Option<u8>,
    /// For a cloze, which blanks were right.
    pub blanks: Vec<bool>,
    /// The concept that was taken for the right one.
    pub confused: Option<String>,
}

impl Outcome {
    /// Marks an answer to a card; an answer of another form than the card's is wrong.
    pub fn mark(card: &Card, answer: &Answer) -> Self {
        let mut outcome = Self {
            correct: false,
            given: String::new(),
            self_rating: None,
            blanks: Vec::new(),
            confused: None,
        };
        match (&card.body, &answer.response) {
            (
                CardBody::Single { options, .. } | CardBody::Multiple { options, .. },
                Response::Chosen(ids),
            ) => {
                outcome.correct = options.iter().all(|o| o.correct == ids.contains(&o.id));
                outcome.given = ids.join(",");
                outcome.confused = options
                    .iter()
                    .filter(|o| !o.correct && ids.contains(&o.id))
                    .find_map(|o| o.confuses.clone());
            }
            (CardBody::Card { .. }, Response::Rated(rating)) => {
                outcome.correct = *rating >= RECALLED;
                outcome.given = rating.to_string();
                outcome.self_rating = Some(*rating);
            }
            (CardBody::Cloze(cloze), Response::Typed(texts)) => {
                outcome.blanks = cloze.check(texts);
                outcome.correct = outcome.blanks.iter().all(|b| *b);
                outcome.given = texts.join("|");
            }
            (_, Response::Chosen(_) | Response::Typed(_) | Response::Rated(_)) => {}
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::super::bank::tests::{GOOD, reference};
    use super::super::{BankFile, Labels, Prompt};
    use super::*;

    #[test]
    fn marking_is_all_or_nothing_and_names_the_confusion() {
        let cards = BankFile::read("x", GOOD, &reference()).cards;
        let mark = |at: usize, line: &str| {
            let prompt = Prompt::of(&cards[at], "0", Labels::Ids);
            Outcome::mark(&cards[at], &Answer::parse(line, &prompt, true).unwrap())
        };
        assert!(mark(0, "a").correct);
        assert_eq!(
            mark(0, "b").confused.as_deref(),
            Some("load-balancer-buffer")
        );
        assert!(mark(1, "a,b").correct);
        assert!(!mark(1, "a,c").correct);
        assert!(!mark(2, "1").correct && mark(2, "2").correct);
        let cloze = mark(3, "=4日|10日");
        assert_eq!((cloze.correct, cloze.blanks), (false, vec![true, false]));
    }
}
