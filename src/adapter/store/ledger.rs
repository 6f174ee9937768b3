//! The lab ledger in `data/ledger.db`: leases, their resources and steps, written before each call.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::db::{self, StoreError};
use crate::lab::lease::{
    Closing, Lease, LeaseId, LeasedResource, NewLease, ResourceState, Step, Tier,
};
use crate::lab::port::{Claim, Ledger, LedgerError, Output, StackName};
use crate::money::MicroUsd;

const MIGRATIONS: &[&str] = &["
CREATE TABLE leases (
    id TEXT PRIMARY KEY,
    lab TEXT NOT NULL,
    stack TEXT NOT NULL,
    tier TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    hourly_micros INTEGER NOT NULL,
    cap_micros INTEGER NOT NULL,
    profile TEXT,
    endpoint TEXT,
    instance TEXT,
    template_hash TEXT NOT NULL,
    step TEXT NOT NULL,
    step_at TEXT NOT NULL,
    stack_id TEXT,
    change_set TEXT,
    outputs TEXT NOT NULL DEFAULT '[]',
    extensions INTEGER NOT NULL DEFAULT 0,
    closing TEXT,
    closed_at TEXT
) STRICT;
CREATE UNIQUE INDEX open_leases ON leases (lab, tier, account, region) WHERE closing IS NULL;
CREATE TABLE resources (
    n INTEGER PRIMARY KEY,
    lease TEXT NOT NULL REFERENCES leases (id),
    logical_id TEXT NOT NULL,
    type_name TEXT NOT NULL,
    physical_id TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (lease, logical_id, physical_id)
) STRICT;
CREATE TABLE steps (
    n INTEGER PRIMARY KEY,
    lease TEXT NOT NULL REFERENCES leases (id),
    step TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE bindings (
    tier TEXT NOT NULL,
    profile TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    PRIMARY KEY (tier, profile)
) STRICT;
"];

const COLUMNS: &str = "id, lab, stack, tier, account, region, opened_at, expires_at, hourly_micros, \
    cap_micros, profile, endpoint, instance, template_hash, step, step_at, stack_id, change_set, \
    outputs, extensions, closing, closed_at";

/// The ledger's database and the folder of its locks.
#[derive(Debug)]
pub struct SqliteLedger {
    path: PathBuf,
    locks: PathBuf,
    connection: Mutex<Connection>,
}

/// A file that is locked as long as this lives; the system unlocks it when the process dies.
#[derive(Debug)]
struct FileClaim {
    _file: File,
}

impl Claim for FileClaim {}

fn failed(operation: &'static str) -> impl Fn(StoreError) -> LedgerError {
    move |source| LedgerError::Store {
        operation,
        source: Box::new(source),
    }
}

fn odd(operation: &'static str, what: impl Into<String>) -> LedgerError {
    LedgerError::Store {
        operation,
        source: what.into().into(),
    }
}

impl SqliteLedger {
    /// Opens the ledger, making it as needed; locks go into a folder of their own.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, locks: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            locks: locks.to_owned(),
            connection: Mutex::new(db::open(path, MIGRATIONS)?),
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one statement that must change a lease.
    fn change(
        &self,
        operation: &'static str,
        lease: &LeaseId,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<(), LedgerError> {
        let changed = self
            .connection()
            .execute(sql, values)
            .map_err(StoreError::at(&self.path, operation))
            .map_err(failed(operation))?;
        if changed == 0 {
            Err(LedgerError::NoLease {
                lease: lease.clone(),
            })
        } else {
            Ok(())
        }
    }

    fn select(&self, tail: &str, values: impl rusqlite::Params) -> Result<Vec<Lease>, LedgerError> {
        const READING: &str = "reading leases";
        let at = StoreError::at(&self.path, READING);
        let connection = self.connection();
        let mut query = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM leases {tail}"))
            .map_err(&at)
            .map_err(failed(READING))?;
        let raw: Vec<RawLease> = query
            .query_map(values, RawLease::read)
            .and_then(Iterator::collect)
            .map_err(&at)
            .map_err(failed(READING))?;
        raw.into_iter().map(RawLease::check).collect()
    }
}

/// A row as it stands in the table.
struct RawLease {
    texts: [String; 10],
    maybe: [Option<String>; 7],
    outputs: String,
    hourly: i64,
    cap: i64,
    extensions: u32,
}

impl RawLease {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |i| row.get::<_, String>(i);
        let maybe = |i| row.get::<_, Option<String>>(i);
        Ok(Self {
            texts: [
                text(0)?,
                text(1)?,
                text(2)?,
                text(3)?,
                text(4)?,
                text(5)?,
                text(6)?,
                text(7)?,
                text(13)?,
                text(14)?,
            ],
            hourly: row.get(8)?,
            cap: row.get(9)?,
            maybe: [
                maybe(10)?,
                maybe(11)?,
                maybe(12)?,
                Some(text(15)?),
                maybe(16)?,
                maybe(17)?,
                maybe(20)?,
            ],
            outputs: text(18)?,
            extensions: row.get(19)?,
        }
        .with_closing(maybe(21)?))
    }

    /// Keeps the moment of closing beside the way of closing.
    fn with_closing(mut self, closed_at: Option<String>) -> Self {
        if let (Some(closing), Some(at)) = (self.maybe[6].as_mut(), closed_at) {
            closing.push(' ');
            closing.push_str(&at);
        }
        self
    }

    fn check(self) -> Result<Lease, LedgerError> {
        const READING: &str = "reading a lease";
        let moment = |text: &str| {
            text.parse::<Timestamp>()
                .map_err(|_| odd(READING, format!("`{text}` is no moment")))
        };
        let [
            id,
            lab,
            stack,
            tier,
            account,
            region,
            opened,
            expires,
            template_hash,
            step,
        ] = self.texts;
        let [
            profile,
            endpoint,
            instance,
            step_at,
            stack_id,
            change_set,
            closing,
        ] = self.maybe;
        let closing = match closing {
            None => None,
            Some(text) => {
                let (how, at) = text.split_once(' ').unwrap_or((&text, ""));
                let how = Closing::parse(how)
                    .ok_or_else(|| odd(READING, format!("unknown closing `{how}`")))?;
                Some((how, moment(at)?))
            }
        };
        let outputs: Vec<Output> =
            serde_json::from_str(&self.outputs).map_err(|error| odd(READING, error.to_string()))?;
        Ok(Lease {
            terms: NewLease {
                id: LeaseId(id),
                lab,
                stack: StackName::known(stack),
                tier: Tier::parse(&tier)
                    .ok_or_else(|| odd(READING, format!("unknown tier `{tier}`")))?,
                account,
                region,
                opened_at: moment(&opened)?,
                expires_at: moment(&expires)?,
                hourly: MicroUsd::from_micros(self.hourly),
                cap: MicroUsd::from_micros(self.cap),
                profile,
                endpoint,
                instance,
                template_hash,
            },
            step: Step::parse(&step)
                .ok_or_else(|| odd(READING, format!("unknown step `{step}`")))?,
            step_at: moment(step_at.as_deref().unwrap_or_default())?,
            stack_id,
            change_set,
            outputs,
            extensions: self.extensions,
            closing,
        })
    }
}

impl Ledger for SqliteLedger {
    fn open(&self, lease: &NewLease) -> Result<Lease, LedgerError> {
        const OPENING: &str = "opening a lease";
        let inserted = self.connection().execute(
            "INSERT INTO leases (id, lab, stack, tier, account, region, opened_at, expires_at,
                 hourly_micros, cap_micros, profile, endpoint, instance, template_hash, step, step_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'opened', ?7)",
            rusqlite::params![
                lease.id.0,
                lease.lab,
                lease.stack.as_str(),
                lease.tier.as_str(),
                lease.account,
                lease.region,
                lease.opened_at.to_string(),
                lease.expires_at.to_string(),
                lease.hourly.micros(),
                lease.cap.micros(),
                lease.profile,
                lease.endpoint,
                lease.instance,
                lease.template_hash,
            ],
        );
        match inserted {
            Ok(_) => self.lease(&lease.id),
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) =>
            {
                let open = self.select(
                    "WHERE lab = ?1 AND tier = ?2 AND account = ?3 AND region = ?4 AND closing IS NULL",
                    [&lease.lab, lease.tier.as_str(), &lease.account, &lease.region],
                )?;
                Err(LedgerError::AlreadyOpen {
                    lab: lease.lab.clone(),
                    lease: open
                        .into_iter()
                        .next()
                        .map_or_else(|| lease.id.clone(), |open| open.terms.id),
                })
            }
            Err(error) => Err(failed(OPENING)(StoreError::at(&self.path, OPENING)(error))),
        }
    }

    fn claim(&self, lease: &LeaseId) -> Result<Box<dyn Claim>, LedgerError> {
        const CLAIMING: &str = "claiming a lease";
        let broken = |source: std::io::Error| LedgerError::Store {
            operation: CLAIMING,
            source: Box::new(source),
        };
        std::fs::create_dir_all(&self.locks).map_err(broken)?;
        let file = File::options()
            .create(true)
            .append(true)
            .open(self.locks.join(format!("{lease}.lock")))
            .map_err(broken)?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(FileClaim { _file: file })),
            Err(TryLockError::WouldBlock) => Err(LedgerError::Busy {
                lab: self.lease(lease)?.terms.lab,
                lease: lease.clone(),
            }),
            Err(TryLockError::Error(source)) => Err(broken(source)),
        }
    }

    fn step(&self, lease: &LeaseId, step: Step, at: Timestamp) -> Result<(), LedgerError> {
        const STEPPING: &str = "writing a step";
        self.change(
            STEPPING,
            lease,
            "UPDATE leases SET step = ?2, step_at = ?3 WHERE id = ?1",
            (&lease.0, step.as_str(), at.to_string()),
        )?;
        // The history is for people; the column above is what the machines go by.
        self.change(
            STEPPING,
            lease,
            "INSERT INTO steps (lease, step, at) VALUES (?1, ?2, ?3)",
            (&lease.0, step.as_str(), at.to_string()),
        )
    }

    fn stack(
        &self,
        lease: &LeaseId,
        stack_id: &str,
        change_set: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.change(
            "writing the stack's id",
            lease,
            "UPDATE leases SET stack_id = ?2, change_set = coalesce(?3, change_set) WHERE id = ?1",
            (&lease.0, stack_id, change_set),
        )
    }

    fn resource(&self, lease: &LeaseId, resource: &LeasedResource) -> Result<(), LedgerError> {
        self.change(
            "writing a resource",
            lease,
            "INSERT INTO resources (lease, logical_id, type_name, physical_id, state)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (lease, logical_id, physical_id) DO UPDATE SET type_name = excluded.type_name",
            (
                &lease.0,
                &resource.logical_id,
                &resource.type_name,
                &resource.physical_id,
                resource.state.as_str(),
            ),
        )
    }

    fn settle(
        &self,
        lease: &LeaseId,
        resource: &LeasedResource,
        state: ResourceState,
    ) -> Result<(), LedgerError> {
        self.change(
            "writing a resource's state",
            lease,
            "UPDATE resources SET state = ?4
             WHERE lease = ?1 AND logical_id = ?2 AND physical_id = ?3",
            (
                &lease.0,
                &resource.logical_id,
                &resource.physical_id,
                state.as_str(),
            ),
        )
    }

    fn outputs(&self, lease: &LeaseId, outputs: &[Output]) -> Result<(), LedgerError> {
        const WRITING: &str = "writing outputs";
        let json =
            serde_json::to_string(outputs).map_err(|error| odd(WRITING, error.to_string()))?;
        self.change(
            WRITING,
            lease,
            "UPDATE leases SET outputs = ?2 WHERE id = ?1",
            (&lease.0, json),
        )
    }

    fn extend(&self, lease: &LeaseId, expires_at: Timestamp) -> Result<(), LedgerError> {
        self.change(
            "extending a lease",
            lease,
            "UPDATE leases SET expires_at = ?2, extensions = extensions + 1
             WHERE id = ?1 AND closing IS NULL",
            (&lease.0, expires_at.to_string()),
        )
    }

    fn close(&self, lease: &LeaseId, closing: Closing, at: Timestamp) -> Result<(), LedgerError> {
        self.change(
            "closing a lease",
            lease,
            "UPDATE leases SET step = 'closed', step_at = ?3, closing = ?2, closed_at = ?3
             WHERE id = ?1",
            (&lease.0, closing.as_str(), at.to_string()),
        )
    }

    fn lease(&self, lease: &LeaseId) -> Result<Lease, LedgerError> {
        self.select("WHERE id = ?1", [&lease.0])?
            .into_iter()
            .next()
            .ok_or_else(|| LedgerError::NoLease {
                lease: lease.clone(),
            })
    }

    fn leases(&self, closed: bool) -> Result<Vec<Lease>, LedgerError> {
        self.select(
            if closed {
                "ORDER BY rowid DESC"
            } else {
                "WHERE closing IS NULL ORDER BY rowid DESC"
            },
            [],
        )
    }

    fn resources(&self, lease: &LeaseId) -> Result<Vec<LeasedResource>, LedgerError> {
        const READING: &str = "reading resources";
        let at = StoreError::at(&self.path, READING);
        let connection = self.connection();
        let mut query = connection
            .prepare_cached(
                "SELECT logical_id, type_name, physical_id, state FROM resources
                 WHERE lease = ?1 ORDER BY n",
            )
            .map_err(&at)
            .map_err(failed(READING))?;
        query
            .query_map([&lease.0], |row| {
                Ok(LeasedResource {
                    logical_id: row.get(0)?,
                    type_name: row.get(1)?,
                    physical_id: row.get(2)?,
                    // A word from a newer version: the safe reading is that the resource may be there.
                    state: ResourceState::parse(&row.get::<_, String>(3)?)
                        .unwrap_or(ResourceState::Known),
                })
            })
            .and_then(Iterator::collect)
            .map_err(&at)
            .map_err(failed(READING))
    }

    fn bound(&self, tier: Tier, profile: &str) -> Result<Option<(String, String)>, LedgerError> {
        const READING: &str = "reading a binding";
        self.connection()
            .query_row(
                "SELECT account, region FROM bindings WHERE tier = ?1 AND profile = ?2",
                [tier.as_str(), profile],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(StoreError::at(&self.path, READING))
            .map_err(failed(READING))
    }

    fn unbind(&self, tier: Tier, profile: &str) -> Result<(), LedgerError> {
        const UNBINDING: &str = "forgetting an account";
        self.connection()
            .execute(
                "DELETE FROM bindings WHERE tier = ?1 AND profile = ?2",
                [tier.as_str(), profile],
            )
            .map(drop)
            .map_err(StoreError::at(&self.path, UNBINDING))
            .map_err(failed(UNBINDING))
    }

    fn bind(
        &self,
        tier: Tier,
        profile: &str,
        account: &str,
        region: &str,
    ) -> Result<(), LedgerError> {
        const BINDING: &str = "binding an account";
        self.connection()
            .execute(
                "INSERT INTO bindings (tier, profile, account, region) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tier, profile) DO NOTHING",
                [tier.as_str(), profile, account, region],
            )
            .map(drop)
            .map_err(StoreError::at(&self.path, BINDING))
            .map_err(failed(BINDING))
    }
}

#[cfg(test)]
mod tests;
