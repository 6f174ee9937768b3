//! What a session tells: questions, feedback, summary. The field names are the contract of `--json`.

use serde::Serialize;

use crate::app::own_notes::{NoteFinder, NoteQuery, OwnPassage, SectionReader, TaughtSection};
use crate::quiz::{
    Answer, Card, CardBody, CardId, Cause, Evidence, Kind, Outcome, Prompt, Sureness, Trace,
};
use crate::schedule::{Rating, ReviewId};
use crate::time::StudyDay;

/// Why a card is asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is due.
    Due,
    /// A task of a lab that was not done asked for it.
    Lab,
    /// It tells apart two concepts that were mixed up.
    FollowUp,
    /// It is among the weakest, and the exam is near.
    Weak,
    /// It was never seen.
    New,
    /// It was missed in this session.
    Again,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// Nothing is left to ask today.
    Nothing,
    /// The asked number of questions is reached.
    Count,
    /// The asked time is over.
    Time,
    /// The day's limit is reached.
    Limit,
    /// Only new cards are left, and none is begun in the last days before the exam.
    LastDays,
    /// The learner left.
    Left,
    /// The input ended.
    Input,
}

/// A question as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Version of the document.
    pub schema: u32,
    /// `question`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its number in the session, from 1.
    pub number: u32,
    /// Why it is asked.
    pub reason: Reason,
    /// What is shown.
    #[serde(flatten)]
    pub prompt: Prompt,
    /// What it is about.
    pub services: Vec<String>,
}

/// An option with its explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedbackOption {
    /// The label under which it was shown.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Whether it is right.
    pub correct: bool,
    /// Whether it was chosen.
    pub chosen: bool,
    /// Why it is right or wrong.
    pub why: String,
}

/// What is told after an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feedback {
    /// Version of the document.
    pub schema: u32,
    /// `feedback`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The card.
    pub id: CardId,
    /// The name of the answer in the log.
    pub review: ReviewId,
    /// Whether it was right.
    pub correct: bool,
    /// How sure the learner was.
    pub sureness: Sureness,
    /// The rating that follows.
    pub rating: Rating,
    /// What was answered, by the labels that were shown.
    pub given: String,
    /// What is right: labels, the filled sentence, or the back of the card.
    pub answer: String,
    /// For a cloze, which blanks were right.
    pub blanks: Vec<bool>,
    /// The options with their explanations, in the order in which they were shown.
    pub options: Vec<FeedbackOption>,
    /// The cause of the miss, where it was said.
    pub cause: Option<Cause>,
    /// The day on which the card comes back.
    pub due: StudyDay,
    /// Days until then.
    pub interval_days: i32,
    /// Whether the card is missed again and again.
    pub leech: bool,
    /// True while the question rests on recollection: 要確認.
    pub unconfirmed: bool,
    /// Sections that teach it.
    pub notes: Vec<String>,
    /// The first of those with its text, after a miss.
    pub sections: Vec<TaughtSection>,
    /// Passages of the learner's own notes, after a miss; `None` where there are no own notes.
    pub own_notes: Option<Vec<OwnPassage>>,
    /// Labs that show it.
    pub labs: Vec<String>,
    /// Pages it was written from.
    pub sources: Vec<String>,
    /// The place in the learner's notes that the card was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Trace>,
}

impl Feedback {
    /// Tells an answer; due day and what leads on are filled in by the session.
    pub(super) fn of(
        review: ReviewId,
        card: &Card,
        prompt: &Prompt,
        answer: &Answer,
        outcome: &Outcome,
        rating: Rating,
    ) -> Self {
        let chosen: Vec<&str> = outcome.given.split(',').collect();
        let options = explained(card, prompt, &chosen);
        let (given, right) = match &card.body {
            CardBody::Single { .. } | CardBody::Multiple { .. } => (
                labels(&options, |o| o.chosen),
                labels(&options, |o| o.correct),
            ),
            CardBody::Card { back, .. } => (outcome.given.clone(), back.clone()),
            CardBody::Cloze(cloze) => (outcome.given.clone(), cloze.filled()),
        };
        Self {
            schema: 1,
            kind: "feedback",
            id: card.id.clone(),
            review,
            correct: outcome.correct,
            sureness: answer.sureness,
            rating,
            given,
            answer: right,
            blanks: outcome.blanks.clone(),
            options,
            cause: answer.cause.filter(|_| !outcome.correct),
            due: StudyDay(card.checked),
            interval_days: 0,
            leech: false,
            unconfirmed: card.evidence == Evidence::Memory,
            notes: card.notes.clone(),
            sections: Vec::new(),
            own_notes: None,
            labs: card.labs.clone(),
            sources: card.sources.clone(),
            from: card.from.clone(),
        }
    }

