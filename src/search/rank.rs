//! Finding and ordering: the query in the engine's terms, the second look at the best, duplicates folded together.

use std::collections::{HashMap, HashSet};

use tantivy::collector::TopDocs;
use tantivy::schema::Value as _;
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::analysis::{Comparable, STEM_MARK};
use super::concept::{Concept, Form, concepts};
use super::fuzzy;
use super::index::{IndexError, NoteIndex, read_record};
use super::query::Query;
use super::record::SectionRecord;
use super::snippet::{self, Needles, Snippet};
use super::synonyms::Synonyms;
use crate::notes::similar::Signature;
use crate::notes::{DocumentId, SectionId};

/// Sections that get the second look.
const SECOND_LOOK: usize = 30;
/// Words of a passage by which related ones are found.
const RELATED_WORDS: usize = 14;
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

/// How to search.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many hits at most.
    pub limit: usize,
}

/// A passage that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The passage.
    pub section: SectionRecord,
    /// Its whole text.
    pub text: String,
    /// How well it fits; comparable within one search only.
    pub score: f32,
    /// The part to show.
    pub snippet: Snippet,
    /// The line of the file in which the snippet begins.
    pub snippet_line: usize,
    /// Passages that say the same and were folded into this one.
    pub duplicates: Vec<SectionId>,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The best hits.
    pub hits: Vec<Hit>,
    /// How many sections fit, duplicates folded, up to a limit.
    pub total: usize,
    /// What to mark in a text: one group per concept.
    pub needles: Needles,
    /// Words that were taken for typing errors, with what was looked for instead.
    pub corrections: Vec<(String, Vec<String>)>,
}

/// A section on its way to becoming a hit.
struct Candidate {
    key: u64,
    score: f32,
    /// Its chunks among the results, best first.
    chunks: Vec<DocAddress>,
}

/// What the second look found in a candidate; one value per concept, from 0 to 1.
struct Looked {
    document: DocumentId,
    present: Vec<f32>,
    /// The same for title and headings alone.
    named: Vec<f32>,
    chunks: usize,
}

/// A concept with what the index knows about it.
pub(super) struct Weighed {
    pub(super) concept: Concept,
    pub(super) idf: f32,
    /// For each other spelling, how much of its own rarity counts.
    pub(super) scales: Vec<f32>,
    pub(super) corrections: Vec<String>,
}

