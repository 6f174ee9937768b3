//! The exam submitted last, gone over afterwards: each question with every option's explanation and what leads on.

use serde::Serialize;

use super::{ExamError, LAST};
use crate::app::own_notes::{NoteFinder, SectionReader};
use crate::app::quiz::{FeedbackOption, LeadsOn, explained, labels};
use crate::progress::store::StudyStore;
use crate::quiz::mock::{Mock, MockError, MockItem};
use crate::quiz::{CardId, Labels, Prompt};

/// Which questions are explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All that were not answered right.
    Missed,
    /// The one of a number.
    Number(usize),
}

/// A question with its explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Version of the document.
    pub schema: u32,
    /// `explanation`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its number on the paper.
    pub number: usize,
    /// The question.
    pub id: CardId,
    /// The domain it stood for.
    pub domain: String,
    /// Whether it counted.
    pub scored: bool,
    /// Whether it was right.
    pub correct: bool,
    /// What was answered, by the labels shown.
    pub given: Option<String>,
    /// What is right.
    pub answer: String,
    /// What was asked.
    pub stem: String,
    /// The options in the order of the paper.
    pub options: Vec<FeedbackOption>,
    /// Sections that teach it.
    pub notes: Vec<String>,
    /// Labs that show it.
    pub labs: Vec<String>,
    /// Pages it was written from.
    pub sources: Vec<String>,
    /// What leads on.
    #[serde(flatten)]
    pub leads_on: LeadsOn,
}

/// Explains questions of the exam submitted last; `None` when none was.
///
/// Options stand under the labels that the paper had, unless others are wanted. Questions that have left the bank since
/// are passed over.
///
/// # Errors
/// When there is no question of the number, or the study database fails.
pub fn explain(
    store: &dyn StudyStore,
    (notes, sections): (&dyn NoteFinder, &dyn SectionReader),
    shown: Option<Labels>,
    wanted: Wanted,
) -> Result<Option<Vec<Explanation>>, ExamError> {
    let kept = store.value(LAST)?;
    let Some(mock) = kept.and_then(|text| serde_json::from_str::<Mock>(&text).ok()) else {
        return Ok(None);
    };
    if let Wanted::Number(number) = wanted
        && (number == 0 || number > mock.items.len())
    {
        return Err(MockError::NoSuchQuestion { number }.into());
    }
    let shown = shown.unwrap_or(if mock.letters {
        Labels::Letters
    } else {
        Labels::Ids
    });
    let mut found = Vec::new();
    for (number, item) in (1..).zip(&mock.items) {
        if matches!(wanted, Wanted::Number(only) if only != number) {
            continue;
        }
        let Some(stored) = store.card(&item.id)? else {
            continue;
        };
        let prompt = Prompt::of(&stored.card, &format!("exam/{}", mock.seed), shown);
        let chosen = chosen(item);
        let options = explained(&stored.card, &prompt, &chosen);
        let correct = options.iter().all(|o| o.chosen == o.correct);
        if correct && wanted == Wanted::Missed {
            continue;
        }
        let card = stored.card;
        found.push(Explanation {
            schema: 1,
            kind: "explanation",
            number,
            id: item.id.clone(),
            domain: item.domain.clone(),
            scored: item.scored,
            correct,
            given: item.answer.as_ref().map(|_| labels(&options, |o| o.chosen)),
            answer: labels(&options, |o| o.correct),
            stem: card.question(),
            options,
            leads_on: LeadsOn::from_card(&card, notes, sections),
            notes: card.notes,
            labs: card.labs,
            sources: card.sources,
        });
    }
    Ok(Some(found))
}

fn chosen(item: &MockItem) -> Vec<&str> {
    let given = item.answer.as_ref().map(|answer| answer.given.split(','));
    given.into_iter().flatten().collect()
}
