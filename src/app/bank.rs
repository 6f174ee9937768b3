//! Brings the study database's index of questions up to date with the bank files.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::exam::Blueprints;
use crate::progress::store::{IndexedCard, RecordError, StudyStore};
use crate::quiz::{BankFile, Card, Finding, QuizBank, Reference, paper, seed};

/// Part of the stamp; raise it when the index is built otherwise from the same files.
const INDEX_VERSION: &str = "2";

/// A bank file as the library has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankText {
    /// The path to show.
    pub path: String,
    /// Its text.
    pub text: String,
    /// True when it is the user's own; those lie over the bundled ones.
    pub own: bool,
}

/// What reading the bank gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BankReport {
    /// Cards in the bank.
    pub cards: usize,
    /// What kept others out.
    pub findings: Vec<Finding>,
}

/// Reads all bank files into one bank; the user's own lie over the bundled ones.
pub fn read_bank(files: &[BankText], blueprints: &Blueprints) -> (QuizBank, Vec<Finding>) {
    let reference = Reference {
        blueprints: blueprints.clone(),
    };
    let mut layers = [Vec::new(), Vec::new()];
    let mut findings = Vec::new();
    for file in files {
        let read = BankFile::read(&file.path, &file.text, &reference);
        findings.extend(read.findings);
        let [bundled, own] = &mut layers;
        if file.own { own } else { bundled }.extend(read.cards);
    }
    let (bank, doubles) = QuizBank::build(layers.into());
    findings.extend(doubles);
    (bank, findings)
}

/// Says whether the bank that was indexed last had this stamp, whatever it was made from.
///
/// # Errors
/// When the study database cannot be read.
pub fn is_current(store: &dyn StudyStore, stamp: &str) -> Result<bool, RecordError> {
    let current = format!("{INDEX_VERSION}/{stamp}");
    Ok(store.bank_stamp()?.as_deref() == Some(&current))
}

/// Indexes the bank and remembers its stamp.
///
/// # Errors
/// When the study database cannot be read or written.
pub fn refresh(
    store: &mut dyn StudyStore,
    files: &[BankText],
    blueprints: &Blueprints,
    stamp: &str,
) -> Result<BankReport, RecordError> {
    let (bank, findings) = read_bank(files, blueprints);
    // The learner's own questions are there to be studied.
    let own: BTreeSet<&str> = files
        .iter()
        .filter(|f| f.own)
        .map(|f| f.path.as_str())
        .collect();
    let bundled: Vec<Card> = bank
        .cards()
        .iter()
        .filter(|c| !own.contains(c.path.as_str()))
        .cloned()
        .collect();
    let reserved = paper::reserved(&bundled, blueprints);
    let cards: Vec<IndexedCard<'_>> = bank
        .cards()
        .iter()
        .map(|card| IndexedCard {
            card,
            position: seed::rank(&["new", &card.id.0]),
            reserved: reserved.contains(&card.id),
        })
        .collect();
    store.index_bank(&format!("{INDEX_VERSION}/{stamp}"), &cards)?;
    Ok(BankReport {
        cards: cards.len(),
        findings,
    })
}