impl NoteIndex {
    /// Searches. `services` are slugs that all must be mentioned; without `synonyms` only what was typed counts.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn search(
        &self,
        query: &Query,
        services: &[String],
        synonyms: Option<&Synonyms>,
        options: Options,
    ) -> Result<Found, IndexError> {
        let searcher = self.searcher();
        if query.is_empty() && query.phrases.is_empty() {
            return Ok(Found::default());
        }
        let mut weighed = Vec::new();
        let mut concepts = concepts(&query.text, synonyms);
        self.add_other_scripts(&searcher, &mut concepts)?;
        for concept in concepts {
            weighed.push(self.weigh(&searcher, concept)?);
        }
        let engine_query = self.build(query, services, &weighed)?;
        let wanted = (options.limit * 8).max(240);
        let collector = TopDocs::with_limit(wanted).order_by_score();
        let top = searcher
            .search(&*engine_query, &collector)
            .map_err(|e| self.error(e))?;
        let mut candidates = Self::group(&searcher, top);
        self.look_again(&searcher, &mut candidates, &weighed)?;
        let needles = needles(query, &weighed);
        let (hits, total) =
            self.fold_duplicates(&searcher, &candidates, options.limit, &needles)?;
        let corrections = weighed
            .into_iter()
            .filter(|w| !w.corrections.is_empty())
            .map(|w| (w.concept.own.comparable.iter().collect(), w.corrections))
            .collect();
        Ok(Found {
            hits,
            total,
            needles,
            corrections,
        })
    }

    /// Finds passages about the same things as a section, the section itself and its duplicates left out.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn related(&self, id: &SectionId, limit: usize) -> Result<Vec<Hit>, IndexError> {
        let Some((record, text)) = self.section(id)? else {
            return Ok(Vec::new());
        };
        let searcher = self.searcher();
        let mut counts: HashMap<String, f32> = HashMap::new();
        let headings = record.heading.join("\n");
        for (source, weight) in [
            (record.title.as_str(), 1.0),
            (headings.as_str(), 2.0),
            (text.as_str(), 1.0),
        ] {
            for word in super::analysis::words(source) {
                *counts.entry(word.text).or_insert(0.0) += weight;
            }
        }
        let all = searcher.num_docs();
        let mut telling: Vec<(f32, String)> = Vec::new();
        for (word, count) in counts {
            let term = Term::from_field_text(self.fields.words[2], &word);
            let known = searcher.doc_freq(&term).map_err(|e| self.error(e))?;
            // A word that stands nowhere else leads nowhere.
            if known > 1 && word.chars().count() > 1 {
                telling.push((count.sqrt() * rarity(all, known), word));
            }
        }
        telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        telling.truncate(RELATED_WORDS);
        let words: Vec<String> = telling.into_iter().map(|(_, word)| word).collect();
        let query = Query {
            text: words.join(" "),
            ..Query::default()
        };
        let found = self.search(&query, &[], None, Options { limit: limit + 8 })?;
        let hits = found
            .hits
            .into_iter()
            .filter(|hit| hit.section.id != *id && !hit.duplicates.contains(id));
        Ok(hits.take(limit).collect())
    }

    /// Tells how rare a word is in the library, from 0 upwards; of a compound, its rarest part counts.
    pub fn rarity_of(&self, word: &str) -> f64 {
        let searcher = self.searcher();
        let all = searcher.num_docs();
        let known = |term: &str| {
            let term = Term::from_field_text(self.fields.words[2], term);
            // A damaged index says nothing about a word; the next search finds out.
            searcher.doc_freq(&term).unwrap_or(0)
        };
        super::analysis::words(word)
            .iter()
            .map(|part| f64::from(rarity(all, known(&part.text))))
            .fold(0.0, f64::max)
    }

    /// Looks up how rare a concept is and whether it is a typing error.
    fn weigh(&self, searcher: &Searcher, concept: Concept) -> Result<Weighed, IndexError> {
        let field = self.fields.words[2];
        let frequency = |term: &str| {
            searcher
                .doc_freq(&Term::from_field_text(field, term))
                .map_err(|e| self.error(e))
        };
        let mut corrections = Vec::new();
        let single = concept.own.words.len() == 1;
        let known = concept.others.iter().any(|form| !form.words.is_empty());
        for word in &concept.own.words {
            let count = frequency(word)?;
            // Of a name in parts, each part that nobody knows may be mistyped.
            if count == 0 || (single && !known) {
                corrections.extend(fuzzy::corrections(searcher, field, word, count));
            }
        }
        let own = self.form_frequency(searcher, &concept.own)?;
        let mut counts = Vec::with_capacity(concept.others.len());
        for form in &concept.others {
            counts.push(self.form_frequency(searcher, form)?);
        }
        let mut most = counts.iter().copied().fold(own, u64::max);
        // A verb is as common as its stem, not as the form in which it was typed.
        let stems = concept.own.words.iter().filter(|w| w.ends_with(STEM_MARK));
        for word in corrections.iter().chain(stems) {
            most = most.max(frequency(word)?);
        }
        let all = searcher.num_docs();
        let idf = if most == 0 { 0.0 } else { rarity(all, most) };
        // A rare name of a common thing must not count for more than the thing.
        let scales = counts
            .iter()
            .map(|count| (idf / rarity(all, *count)).min(1.0))
            .collect();
        Ok(Weighed {
            concept,
            idf,
            scales,
            corrections,
        })
    }

    /// Estimates in how many chunks a spelling occurs: as many as its rarest term does.
    fn form_frequency(&self, searcher: &Searcher, form: &Form) -> Result<u64, IndexError> {
        let mut least: Option<u64> = None;
        let words = form.words.iter().map(|w| (self.fields.words[2], w));
        let bigrams = form.bigrams.iter().map(|b| (self.fields.bigrams[2], b));
        // Bigrams find a Japanese word wherever it stands; words decide for all else.
        let terms: Vec<_> = if form.bigrams.is_empty() {
            words.collect()
        } else {
            bigrams.collect()
        };
        for (field, term) in terms {
            let count = searcher
                .doc_freq(&Term::from_field_text(field, term))
                .map_err(|e| self.error(e))?;
            least = Some(least.map_or(count, |l| l.min(count)));
        }
        Ok(least.unwrap_or(0))
    }

    /// Groups chunks by section, best first.
    fn group(searcher: &Searcher, top: Vec<(f32, DocAddress)>) -> Vec<Candidate> {
        let mut order: Vec<Candidate> = Vec::new();
        let mut place: HashMap<u64, usize> = HashMap::new();
        for (score, address) in top {
            let column = searcher
                .segment_reader(address.segment_ord)
                .fast_fields()
                .u64("section");
            let Some(key) = column.ok().and_then(|column| column.first(address.doc_id)) else {
                continue;
            };
            if let Some(candidate) = place.get(&key).and_then(|at| order.get_mut(*at)) {
                candidate.chunks.push(address);
            } else {
                place.insert(key, order.len());
                order.push(Candidate {
                    key,
                    score,
                    chunks: vec![address],
                });
            }
        }
        order
    }

    /// Looks again at the best: the more of what was asked for a section holds, the better.
    fn look_again(
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

    /// Reads record and signature of a section.
    fn head(
        &self,
        searcher: &Searcher,
        key: u64,
    ) -> Result<Option<(SectionRecord, Option<Signature>)>, IndexError> {
        for address in self.lookup(searcher, self.fields.section, key)? {
            let document: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
            if let Some(record) = read_record(&document, self.fields.record) {
                return Ok(Some((record, self.signature(&document))));
            }
        }
        Ok(None)
    }

    /// Takes the best candidates and folds those into them that say the same.
    fn fold_duplicates(
        &self,
        searcher: &Searcher,
        candidates: &[Candidate],
        limit: usize,
        needles: &Needles,
    ) -> Result<(Vec<Hit>, usize), IndexError> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut folded: HashSet<SectionId> = HashSet::new();
        let mut total = 0;
        for candidate in candidates {
            if hits.len() >= limit {
                // The rest is only counted; duplicates among it are not worth reading it for.
                total += 1;
                continue;
            }
            let Some((record, signature)) = self.head(searcher, candidate.key)? else {
                continue;
            };
            if folded.contains(&record.id) {
                continue;
            }
            let duplicates = match &signature {
                Some(signature) => self.duplicates_of(searcher, &record, signature)?,
                None => Vec::new(),
            };
            folded.extend(duplicates.iter().cloned());
            total += 1;
            let Some((_, text)) = self.section_by_key(candidate.key)? else {
                continue;
            };
            let body = body_start(&record, &text);
            let mut snippet = snippet::cut(text.get(body..).unwrap_or_default(), needles);
            snippet.offset += body;
            let line = text
                .get(..snippet.offset)
                .map_or(0, |before| before.matches('\n').count());
            hits.push(Hit {
                snippet_line: record.line_of(line),
                section: record,
                text,
                score: candidate.score,
                snippet,
                duplicates,
            });
        }
        Ok((hits, total))
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

/// How much a term says that so many of all chunks hold (as BM25 counts it).
#[expect(
    clippy::cast_precision_loss,
    reason = "an estimate; libraries stay far below 2^24 chunks"
)]
fn rarity(all: u64, with: u64) -> f32 {
    let (all, with) = (all as f32, with as f32);
    (1.0 + (all - with + 0.5).max(0.0) / (with + 0.5)).ln()
}

/// Finds where the text begins below its own heading line, which is shown apart.
fn body_start(record: &SectionRecord, text: &str) -> usize {
    let first = text.find('\n').map_or(text.len(), |at| at + 1);
    let rest = text
        .get(first..)
        .is_some_and(|rest| !rest.trim().is_empty());
    if !record.heading.is_empty() && rest {
        first
    } else {
        0
    }
}

/// All spellings of a concept, corrections included.
fn spellings(weighed: &Weighed) -> Vec<Vec<char>> {
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

/// What to mark in a text: phrases first, then every concept.
fn needles(query: &Query, weighed: &[Weighed]) -> Needles {
    let phrases = query
        .phrases
        .iter()
        .map(|phrase| vec![Comparable::of(phrase).chars]);
    phrases.chain(weighed.iter().map(spellings)).collect()
}
