//! Markdown of any kind: no panic, and lines that are in the file.

#![no_main]

use kumojuku::notes::Kind;
use libfuzzer_sys::fuzz_target;

#[path = "../note.rs"]
mod note;

fuzz_target!(|text: &str| note::check(Kind::Markdown, text));
