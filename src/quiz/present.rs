//! How a card is put before the learner: options in an order of their own, with the labels to answer by.

use serde::Serialize;

use super::card::{Card, CardBody, CardId, Kind};
use super::seed;
use crate::exam::Exam;

/// What stands before an option and is typed to choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// The option's own id, so that an answer written beforehand holds in any order (scripts, JSON).
    Ids,
    /// `a`, `b`, `c` … from top to bottom (people).
    Letters,
}

/// An option as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownOption {
    /// What is typed to choose it.
    pub id: String,
    /// What it says.
    pub text: String,
    /// The option's id in the bank.
    #[serde(skip)]
    pub choice: String,
}

/// A question as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prompt {
    /// The card that is asked.
    pub id: CardId,
    /// The exam it is for.
    pub exam: Exam,
    /// Its form.
    pub kind: Kind,
    /// What is asked.
    pub stem: String,
    /// How many options are to be chosen; blanks for a cloze; 0 for a card.
    pub choose: usize,
    /// The options from top to bottom.
    pub options: Vec<ShownOption>,
    /// True while the question rests on recollection: 要確認.
    pub unconfirmed: bool,
}

impl Prompt {
    /// Shows a card; the order of its options follows from the card's id and the seed.
    pub fn of(card: &Card, shuffle: &str, labels: Labels) -> Self {
        let mut choices: Vec<_> = card.options().iter().collect();
        let seed = format!("options/{}/{shuffle}", card.id);
        seed::order(&mut choices, &seed, |choice| &choice.id);
        let options = ('a'..='z')
            .zip(choices)
            .map(|(letter, choice)| ShownOption {
                id: match labels {
                    Labels::Ids => choice.id.clone(),
                    Labels::Letters => letter.to_string(),
                },
                text: choice.text.clone(),
                choice: choice.id.clone(),
            })
            .collect();
        let choose = match &card.body {
            CardBody::Single { .. } | CardBody::Multiple { .. } => card.correct_count(),
            CardBody::Card { .. } => 0,
            CardBody::Cloze(cloze) => cloze.blanks().count(),
        };
        Self {
            id: card.id.clone(),
            exam: card.exam,
            kind: card.kind(),
            stem: card.question(),
            choose,
            options,
            unconfirmed: card.evidence == super::card::Evidence::Memory,
        }
    }

    /// Gives the label under which an option of the bank was shown.
    pub fn label_of(&self, choice: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|o| o.choice == choice)
            .map(|o| o.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::bank::tests::{GOOD, reference};
    use super::*;

    #[test]
    fn the_order_follows_from_card_and_seed_alone() {
        let cards = super::super::BankFile::read("x", GOOD, &reference()).cards;
        let order = |seed: &str| -> Vec<String> {
            let prompt = Prompt::of(&cards[0], seed, Labels::Ids);
            prompt.options.into_iter().map(|o| o.id).collect()
        };
        assert_eq!(order("0"), order("0"));
        let orders: std::collections::BTreeSet<_> =
            (0..20).map(|i| order(&i.to_string())).collect();
        assert!(orders.len() > 5);
        let prompt = Prompt::of(&cards[0], "0", Labels::Letters);
        let labels: String = prompt.options.iter().map(|o| o.id.as_str()).collect();
        assert_eq!(labels, "abcd");
        assert_eq!(prompt.label_of(&prompt.options[2].choice), Some("c"));
    }
}
