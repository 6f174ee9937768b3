//! The one integration binary: the program as a user runs it, on an own home, with a fixed clock and seed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::string_slice,
    unreachable_pub,
    reason = "a test that cannot go on fails, and the tests drive the program from outside"
)]

mod anki;
mod cards;
mod cli;
mod emulator;
mod env;
mod index_damage;
mod judged;
mod lab_plan;
mod labs_aws;
mod labs_cli;
mod labs_conformance;
mod labs_docs;
mod labs_lint;
mod labs_rehearsal;
mod notes_input;
mod python_env;
mod replay;
mod sandbox_cli;
mod search_cli;
mod search_quality;
mod study;
mod terminal;
mod transcripts;
