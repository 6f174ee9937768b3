//! Use cases: each takes ports and a request, does one job, and returns a report that serialises itself.

pub mod bank;
pub mod exam;
pub mod history;
pub mod lint_quizzes;
pub mod own_notes;
pub mod plan;
pub mod quiz;
pub mod stats;
