//! Headings that stand right above their text, as a whole article shows them.
//!
//! One short line above a paragraph says nothing: it may be a salutation, a speaker, half a sentence. What does say
//! something is that an article does it again and again, that its numbers go up one by one, or that a wiki left its
//! `[編集]` behind.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::boilerplate::{matches, regex};
use super::clean::{Kept, Role};
use crate::text::{narrow, width};

/// Widest heading above its paragraph, in columns: a line of thirty Japanese letters.
const WIDEST: usize = 60;
/// A heading up to this width may stand above a line that is hardly longer.
const NARROW: usize = 24;
/// What stands before the items of a list.
const BULLETS: [char; 7] = ['・', '•', '-', '*', '◦', '▪', '+'];
/// Times that an article must do it.
const OFTEN: usize = 3;

/// What a wiki or a page generator puts behind its headings.
static EDIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i) *(?:[\[［](?:(?:ソースを)?編集|edit(?: source)?)(?: ?\| ?(?:ソースを編集|edit source))?[\]］]|¶|🔗)$",
    )
});
/// A sentence that ends.
static SENTENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"(?:[。．！!？?]|[a-z)]\.|です|ます|ました|ません|でした|ください)[」』）)]?$")
});
/// A number before a heading; the name before the number, the numbers, and what follows.
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^[【\[(（■●◆]? ?(問題?|設問|例題|演習|課題|ケース|手順|ステップ|付録|第|q|question|step|part|chapter|section|lesson|case|day|§)? ?(\d{1,3}(?:[.\-]\d{1,2}){0,3})(章|節|回|部|日目|問)?[.)）】\]:、]{0,2} ?(.*)$",
    )
});

/// Cuts off what a wiki puts behind a heading; `true` when there was something.
pub(super) fn without_edit(text: &str) -> (&str, bool) {
    let found = EDIT.as_ref().and_then(|edit| edit.find(text));
    match found {
        Some(found) if found.start() > 0 => (text.get(..found.start()).unwrap_or(text), true),
        _ => (text, false),
    }
}

/// The number that a heading bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// What is counted: nothing, `問題`, `step` …
    kind: String,
    /// `1.2` is 1 and 2.
    parts: Vec<u32>,
}

impl Number {
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = narrow(text.trim());
        let found = NUMBER.as_ref()?.captures(&text)?;
        let name = found.get(1).map_or("", |name| name.as_str());
        let unit = found.get(3).map_or("", |unit| unit.as_str());
        let rest = found.get(4).map_or("", |rest| rest.as_str());
        let number = found.get(2)?;
        let behind = text.get(number.end()..).unwrap_or_default();
        // `3層構成` counts nothing, and `2022-11` is a month.
        let apart = behind.is_empty() || behind.starts_with(|c: char| " .)）】]:、".contains(c));
        let bare = name.is_empty() && unit.is_empty();
        let fits = if bare {
            apart && !rest.is_empty() && !number.as_str().contains('-')
        } else {
            true
        };
        let parts: Option<Vec<u32>> = number
            .as_str()
            .split(['.', '-'])
            .map(|part| part.parse().ok())
            .collect();
        Some(Self {
            kind: format!("{}{unit}", name.to_lowercase()),
            parts: parts.filter(|_| fits)?,
        })
    }

    /// Says whether this number stands below another: `1.2` below `1`.
    pub(super) fn is_below(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.parts.len() > other.parts.len()
            && self.parts.starts_with(&other.parts)
    }

    /// Says whether this number ends what stands below another: `2` or `2.1` after `1`.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.kind == other.kind && !self.is_below(other)
    }

    fn is_first(&self) -> bool {
        self.parts.iter().all(|part| *part <= 1)
    }

    /// Says whether this number comes next after another: `1.1` and `2` after `1`, `1.2` and `2` after `1.1`.
    fn follows(&self, other: &Self) -> bool {
        let Some((last, above)) = self.parts.split_last() else {
            return false;
        };
        let deeper = self.is_below(other) && above == other.parts && *last <= 1;
        let same_level = other.parts.get(..self.parts.len()).is_some_and(|others| {
            others
                .split_last()
                .is_some_and(|(before, others)| others == above && *last == before + 1)
        });
        self.kind == other.kind && (deeper || same_level)
    }
}

