//! Rows and values: from the port's types to SQLite's columns and back.

use jiff::Timestamp;
use jiff::civil::date;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use crate::exam::Exam;
use crate::progress::store::{Candidate, DayTally, Draft, StoredCard};
use crate::quiz::{Card, CardId};
use crate::schedule::{
    AnswerEntry, CardHistory, DeviceId, Event, FirstExposure, LogEntry, MemoryState, Rating,
    ReviewId, Source,
};
use crate::time::StudyDay;

/// Day 0 of the columns that hold days.
const EPOCH: StudyDay = StudyDay(date(1970, 1, 1));

/// The columns that [`history`] and [`stored_card`] read, the latter followed by the card's text.
pub(super) const CARD_COLUMNS: &str = "c.stability, c.difficulty, c.last_day, c.due, c.reps, c.lapses, \
     c.last_rating, c.last_correct, c.first_day, c.first_correct, c.first_doubt, c.suspended, c.flagged, \
     c.present, c.reserved";

/// The columns that [`entry`] reads.
pub(super) const LOG_COLUMNS: &str = "l.device, l.number, l.at_order, l.at, l.day, c.id, l.event, l.rating, \
     l.correct, l.doubt, l.given, l.millis, l.source, l.due, l.confused, l.cause, l.target_device, \
     l.target_number";

/// How many those are.
pub(super) const LOG_WIDTH: usize = 18;

pub(super) const fn exam_code(exam: Exam) -> &'static str {
    exam.code()
}

pub(super) fn number_of(day: StudyDay) -> i32 {
    day.days_since(EPOCH)
}

pub(super) fn day_of(number: i32) -> StudyDay {
    EPOCH.plus_days(number)
}

fn bad<E: std::error::Error + Send + Sync + 'static>(
    column: usize,
    kind: Type,
    error: E,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
}

/// Says that a column holds a number that means nothing.
#[derive(Debug, thiserror::Error)]
#[error("{number} means nothing here")]
struct Meaningless {
    number: i64,
}

/// Makes the error for a column whose number means nothing.
pub(super) fn meaningless(column: usize, number: i64) -> rusqlite::Error {
    bad(column, Type::Integer, Meaningless { number })
}

