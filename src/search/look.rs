//! The second look at the best sections: how much of what was asked for they hold, and where.
//!
//! The weights were fitted to about 450 judged queries on notes of several authors, by coordinate ascent on one half and
//! checked on the other; each holds its place on every set.

use std::collections::HashMap;

use tantivy::schema::Value as _;
use tantivy::{Searcher, TantivyDocument};

use super::analysis::{Comparable, Needle};
use super::index::{IndexError, NoteIndex};
use super::presence::{nearness, presence, spellings};
use super::rank::{Candidate, Weighed};
use crate::notes::DocumentId;

/// Sections that get the second look.
const SECOND_LOOK: usize = 30;
/// Power of the first score: below 1, so that the second look can turn it over.
const FIRST: f32 = 0.8;
/// Share of the score that does not depend on how much is held.
const FLOOR: f32 = 0.1;
/// Power of the share of what was asked for that is held.
const SHARE: f32 = 1.5;
/// How much it counts that another passage of the article holds what this one lacks.
const ARTICLE: f32 = 0.4;
/// What it adds when title and headings hold all that was asked for.
const NAMED: f32 = 0.35;
/// What it adds, in the exponent, when the section's own heading does.
const HEADING: f32 = 0.4;
/// What it adds when the article's title does.
const TITLE: f32 = 0.2;
/// What it adds when all stands together in one place.
const NEAR: f32 = 0.3;
/// What a closing section loses.
const CLOSING: f32 = 0.3;
/// What a text without a heading of its own loses: it leads to no place in particular.
const HEADLESS: f32 = 0.25;
/// Power of a section's length in characters, against the first score's liking for short ones.
const LENGTH: f32 = 0.05;
/// Characters below which a section says little.
const SHORT: f32 = 60.0;
/// What it loses then.
const SHORTNESS: f32 = 0.1;
/// Chunks from which on a section is long.
const LONG: usize = 8;
/// What each doubling beyond that costs.
const LENGTH_PENALTY: f32 = 0.1;

/// Share of a word's letters from which on it counts as there.
const HELD: f32 = 0.5;
/// Words up to which it is told which of them stand nowhere.
const FEW: usize = 4;

/// Headings of sections that lead on or say goodbye.
const CLOSINGS: &[&str] = &[
    "参考",
    "おわりに",
    "終わりに",
    "最後に",
    "さいごに",
    "目次",
    "リファレンス",
    "References",
];

/// What the second look found in a candidate; one value per concept, from 0 to 1.
struct Looked {
    document: DocumentId,
    present: Vec<f32>,
    /// The same for title and headings alone.
    named: Vec<f32>,
    /// The same for the last heading.
    heading: Vec<f32>,
    /// The same for the article's title.
    title: Vec<f32>,
    /// Weight of what stands in one place.
    near: f32,
    closing: bool,
    headless: bool,
    /// Estimated from the chunks that were read.
    characters: f32,
    chunks: usize,
}

/// A candidate's record and the text of its best chunks.
struct Passage {
    document: DocumentId,
    title: String,
    heading: Vec<String>,
    text: String,
    /// Characters of a chunk in the mean.
    chunk: f32,
}

impl NoteIndex {
    /// Looks again at the best: the more of what was asked for a section holds, and the nearer together, the better.
    /// Gives the words that none of them holds; `None` when they hold nothing of it but letters in another order.
    pub(super) fn look_again(
        &self,
        searcher: &Searcher,
        candidates: &mut [Candidate],
        weighed: &[Weighed],
    ) -> Result<Option<Vec<String>>, IndexError> {
        let weights: Vec<f32> = weighed.iter().map(|w| w.idf * w.concept.weight).collect();
        let whole: f32 = weights.iter().sum();
        if whole <= 0.0 {
            return Ok(Some(Vec::new()));
        }
        let needles: Vec<Vec<Needle>> = weighed.iter().map(spellings).collect();
        let count = candidates.len().min(SECOND_LOOK);
        let mut held: Vec<Looked> = Vec::with_capacity(count);
        let mut of_article: HashMap<DocumentId, Vec<f32>> = HashMap::new();
        for candidate in candidates.iter().take(count) {
            let passage = self.passage(searcher, candidate)?;
            let chunks = self
                .lookup(searcher, self.fields.section, candidate.key)?
                .len();
            let looked = Looked::at(passage, chunks, weighed, &needles, &weights);
            let article = of_article
                .entry(looked.document.clone())
                .or_insert_with(|| vec![0.0; looked.present.len()]);
            for (all, own) in article.iter_mut().zip(&looked.present) {
                *all = all.max(*own);
            }
            held.push(looked);
        }
        for (candidate, looked) in candidates.iter_mut().zip(&held) {
            let article = of_article.get(&looked.document).unwrap_or(&looked.present);
            candidate.score = candidate.score.powf(FIRST) * looked.factor(article, &weights, whole);
        }
        // Those that were not looked at stay behind those that were.
        let lowest = candidates
            .iter()
            .take(count)
            .map(|c| c.score)
            .fold(f32::MAX, f32::min);
        for candidate in candidates.iter_mut().skip(count) {
            candidate.score = candidate.score.min(lowest) * FLOOR;
        }
        if let Some(looked_at) = candidates.get_mut(..count) {
            looked_at.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.key.cmp(&b.key)));
        }
        let nothing = held.iter().all(Looked::is_empty);
        Ok((!nothing).then(|| absent(weighed, &held)))
    }

    /// Reads a candidate's record and the text of its best chunks.
    fn passage(&self, searcher: &Searcher, candidate: &Candidate) -> Result<Passage, IndexError> {
        let mut text = String::new();
        let mut characters = 0;
        let mut read: u16 = 0;
        for address in candidate.chunks.iter().take(3) {
            let document: TantivyDocument = searcher.doc(*address).map_err(|e| self.error(e))?;
            for field in [self.fields.context, self.fields.text] {
                let value = document.get_first(field).and_then(|value| value.as_str());
                let value = value.unwrap_or_default();
                if field == self.fields.text {
                    characters += value.chars().count();
                }
                text.push_str(value);
                text.push('\n');
            }
            read += 1;
        }
        let mut passage = Passage {
            document: DocumentId(String::new()),
            title: String::new(),
            heading: Vec::new(),
            text,
            chunk: number(characters) / f32::from(read.max(1)),
        };
        if let Some((record, _)) = self.head(searcher, candidate.key)? {
            passage.document = record.document;
            passage.title = record.title;
            passage.heading = record.heading;
        }
        Ok(passage)
    }
}

