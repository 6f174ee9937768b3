//! `study.db`: the review log with its cached card states and the index of the bank.
//!
//! Writing an answer is one transaction: the log row, the card's state, the day's tally. Queues are partial indexes,
//! so that neither opening a session nor answering reads more rows than it shows. The log table refuses updates and
//! deletions by trigger.

mod bank;
mod practice;
mod replay;
mod rows;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, named_params, params};

use self::replay::ReplayError;
use self::rows::{CARD_COLUMNS, LOG_COLUMNS, exam_code, number_of};
use super::db::{self, StoreError};
use crate::exam::Exam;
use crate::progress::store::{
    Candidate, CardFilter, Counts, DayTally, Draft, FoldSteps, IndexedCard, RecordError,
    StoredCard, StudyStore,
};
use crate::quiz::CardId;
use crate::schedule::{CardHistory, DeviceId, LogEntry, ReviewId};
use crate::time::StudyDay;

const MIGRATIONS: &[&str] = &[
    include_str!("study/0001.sql"),
    include_str!("study/0002.sql"),
];

/// Pages that the write-ahead log may grow to before its changes are carried into the database while somebody answers:
/// some hundred answers. With SQLite's own 1,000 pages every hundredth answer waited for that. Each answer is on disk
/// all the same, in the log; closing the database carries it over.
const CHECKPOINT_PAGES: u32 = 8_000;

/// The study database on disk.
#[derive(Debug)]
pub struct StudyDb {
    connection: Connection,
    path: PathBuf,
    device: DeviceId,
    /// No entry is ordered before this: the highest order merged from elsewhere.
    floor: i64,
    /// Cards due on days that were counted before. Counting a busy day reads as many rows as it has cards; what
    /// another process adds meanwhile only makes a day look lighter than it is.
    loads: RefCell<HashMap<(Exam, StudyDay), u32>>,
}

impl StudyDb {
    /// Opens the database, making it as needed.
    ///
    /// # Errors
    /// When it cannot be made or opened, is damaged, or was written by a newer version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = db::open(path, MIGRATIONS)?;
        let at = StoreError::at(path, "opening");
        connection
            .pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
            .map_err(&at)?;
        // Twenty-odd statements stay prepared.
        connection.set_prepared_statement_cache_capacity(64);
        connection
            .execute(
                "INSERT INTO meta SELECT 'device', CAST(random() AS TEXT) \
                 WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key = 'device')",
                [],
            )
            .map_err(&at)?;
        let number = |key: &str| -> Result<i64, StoreError> {
            connection
                .query_row(
                    "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1",
                    [key],
                    |row| row.get(0),
                )
                .optional()
                .map(Option::unwrap_or_default)
                .map_err(&at)
        };
        let device = DeviceId(number("device")?.cast_unsigned());
        let floor = number("order-floor")?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            device,
            floor,
            loads: RefCell::default(),
        })
    }

    /// Makes a function that turns SQLite's error into the port's.
    fn at<'a>(&'a self, operation: &'static str) -> impl Fn(rusqlite::Error) -> RecordError + 'a {
        failure(&self.path, operation)
    }
}

fn failure<'a>(
    path: &'a Path,
    operation: &'static str,
) -> impl Fn(rusqlite::Error) -> RecordError + 'a {
    move |error| RecordError {
        operation,
        source: Box::new(StoreError::at(path, operation)(error)),
    }
}

/// A condition on `card c` with its parameters, named as in [`FilterValues`].
struct FilterSql {
    text: String,
    exam: String,
    version: String,
    service: String,
    task: String,
}

