//! SQLite stores: the study log, the lab ledger, the imported library.

pub mod db;
pub mod ledger;
