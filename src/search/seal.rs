//! Telling damage without reading the whole index: after each commit size and time of its files are noted down.
//!
//! The engine never changes a file that it has written. A file that differs from the note was changed by somebody
//! else, or the note is older than the last commit of another process; then the checksums of all files decide.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::UNIX_EPOCH;

use tantivy::{Index, TantivyError};

/// Name of the note beside the index's files.
const NAME: &str = "juku-seal.json";

/// Bytes and time of last change (nanoseconds since 1970) by file name.
type Seal = BTreeMap<String, (u64, u64)>;

/// Says whether the files are those of the last commit; reads them only where the note does not tell.
///
/// # Errors
/// When the engine cannot list or read its files.
pub(super) fn holds(path: &Path, index: &Index) -> Result<bool, TantivyError> {
    let segments: Vec<String> = index
        .searchable_segment_ids()?
        .iter()
        .map(tantivy::index::SegmentId::uuid_string)
        .collect();
    let known: Seal = std::fs::read(path.join(NAME))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let now = stat_all(path);
    let of_index = |name: &str| segments.iter().any(|segment| name.starts_with(segment));
    let noted: Vec<_> = known.iter().filter(|(name, _)| of_index(name)).collect();
    let size = |name: &str| now.get(name).map(|(size, _)| *size);
    if noted
        .iter()
        .any(|(name, (bytes, _))| size(name) != Some(*bytes))
    {
        return Ok(false);
    }
    let complete = segments
        .iter()
        .all(|segment| noted.iter().any(|(name, _)| name.starts_with(segment)));
    if complete
        && noted
            .iter()
            .all(|(name, stat)| now.get(*name) == Some(*stat))
    {
        return Ok(true);
    }
    // The engine takes for granted that a file is at least as long as its footer, and panics where it is not.
    let damaged = catch_unwind(AssertUnwindSafe(|| index.validate_checksum()));
    let sound = match damaged {
        Ok(damaged) => damaged?.is_empty(),
        Err(_) => false,
    };
    if sound {
        write(path);
    }
    Ok(sound)
}

/// Notes the files down. Without the note the next opening reads them all, which is no harm.
pub(super) fn write(path: &Path) {
    let seal = stat_all(path);
    if let (Ok(bytes), Ok(mut file)) = (
        serde_json::to_vec(&seal),
        tempfile::NamedTempFile::new_in(path),
    ) && file.write_all(&bytes).is_ok()
    {
        drop(file.persist(path.join(NAME)));
    }
}

fn stat_all(path: &Path) -> Seal {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            let time = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            let name = entry.file_name().into_string().ok()?;
            Some((name, (data.len(), u64::try_from(time.as_nanos()).ok()?)))
        })
        .collect()
}
