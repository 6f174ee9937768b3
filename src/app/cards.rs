//! Cards from the learner's own notes: what is proposed, what is kept, and whether the line a card was taken from still
//! says the same.

mod kept;
pub mod marked;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use self::kept::{Kept, Place, Proposed};
use super::index::{Knowledge, ShelfNote, import_file, read, shelf_file};
use crate::exam::Exam;
use crate::notes::candidates::{Proposal, Rule, of_section};
use crate::notes::library::{Files, Library, PortError};
use crate::notes::services::Services;
use crate::notes::{Document, NoteFile, Scope, Section};
use crate::progress::store::{RecordError, StudyStore};
use crate::quiz::cloze::Cloze;
use crate::quiz::{Card, CardId, OwnQuestion, Trace, seed};
use crate::text;
use crate::time::StudyDay;

/// Where the candidates that are never to be shown again are kept, and those that were settled.
const NEVER: &str = "card-suggest-never";
/// Most services that a section or article may have for a card to be about all of them.
const FEW: usize = 3;

/// The learner's notes as they stand, read once for a command.
#[derive(Debug, Default)]
pub struct OwnNotes {
    documents: Vec<Document>,
    /// For each note, the hashes of its lines with the lines that have it.
    lines: HashMap<String, HashMap<String, Vec<usize>>>,
    /// All candidates, once somebody asks for them.
    proposed: OnceLock<Vec<Proposed>>,
}

impl OwnNotes {
    /// Reads the imported notes and those of the learner's own shelf.
    ///
    /// # Errors
    /// When the library cannot be read.
    pub fn read(
        library: &dyn Library,
        files: &dyn Files,
        shelf: &[ShelfNote],
        knowledge: &Knowledge,
    ) -> Result<Self, PortError> {
        let mut notes = Self::default();
        for entry in library.entries()? {
            // The note as it stands now; the library's copy is for origins that are gone.
            let now = files.read(&entry.origin).ok().map(|(bytes, _)| bytes);
            let bytes = match now {
                Some(bytes) => Some(bytes),
                None => library.bytes(&entry.hash)?,
            };
            notes.take(
                bytes.and_then(|bytes| import_file(&entry, &*bytes)),
                knowledge,
            );
        }
        for note in shelf.iter().filter(|note| note.own) {
            notes.take(shelf_file(note), knowledge);
        }
        Ok(notes)
    }

    fn take(&mut self, file: Option<NoteFile>, knowledge: &Knowledge) {
        let Some(file) = file.filter(|file| file.scope == Scope::Mine) else {
            return;
        };
        self.lines
            .insert(name_of(&file.path), hashes_of(&file.text));
        self.documents.extend(read(Some(file), knowledge));
    }

    /// Says what became of the line that a card was taken from; `None` for a card from elsewhere. A line that says more
    /// or stands elsewhere now, and still asks what the card asks, is the same.
    pub fn state(&self, card: &Card) -> Option<TraceState> {
        let trace = card.from.as_ref()?;
        Some(kept::place(self, card, trace).state())
    }

    fn proposed(&self) -> &[Proposed] {
        self.proposed.get_or_init(|| {
            let mut proposed = Vec::new();
            for (at, document) in self.documents.iter().enumerate() {
                let note = name_of(&document.path);
                for (part, section) in document.sections.iter().enumerate() {
                    let found = of_section(document, section).into_iter();
                    proposed.extend(found.map(|c| Proposed::new((at, part), &note, c)));
                }
            }
            proposed
        })
    }

    fn proposed_in<'n>(&'n self, note: &str) -> impl Iterator<Item = &'n Proposed> {
        self.proposed()
            .iter()
            .filter(move |found| found.note == note)
    }
}

/// Says whether a card's line still stands in the text of its note, and where.
pub fn state_in(text: &str, trace: &Trace) -> TraceState {
    let hashes = hashes_of(text);
    let lines = hashes.get(&trace.hash).into_iter().flatten();
    lines
        .min_by_key(|line| line.abs_diff(trace.line))
        .map_or(TraceState::Changed, |line| TraceState::Same { line: *line })
}

fn hashes_of(text: &str) -> HashMap<String, Vec<usize>> {
    let mut hashes: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        hashes.entry(Trace::hash_of(line)).or_default().push(number);
    }
    hashes
}

fn name_of(path: &Path) -> String {
    path.display().to_string()
}

