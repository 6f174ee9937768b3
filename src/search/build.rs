//! The query in the engine's terms: filters and phrases must hold, concepts add up.

use jiff::civil::Date;
use tantivy::Term;
use tantivy::collector::DocSetCollector;
use tantivy::query::{
    BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query as EngineQuery,
    RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::concept::Form;
use super::exact::{self, Exact};
use super::index::{IndexError, NoteIndex, hash};
use super::query::{Place, Query};
use super::rank::Weighed;
use super::update::{day_number, scope_number};
use crate::notes::Scope;
use crate::text::fold;

/// Weights of title, heading path, and everything.
const FIELD_WEIGHTS: [f32; 3] = [0.25, 0.75, 1.0];
/// Weight of bigrams beside words.
const BIGRAM_WEIGHT: f32 = 0.5;
/// Bonus for bigrams that stand together in the query's order.
const PHRASE_BONUS: f32 = 0.25;
/// Weight of a word that was probably meant.
const CORRECTION_WEIGHT: f32 = 0.8;

impl NoteIndex {
    /// Puts the query together: filters and phrases must hold, concepts add up.
    pub(super) fn build(
        &self,
        query: &Query,
        services: &[String],
        weighed: &[Weighed],
    ) -> Result<Box<dyn EngineQuery>, IndexError> {
        let mut clauses: Vec<(Occur, Box<dyn EngineQuery>)> = Vec::new();
        let scoring: Vec<(Occur, Box<dyn EngineQuery>)> = weighed
            .iter()
            .map(|w| (Occur::Should, self.concept_query(w)))
            .collect();
        // A phrase may be cut out of words: where it stands, none of them need be there by itself.
        let must = if query.phrases.is_empty() {
            Occur::Must
        } else {
            Occur::Should
        };
        clauses.push((must, Box::new(BooleanQuery::new(scoring))));
        for phrase in &query.phrases {
            let parts = Exact::of(phrase).clauses(&self.fields);
            if !parts.is_empty() {
                let all = Box::new(BooleanQuery::new(parts));
                clauses.push((Occur::Must, without_score(all)));
            }
        }
        let excluded = exact::certain(&query.excluded);
        if !excluded.is_empty() {
            clauses.push((Occur::MustNot, self.sections_with(&excluded)?));
        }
        self.filters(query, services, &mut clauses)?;
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    /// The sections in which one of the texts stands, whichever piece of them it is in; the engine must be certain of
    /// them.
    ///
    /// A phrase must not be excluded directly: the engine asks its scorer for documents that it has passed already.
    fn sections_with(&self, texts: &[Exact]) -> Result<Box<dyn EngineQuery>, IndexError> {
        let searcher = self.searcher();
        let mut terms: Vec<Term> = Vec::new();
        for text in texts {
            let found = searcher
                .search(
                    &BooleanQuery::new(text.clauses(&self.fields)),
                    &DocSetCollector,
                )
                .map_err(|e| self.error(e))?;
            for address in found {
                let column = searcher
                    .segment_reader(address.segment_ord)
                    .fast_fields()
                    .u64("section");
                let key = column.ok().and_then(|column| column.first(address.doc_id));
                terms.extend(key.map(|key| Term::from_field_u64(self.fields.section, key)));
            }
        }
        Ok(Box::new(TermSetQuery::new(terms)))
    }

    fn filters(
        &self,
        query: &Query,
        services: &[String],
        clauses: &mut Vec<(Occur, Box<dyn EngineQuery>)>,
    ) -> Result<(), IndexError> {
        let filters = &query.filters;
        if let Some(exam) = filters.exam {
            clauses.push((
                Occur::Must,
                without_score(term(self.fields.exam, exam.code())),
            ));
        }
        for service in services {
            clauses.push((
                Occur::Must,
                without_score(term(self.fields.service, service)),
            ));
        }
        if let Some(before) = filters.before {
            clauses.push((Occur::Must, without_score(self.before(before))));
        }
        match &filters.place {
            Place::All => {}
            Place::Mine => clauses.push((Occur::Must, without_score(self.of_scope(Scope::Mine)))),
            Place::Bundled => {
                clauses.push((Occur::Must, without_score(self.of_scope(Scope::Bundled))));
            }
            Place::Path(part) => {
                let terms: Vec<Term> = self
                    .documents()?
                    .into_iter()
                    .filter(|document| {
                        fold(&document.path.to_string_lossy()).contains(part.as_str())
                    })
                    .map(|document| {
                        Term::from_field_u64(self.fields.document, hash(&document.id.0))
                    })
                    .collect();
                clauses.push((
                    Occur::Must,
                    without_score(Box::new(TermSetQuery::new(terms))),
                ));
            }
        }
        Ok(())
    }

    fn of_scope(&self, scope: Scope) -> Box<dyn EngineQuery> {
        let number = scope_number(scope);
        Box::new(TermQuery::new(
            Term::from_field_u64(self.fields.scope, number),
            IndexRecordOption::Basic,
        ))
    }

    fn before(&self, day: Date) -> Box<dyn EngineQuery> {
        let at = |number| std::ops::Bound::Excluded(Term::from_field_u64(self.fields.date, number));
        Box::new(RangeQuery::new(at(0), at(day_number(day))))
    }

    /// A concept: what was typed, or one of its other names, whichever fits best.
    fn concept_query(&self, weighed: &Weighed) -> Box<dyn EngineQuery> {
        let concept = &weighed.concept;
        let mut ways = vec![self.own_query(&concept.own)];
        for (form, scale) in concept.others.iter().zip(&weighed.scales) {
            if let Some(way) = self.other_query(form) {
                ways.push(boosted(way, *scale));
            }
        }
        for word in &weighed.corrections {
            let form = Form {
                words: vec![word.clone()],
                bigrams: Vec::new(),
                ..Form::kept(word)
            };
            ways.push(boosted(self.own_query(&form), CORRECTION_WEIGHT));
        }
        let best: Box<dyn EngineQuery> = if ways.len() == 1 {
            ways.remove(0)
        } else {
            Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.1))
        };
        boosted(best, concept.weight)
    }

    /// What was typed, term by term, with a bonus where the bigrams stand together.
    fn own_query(&self, form: &Form) -> Box<dyn EngineQuery> {
        let mut clauses: Vec<(Occur, Box<dyn EngineQuery>)> = Vec::new();
        for (at, weight) in FIELD_WEIGHTS.into_iter().enumerate() {
            let (Some(words), Some(bigrams)) =
                (self.fields.words.get(at), self.fields.bigrams.get(at))
            else {
                continue;
            };
            for word in &form.words {
                clauses.push((Occur::Should, boosted(term(*words, word), weight)));
            }
            for bigram in &form.bigrams {
                clauses.push((
                    Occur::Should,
                    boosted(term(*bigrams, bigram), weight * BIGRAM_WEIGHT),
                ));
            }
            if form.bigrams.len() > 1
                && let Some(together) = self.together(*bigrams, &form.bigrams)
            {
                clauses.push((Occur::Should, boosted(together, weight * PHRASE_BONUS)));
            }
        }
        Box::new(BooleanQuery::new(clauses))
    }

    /// Bigrams that stand together: in their order where the field knows it; a title is so short that order says little.
    fn together(&self, field: Field, bigrams: &[String]) -> Option<Box<dyn EngineQuery>> {
        if field == self.fields.bigrams[2] {
            phrase(field, bigrams)
        } else {
            all_of(field, bigrams)
        }
    }

    /// Another name: it must stand there whole, but then it counts as much as what was typed.
    fn other_query(&self, form: &Form) -> Option<Box<dyn EngineQuery>> {
        let mut clauses: Vec<(Occur, Box<dyn EngineQuery>)> = Vec::new();
        for (at, weight) in FIELD_WEIGHTS.into_iter().enumerate() {
            let (words, bigrams) = (self.fields.words.get(at)?, self.fields.bigrams.get(at)?);
            let ascii: Vec<String> = form
                .words
                .iter()
                .filter(|w| w.is_ascii())
                .cloned()
                .collect();
            let mut parts: Vec<Box<dyn EngineQuery>> = Vec::new();
            parts.extend(
                self.together(*bigrams, &form.bigrams)
                    .map(|q| boosted(q, BIGRAM_WEIGHT + PHRASE_BONUS)),
            );
            parts.extend(all_of(*words, &ascii));
            let both: Box<dyn EngineQuery> = match parts.len() {
                0 => return None,
                1 => parts.remove(0),
                _ => Box::new(BooleanQuery::intersection(parts)),
            };
            clauses.push((Occur::Should, boosted(both, weight)));
            for word in form.words.iter().filter(|w| !w.is_ascii()) {
                if form.words.len() == 1 {
                    clauses.push((Occur::Should, boosted(term(*words, word), weight)));
                }
            }
        }
        Some(Box::new(BooleanQuery::new(clauses)))
    }
}