impl FilterSql {
    fn of(filter: &CardFilter) -> Self {
        let exam = match filter.exam {
            Some(_) => "c.exam = :exam",
            // Naming both lets SQLite use the index by exam.
            None => "c.exam IN ('SAA', 'DVA') AND :exam = ''",
        };
        // A learner sits one version at a time; with more the first is meant.
        let version = filter
            .versions
            .first()
            .map(|version| format!(",{version},"));
        let has = |wanted: bool, with: &str, without: &str| {
            if wanted {
                with.to_owned()
            } else {
                without.to_owned()
            }
        };
        let tag = |name: &str, wanted: &Option<String>| {
            let several = wanted.as_ref().is_some_and(|names| names.contains(','));
            let is = if several {
                format!("IN (SELECT value FROM json_each(:{name}))")
            } else {
                format!("= :{name}")
            };
            format!("EXISTS (SELECT 1 FROM card_tag g WHERE g.tag {is} AND g.key = c.key)")
        };
        let tags = |letter: char, wanted: &Option<String>| match wanted.as_deref() {
            None => String::new(),
            Some(names) if names.contains(',') => {
                let tags: Vec<String> = names
                    .split(',')
                    .map(|name| format!("{letter}:{name}"))
                    .collect();
                serde_json::to_string(&tags).unwrap_or_default()
            }
            Some(name) => format!("{letter}:{name}"),
        };
        let text = [
            exam.to_owned(),
            has(
                version.is_some(),
                "instr(c.versions, :version) > 0",
                ":version = ''",
            ),
            has(
                filter.service.is_some(),
                &tag("service", &filter.service),
                ":service = ''",
            ),
            has(
                filter.task.is_some(),
                &tag("task", &filter.task),
                ":task = ''",
            ),
            has(filter.mistakes, "c.reps > 0 AND c.last_correct = 0", "1"),
        ]
        .join(" AND ");
        Self {
            text,
            exam: filter.exam.map_or("", exam_code).to_owned(),
            version: version.unwrap_or_default(),
            service: tags('s', &filter.service),
            task: tags('t', &filter.task),
        }
    }
}

impl StudyDb {
    fn visit_cards(
        &self,
        which: &str,
        filter: &CardFilter,
        visit: &mut dyn FnMut(StoredCard),
    ) -> Result<(), RecordError> {
        let sql = FilterSql::of(filter);
        let text = format!(
            "SELECT {CARD_COLUMNS}, t.body FROM card c JOIN card_text t USING (key) \
             WHERE {which} AND {}",
            sql.text
        );
        let at = self.at("reading the cards");
        let mut statement = self.connection.prepare_cached(&text).map_err(&at)?;
        let mut found = statement
            .query(named_params! {
                ":exam": sql.exam, ":version": sql.version, ":service": sql.service,
                ":task": sql.task,
            })
            .map_err(&at)?;
        while let Some(row) = found.next().map_err(&at)? {
            visit(rows::stored_card(row).map_err(&at)?);
        }
        Ok(())
    }
}

impl StudyStore for StudyDb {
    fn device(&self) -> DeviceId {
        self.device
    }

    fn bank_stamp(&self) -> Result<Option<String>, RecordError> {
        self.value("bank-stamp")
    }

    fn index_bank(&mut self, stamp: &str, cards: &[IndexedCard<'_>]) -> Result<(), RecordError> {
        let at = failure(&self.path, "indexing the questions");
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&at)?;
        bank::index(&transaction, stamp, cards).map_err(&at)?;
        transaction.commit().map_err(&at)?;
        self.loads.take();
        Ok(())
    }

