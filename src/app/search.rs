//! `search` and `related`: from a query to a report.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::exam::Exam;
use crate::notes::services::Services;
use crate::notes::{DocumentId, Scope, SectionId};
use crate::search::synonyms::Synonyms;
use crate::search::{Hit, IndexError, NoteIndex, Options, Place, Query, QueryError};

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// The query as typed.
    pub query: String,
    /// Only notes for this exam.
    pub exam: Option<Exam>,
    /// Only sections that mention this service.
    pub service: Option<String>,
    /// Where to look.
    pub place: Option<Place>,
    /// How many hits at most.
    pub limit: usize,
    /// Look for what was typed and nothing else.
    pub no_synonyms: bool,
}

/// Why a search was not possible.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The query is wrong.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A service is not known.
    #[error("no service `{given}`")]
    Service {
        /// The name as typed.
        given: String,
        /// The nearest that is known.
        nearest: Option<String>,
    },
    /// The section is not there.
    #[error("no section `{id}`")]
    NoSection {
        /// The id.
        id: String,
    },
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// An outdated fact in a hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StaleNote {
    /// The rule that found it.
    pub rule: String,
    /// What is true today.
    pub now: String,
    /// Since when.
    pub since: Option<String>,
    /// Where that can be read.
    pub source: String,
    /// The line of the file.
    pub line: usize,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HitReport {
    /// Its place, from 1.
    pub rank: usize,
    /// The section.
    pub id: SectionId,
    /// Its document.
    pub document: DocumentId,
    /// The article's title.
    pub title: String,
    /// Headings above it.
    pub heading: Vec<String>,
    /// The file as the user knows it.
    pub path: PathBuf,
    /// Its first line.
    pub line: usize,
    /// Its last line.
    pub line_end: usize,
    /// How well it fits; comparable within one search only.
    pub score: f32,
    /// The part to show.
    pub snippet: String,
    /// Byte ranges of the snippet that matched.
    pub marks: Vec<(usize, usize)>,
    /// The line in which the snippet begins.
    pub snippet_line: usize,
    /// The whole passage.
    pub text: String,
    /// The exams it is for.
    pub exams: Vec<Exam>,
    /// The services it mentions.
    pub services: Vec<String>,
    /// Whose note it is.
    pub scope: Scope,
    /// Passages that say the same.
    pub duplicates: Vec<SectionId>,
    /// Outdated facts it states.
    pub stale: Vec<StaleNote>,
}

/// A word that was taken for a typing error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// What was typed.
    pub typed: String,
    /// What was looked for as well.
    pub meant: Vec<String>,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SearchReport {
    /// Version of this document.
    pub schema: u32,
    /// The query as typed.
    pub query: String,
    /// How many sections fit, as far as they were counted.
    pub total: usize,
    /// True when more than those fit.
    pub more: bool,
    /// How long it took, in microseconds.
    pub elapsed_us: u64,
    /// The hits, best first.
    pub hits: Vec<HitReport>,
    /// Words that were taken for typing errors.
    pub corrections: Vec<Correction>,
    /// Words that no hit holds.
    pub absent: Vec<String>,
    /// Where nothing fits: how many sections would without filters, phrases and exclusions.
    pub relaxed: usize,
}

/// The hits that `open N` refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSearch {
    /// The query as typed.
    pub query: String,
    /// The sections by rank.
    pub sections: Vec<SectionId>,
}

impl SearchReport {
    /// Gives what `open N` needs to know later.
    pub fn last(&self) -> LastSearch {
        LastSearch {
            query: self.query.clone(),
            sections: self.hits.iter().map(|hit| hit.id.clone()).collect(),
        }
    }
}

/// Searches; `elapsed` gives the microseconds since the command began.
///
/// # Errors
/// When the query is wrong or the index damaged.
pub fn search(
    index: &NoteIndex,
    synonyms: &Synonyms,
    services: &Services,
    request: &SearchRequest,
    elapsed: &dyn Fn() -> u64,
) -> Result<SearchReport, SearchError> {
    let mut query = Query::parse(&request.query)?;
    if query.is_empty() && query.phrases.is_empty() {
        return Err(QueryError::Empty.into());
    }
    query.filters.exam = request.exam.or(query.filters.exam);
    query.filters.services.extend(request.service.clone());
    if let Some(place) = &request.place {
        query.filters.place = place.clone();
    }
    let slugs = query
        .filters
        .services
        .iter()
        .map(|given| resolve(services, given))
        .collect::<Result<Vec<_>, _>>()?;
    let map = (!request.no_synonyms).then_some(synonyms);
    let options = Options {
        limit: request.limit.max(1),
    };
    let found = index.search(&query, &slugs, map, options)?;
    let relaxed = if found.hits.is_empty() {
        let words = Query {
            text: query.text,
            ..Query::default()
        };
        index.search(&words, &[], map, Options { limit: 1 })?.total
    } else {
        0
    };
    Ok(SearchReport {
        schema: 1,
        query: request.query.clone(),
        total: found.total,
        more: found.more,
        elapsed_us: elapsed(),
        hits: reports(found.hits),
        corrections: found
            .corrections
            .into_iter()
            .map(|(typed, meant)| Correction { typed, meant })
            .collect(),
        absent: found.absent,
        relaxed,
    })
}

/// Finds passages that are about the same things as a section.
///
/// # Errors
/// When the section is not there or the index damaged.
pub fn related(
    index: &NoteIndex,
    section: &SectionId,
    limit: usize,
    elapsed: &dyn Fn() -> u64,
) -> Result<SearchReport, SearchError> {
    let (record, _) = index
        .section(section)?
        .ok_or_else(|| SearchError::NoSection {
            id: section.to_string(),
        })?;
    let hits = index.related(section, limit)?;
    Ok(SearchReport {
        schema: 1,
        query: record.heading.last().unwrap_or(&record.title).clone(),
        total: hits.len(),
        more: false,
        elapsed_us: elapsed(),
        hits: reports(hits),
        corrections: Vec::new(),
        absent: Vec::new(),
        relaxed: 0,
    })
}

fn resolve(services: &Services, given: &str) -> Result<String, SearchError> {
    services
        .resolve(given)
        .map(str::to_owned)
        .ok_or_else(|| SearchError::Service {
            given: given.to_owned(),
            nearest: crate::text::nearest(given, services.slugs()).map(str::to_owned),
        })
}

fn reports(hits: Vec<Hit>) -> Vec<HitReport> {
    hits.into_iter()
        .zip(1..)
        .map(|(hit, rank)| HitReport {
            rank,
            id: hit.section.id,
            document: hit.section.document,
            title: hit.section.title,
            heading: hit.section.heading,
            path: hit.section.path,
            line: hit.section.lines.first,
            line_end: hit.section.lines.last,
            score: hit.score,
            snippet: hit.snippet.text,
            marks: hit.snippet.marks,
            snippet_line: hit.snippet_line,
            text: hit.text,
            exams: hit.section.exams,
            services: hit.section.services,
            scope: hit.section.scope,
            duplicates: hit.duplicates,
            stale: hit
                .section
                .stale
                .into_iter()
                .map(|stale| StaleNote {
                    rule: stale.rule,
                    now: stale.now,
                    since: stale.since,
                    source: stale.source,
                    line: stale.lines.first,
                })
                .collect(),
        })
        .collect()
}
