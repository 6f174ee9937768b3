//! Freshness rules: finds the sentence of a note that states an outdated fact.
//!
//! A rule is data (`content/freshness.yaml`). It fires on the sentence that claims the old fact, not on each mention
//! of the service: all of its expressions must match within a few neighbouring units of text, and none of its
//! exceptions may. A unit is a line, or a sentence of a line so long that it is a whole article in one line.
//! Expressions see folded text (NFKC, lower case), so that full-width digits and letters need no variants, and `\b`
//! is a border of ASCII words.

use jiff::civil::Date;
use regex::{Regex, RegexSet};
use serde::{Deserialize, Serialize};

use crate::exam::Exam;
use crate::text;
use crate::yaml::{self, Spans, YamlError};

/// Lines longer than this (in characters) are cut into sentences.
const LONG_LINE: usize = 240;
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
    /// The ways in which the old claim is written; one is enough.
    #[serde(rename = "match")]
    pub patterns: Vec<Pattern>,
}

/// One way in which a claim is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Expressions that must all match within the window; the first one anchors the search.
    pub all: Vec<String>,
    /// Expressions none of which may match within the window, such as a text that already says what is true now.
    #[serde(default)]
    pub none: Vec<String>,
    /// An expression that must match the article's title or the heading path.
    #[serde(default)]
    pub context: Option<String>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[expect(dead_code, reason = "checked by being there")]
    schema: u32,
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

/// A passage that states an outdated fact; lines and column count from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaleFlag {
    /// First line.
    pub line: usize,
    /// Last line.
    pub line_end: usize,
    /// Where the claim begins in the first line.
    pub column: usize,
    /// Index of the rule in [`Rules::rules`].
    pub rule: usize,
}

struct Compiled {
    rule: usize,
    others: Vec<Regex>,
    none: Vec<Regex>,
    context: Option<Regex>,
    within: usize,
}

/// All rules, compiled.
pub struct Rules {
    all: Vec<Rule>,
    anchors: RegexSet,
    anchor_of: Vec<Regex>,
    compiled: Vec<Compiled>,
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
        let RuleFile { rules, .. } = yaml::from_str(file)?;
        let spans = Spans::scan(file);
        let (mut anchors, mut compiled) = (Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let wrong = |reason: String| FreshnessError::Rule {
                rule: rule.id.clone(),
                reason,
                line: spans
                    .place(&format!("rules[{index}]"))
                    .map_or(1, |place| place.line),
            };
            let compile = |source: &String| {
                Regex::new(&ascii_borders(source)).map_err(|error| wrong(error.to_string()))
            };
            for pattern in &rule.patterns {
                if !(1..=WIDEST).contains(&pattern.within) {
                    return Err(wrong(format!(
                        "`within` is {}, not 1-{WIDEST}",
                        pattern.within
                    )));
                }
                let (anchor, others) = pattern
                    .all
                    .split_first()
                    .ok_or_else(|| wrong("`all` is empty".to_owned()))?;
                anchors.push(compile(anchor)?);
                compiled.push(Compiled {
                    rule: index,
                    others: others.iter().map(compile).collect::<Result<_, _>>()?,
                    none: pattern.none.iter().map(compile).collect::<Result<_, _>>()?,
                    context: pattern.context.as_ref().map(compile).transpose()?,
                    within: pattern.within,
                });
            }
        }
        let set = RegexSet::new(anchors.iter().map(Regex::as_str)).map_err(|error| {
            FreshnessError::Rule {
                rule: String::new(),
                reason: error.to_string(),
                line: 1,
            }
        })?;
        Ok(Self {
            all: rules,
            anchors: set,
            anchor_of: anchors,
            compiled,
        })
    }

    /// Gives the rules in the order of their file.
    pub fn rules(&self) -> &[Rule] {
        &self.all
    }

    /// Finds the outdated claims in lines of one passage.
    ///
    /// `lines` are consecutive lines of the file, the first with number `first`; `context` is the article's title and
    /// heading path. Flags come sorted by place, one per rule and place.
    pub fn check(&self, context: &str, first: usize, lines: &[&str]) -> Vec<StaleFlag> {
        let context = text::fold(context);
        let units = units(first, lines);
        let mut flags = Vec::new();
        for (at, unit) in units.iter().enumerate() {
            for hit in &self.anchors.matches(&unit.folded) {
                let pattern = &self.compiled[hit];
                if pattern
                    .context
                    .as_ref()
                    .is_some_and(|regex| !regex.is_match(&context))
                {
                    continue;
                }
                if let Some(window) = pattern.window(&units, at) {
                    let start = self.anchor_of[hit]
                        .find(&unit.folded)
                        .map_or(0, |found| found.start());
                    flags.push(StaleFlag {
                        line: units[window.start].line,
                        line_end: units[window.end - 1].line,
                        column: if window.start == at {
                            unit.column_of(start)
                        } else {
                            units[window.start].column
                        },
                        rule: pattern.rule,
                    });
                }
            }
        }
        flags.sort();
        // Two wordings of one rule, or two anchors in one window, are one claim.
        flags.dedup_by(|b, a| {
            a.rule == b.rule && b.line <= a.line_end && b.column.abs_diff(a.column) < LONG_LINE
        });
        flags
    }
}

impl Compiled {
    /// Finds the narrowest window around the anchor's unit in which everything matches and no exception does.
    fn window(&self, units: &[Unit], anchor: usize) -> Option<std::ops::Range<usize>> {
        (1..=self.within).find_map(|size| {
            let earliest = (anchor + 1).saturating_sub(size);
            let latest = anchor.min(units.len().checked_sub(size)?);
            (earliest..=latest)
                .map(|start| start..start + size)
                .find(|window| self.fits(&units[window.clone()]))
        })
    }

