//! Freshness rules: finds the sentence of a note that states an outdated fact.
//!
//! A rule is data (`content/freshness.yaml`). It fires on the sentence that claims the old fact, not on each mention
//! of the service: all of its expressions must match within a few neighbouring units of text, and none of its
//! exceptions may. A unit is a line, or a sentence of a line so long that it is a whole article in one line.
//! Expressions see folded text (NFKC, lower case), so that full-width digits and letters need no variants, and `\b`
//! is a border of ASCII words.
//!
//! Notes name the service once and then go on in bullets: 「最大 7 日」 says nothing by itself. So a rule can ask what
//! stands above: the title, the headings and the bullets that enclose a line (`context`), or the lines around it
//! (`near`); and `absent` fires on a list only where what it lacks does not follow.

pub(super) mod document;
mod expression;
mod kept;
mod literals;
mod passage;
mod rules;

use expression::Expression;

use crate::text;
use passage::{LONG_LINE, Unit, units};
pub use rules::{Confidence, FreshnessError, Pattern, Rule, Rules};

/// Units before the anchor in which `near` looks, and units behind it.
const NEAR: (usize, usize) = (20, 8);
/// Units on both sides of the anchor in which `absent` must not match.
const FAR: usize = 30;

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

impl Rules {
    /// Finds the outdated claims in lines of one passage.
    ///
    /// `lines` are consecutive lines of the file, the first with number `first`; `context` is the article's title and
    /// heading path. Flags come sorted by place, one per rule and place.
    pub fn check(&self, context: &str, first: usize, lines: &[&str]) -> Vec<StaleFlag> {
        self.check_article(context, &[], first, lines)
    }

    /// Finds the outdated claims in a whole article, whose headings are known by line.
    ///
    /// `headings` are the heading paths with the line from which each holds, sorted by line. A whole article sees more
    /// than its sections one by one: a rule may look at lines above a heading.
    pub fn check_article(
        &self,
        title: &str,
        headings: &[(usize, String)],
        first: usize,
        lines: &[&str],
    ) -> Vec<StaleFlag> {
        if self.rules().is_empty() {
            return Vec::new();
        }
        let page = Page {
            title: text::fold(title),
            headings,
            units: units(first, lines),
        };
        let mut flags = Vec::new();
        for (at, unit) in page.units.iter().enumerate() {
            for hit in self.anchored(&unit.folded) {
                let pattern = self.pattern(hit);
                let Some(window) = pattern.window(&page.units, at) else {
                    continue;
                };
                let history =
                    !self.rules()[pattern.rule].history && self.never(&page.units[window.clone()]);
                if history || !pattern.surroundings(&page, at) {
                    continue;
                }
                let begin = &page.units[window.start];
                flags.push(StaleFlag {
                    line: begin.line,
                    line_end: page.units[window.end - 1].line,
                    column: if window.start == at {
                        unit.column_of(pattern.anchor.find(&unit.folded).unwrap_or(0))
                    } else {
                        begin.begins()
                    },
                    rule: pattern.rule,
                });
            }
        }
        self.one_per_place(flags)
    }

    /// Keeps one flag where two wordings of one rule, or two anchors in one window, are one claim.
    fn one_per_place(&self, mut flags: Vec<StaleFlag>) -> Vec<StaleFlag> {
        flags.sort();
        let mut last: Vec<Option<(usize, usize)>> = vec![None; self.rules().len()];
        flags.retain(|flag| {
            let again = last[flag.rule].is_some_and(|(line, column)| {
                let apart = flag.line - line;
                apart < self.rules()[flag.rule].every
                    && (apart > 0 || flag.column.abs_diff(column) < LONG_LINE)
            });
            if !again {
                last[flag.rule] = Some((flag.line, flag.column));
            }
            !again
        });
        flags
    }
}

/// An article while it is checked.
struct Page<'a> {
    title: String,
    headings: &'a [(usize, String)],
    units: Vec<Unit>,
}

impl Page<'_> {
    /// Says whether an expression matches the title, a heading above, or a bullet that encloses the unit.
    fn above(&self, at: usize, regex: &Expression) -> bool {
        if regex.is_match(&self.title) {
            return true;
        }
        let unit = &self.units[at];
        let mut parent = unit.parent;
        while let Some(index) = parent {
            if regex.is_match(&self.units[index].folded) {
                return true;
            }
            parent = self.units[index].parent;
        }
        self.headings
            .iter()
            .rev()
            .find(|(line, _)| *line <= unit.line)
            .is_some_and(|(_, path)| regex.is_match(&text::fold(path)))
    }

    fn around(&self, at: usize, (before, behind): (usize, usize), regex: &Expression) -> bool {
        let end = (at + behind + 1).min(self.units.len());
        self.units[at.saturating_sub(before)..end]
            .iter()
            .any(|unit| regex.is_match(&unit.folded))
    }
}

