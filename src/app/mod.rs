//! Use cases: each takes ports and a request, does one job, and returns a report that serialises itself.

pub mod bank;
pub mod import;
pub mod index;
pub mod lint_quizzes;
pub mod notes;
pub mod open;
pub mod own_notes;
pub mod quiz;
pub mod search;
pub mod stats;
