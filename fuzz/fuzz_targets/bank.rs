//! Bank files of any kind: cards or findings, and never a panic.

#![no_main]

use std::sync::LazyLock;

use kumojuku::quiz::{BankFile, Reference};
use kumojuku::yaml;
use libfuzzer_sys::fuzz_target;

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| Reference {
    blueprints: yaml::from_str(include_str!("../../content/blueprint.yaml"))
        .expect("the blueprints are sound"),
});

fuzz_target!(|text: &str| {
    let read = BankFile::read("bank.yaml", text, &REFERENCE);
    assert!(read.cards.len() <= text.len());
});
