//! What commands about notes need to know: services, rules of outdated facts, synonyms.

use std::path::PathBuf;

use crate::app::index::Knowledge;
use crate::cli::CommandError;
use crate::cli::wire::{Shelf, Wire};
use crate::msg;
use crate::notes::freshness::Rules;
use crate::notes::services::Services;
use crate::search::synonyms::Synonyms;

const SERVICES: &str = "services.yaml";
const RULES: &str = "freshness.yaml";
const SYNONYMS: &str = "synonyms.yaml";
const EVERYDAY: &str = "everyday.yaml";
const OWN_SYNONYMS: &str = "my-synonyms.yaml";

fn content(wire: &Wire, name: &str) -> Result<String, CommandError> {
    let file = wire.library_file(Shelf::Content, name)?;
    Ok(file
        .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
        .unwrap_or_default())
}

/// Gives a mark of all that [`knowledge`] reads.
pub(super) fn stamp(wire: &Wire) -> Result<String, CommandError> {
    let both = format!("{}\n{}", content(wire, SERVICES)?, content(wire, RULES)?);
    Ok(blake3::hash(both.as_bytes()).to_hex().to_string())
}

/// Reads the list of services.
pub(super) fn services(wire: &Wire) -> Result<Services, CommandError> {
    Services::from_yaml(&content(wire, SERVICES)?).map_err(|error| bad_content(SERVICES, &error))
}

/// Reads what reading notes needs to know.
pub(super) fn knowledge(wire: &Wire) -> Result<Knowledge, CommandError> {
    Ok(Knowledge {
        services: services(wire)?,
        rules: rules(wire)?,
    })
}

/// Reads the rules as they were kept, which is quicker, or from their file.
fn rules(wire: &Wire) -> Result<Rules, CommandError> {
    let file = content(wire, RULES)?;
    let place = wire.paths().rules();
    let mark = blake3::hash(file.as_bytes()).to_hex().to_string();
    let kept = wire.read_bytes(&place).ok().flatten();
    if let Some(rules) = kept.and_then(|bytes| Rules::kept(&bytes, &mark)) {
        return Ok(rules);
    }
    let rules = Rules::parse(&file).map_err(|error| bad_content(RULES, &error))?;
    // Where nothing can be kept the next run takes a moment longer.
    drop(wire.write(&place, &rules.keep(&mark)));
    Ok(rules)
}

/// Reads the synonyms, the user's own with them: as they were kept, which is quicker, or from their files.
pub(super) fn synonyms(wire: &Wire) -> Result<Synonyms, CommandError> {
    let mut files = Vec::new();
    let mut hash = blake3::Hasher::new();
    for name in [SYNONYMS, EVERYDAY, OWN_SYNONYMS] {
        let text = content(wire, name)?;
        hash.update(blake3::hash(text.as_bytes()).as_bytes());
        files.push((name, text));
    }
    let mark = hash.finalize().to_hex().to_string();
    let place = wire.paths().synonyms();
    let kept = wire.read_bytes(&place).ok().flatten();
    if let Some(synonyms) = kept.and_then(|bytes| Synonyms::kept(&bytes, &mark)) {
        return Ok(synonyms);
    }
    let mut all = Synonyms::default();
    for (name, text) in files.iter().filter(|(_, text)| !text.is_empty()) {
        let read = Synonyms::from_yaml(text)
            .map_err(|error| bad_content(name, &error).at(error.line, error.column))?;
        all = all.with(read);
    }
    // Where nothing can be kept the next run takes a moment longer.
    drop(wire.write(&place, &all.keep(&mark)));
    Ok(all)
}

fn bad_content(name: &str, error: &dyn std::error::Error) -> CommandError {
    CommandError::usage(msg!("bad-content"))
        .path(PathBuf::from("content").join(name))
        .because(error)
}
