//! Words as the notes write them: loan words in the other script (`filter` also looks for フィルター and the other way
//! round), and two English words as one.

use tantivy::{Searcher, Term};

use super::concept::{Concept, Form, sound_of};
use super::fields::SPELLED;
use super::index::{IndexError, NoteIndex};

/// Spellings of one sound that are looked for.
const MOST: usize = 3;
/// Letters from which on two words may be one.
const LETTERS: usize = 6;

impl NoteIndex {
    /// Adds to each concept the spellings in the other script that the notes use.
    pub(super) fn add_other_scripts(
        &self,
        searcher: &Searcher,
        concepts: &mut [Concept],
    ) -> Result<(), IndexError> {
        for at in 0..concepts.len() {
            let Some(concept) = concepts.get(at) else {
                continue;
            };
            let mut found = Vec::new();
            if let Some(key) = &concept.own.sound {
                found = self.spellings(searcher, key, is_latin(&concept.own))?;
            }
            // What English writes as two words katakana writes as one.
            let next = concepts.get(at + 1);
            let joined = next.and_then(|next| joined(&concept.own, &next.own));
            let both = match joined {
                Some(key) => self.spellings(searcher, &key, true)?,
                None => Vec::new(),
            };
            let glued = match concepts.get(at + 1) {
                Some(next) => self.glued(searcher, &concept.own, &next.own)?,
                None => None,
            };
            let both: Vec<Form> = both.into_iter().chain(glued).collect();
            let next = concepts.get_mut(at + 1).filter(|_| !both.is_empty());
            add(next, &both);
            found.extend(both);
            add(concepts.get_mut(at), &found);
        }
        Ok(())
    }

    /// Writes two neighbouring English words as one where the notes do: CloudFront for `cloud front`.
    fn glued(
        &self,
        searcher: &Searcher,
        first: &Form,
        second: &Form,
    ) -> Result<Option<Form>, IndexError> {
        let text = |form: &Form| form.needle.chars.iter().collect::<String>();
        let word = format!("{}{}", text(first), text(second));
        if word.chars().count() < LETTERS || !word.chars().all(|c| c.is_ascii_lowercase()) {
            return Ok(None);
        }
        let term = Term::from_field_text(self.fields.words[2], &word);
        let known = searcher.doc_freq(&term).map_err(|e| self.error(e))? > 0;
        Ok(known.then(|| Form::of(&word)))
    }

    /// Lists the spellings of a sound in the script that was not typed, the commonest first.
    fn spellings(
        &self,
        searcher: &Searcher,
        key: &str,
        typed_latin: bool,
    ) -> Result<Vec<Form>, IndexError> {
        let mut found: Vec<(std::cmp::Reverse<u64>, String)> = Vec::new();
        let (first, last) = (format!("{key}{SPELLED}"), format!("{key}\u{3}"));
        for reader in searcher.segment_readers() {
            let inverted = reader
                .inverted_index(self.fields.sound)
                .map_err(|e| self.error(e))?;
            let range = inverted.terms().range().ge(&first).lt(&last);
            let mut stream = range.into_stream().map_err(|e| self.error(e.into()))?;
            while stream.advance() {
                let term = std::str::from_utf8(stream.key()).unwrap_or_default();
                let Some((_, spelling)) = term.split_once(SPELLED) else {
                    continue;
                };
                let count = u64::from(stream.value().doc_freq);
                match found.iter_mut().find(|(_, known)| known == spelling) {
                    Some((known, _)) => known.0 += count,
                    None if spelling.is_ascii() != typed_latin => {
                        found.push((std::cmp::Reverse(count), spelling.to_owned()));
                    }
                    None => {}
                }
            }
        }
        found.sort();
        let forms = found.into_iter().take(MOST);
        Ok(forms.map(|(_, spelling)| Form::kept(&spelling)).collect())
    }
}

fn is_latin(form: &Form) -> bool {
    form.needle.chars.iter().all(char::is_ascii)
}

/// The key of two neighbouring English words.
fn joined(first: &Form, second: &Form) -> Option<String> {
    let text = |form: &Form| form.needle.chars.iter().collect::<String>();
    let latin = is_latin(first) && is_latin(second);
    latin
        .then(|| sound_of(&[&text(first), &text(second)]))
        .flatten()
}

fn add(concept: Option<&mut Concept>, forms: &[Form]) {
    let Some(concept) = concept else { return };
    for form in forms {
        let known = std::iter::once(&concept.own)
            .chain(&concept.others)
            .any(|other| other.needle.chars == form.needle.chars);
        if !known {
            concept.others.push(form.clone());
        }
    }
}
