//! Recognises which AWS services and exams a text is about.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use crate::exam::Exam;
use crate::notes::Document;
use crate::text::fold;
use crate::yaml::{self, YamlError};

/// One service as `content/services.yaml` lists it.
#[derive(Debug, Clone, Deserialize)]
struct Entry {
    id: String,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct File {
    services: Vec<Entry>,
}

/// The known services, by the spellings under which texts mention them.
#[derive(Debug)]
pub struct Services {
    spellings: AhoCorasick,
    /// For each spelling of the automaton, the service's slug.
    slugs: Vec<String>,
    names: BTreeMap<String, String>,
}

/// Why the list of services cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServicesError {
    /// The file has another shape.
    #[error("the list of services is not readable")]
    Yaml(#[from] YamlError),
    /// The spellings are too many for one automaton.
    #[error("too many spellings of services")]
    TooMany,
}

impl Services {
    /// Reads `content/services.yaml`.
    ///
    /// # Errors
    /// When the text is no such list.
    pub fn from_yaml(text: &str) -> Result<Self, ServicesError> {
        let file: File = yaml::from_str(text)?;
        let mut spellings = BTreeMap::new();
        let mut names = BTreeMap::new();
        for entry in &file.services {
            names.insert(entry.id.clone(), entry.name.clone());
            let short = entry
                .name
                .strip_prefix("Amazon ")
                .or_else(|| entry.name.strip_prefix("AWS "));
            let own = short.filter(|short| is_own_word(short)).map(str::to_owned);
            let all = entry.aliases.iter().cloned().chain(own);
            for spelling in all.chain([entry.name.clone()]) {
                spellings
                    .entry(fold(&spelling))
                    .or_insert_with(|| entry.id.clone());
            }
        }
        let (texts, slugs): (Vec<String>, Vec<String>) = spellings.into_iter().unzip();
        let spellings = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(texts)
            .map_err(|_| ServicesError::TooMany)?;
        Ok(Self {
            spellings,
            slugs,
            names,
        })
    }

    /// Gives the official name of a slug.
    pub fn name(&self, slug: &str) -> Option<&str> {
        self.names.get(slug).map(String::as_str)
    }

    /// Finds the slug of a service by slug, name or other spelling.
    pub fn resolve(&self, given: &str) -> Option<&str> {
        let folded = fold(given.trim());
        if let Some((slug, _)) = self.names.get_key_value(folded.as_str()) {
            return Some(slug);
        }
        let found = self.spellings.find(&folded)?;
        (found.start() == 0 && found.end() == folded.len())
            .then(|| self.slugs.get(found.pattern().as_usize()))
            .flatten()
            .map(String::as_str)
    }

    /// Lists all slugs.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// Finds the services a text mentions, with how often.
    pub fn mentions(&self, text: &str) -> BTreeMap<&str, usize> {
        let folded = fold(text);
        let bytes = folded.as_bytes();
        let mut found = BTreeMap::new();
        for hit in self.spellings.find_iter(&folded) {
            // An ASCII spelling counts only as a word of its own: `sam` is no part of `sample`.
            let before = hit.start().checked_sub(1).and_then(|i| bytes.get(i));
            let after = bytes.get(hit.end());
            let first = bytes.get(hit.start());
            let last = hit.end().checked_sub(1).and_then(|i| bytes.get(i));
            let word = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
            if (word(before) && word(first)) || (word(after) && word(last)) {
                continue;
            }
            if let Some(slug) = self.slugs.get(hit.pattern().as_usize()) {
                *found.entry(slug.as_str()).or_insert(0) += 1;
            }
        }
        found
    }

    /// Fills in the services of each section, and services and exams of the document.
    pub(crate) fn recognise(&self, document: &mut Document) {
        let declared = std::mem::take(&mut document.services);
        let of_title: BTreeSet<String> = self
            .mentions(&document.title)
            .into_keys()
            .map(str::to_owned)
            .collect();
        let mut all: BTreeMap<String, usize> = BTreeMap::new();
        for section in &mut document.sections {
            let mut here: BTreeSet<String> = of_title.clone();
            here.extend(declared.iter().cloned());
            let headings = section.heading.join("\n");
            for (slug, count) in self.mentions(&format!("{headings}\n{}", section.text)) {
                here.insert(slug.to_owned());
                *all.entry(slug.to_owned()).or_insert(0) += count;
            }
            section.services = here.into_iter().collect();
        }
        let about = all
            .into_iter()
            .filter(|(_, count)| *count >= 3)
            .map(|(slug, _)| slug);
        let mut services: BTreeSet<String> = declared.into_iter().chain(of_title).collect();
        services.extend(about);
        document.services = services.into_iter().collect();
        if document.exams.is_empty() {
            document.exams = exams_in(document);
        }
    }
}

/// Says whether a service's name without its maker is a word that means nothing else: an abbreviation or one with
/// capitals inside. `Backup`, `Connect`, `Config` are words of every text.
fn is_own_word(short: &str) -> bool {
    let capitals = short.chars().filter(char::is_ascii_uppercase).count();
    capitals >= 2 || short.chars().any(|c| c.is_ascii_digit())
}

fn exams_in(document: &Document) -> Vec<Exam> {
    const SAA: &[&str] = &[
        "saa",
        "saa-c02",
        "saa-c03",
        "awssaa",
        "ソリューションアーキテクト",
    ];
    const DVA: &[&str] = &[
        "dva",
        "dva-c01",
        "dva-c02",
        "dva-c03",
        "デベロッパーアソシエイト",
        "デベロッパー - アソシエイト",
    ];
    let mut text = fold(&document.title);
    for section in document.sections.iter().take(3) {
        text.push('\n');
        text.extend(fold(&section.text).chars().take(400));
    }
    let has = |words: &[&str]| words.iter().any(|word| contains_word(&text, word));
    [(Exam::Saa, SAA), (Exam::Dva, DVA)]
        .into_iter()
        .filter(|(_, words)| has(words))
        .map(|(exam, _)| exam)
        .collect()
}

fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        !word.is_ascii() || !(letter(before) || letter(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> Services {
        Services::from_yaml(include_str!("../../content/services.yaml")).unwrap()
    }

    #[test]
    fn services_are_found_as_words() {
        let services = services();
        let found =
            services.mentions("Sample: ＳＱＳからLambdaへ。S3バケット、Amazon DynamoDBのTTL");
        let slugs: Vec<&str> = found.into_keys().collect();
        assert_eq!(slugs, ["dynamodb", "lambda", "s3", "sqs"]);
    }

    #[test]
    fn spellings_resolve_to_slugs() {
        let services = services();
        assert_eq!(services.resolve("ELB"), Some("elb"));
        assert_eq!(services.resolve("route53"), Some("route53"));
        assert_eq!(services.resolve("Amazon S3"), Some("s3"));
        assert_eq!(services.resolve("nothing"), None);
    }
}
