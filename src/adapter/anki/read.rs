//! Reads a package of any Anki since 2.0.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row};
use serde::Deserialize;
use zip::ZipArchive;

use super::{AnkiError, protobuf};
use crate::progress::deck::{
    DeckCard, DeckName, DeckNote, DeckReview, NoteType, Package, Place, ReviewKind, Template,
};
use crate::schedule::{MemoryState, Rating};

/// Most bytes that a collection may unpack to (1 GiB): a crafted package must not fill the disk.
const LARGEST: u64 = 1 << 30;
/// The newest version of a package's layout that is known.
const PACKAGE: u64 = 3;
/// The newest schema of a collection that is known.
const COLLECTION: i64 = 18;

/// Reads a package from the bytes of its file.
///
/// # Errors
/// When it is no package, was written by a newer Anki, or is damaged.
pub fn read(bytes: &[u8]) -> Result<Package, AnkiError> {
    let mut zip = ZipArchive::new(Cursor::new(bytes))?;
    let meta = entry(&mut zip, "meta")?.unwrap_or_default();
    let version = protobuf::number(&meta, 1);
    if version > PACKAGE {
        return Err(AnkiError::Newer {
            found: version.cast_signed(),
        });
    }
    let collection = unpacked(&mut zip)?;
    let scratch = tempfile::NamedTempFile::new()?;
    std::io::copy(&mut collection.as_slice(), &mut scratch.as_file())?;
    let connection = Connection::open_with_flags(scratch.path(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // The names of the newer schemas have a collation that only Anki defines; no query opens without it.
    connection.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))?;
    // Nothing that stands in a foreign schema may run.
    connection.execute_batch("PRAGMA trusted_schema = OFF")?;
    package(&connection)
}

/// Unpacks the collection: the newest form wins, the others are there to tell older programs why they cannot read it.
fn unpacked(zip: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<u8>, AnkiError> {
    if let Some(packed) = entry(zip, "collection.anki21b")? {
        let unpack = |reason: ruzstd::decoding::errors::FrameDecoderError| AnkiError::Unpack {
            source: std::io::Error::other(reason),
        };
        let decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).map_err(unpack)?;
        return limited(decoder);
    }
    for name in ["collection.anki21", "collection.anki2"] {
        if let Some(collection) = entry(zip, name)? {
            return Ok(collection);
        }
    }
    Err(AnkiError::NoCollection)
}

fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<Vec<u8>>, AnkiError> {
    match zip.by_name(name) {
        Ok(file) => limited(file).map(Some),
        Err(zip::result::ZipError::FileNotFound) => Ok(None),
        Err(source) => Err(source.into()),
    }
}

fn limited(from: impl Read) -> Result<Vec<u8>, AnkiError> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(AnkiError::TooLarge { limit: LARGEST });
    }
    Ok(bytes)
}

fn package(connection: &Connection) -> Result<Package, AnkiError> {
    let (created, schema): (i64, i64) =
        connection.query_row("SELECT crt, ver FROM col", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if schema > COLLECTION {
        return Err(AnkiError::Newer { found: schema });
    }
    let tables: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'notetypes'",
        [],
        |row| row.get(0),
    )?;
    let (note_types, decks) = if tables > 0 {
        (types_of_tables(connection)?, decks_of_table(connection)?)
    } else {
        described(connection)?
    };
    Ok(Package {
        created: Timestamp::from_second(created).unwrap_or_default(),
        minutes_west: 0,
        rollover: 4,
        retention: 0.9,
        parameters: Vec::new(),
        note_types,
        decks,
        notes: rows(
            connection,
            "SELECT id, guid, mid, flds, tags FROM notes ORDER BY id",
            note,
        )?,
        cards: rows(
            connection,
            "SELECT id, nid, CASE WHEN odid > 0 THEN odid ELSE did END, ord, type, queue, \
             CASE WHEN odid > 0 AND odue > 0 THEN odue ELSE due END, ivl, reps, lapses, flags, data \
             FROM cards ORDER BY id",
            card,
        )?,
        reviews: rows(
            connection,
            "SELECT id, cid, ease, ivl, lastIvl, factor, time, type FROM revlog ORDER BY id",
            review,
        )?,
    })
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, AnkiError> {
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([], read)?;
    Ok(found.collect::<rusqlite::Result<Vec<T>>>()?)
}

fn note(row: &Row<'_>) -> rusqlite::Result<DeckNote> {
    let (fields, tags): (String, String) = (row.get(3)?, row.get(4)?);
    Ok(DeckNote {
        id: row.get(0)?,
        guid: row.get(1)?,
        note_type: row.get(2)?,
        fields: fields.split('\u{1f}').map(str::to_owned).collect(),
        tags: tags.split_whitespace().map(str::to_owned).collect(),
    })
}

/// What Anki keeps of FSRS with a card.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CardData {
    s: Option<f32>,
    d: Option<f32>,
    lrt: Option<i64>,
}