/// Reads a count; SQLite's integers are signed.
pub(super) fn count(row: &Row<'_>, column: usize) -> Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

pub(super) fn rating(row: &Row<'_>, column: usize) -> Result<Rating> {
    let number: u8 = row.get(column)?;
    Rating::of_number(number).ok_or_else(|| meaningless(column, i64::from(number)))
}

pub(super) fn candidate(row: &Row<'_>) -> Result<Candidate> {
    Ok(Candidate {
        id: CardId(row.get(0)?),
        memory: memory(row, 1)?,
        last_day: row.get::<_, Option<i32>>(3)?.map(day_of),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the columns hold what an f32 held"
)]
fn memory(row: &Row<'_>, column: usize) -> Result<Option<MemoryState>> {
    let stability: Option<f64> = row.get(column)?;
    let difficulty: Option<f64> = row.get(column + 1)?;
    Ok(stability.zip(difficulty).map(|(s, d)| MemoryState {
        stability: s as f32,
        difficulty: d as f32,
    }))
}

pub(super) fn stored_card(row: &Row<'_>) -> Result<StoredCard> {
    let first_day: Option<i32> = row.get(8)?;
    let first = match first_day {
        None => None,
        Some(day) => Some(FirstExposure {
            correct: row.get(9)?,
            doubt: row.get(10)?,
            day: day_of(day),
        }),
    };
    let history = CardHistory {
        memory: memory(row, 0)?,
        last_day: row.get::<_, Option<i32>>(2)?.map(day_of),
        due: row.get::<_, Option<i32>>(3)?.map(day_of),
        reps: row.get(4)?,
        lapses: row.get(5)?,
        last_rating: match row.get::<_, Option<u8>>(6)? {
            None => None,
            Some(_) => Some(rating(row, 6)?),
        },
        last_correct: row.get(7)?,
        first,
        suspended: row.get(11)?,
        flagged: row.get(12)?,
    };
    let body = row
        .get_ref(15)?
        .as_str()
        .map_err(|e| bad(15, Type::Text, e))?;
    let card: Card = serde_json::from_str(body).map_err(|e| bad(15, Type::Text, e))?;
    Ok(StoredCard {
        card,
        history,
        present: row.get(13)?,
        reserved: row.get(14)?,
    })
}

pub(super) fn tally(row: &Row<'_>) -> Result<DayTally> {
    Ok(DayTally {
        answers: count(row, 0)?,
        correct: count(row, 1)?,
        new: count(row, 2)?,
        millis: count(row, 3)?,
    })
}

pub(super) fn entry(row: &Row<'_>) -> Result<LogEntry> {
    let id = |device: usize, number: usize| -> Result<ReviewId> {
        Ok(ReviewId {
            device: DeviceId(row.get::<_, i64>(device)?.cast_unsigned()),
            number: count(row, number)?,
        })
    };
    let event: i64 = row.get(6)?;
    let event = match event {
        0 => Event::Answer(answer(row)?),
        1 => Event::Undo(id(16, 17)?),
        2 => Event::Cause {
            of: id(16, 17)?,
            cause: row.get(15)?,
        },
        3 => Event::Suspend,
        4 => Event::Resume,
        5 => Event::Flag,
        6 => Event::Unflag,
        number => return Err(meaningless(6, number)),
    };
    Ok(LogEntry {
        id: id(0, 1)?,
        order: row.get(2)?,
        at: Timestamp::from_millisecond(row.get(3)?).map_err(|e| bad(3, Type::Integer, e))?,
        day: day_of(row.get(4)?),
        card: row.get(5)?,
        event,
    })
}

fn answer(row: &Row<'_>) -> Result<AnswerEntry> {
    let source: i64 = row.get(12)?;
    Ok(AnswerEntry {
        rating: rating(row, 7)?,
        correct: row.get(8)?,
        doubt: row.get(9)?,
        given: row.get(10)?,
        millis: row.get(11)?,
        source: match source {
            0 => Source::Quiz,
            1 => Source::Exam,
            2 => Source::Import,
            number => return Err(meaningless(12, number)),
        },
        due: day_of(row.get(13)?),
        confused: row.get(14)?,
        cause: row.get(15)?,
    })
}

/// Finds the key of a card, making a row for one never heard of.
pub(super) fn key_of(connection: &Connection, id: &str) -> Result<i64> {
    let found = connection
        .prepare_cached("SELECT key FROM card WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match found {
        Some(key) => Ok(key),
        None => connection
            .prepare_cached("INSERT INTO card (id) VALUES (?1) RETURNING key")?
            .query_row([id], |row| row.get(0)),
    }
}

pub(super) fn set_meta(connection: &Connection, key: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) => connection.execute(
            "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value],
        ),
        None => connection.execute("DELETE FROM meta WHERE key = ?1", [key]),
    }
    .map(|_| ())
}

/// Writes an entry of this device with the state it leads to.
pub(super) fn append(
    connection: &Connection,
    device: DeviceId,
    floor: i64,
    draft: &Draft,
    state: &CardHistory,
) -> Result<ReviewId> {
    let (last, order): (u64, i64) = connection
        .prepare_cached(
            "SELECT number, at_order FROM log WHERE device = ?1 ORDER BY number DESC LIMIT 1",
        )?
        .query_row([device.0.cast_signed()], |row| {
            Ok((count(row, 0)?, row.get(1)?))
        })
        .optional()?
        .unwrap_or((0, 0));
    let entry = LogEntry {
        id: ReviewId {
            device,
            number: last + 1,
        },
        order: draft.at.as_millisecond().max(order + 1).max(floor + 1),
        at: draft.at,
        day: draft.day,
        card: draft.card.0.clone(),
        event: draft.event.clone(),
    };
    insert_entry(connection, &entry)?;
    let key = key_of(connection, &entry.card)?;
    write_state(connection, key, state)?;
    count_day(connection, &entry, state)?;
    note_confusion(connection, key, &entry)?;
    Ok(entry.id)
}

