//! Where the rehearsal's stacks are kept: `state/rehearsal.db`, one row each.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::inject::Injection;
use super::state::Stack;
use crate::adapter::store::db::{self, StoreError};

const MIGRATIONS: &[&str] = &["
CREATE TABLE stacks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX stacks_by_name ON stacks (name, region);
CREATE TABLE injections (
    n INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
"];

/// How many deleted stacks are remembered.
const REMEMBERED: usize = 100;

/// The database of the rehearsal.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Book {
    /// Opens the database, making it as needed.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            connection: Mutex::new(db::open(path, MIGRATIONS)?),
        })
    }

    /// Does something in one transaction; an error undoes it.
    pub(super) fn within<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Page<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::at(&self.path, "beginning"))?;
        let page = Page {
            path: &self.path,
            transaction,
        };
        let done = work(&page)?;
        let at = StoreError::at(&self.path, "saving");
        page.transaction.commit().map_err(at)?;
        Ok(done)
    }
}

/// The database within a transaction.
pub(super) struct Page<'a> {
    path: &'a Path,
    transaction: Transaction<'a>,
}

impl Page<'_> {
    /// Reads all stacks, oldest first.
    pub(super) fn stacks(&self) -> Result<Vec<Stack>, StoreError> {
        self.query("SELECT body FROM stacks ORDER BY rowid", &[])
    }

    /// Finds a stack by ARN, or by name among those that are not deleted.
    pub(super) fn find(
        &self,
        name_or_id: &str,
        region: &str,
        now: Timestamp,
    ) -> Result<Option<Stack>, StoreError> {
        if name_or_id.starts_with("arn:") {
            let found = self.query("SELECT body FROM stacks WHERE id = ?1", &[name_or_id])?;
            return Ok(found.into_iter().next());
        }
        let found = self.query(
            "SELECT body FROM stacks WHERE name = ?1 AND region = ?2 ORDER BY rowid DESC",
            &[name_or_id, region],
        )?;
        Ok(found.into_iter().find(|stack| !stack.is_deleted(now)))
    }

    /// Writes a stack.
    pub(super) fn save(&self, stack: &Stack) -> Result<(), StoreError> {
        let at = StoreError::at(self.path, "writing a stack");
        let body = serde_json::to_string(stack)
            .map_err(|error| at(rusqlite::Error::ToSqlConversionFailure(error.into())))?;
        self.transaction
            .execute(
                "INSERT INTO stacks (id, name, region, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                (&stack.id, &stack.name, &stack.region, body),
            )
            .map_err(&at)?;
        Ok(())
    }

    /// Removes a stack that never was more than a change set.
    pub(super) fn forget(&self, id: &str) -> Result<(), StoreError> {
        self.transaction
            .execute("DELETE FROM stacks WHERE id = ?1", [id])
            .map_err(StoreError::at(self.path, "removing a stack"))?;
        Ok(())
    }

    /// Forgets the oldest deleted stacks.
    pub(super) fn tidy(&self, now: Timestamp) -> Result<(), StoreError> {
        let deleted: Vec<Stack> = self
            .stacks()?
            .into_iter()
            .filter(|stack| stack.is_deleted(now))
            .collect();
        let surplus = deleted.len().saturating_sub(REMEMBERED);
        deleted
            .iter()
            .take(surplus)
            .try_for_each(|stack| self.forget(&stack.id))
    }

    /// Adds a failure to come.
    pub(super) fn inject(&self, injection: &Injection) -> Result<(), StoreError> {
        self.transaction
            .execute(
                "INSERT INTO injections (body) VALUES (?1)",
                [injection.to_string()],
            )
            .map_err(StoreError::at(self.path, "writing an injection"))?;
        Ok(())
    }

    /// Takes the failures to come that fit; one with more than one use left stays with one less.
    pub(super) fn take(
        &self,
        fits: impl Fn(&Injection) -> bool,
        use_up: bool,
    ) -> Result<Vec<Injection>, StoreError> {
        let at = StoreError::at(self.path, "reading injections");
        let mut query = self
            .transaction
            .prepare("SELECT n, body FROM injections ORDER BY n")
            .map_err(&at)?;
        let rows: Vec<(i64, String)> = query
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(&at)?;
        let mut taken = Vec::new();
        for (n, body) in rows {
            let Ok(injection) = body.parse::<Injection>() else {
                continue;
            };
            if !fits(&injection) {
                continue;
            }
            if use_up || injection.times <= 1 {
                self.transaction
                    .execute("DELETE FROM injections WHERE n = ?1", [n])
                    .map_err(&at)?;
            } else {
                let less = Injection {
                    times: injection.times - 1,
                    ..injection.clone()
                };
                self.transaction
                    .execute(
                        "UPDATE injections SET body = ?2 WHERE n = ?1",
                        (n, less.to_string()),
                    )
                    .map_err(&at)?;
            }
            taken.push(injection);
        }
        Ok(taken)
    }

    /// Drops all failures to come.
    pub(super) fn clear_injections(&self) -> Result<(), StoreError> {
        self.transaction
            .execute("DELETE FROM injections", [])
            .map_err(StoreError::at(self.path, "dropping injections"))?;
        Ok(())
    }

    /// Says whether any failure is to come.
    pub(super) fn has_injections(&self) -> Result<bool, StoreError> {
        let found: Option<i64> = self
            .transaction
            .query_row("SELECT 1 FROM injections LIMIT 1", [], |row| row.get(0))
            .optional()
            .map_err(StoreError::at(self.path, "reading injections"))?;
        Ok(found.is_some())
    }

    fn query(&self, sql: &str, values: &[&str]) -> Result<Vec<Stack>, StoreError> {
        let at = StoreError::at(self.path, "reading stacks");
        let mut query = self.transaction.prepare_cached(sql).map_err(&at)?;
        let bodies: Vec<String> = query
            .query_map(rusqlite::params_from_iter(values), |row| row.get(0))
            .and_then(Iterator::collect)
            .map_err(&at)?;
        bodies
            .iter()
            .map(|body| {
                serde_json::from_str(body).map_err(|error| StoreError::Damaged {
                    path: self.path.to_owned(),
                    detail: error.to_string(),
                })
            })
            .collect()
    }
}
