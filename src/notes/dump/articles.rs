//! Where one article ends and the next begins.
//!
//! Several kinds of border are tried, from the surest to the boldest; the first that fits is taken:
//! share lines that come again and again; fields such as `Title:`; numbered heads (`[3/18]`); titles between rules;
//! any line that comes as often as the head of the file says there are articles.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::boilerplate::{is_image, is_navigation, is_rule, is_share, regex, without_bullet};
use super::title::{could_be_title, title};
use crate::notes::{Line, LineRange};
use crate::text::fold;

/// One article as it stands in the file.
#[derive(Debug)]
pub(crate) struct Article<'a> {
    /// Its title, where a line could be one.
    pub(crate) title: Option<String>,
    /// The line of the title.
    pub(crate) title_line: Option<Line<'a>>,
    /// The lines below the title, without those that only end the article.
    pub(crate) body: Vec<Line<'a>>,
    /// All lines, title and share lines included.
    pub(crate) lines: LineRange,
    /// Its own date, where a field states one.
    pub(crate) date: Option<Date>,
}

/// Longest title, in characters.
pub(super) const TITLE: usize = 160;

static COUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)(\d{1,4}) ?(件|本の記事|記事|個の記事|articles?\b|posts?\b|entries\b|stories\b|items\b|notes\b)",
    )
});
pub(super) static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^[#■●◆▼* \[【]*(title|subject|headline|タイトル|題名|件名|記事名|見出し)[\]】]? *[:：=] *(.+)$",
    )
});
static OTHER_FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^[* \[【]*(url|link|author|by|date|posted|published|updated|tags?|category|source|site|投稿日|投稿者|公開日|更新日|日付|日時|著者|作成者|タグ|カテゴリー?|リンク|出典|元記事|サイト)[\]】]? *[:：=] *(\S.*)$",
    )
});
pub(super) static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^[#■●◆▼*=\- ]*(?:[\[【(（]? ?(\d{1,4}) ?[/／] ?(\d{1,4}) ?[\]】)）]?|(?:記事|article|entry|post|no\.?|#) ?(\d{1,4})) *[:：.．)）\]】-]*[=\-* ]*(.*?)[=\-* ]*$",
    )
});
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[^0-9])((?:19|20)\d{2})(?:[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})|(\d{2})(\d{2})(?:[^0-9]|$))",
    )
});

/// Finds a day in a text: `20200714`, `2020-07-14`, `2020/7/14`, `2020年7月14日`.
pub(crate) fn find_date(text: &str) -> Option<Date> {
    let text = crate::text::narrow(text);
    let found = DATE.as_ref()?.captures(&text)?;
    let part = |a: usize, b: usize| {
        found
            .get(a)
            .or_else(|| found.get(b))?
            .as_str()
            .parse::<i8>()
            .ok()
    };
    let year = found.get(1)?.as_str().parse::<i16>().ok()?;
    Date::new(year, part(2, 4)?, part(3, 5)?).ok()
}

/// Cuts a file into its articles; a file without borders is one article.
pub(crate) fn split<'a>(lines: &[Line<'a>]) -> Vec<Article<'a>> {
    let head = head_length(lines);
    let count = lines
        .iter()
        .take(head.max(6))
        .find_map(|line| announced(line.text));
    pieces(lines.get(head..).unwrap_or_default(), count)
}

/// Cuts a part of a file that does not begin with the file's head.
pub(crate) fn split_rest<'a>(lines: &[Line<'a>]) -> Vec<Article<'a>> {
    pieces(lines, None)
}

fn pieces<'a>(body: &[Line<'a>], count: Option<usize>) -> Vec<Article<'a>> {
    let pieces = by_share_lines(body, count)
        .or_else(|| by_fields(body))
        .or_else(|| by_numbers(body, count))
        .or_else(|| by_rules(body, count))
        .or_else(|| by_repeated_line(body, count))
        .unwrap_or_else(|| {
            vec![Piece {
                lines: body,
                ends: &[],
            }]
        });
    pieces
        .into_iter()
        .filter_map(|piece| article(&piece))
        .collect()
}

