//! The index on disk: one tantivy index holds files, documents, sections and chunks, so that one commit is one truth.
//!
//! A *chunk* carries the terms and a piece of the text; the first chunk of a section carries its record and signature;
//! a *document* and a *file* have records of their own. What a file contributed is deleted and added within one commit:
//! a crash leaves the state of the last commit. The payload of the commit names the version; an index of another
//! version, or a damaged one, is thrown away and built anew, since it is only a cache.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use tantivy::collector::{Count, DocSetCollector};
use tantivy::query::{AllQuery, TermQuery};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
    TextOptions, Value as _,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{
    DocAddress, Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument,
    TantivyError, Term,
};

use super::analysis;
use super::chunk::chunks;
use super::record::{DocumentRecord, SectionRecord};
use crate::notes::similar::{self, Signature};
use crate::notes::{Document, DocumentId, Scope, SectionId};

/// Version of the layout; together with the analyzers' version it decides whether an index can be used.
const LAYOUT: u32 = 1;
/// Memory for the writer: enough for one segment of a large library.
const WRITER_MEMORY: usize = 96_000_000;

/// Why the index could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder cannot be made or emptied.
    #[error("cannot prepare `{path}`")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The engine failed; the index can be thrown away and built anew.
    #[error("the index in `{path}` cannot be used")]
    Engine {
        /// The folder.
        path: PathBuf,
        /// The engine's reason.
        source: TantivyError,
    },
}

/// How an index was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It was there.
    Ready,
    /// There was none.
    Created,
    /// It was damaged or of another version and has been emptied.
    Emptied,
}

/// Names a file in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(pub u64);

impl FileKey {
    /// Makes the key of a file's identity.
    pub fn of(identity: &str) -> Self {
        Self(hash(identity))
    }
}

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) file: Field,
    pub(crate) content: Field,
    pub(crate) section: Field,
    pub(crate) ordinal: Field,
    pub(crate) document: Field,
    pub(crate) is_document: Field,
    pub(crate) band: Field,
    pub(crate) signature: Field,
    pub(crate) record: Field,
    pub(crate) text: Field,
    pub(crate) scope: Field,
    pub(crate) exam: Field,
    pub(crate) service: Field,
    pub(crate) date: Field,
    /// Words of title, heading path, and everything.
    pub(crate) words: [Field; 3],
    /// Bigrams of the same.
    pub(crate) bigrams: [Field; 3],
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexed = |tokenizer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        )
    };
    let mut text = |name: &str, tokenizer: &str| builder.add_text_field(name, indexed(tokenizer));
    let words = [
        text("title_w", WORDS),
        text("heading_w", WORDS),
        text("all_w", WORDS),
    ];
    let bigrams = [
        text("title_b", BIGRAMS),
        text("heading_b", BIGRAMS),
        text("all_b", BIGRAMS),
    ];
    let fields = Fields {
        file: builder.add_u64_field("file", INDEXED | FAST),
        content: builder.add_u64_field("content", FAST),
        section: builder.add_u64_field("section", INDEXED | FAST),
        ordinal: builder.add_u64_field("ordinal", FAST),
        document: builder.add_u64_field("document", INDEXED),
        is_document: builder.add_u64_field("is_document", INDEXED),
        band: builder.add_u64_field("band", INDEXED),
        signature: builder.add_bytes_field("signature", STORED),
        record: builder.add_bytes_field("record", STORED),
        text: builder.add_text_field("text", STORED),
        scope: builder.add_u64_field("scope", INDEXED),
        exam: builder.add_text_field("exam", STRING),
        service: builder.add_text_field("service", STRING),
        date: builder.add_u64_field("date", INDEXED | FAST),
        words,
        bigrams,
    };
    (builder.build(), fields)
}

const WORDS: &str = "juku_words";
const BIGRAMS: &str = "juku_bigrams";

/// The notes' index.
pub struct NoteIndex {
    path: PathBuf,
    index: Index,
    reader: IndexReader,
    pub(crate) fields: Fields,
}

