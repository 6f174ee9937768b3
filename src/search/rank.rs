//! Finding and ordering: the query in the engine's terms, the second look at the best, duplicates folded together.

use std::collections::{HashMap, HashSet};

use tantivy::collector::TopDocs;
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::analysis::{Needle, STEM_MARK};
use super::concept::{Concept, Form, concepts};
use super::exact::Conditions;
use super::fuzzy;
use super::index::{IndexError, NoteIndex, read_record};
use super::presence::spellings;
use super::query::{Place, Query};
use super::record::SectionRecord;
use super::snippet::{self, Needles, Snippet};
use super::statistics::Statistics;
use super::synonyms::Synonyms;
use crate::notes::similar::Signature;
use crate::notes::{Scope, SectionId};

/// Words of a passage by which related ones are found.
const RELATED_WORDS: usize = 14;

/// Chunks that are asked for at least.
const FIRST_LOOK: usize = 240;
/// Chunks among which a text is looked for that the engine alone cannot find.
const LAST_LOOK: usize = 20_000;

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
    /// How many sections fit, duplicates folded, as far as they were looked at.
    pub total: usize,
    /// True when there are more.
    pub more: bool,
    /// What to mark in a text: one group per concept.
    pub needles: Needles,
    /// Words that were taken for typing errors, with what was looked for instead.
    pub corrections: Vec<(String, Vec<String>)>,
    /// Words that none of the hits holds.
    pub absent: Vec<String>,
}

