//! What labs leave in `study.db`.

use jiff::Timestamp;
use rusqlite::{TransactionBehavior, named_params, params};

use super::rows::{day_of, number_of};
use super::{FilterSql, StudyDb, as_limit, failure};
use crate::progress::practice::{LabDone, PracticeStore, Wish};
use crate::progress::store::{CardFilter, RecordError};
use crate::quiz::CardId;
use crate::time::StudyDay;

/// True of a wish `a` for card `c` that no answer has settled; an answer that was taken back settles nothing.
const OPEN: &str = "NOT EXISTS (SELECT 1 FROM log l WHERE l.card = c.key AND l.event = 0 AND l.at >= a.at \
     AND NOT EXISTS (SELECT 1 FROM log u WHERE u.event = 1 AND u.target_number IS NOT NULL \
     AND u.target_device = l.device AND u.target_number = l.number))";

impl PracticeStore for StudyDb {
    fn ask_for(
        &mut self,
        wishes: &[Wish],
        at: Timestamp,
        day: StudyDay,
    ) -> Result<usize, RecordError> {
        let failed = failure(&self.path, "asking for cards");
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let mut added = 0;
        for wish in wishes {
            added += transaction
                .prepare_cached(
                    "INSERT INTO asked_for (card, lab, task, at, day) \
                     SELECT c.id, ?2, ?3, ?4, ?5 FROM card c WHERE c.id = ?1 AND c.present = 1 \
                     AND c.suspended = 0 AND (c.reserved = 0 OR c.phase = 1) \
                     ON CONFLICT (card) DO UPDATE SET lab = excluded.lab, task = excluded.task, \
                     at = excluded.at, day = excluded.day WHERE excluded.day > asked_for.day",
                )
                .and_then(|mut statement| {
                    statement.execute(params![
                        wish.card.0,
                        wish.lab,
                        wish.task,
                        at.as_millisecond(),
                        number_of(day)
                    ])
                })
                .map_err(&failed)?;
        }
        transaction.commit().map_err(&failed)?;
        Ok(added)
    }

    fn asked_for(&self, filter: &CardFilter, limit: usize) -> Result<Vec<CardId>, RecordError> {
        let sql = FilterSql::of(filter);
        let text = format!(
            "SELECT c.id FROM asked_for a JOIN card c ON c.id = a.card \
             WHERE c.present = 1 AND c.suspended = 0 AND (c.reserved = 0 OR c.phase = 1) \
             AND {OPEN} AND {} ORDER BY a.at, c.position LIMIT :limit",
            sql.text
        );
        let at = self.at("reading the cards that labs asked for");
        let mut statement = self.connection.prepare_cached(&text).map_err(&at)?;
        let found = statement
            .query_map(
                named_params! {
                    ":exam": sql.exam, ":version": sql.version, ":service": sql.service,
                    ":task": sql.task, ":limit": as_limit(limit),
                },
                |row| row.get(0).map(CardId),
            )
            .and_then(Iterator::collect);
        found.map_err(&at)
    }

    fn note_done(&mut self, done: &LabDone, at: Timestamp) -> Result<bool, RecordError> {
        let failed = failure(&self.path, "noting a finished lab");
        self.connection
            .execute(
                "INSERT INTO lab_done (lab, tier, at, day, tasks) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (lab, tier) DO NOTHING",
                params![
                    done.lab,
                    done.tier,
                    at.as_millisecond(),
                    number_of(done.day),
                    done.tasks
                ],
            )
            .map(|rows| rows > 0)
            .map_err(failed)
    }

    fn labs_done(&self) -> Result<Vec<LabDone>, RecordError> {
        let at = self.at("reading the finished labs");
        let mut statement = self
            .connection
            .prepare_cached("SELECT lab, tier, day, tasks FROM lab_done ORDER BY at, lab")
            .map_err(&at)?;
        let found = statement
            .query_map([], |row| {
                Ok(LabDone {
                    lab: row.get(0)?,
                    tier: row.get(1)?,
                    day: day_of(row.get(2)?),
                    tasks: row.get(3)?,
                })
            })
            .and_then(Iterator::collect);
        found.map_err(&at)
    }
}
