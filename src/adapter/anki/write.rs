//! Writes a package in the form that every Anki since 2.1 reads.

use std::io::{Cursor, Write as _};

use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use zip::write::SimpleFileOptions;

use super::AnkiError;
use crate::progress::deck::{DeckCard, NoteType, Package, Place, ReviewKind};
use crate::schedule::Rating;

/// The tables of schema 11.
const SCHEMA: &str = include_str!("schema11.sql");
/// The style of all our note types; the names of the classes are those of `app::anki`.
const CSS: &str = ".card { font-family: sans-serif; font-size: 18px; line-height: 1.6; text-align: left; }\n\
                   .cloze { font-weight: bold; color: #06c; }\n.sources { font-size: 12px; color: #777; }\n";
/// The deck that every collection has.
const DEFAULT_DECK: i64 = 1;
/// Ease in thousandths of a card that has been reviewed; FSRS does not use it.
const EASE: i64 = 2500;
/// FSRS-6's decay where no parameters are given.
const DECAY: f32 = 0.1542;

/// Writes a package; gives the bytes of the file.
///
/// # Errors
/// When the temporary database cannot be written.
pub fn write(package: &Package) -> Result<Vec<u8>, AnkiError> {
    let scratch = tempfile::NamedTempFile::new()?;
    let mut connection = Connection::open(scratch.path())?;
    collection(&mut connection, package)?;
    connection
        .close()
        .map_err(|(_, source)| AnkiError::Database { source })?;
    let collection = std::fs::read(scratch.path())?;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    // Version 2 of the package: a collection of schema 11 under this name, media listed as JSON.
    for (name, bytes) in [
        ("meta", &b"\x08\x02"[..]),
        ("collection.anki21", &collection),
        ("media", b"{}"),
    ] {
        zip.start_file(name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn collection(connection: &mut Connection, package: &Package) -> Result<(), AnkiError> {
    connection.execute_batch(SCHEMA)?;
    let transaction = connection.transaction()?;
    let millis = package.created.as_millisecond();
    let mut models = Map::new();
    for note_type in &package.note_types {
        models.insert(note_type.id.to_string(), model(note_type));
    }
    let mut decks = Map::new();
    decks.insert(DEFAULT_DECK.to_string(), deck(DEFAULT_DECK, "Default"));
    for named in &package.decks {
        decks.insert(named.id.to_string(), deck(named.id, &named.name));
    }
    transaction.execute(
        "INSERT INTO col VALUES (1, ?1, ?2, ?2, 11, 0, 0, 0, ?3, ?4, ?5, ?6, '{}')",
        params![
            package.created.as_second(),
            millis,
            configuration(package).to_string(),
            Value::from(models).to_string(),
            Value::from(decks).to_string(),
            deck_options(package).to_string(),
        ],
    )?;
    let seconds = package.created.as_second();
    let mut insert = transaction
        .prepare("INSERT INTO notes VALUES (?1, ?2, ?3, ?4, -1, ?5, ?6, ?7, 0, 0, '')")?;
    for note in &package.notes {
        let tags = match note.tags.join(" ") {
            tags if tags.is_empty() => tags,
            tags => format!(" {tags} "),
        };
        // Anki computes sort field and checksum anew on import.
        insert.execute(params![
            note.id,
            note.guid,
            note.note_type,
            seconds,
            tags,
            note.fields.join("\u{1f}"),
            note.fields.first(),
        ])?;
    }
    drop(insert);
    let mut insert = transaction.prepare(
        "INSERT INTO cards VALUES (?1, ?2, ?3, ?4, ?5, -1, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, 0, ?13, ?14)",
    )?;
    for card in &package.cards {
        let (kind, due, interval) = match card.place {
            Place::New(position) => (0, position, 0),
            Place::Learning => (2, 0, 1),
            Place::Review { due, interval } => (2, due, interval),
        };
        let queue = if card.suspended { -1 } else { kind };
        let ease = if kind == 0 { 0 } else { EASE };
        insert.execute(params![
            card.id,
            card.note,
            card.deck,
            card.template,
            seconds,
            kind,
            queue,
            due,
            interval,
            ease,
            card.reps,
            card.lapses,
            i32::from(card.flagged),
            card_data(card, package).to_string(),
        ])?;
    }
    drop(insert);
    let mut insert =
        transaction.prepare("INSERT INTO revlog VALUES (?1, ?2, -1, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for review in &package.reviews {
        let kind = match review.kind {
            ReviewKind::Learn => 0,
            ReviewKind::Review => 1,
            ReviewKind::Relearn => 2,
            ReviewKind::Filtered => 3,
            ReviewKind::Manual => 4,
        };
        insert.execute(params![
            review.id,
            review.card,
            review.rating.map_or(0, Rating::number),
            review.interval,
            review.last_interval,
            review.factor,
            review.millis,
            kind,
        ])?;
    }
    drop(insert);
    Ok(transaction.commit()?)
}

/// What Anki keeps of FSRS with a card.
fn card_data(card: &DeckCard, package: &Package) -> Value {
    let mut data = Map::new();
    if let Some(memory) = card.memory {
        let decay = package.parameters.get(20).copied().unwrap_or(DECAY);
        let short = |value: f32, digits: i32| {
            let scale = 10_f64.powi(digits);
            json!((f64::from(value) * scale).round() / scale)
        };
        data.insert("s".into(), short(memory.stability, 4));
        data.insert("d".into(), short(memory.difficulty, 3));
        data.insert("dr".into(), short(package.retention, 2));
        data.insert("decay".into(), short(decay, 3));
    }
    if let Some(last) = card.last {
        data.insert("lrt".into(), json!(last.as_second()));
    }
    data.into()
}

fn configuration(package: &Package) -> Value {
    json!({
        "schedVer": 2, "sched2021": true, "creationOffset": package.minutes_west, "rollover": package.rollover,
        "fsrs": true, "nextPos": package.cards.len() + 1, "curDeck": DEFAULT_DECK, "activeDecks": [DEFAULT_DECK],
        "sortType": "noteFld", "sortBackwards": false, "addToCur": true, "newSpread": 0, "collapseTime": 1200,
        "timeLim": 0, "estTimes": true, "dueCounts": true, "dayLearnFirst": false,
    })
}

fn deck(id: i64, name: &str) -> Value {
    json!({
        "id": id, "name": name, "mod": 0, "usn": -1, "desc": "", "dyn": 0, "conf": 1, "collapsed": false,
        "browserCollapsed": false, "extendNew": 0, "extendRev": 0,
        "newToday": [0, 0], "revToday": [0, 0], "lrnToday": [0, 0], "timeToday": [0, 0],
    })
}

fn deck_options(package: &Package) -> Value {
    json!({"1": {
        "id": 1, "name": "Default", "mod": 0, "usn": 0, "maxTaken": 60, "autoplay": true, "timer": 0, "replayq": true,
        "dyn": false,
        "new": {"bury": false, "delays": [1.0, 10.0], "initialFactor": 2500, "ints": [1, 4, 0], "order": 1, "perDay": 20},
        "rev": {"bury": false, "ease4": 1.3, "ivlFct": 1.0, "maxIvl": 36500, "perDay": 200, "hardFactor": 1.2},
        "lapse": {"delays": [10.0], "leechAction": 1, "leechFails": 8, "minInt": 1, "mult": 0.0},
        "fsrsParams6": package.parameters, "desiredRetention": package.retention,
    }})
}

fn model(note_type: &NoteType) -> Value {
    let fields: Vec<Value> = (0..)
        .zip(&note_type.fields)
        .map(|(ord, name): (u32, _)| {
            json!({"name": name, "ord": ord, "sticky": false, "rtl": false, "font": "Arial", "size": 20})
        })
        .collect();
    let templates: Vec<Value> = (0..)
        .zip(&note_type.templates)
        .map(|(ord, template): (u32, _)| {
            json!({
                "name": template.name, "ord": ord, "qfmt": template.front, "afmt": template.back,
                "bqfmt": "", "bafmt": "", "did": null, "bfont": "", "bsize": 0,
            })
        })
        .collect();
    let required: Vec<Value> = (0..note_type.templates.len())
        .map(|ord| json!([ord, "any", [0]]))
        .collect();
    json!({
        "id": note_type.id, "name": note_type.name, "type": i32::from(note_type.cloze), "mod": 0, "usn": 0, "sortf": 0,
        "did": null, "tmpls": templates, "flds": fields, "css": CSS, "latexPre": "", "latexPost": "",
        "latexsvg": false, "req": required, "tags": [], "vers": [],
    })
}