    /// Says whether the cause of the miss should be asked: a wrong answer to anything but a flash card.
    pub fn wants_cause(&self, kind: Kind) -> bool {
        !self.correct && self.cause.is_none() && kind != Kind::Card
    }
}

/// What leads on from a missed question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeadsOn {
    /// The section of the library that teaches it, with its text.
    pub sections: Vec<TaughtSection>,
    /// Passages of the learner's own notes; `None` where there are no own notes.
    pub own_notes: Option<Vec<OwnPassage>>,
}

impl LeadsOn {
    /// Passages of the learner's own notes shown after a miss.
    const OWN_PASSAGES: usize = 2;

    /// Finds what leads on from a card.
    pub fn from_card(card: &Card, notes: &dyn NoteFinder, sections: &dyn SectionReader) -> Self {
        let found = card.notes.iter().filter_map(|note| sections.section(note));
        let taught: Vec<TaughtSection> = found.take(1).collect();
        let first = taught.first();
        let own_notes = notes.passages(&NoteQuery {
            services: &card.services,
            stem: &card.question(),
            correct: &correct_texts(card),
            why: &correct_why(card),
            taught_heading: first.map_or("", |section| section.title.as_str()),
            taught: first.map_or("", |section| section.text.as_str()),
            limit: Self::OWN_PASSAGES,
        });
        Self {
            sections: taught,
            own_notes,
        }
    }
}

/// Shows a card's options with their explanations, in the order of a prompt.
pub fn explained(card: &Card, prompt: &Prompt, chosen: &[&str]) -> Vec<FeedbackOption> {
    let options = prompt.options.iter().filter_map(|shown| {
        let option = card.options().iter().find(|o| o.id == shown.choice)?;
        Some(FeedbackOption {
            id: shown.id.clone(),
            text: option.text.clone(),
            correct: option.correct,
            chosen: chosen.contains(&shown.choice.as_str()),
            why: option.why.clone(),
        })
    });
    options.collect()
}

/// Joins the labels of some options.
pub fn labels(options: &[FeedbackOption], wanted: fn(&FeedbackOption) -> bool) -> String {
    let wanted = options.iter().filter(|o| wanted(o));
    let mut labels: Vec<&str> = wanted.map(|o| o.id.as_str()).collect();
    labels.sort_unstable();
    labels.join(",")
}

/// Gives the texts of what is right, for a search in notes.
fn correct_texts(card: &Card) -> Vec<String> {
    match &card.body {
        CardBody::Single { options, .. } | CardBody::Multiple { options, .. } => {
            let right = options.iter().filter(|option| option.correct);
            right.map(|option| option.text.clone()).collect()
        }
        CardBody::Card { back, .. } => vec![back.clone()],
        CardBody::Cloze(cloze) => vec![cloze.filled()],
    }
}

/// Gives why that is right, as one text.
fn correct_why(card: &Card) -> String {
    match &card.body {
        CardBody::Single { options, .. } | CardBody::Multiple { options, .. } => {
            let right = options.iter().filter(|option| option.correct);
            let why: Vec<&str> = right.map(|option| option.why.as_str()).collect();
            why.join(" ")
        }
        CardBody::Card { .. } | CardBody::Cloze(_) => String::new(),
    }
}

/// The sum of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Version of the document.
    pub schema: u32,
    /// `summary`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Answers given.
    pub answered: u32,
    /// Right ones.
    pub correct: u32,
    /// Cards seen for the first time.
    pub new: u32,
    /// Cards still due today.
    pub due_left: u64,
    /// Cards never seen.
    pub new_left: u64,
    /// Time spent.
    pub seconds: i64,
    /// Why it ended.
    pub ended: Ended,
}

/// An answer that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Version of the document.
    pub schema: u32,
    /// The answer's name in the log.
    pub review: ReviewId,
    /// The card.
    pub card: CardId,
    /// What it asks.
    pub question: String,
    /// Whether the answer had been right.
    pub was_correct: bool,
    /// What had been answered.
    pub given: String,
}
