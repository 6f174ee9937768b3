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
use tantivy::schema::{Field, IndexRecordOption, Value as _};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{
    DocAddress, Index, IndexReader, IndexSettings, ReloadPolicy, Searcher, TantivyDocument,
    TantivyError, Term,
};

use super::analysis;
use super::fields::{Fields, schema, tokenizers};
use super::record::{DocumentRecord, SectionRecord};
use super::seal;
use super::update::Update;
use crate::notes::similar::Signature;
use crate::notes::{DocumentId, SectionId};

/// Version of the layout; together with the analyzers' version it decides whether an index can be used.
const LAYOUT: u32 = 3;
/// Memory for the writer: enough for one segment of a large library.
const WRITER_MEMORY: usize = 160_000_000;
/// Memory for the writer beside a large file, whose parts and rules take as much as they need: more and smaller segments,
/// which take a little longer to merge.
const LEAN_MEMORY: usize = 40_000_000;
/// Bytes of stored texts that are compressed together: more take less place and longer to read.
const BLOCK: usize = 128 * 1024;
/// How hard stored texts are pressed: the levels above take longer and hardly less place.
const PRESSURE: i32 = 7;
/// How often, and at what distance, a busy lock is asked again before it counts as another writer's. A child process
/// holds every lock of its parent for the moment between fork and exec, and a small update is over within this time.
const LOCK_ATTEMPTS: u32 = 20;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

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

/// The notes' index.
pub struct NoteIndex {
    pub(super) path: PathBuf,
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
        if let Ok(index) = Self::existing(path) {
            return Ok((index, Opened::Ready));
        }
        let _only_one = Self::lock(path)?;
        // Another process may have made it while we waited.
        if let Ok(index) = Self::existing(path) {
            return Ok((index, Opened::Ready));
        }
        let exists = path.join("meta.json").exists() || path.is_file();
        if exists {
            Self::discard(path)?;
        }
        let index = Self::create(path)?;
        let opened = if exists {
            Opened::Emptied
        } else {
            Opened::Created
        };
        Ok((index, opened))
    }

    /// Waits until no other process makes or empties the index; the lock holds as long as the file is open.
    fn lock(path: &Path) -> Result<std::fs::File, IndexError> {
        let place = path.with_extension("lock");
        let failed = |source| IndexError::Folder {
            path: place.clone(),
            source,
        };
        let folder = place.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let file = std::fs::File::create(&place).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }

    /// Throws an index away; the next [`NoteIndex::open`] makes an empty one.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn discard(path: &Path) -> Result<(), IndexError> {
        let removed = if path.is_file() {
            std::fs::remove_file(path)
        } else {
            std::fs::remove_dir_all(path)
        };
        match removed {
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
        if !seal::holds(path, &index).map_err(&at)? {
            return Err(at(TantivyError::InternalError("damaged files".to_owned())));
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
        let mut index = Index::builder()
            .schema(schema)
            .settings(IndexSettings {
                docstore_blocksize: BLOCK,
                docstore_compression: Compressor::Zstd(ZstdCompressor {
                    compression_level: Some(PRESSURE),
                }),
                ..IndexSettings::default()
            })
            .create_in_dir(path)
            .map_err(&at)?;
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
            let (keys, contents) = (column("origin")?, column("content")?);
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

    /// Begins an update; `None` while another process writes, which is waited for a fifth of a second.
    ///
    /// # Errors
    /// When the index is damaged or cannot be written.
    pub fn begin(&self) -> Result<Option<Update<'_>>, IndexError> {
        self.begin_with(WRITER_MEMORY)
    }

    /// Begins an update that brings a large file, in as little memory as goes.
    ///
    /// # Errors
    /// When the index is damaged or cannot be written.
    pub fn begin_lean(&self) -> Result<Option<Update<'_>>, IndexError> {
        self.begin_with(LEAN_MEMORY)
    }

    fn begin_with(&self, memory: usize) -> Result<Option<Update<'_>>, IndexError> {
        for attempt in 0..LOCK_ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(LOCK_PAUSE);
            }
            match self.index.writer_with_num_threads(1, memory) {
                Ok(writer) => {
                    return Ok(Some(Update {
                        index: self,
                        writer,
                    }));
                }
                Err(TantivyError::LockFailure(..)) => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        Ok(None)
    }

    /// Finds a section with its whole text.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn section(&self, id: &SectionId) -> Result<Option<(SectionRecord, String)>, IndexError> {
        self.section_by_key(section_key(id))
    }

    pub(crate) fn section_by_key(
        &self,
        key: u64,
    ) -> Result<Option<(SectionRecord, String)>, IndexError> {
        self.section_in(&self.searcher(), key)
    }

    pub(super) fn section_in(
        &self,
        searcher: &Searcher,
        key: u64,
    ) -> Result<Option<(SectionRecord, String)>, IndexError> {
        let mut pieces = Vec::new();
        let mut record = None;
        for address in self.lookup(searcher, self.fields.section, key)? {
            let document: TantivyDocument = searcher.doc(address).map_err(|e| self.error(e))?;
            let text = document
                .get_first(self.fields.text)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .to_owned();
            pieces.push((Self::ordinal(searcher, address), text));
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

    fn ordinal(searcher: &Searcher, address: DocAddress) -> u64 {
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

/// Bits of a section's key: the fewer, the smaller are dictionary and column; two of a million sections share one in
/// one library of five hundred.
const SECTION_KEY: u32 = 48;

/// Gives the number under which a section is indexed.
pub(crate) fn section_key(id: &SectionId) -> u64 {
    hash(&id.0) >> (64 - SECTION_KEY)
}

pub(super) fn version() -> String {
    format!("juku {LAYOUT}.{}", analysis::VERSION)
}

fn engine(path: &Path) -> impl Fn(TantivyError) -> IndexError + '_ {
    |source| IndexError::Engine {
        path: path.to_owned(),
        source,
    }
}