/// What became of the line that a card was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum TraceState {
    /// It says the same, perhaps on another line.
    Same {
        /// The line, from 1.
        line: usize,
    },
    /// No line of the note says it any more.
    Changed,
    /// The note is not there any more.
    Gone,
}

/// A proposed card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The id that the card would have.
    pub id: CardId,
    /// The rule that found it.
    pub rule: Rule,
    /// What is asked, for a flash card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front: Option<String>,
    /// What is to be recalled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
    /// The sentence with blanks, for a cloze.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The exam it would be for, where the note or the goal says.
    pub exam: Option<Exam>,
    /// Services of the note.
    pub services: Vec<String>,
    /// The article's title.
    pub title: String,
    /// The file as the learner knows it.
    pub path: PathBuf,
    /// The line in it, from 1.
    pub line: usize,
    /// The line as it stands there.
    pub source: String,
    /// True when the card is there already and this is its line's new text.
    pub replaces: bool,
    /// The id that this text by itself has, by which it is refused.
    #[serde(skip)]
    pub own: CardId,
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct SuggestRequest {
    /// Only notes of this file.
    pub path: Option<PathBuf>,
    /// Only where title, headings and line hold all these words.
    pub words: Vec<String>,
    /// The exam that was named.
    pub exam: Option<Exam>,
    /// The goal's exam.
    pub goal: Option<Exam>,
}

/// Finds the candidates that were neither kept nor refused before, in order of the notes.
///
/// # Errors
/// When the study database fails.
pub fn suggest(
    notes: &OwnNotes,
    store: &dyn StudyStore,
    (kept, services): (&[Card], &Services),
    request: &SuggestRequest,
) -> Result<Vec<Suggestion>, RecordError> {
    let never = never(store)?;
    let kept = Kept::of(notes, kept);
    let words: Vec<String> = request.words.iter().map(|w| text::fold(w)).collect();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, proposed) in notes.proposed().iter().enumerate() {
        let Some(document) = notes.documents.get(proposed.document) else {
            continue;
        };
        let Some(section) = document.sections.get(proposed.section) else {
            continue;
        };
        let elsewhere = |path: &PathBuf| *path != document.path;
        if request.path.as_ref().is_some_and(elsewhere) {
            continue;
        }
        let candidate = &proposed.candidate;
        let heading = section.heading.join(" ");
        let (front, back, cloze) = match candidate.proposal.clone() {
            Proposal::Card { front, back } => (Some(front), Some(back), None),
            Proposal::Cloze(text) => (None, None, Some(text)),
        };
        let asked = front.as_deref().or(cloze.as_deref()).unwrap_or_default();
        // A line inside a list is found by the items above it as well: they are in the question.
        let context = format!("{} {heading} {asked} {}", document.title, candidate.text);
        let context = text::fold(&context);
        // The same article twice in a dump proposes the same cards twice.
        if !words.iter().all(|word| context.contains(word.as_str()))
            || never.contains(&proposed.id.0)
            || kept.has(index, proposed)
            || !seen.insert((asked.to_owned(), back.clone()))
        {
            continue;
        }
        let old = kept.replaced(index);
        let told = [asked, back.as_deref().unwrap_or_default()].join(" ");
        found.push(Suggestion {
            replaces: old.is_some(),
            id: old.unwrap_or(&proposed.id).clone(),
            own: proposed.id.clone(),
            rule: candidate.rule,
            services: about(services, (document, section), &told),
            front,
            back,
            text: cloze,
            exam: request
                .exam
                .or(document.exams.first().copied())
                .or(request.goal),
            title: document.title.clone(),
            path: document.path.clone(),
            line: candidate.line,
            source: candidate.text.clone(),
        });
    }
    Ok(found)
}

/// Finds the services that a card is about: those it names itself, else those of heading or title, else those of its
/// section or article where they are few. Whatever a long article mentions is not what one line of it is about.
fn about(services: &Services, place: (&Document, &Section), told: &str) -> Vec<String> {
    let (document, section) = place;
    let heading = section.heading.join(" ");
    for text in [told, &heading, &document.title] {
        let named: Vec<String> = services
            .mentions(text)
            .into_keys()
            .map(str::to_owned)
            .collect();
        if !named.is_empty() {
            return named;
        }
    }
    let few = |found: &&Vec<String>| (1..=FEW).contains(&found.len());
    let wider = [&section.services, &document.services];
    wider.into_iter().find(few).cloned().unwrap_or_default()
}

