//! Headings that carry no markup, and the sections between them.
//!
//! A heading is a short line that stands alone and reads like a name, not like a sentence, a command or a step.
//! Levels cannot be seen in plain text but for one sign: a heading with nothing below it but the next heading.

use std::sync::LazyLock;

use regex::Regex;

use super::boilerplate::is_rule;
use super::clean::{Kept, Role};
use crate::text::{fold, width};

/// A section as a range of kept lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Headings above, outermost first; empty for the lead.
    pub(crate) path: Vec<String>,
    /// Index of the first kept line, the heading itself.
    pub(crate) first: usize,
    /// Index after the last one.
    pub(crate) end: usize,
}

/// Widest heading, in columns.
const WIDEST: usize = 140;
/// Widest heading that may stand above others without any text of its own, in columns.
const WIDEST_PARENT: usize = 24;
/// The same for a heading that counts (`3. …`).
const WIDEST_NUMBERED: usize = 44;

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// Ends of a sentence or of an instruction.
static SENTENCE_END: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"([。．、，：；…,:;\\{}]|[!！][)）]?|\.|です|ます|ました|ません|でした|ください|下さい|しょう|だろう|である|のだ|",
        r"ですね|ますね|ですが|ますが|けど|ので|から、?|ため|を?クリック(する|して)?|を選択(する)?|を押下?(す|する)?|を入力(する)?|にチェック(する)?|",
        r"を確認する|を実行する|こと|とおり|通り|よう|のよう)$"
    ))
});
/// Beginnings of a sentence, a note, a step or a quotation.
static SENTENCE_START: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^([※→⇒>＞|・•‣▪◦*+<＜↓↑]|- |-{2}|[①-⑳]|[（(]|例[)）:：]|以下の?|下記の?|上記の?|まず|また、|なお|ただし|ただ、|そして|ちなみに|すると|これで|それでは|そこで|",
        r"しかし|さらに|つまり|例えば|たとえば|もし|それ|この(?:記事|よう)|そのため|よって|ですが|でも|次は|次に|https?://|//|/\*|#!|\$ |% |~|\.{0,2}/|\d+%)"
    ))
});
/// Signs that only code has.
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"[{};\\]|=>|->|::\w+::|==|!=|\+=|&&|\|\||</|/>|\$\{|\$\(|\w\(\)|\w\([^)]*\)[;:.]|^[\w.\]\[]+ *[:+]?= ?\S|^\s*[\w-]+: \S+$|",
        r"^(sudo|git|npm|npx|yarn|pip3?|brew|apt|apt-get|yum|dnf|docker|docker-compose|kubectl|terraform|ssh|scp|sftp|curl|wget|cd|ls|cat|vi|vim|nano|mkdir|rm|cp|mv|chmod|chown|echo|export|source|systemctl|service|make|cargo|go|node|python3?|ruby|rails|bundle|rake|php|composer|mysql|psql|aws|sam|cdk|eksctl|ps|grep|sed|awk|tar|unzip|tail|head|df|du|top|free|ping|dig|nslookup|telnet|iptables|ifconfig|ip|import|from|package|func|def|class|return|const|let|var|if|for|while|else|end|try|except|print|using|namespace|public|private|include|require|select|insert|update|delete|create|from|where|run|copy|add|workdir|cmd|entrypoint|expose)( [-\w./<~:'@$].*)?$"
    ))
});
static FILE_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^[\w.~*/-]*[\w*-]\.[a-z]{1,5}\d?$|^[\w-]+(/[\w.-]+)+/?$|^\w+_\w+$"));
static NUMBERING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^((?:\d{1,2}[.．]){1,3}\d{0,2}|\d{1,2}[)）:：]|第\d{1,2}[章節回]|step ?\d+|手順\d+|ステップ\d+)",
    )
});
/// Headings that close an article; whatever parent stood above is over.
static CLOSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^(まとめ|参考.{0,6}|参照|参考文献|関連(記事|リンク)|(お|終)わりに|最後に|さいごに|感想|所感|あとがき|結論|references?|conclusions?|summary|see also|links?|スペシャルサンクス|謝辞)$",
    )
});
static MARKED: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"^[■□◆◇▼▽▶►◎★☆●○◉]+ ?\S"));