    fn fits(&self, window: &[Unit]) -> bool {
        let any = |regex: &Regex| window.iter().any(|unit| regex.is_match(&unit.folded));
        self.others.iter().all(any) && !self.none.iter().any(any)
    }
}

/// Makes `\b` a border of ASCII words: a Japanese particle right behind `s3` must not hide it.
fn ascii_borders(expression: &str) -> String {
    expression.replace(r"\b", r"(?-u:\b)")
}

/// A line, or a sentence of a long one, folded for matching.
struct Unit {
    line: usize,
    /// Column of its first character in the line, from 1.
    column: usize,
    folded: String,
    /// For each character of `folded`, which character of the unit it came from.
    origin: Vec<u32>,
}

impl Unit {
    fn new(line: usize, column: usize, text: &str) -> Self {
        let (mut folded, mut origin) = (String::with_capacity(text.len()), Vec::new());
        for (index, c) in (0_u32..).zip(text.chars()) {
            let piece = text::fold(c.encode_utf8(&mut [0; 4]));
            origin.extend(piece.chars().map(|_| index));
            folded.push_str(&piece);
        }
        Self {
            line,
            column,
            folded,
            origin,
        }
    }

    /// Gives the column in the line of a byte offset in the folded text.
    fn column_of(&self, offset: usize) -> usize {
        let index = self
            .folded
            .get(..offset)
            .map_or(0, |before| before.chars().count());
        self.column + self.origin.get(index).map_or(0, |origin| *origin as usize)
    }
}

fn units(first: usize, lines: &[&str]) -> Vec<Unit> {
    let mut units = Vec::new();
    for (line, text) in (first..).zip(lines) {
        if text.chars().count() <= LONG_LINE {
            units.push(Unit::new(line, 1, text));
            continue;
        }
        let (mut column, mut sentence, mut length) = (1, String::new(), 0);
        for c in text.chars() {
            sentence.push(c);
            length += 1;
            let ends = matches!(c, '。' | '．' | '！' | '？')
                || (length >= LONG_LINE / 3 && c.is_whitespace());
            if ends || length >= LONG_LINE {
                units.push(Unit::new(line, column, &sentence));
                column += length;
                sentence.clear();
                length = 0;
            }
        }
        if !sentence.is_empty() {
            units.push(Unit::new(line, column, &sentence));
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r"
schema: 1
rules:
  - id: s3-consistency
    exam: [SAA, DVA]
    claim: S3 は結果整合
    now: 2020-12-01 から強い整合性
    since: 2020-12-01
    source: https://example.com
    evidence: copy
    confidence: high
    match:
      - {all: ['結果整合', 's3'], none: ['強い整合'], within: 2}
      - {all: ['上書き.*反映.*遅'], context: 's3'}
";

    #[test]
    fn it_fires_on_the_claim_and_not_on_the_mention() {
        let rules = Rules::parse(RULES).unwrap();
        let check = |lines: &[&str]| rules.check("ストレージ", 10, lines);
        assert_eq!(check(&["Ｓ３の上書きは", "結果整合です"]).len(), 1);
        assert!(check(&["S3 は便利", "", "", "DynamoDB は結果整合"]).is_empty());
        assert!(check(&["S3 は結果整合ではなく強い整合"]).is_empty());
        let flag = &check(&["", "ＤＢとＳ３は結果整合"])[0];
        assert_eq!((flag.line, flag.line_end, flag.column), (11, 11, 7));
    }

    #[test]
    fn a_particle_is_no_letter_of_a_word() {
        let regex = Regex::new(&ascii_borders(r"\bs3\b|オブジェクト")).unwrap();
        assert!(
            regex.is_match("s3の上書き") && !regex.is_match("s33"),
            "{regex}"
        );
    }

    #[test]
    fn the_heading_can_name_the_service() {
        let rules = Rules::parse(RULES).unwrap();
        let line = ["上書きの反映は遅れる"];
        assert_eq!(rules.check("Amazon S3 / 整合性", 1, &line).len(), 1);
        assert!(rules.check("DNS", 1, &line).is_empty());
    }

    #[test]
    fn an_article_in_one_line_gives_columns() {
        let rules = Rules::parse(RULES).unwrap();
        let line = format!(
            "{}。S3は結果整合性モデル。{}",
            "あ".repeat(300),
            "い".repeat(300)
        );
        let flags = rules.check("", 304, &[&line]);
        assert_eq!(flags.len(), 1);
        assert_eq!((flags[0].line, flags[0].column), (304, 305));
    }

    #[test]
    fn a_bad_expression_names_its_rule_and_line() {
        let error = Rules::parse(&RULES.replace("'s3'", "'s3('")).unwrap_err();
        assert!(
            matches!(error, FreshnessError::Rule { ref rule, line: 4, .. } if rule == "s3-consistency"),
            "{error}"
        );
    }

    #[test]
    fn the_bundled_rules_find_their_own_examples() {
        let file = include_str!("../../content/freshness.yaml");
        let rules = Rules::parse(file).unwrap();
        for (index, rule) in rules.rules().iter().enumerate() {
            for pattern in &rule.patterns {
                let Some(example) = &pattern.example else {
                    continue;
                };
                let (context, body) = example.split_once("\n---\n").unwrap_or(("", example));
                let lines: Vec<&str> = body.lines().collect();
                let found = rules
                    .check(context, 1, &lines)
                    .iter()
                    .any(|flag| flag.rule == index);
                assert!(found, "`{}` misses its example: {example}", rule.id);
            }
        }
    }
}
