//! kumojuku (雲塾): an exam study and hands-on lab trainer for AWS certifications in the terminal.
//!
//! Three jobs behind one prompt: search the notes, ask questions by spaced repetition, and take practice
//! labs up and down again with a cost guard. `docs/ARCHITECTURE.md` walks through the folders.
//!
//! Layers, each using only those named after it (`tests/architecture.rs` holds this):
//! `cli` → everything; `app` → areas, `config`, vocabulary; `adapter` → areas, `config`, vocabulary;
//! areas (`notes`, `search`, `quiz`, `schedule`, `progress`, `lab`) → vocabulary and each other only as listed
//! there; vocabulary (`exam`, `money`, `text`, `time`, `yaml`) → nothing of ours.

// vocabulary
pub mod exam;
pub mod money;
pub mod text;
pub mod time;
pub mod yaml;
// areas
pub mod lab;
pub mod notes;
pub mod progress;
pub mod quiz;
pub mod schedule;
pub mod search;
// the rest
pub mod adapter;
pub mod app;
pub mod cli;
pub mod config;
