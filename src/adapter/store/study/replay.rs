//! Folding the whole log: one scan without its texts, sorted in memory, states and days written by key.
//!
//! A million entries take a hundred bytes each here, and no row is looked up by its id.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Row, params};

use super::rows::{day_of, number_of, rating, write_state};
use crate::progress::store::{DayTally, FoldSteps};
use crate::schedule::{Graded, SchedulerError, Step};
use crate::time::StudyDay;

/// Why a replay stopped.
#[derive(Debug)]
pub(super) enum ReplayError {
    /// The database failed.
    Sqlite(rusqlite::Error),
    /// A state could not be computed.
    Scheduler(SchedulerError),
}

impl From<rusqlite::Error> for ReplayError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<SchedulerError> for ReplayError {
    fn from(error: SchedulerError) -> Self {
        Self::Scheduler(error)
    }
}

/// An entry as far as a replay needs it; sorts by card, then as the log is ordered.
struct Entry {
    key: (i64, i64, u64, u64),
    day: StudyDay,
    millis: u32,
    step: Step,
}

const SCAN: &str = "SELECT card, at_order, device, number, day, millis, event, rating, correct, doubt, due \
                    FROM log WHERE event NOT IN (1, 2)";

/// Folds all cards' steps, writes the states and counts the days; gives the number of cards.
pub(super) fn replay(
    connection: &Connection,
    fold: &mut FoldSteps<'_>,
) -> Result<usize, ReplayError> {
    let undone = undone(connection)?;
    let mut days = DayCache::default();
    let mut entries = Vec::new();
    let mut statement = connection.prepare(SCAN)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let entry = read(row, &mut days)?;
        if !undone.contains(&(entry.key.2, entry.key.3)) {
            entries.push(entry);
        }
    }
    entries.sort_unstable_by_key(|entry| entry.key);
    let mut tallies: HashMap<StudyDay, DayTally> = HashMap::new();
    let mut steps = Vec::new();
    let mut cards = 0;
    for card in entries.chunk_by(|a, b| a.key.0 == b.key.0) {
        steps.clear();
        steps.extend(card.iter().map(|entry| (entry.day, entry.step)));
        let state = fold(&steps)?;
        if let Some(first) = card.first() {
            write_state(connection, first.key.0, &state)?;
        }
        for entry in card {
            if let Step::Answer(answer) = entry.step {
                let tally = tallies.entry(entry.day).or_default();
                tally.answers += 1;
                tally.correct += u64::from(answer.correct);
                tally.millis += u64::from(entry.millis);
            }
        }
        if let Some(first) = state.first {
            tallies.entry(first.day).or_default().new += 1;
        }
        cards += 1;
    }
    // Cards all of whose answers were taken back have no step left.
    cards += clear_untouched(connection, &entries)?;
    write_days(connection, &tallies)?;
    Ok(cards)
}

/// Reads which answers were taken back.
fn undone(connection: &Connection) -> rusqlite::Result<HashSet<(u64, u64)>> {
    let mut statement = connection
        .prepare("SELECT target_device, target_number FROM log WHERE event = 1 AND target_number IS NOT NULL")?;
    let found = statement.query_map([], |row| {
        Ok((
            row.get::<_, i64>(0)?.cast_unsigned(),
            row.get::<_, i64>(1)?.cast_unsigned(),
        ))
    })?;
    found.collect()
}

/// Days by their numbers: a log has few days and many entries, and a calendar costs more than a look-up.
#[derive(Default)]
struct DayCache(HashMap<i32, StudyDay>);

impl DayCache {
    fn of(&mut self, number: i32) -> StudyDay {
        *self.0.entry(number).or_insert_with(|| day_of(number))
    }
}

fn read(row: &Row<'_>, days: &mut DayCache) -> rusqlite::Result<Entry> {
    let step = match row.get::<_, i64>(6)? {
        0 => Step::Answer(Graded {
            rating: rating(row, 7)?,
            correct: row.get(8)?,
            doubt: row.get(9)?,
            due: days.of(row.get(10)?),
        }),
        3 => Step::Suspended(true),
        4 => Step::Suspended(false),
        5 => Step::Flagged(true),
        6 => Step::Flagged(false),
        number => return Err(super::rows::meaningless(6, number)),
    };
    Ok(Entry {
        key: (
            row.get(0)?,
            row.get(1)?,
            row.get::<_, i64>(2)?.cast_unsigned(),
            row.get::<_, i64>(3)?.cast_unsigned(),
        ),
        day: days.of(row.get(4)?),
        millis: row.get::<_, Option<u32>>(5)?.unwrap_or_default(),
        step,
    })
}

/// Puts cards that have a state but no step left back to new; gives their number.
fn clear_untouched(connection: &Connection, entries: &[Entry]) -> rusqlite::Result<usize> {
    let mut statement = connection
        .prepare("SELECT key FROM card WHERE phase = 1 OR suspended = 1 OR flagged = 1")?;
    let keys = statement.query_map([], |row| row.get(0))?;
    let mut cleared = 0;
    for key in keys.collect::<rusqlite::Result<Vec<i64>>>()? {
        if entries
            .binary_search_by_key(&key, |entry| entry.key.0)
            .is_err()
        {
            write_state(connection, key, &crate::schedule::CardHistory::default())?;
            cleared += 1;
        }
    }
    Ok(cleared)
}

fn write_days(
    connection: &Connection,
    tallies: &HashMap<StudyDay, DayTally>,
) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM day", [])?;
    let mut insert = connection.prepare("INSERT INTO day VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (day, tally) in tallies {
        insert.execute(params![
            number_of(*day),
            tally.answers.cast_signed(),
            tally.correct.cast_signed(),
            tally.new.cast_signed(),
            tally.millis.cast_signed(),
        ])?;
    }
    Ok(())
}
