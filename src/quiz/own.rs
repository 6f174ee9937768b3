//! Bank files of the learner's own that the program writes: cards from notes and from Anki.
//!
//! Such a file says where it comes from (`origin`). Its cards owe nobody a source or a task: they are studied, and stay
//! out of mock exams. Writing brings in what is new or has changed and leaves everything else as it stands.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::raw::RawBank;
use crate::exam::Exam;
use crate::yaml::{self, Value, YamlError};

/// Where a file's cards come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// From Anki or a table.
    Anki,
    /// From the learner's own notes.
    Notes,
}

impl Origin {
    /// Gives the name of an exam's file below the learner's `quizzes/`.
    pub fn file(self, exam: Exam) -> String {
        let folder = match self {
            Self::Anki => "anki",
            Self::Notes => "notes",
        };
        format!("{folder}/{}.yaml", exam.code().to_lowercase())
    }
}

/// The place in a note that a card was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// The note, as the library of notes names it.
    pub note: String,
    /// The line, from 1, as it was then.
    pub line: usize,
    /// Hash of the line, by which a change is seen.
    pub hash: String,
}

impl Trace {
    /// Hashes a line; spaces at its ends do not matter.
    pub fn hash_of(line: &str) -> String {
        let hash = blake3::hash(line.trim().as_bytes()).to_hex();
        hash.chars().take(16).collect()
    }
}

/// A question as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnQuestion {
    /// Its name.
    pub id: String,
    /// `card` or `cloze`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What a flash card asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front: Option<String>,
    /// What it wants recalled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
    /// The sentence of a cloze.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Tasks by version; empty where none is known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub task: BTreeMap<String, Vec<String>>,
    /// Slugs of services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// `recall`.
    pub level: &'static str,
    /// The place in a note that it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Trace>,
    /// The day on which it was taken.
    pub checked: Date,
}

impl OwnQuestion {
    /// Makes a flash card.
    pub fn card(id: String, front: String, back: String, checked: Date) -> Self {
        Self {
            kind: "card",
            front: Some(front),
            back: Some(back),
            ..Self::empty(id, checked)
        }
    }

    /// Makes a sentence with blanks.
    pub fn cloze(id: String, text: String, checked: Date) -> Self {
        Self {
            kind: "cloze",
            text: Some(text),
            ..Self::empty(id, checked)
        }
    }

    fn empty(id: String, checked: Date) -> Self {
        Self {
            id,
            kind: "card",
            front: None,
            back: None,
            text: None,
            task: BTreeMap::new(),
            services: Vec::new(),
            level: "recall",
            from: None,
            checked,
        }
    }
}

/// The file as it is written.
#[derive(Serialize)]
struct OwnBank {
    schema: u32,
    exam: &'static str,
    origin: Origin,
    questions: Vec<Value>,
}

/// What bringing questions into a file gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The new text of the file.
    pub text: String,
    /// Questions that were not there.
    pub added: usize,
    /// Questions that were there with another text.
    pub changed: usize,
}

/// Brings questions into a file's text; `None` where there is no file yet.
///
/// # Errors
/// When the text that is there is no bank file.
pub fn bring(
    existing: Option<&str>,
    exam: Exam,
    origin: Origin,
    questions: &[OwnQuestion],
) -> Result<Brought, YamlError> {
    let mut kept: Vec<Value> = match existing {
        Some(text) => yaml::from_str::<RawBank>(text)?.questions,
        None => Vec::new(),
    };
    let mut places: BTreeMap<String, usize> = kept
        .iter()
        .enumerate()
        .filter_map(|(at, value)| Some((value.get("id")?.as_str()?.to_owned(), at)))
        .collect();
    let (mut added, mut changed) = (0, 0);
    for question in questions {
        let value: Value = yaml::from_str(&yaml::to_string(question)?)?;
        match places.get(&question.id).and_then(|at| kept.get_mut(*at)) {
            Some(old) if said(old) != said(&value) => {
                *old = value;
                changed += 1;
            }
            Some(_) => {}
            None => {
                places.insert(question.id.clone(), kept.len());
                kept.push(value);
                added += 1;
            }
        }
    }
    let bank = OwnBank {
        schema: 1,
        exam: exam.code(),
        origin,
        questions: kept,
    };
    Ok(Brought {
        text: yaml::to_string(&bank)?,
        added,
        changed,
    })
}

