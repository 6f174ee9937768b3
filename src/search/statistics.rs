//! How often terms occur among the notes that are searched: a word is as rare as it is there, whatever else the index
//! holds.

use std::cell::RefCell;
use std::collections::HashMap;

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, Searcher, TERMINATED, TantivyError, Term};

use super::fields::Fields;
use super::update::scope_number;
use crate::notes::Scope;

/// One in so many entries: where the rest of the index is less than that, it makes no word rarer that matters, and
/// counting through the entries of every term would cost more than it tells.
const REST: u64 = 8;

/// Counts of terms, as the engine's score needs them.
pub(super) struct Statistics<'a> {
    searcher: &'a Searcher,
    /// None where the whole index counts.
    within: Option<Within>,
}

/// The entries of one scope.
struct Within {
    /// For each segment, whether an entry belongs to it.
    entries: Vec<Vec<bool>>,
    count: u64,
    /// What was counted before: the engine asks once per clause.
    known: RefCell<HashMap<Term, u64>>,
    tokens: RefCell<HashMap<Field, u64>>,
}

impl<'a> Statistics<'a> {
    /// Counts among the entries of one scope, or among all.
    ///
    /// # Errors
    /// When the index is damaged.
    pub(super) fn of(
        searcher: &'a Searcher,
        fields: &Fields,
        scope: Option<Scope>,
    ) -> Result<Self, TantivyError> {
        let within = match scope {
            Some(scope) => Within::of(searcher, fields, scope)?,
            None => None,
        };
        Ok(Self { searcher, within })
    }

    /// Entries that count.
    pub(super) fn entries(&self) -> u64 {
        let within = self.within.as_ref();
        within.map_or_else(|| self.searcher.num_docs(), |within| within.count)
    }

    /// Counts the entries with a term.
    ///
    /// # Errors
    /// When the index is damaged.
    pub(super) fn frequency(&self, term: &Term) -> Result<u64, TantivyError> {
        match &self.within {
            Some(within) => within.frequency(self.searcher, term),
            None => self.searcher.doc_freq(term),
        }
    }
}

impl Within {
    /// Marks the entries of a scope; `None` when nearly all are.
    fn of(
        searcher: &Searcher,
        fields: &Fields,
        scope: Scope,
    ) -> Result<Option<Self>, TantivyError> {
        let term = Term::from_field_u64(fields.scope, scope_number(scope));
        let all = searcher.num_docs();
        if all.saturating_sub(searcher.doc_freq(&term)?) * REST < all {
            return Ok(None);
        }
        let mut entries = Vec::new();
        let mut count = 0;
        for segment in searcher.segment_readers() {
            let mut marks = vec![false; usize::try_from(segment.max_doc()).unwrap_or(0)];
            each_entry(segment, &term, &mut |entry| {
                if let Some(mark) = marks.get_mut(at(entry)) {
                    *mark = !segment.is_deleted(entry);
                    count += u64::from(*mark);
                }
            })?;
            entries.push(marks);
        }
        Ok(Some(Self {
            entries,
            count,
            known: RefCell::default(),
            tokens: RefCell::default(),
        }))
    }

    fn frequency(&self, searcher: &Searcher, term: &Term) -> Result<u64, TantivyError> {
        if let Some(count) = self.known.borrow().get(term) {
            return Ok(*count);
        }
        let mut count = 0;
        for (segment, marks) in searcher.segment_readers().iter().zip(&self.entries) {
            each_entry(segment, term, &mut |entry| {
                count += u64::from(marks.get(at(entry)).is_some_and(|mark| *mark));
            })?;
        }
        self.known.borrow_mut().insert(term.clone(), count);
        Ok(count)
    }

    /// Counts the tokens of a field; where none are kept, no score depends on them.
    fn tokens(&self, searcher: &Searcher, field: Field) -> Result<u64, TantivyError> {
        if let Some(tokens) = self.tokens.borrow().get(&field) {
            return Ok(*tokens);
        }
        if !searcher.schema().get_field_entry(field).has_fieldnorms() {
            return searcher.total_num_tokens(field);
        }
        let mut tokens = 0;
        for (segment, marks) in searcher.segment_readers().iter().zip(&self.entries) {
            let lengths = segment.get_fieldnorms_reader(field)?;
            let marked = (0..segment.max_doc()).zip(marks).filter(|(_, mark)| **mark);
            tokens += marked
                .map(|(entry, _)| u64::from(lengths.fieldnorm(entry)))
                .sum::<u64>();
        }
        self.tokens.borrow_mut().insert(field, tokens);
        Ok(tokens)
    }
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> Result<u64, TantivyError> {
        match &self.within {
            Some(within) => within.tokens(self.searcher, field),
            None => self.searcher.total_num_tokens(field),
        }
    }

    fn total_num_docs(&self) -> Result<u64, TantivyError> {
        match &self.within {
            Some(within) => Ok(within.count),
            None => self.searcher.total_num_docs(),
        }
    }

    fn doc_freq(&self, term: &Term) -> Result<u64, TantivyError> {
        self.frequency(term)
    }
}

/// Walks over the entries of a segment that hold a term, deleted ones included.
fn each_entry(
    segment: &tantivy::SegmentReader,
    term: &Term,
    visit: &mut dyn FnMut(DocId),
) -> Result<(), TantivyError> {
    let inverted = segment.inverted_index(term.field())?;
    if let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::Basic)? {
        while postings.doc() != TERMINATED {
            visit(postings.doc());
            postings.advance();
        }
    }
    Ok(())
}

fn at(entry: DocId) -> usize {
    usize::try_from(entry).unwrap_or(usize::MAX)
}