/// Lists the words that none of the sections holds. Of a question in many words some are missing always, and that says
/// nothing.
fn absent(weighed: &[Weighed], held: &[Looked]) -> Vec<String> {
    if weighed.len() > FEW {
        return Vec::new();
    }
    let missing = weighed.iter().enumerate().filter(|(at, one)| {
        let there = |looked: &Looked| looked.present.get(*at).is_some_and(|held| *held >= HELD);
        one.concept.weight >= 1.0 && !held.iter().any(there)
    });
    missing.map(|(_, one)| one.concept.typed.clone()).collect()
}

impl Looked {
    /// Says whether it holds nothing of what was asked for.
    fn is_empty(&self) -> bool {
        self.present.iter().all(|held| *held <= 0.0)
    }

    fn at(
        passage: Passage,
        chunks: usize,
        weighed: &[Weighed],
        needles: &[Vec<Needle>],
        weights: &[f32],
    ) -> Self {
        let holds = |text: &Comparable| -> Vec<f32> {
            let each = weighed.iter().zip(needles);
            each.map(|(w, spellings)| presence(text, w, spellings))
                .collect()
        };
        let last = passage.heading.last().map_or("", String::as_str);
        let names = format!("{}\n{}", passage.title, passage.heading.join("\n"));
        let text = Comparable::of(&passage.text);
        let by_name = holds(&Comparable::of(&names));
        let mut present = holds(&text);
        for (own, name) in present.iter_mut().zip(&by_name) {
            *own = own.max(*name);
        }
        Self {
            present,
            named: by_name,
            heading: holds(&Comparable::of(last)),
            title: holds(&Comparable::of(&passage.title)),
            near: nearness(&text, needles, weights),
            closing: CLOSINGS.iter().any(|closing| last.contains(closing)),
            headless: passage.heading.is_empty(),
            characters: passage.chunk * number(chunks),
            chunks,
            document: passage.document,
        }
    }

    /// What the first score is multiplied by; `article` is what the article's passages hold together.
    fn factor(&self, article: &[f32], weights: &[f32], whole: f32) -> f32 {
        let share_of = |present: &mut dyn Iterator<Item = f32>| -> f32 {
            let each = weights.iter().zip(present);
            each.map(|(weight, present)| weight * present).sum::<f32>() / whole
        };
        let around = self.present.iter().zip(article);
        let share = share_of(&mut around.map(|(own, around)| own.max(ARTICLE * around)));
        let named = share_of(&mut self.named.iter().copied());
        let told = HEADING * share_of(&mut self.heading.iter().copied())
            + TITLE * share_of(&mut self.title.iter().copied())
            + NEAR * self.near / whole
            - if self.closing { CLOSING } else { 0.0 }
            - if self.headless { HEADLESS } else { 0.0 };
        (FLOOR + (1.0 - FLOOR) * share.powf(SHARE))
            * (1.0 + NAMED * named)
            * told.exp()
            * self.length_factor()
    }

    fn length_factor(&self) -> f32 {
        let times = (number(self.chunks) / number(LONG)).max(1.0);
        let short = if self.characters < SHORT {
            SHORTNESS
        } else {
            0.0
        };
        self.characters.max(5.0).powf(LENGTH) * (-short).exp()
            / (1.0 + LENGTH_PENALTY * times.log2())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a section has far fewer than 2^24 characters or chunks that matter"
)]
fn number(count: usize) -> f32 {
    count as f32
}
