//! The title of an article: a field, a numbered head, the line below a site's own head, the first line.

use std::sync::LazyLock;

use regex::Regex;

use super::articles::{FIELD, NUMBERED, TITLE, blank};
use super::boilerplate::{is_image, is_navigation, is_rule, is_share, matches, regex};
use crate::notes::Line;
use crate::text::{fold, narrow, width};

/// Widest name of a site, in columns.
const SITE_NAME: usize = 32;

/// Who wrote the article and when: `2022年11月3日 投稿者: 山田`, `Posted on May 1, 2020 by …`, a day alone.
static BYLINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^(?:(?:公開|投稿|更新|作成|最終更新|掲載|執筆)(?:日時?|者|日付)?|著者|作者|筆者|文責|カテゴリー?|タグ|date|author|by|written by|published|posted|updated|last updated|category|tags?) ?(?:[:：]|on |by )|",
        r"^(?:(?:公開|投稿|更新|作成)日?時? ?)?(?:19|20)\d{2} ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2} ?日?(?: ?[(（].[)）])?(?: ?\d{1,2}:\d{2}(?::\d{2})?)? ?(?:$|に?(?:公開|投稿|更新|作成)|[|/・,] ?\S|(?:投稿者|著者|作成者|執筆者?|カテゴリー?|by|posted)\b ?[:：]? ?)|",
        r"^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}, (?:19|20)\d{2}(?:$| by | [|·•])|",
        r"^\d+ ?(?:min(?:ute)?s? read|分で読め(?:ます|る)|views?|いいね|ストック)"
    ))
});
/// What the name of a site ends with.
static SITE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:ブログ|blog|日記|備忘録|メモ帳|雑記帳?|ノート|だより|通信|ウェブサイト|サイト|wiki|website|newsletter|\.(?:com|jp|net|dev|io|org|blog))$",
    )
});

/// Finds the title among the first lines: a field, a numbered head, the line below a site's own head, the first line.
pub(super) fn title(lines: &[Line<'_>]) -> (Option<usize>, Option<String>) {
    let head: Vec<(usize, &str)> = lines
        .iter()
        .enumerate()
        .filter(|(_, l)| {
            !blank(l)
                && !is_navigation(l.text)
                && !is_rule(l.text)
                && !is_image(l.text)
                && !is_share(l.text)
        })
        .map(|(at, l)| (at, l.text.trim()))
        .take(6)
        .collect();
    for (at, text) in &head {
        if let Some(found) = FIELD.as_ref().and_then(|field| field.captures(text)) {
            return (
                Some(*at),
                found.get(2).map(|t| t.as_str().trim().to_owned()),
            );
        }
    }
    // A line about the author is a title only where there is no other.
    let named: Vec<(usize, &str)> = head
        .iter()
        .copied()
        .filter(|(_, text)| !is_byline(text))
        .collect();
    let head = if named.is_empty() { head } else { named };
    let Some((at, text)) = head.first().copied() else {
        return (None, None);
    };
    let narrow = narrow(text);
    if let Some(found) = NUMBERED
        .as_ref()
        .and_then(|numbered| numbered.captures(&narrow))
        // `[2023/01/05]` is a day.
        && !found.get(4).is_some_and(|rest| rest.as_str().starts_with('/'))
    {
        let rest = found.get(4).map_or("", |t| t.as_str().trim());
        if !rest.is_empty() {
            return (Some(at), Some(rest.to_owned()));
        }
        if let Some((next, title)) = head.get(1).filter(|(_, t)| could_be_title(t)) {
            return (Some(*next), Some((*title).to_owned()));
        }
    }
    if let Some(own) = below_site_head(lines, &head).or_else(|| below_site_name(lines, &head)) {
        return own;
    }
    if could_be_title(text) {
        (Some(at), Some(clean_title(text)))
    } else {
        (None, None)
    }
}

/// Says whether a line tells who wrote an article or when, and nothing else.
pub(super) fn is_byline(text: &str) -> bool {
    let folded = fold(text);
    let folded = folded.trim();
    folded.chars().count() <= 48 && !folded.ends_with('。') && matches(&BYLINE, folded)
}

/// Passes over the name of a site where a better title stands below: the name ends as names of sites do, or comes
/// again in the article.
fn below_site_name(
    lines: &[Line<'_>],
    head: &[(usize, &str)],
) -> Option<(Option<usize>, Option<String>)> {
    let (at, name) = head.first()?;
    let folded = fold(name);
    let again = || {
        lines.iter().skip(at + 1).any(|line| {
            let text = line.text.trim();
            text == *name || (text.contains(['©', '|', '｜']) && text.contains(name))
        })
    };
    let site = width(name) <= SITE_NAME && (matches(&SITE, folded.trim()) || again());
    if !site {
        return None;
    }
    let (next, title) = head
        .iter()
        .skip(1)
        .find(|(_, title)| width(title) > width(name))?;
    // A title is longer than the name of a site, and no sentence of the text.
    let better = could_be_title(title)
        && width(title) <= TITLE / 2
        && !title.contains('。')
        && !title.starts_with(['・', '•', '-', '*', '#']);
    let byline = |line: &Line<'_>| is_byline(line.text.trim());
    let signed = lines.get(at + 1..*next)?.iter().any(byline);
    let below = lines.get(next + 1);
    let apart = below.is_none_or(|below| blank(below) || byline(below));
    (better && (signed || apart)).then(|| (Some(*next), Some(clean_title(title))))
}

/// Passes over a site's own head: its name, and a sentence about the site, above the article's title.
fn below_site_head(
    lines: &[Line<'_>],
    head: &[(usize, &str)],
) -> Option<(Option<usize>, Option<String>)> {
    const SITE: [&str; 7] = [
        "ブログ",
        "サイトです",
        "備忘録です",
        "日記です",
        "blog",
        "website",
        "newsletter",
    ];
    let (_, tagline) = head.get(1)?;
    let folded = fold(tagline);
    let about_site = SITE.iter().any(|word| folded.contains(word))
        && (tagline.ends_with('。') || tagline.ends_with('.'));
    let (at, title) = head
        .get(2)
        .filter(|(_, title)| about_site && could_be_title(title))?;
    let stands_alone = lines.get(at + 1).is_none_or(blank);
    stands_alone.then(|| (Some(*at), Some(clean_title(title))))
}

/// Strips the marks some dumps put before a title.
fn clean_title(text: &str) -> String {
    let bare = text
        .trim_start_matches(['■', '●', '◆', '▼', '#', '*', '=', ' ', '　'])
        .trim_end_matches(['=', '#', '*', ' ']);
    if bare.is_empty() {
        text.to_owned()
    } else {
        bare.to_owned()
    }
}

/// Says whether a line could be a title.
pub(super) fn could_be_title(text: &str) -> bool {
    let text = text.trim();
    (1..=TITLE).contains(&text.chars().count())
        && !text.ends_with(['。', '、', ',', '{', ';'])
        && !is_image(text)
}
