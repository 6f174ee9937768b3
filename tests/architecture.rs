//! Holds the dependency directions of docs/ARCHITECTURE.md: fails when a module uses one it may not.

use std::collections::BTreeMap;
use std::path::Path;

const VOCABULARY: &[&str] = &["exam", "money", "text", "time", "yaml"];
const AREAS: &[&str] = &["notes", "search", "quiz", "schedule", "progress", "lab"];

/// What each module may use besides itself.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let areas_and_vocabulary = || [AREAS, VOCABULARY, &["config"]].concat();
    let everything = || [areas_and_vocabulary(), vec!["app", "adapter"]].concat();
    BTreeMap::from([
        ("exam", vec!["text", "yaml"]),
        ("money", vec![]),
        ("text", vec![]),
        ("time", vec!["text"]),
        ("yaml", vec![]),
        ("notes", vec!["exam", "text", "time", "yaml"]),
        ("search", vec!["exam", "notes", "text", "yaml"]),
        ("quiz", vec!["exam", "text", "time", "yaml"]),
        ("schedule", vec!["time"]),
        ("progress", vec!["exam", "quiz", "schedule", "time"]),
        ("lab", vec!["exam", "money", "text", "time", "yaml"]),
        ("config", VOCABULARY.to_vec()),
        ("app", areas_and_vocabulary()),
        ("adapter", areas_and_vocabulary()),
        ("cli", everything()),
        ("lib", vec![]),
        ("main", vec!["cli"]),
    ])
}

/// Finds the modules of ours that a source text names: `crate::x` and `crate::{x, y::z}`.
fn uses(source: &str) -> Vec<String> {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            found.push(name);
        }
    }
    found
}

#[test]
fn modules_use_only_what_they_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed = allowed();
    let mut wrong = Vec::new();
    for entry in walkdir::WalkDir::new(&src).into_iter().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let below = path.strip_prefix(&src).unwrap();
        let module = below
            .iter()
            .next()
            .unwrap()
            .to_string_lossy()
            .replace(".rs", "");
        let may = allowed
            .get(module.as_str())
            .unwrap_or_else(|| panic!("`{module}` is not in the table"));
        // A macro of ours is exported at the root; `crate::msg` belongs to `cli`.
        for used in uses(&std::fs::read_to_string(path).unwrap()) {
            let is_module = allowed.contains_key(used.as_str());
            if used == module || !is_module {
                continue;
            }
            if used == "adapter" && module == "cli" && below != Path::new("cli/wire.rs") {
                wrong.push(format!(
                    "{} names `adapter`; only cli/wire.rs may",
                    below.display()
                ));
            } else if !may.contains(&used.as_str()) {
                wrong.push(format!(
                    "{}: `{module}` may not use `{used}`",
                    below.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_short() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let long: Vec<_> = walkdir::WalkDir::new(src)
        .into_iter()
        .flatten()
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
        })
        .map(|entry| {
            (
                std::fs::read_to_string(entry.path())
                    .unwrap()
                    .lines()
                    .count(),
                entry.into_path(),
            )
        })
        .filter(|(lines, _)| *lines > 600)
        .collect();
    assert!(long.is_empty(), "files over 600 lines: {long:?}");
}
