//! SQLite stores: the study log, the lab ledger, the imported library; and copies of them.

pub mod archive;
pub mod db;
pub mod ledger;
pub mod library;
pub mod study;