impl std::fmt::Debug for NoteIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NoteIndex")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl NoteIndex {
    /// Opens the index in a folder; makes an empty one where there is none that can be used.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn open(path: &Path) -> Result<(Self, Opened), IndexError> {
        let exists = path.join("meta.json").exists();
        if exists && let Ok(index) = Self::existing(path) {
            return Ok((index, Opened::Ready));
        }
        if exists {
            std::fs::remove_dir_all(path).map_err(|source| IndexError::Folder {
                path: path.to_owned(),
                source,
            })?;
        }
        let index = Self::create(path)?;
        Ok((
            index,
            if exists {
                Opened::Emptied
            } else {
                Opened::Created
            },
        ))
    }

    /// Throws an index away; the next [`NoteIndex::open`] makes an empty one.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn discard(path: &Path) -> Result<(), IndexError> {
        match std::fs::remove_dir_all(path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(IndexError::Folder {
                    path: path.to_owned(),
                    source,
                })
            }
            _ => Ok(()),
        }
    }

    fn existing(path: &Path) -> Result<Self, IndexError> {
        let at = engine(path);
        let mut index = Index::open_in_dir(path).map_err(&at)?;
        let (schema, fields) = schema();
        let metas = index.load_metas().map_err(&at)?;
        if metas.payload.as_deref() != Some(&version()) || index.schema() != schema {
            return Err(at(TantivyError::SchemaError("another version".to_owned())));
        }
        index.set_tokenizers(tokenizers());
        Self::with_reader(path, index, fields)
    }

    fn create(path: &Path) -> Result<Self, IndexError> {
        std::fs::create_dir_all(path).map_err(|source| IndexError::Folder {
            path: path.to_owned(),
            source,
        })?;
        let at = engine(path);
        let (schema, fields) = schema();
        let mut index = Index::create_in_dir(path, schema).map_err(&at)?;
        index.set_tokenizers(tokenizers());
        let made = Self::with_reader(path, index, fields)?;
        if let Some(update) = made.begin()? {
            update.commit()?;
        }
        Ok(made)
    }

    fn with_reader(path: &Path, index: Index, fields: Fields) -> Result<Self, IndexError> {
        let at = engine(path);
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(&at)?;
        Ok(Self {
            path: path.to_owned(),
            index,
            reader,
            fields,
        })
    }

    /// Looks again at what is on disk: another process may have committed.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn refresh(&self) -> Result<(), IndexError> {
        self.reader.reload().map_err(engine(&self.path))
    }

    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    pub(crate) fn error(&self, source: TantivyError) -> IndexError {
        IndexError::Engine {
            path: self.path.clone(),
            source,
        }
    }

    /// Lists the files in the index with the hash of what was indexed.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn files(&self) -> Result<HashMap<FileKey, u64>, IndexError> {
        let searcher = self.searcher();
        let mut files = HashMap::new();
        for segment in searcher.segment_readers() {
            let column = |name: &str| segment.fast_fields().u64(name).map_err(|e| self.error(e));
            let (keys, contents) = (column("file")?, column("content")?);
            for (doc, _) in contents_of(&contents) {
                if segment.is_deleted(doc) {
                    continue;
                }
                if let (Some(key), Some(content)) = (keys.first(doc), contents.first(doc)) {
                    files.insert(FileKey(key), content);
                }
            }
        }
        Ok(files)
    }

    /// Counts the chunks, which tells a size.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn size(&self) -> Result<usize, IndexError> {
        self.searcher()
            .search(&AllQuery, &Count)
            .map_err(|e| self.error(e))
    }

    /// Begins an update; `None` while another process writes.
    ///
    /// # Errors
    /// When the index is damaged or cannot be written.
    pub fn begin(&self) -> Result<Option<Update<'_>>, IndexError> {
        match self.index.writer_with_num_threads(1, WRITER_MEMORY) {
            Ok(writer) => Ok(Some(Update {
                index: self,
                writer,
            })),
            Err(TantivyError::LockFailure(..)) => Ok(None),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Finds a section with its whole text.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn section(&self, id: &SectionId) -> Result<Option<(SectionRecord, String)>, IndexError> {
        self.section_by_key(hash(&id.0))
    }

    pub(crate) fn section_by_key(
        &self,
        key: u64,
    ) -> Result<Option<(SectionRecord, String)>, IndexError> {
        let searcher = self.searcher();
        let mut pieces = Vec::new();
        let mut record = None;
        for address in self.lookup(&searcher, self.fields.section, key)? {
            let document: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
            let text = document
                .get_first(self.fields.text)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .to_owned();
            pieces.push((self.ordinal(&searcher, address), text));
            if let Some(found) = read_record(&document, self.fields.record) {
                record = Some(found);
            }
        }
        pieces.sort();
        let text = pieces.into_iter().map(|(_, text)| text).collect();
        Ok(record.map(|record| (record, text)))
    }

    /// Lists the sections of a document in their order.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn sections_of(&self, id: &DocumentId) -> Result<Vec<SectionRecord>, IndexError> {
        let searcher = self.searcher();
        let mut records: Vec<SectionRecord> = Vec::new();
        for address in self.lookup(&searcher, self.fields.document, hash(&id.0))? {
            let document: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
            if document.get_first(self.fields.text).is_some() {
                records.extend(read_record::<SectionRecord>(&document, self.fields.record));
            }
        }
        records.sort_by_key(|record| record.ordinal);
        Ok(records)
    }

    /// Lists all documents, by path and line.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn documents(&self) -> Result<Vec<DocumentRecord>, IndexError> {
        let searcher = self.searcher();
        let mut records: Vec<DocumentRecord> = Vec::new();
        for address in self.lookup(&searcher, self.fields.is_document, 1)? {
            let document: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
            records.extend(read_record(&document, self.fields.record));
        }
        records.sort_by(|a, b| (&a.path, a.lines.first).cmp(&(&b.path, b.lines.first)));
        Ok(records)
    }

    /// Finds the signature of a document.
    pub(crate) fn document_signature(
        &self,
        searcher: &Searcher,
        id: &DocumentId,
    ) -> Result<Option<Signature>, IndexError> {
        for address in self.lookup(searcher, self.fields.document, hash(&id.0))? {
            let document: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
            if document.get_first(self.fields.text).is_none() {
                return Ok(self.signature(&document));
            }
        }
        Ok(None)
    }

    pub(crate) fn signature(&self, document: &TantivyDocument) -> Option<Signature> {
        Signature::from_bytes(document.get_first(self.fields.signature)?.as_bytes()?)
    }

    /// Finds the entries with a number in a field.
    pub(crate) fn lookup(
        &self,
        searcher: &Searcher,
        field: Field,
        value: u64,
    ) -> Result<Vec<DocAddress>, IndexError> {
        let query = TermQuery::new(Term::from_field_u64(field, value), IndexRecordOption::Basic);
        let found = searcher
            .search(&query, &DocSetCollector)
            .map_err(|e| self.error(e))?;
        let mut found: Vec<DocAddress> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found)
    }

    fn ordinal(&self, searcher: &Searcher, address: DocAddress) -> u64 {
        let column = searcher
            .segment_reader(address.segment_ord)
            .fast_fields()
            .u64("ordinal");
        column
            .ok()
            .and_then(|column| column.first(address.doc_id))
            .unwrap_or(0)
    }
}