/// Puts the traces of cards right and leaves all else as it stands; `None` where nothing changes.
///
/// # Errors
/// When the text is no bank file.
pub fn retrace(
    existing: &str,
    exam: Exam,
    origin: Origin,
    traces: &[(&str, Trace)],
) -> Result<Option<String>, YamlError> {
    let mut questions = yaml::from_str::<RawBank>(existing)?.questions;
    let mut changed = false;
    for (id, trace) in traces {
        let is_it = |question: &&mut Value| question.get("id").and_then(Value::as_str) == Some(*id);
        let now: Value = yaml::from_str(&yaml::to_string(trace)?)?;
        let old = questions.iter_mut().find(is_it);
        match old.and_then(|question| question.get_mut("from")) {
            Some(from) if *from != now => {
                *from = now;
                changed = true;
            }
            Some(_) | None => {}
        }
    }
    let bank = OwnBank {
        schema: 1,
        exam: exam.code(),
        origin,
        questions,
    };
    changed.then(|| yaml::to_string(&bank)).transpose()
}

/// What a question says; the day on which it was taken says nothing.
fn said(question: &Value) -> Value {
    let mut question = question.clone();
    if let Some(fields) = question.as_mapping_mut() {
        fields.remove("checked");
    }
    question
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::bank::tests::reference;
    use super::super::{BankFile, CardBody};
    use super::*;

    fn question(id: &str, back: &str, day: i8) -> OwnQuestion {
        OwnQuestion::card(
            id.to_owned(),
            "表: \"x\"\n二行目".to_owned(),
            back.to_owned(),
            date(2026, 11, day),
        )
    }

    #[test]
    fn a_trace_is_put_right_and_all_else_is_left() {
        let trace = |line: usize| Trace {
            note: "a.md".to_owned(),
            line,
            hash: Trace::hash_of("x"),
        };
        let mut kept = question("note-a-1", "裏", 1);
        kept.from = Some(trace(3));
        kept.services = vec!["sqs".to_owned()];
        let text = bring(
            None,
            Exam::Saa,
            Origin::Notes,
            &[kept, question("note-b-1", "b", 1)],
        );
        let text = text.unwrap().text;
        let moved =
            |traces: &[(&str, Trace)]| retrace(&text, Exam::Saa, Origin::Notes, traces).unwrap();
        assert_eq!(
            moved(&[("note-a-1", trace(3)), ("note-b-1", trace(3))]),
            None
        );
        let now = moved(&[("note-a-1", trace(7))]).unwrap();
        assert_eq!(now, text.replace("line: 3", "line: 7"));
    }

    #[test]
    fn bringing_twice_changes_nothing_and_an_edit_changes_one() {
        let brought = |existing: Option<&str>, questions: &[OwnQuestion]| {
            bring(existing, Exam::Saa, Origin::Anki, questions).unwrap()
        };
        let first = brought(
            None,
            &[question("anki-a-1", "裏", 1), question("anki-b-1", "b", 1)],
        );
        assert_eq!((first.added, first.changed), (2, 0));
        let again = brought(Some(&first.text), &[question("anki-a-1", "裏", 2)]);
        assert_eq!((again.added, again.changed), (0, 0));
        assert_eq!(again.text, first.text);
        let edited = brought(Some(&first.text), &[question("anki-a-1", "改", 2)]);
        assert_eq!((edited.added, edited.changed), (0, 1));
        let read = BankFile::read("own.yaml", &edited.text, &reference());
        assert_eq!(read.findings, []);
        assert_eq!(read.cards.len(), 2);
        let body = CardBody::Card {
            front: "表: \"x\"\n二行目".to_owned(),
            back: "改".to_owned(),
        };
        assert_eq!(read.cards[0].body, body);
    }
}
