//! Updates: what files contribute, replaced within one commit.

use std::collections::HashSet;

use tantivy::{IndexWriter, TantivyDocument, Term};

use super::chunk::{chunks, context};
use super::fields::{Fields, Terms};
use super::index::{FileKey, IndexError, NoteIndex, hash, section_key, version};
use super::record::{DocumentRecord, SectionRecord};
use super::seal;
use crate::notes::similar::{self, Signature};
use crate::notes::{Document, Scope};

/// Keys under which sections meet. Two passages that count as one share nearly all of their shingles, so that half of
/// the keys find them; articles that were edited need them all.
const SECTION_BANDS: usize = 4;

/// An update in the making; dropped without [`Update::commit`] it never was.
pub struct Update<'a> {
    pub(super) index: &'a NoteIndex,
    pub(super) writer: IndexWriter,
}

impl std::fmt::Debug for Update<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Update").finish_non_exhaustive()
    }
}

impl Update<'_> {
    /// Takes out all that a file contributed.
    pub fn remove(&mut self, file: FileKey) {
        self.writer
            .delete_term(Term::from_field_u64(self.index.fields.file, file.0));
    }

    /// Replaces what a file contributed.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn add(
        &mut self,
        file: FileKey,
        content: u64,
        documents: &[Document],
    ) -> Result<(), IndexError> {
        self.begin_file(file, content)?;
        self.extend_file(file, documents)
    }

    /// Takes out what a file contributed and notes what is to come; [`Update::extend_file`] adds it.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn begin_file(&mut self, file: FileKey, content: u64) -> Result<(), IndexError> {
        self.remove(file);
        let fields = self.index.fields;
        let mut entry = TantivyDocument::default();
        entry.add_u64(fields.file, file.0);
        entry.add_u64(fields.origin, file.0);
        entry.add_u64(fields.content, content);
        self.put(entry)
    }

    /// Adds documents of a file.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn extend_file(&mut self, file: FileKey, documents: &[Document]) -> Result<(), IndexError> {
        for document in documents {
            self.add_document(file, document)?;
        }
        Ok(())
    }

    fn add_document(&mut self, file: FileKey, document: &Document) -> Result<(), IndexError> {
        let fields = self.index.fields;
        let key = hash(&document.id.0);
        let mut entry = TantivyDocument::default();
        entry.add_u64(fields.file, file.0);
        entry.add_u64(fields.document, key);
        entry.add_u64(fields.is_document, 1);
        let (whole, signatures) = similar::of_document(document);
        add_signature(&mut entry, fields, &whole, usize::MAX);
        add_record(&mut entry, fields, &DocumentRecord::of(document));
        self.put(entry)?;
        let title = Terms::of(&document.title);
        let mut heard = HashSet::new();
        let keywords = Terms::of(&document.keywords.join("\n"));
        for (ordinal, (section, signature)) in document.sections.iter().zip(&signatures).enumerate()
        {
            let record = SectionRecord::of(document, section, ordinal);
            let heading = Terms::of(&section.heading.join(" / "));
            for (number, range) in (0_u64..).zip(chunks(&section.text)) {
                let piece = section.text.get(range.clone()).unwrap_or_default();
                let mut entry = TantivyDocument::default();
                entry.add_u64(fields.file, file.0);
                entry.add_u64(fields.document, key);
                entry.add_u64(fields.section, section_key(&section.id));
                entry.add_u64(fields.ordinal, number);
                entry.add_u64(fields.scope, scope_number(document.scope));
                entry.add_text(fields.text, piece);
                if number == 0 {
                    add_signature(&mut entry, fields, signature, SECTION_BANDS);
                    add_record(&mut entry, fields, &record);
                }
                for exam in &record.exams {
                    entry.add_text(fields.exam, exam.code());
                }
                for service in &record.services {
                    entry.add_text(fields.service, service);
                }
                if let Some(date) = record.date {
                    entry.add_u64(fields.date, day_number(date));
                }
                let mut all = title.clone();
                all.append(&heading);
                all.append(&keywords);
                let context = context(&section.text, range.start);
                if !context.is_empty() {
                    all.append(&Terms::of(&context));
                    entry.add_text(fields.context, context);
                }
                all.append(&Terms::of(piece));
                // Looked up in the dictionary alone: once per document is enough.
                let sounds = all.new_sounds(&mut heard);
                if !sounds.is_empty() {
                    entry.add_text(fields.sound, sounds);
                }
                for (at, terms) in [&title, &heading, &all].into_iter().enumerate() {
                    if let (Some(words), Some(bigrams)) =
                        (fields.words.get(at), fields.bigrams.get(at))
                    {
                        entry.add_text(*words, &terms.words);
                        entry.add_text(*bigrams, &terms.bigrams);
                    }
                }
                self.put(entry)?;
            }
        }
        Ok(())
    }

    fn put(&self, entry: TantivyDocument) -> Result<(), IndexError> {
        self.writer
            .add_document(entry)
            .map(drop)
            .map_err(|e| self.index.error(e))
    }

    /// Makes the update durable and visible.
    ///
    /// # Errors
    /// When the index cannot be written; it stays as it was then.
    pub fn commit(mut self) -> Result<(), IndexError> {
        let index = self.index;
        let mut prepared = self.writer.prepare_commit().map_err(|e| index.error(e))?;
        prepared.set_payload(&version());
        prepared.commit().map_err(|e| index.error(e))?;
        // Merging goes on in threads of the writer; what is left half merged is cleaned up by the next update.
        self.writer
            .wait_merging_threads()
            .map_err(|e| index.error(e))?;
        seal::write(&index.path);
        index.refresh()
    }
}

pub(crate) const fn scope_number(scope: Scope) -> u64 {
    match scope {
        Scope::Mine => 0,
        Scope::Bundled => 1,
    }
}

/// Writes a day as a number that sorts as days do: 20261121.
pub(crate) fn day_number(date: jiff::civil::Date) -> u64 {
    let part = |n: i16| u64::from(n.unsigned_abs());
    part(date.year()) * 10_000 + part(date.month().into()) * 100 + part(date.day().into())
}

fn add_signature(entry: &mut TantivyDocument, fields: Fields, signature: &Signature, bands: usize) {
    for band in signature.bands().into_iter().take(bands) {
        entry.add_u64(fields.band, band);
    }
    entry.add_bytes(fields.signature, &signature.to_bytes());
}

fn add_record<T: serde::Serialize>(entry: &mut TantivyDocument, fields: Fields, record: &T) {
    // A record is plain data and always has a JSON form; without it the entry is simply not found again.
    if let Ok(bytes) = serde_json::to_vec(record) {
        entry.add_bytes(fields.record, &bytes);
    }
}