/// One article's lines and the border lines after them.
struct Piece<'s, 'a> {
    lines: &'s [Line<'a>],
    ends: &'s [Line<'a>],
}

/// Counts the lines at the head of a digest that announce how many articles follow.
fn head_length(lines: &[Line<'_>]) -> usize {
    let first = lines.iter().position(|line| !blank(line)).unwrap_or(0);
    let announces =
        |line: &Line<'_>| announced(line.text).is_some() && line.text.chars().count() <= 80;
    match lines.get(first) {
        // A title may speak of "3 articles" too; a digest's head is dated or says it is about articles.
        Some(line)
            if announces(line)
                && (find_date(line.text).is_some() || line.text.trim_end().ends_with('。')) =>
        {
            first + 1
        }
        _ => 0,
    }
}

fn announced(text: &str) -> Option<usize> {
    let text = fold(text);
    let found = COUNT.as_ref()?.captures(&text)?;
    let count = found.get(1)?.as_str().parse().ok()?;
    (count >= 1).then_some(count)
}

pub(super) fn blank(line: &Line<'_>) -> bool {
    line.text.trim().is_empty()
}

fn content(lines: &[Line<'_>]) -> usize {
    lines.iter().filter(|line| !blank(line)).count()
}

/// Cuts after runs of share lines.
fn by_share_lines<'s, 'a>(
    lines: &'s [Line<'a>],
    count: Option<usize>,
) -> Option<Vec<Piece<'s, 'a>>> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !is_share(line.text) {
            continue;
        }
        match runs.last_mut() {
            Some((_, end))
                if lines
                    .get(*end..at)
                    .is_some_and(|gap| gap.len() <= 2 && gap.iter().all(blank)) =>
            {
                *end = at + 1;
            }
            _ => runs.push((at, at + 1)),
        }
    }
    // Buttons stand on many pages both above and below the article: those that open one end nothing.
    let enough = if count.is_some() { 1 } else { 2 };
    let (mut from, mut held) = (0, 0);
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for &(start, end) in &runs {
        held += content(lines.get(from..start)?);
        from = end;
        if held >= enough {
            ends.push((start, end));
            held = 0;
        } else {
            held += content(lines.get(start..end)?);
        }
    }
    if let Some(count) = count
        && ends.len() > count + 1
    {
        ends = most_common_ends(lines, &ends, count)?;
    }
    (!ends.is_empty()).then(|| cut_after(lines, &ends))
}

/// Keeps the runs of one wording, when there is a wording that comes as often as announced.
fn most_common_ends(
    lines: &[Line<'_>],
    ends: &[(usize, usize)],
    count: usize,
) -> Option<Vec<(usize, usize)>> {
    let wording = |&(start, end): &(usize, usize)| -> Vec<String> {
        lines
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .filter(|l| !blank(l))
            .map(|l| key(l.text))
            .collect()
    };
    let mut by_wording: HashMap<Vec<String>, Vec<(usize, usize)>> = HashMap::new();
    for end in ends {
        by_wording.entry(wording(end)).or_default().push(*end);
    }
    let mut groups: Vec<_> = by_wording.into_values().collect();
    groups.sort_by_key(|group| (group.len().abs_diff(count), group.first().copied()));
    groups.into_iter().next()
}

fn cut_after<'s, 'a>(lines: &'s [Line<'a>], ends: &[(usize, usize)]) -> Vec<Piece<'s, 'a>> {
    let mut from = 0;
    let mut pieces = Vec::new();
    for &(start, end) in ends {
        if let (Some(own), Some(closing)) = (lines.get(from..start), lines.get(start..end)) {
            pieces.push(Piece {
                lines: own,
                ends: closing,
            });
        }
        from = end;
    }
    if let Some(rest) = lines.get(from..)
        && content(rest) > 0
    {
        pieces.push(Piece {
            lines: rest,
            ends: &[],
        });
    }
    pieces
}

