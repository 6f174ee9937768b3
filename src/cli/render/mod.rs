//! Reports as text. One file per command; JSON needs none, the reports serialise themselves.

pub(crate) mod exam;
pub(crate) mod lab;
pub(crate) mod lab_live;
pub(crate) mod lab_task;
pub(crate) mod notes;
mod plain;
pub(crate) mod plan;
pub(crate) mod quiz;
pub(crate) mod stale;
pub(crate) mod stats;
