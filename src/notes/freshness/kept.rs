//! Rules kept between runs: what was read, checked and found out about them, so that a run that indexes one note need
//! not parse a file of hundreds of rules and all of their expressions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Rules;
use super::expression::{Expression, expand};
use super::literals::{Needs, Prefilter};
use super::rules::{Rule, compile_pattern};

/// Version of this form; raise it as well when the words that an expression needs are found otherwise.
const VERSION: u32 = 1;

/// The parts of [`Rules`] as they are written down.
#[derive(Serialize)]
struct Written<'a> {
    rules: &'a [Rule],
    words: &'a BTreeMap<String, String>,
    never: Option<&'a str>,
    needs: &'a Needs,
}

/// The same as they are read.
#[derive(Deserialize)]
struct Kept {
    rules: Vec<Rule>,
    words: BTreeMap<String, String>,
    never: Option<String>,
    needs: Needs,
}

impl Rules {
    /// Writes the rules down for [`Rules::kept`]; `mark` tells what they were read from.
    pub fn keep(&self, mark: &str) -> Vec<u8> {
        let written = Written {
            rules: &self.all,
            words: &self.words,
            never: self.never.as_ref().map(Expression::source),
            needs: self.anchors.needs(),
        };
        let mut bytes = format!("{VERSION} {mark}\n").into_bytes();
        // Plain data always has a JSON form; without it there is nothing to be read again, which is no harm.
        bytes.extend(serde_json::to_vec(&written).unwrap_or_default());
        bytes
    }

    /// Takes up rules that were written down; `None` when they were read from something else, or are damaged.
    pub fn kept(bytes: &[u8], mark: &str) -> Option<Self> {
        let body = bytes.strip_prefix(format!("{VERSION} {mark}\n").as_bytes())?;
        let Kept {
            rules,
            words,
            never,
            needs,
        } = serde_json::from_slice(body).ok()?;
        let compile = |source: &str| Ok(Expression::known(expand(source, &words)));
        let mut patterns = Vec::with_capacity(needs.expressions);
        for (index, rule) in rules.iter().enumerate() {
            for pattern in &rule.patterns {
                patterns.push(compile_pattern(index, pattern, &compile).ok()?);
            }
        }
        if patterns.len() != needs.expressions || !needs.is_sound() {
            return None;
        }
        Some(Self {
            all: rules,
            anchors: Prefilter::new(needs),
            patterns,
            never: never.map(Expression::known),
            words,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_rules_find_what_the_file_s_rules_find() {
        let file = include_str!("../../../content/freshness.yaml");
        let rules = Rules::parse(file).unwrap();
        let kept = Rules::kept(&rules.keep("a"), "a").unwrap();
        assert_eq!(kept.rules(), rules.rules());
        let judged = include_str!("../../../tests/fixtures/freshness/old.txt");
        let lines: Vec<&str> = judged.lines().collect();
        let found = rules.check("S3", 1, &lines);
        assert!(!found.is_empty());
        assert_eq!(kept.check("S3", 1, &lines), found);
    }

    #[test]
    fn rules_of_another_file_and_damaged_ones_are_not_taken() {
        let rules = Rules::parse("schema: 1\nrules: []\n").unwrap();
        let bytes = rules.keep("a");
        assert!(Rules::kept(&bytes, "a").is_some());
        assert!(Rules::kept(&bytes, "b").is_none());
        assert!(Rules::kept(b"", "a").is_none());
        let cut = &bytes[..bytes.len() - 2];
        assert!(Rules::kept(cut, "a").is_none());
        let strange = String::from_utf8(bytes).unwrap();
        let strange = strange.replace(r#""always":[]"#, r#""always":[7]"#);
        assert!(Rules::kept(strange.as_bytes(), "a").is_none());
    }
}