/// Finds the lines that head the text right below them. `is_name` says whether a line reads like a name at all.
pub(super) fn headings(kept: &[Kept<'_>], is_name: impl Fn(&str) -> bool) -> HashSet<usize> {
    let possible: Vec<usize> = (0..kept.len())
        .filter(|at| {
            kept.get(*at).is_some_and(|line| {
                let (text, _) = without_edit(line.line.text.trim());
                line.role == Role::Text
                    && !line.pictured
                    && !line.line.text.starts_with([' ', '\t', '　'])
                    && (1..=WIDEST).contains(&width(text))
                    && is_name(text)
            })
        })
        .collect();
    let mut found: HashSet<usize> = possible
        .iter()
        .copied()
        .filter(|at| text_of(kept, *at).is_some_and(|text| without_edit(text).1))
        .collect();
    let numbered = numbered(kept, &possible);
    let above_text: Vec<usize> = possible
        .iter()
        .copied()
        .filter(|at| opens_paragraph(kept, *at) && !numbered.contains(at))
        .collect();
    // Where half of the paragraphs have none, the short lines are something else.
    let paragraphs = (0..kept.len()).filter(|at| starts_block(kept, *at) && has_below(kept, *at));
    if above_text.len() >= OFTEN && above_text.len() * 2 >= paragraphs.count() {
        found.extend(above_text);
    }
    found.extend(numbered);
    found
}

fn text_of<'a>(kept: &[Kept<'a>], at: usize) -> Option<&'a str> {
    let line = kept.get(at).filter(|line| !line.is_blank())?;
    Some(line.line.text.trim())
}

fn starts_block(kept: &[Kept<'_>], at: usize) -> bool {
    text_of(kept, at).is_some() && (at == 0 || text_of(kept, at - 1).is_none())
}

fn has_below(kept: &[Kept<'_>], at: usize) -> bool {
    text_of(kept, at + 1).is_some()
}

/// Says whether a line opens a block and a paragraph follows in the same block, a longer line and one that ends as
/// sentences do, or nothing but a list.
fn opens_paragraph(kept: &[Kept<'_>], at: usize) -> bool {
    let Some(heading) = text_of(kept, at).filter(|_| starts_block(kept, at)) else {
        return false;
    };
    // `AMI: Amazon Linux` names a setting.
    if heading.contains([':', '：']) {
        return false;
    }
    let below: Vec<&str> = (at + 1..).map_while(|next| text_of(kept, next)).collect();
    let Some(next) = below.first() else {
        return false;
    };
    if below.iter().all(|line| line.starts_with(BULLETS)) {
        return true;
    }
    // Lines of text that was wrapped by hand are about as long as each other, and go on in small letters.
    let wrapped = next.starts_with(|c: char| c.is_ascii_lowercase());
    let own = width(heading);
    let longer = width(next) > own && (own <= NARROW || own * 4 <= width(next) * 3);
    let prose = kept.get(at + 1).is_some_and(|next| next.role == Role::Text);
    longer && !wrapped && prose && below.iter().any(|line| matches(&SENTENCE, line))
}

/// Finds the lines whose numbers go up one by one, with text between them.
fn numbered(kept: &[Kept<'_>], possible: &[usize]) -> HashSet<usize> {
    let mut runs: Vec<Vec<(usize, Number)>> = Vec::new();
    for at in possible {
        let Some(number) = text_of(kept, *at).and_then(Number::of) else {
            continue;
        };
        // A line of a list has the next of its numbers right below; one without a name of what it counts opens a block.
        let below = text_of(kept, at + 1).and_then(Number::of);
        let listed = below.is_some_and(|below| below.follows(&number) && !below.is_below(&number));
        let child = runs
            .iter()
            .flatten()
            .any(|(_, above)| number.is_below(above));
        let opens = starts_block(kept, *at) || !number.kind.is_empty() || child;
        if listed || !opens {
            continue;
        }
        let run = runs
            .iter_mut()
            .rev()
            .find(|run| run.last().is_some_and(|(_, last)| number.follows(last)));
        match run {
            Some(run) => run.push((*at, number)),
            None if number.is_first() => runs.push(vec![(*at, number)]),
            None => {}
        }
    }
    runs.into_iter()
        .filter(|run| run.len() >= OFTEN)
        .flatten()
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Vec<u32>> {
        Number::of(text).map(|number| number.parts)
    }

    #[test]
    fn numbers_before_headings() {
        assert_eq!(number("1. API Gateway"), Some(vec![1]));
        assert_eq!(number("１．２ キャッシュ"), Some(vec![1, 2]));
        assert_eq!(number("問題12"), Some(vec![12]));
        assert_eq!(number("第3章 通信"), Some(vec![3]));
        assert_eq!(number("Q2. どうする"), Some(vec![2]));
        for text in ["3層構成", "2022-11 の話", "12", "S3 の話", "64KB まで"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn the_next_number() {
        let follows = |a: &str, b: &str| Number::of(b).unwrap().follows(&Number::of(a).unwrap());
        assert!(follows("1. a", "2. b") && follows("1. a", "1.1 b") && follows("1.1 a", "2. b"));
        assert!(!follows("1. a", "3. b") && !follows("1. a", "問題2") && !follows("2. a", "1. b"));
    }

    #[test]
    fn what_a_wiki_left() {
        assert_eq!(without_edit("歴史[編集]"), ("歴史", true));
        assert_eq!(
            without_edit("History [edit | edit source]"),
            ("History", true)
        );
        assert_eq!(without_edit("[編集]"), ("[編集]", false));
    }
}