fn cut_before<'s, 'a>(lines: &'s [Line<'a>], starts: &[usize]) -> Vec<Piece<'s, 'a>> {
    let mut borders: Vec<usize> = starts.to_vec();
    if borders
        .first()
        .is_some_and(|first| content(lines.get(..*first).unwrap_or_default()) > 0)
    {
        borders.insert(0, 0);
    }
    borders.push(lines.len());
    borders
        .windows(2)
        .filter_map(|pair| match pair {
            [from, to] => Some(Piece {
                lines: lines.get(*from..*to)?,
                ends: &[],
            }),
            _ => None,
        })
        .filter(|piece| content(piece.lines) > 0)
        .collect()
}

/// Cuts before `Title:` fields; other fields directly above belong to the same article.
fn by_fields<'s, 'a>(lines: &'s [Line<'a>]) -> Option<Vec<Piece<'s, 'a>>> {
    let field = FIELD.as_ref()?;
    let other = OTHER_FIELD.as_ref()?;
    let starts: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| field.is_match(line.text.trim_end()))
        .map(|(at, _)| {
            let above = lines.get(..at).unwrap_or_default().iter().rev();
            at - above
                .take_while(|l| other.is_match(l.text.trim()) || is_rule(l.text))
                .count()
        })
        .collect();
    (starts.len() >= 2).then(|| cut_before(lines, &starts))
}

/// Cuts before heads that count: `【1/18】 …`, `記事 2: …`.
fn by_numbers<'s, 'a>(lines: &'s [Line<'a>], count: Option<usize>) -> Option<Vec<Piece<'s, 'a>>> {
    let numbered = NUMBERED.as_ref()?;
    let mut starts = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let text = line.text.trim();
        if text.chars().count() > TITLE || line.text.starts_with("    ") {
            continue;
        }
        let alone = at
            .checked_sub(1)
            .and_then(|i| lines.get(i))
            .is_none_or(|above| blank(above) || is_rule(above.text));
        let folded = crate::text::narrow(text);
        if let Some(found) = numbered.captures(&folded)
            && alone
        {
            let number = found
                .get(1)
                .or_else(|| found.get(3))
                .and_then(|n| n.as_str().parse::<usize>().ok());
            if number == Some(starts.len() + 1) {
                let ruled = at
                    .checked_sub(1)
                    .and_then(|i| lines.get(i))
                    .is_some_and(|above| is_rule(above.text));
                starts.push(at - usize::from(ruled));
            }
        }
    }
    let enough = starts.len() >= 3 || (starts.len() >= 2 && count == Some(starts.len()));
    enough.then(|| cut_before(lines, &starts))
}

/// Cuts at rules: a title between two rules, or one rule between two articles.
fn by_rules<'s, 'a>(lines: &'s [Line<'a>], count: Option<usize>) -> Option<Vec<Piece<'s, 'a>>> {
    let rules: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, l)| is_rule(l.text))
        .map(|(at, _)| at)
        .collect();
    let boxed: Vec<usize> = rules
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if *b == a + 2 && lines.get(a + 1).is_some_and(|l| !blank(l)) => Some(*a),
            _ => None,
        })
        .collect();
    if boxed.len() >= 2 {
        return Some(cut_before(lines, &boxed));
    }
    // Single rules: long ones, or as many as announced; each followed by a line that could be a title.
    let long = |at: &usize| {
        lines
            .get(*at)
            .is_some_and(|l| l.text.trim().chars().count() >= 8)
    };
    let alone = |at: &usize| {
        at.checked_sub(1)
            .and_then(|i| lines.get(i))
            .is_none_or(blank)
    };
    let mut ends: Vec<(usize, usize)> = rules
        .iter()
        .filter(|at| alone(at))
        .map(|at| (*at, at + 1))
        .collect();
    let agreed = |ends: &[(usize, usize)]| {
        count.is_some_and(|n| n >= 2 && cut_after(lines, ends).len() == n)
    };
    if !agreed(&ends) {
        ends.retain(|(at, _)| long(at));
    }
    let titled = ends.iter().all(|(_, end)| {
        let rest = lines.get(*end..).unwrap_or_default();
        let next = rest.iter().find(|line| !blank(line));
        next.is_none_or(|line| could_be_title(line.text))
    });
    let bodies = cut_after(lines, &ends);
    let enough = bodies.len() >= 2 && bodies.iter().all(|piece| content(piece.lines) >= 2);
    (enough && titled && (agreed(&ends) || ends.len() >= 2)).then_some(bodies)
}

