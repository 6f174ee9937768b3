use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Keys of a language with the variables that each uses.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for source in sources(language) {
        let resource = FluentResource::try_new(source.to_owned());
        assert!(
            resource.is_ok(),
            "{language:?}: {:?}",
            resource.err().map(|(_, errors)| errors)
        );
        let mut current = None;
        for line in source.lines() {
            if let Some((key, _)) = line
                .split_once(" =")
                .filter(|(key, _)| key.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                assert!(
                    keys.insert(key.to_owned(), BTreeSet::new()).is_none(),
                    "`{key}` twice in {language:?}"
                );
                current = Some(key.to_owned());
            }
            let Some(current) = &current else { continue };
            for part in line.split('$').skip(1) {
                let name: String = part
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                keys.entry(current.clone()).or_default().insert(name);
            }
        }
    }
    keys
}

#[test]
fn both_languages_say_the_same_things() {
    let (ja, en) = (keys(Language::Japanese), keys(Language::English));
    for (key, variables) in &ja {
        assert_eq!(en.get(key), Some(variables), "en: `{key}`");
    }
    for key in en.keys() {
        assert!(ja.contains_key(key), "ja lacks `{key}`");
    }
}

/// Every message named in the code exists, and every message that exists is named somewhere.
///
/// Keys of help texts (`cmd-…`) are derived from the command tree and checked there.
#[test]
fn code_and_catalog_agree() {
    let known = keys(Language::Japanese);
    let code: String = walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"))
        .map(|entry| std::fs::read_to_string(entry.path()).unwrap())
        .collect();
    for named in code
        .split("msg!(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(
            known.contains_key(named) || named == "imported",
            "no message `{named}`"
        );
    }
    for key in known.keys().filter(|key| !key.starts_with("cmd-")) {
        // Findings and cost notes are named by their codes; their keys are made of those.
        let code_of = key
            .strip_prefix("cost-note-")
            .or_else(|| key.strip_prefix("finding-"))
            .map_or(key.as_str(), |rest| {
                rest.strip_suffix("-instead").unwrap_or(rest)
            });
        // Causes are named by the cause dictionary, which is data.
        let cause = key
            .strip_prefix("cause-")
            .map(|rest| rest.strip_suffix("-do").unwrap_or(rest));
        let is_cause = cause.is_some_and(|id| crate::lab::causes::ids().any(|known| known == id));
        assert!(
            is_cause || code.contains(&format!("\"{code_of}\"")),
            "`{key}` is used nowhere"
        );
    }
}

#[test]
fn a_value_is_shown_as_given() {
    let catalog = Catalog::new(Language::English);
    let text = catalog.text(&crate::msg!("unknown-command", given = "serach"));
    assert!(text.contains("`serach`"), "{text}");
}
