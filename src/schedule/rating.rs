//! How well something was recalled, on FSRS's scale of four.

use serde::{Deserialize, Serialize};

/// FSRS's rating of one review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// Not recalled.
    Again = 1,
    /// Recalled with difficulty.
    Hard = 2,
    /// Recalled.
    Good = 3,
    /// Recalled at once.
    Easy = 4,
}

impl Rating {
    /// Reads 1 to 4.
    pub const fn of_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Again),
            2 => Some(Self::Hard),
            3 => Some(Self::Good),
            4 => Some(Self::Easy),
            _ => None,
        }
    }

    /// Gives the number that FSRS and Anki use.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What an answer showed, before it is turned into a rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recall {
    /// The answer was wrong.
    Wrong,
    /// Right by a guess (勘): no evidence of memory.
    Guessed,
    /// Right after hesitating between two (二択).
    Hesitated,
    /// Right and sure; `quick` when it took much less than is usual for such a question.
    Sure {
        /// Whether it was quick.
        quick: bool,
    },
    /// The learner's own rating of a card.
    Rated(Rating),
}

impl From<Recall> for Rating {
    fn from(recall: Recall) -> Self {
        match recall {
            Recall::Wrong | Recall::Guessed => Self::Again,
            Recall::Hesitated => Self::Hard,
            Recall::Sure { quick: false } => Self::Good,
            Recall::Sure { quick: true } => Self::Easy,
            Recall::Rated(rating) => rating,
        }
    }
}