/// Cuts an article's kept lines into sections.
pub(crate) fn cut(kept: &[Kept<'_>]) -> Vec<Cut> {
    let counted = kept.iter().any(|line| line.role == Role::Code);
    let headings: Vec<usize> = (0..kept.len())
        .filter(|at| is_heading(kept, *at, counted))
        .collect();
    let mut cuts = Vec::new();
    let lead_end = headings.first().copied().unwrap_or(kept.len());
    if has_content(kept, 0, lead_end) {
        cuts.push(Cut {
            path: Vec::new(),
            first: 0,
            end: lead_end,
        });
    }
    let parents = parents(kept, &headings);
    let mut parent: Option<String> = None;
    for (n, at) in headings.iter().enumerate() {
        let end = headings.get(n + 1).copied().unwrap_or(kept.len());
        let name = heading_text(kept, *at);
        let folded = fold(&name);
        if parents.get(n) == Some(&true) {
            parent = Some(name);
            continue;
        }
        let closing = matches(&CLOSING, &folded);
        if closing {
            parent = None;
        }
        let empty = !has_content(kept, body_start(kept, *at), end);
        if empty && closing {
            continue;
        }
        let path = parent.iter().cloned().chain([name]).collect();
        cuts.push(Cut {
            path,
            first: *at,
            end,
        });
    }
    cuts
}

fn has_content(kept: &[Kept<'_>], from: usize, to: usize) -> bool {
    kept.get(from..to)
        .unwrap_or_default()
        .iter()
        .any(|line| !line.is_blank() && !is_rule(line.line.text))
}

fn body_start(kept: &[Kept<'_>], heading: usize) -> usize {
    let underlined = kept
        .get(heading + 1)
        .is_some_and(|line| is_rule(line.line.text));
    heading + 1 + usize::from(underlined)
}

/// Tells which headings stand above others: of a run of headings without text, the last that is short enough.
fn parents(kept: &[Kept<'_>], headings: &[usize]) -> Vec<bool> {
    let empty: Vec<bool> = headings
        .iter()
        .enumerate()
        .map(|(n, at)| {
            let end = headings.get(n + 1).copied().unwrap_or(kept.len());
            n + 1 < headings.len() && !has_content(kept, body_start(kept, *at), end)
        })
        .collect();
    let mut parents = vec![false; headings.len()];
    let mut n = 0;
    while n < headings.len() {
        let run = empty.iter().skip(n).take_while(|e| **e).count();
        if run == 0 {
            n += 1;
            continue;
        }
        let short = (n..n + run).rev().find(|i| {
            headings.get(*i).is_some_and(|at| {
                let name = heading_text(kept, *at);
                let next = headings
                    .get(i + 1)
                    .map(|at| heading_text(kept, *at))
                    .unwrap_or_default();
                may_be_parent(&name, &next)
            })
        });
        if let Some(slot) = short.and_then(|i| parents.get_mut(i)) {
            *slot = true;
        }
        n += run;
    }
    parents
}

fn may_be_parent(name: &str, next: &str) -> bool {
    if matches(&CLOSING, &fold(name)) || name.contains([':', '：']) {
        return false;
    }
    let numbered = matches(&NUMBERING, &fold(name));
    if numbered {
        return width(name) <= WIDEST_NUMBERED && !matches(&NUMBERING, &fold(next));
    }
    width(name) <= WIDEST_PARENT
}

/// The heading's words, without marks of its own.
fn heading_text(kept: &[Kept<'_>], at: usize) -> String {
    let text = kept.get(at).map_or("", |line| line.line.text.trim());
    let bare = text.trim_start_matches([
        '■', '□', '◆', '◇', '▼', '▽', '▶', '►', '◎', '★', '☆', '●', '○', '◉', '#', ' ', '　',
    ]);
    if bare.is_empty() {
        text.to_owned()
    } else {
        bare.trim_end().to_owned()
    }
}

/// Judges one line; `counted` tells that this article's code stands behind gutters, so that what looks like a
/// command elsewhere may be a heading here.
fn is_heading(kept: &[Kept<'_>], at: usize, counted: bool) -> bool {
    let Some(line) = kept.get(at) else {
        return false;
    };
    if line.role != Role::Text || line.line.text.starts_with([' ', '\t', '　']) {
        return false;
    }
    let text = line.line.text.trim();
    let below = kept.get(at + 1);
    if below.is_some_and(|next| is_rule(next.line.text) && next.role == Role::Text)
        && !is_rule(text)
        && width(text) <= WIDEST
    {
        return at == 0 || kept.get(at - 1).is_none_or(Kept::is_blank);
    }
    if is_rule(text) || width(text) > WIDEST || line.pictured {
        return false;
    }
    let starts_block = at == 0 || kept.get(at - 1).is_none_or(Kept::is_blank);
    if starts_block
        && (matches(&MARKED, text) || is_marked_up(text))
        && !matches(&SENTENCE_END, text)
    {
        return true;
    }
    // A code block behind a gutter closes without a blank line.
    let after_code = at > 0
        && kept
            .get(at - 1)
            .is_some_and(|above| above.role == Role::Code);
    let stands_alone = line.alone || (after_code && below.is_none_or(Kept::is_blank));
    if !stands_alone {
        return false;
    }
    let closing = matches(&CLOSING, &fold(text));
    reads_like_a_name(text, counted) && (closing || !last_of_all(kept, at))
}

fn is_marked_up(text: &str) -> bool {
    let rest = text.trim_start_matches('#');
    let marks = text.len() - rest.len();
    (2..=6).contains(&marks) && rest.starts_with(' ')
}

/// A line with nothing after it heads nothing, unless it is all there is.
fn last_of_all(kept: &[Kept<'_>], at: usize) -> bool {
    at > 0 && !has_content(kept, at + 1, kept.len())
}

fn reads_like_a_name(text: &str, counted: bool) -> bool {
    if matches(&SENTENCE_START, text) || text.contains("http://") || text.contains("https://") {
        return false;
    }
    let question = text.ends_with(['?', '？']);
    if !question && matches(&SENTENCE_END, text) {
        return false;
    }
    if question && width(text) > 70 {
        return false;
    }
    let japanese = text.chars().any(is_japanese);
    if counted {
        return true;
    }
    if japanese {
        let code = matches(&CODE, text) && !text.chars().next().is_some_and(is_japanese);
        return !code && !text.starts_with(['"', '\'', '`']);
    }
    !matches(&FILE_NAME, text) && !matches(&CODE, &fold(text)) && english_name(text)
}

/// An English heading begins with a capital or a digit and is a few words; one small word alone may be a name too.
fn english_name(text: &str) -> bool {
    let first = text.chars().next().unwrap_or(' ');
    let words = text.split_whitespace().count();
    let clean = !text.contains(['=', '<', '>', '"', '`', '$', '@', '[', '*', '_']);
    clean
        && words <= 12
        && (first.is_uppercase()
            || (first.is_ascii_digit() && words >= 2)
            || (words == 1 && text.len() >= 4 && text.chars().all(|c| c.is_ascii_alphanumeric())))
}

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff66}'..='\u{ff9f}')
}
