//! A card: one thing that is asked, with everything that is told after the answer.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cloze::Cloze;
use super::own::Trace;
use crate::exam::{Exam, ExamVersion, TaskId};

/// The name of a card, stable for ever; history hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardId(pub String);

impl CardId {
    /// Says whether a text has the form of an id: lower case letters, digits, single hyphens between.
    pub fn is_well_formed(text: &str) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        text.chars().any(char::is_alphabetic)
            && text
                .split('-')
                .all(|part| !part.is_empty() && part.chars().all(plain))
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a question demands of the learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Knowing a fact.
    Recall,
    /// Using it in a given case.
    Apply,
    /// Weighing constraints as the exam does.
    Exam,
}

/// How the source of a question was seen, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The live page was read.
    Opened,
    /// A stored copy of the page was read.
    Copy,
    /// Nothing was seen; such items stay out of mock exams and show 要確認.
    Memory,
}

/// The form of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One option is correct.
    Single,
    /// Several options are correct, all or nothing.
    Multiple,
    /// Front and back, rated by the learner.
    Card,
    /// A sentence with blanks.
    Cloze,
}

impl Kind {
    /// Gives the name used in the YAML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple => "multiple",
            Self::Card => "card",
            Self::Cloze => "cloze",
        }
    }

    /// Says whether the question has options to choose from, as in the exam.
    pub const fn is_choice(self) -> bool {
        matches!(self, Self::Single | Self::Multiple)
    }
}

/// One option of a choice question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The option's id within its question, such as `a`.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Whether choosing it is right.
    #[serde(default)]
    pub correct: bool,
    /// Why it is right, or what it would be right for.
    pub why: String,
    /// The concept it stands for when learners mix two up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confuses: Option<String>,
}

/// The part of a card that depends on its form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CardBody {
    /// A question with one correct option.
    Single {
        /// What is asked.
        stem: String,
        /// The options in the order of the file.
        options: Vec<Choice>,
    },
    /// A question with several correct options.
    Multiple {
        /// What is asked.
        stem: String,
        /// The options in the order of the file.
        options: Vec<Choice>,
    },
    /// A flash card.
    Card {
        /// What is asked.
        front: String,
        /// What is to be recalled.
        back: String,
    },
    /// A sentence with blanks.
    Cloze(Cloze),
}

/// One thing that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its name.
    pub id: CardId,
    /// The exam it prepares for.
    pub exam: Exam,
    /// The tasks it belongs to, by blueprint version.
    pub task: BTreeMap<ExamVersion, Vec<TaskId>>,
    /// Slugs of the services it is about.
    pub services: Vec<String>,
    /// What it demands.
    pub level: Level,
    /// What is asked and what is right.
    pub body: CardBody,
    /// Sections that teach it, as `note#anchor`.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Labs that show it.
    #[serde(default)]
    pub labs: Vec<String>,
    /// Pages it was written from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How those were seen.
    pub evidence: Evidence,
    /// The day on which the facts were checked.
    pub checked: Date,
    /// The place in the learner's notes that it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Trace>,
    /// The file it stands in.
    pub path: String,
    /// The line at which it begins, from 1.
    pub line: usize,
}

impl Card {
    /// Gives the form of the question.
    pub const fn kind(&self) -> Kind {
        match self.body {
            CardBody::Single { .. } => Kind::Single,
            CardBody::Multiple { .. } => Kind::Multiple,
            CardBody::Card { .. } => Kind::Card,
            CardBody::Cloze(_) => Kind::Cloze,
        }
    }

    /// Gives what is asked, as one text; blanks of a cloze show as `____`.
    pub fn question(&self) -> String {
        match &self.body {
            CardBody::Single { stem, .. } | CardBody::Multiple { stem, .. } => stem.clone(),
            CardBody::Card { front, .. } => front.clone(),
            CardBody::Cloze(cloze) => cloze.masked(),
        }
    }

    /// Gives the options in the order of the file; empty for a card or cloze.
    pub fn options(&self) -> &[Choice] {
        match &self.body {
            CardBody::Single { options, .. } | CardBody::Multiple { options, .. } => options,
            CardBody::Card { .. } | CardBody::Cloze(_) => &[],
        }
    }

    /// Counts the options that are to be chosen.
    pub fn correct_count(&self) -> usize {
        self.options().iter().filter(|o| o.correct).count()
    }

    /// Gives the tasks it belongs to in a version; empty when the version does not ask it.
    pub fn tasks_in(&self, version: &ExamVersion) -> &[TaskId] {
        self.task.get(version).map_or(&[], Vec::as_slice)
    }

    /// Gives its first task in a version.
    pub fn main_task(&self, version: &ExamVersion) -> Option<&TaskId> {
        self.tasks_in(version).first()
    }

    /// Walks over the concepts that its options stand for.
    pub fn confusions(&self) -> impl Iterator<Item = &str> {
        self.options().iter().filter_map(|o| o.confuses.as_deref())
    }

    /// Says whether the question may stand in a mock exam: a choice question whose source was seen.
    pub fn fit_for_mock(&self, version: &ExamVersion) -> bool {
        self.kind().is_choice()
            && self.evidence != Evidence::Memory
            && !self.tasks_in(version).is_empty()
    }
}