/// Terms that must all occur, in any order.
pub(super) fn all_of(field: Field, terms: &[String]) -> Option<Box<dyn EngineQuery>> {
    let terms: Vec<Box<dyn EngineQuery>> = terms.iter().map(|text| term(field, text)).collect();
    match terms.len() {
        0 => None,
        1 => terms.into_iter().next(),
        _ => Some(Box::new(BooleanQuery::intersection(terms))),
    }
}

fn term(field: Field, text: &str) -> Box<dyn EngineQuery> {
    Box::new(TermQuery::new(
        Term::from_field_text(field, text),
        IndexRecordOption::WithFreqs,
    ))
}

fn boosted(query: Box<dyn EngineQuery>, weight: f32) -> Box<dyn EngineQuery> {
    if (weight - 1.0).abs() < f32::EPSILON {
        query
    } else {
        Box::new(BoostQuery::new(query, weight))
    }
}

fn without_score(query: Box<dyn EngineQuery>) -> Box<dyn EngineQuery> {
    Box::new(BoostQuery::new(query, 0.0))
}

/// Terms one right after the other.
pub(super) fn phrase(field: Field, terms: &[String]) -> Option<Box<dyn EngineQuery>> {
    let all: Vec<Term> = terms
        .iter()
        .map(|text| Term::from_field_text(field, text))
        .collect();
    match all.len() {
        0 => None,
        1 => terms.first().map(|text| term(field, text)),
        _ => Some(Box::new(PhraseQuery::new(all))),
    }
}