    fn card(&self, id: &CardId) -> Result<Option<StoredCard>, RecordError> {
        let sql = format!(
            "SELECT {CARD_COLUMNS}, t.body FROM card c JOIN card_text t USING (key) WHERE c.id = ?1"
        );
        let at = self.at("reading a card");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&at)?;
        statement
            .query_row([&id.0], rows::stored_card)
            .optional()
            .map_err(&at)
    }

    fn due(
        &self,
        filter: &CardFilter,
        today: StudyDay,
        limit: usize,
    ) -> Result<Vec<Candidate>, RecordError> {
        let sql = FilterSql::of(filter);
        let text = format!(
            "SELECT c.id, c.stability, c.difficulty, c.last_day FROM card c \
             WHERE c.phase = 1 AND c.present = 1 AND c.suspended = 0 AND c.due <= :today AND {} \
             ORDER BY c.due LIMIT :limit",
            sql.text
        );
        let at = self.at("reading due cards");
        let mut statement = self.connection.prepare_cached(&text).map_err(&at)?;
        let found = statement
            .query_map(
                named_params! {
                    ":exam": sql.exam, ":version": sql.version, ":service": sql.service,
                    ":task": sql.task, ":today": number_of(today), ":limit": as_limit(limit),
                },
                rows::candidate,
            )
            .and_then(Iterator::collect);
        found.map_err(&at)
    }

    fn fresh(&self, filter: &CardFilter, limit: usize) -> Result<Vec<Candidate>, RecordError> {
        let sql = FilterSql::of(filter);
        let text = format!(
            "SELECT c.id, c.stability, c.difficulty, c.last_day FROM card c \
             WHERE c.phase = 0 AND c.present = 1 AND c.suspended = 0 AND c.reserved = 0 AND {} \
             ORDER BY c.position LIMIT :limit",
            sql.text
        );
        let at = self.at("reading new cards");
        let mut statement = self.connection.prepare_cached(&text).map_err(&at)?;
        let found = statement
            .query_map(
                named_params! {
                    ":exam": sql.exam, ":version": sql.version, ":service": sql.service,
                    ":task": sql.task, ":limit": as_limit(limit),
                },
                rows::candidate,
            )
            .and_then(Iterator::collect);
        found.map_err(&at)
    }

    fn follow_ups(
        &self,
        filter: &CardFilter,
        since: StudyDay,
        limit: usize,
    ) -> Result<Vec<CardId>, RecordError> {
        let sql = FilterSql::of(filter);
        let text = format!(
            "SELECT c.id, min(c.reps * 1000000 + c.position % 1000000) FROM confusion f JOIN card_tag t ON t.tag = 'c:' || f.concept \
             JOIN card c ON c.key = t.key \
             WHERE f.day >= :since AND c.key <> f.card AND c.present = 1 AND c.suspended = 0 \
             AND (c.reserved = 0 OR c.phase = 1) AND {} \
             GROUP BY f.concept ORDER BY f.at_order DESC LIMIT :limit",
            sql.text
        );
        let at = self.at("reading follow-up questions");
        let mut statement = self.connection.prepare_cached(&text).map_err(&at)?;
        let found = statement
            .query_map(
                named_params! {
                    ":exam": sql.exam, ":version": sql.version, ":service": sql.service,
                    ":task": sql.task, ":since": number_of(since), ":limit": as_limit(limit),
                },
                |row| row.get(0).map(CardId),
            )
            .and_then(Iterator::collect);
        found.map_err(&at)
    }

    fn load_on(&self, exam: Exam, day: StudyDay) -> Result<u32, RecordError> {
        if let Some(load) = self.loads.borrow().get(&(exam, day)) {
            return Ok(*load);
        }
        let at = self.at("counting due cards");
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM card \
                 WHERE phase = 1 AND present = 1 AND suspended = 0 AND exam = ?1 AND due = ?2",
            )
            .map_err(&at)?;
        let load = statement
            .query_row(params![exam_code(exam), number_of(day)], |row| row.get(0))
            .map_err(&at)?;
        self.loads.borrow_mut().insert((exam, day), load);
        Ok(load)
    }

    fn counts(&self, filter: &CardFilter, today: StudyDay) -> Result<Counts, RecordError> {
        let sql = FilterSql::of(filter);
        let at = self.at("counting cards");
        let count = |condition: &str| -> Result<u64, RecordError> {
            let text = format!(
                "SELECT count(*) FROM card c WHERE {condition} AND {} AND :today = :today",
                sql.text
            );
            let mut statement = self.connection.prepare_cached(&text).map_err(&at)?;
            statement
                .query_row(
                    named_params! {
                        ":exam": sql.exam, ":version": sql.version, ":service": sql.service,
                        ":task": sql.task, ":today": number_of(today),
                    },
                    |row| rows::count(row, 0),
                )
                .map_err(&at)
        };
        Ok(Counts {
            cards: count("c.present = 1")?,
            due: count("c.phase = 1 AND c.present = 1 AND c.suspended = 0 AND c.due <= :today")?,
            new: count("c.phase = 0 AND c.present = 1 AND c.suspended = 0 AND c.reserved = 0")?,
            reserved: count("c.present = 1 AND c.reserved = 1 AND c.phase = 0")?,
            suspended: count("c.present = 1 AND c.suspended = 1")?,
            flagged: count("c.present = 1 AND c.flagged = 1")?,
            leeches: count("c.present = 1 AND c.lapses >= 8")?,
            vanished: count("c.present = 0 AND c.reps > 0")?,
        })
    }

    fn tally(&self, day: StudyDay) -> Result<DayTally, RecordError> {
        let at = self.at("reading a day");
        let mut statement = self
            .connection
            .prepare_cached("SELECT answers, correct, fresh, millis FROM day WHERE day = ?1")
            .map_err(&at)?;
        let found = statement
            .query_row([number_of(day)], rows::tally)
            .optional();
        found.map(Option::unwrap_or_default).map_err(&at)
    }

    fn append(&mut self, draft: &Draft, state: &CardHistory) -> Result<ReviewId, RecordError> {
        let at = failure(&self.path, "saving an answer");
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&at)?;
        let id = rows::append(&transaction, self.device, self.floor, draft, state).map_err(&at)?;
        transaction.commit().map_err(&at)?;
        // Which exam's card it is does not matter: a day is at most one card too heavy for the other exam.
        if let Some(due) = state.due {
            for ((_, day), load) in self.loads.get_mut() {
                *load += u32::from(*day == due);
            }
        }
        Ok(id)
    }

    fn append_all(
        &mut self,
        entries: &[(Draft, CardHistory)],
        values: &[(&str, Option<&str>)],
    ) -> Result<(), RecordError> {
        let at = failure(&self.path, "saving answers");
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&at)?;
        for (draft, state) in entries {
            rows::append(&transaction, self.device, self.floor, draft, state).map_err(&at)?;
        }
        for (key, value) in values {
            rows::set_meta(&transaction, key, *value).map_err(&at)?;
        }
        transaction.commit().map_err(&at)
    }

    fn entries(&self, id: &CardId) -> Result<Vec<LogEntry>, RecordError> {
        let at = self.at("reading a card's history");
        let sql = format!(
            "SELECT {LOG_COLUMNS} FROM log l JOIN card c ON c.key = l.card \
             WHERE c.id = ?1 ORDER BY l.at_order, l.device, l.number"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(&at)?;
        let found = statement
            .query_map([&id.0], rows::entry)
            .and_then(Iterator::collect);
        found.map_err(&at)
    }

    fn last_answers(&self, limit: usize) -> Result<Vec<(LogEntry, bool)>, RecordError> {
        let at = self.at("reading the last answers");
        let sql = format!(
            "SELECT {LOG_COLUMNS}, EXISTS (SELECT 1 FROM log u WHERE u.event = 1 \
             AND u.target_device = l.device AND u.target_number = l.number \
             AND u.target_number IS NOT NULL) \
             FROM log l JOIN card c ON c.key = l.card \
             WHERE l.event = 0 AND l.device = ?1 ORDER BY l.seq DESC LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(&at)?;
        let found = statement
            .query_map(
                params![self.device.0.cast_signed(), as_limit(limit)],
                |row| Ok((rows::entry(row)?, row.get(rows::LOG_WIDTH)?)),
            )
            .and_then(Iterator::collect);
        found.map_err(&at)
    }

    fn for_each_entry(
        &self,
        visit: &mut dyn FnMut(LogEntry) -> Result<(), RecordError>,
    ) -> Result<(), RecordError> {
        let at = self.at("reading the log");
        let sql =
            format!("SELECT {LOG_COLUMNS} FROM log l JOIN card c ON c.key = l.card ORDER BY l.seq");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&at)?;
        let mut found = statement.query([]).map_err(&at)?;
        while let Some(row) = found.next().map_err(&at)? {
            visit(rows::entry(row).map_err(&at)?)?;
        }
        Ok(())
    }

    fn merge(&mut self, entries: &[LogEntry]) -> Result<u64, RecordError> {
        let at = failure(&self.path, "merging a history");
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&at)?;
        let mut added = 0;
        let mut floor = self.floor;
        for entry in entries {
            floor = floor.max(entry.order);
            if rows::insert_entry(&transaction, entry).map_err(&at)? {
                added += 1;
            }
        }
        rows::set_meta(&transaction, "order-floor", Some(&floor.to_string())).map_err(&at)?;
        transaction.commit().map_err(&at)?;
        self.floor = floor;
        Ok(added)
    }

    fn replay(&mut self, fold: &mut FoldSteps<'_>) -> Result<usize, RecordError> {
        let at = failure(&self.path, "replaying the log");
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&at)?;
        let cards = replay::replay(&transaction, fold).map_err(|error| match error {
            ReplayError::Sqlite(error) => at(error),
            ReplayError::Scheduler(error) => RecordError {
                operation: "computing a memory state",
                source: Box::new(error),
            },
        })?;
        transaction.commit().map_err(&at)?;
        self.loads.take();
        Ok(cards)
    }

    fn for_each_card(
        &self,
        filter: &CardFilter,
        visit: &mut dyn FnMut(StoredCard),
    ) -> Result<(), RecordError> {
        self.visit_cards("c.present = 1", filter, visit)
    }

    fn for_each_vanished(
        &self,
        filter: &CardFilter,
        visit: &mut dyn FnMut(StoredCard),
    ) -> Result<(), RecordError> {
        self.visit_cards("c.present = 0 AND c.reps > 0", filter, visit)
    }

    fn value(&self, key: &str) -> Result<Option<String>, RecordError> {
        let at = self.at("reading a value");
        let mut statement = self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")
            .map_err(&at)?;
        statement
            .query_row([key], |row| row.get(0))
            .optional()
            .map_err(&at)
    }

    fn set_value(&mut self, key: &str, value: Option<&str>) -> Result<(), RecordError> {
        rows::set_meta(&self.connection, key, value).map_err(failure(&self.path, "keeping a value"))
    }
}

fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