fn card(row: &Row<'_>) -> rusqlite::Result<DeckCard> {
    let (kind, queue, due): (i64, i64, i64) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let days = |days: i64| i32::try_from(days).unwrap_or(0);
    let data: String = row.get(11)?;
    let data: CardData = serde_json::from_str(&data).unwrap_or_default();
    Ok(DeckCard {
        id: row.get(0)?,
        note: row.get(1)?,
        deck: row.get(2)?,
        template: row.get(3)?,
        // While a card is learnt its due is a second of the clock, not a day.
        place: match kind {
            0 => Place::New(days(due)),
            2 => Place::Review {
                due: days(due),
                interval: days(row.get(7)?),
            },
            _ => Place::Learning,
        },
        suspended: queue == -1,
        flagged: row.get::<_, i64>(10)? & 7 != 0,
        reps: row.get(8)?,
        lapses: row.get(9)?,
        memory: data
            .s
            .zip(data.d)
            .map(|(stability, difficulty)| MemoryState {
                stability,
                difficulty,
            }),
        last: data.lrt.and_then(|at| Timestamp::from_second(at).ok()),
    })
}

fn review(row: &Row<'_>) -> rusqlite::Result<DeckReview> {
    let whole = |column: usize| -> rusqlite::Result<i32> {
        Ok(i32::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
    };
    let count = |column: usize| -> rusqlite::Result<u32> {
        Ok(u32::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
    };
    Ok(DeckReview {
        id: row.get(0)?,
        card: row.get(1)?,
        rating: u8::try_from(row.get::<_, i64>(2)?)
            .ok()
            .and_then(Rating::of_number),
        interval: whole(3)?,
        last_interval: whole(4)?,
        factor: count(5)?,
        millis: count(6)?,
        kind: match row.get::<_, i64>(7)? {
            0 => ReviewKind::Learn,
            1 => ReviewKind::Review,
            2 => ReviewKind::Relearn,
            3 => ReviewKind::Filtered,
            _ => ReviewKind::Manual,
        },
    })
}

#[derive(Deserialize)]
struct Model {
    name: String,
    #[serde(rename = "type", default)]
    kind: i64,
    #[serde(default)]
    flds: Vec<Named>,
    #[serde(default)]
    tmpls: Vec<OldTemplate>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct OldTemplate {
    name: String,
    #[serde(default)]
    qfmt: String,
    #[serde(default)]
    afmt: String,
}

/// Reads note types and decks where they stand as JSON in one row.
fn described(connection: &Connection) -> Result<(Vec<NoteType>, Vec<DeckName>), AnkiError> {
    let (models, decks): (String, String) =
        connection.query_row("SELECT models, decks FROM col", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let models: BTreeMap<String, Model> = serde_json::from_str(&models)?;
    let decks: BTreeMap<String, Named> = serde_json::from_str(&decks)?;
    let numbered = |key: &str| key.parse::<i64>().ok();
    let note_types = models.into_iter().filter_map(|(key, model)| {
        Some(NoteType {
            id: numbered(&key)?,
            name: model.name,
            cloze: model.kind == 1,
            fields: model.flds.into_iter().map(|field| field.name).collect(),
            templates: model
                .tmpls
                .into_iter()
                .map(|template| Template {
                    name: template.name,
                    front: template.qfmt,
                    back: template.afmt,
                })
                .collect(),
        })
    });
    let decks = decks.into_iter().filter_map(|(key, deck)| {
        Some(DeckName {
            id: numbered(&key)?,
            name: deck.name,
        })
    });
    Ok((note_types.collect(), decks.collect()))
}

/// Reads note types from the tables of the newer schemas.
fn types_of_tables(connection: &Connection) -> Result<Vec<NoteType>, AnkiError> {
    let mut types = rows(
        connection,
        "SELECT id, name, config FROM notetypes",
        |row| {
            let config: Vec<u8> = row.get(2)?;
            Ok(NoteType {
                id: row.get(0)?,
                name: row.get(1)?,
                cloze: protobuf::number(&config, 1) == 1,
                fields: Vec::new(),
                templates: Vec::new(),
            })
        },
    )?;
    let fields: Vec<(i64, String)> = rows(
        connection,
        "SELECT ntid, name FROM fields ORDER BY ntid, ord",
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let templates: Vec<(i64, Template)> = rows(
        connection,
        "SELECT ntid, name, config FROM templates ORDER BY ntid, ord",
        |row| {
            let config: Vec<u8> = row.get(2)?;
            let template = Template {
                name: row.get(1)?,
                front: protobuf::text(&config, 1),
                back: protobuf::text(&config, 2),
            };
            Ok((row.get(0)?, template))
        },
    )?;
    for note_type in &mut types {
        let own = fields.iter().filter(|(id, _)| *id == note_type.id);
        note_type.fields = own.map(|(_, name)| name.clone()).collect();
        let own = templates.iter().filter(|(id, _)| *id == note_type.id);
        note_type.templates = own.map(|(_, template)| template.clone()).collect();
    }
    Ok(types)
}

fn decks_of_table(connection: &Connection) -> Result<Vec<DeckName>, AnkiError> {
    rows(connection, "SELECT id, name FROM decks", |row| {
        let name: String = row.get(1)?;
        Ok(DeckName {
            id: row.get(0)?,
            // Levels are kept apart by a control character there.
            name: name.replace('\u{1f}', "::"),
        })
    })
}
