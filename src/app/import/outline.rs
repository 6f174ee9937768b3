//! What an import tells about one file: kept beside it, so that a file that has not changed need not be parsed again.
//!
//! The mark says what an outline was made from: the file's bytes, what reads them, and what it has to know for that.
//! Where one of these differs, the file is looked at anew.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::Duplicates;
use crate::notes::similar::{self, Signature};
use crate::notes::{self, Document, DocumentId, LineRange};

/// Version of this form.
const FORM: u32 = 1;

/// Articles under one key that are compared: notes that share a template share keys and are no duplicates.
const COMPARED: usize = 64;

/// What there is to tell about a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outline {
    /// The articles in it, in order.
    pub(super) articles: Vec<Article>,
    /// Secrets that were masked.
    pub(super) secrets_masked: usize,
    /// Sentences that state outdated facts.
    pub(super) stale: usize,
}

/// What there is to tell about an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Article {
    pub(super) id: DocumentId,
    pub(super) title: String,
    pub(super) lines: LineRange,
    pub(super) sections: usize,
    /// Its [`Signature`].
    likeness: Vec<u8>,
}

impl Outline {
    /// Names what an outline is made from: a file's bytes by their hash, and by `stamp` what is known to readers.
    pub(super) fn mark(hash: &str, stamp: &str) -> String {
        let all = format!(
            "{FORM} {} {} {stamp} {hash}",
            notes::VERSION,
            env!("CARGO_PKG_VERSION")
        );
        blake3::hash(all.as_bytes()).to_hex().to_string()
    }

    /// Adds an article.
    pub(super) fn add(&mut self, document: &Document) {
        self.secrets_masked += document.secrets_masked;
        self.stale += document
            .sections
            .iter()
            .map(|section| section.stale.len())
            .sum::<usize>();
        self.articles.push(Article {
            id: document.id.clone(),
            title: document.title.clone(),
            lines: document.lines,
            sections: document.sections.len(),
            likeness: similar::of_document(document).0.to_bytes(),
        });
    }

    /// Writes the outline down for [`Outline::from_bytes`].
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Plain data always has a JSON form; without it the file is parsed again, which is no harm.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Takes up an outline that was written down; `None` when the bytes are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let outline: Self = serde_json::from_slice(bytes).ok()?;
        let sound = |article: &Article| article.signature().is_some();
        outline.articles.iter().all(sound).then_some(outline)
    }
}

impl Article {
    /// Gives what tells whether another article is the same.
    pub(super) fn signature(&self) -> Option<Signature> {
        Signature::from_bytes(&self.likeness)
    }
}

/// Groups articles that are one and the same; the first of a group is kept.
pub(super) fn duplicates(signatures: &[(DocumentId, Signature)]) -> Vec<Duplicates> {
    let mut by_band: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut leader: Vec<usize> = (0..signatures.len()).collect();
    for (at, (_, signature)) in signatures.iter().enumerate() {
        for band in signature.bands() {
            let others = by_band.entry(band).or_default();
            let twin = others.iter().copied().take(COMPARED).find(|other| {
                signatures
                    .get(*other)
                    .is_some_and(|(_, other)| similar::same_article(other, signature))
            });
            if let (Some(twin), Some(own)) = (twin, leader.get(at).copied()) {
                let first = leader.get(twin).copied().unwrap_or(twin).min(own);
                if let Some(slot) = leader.get_mut(at) {
                    *slot = first;
                }
            }
            others.push(at);
        }
    }
    let mut groups: BTreeMap<usize, Vec<DocumentId>> = BTreeMap::new();
    for (at, first) in leader.iter().enumerate() {
        if at != *first
            && let Some((id, _)) = signatures.get(at)
        {
            groups.entry(*first).or_default().push(id.clone());
        }
    }
    groups
        .into_iter()
        .filter_map(|(first, dropped)| {
            Some(Duplicates {
                kept: signatures.get(first)?.0.clone(),
                dropped,
            })
        })
        .collect()
}
