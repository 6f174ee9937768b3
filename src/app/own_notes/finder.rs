//! Finds passages about a miss in the search index: a search for the telling words, then a look at each hit's parts.

use super::about::{Standing, Wanted};
use super::part::{Part, Passage};
use super::topic::Topic;
use super::{NoteFinder, NoteQuery, OwnPassage};
use crate::app::search::{HitReport, SearchRequest, search};
use crate::notes::services::Services;
use crate::search::synonyms::Synonyms;
use crate::search::{NoteIndex, Place};
use crate::text::fold;

/// Hits that are looked through. Of those further down that hold enough of the words four in ten do not help; of the
/// first two, two in ten.
const CANDIDATES: usize = 2;

/// Looks in an index.
#[derive(Debug, Clone, Copy)]
pub struct IndexFinder<'a> {
    /// The index.
    pub index: &'a NoteIndex,
    /// Other spellings.
    pub synonyms: &'a Synonyms,
    /// The services that texts mention.
    pub services: &'a Services,
}

impl NoteFinder for IndexFinder<'_> {
    fn passages(&self, query: &NoteQuery<'_>) -> Option<Vec<OwnPassage>> {
        let mut found: Vec<(Part, HitReport)> = Vec::new();
        for correct in query.correct {
            for (part, hit) in self.parts(query, correct)? {
                match found.iter_mut().find(|(_, other)| other.id == hit.id) {
                    Some(known) if known.0.score < part.score => *known = (part, hit),
                    Some(_) => {}
                    None => found.push((part, hit)),
                }
            }
        }
        // A line without end leads nowhere: what was cut out of one stands in only where there is nothing else.
        if found.iter().any(|(part, _)| !part.unbroken) {
            found.retain(|(part, _)| !part.unbroken);
        }
        found.sort_by(|one, other| other.0.score.total_cmp(&one.0.score));
        let best = found.into_iter().take(query.limit);
        Some(best.map(|(part, hit)| self.passage(part, hit)).collect())
    }
}

impl IndexFinder<'_> {
    /// Finds parts of the notes about one right answer; `None` when they cannot be searched.
    fn parts(&self, query: &NoteQuery<'_>, correct: &str) -> Option<Vec<(Part, HitReport)>> {
        let topic = self.topic(query, correct);
        let request = SearchRequest {
            query: topic.search_words().to_owned(),
            place: Some(Place::Mine),
            limit: CANDIDATES,
            ..SearchRequest::default()
        };
        // A damaged index finds nothing here: a question is answered all the same.
        let report = search(self.index, self.synonyms, self.services, &request, &|| 0).ok()?;
        let wanted = Wanted::of(self.services, query, correct);
        let parts = report.hits.into_iter().filter_map(|hit| {
            let heading = format!("{} {}", hit.title, hit.heading.join(" "));
            let suits = |before: &str, part: &str| {
                let standing = Standing {
                    title: &hit.title,
                    heading: &hit.heading,
                    before,
                };
                wanted.is_about(standing, part)
            };
            let passage = Passage {
                heading: &heading,
                text: &hit.text,
            };
            let part = passage.best_part(&topic, &suits)?;
            Some((part, hit))
        });
        Some(parts.collect())
    }

    fn topic(&self, query: &NoteQuery<'_>, correct: &str) -> Topic {
        let slugs = query.services.iter();
        let names: Vec<&str> = slugs.filter_map(|s| self.services.name(s)).collect();
        let names = fold(&names.join(" "));
        Topic::of(query, correct, self.synonyms, &|word| {
            // A service's own name stands in every passage about it.
            let slug = self.services.resolve(word);
            let own = slug.is_some_and(|slug| query.services.iter().any(|one| one == slug))
                || names.split(' ').any(|name| name == word);
            if own { 0.0 } else { self.index.rarity_of(word) }
        })
    }

    fn passage(&self, part: Part, hit: HitReport) -> OwnPassage {
        let section = self.index.section(&hit.id).ok().flatten();
        let line = section.map_or(hit.line, |(record, _)| record.line_of(part.line));
        OwnPassage {
            title: hit.title,
            heading: hit.heading,
            path: hit.path.display().to_string(),
            line,
            line_end: hit.line_end,
            snippet: part.text,
        }
    }
}