/// A section on its way to becoming a hit.
pub(super) struct Candidate {
    pub(super) key: u64,
    pub(super) score: f32,
    /// Its chunks among the results, best first.
    pub(super) chunks: Vec<DocAddress>,
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
        let query = &self.with_options(&searcher, query)?;
        let scope = match query.filters.place {
            Place::Mine => Some(Scope::Mine),
            Place::Bundled => Some(Scope::Bundled),
            Place::All | Place::Path(_) => None,
        };
        let statistics =
            Statistics::of(&searcher, &self.fields, scope).map_err(|e| self.error(e))?;
        let mut weighed = Vec::new();
        let mut concepts = concepts(&query.text, synonyms);
        self.add_other_scripts(&searcher, &mut concepts)?;
        if let Some(synonyms) = synonyms {
            self.add_mistyped_names(&statistics, synonyms, &mut concepts)?;
        }
        for concept in concepts {
            weighed.push(self.weigh(&searcher, &statistics, concept)?);
        }
        let engine_query = self.build(query, services, &weighed)?;
        let conditions = Conditions::of(query);
        let mut wanted = (options.limit * 8).max(FIRST_LOOK);
        let (mut candidates, more) = loop {
            let collector = TopDocs::with_limit(wanted).order_by_score();
            let top = searcher
                .search_with_statistics_provider(&*engine_query, &collector, &statistics)
                .map_err(|e| self.error(e))?;
            let more = top.len() == wanted;
            let candidates = Self::group(&searcher, top);
            if conditions.is_empty() {
                break (candidates, more);
            }
            let candidates = self.keep_those_that_fit(&searcher, candidates, &conditions)?;
            if !more || candidates.len() >= options.limit || wanted >= LAST_LOOK {
                break (candidates, more);
            }
            wanted *= 4;
        };
        let absent = self.look_again(&searcher, &mut candidates, &weighed)?;
        if absent.is_none() && query.phrases.is_empty() {
            // What ranks behind them holds nothing either.
            candidates.clear();
        }
        let needles = needles(query, &weighed);
        let (hits, total) =
            self.fold_duplicates(&searcher, &candidates, options.limit, &needles)?;
        let corrections = weighed
            .into_iter()
            .filter(|w| !w.corrections.is_empty())
            .map(|w| (w.concept.own.needle.chars.iter().collect(), w.corrections))
            .collect();
        Ok(Found {
            hits,
            total,
            more,
            needles,
            corrections,
            absent: absent.unwrap_or_default(),
        })
    }

    /// Decides what the words behind a minus are: an option that the notes have, or something to leave out.
    fn with_options(&self, searcher: &Searcher, query: &Query) -> Result<Query, IndexError> {
        let mut query = query.clone();
        for option in std::mem::take(&mut query.options) {
            let typed = format!("-{option}");
            let term = Term::from_field_text(self.fields.words[2], &typed);
            if searcher.doc_freq(&term).map_err(|e| self.error(e))? > 0 {
                query.text = format!("{} {typed}", query.text);
            } else {
                query.excluded.push(option);
            }
        }
        Ok(query)
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

    /// Adds the names of a concept to a word that the notes do not know and that is nearly one of them.
    fn add_mistyped_names(
        &self,
        statistics: &Statistics<'_>,
        synonyms: &Synonyms,
        concepts: &mut [Concept],
    ) -> Result<(), IndexError> {
        for concept in concepts.iter_mut().filter(|c| c.others.is_empty()) {
            let word: String = concept.own.needle.chars.iter().collect();
            let Some(reach) = fuzzy::reach(&word) else {
                continue;
            };
            let mut known = false;
            for own in &concept.own.words {
                let term = Term::from_field_text(self.fields.words[2], own);
                known |= statistics.frequency(&term).map_err(|e| self.error(e))? > 0;
            }
            if !known {
                let names = synonyms.near(&word, usize::from(reach));
                concept.others = names.iter().map(|name| Form::of(name)).collect();
            }
        }
        Ok(())
    }

    /// Looks up how rare a concept is and whether it is a typing error.
    fn weigh(
        &self,
        searcher: &Searcher,
        statistics: &Statistics<'_>,
        concept: Concept,
    ) -> Result<Weighed, IndexError> {
        let field = self.fields.words[2];
        let frequency = |term: &str| {
            statistics
                .frequency(&Term::from_field_text(field, term))
                .map_err(|e| self.error(e))
        };
        let mut corrections = Vec::new();
        let typed: Vec<&String> = typed(&concept.own.words).collect();
        let single = typed.len() == 1;
        let known = concept.others.iter().any(|form| !form.words.is_empty());
        for word in typed {
            let count = frequency(word)?;
            // Of a name in parts, each part that nobody knows may be mistyped.
            if count == 0 || (single && !known) {
                corrections.extend(fuzzy::corrections(searcher, field, word, count));
            }
        }
        let own = self.form_frequency(statistics, &concept.own)?;
        let mut counts = Vec::with_capacity(concept.others.len());
        for form in &concept.others {
            counts.push(self.form_frequency(statistics, form)?);
        }
        let mut most = counts.iter().copied().fold(own, u64::max);
        // A verb is as common as its stem, not as the form in which it was typed.
        let stems = concept.own.words.iter().filter(|w| w.ends_with(STEM_MARK));
        for word in corrections.iter().chain(stems) {
            most = most.max(frequency(word)?);
        }
        let all = statistics.entries();
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
    fn form_frequency(&self, statistics: &Statistics<'_>, form: &Form) -> Result<u64, IndexError> {
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
            let count = statistics
                .frequency(&Term::from_field_text(field, term))
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

    /// Reads record and signature of a section.
    pub(super) fn head(
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

/// What to mark in a text: phrases first, then every concept.
fn needles(query: &Query, weighed: &[Weighed]) -> Needles {
    let phrases = query.phrases.iter().map(|phrase| vec![Needle::of(phrase)]);
    phrases.chain(weighed.iter().map(spellings)).collect()
}

/// The words of a spelling as they were typed, without the singulars made from them.
fn typed(words: &[String]) -> impl Iterator<Item = &String> {
    let made = |word: &String| {
        words
            .iter()
            .any(|other| other.strip_suffix('s') == Some(word))
    };
    words.iter().filter(move |word| !made(word))
}