/// One way of writing a claim, compiled.
struct Compiled {
    rule: usize,
    anchor: Expression,
    others: Vec<Expression>,
    none: Vec<Expression>,
    context: Option<Expression>,
    near: Option<Expression>,
    absent: Option<Expression>,
    within: usize,
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
        let any = |regex: &Expression| window.iter().any(|unit| regex.is_match(&unit.folded));
        self.others.iter().all(any) && !self.none.iter().any(any)
    }

    /// Says whether what stands above and around is what the pattern asks for.
    fn surroundings(&self, page: &Page<'_>, at: usize) -> bool {
        let above = |regex: &Expression| page.above(at, regex);
        self.context.as_ref().is_none_or(above)
            && self
                .near
                .as_ref()
                .is_none_or(|regex| page.around(at, NEAR, regex) || above(regex))
            && self
                .absent
                .as_ref()
                .is_none_or(|regex| !page.around(at, (FAR, FAR), regex))
    }
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
    fn every_bundled_expression_compiles() {
        let rules = Rules::parse(include_str!("../../content/freshness.yaml")).unwrap();
        for index in 0..rules.patterns() {
            let pattern = rules.pattern(index);
            let parts = [&pattern.context, &pattern.near, &pattern.absent];
            let parts = parts.into_iter().flatten();
            let all = parts.chain(&pattern.others).chain(&pattern.none);
            for expression in all.chain([&pattern.anchor]) {
                assert!(expression.regex().is_some(), "{}", expression.source());
            }
        }
    }

    #[test]
    fn the_bundled_rules_find_their_own_examples() {
        let file = include_str!("../../content/freshness.yaml");
        let rules = Rules::parse(file).unwrap();
        let mut missed = Vec::new();
        for (index, rule) in rules.rules().iter().enumerate() {
            for example in rule.patterns.iter().filter_map(|p| p.example.as_ref()) {
                let (context, body) = example.split_once("\n---\n").unwrap_or(("", example));
                let lines: Vec<&str> = body.lines().collect();
                let found = rules.check(context, 1, &lines);
                if !found.iter().any(|flag| flag.rule == index) {
                    missed.push(format!("{}: {example}", rule.id));
                }
            }
        }
        assert!(missed.is_empty(), "{}", missed.join("\n"));
    }

    /// Gives the statements of a fixture with what is found in each.
    fn judged(fixture: &str) -> Vec<(String, Vec<String>)> {
        let rules = Rules::parse(include_str!("../../content/freshness.yaml")).unwrap();
        let statement = |line: &str| {
            let (title, text) = line.split_once(" | ").unwrap();
            let text = text.replace("\\n", "\n");
            let lines: Vec<&str> = text.lines().collect();
            let found = rules.check(title, 1, &lines);
            let ids = found.iter().map(|flag| rules.rules()[flag.rule].id.clone());
            (line.to_owned(), ids.collect())
        };
        let lines = fixture.lines().filter(|line| !line.starts_with('#'));
        lines.map(statement).collect()
    }

    #[test]
    fn old_statements_are_found_in_the_words_of_other_people() {
        let judged = judged(include_str!("../../tests/fixtures/freshness/old.txt"));
        let missed = judged.iter().filter(|(_, found)| found.is_empty());
        let missed: Vec<_> = missed.map(|(line, _)| line.as_str()).collect();
        assert!(
            missed.is_empty(),
            "{} of {}:\n{}",
            missed.len(),
            judged.len(),
            missed.join("\n")
        );
    }

    #[test]
    fn statements_that_are_true_today_are_left_alone() {
        let judged = judged(include_str!("../../tests/fixtures/freshness/current.txt"));
        let wrong = judged.iter().filter(|(_, found)| !found.is_empty());
        let wrong: Vec<_> = wrong
            .map(|(line, found)| format!("{line}: {found:?}"))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_library_s_own_notes_state_nothing_outdated() {
        let rules = Rules::parse(include_str!("../../content/freshness.yaml")).unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut wrong = Vec::new();
        for folder in ["content", "labs"] {
            for entry in walkdir::WalkDir::new(root.join(folder)) {
                let entry = entry.unwrap();
                if entry.path().extension().is_none_or(|e| e != "md") {
                    continue;
                }
                let text = std::fs::read_to_string(entry.path()).unwrap();
                // Front matter refers to sources by address.
                let body = text
                    .strip_prefix("---\n")
                    .and_then(|t| t.split_once("\n---\n"));
                let lines: Vec<&str> = body.map_or(text.as_str(), |(_, b)| b).lines().collect();
                for flag in rules.check("", 1, &lines) {
                    let rule = &rules.rules()[flag.rule].id;
                    let line = lines[flag.line - 1];
                    wrong.push(format!("{}: {rule}: {line}", entry.path().display()));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
