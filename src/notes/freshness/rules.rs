//! The rule file: reading, checking and compiling it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Compiled;
use super::expression::Expression;
use super::literals::{Needs, Prefilter};
use super::passage::Unit;
use crate::exam::Exam;
use crate::yaml::{self, Spans, YamlError};

/// The most units that one flag may span.
const WIDEST: usize = 5;

/// How sure we are that the rule is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Read in a source that names the change.
    High,
    /// Read, but not in the official source.
    Medium,
    /// Remembered; shown as 要確認.
    Low,
}

/// One outdated claim and what is true instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable id.
    pub id: String,
    /// The exams to which it matters.
    #[serde(default)]
    pub exam: Vec<Exam>,
    /// The old claim in one line.
    pub claim: String,
    /// What is true now.
    pub now: String,
    /// Since when: a date, a month or a year as text.
    #[serde(default)]
    pub since: Option<String>,
    /// Where that is written.
    pub source: String,
    /// How the source was seen: `opened`, `copy` or `memory`.
    pub evidence: String,
    /// How sure we are.
    pub confidence: Confidence,
    /// When the rule was last checked.
    #[serde(default)]
    pub checked: Option<Date>,
    /// Lines within which a second flag of this rule says nothing new (1 = each line may have its own).
    #[serde(default = "three")]
    pub every: usize,
    /// The rule also fires on sentences that tell history: what they tell is itself outdated.
    #[serde(default)]
    pub history: bool,
    /// True when what the text names can be had no more by a new customer: a question must not give it as the answer.
    #[serde(default)]
    pub retired: bool,
    /// The ways in which the old claim is written; one is enough.
    #[serde(rename = "match")]
    pub patterns: Vec<Pattern>,
}

/// One way in which a claim is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Expressions that must all match within the window; the first one anchors the search.
    pub all: Vec<String>,
    /// Expressions none of which may match within the window, such as a text that already says what is true now.
    #[serde(default)]
    pub none: Vec<String>,
    /// An expression that must match the article's title, a heading above, or a bullet that encloses the line.
    #[serde(default)]
    pub context: Option<String>,
    /// An expression that must match what `context` sees, or a line not far above or just below.
    #[serde(default)]
    pub near: Option<String>,
    /// An expression that must match nowhere around: what a complete list would name.
    #[serde(default)]
    pub absent: Option<String>,
    /// Units of text within which all expressions must match (1–5).
    #[serde(default = "one")]
    pub within: usize,
    /// Text that the pattern must find; checked by a test.
    #[serde(default)]
    pub example: Option<String>,
}

const fn one() -> usize {
    1
}

const fn three() -> usize {
    3
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[expect(dead_code, reason = "checked by being there")]
    schema: u32,
    /// Expressions with a name, written `<name>` in others.
    #[serde(default)]
    words: BTreeMap<String, String>,
    /// Exceptions of all rules: a sentence that tells history does not claim the old fact.
    #[serde(default)]
    never: Vec<String>,
    rules: Vec<Rule>,
}

/// Why the rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreshnessError {
    /// The file is no YAML of the right shape.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// A rule has a bad expression, no expression, or too wide a window.
    #[error("rule `{rule}`: {reason} (line {line})")]
    Rule {
        /// The rule's id.
        rule: String,
        /// What is wrong.
        reason: String,
        /// The line of the rule in its file, from 1.
        line: usize,
    },
}

/// All rules, compiled.
pub struct Rules {
    pub(super) all: Vec<Rule>,
    pub(super) anchors: Prefilter,
    pub(super) patterns: Vec<Compiled>,
    pub(super) never: Option<Expression>,
    /// Expressions with a name, as the file has them.
    pub(super) words: BTreeMap<String, String>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("rules", &self.all.len())
            .finish_non_exhaustive()
    }
}

impl Rules {
    /// Reads and compiles the text of a rule file.
    ///
    /// # Errors
    /// When it is no YAML of the right shape, or an expression is wrong.
    pub fn parse(file: &str) -> Result<Self, FreshnessError> {
        let RuleFile {
            words,
            never,
            rules,
            ..
        } = yaml::from_str(file)?;
        let compile = |source: &str| Expression::checked(source, &words);
        let never = if never.is_empty() {
            None
        } else {
            Some(compile(&never.join("|")).map_err(whole_file)?)
        };
        let mut patterns = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for pattern in &rule.patterns {
                let compiled = compile_pattern(index, pattern, &compile).map_err(|reason| {
                    FreshnessError::Rule {
                        rule: rule.id.clone(),
                        reason,
                        line: Spans::scan(file)
                            .place(&format!("rules[{index}]"))
                            .map_or(1, |place| place.line),
                    }
                })?;
                patterns.push(compiled);
            }
        }
        let needs = Needs::of(patterns.iter().map(|pattern| pattern.anchor.source()));
        let anchors = Prefilter::new(needs);
        Ok(Self {
            all: rules,
            anchors,
            patterns,
            never,
            words,
        })
    }

    /// Gives the rules in the order of their file.
    pub fn rules(&self) -> &[Rule] {
        &self.all
    }

    /// Gives the patterns whose first expression matches a unit.
    pub(super) fn anchored(&self, folded: &str) -> Vec<usize> {
        let mut hits = self.anchors.candidates(folded);
        hits.retain(|hit| self.patterns[*hit].anchor.is_match(folded));
        hits
    }

    #[cfg(test)]
    pub(super) fn patterns(&self) -> usize {
        self.patterns.len()
    }

    pub(super) fn pattern(&self, index: usize) -> &Compiled {
        &self.patterns[index]
    }

    /// Says whether the window tells history instead of claiming the old fact.
    pub(super) fn never(&self, window: &[Unit]) -> bool {
        self.never
            .as_ref()
            .is_some_and(|regex| window.iter().any(|unit| regex.is_match(&unit.folded)))
    }
}

fn whole_file(reason: String) -> FreshnessError {
    FreshnessError::Rule {
        rule: String::new(),
        reason,
        line: 1,
    }
}

pub(super) fn compile_pattern(
    rule: usize,
    pattern: &Pattern,
    compile: &impl Fn(&str) -> Result<Expression, String>,
) -> Result<Compiled, String> {
    let one = |source: &String| compile(source);
    let optional = |source: &Option<String>| source.as_ref().map(one).transpose();
    if !(1..=WIDEST).contains(&pattern.within) {
        return Err(format!("`within` is {}, not 1-{WIDEST}", pattern.within));
    }
    let (anchor, others) = pattern
        .all
        .split_first()
        .ok_or_else(|| "`all` is empty".to_owned())?;
    Ok(Compiled {
        rule,
        anchor: one(anchor)?,
        others: others.iter().map(one).collect::<Result<_, _>>()?,
        none: pattern.none.iter().map(one).collect::<Result<_, _>>()?,
        context: optional(&pattern.context)?,
        near: optional(&pattern.near)?,
        absent: optional(&pattern.absent)?,
        within: pattern.within,
    })
}
