//! Questions: from the text of a bank to cards, prompts, marks and mock exam papers.
//!
//! `RawBank → Finding* or QuizBank → Card → Prompt → Answer → Outcome`. Everything here is pure: files, the clock and
//! the study log are handed in. What a card is asked next is `schedule`'s business; this module only knows how a
//! card is shown, what counts as right, and which questions make up a paper.
//!
//! A question with a structural fault (no correct option, an unknown task) never enters the bank; one with a fault
//! of style (an answer given away by its length) does, and is reported by `juku lint`.

pub mod answer;
pub mod bank;
pub mod card;
pub mod cloze;
pub mod finding;
pub mod lint;
pub mod mark;
pub mod markup;
pub mod mock;
pub mod own;
pub mod paper;
pub mod present;
pub mod raw;
pub mod seed;

pub use answer::{Answer, BadAnswer, Cause, Sureness};
pub use bank::{BankFile, QuizBank, Reference};
pub use card::{Card, CardBody, CardId, Choice, Evidence, Kind, Level};
pub use finding::{Finding, Severity};
pub use mark::Outcome;
pub use own::{Origin, OwnQuestion, Trace};
pub use present::{Labels, Prompt};
