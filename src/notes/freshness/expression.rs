//! An expression that is checked when it is read and compiled when it is first needed.
//!
//! To compile the expressions of all rules takes longer than to index a note; hardly any of them is ever tried.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// Bytes that an expression may take for the states it has been in; the engine's own limit of 2 MB is for one
/// expression, and a large library brings hundreds of them there.
const MOST_STATES: usize = 64 * 1024;

/// Marks that may stand between words.
const BEFORE: &str = "、。，．,:;|「」『』【】()（）・";

/// An expression of a rule.
pub(super) struct Expression {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    /// Takes an expression with its named words put in.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn checked(source: &str, words: &BTreeMap<String, String>) -> Result<Self, String> {
        let expression = Self::known(expand(source, words));
        syntax(&expression.source).map_err(|error| error.to_string())?;
        Ok(expression)
    }

    /// Takes an expression that was checked before, with its words put in.
    pub(super) fn known(source: String) -> Self {
        Self {
            source,
            compiled: OnceLock::new(),
        }
    }

    /// Gives the whole expression.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Says whether the text matches. An expression too large to compile matches nothing; a test compiles them all.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// Gives the byte at which the first match begins. A blank or a mark before the first word is no part of it: an
    /// expression may look at what a word must not follow.
    pub(super) fn find(&self, text: &str) -> Option<usize> {
        self.regex()?.find(text).map(|found| {
            let whole = found.as_str();
            let words = whole.trim_start_matches(|c: char| c.is_whitespace() || BEFORE.contains(c));
            // Nothing but marks is what the expression looks for.
            found.start() + (whole.len() - words.len()) % whole.len().max(1)
        })
    }

    pub(super) fn regex(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| {
                let mut builder = RegexBuilder::new(&self.source);
                builder.dfa_size_limit(MOST_STATES).build().ok()
            })
            .as_ref()
    }
}

/// Parses an expression as the engine would.
pub(super) fn syntax(source: &str) -> Result<regex_syntax::hir::Hir, regex_syntax::Error> {
    regex_syntax::ParserBuilder::new()
        .utf8(false)
        .build()
        .parse(source)
}

/// Puts named expressions in, and makes `\b` a border of ASCII words: a Japanese particle right behind `s3` must not
/// hide it.
pub(super) fn expand(expression: &str, words: &BTreeMap<String, String>) -> String {
    let mut expanded = expression.to_owned();
    if expression.contains('<') {
        for (name, word) in words {
            expanded = expanded.replace(&format!("<{name}>"), &format!("(?:{word})"));
        }
    }
    expanded.replace(r"\b", r"(?-u:\b)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_is_no_letter_of_a_word() {
        let expression = Expression::checked(r"\bs3\b|オブジェクト", &BTreeMap::new()).unwrap();
        assert!(expression.is_match("s3の上書き") && !expression.is_match("s33"));
        assert_eq!(expression.find("上書きs3"), Some(9));
    }

    #[test]
    fn a_place_is_that_of_the_word() {
        let expression = Expression::checked("(^|[^a-z])s3 ?は", &BTreeMap::new()).unwrap();
        assert_eq!(expression.find("x s3は"), Some(2));
        assert_eq!(expression.find("「s3は"), Some("「".len()));
    }

    #[test]
    fn a_named_word_stands_for_its_expression() {
        let words = BTreeMap::from([("max".to_owned(), "最大|上限".to_owned())]);
        let expression = Expression::checked("<max> ?5", &words).unwrap();
        assert!(expression.is_match("上限 5") && !expression.is_match("上限は"));
        assert!(Expression::checked("<max>(", &words).is_err());
    }
}