/// Lists the cards whose line stands elsewhere or says more than it did and still asks the same, with the new trace.
pub fn moved<'c>(notes: &OwnNotes, cards: &'c [Card]) -> Vec<(&'c Card, Trace)> {
    let moved = cards.iter().filter_map(|card| {
        let trace = card.from.as_ref()?;
        let Place::Here(line, hash) = kept::place(notes, card, trace) else {
            return None;
        };
        let note = trace.note.clone();
        let now = Trace { note, line, hash };
        (now != *trace).then_some((card, now))
    });
    moved.collect()
}

fn id_of(note: &str, asked: &str, back: &str) -> CardId {
    let hash = seed::rank(&["note", note, asked, back]) >> 16;
    CardId(format!("note-{hash:012x}"))
}

/// Why an edited text is no card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEdit {
    /// A flash card needs a front and a back.
    #[error("a card needs front and back")]
    Card,
    /// A cloze needs a blank.
    #[error("a cloze needs a blank")]
    Cloze,
}

impl Suggestion {
    /// Takes over a text that the learner typed: a sentence with blanks, or `front | back`.
    ///
    /// # Errors
    /// When it has not the form of what was proposed.
    pub fn edit(&mut self, typed: &str) -> Result<(), BadEdit> {
        let typed = typed.trim();
        if self.text.is_some() {
            Cloze::parse(typed).map_err(|_| BadEdit::Cloze)?;
            self.text = Some(typed.to_owned());
            return Ok(());
        }
        let (front, back) = typed.split_once(['|', '｜']).ok_or(BadEdit::Card)?;
        let (front, back) = (front.trim(), back.trim());
        if front.is_empty() || back.is_empty() {
            return Err(BadEdit::Card);
        }
        self.front = Some(front.to_owned());
        self.back = Some(back.to_owned());
        Ok(())
    }

    /// Makes the question that is written into the learner's file.
    pub fn question(&self, today: StudyDay) -> OwnQuestion {
        let id = self.id.0.clone();
        let mut question = match (&self.text, &self.front, &self.back) {
            (Some(text), _, _) => OwnQuestion::cloze(id, text.clone(), today.0),
            (None, front, back) => OwnQuestion::card(
                id,
                front.clone().unwrap_or_default(),
                back.clone().unwrap_or_default(),
                today.0,
            ),
        };
        question.services.clone_from(&self.services);
        question.from = Some(Trace {
            note: name_of(&self.path),
            line: self.line,
            hash: Trace::hash_of(&self.source),
        });
        question
    }
}

/// The candidates that are not to be shown again.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Never(BTreeSet<String>);

fn never(store: &dyn StudyStore) -> Result<BTreeSet<String>, RecordError> {
    let kept = store.value(NEVER)?;
    let never: Never = kept
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    Ok(never.0)
}

/// Never proposes a card again.
///
/// # Errors
/// When the study database fails.
pub fn refuse(store: &mut dyn StudyStore, id: &CardId) -> Result<(), RecordError> {
    let mut refused = never(store)?;
    refused.insert(id.0.clone());
    let text = serde_json::to_string(&Never(refused)).unwrap_or_default();
    store.set_value(NEVER, Some(&text))
}

/// A card that was taken from a note, with what became of its line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TracedCard {
    /// The card.
    pub id: CardId,
    /// The exam it is for.
    pub exam: Exam,
    /// What it asks.
    pub question: String,
    /// The note.
    pub note: String,
    /// The line when it was taken.
    pub line: usize,
    /// What became of it.
    #[serde(flatten)]
    pub state: TraceState,
}

/// Lists the cards that were taken from notes, changed ones first.
pub fn traced(notes: &OwnNotes, cards: &[Card]) -> Vec<TracedCard> {
    let mut traced: Vec<TracedCard> = cards
        .iter()
        .filter_map(|card| {
            let trace = card.from.as_ref()?;
            Some(TracedCard {
                id: card.id.clone(),
                exam: card.exam,
                question: card.question(),
                note: trace.note.clone(),
                line: trace.line,
                state: notes.state(card)?,
            })
        })
        .collect();
    let same = |card: &TracedCard| matches!(card.state, TraceState::Same { .. });
    traced
        .sort_by(|a, b| (same(a), &a.note, a.line, &a.id).cmp(&(same(b), &b.note, b.line, &b.id)));
    traced
}

#[cfg(test)]
mod tests;