/// Cuts after whatever line comes exactly as often as the head announced.
fn by_repeated_line<'s, 'a>(
    lines: &'s [Line<'a>],
    count: Option<usize>,
) -> Option<Vec<Piece<'s, 'a>>> {
    let count = count.filter(|count| *count >= 2)?;
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate() {
        let length = line.text.trim().chars().count();
        let ends_block = lines.get(at + 1).is_none_or(blank);
        if (2..=60).contains(&length) && ends_block {
            places.entry(key(line.text)).or_default().push(at);
        }
    }
    let mut fitting: Vec<Vec<usize>> = places
        .into_values()
        .filter(|at| at.len() == count || at.len() + 1 == count)
        .filter(|at| {
            let ends: Vec<(usize, usize)> = at.iter().map(|a| (*a, a + 1)).collect();
            let pieces = cut_after(lines, &ends);
            pieces.len() == count && pieces.iter().all(|piece| content(piece.lines) >= 2)
        })
        .collect();
    // Of several, the one that comes last closes the article; the others are part of its foot.
    fitting.sort_by_key(|at| at.first().copied());
    let at = fitting.pop()?;
    let ends: Vec<(usize, usize)> = at.iter().map(|a| (*a, a + 1)).collect();
    Some(cut_after(lines, &ends))
}

/// The wording of a line without bullets, digits and widths.
fn key(text: &str) -> String {
    let folded = fold(without_bullet(text));
    folded
        .chars()
        .map(|c| if c.is_ascii_digit() { '#' } else { c })
        .collect()
}

/// Takes title, date and body out of a piece.
fn article<'a>(piece: &Piece<'_, 'a>) -> Option<Article<'a>> {
    let lines = piece.lines;
    let useful = |line: &&Line<'a>| {
        !blank(line) && !is_navigation(line.text) && !is_rule(line.text) && !is_image(line.text)
    };
    let first_line = lines.iter().find(|l| !blank(l))?;
    let last = piece
        .ends
        .iter()
        .chain(lines.iter())
        .map(|line| line.number)
        .max()?;
    let range = LineRange {
        first: first_line.number,
        last,
    };
    let (title_at, title) = title(lines);
    let title_line = title_at.and_then(|at| lines.get(at)).copied();
    let body: Vec<Line<'a>> = lines
        .get(title_at.map_or(0, |at| at + 1)..)
        .unwrap_or_default()
        .to_vec();
    let date = body.iter().filter(useful).take(6).find_map(|line| {
        let field = OTHER_FIELD.as_ref()?.captures(line.text.trim())?;
        find_date(field.get(2)?.as_str())
    });
    (title_at.is_some() || body.iter().any(|l| useful(&l))).then_some(Article {
        title,
        title_line,
        body,
        lines: LineRange {
            last: if piece.ends.is_empty() {
                last_content(lines, last)
            } else {
                range.last
            },
            ..range
        },
        date,
    })
}

fn last_content(lines: &[Line<'_>], otherwise: usize) -> usize {
    lines
        .iter()
        .rev()
        .find(|l| !blank(l))
        .map_or(otherwise, |l| l.number)
}