/// Writes a log row; says whether it was new.
pub(super) fn insert_entry(connection: &Connection, entry: &LogEntry) -> Result<bool> {
    let key = key_of(connection, &entry.card)?;
    let answer = match &entry.event {
        Event::Answer(answer) => Some(answer),
        _ => None,
    };
    let (event, target, cause) = match &entry.event {
        Event::Answer(answer) => (0, None, answer.cause.as_deref()),
        Event::Undo(of) => (1, Some(of), None),
        Event::Cause { of, cause } => (2, Some(of), Some(cause.as_str())),
        Event::Suspend => (3, None, None),
        Event::Resume => (4, None, None),
        Event::Flag => (5, None, None),
        Event::Unflag => (6, None, None),
    };
    let source = answer.map(|a| match a.source {
        Source::Quiz => 0,
        Source::Exam => 1,
        Source::Import => 2,
    });
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO log (device, number, at_order, at, day, card, event, rating, correct, doubt, \
         given, millis, source, due, confused, cause, target_device, target_number) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    let changed = insert.execute(params![
        entry.id.device.0.cast_signed(),
        entry.id.number.cast_signed(),
        entry.order,
        entry.at.as_millisecond(),
        number_of(entry.day),
        key,
        event,
        answer.map(|a| a.rating.number()),
        answer.map(|a| a.correct),
        answer.map(|a| a.doubt),
        answer.map(|a| a.given.as_str()),
        answer.map(|a| a.millis),
        source,
        answer.map(|a| number_of(a.due)),
        answer.and_then(|a| a.confused.as_deref()),
        cause,
        target.map(|t| t.device.0.cast_signed()),
        target.map(|t| t.number.cast_signed()),
    ])?;
    Ok(changed > 0)
}

/// Writes a card's cached state.
pub(super) fn write_state(connection: &Connection, key: i64, state: &CardHistory) -> Result<()> {
    let mut update = connection.prepare_cached(
        "UPDATE card SET phase = ?2, stability = ?3, difficulty = ?4, last_day = ?5, due = ?6, reps = ?7, \
         lapses = ?8, last_rating = ?9, last_correct = ?10, first_day = ?11, first_correct = ?12, \
         first_doubt = ?13, suspended = ?14, flagged = ?15 WHERE key = ?1",
    )?;
    update.execute(params![
        key,
        state.memory.is_some(),
        state.memory.map(|m| f64::from(m.stability)),
        state.memory.map(|m| f64::from(m.difficulty)),
        state.last_day.map(number_of),
        state.due.map(number_of),
        state.reps,
        state.lapses,
        state.last_rating.map(Rating::number),
        state.last_correct,
        state.first.map(|f| number_of(f.day)),
        state.first.map(|f| f.correct),
        state.first.map(|f| f.doubt),
        state.suspended,
        state.flagged,
    ])?;
    Ok(())
}

/// Keeps the day's tally; an undo takes back what its answer added.
fn count_day(connection: &Connection, entry: &LogEntry, state: &CardHistory) -> Result<()> {
    match &entry.event {
        Event::Answer(answer) => {
            let mut add = connection.prepare_cached(
                "INSERT INTO day VALUES (?1, 1, ?2, ?3, ?4) ON CONFLICT (day) DO UPDATE SET \
                 answers = answers + 1, correct = correct + ?2, fresh = fresh + ?3, millis = millis + ?4",
            )?;
            add.execute(params![
                number_of(entry.day),
                answer.correct,
                state.reps == 1,
                answer.millis
            ])?;
        }
        Event::Undo(of) => {
            let mut take = connection.prepare_cached(
                "UPDATE day SET answers = day.answers - 1, correct = day.correct - l.correct, \
                 millis = day.millis - l.millis, fresh = day.fresh - ?3 \
                 FROM log l WHERE l.device = ?1 AND l.number = ?2 AND l.event = 0 AND day.day = l.day",
            )?;
            take.execute(params![
                of.device.0.cast_signed(),
                of.number.cast_signed(),
                state.reps == 0
            ])?;
        }
        Event::Cause { .. } | Event::Suspend | Event::Resume | Event::Flag | Event::Unflag => {}
    }
    Ok(())
}

fn note_confusion(connection: &Connection, key: i64, entry: &LogEntry) -> Result<()> {
    match &entry.event {
        Event::Answer(answer) => {
            connection
                .prepare_cached(
                    "DELETE FROM confusion WHERE card <> ?1 AND EXISTS \
                     (SELECT 1 FROM card_tag t WHERE t.tag = 'c:' || concept AND t.key = ?1)",
                )?
                .execute([key])?;
            if let Some(concept) = &answer.confused {
                connection
                    .prepare_cached("INSERT OR REPLACE INTO confusion VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![concept, key, entry.order, number_of(entry.day)])?;
            }
        }
        Event::Undo(of) => {
            connection
                .prepare_cached(
                    "DELETE FROM confusion WHERE at_order = \
                     (SELECT at_order FROM log WHERE device = ?1 AND number = ?2)",
                )?
                .execute(params![of.device.0.cast_signed(), of.number.cast_signed()])?;
        }
        Event::Cause { .. } | Event::Suspend | Event::Resume | Event::Flag | Event::Unflag => {}
    }
    Ok(())
}