/// Walks over the rows of a sparse column that have a value.
fn contents_of(column: &tantivy::columnar::Column<u64>) -> impl Iterator<Item = (u32, u64)> + '_ {
    (0..column.num_docs()).filter_map(|doc| Some((doc, column.first(doc)?)))
}

/// An update in the making; dropped without [`Update::commit`] it never was.
pub struct Update<'a> {
    index: &'a NoteIndex,
    writer: IndexWriter,
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
        self.remove(file);
        let fields = self.index.fields;
        let mut entry = TantivyDocument::default();
        entry.add_u64(fields.file, file.0);
        entry.add_u64(fields.content, content);
        self.put(entry)?;
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
        add_signature(&mut entry, fields, &similar::of_document(document));
        add_record(&mut entry, fields, &DocumentRecord::of(document));
        self.put(entry)?;
        for (ordinal, section) in document.sections.iter().enumerate() {
            let record = SectionRecord::of(document, section, ordinal);
            let heading = section.heading.join(" / ");
            for (number, range) in (0_u64..).zip(chunks(&section.text)) {
                let piece = section.text.get(range).unwrap_or_default();
                let mut entry = TantivyDocument::default();
                entry.add_u64(fields.file, file.0);
                entry.add_u64(fields.document, key);
                entry.add_u64(fields.section, hash(&section.id.0));
                entry.add_u64(fields.ordinal, number);
                entry.add_u64(fields.scope, scope_number(document.scope));
                entry.add_text(fields.text, piece);
                if number == 0 {
                    add_signature(&mut entry, fields, &similar::of_section(section));
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
                let all = format!("{}\n{heading}\n{piece}", document.title);
                let texts = [&document.title, &heading, &all];
                for (text, (words, bigrams)) in
                    texts.iter().zip(fields.words.iter().zip(fields.bigrams))
                {
                    entry.add_text(*words, text);
                    entry.add_text(bigrams, text);
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

fn add_signature(entry: &mut TantivyDocument, fields: Fields, signature: &Signature) {
    for band in signature.bands() {
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

pub(crate) fn read_record<T: serde::de::DeserializeOwned>(
    document: &TantivyDocument,
    field: Field,
) -> Option<T> {
    serde_json::from_slice(document.get_first(field)?.as_bytes()?).ok()
}

/// Hashes an id or identity to the number under which it is indexed.
pub(crate) fn hash(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes()
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn version() -> String {
    format!("juku {LAYOUT}.{}", analysis::VERSION)
}

fn engine(path: &Path) -> impl Fn(TantivyError) -> IndexError + '_ {
    |source| IndexError::Engine {
        path: path.to_owned(),
        source,
    }
}

fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(WORDS, Analyzer(analysis::words));
    manager.register(BIGRAMS, Analyzer(analysis::bigrams));
    manager
}

/// Our analysis in tantivy's terms.
#[derive(Clone, Copy)]
struct Analyzer(fn(&str) -> Vec<analysis::Term>);

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Terms;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms {
        Terms {
            terms: (self.0)(text).into_iter(),
            token: Token::default(),
        }
    }
}

/// A stream over terms.
struct Terms {
    terms: std::vec::IntoIter<analysis::Term>,
    token: Token,
}

impl TokenStream for Terms {
    fn advance(&mut self) -> bool {
        match self.terms.next() {
            Some(term) => {
                self.token = Token {
                    offset_from: term.start,
                    offset_to: term.end,
                    position: term.position,
                    text: term.text,
                    position_length: 1,
                };
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
