//! Typing errors: English words that the notes hardly know, and the words they may have been meant for.

use tantivy::Searcher;
use tantivy::schema::Field;

/// Shortest word that is corrected; shorter ones have too many neighbours.
const SHORTEST: usize = 4;
/// A word that this many chunks know is no typing error.
const KNOWN: u64 = 2;
/// How many corrections are tried.
const MOST: usize = 3;
/// How many dictionary terms are compared at most; beyond that only those with the same first letter.
const LOOKED_AT: usize = 400_000;

/// Finds words of the index near to one that is (almost) unknown; the nearest and commonest first.
pub(crate) fn corrections(
    searcher: &Searcher,
    field: Field,
    word: &str,
    frequency: u64,
) -> Vec<String> {
    let letters = word.chars().count();
    let plain = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if letters < SHORTEST || !plain || frequency > KNOWN {
        return Vec::new();
    }
    let reach = if letters >= 8 { 2 } else { 1 };
    let mut found: Vec<(usize, std::cmp::Reverse<u64>, String)> = Vec::new();
    for reader in searcher.segment_readers() {
        let Ok(inverted) = reader.inverted_index(field) else {
            continue;
        };
        let dictionary = inverted.terms();
        let first = word.chars().next().map(String::from).unwrap_or_default();
        let everything = dictionary.num_terms() <= LOOKED_AT / 4;
        let range = if everything {
            dictionary.range().ge("a").lt("{")
        } else {
            dictionary
                .range()
                .ge(first.as_str())
                .lt(format!("{first}\u{7f}"))
        };
        let Ok(mut stream) = range.into_stream() else {
            continue;
        };
        let mut looked_at = 0;
        while stream.advance() && looked_at < LOOKED_AT {
            looked_at += 1;
            let Ok(term) = std::str::from_utf8(stream.key()) else {
                continue;
            };
            if !term.is_ascii() || term.len().abs_diff(letters) > reach || term == word {
                continue;
            }
            let distance = strsim::osa_distance(word, term);
            let count = u64::from(stream.value().doc_freq);
            // A lone occurrence of the word may be the same mistake in the notes: its neighbour must be commoner.
            if distance <= reach && count > frequency * 2 {
                match found.iter_mut().find(|(_, _, known)| known == term) {
                    Some((_, known, _)) => known.0 += count,
                    None => found.push((distance, std::cmp::Reverse(count), term.to_owned())),
                }
            }
        }
    }
    found.sort();
    let nearest = found.first().map(|(distance, ..)| *distance);
    found
        .into_iter()
        .filter(|(distance, ..)| Some(*distance) == nearest)
        .take(MOST)
        .map(|(_, _, term)| term)
        .collect()
}
