//! Cards and history to and from Anki.
//!
//! Going out, each card becomes a note whose guid carries our id, so that what comes back is known again: its reviews
//! join the log, its text is left alone. Coming in, every other card becomes a question of a bank file in the
//! learner's own library, named by its guid, so that importing twice changes nothing and a later import brings edits.

pub mod export;
pub mod import;
pub mod table;
pub mod template;

/// What the guid of a note begins with when the rest is one of our ids.
const OURS: &str = "juku:";
