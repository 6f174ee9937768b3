//! Duplicates: passages and articles that say the same.

use std::collections::{HashMap, HashSet};

use tantivy::{DocAddress, Searcher, TantivyDocument};

use super::index::{IndexError, NoteIndex, hash, read_record};
use super::record::{DocumentRecord, SectionRecord};
use crate::notes::similar::{self, Signature};
use crate::notes::{DocumentId, SectionId};

impl NoteIndex {
    /// Finds the passages that say the same as this one, in order of their ids.
    pub(super) fn duplicates_of(
        &self,
        searcher: &Searcher,
        record: &SectionRecord,
        own: &Signature,
    ) -> Result<Vec<SectionId>, IndexError> {
        let mut found: Vec<SectionId> = Vec::new();
        let mut seen: HashSet<DocAddress> = HashSet::new();
        let mut same: HashMap<DocumentId, bool> = HashMap::new();
        let document = self.document_signature(searcher, &record.document)?;
        let mut pool: Vec<DocAddress> = Vec::new();
        for band in own.bands() {
            pool.extend(self.lookup(searcher, self.fields.band, band)?);
        }
        // A passage too short for bands meets its twin through the article that was posted twice.
        if let Some(document) = &document {
            for twin in self.twins(searcher, &record.document, document)? {
                same.insert(twin.clone(), true);
                pool.extend(self.lookup(searcher, self.fields.document, hash(&twin.0))?);
            }
        }
        for address in pool {
            if !seen.insert(address) {
                continue;
            }
            let entry: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
            let Some(other) = read_record::<SectionRecord>(&entry, self.fields.record) else {
                continue;
            };
            let Some(signature) = self.signature(&entry) else {
                continue;
            };
            let reposted = same.get(&other.document).copied().unwrap_or(false);
            if other.id != record.id
                && other.document != record.document
                && similar::same_passage(own, &signature, reposted)
            {
                found.push(other.id);
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Finds the documents that are the same article as this one.
    pub fn twins_of(&self, id: &DocumentId) -> Result<Vec<DocumentId>, IndexError> {
        let searcher = self.searcher();
        match self.document_signature(&searcher, id)? {
            Some(signature) => self.twins(&searcher, id, &signature),
            None => Ok(Vec::new()),
        }
    }

    fn twins(
        &self,
        searcher: &Searcher,
        id: &DocumentId,
        own: &Signature,
    ) -> Result<Vec<DocumentId>, IndexError> {
        let mut twins = Vec::new();
        let mut seen = HashSet::new();
        for band in own.bands() {
            for address in self.lookup(searcher, self.fields.band, band)? {
                if !seen.insert(address) {
                    continue;
                }
                let entry: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
                if entry.get_first(self.fields.text).is_some() {
                    continue;
                }
                let Some(record) = read_record::<DocumentRecord>(&entry, self.fields.record) else {
                    continue;
                };
                let twin = self
                    .signature(&entry)
                    .is_some_and(|other| similar::same_article(own, &other));
                if twin && record.id != *id {
                    twins.push(record.id);
                }
            }
        }
        twins.sort();
        Ok(twins)
    }
}
