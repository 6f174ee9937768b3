//! Finds passages about a miss in the search index: a search for the telling words, then a look at each hit's parts.

use super::{NoteFinder, NoteQuery, OwnPassage, Topic};
use crate::app::search::{SearchRequest, search};
use crate::notes::services::Services;
use crate::search::synonyms::Synonyms;
use crate::search::{NoteIndex, Place};
use crate::text::{cut_to_width, fold};

/// Hits that are looked through.
const CANDIDATES: usize = 20;
/// Characters from which on a passage is long.
const LONG: usize = 4000;
/// What a long one's share counts: a short section that covers a little less helps more.
const LONG_SHARE: f64 = 0.8;
/// Columns of a passage that are shown.
const SHOWN: usize = 300;

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
        let slugs = query.services.iter();
        let names: Vec<&str> = slugs.filter_map(|s| self.services.name(s)).collect();
        let names = fold(&names.join(" "));
        let topic = Topic::of(query, &|word| {
            // A service's own name stands in every passage about it.
            let own = names.split(' ').any(|name| name == word);
            if own { 0.0 } else { self.index.rarity_of(word) }
        });
        let request = SearchRequest {
            query: topic.search_words(),
            place: Some(Place::Mine),
            limit: CANDIDATES,
            ..SearchRequest::default()
        };
        // A damaged index finds nothing here: a question is answered all the same.
        let report = search(self.index, self.synonyms, self.services, &request, &|| 0).ok()?;
        let about_service = |text: &str| {
            let mentioned = self.services.mentions(text);
            let mut slugs = query.services.iter();
            slugs.any(|slug| mentioned.contains_key(slug.as_str()))
        };
        let mut about: Vec<_> = report
            .hits
            .into_iter()
            .filter_map(|hit| {
                let heading = format!("{} {}", hit.title, hit.heading.join(" "));
                let part = topic.best_part(&heading, &hit.text, &about_service)?;
                let long = hit.text.chars().count() > LONG;
                let rank = part.share * if long { LONG_SHARE } else { 1.0 };
                Some((rank, part, hit))
            })
            .collect();
        about.sort_by(|one, other| other.0.total_cmp(&one.0));
        let passages = about.into_iter().take(query.limit).map(|(_, part, hit)| {
            let line = (hit.line + part.line).min(hit.line_end);
            OwnPassage {
                title: hit.title,
                heading: hit.heading,
                path: hit.path.display().to_string(),
                line,
                line_end: hit.line_end,
                snippet: one_line(&part.text),
            }
        });
        Some(passages.collect())
    }
}

/// Writes a part as one line, cut to what is shown.
fn one_line(part: &str) -> String {
    let words: Vec<&str> = part.split_whitespace().collect();
    cut_to_width(&words.join(" "), SHOWN)
}
