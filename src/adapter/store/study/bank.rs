//! The bank's index: which cards there are, what they say, and by which tags they are found.

use rusqlite::{Connection, Result, params};

use super::rows::{exam_code, key_of, set_meta};
use crate::progress::store::IndexedCard;
use crate::quiz::Card;

/// Writes a whole bank; cards that are not in it stay with their history and are marked as gone.
pub(super) fn index(connection: &Connection, stamp: &str, cards: &[IndexedCard<'_>]) -> Result<()> {
    connection.execute("UPDATE card SET present = 0 WHERE present = 1", [])?;
    let mut place = connection.prepare(
        "UPDATE card SET exam = ?2, versions = ?3, position = ?4, reserved = ?5, present = 1 \
         WHERE key = ?1",
    )?;
    let mut text = connection.prepare(
        "INSERT INTO card_text (key, body) VALUES (?1, ?2) \
         ON CONFLICT (key) DO UPDATE SET body = excluded.body WHERE body <> excluded.body",
    )?;
    let mut untag = connection.prepare("DELETE FROM card_tag WHERE key = ?1")?;
    let mut tag =
        connection.prepare("INSERT OR IGNORE INTO card_tag (tag, key) VALUES (?1, ?2)")?;
    for IndexedCard {
        card,
        position,
        reserved,
    } in cards
    {
        let key = key_of(connection, &card.id.0)?;
        let versions: Vec<&str> = card.task.keys().map(|v| v.0.as_str()).collect();
        // SQLite's integers are signed; the order only has to be the same each time.
        let position = (position >> 1).cast_signed();
        let versions = format!(",{},", versions.join(","));
        place.execute(params![
            key,
            exam_code(card.exam),
            versions,
            position,
            reserved
        ])?;
        let body = serde_json::to_string(card)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        if text.execute(params![key, body])? > 0 {
            untag.execute([key])?;
            for name in tags(card) {
                tag.execute(params![name, key])?;
            }
        }
    }
    set_meta(connection, "bank-stamp", Some(stamp))
}

fn tags(card: &Card) -> Vec<String> {
    let services = card.services.iter().map(|s| format!("s:{s}"));
    let tasks = card.task.values().flatten().map(|t| format!("t:{t}"));
    let concepts = card.confusions().map(|c| format!("c:{c}"));
    services.chain(tasks).chain(concepts).collect()
}
