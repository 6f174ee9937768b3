//! Use cases: each takes ports and a request, does one job, and returns a report that serialises itself.

pub mod bank;
pub mod exam;
pub mod history;
pub mod import;
pub mod index;
pub mod lab_check;
pub mod lab_down;
pub mod lab_extend;
pub mod lab_library;
pub mod lab_list;
pub mod lab_params;
pub mod lab_plan;
pub mod lab_show;
pub mod lab_status;
pub mod lab_sweep;
pub mod lab_up;
pub mod lint_labs;
pub mod lint_quizzes;
pub mod notes;
pub mod open;
pub mod own_notes;
pub mod plan;
pub mod quiz;
pub mod sandbox;
pub mod search;
pub mod stats;
