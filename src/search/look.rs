//! The second look at the best sections: how much of what was asked for they hold, and where.

use std::collections::HashMap;

use tantivy::schema::Value as _;
use tantivy::{Searcher, TantivyDocument};

use super::analysis::{Comparable, STEM_MARK};
use super::index::{IndexError, NoteIndex};
use super::rank::{Candidate, Weighed};
use crate::notes::DocumentId;

/// Sections that get the second look.
const SECOND_LOOK: usize = 30;
/// Share of the score that does not depend on the second look.
const FLOOR: f32 = 0.15;
/// How much of a verb is there when it stands in another form.
const STEM: f32 = 0.7;
/// What it adds when title and headings hold all that was asked for.
const NAMED: f32 = 0.3;
/// Chunks from which on a section is long.
const LONG: usize = 8;
/// What each doubling beyond that costs.
const LENGTH_PENALTY: f32 = 0.1;
/// How much it counts that another passage of the article holds what this one lacks.
const ARTICLE: f32 = 0.4;

/// What the second look found in a candidate; one value per concept, from 0 to 1.
struct Looked {
    document: DocumentId,
    present: Vec<f32>,
    /// The same for title and headings alone.
    named: Vec<f32>,
    chunks: usize,
}

impl NoteIndex {
    /// Looks again at the best: the more of what was asked for a section holds, the better.
    pub(super) fn look_again(
        &self,
        searcher: &Searcher,
        candidates: &mut [Candidate],
        weighed: &[Weighed],
    ) -> Result<(), IndexError> {
        let whole: f32 = weighed.iter().map(|w| w.idf * w.concept.weight).sum();
        if whole <= 0.0 {
            return Ok(());
        }
        let needles: Vec<Vec<Vec<char>>> = weighed.iter().map(spellings).collect();
        let count = candidates.len().min(SECOND_LOOK);
        let mut held: Vec<Looked> = Vec::with_capacity(count);
        let mut of_article: HashMap<DocumentId, Vec<f32>> = HashMap::new();
        for candidate in candidates.iter().take(count) {
            let (document, names, text) = self.text_around(searcher, candidate)?;
            let holds = |text: &str| -> Vec<f32> {
                let text = Comparable::of(text);
                let each = weighed.iter().zip(&needles);
                each.map(|(w, spellings)| presence(&text, w, spellings))
                    .collect()
            };
            let title_share = holds(&names);
            let mut present = holds(&text);
            for (own, name) in present.iter_mut().zip(&title_share) {
                *own = own.max(*name);
            }
            let article = of_article
                .entry(document.clone())
                .or_insert_with(|| vec![0.0; present.len()]);
            for (all, own) in article.iter_mut().zip(&present) {
                *all = all.max(*own);
            }
            let chunks = self
                .lookup(searcher, self.fields.section, candidate.key)?
                .len();
            held.push(Looked {
                document,
                present,
                named: title_share,
                chunks,
            });
        }
        let share_of = |present: &mut dyn Iterator<Item = f32>| -> f32 {
            let each = weighed.iter().zip(present);
            each.map(|(w, present)| w.idf * w.concept.weight * present)
                .sum::<f32>()
                / whole
        };
        for (candidate, looked) in candidates.iter_mut().zip(&held) {
            let article = of_article.get(&looked.document).unwrap_or(&looked.present);
            let with_article = looked.present.iter().zip(article);
            let share = share_of(&mut with_article.map(|(own, around)| own.max(ARTICLE * around)));
            let named = share_of(&mut looked.named.iter().copied());
            candidate.score *= (FLOOR + (1.0 - FLOOR) * share * share)
                * (1.0 + NAMED * named)
                * length_factor(looked.chunks);
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
        Ok(())
    }

    /// Gives a candidate's document, its title and headings, and the text of its best chunks.
    fn text_around(
        &self,
        searcher: &Searcher,
        candidate: &Candidate,
    ) -> Result<(DocumentId, String, String), IndexError> {
        let mut names = String::new();
        let mut text = String::new();
        let mut of = DocumentId(String::new());
        for address in candidate.chunks.iter().take(3) {
            let document: TantivyDocument = searcher.doc(*address).map_err(|e| self.error(e))?;
            for field in [self.fields.context, self.fields.text] {
                let value = document.get_first(field).and_then(|value| value.as_str());
                text.push_str(value.unwrap_or_default());
                text.push('\n');
            }
        }
        if let Some((record, _)) = self.head(searcher, candidate.key)? {
            names = format!("{}\n{}", record.title, record.heading.join("\n"));
            of = record.document;
        }
        Ok((of, names, text))
    }
}

/// A hit in a passage as long as an article leads to no place in particular.
#[expect(
    clippy::cast_precision_loss,
    reason = "a section has far fewer than 2^24 chunks"
)]
fn length_factor(chunks: usize) -> f32 {
    let times = (chunks as f32 / LONG as f32).max(1.0);
    1.0 / (1.0 + LENGTH_PENALTY * times.log2())
}

/// All spellings of a concept, corrections included.
pub(super) fn spellings(weighed: &Weighed) -> Vec<Vec<char>> {
    let concept = &weighed.concept;
    let mut all = vec![concept.own.comparable.clone()];
    all.extend(concept.others.iter().map(|form| form.comparable.clone()));
    all.extend(
        weighed
            .corrections
            .iter()
            .map(|word| word.chars().collect()),
    );
    // 間違った and 間違える meet in 間違.
    let kanji: Vec<char> = concept
        .own
        .comparable
        .iter()
        .copied()
        .take_while(|c| is_kanji(*c))
        .collect();
    if kanji.len() >= 2 && kanji.len() < concept.own.comparable.len() {
        all.push(kanji);
    }
    all.retain(|spelling| !spelling.is_empty());
    all
}

const fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

/// How much of a concept a text holds: all of it in one spelling, or part of its bigrams.
#[expect(clippy::cast_precision_loss, reason = "a query has few bigrams")]
fn presence(text: &Comparable, weighed: &Weighed, spellings: &[Vec<char>]) -> f32 {
    if spellings
        .iter()
        .any(|spelling| !text.find(spelling).is_empty())
    {
        return 1.0;
    }
    if has_stem(text, &weighed.concept.own.words) {
        return STEM;
    }
    let bigrams = &weighed.concept.own.bigrams;
    if bigrams.len() < 2 {
        return 0.0;
    }
    let there = bigrams
        .iter()
        .filter(|bigram| !text.find(&bigram.chars().collect::<Vec<char>>()).is_empty())
        .count();
    let share = there as f32 / bigrams.len() as f32;
    share * share
}

/// Says whether a text has a verb or adjective in another form: 消せない asks for 消す, not for 解消.
fn has_stem(text: &Comparable, words: &[String]) -> bool {
    words
        .iter()
        .filter_map(|word| word.strip_suffix(STEM_MARK))
        .any(|stem| {
            let stem: Vec<char> = stem.chars().collect();
            text.find(&stem).into_iter().any(|(start, end)| {
                let letter = |at: Option<usize>| at.and_then(|at| text.chars.get(at)).copied();
                let inside = letter(start.checked_sub(1)).is_some_and(is_kanji);
                // Kana of a comparable text are katakana.
                !inside && letter(Some(end)).is_some_and(|c| matches!(c, 'ァ'..='ヺ'))
            })
        })
}
