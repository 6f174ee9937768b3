//! Headings that carry no markup, and the sections between them.
//!
//! A heading is a short line that stands alone and reads like a name, not like a sentence, a command or a step.
//! Levels cannot be seen in plain text but for one sign: a heading with nothing below it but the next heading.

use std::sync::LazyLock;

use regex::Regex;

use super::boilerplate::{is_rule, matches, regex};
use super::clean::{Kept, Role};
use super::evidence::{self, Number, without_edit};
use super::title::is_byline;
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

/// Ends of a sentence or of an instruction.
static SENTENCE_END: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"([。．、，：；…,:;\\{}]|[!！][)）]?|\.|です|ます|ました|ません|でした|ください|下さい|しょう|だろう|である|のだ|",
        r"ですね|ますね|ですが|ますが|けど|ので|から、?|ため|を?クリック(する|して)?|を選択(する)?|を押下?(す|する)?|を入力(する)?|にチェック(する)?|",
        r"とおり|通り|のよう|ように|[↓⤵⇩👇]\u{fe0e}?)$"
    ))
});
/// Beginnings of a sentence, a note, a step or a quotation.
static SENTENCE_START: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^([※→⇒>＞|・•‣▪◦*+<＜↓↑]|- |[①-⑳]|[（(]|例[)）:：]|(参考|参照|出典|引用|注|注意|補足|例|追記)[:：]|以下の?|下記の?|上記の?|まず|また、|なお|ただし|ただ、|",
        r"そして|ちなみに|すると|これで|それで|それ[はがをに]|そこで|しかし|さらに、|つまり|例えば|たとえば|もし[、もこそ]|この(?:記事|よう)|そのため|よって、|ですが|でも、|次は|次に|",
        r"[\d.,]+ ?(USD|ドル|円)|https?://|//|/\*|#!|\$ |% |~|\.{0,2}/|\d+%)"
    ))
});
/// Signs that only code and terminals have.
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"[{};\\]|=>|->|::\w+::|==|!=|\+=|&&|\|\||</|/>|\$\{|\$\(|\w\(\)|\w\([^)]*\)[;:.]|^[\w.\]\[]+ *[:+]?= ?\S|^\s*[\w-]+: \S+$|",
        r"^\[?[\w.-]+@[\w.-]+.*[\]$#>]|^[\w.-]*[$#] |",
        r"^(FROM|RUN|CMD|ADD|COPY|WORKDIR|ENV|EXPOSE|ENTRYPOINT|VOLUME|ARG|SELECT|INSERT INTO|DELETE FROM|CREATE TABLE) [-./\w$\[*]|",
        r"^(sudo|git|npm|npx|yarn|pip3?|brew|apt|apt-get|yum|dnf|docker|docker-compose|kubectl|terraform|ssh|scp|sftp|curl|wget|cd|ls|cat|vi|vim|nano|mkdir|rm|cp|mv|chmod|chown|echo|export|source|systemctl|service|make|cargo|go|node|python3?|ruby|rails|bundle|rake|php|composer|mysql|psql|aws|sam|cdk|eksctl|ps|grep|sed|awk|tar|unzip|tail|head|df|du|top|free|ping|dig|nslookup|telnet|iptables|ifconfig|ip|import|from|package|func|def|class|return|const|let|var|if|for|while|else|end|try|except|print|using|namespace|public|private|include|require|select|insert|update|delete|create|where|run|copy|add)( [-\w./<~:'@$].*)?$"
    ))
});
/// Nothing but a day, a span of days or a number.
static DATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^[\d年月日時分秒~〜\-–/.,:：()（） ]+$"));
/// A sentence without its full stop, or half of one: it heads something only when a list or code follows at once.
static WEAK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"[^A-Za-z]は、|が、|ので、|ため、|です、|ます、|^[\w-]+\.(py|js|ts|sh|rb|go|java|json|ya?ml) |(て(いる|いた|みた)|なった|された|思う|かな|からなる)$|[^こ]と$|[でをがへ]$|[^と]は$",
    )
});
/// What stands below a heading when there is nothing to say.
static ANSWER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^[(（]?(?:(?:特に|とくに|今のところ)?(?:なし|無し|無い|ない|ありません)|未定|未記入|同上|同左|割愛|省略|後述|準備中|工事中|tbd|tba|n/a|none|nothing)[)）]?$",
    )
});
/// A setting and its value, such as `AMI: Amazon Linux 2 AMI (HVM)`.
static SETTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"^[A-Z][A-Za-z0-9 /-]{0,24}[:：] ?[A-Za-z0-9].*(?:\)|）|\d\w*)(?:[,、].*)?$")
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
static REFERENCES: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^(参考.{0,6}|参照|関連(記事|リンク)|references?|links?|see also)$"));
static MARKED: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"^[■□◆◇▼▽▶►◎★☆●○◉]+ ?\S"));

/// Cuts an article's kept lines into sections.
pub(crate) fn cut(kept: &[Kept<'_>]) -> Vec<Cut> {
    let counted = kept.iter().any(|line| line.role == Role::Code);
    let evident = evidence::headings(kept, |text| {
        !matches(&WEAK, text) && reads_like_a_name(text, counted)
    });
    let headings: Vec<usize> = (0..kept.len())
        .filter(|at| evident.contains(at) || is_heading(kept, *at, counted))
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
    // Numbered headings above, from `1` to `1.2.3`.
    let mut chapters: Vec<(Number, String)> = Vec::new();
    let mut references = false;
    for (n, at) in headings.iter().enumerate() {
        let end = headings.get(n + 1).copied().unwrap_or(kept.len());
        let name = heading_text(kept, *at);
        let folded = fold(&name);
        let number = Number::of(&name);
        match &number {
            Some(number) => {
                chapters.retain(|(above, _)| number.is_below(above));
                let ends = parent.as_deref().and_then(Number::of);
                if ends.is_some_and(|above| number.is_beside(&above)) {
                    parent = None;
                }
            }
            None => chapters.clear(),
        }
        if parents.get(n) == Some(&true) {
            parent = Some(name);
            continue;
        }
        let closing = matches(&CLOSING, &folded);
        if closing {
            parent = None;
        }
        let empty = !has_content(kept, body_start(kept, *at), end);
        let heads_links = matches(&REFERENCES, &folded);
        if empty && closing && !heads_links {
            continue;
        }
        // Below "References" the lines that stand alone are links.
        if empty
            && references
            && let Some(last) = cuts.last_mut()
        {
            last.end = end;
            continue;
        }
        references = heads_links;
        let above = chapters.iter().map(|(_, chapter)| chapter);
        let path = parent
            .iter()
            .chain(above.filter(|chapter| parent.as_ref() != Some(*chapter)))
            .cloned()
            .chain([name.clone()])
            .collect();
        chapters.extend(number.map(|number| (number, name)));
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

/// Tells which headings stand above others: those without text of their own that are names rather than phrases.
///
/// Where a page is ordered by bare names (`CDK`, `CLI`, `Cloud9`), only those lead; elsewhere the first short heading of
/// a run without text does.
fn parents(kept: &[Kept<'_>], headings: &[usize]) -> Vec<bool> {
    let names: Vec<String> = headings.iter().map(|at| heading_text(kept, *at)).collect();
    let empty: Vec<bool> = headings
        .iter()
        .enumerate()
        .map(|(n, at)| {
            let end = headings.get(n + 1).copied().unwrap_or(kept.len());
            n + 1 < headings.len() && !has_content(kept, body_start(kept, *at), end)
        })
        .collect();
    let is_empty = |n: usize| empty.get(n) == Some(&true);
    let bare = |n: usize| is_empty(n) && names.get(n).is_some_and(|name| is_bare_name(name));
    let by_names = (0..names.len()).filter(|n| bare(*n)).count() >= 3;
    let mut parents = vec![false; headings.len()];
    let mut above: Option<&str> = None;
    let mut in_run = false;
    for (n, slot) in parents.iter_mut().enumerate() {
        let (Some(name), next) = (names.get(n), names.get(n + 1).map_or("", String::as_str)) else {
            continue;
        };
        if !is_empty(n) {
            in_run = false;
            continue;
        }
        let leads = if by_names {
            bare(n)
                && !above.is_some_and(|above| name.starts_with(above) && name.len() > above.len())
        } else {
            !in_run && may_be_parent(name, next)
        };
        if leads {
            *slot = true;
            above = Some(name);
            in_run = true;
        }
    }
    parents
}

/// Says whether a heading is a product's name and nothing else.
fn is_bare_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '+' | '.' | '#');
    name.chars().all(plain)
        && name.split_whitespace().count() <= 2
        && width(name) <= WIDEST_PARENT
        && name.chars().next().is_some_and(|c| c.is_ascii_uppercase())
}

fn may_be_parent(name: &str, next: &str) -> bool {
    if matches(&CLOSING, &fold(name)) || name.contains([':', '：']) {
        return false;
    }
    let numbered = matches(&NUMBERING, &fold(name));
    if numbered {
        let below = Number::of(next).zip(Number::of(name));
        let child = below.is_some_and(|(next, name)| next.is_below(&name));
        return width(name) <= WIDEST_NUMBERED && (child || !matches(&NUMBERING, &fold(next)));
    }
    // A longer heading leads one that takes up its words.
    let shared = name
        .chars()
        .zip(next.chars())
        .take_while(|(a, b)| a == b)
        .count();
    width(name) <= WIDEST_PARENT || (shared >= 6 && name.chars().count() > next.chars().count())
}

/// The heading's words, without marks of its own.
fn heading_text(kept: &[Kept<'_>], at: usize) -> String {
    let text = kept.get(at).map_or("", |line| line.line.text.trim());
    let (text, _) = without_edit(text);
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
    let (text, _) = without_edit(line.line.text.trim());
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
    if matches(&WEAK, text) && !list_follows(kept, at) {
        return false;
    }
    let closing = matches(&CLOSING, &fold(text));
    reads_like_a_name(text, counted) && (closing || !last_of_all(kept, at))
}

/// Says whether the next line with anything on it is a list item or code.
fn list_follows(kept: &[Kept<'_>], at: usize) -> bool {
    let next = kept.iter().skip(at + 1).find(|line| !line.is_blank());
    next.is_some_and(|line| {
        let text = line.line.text.trim_start();
        line.role == Role::Code
            || text.starts_with(['•', '・', '-', '*', '◦', '▪'])
            || numbered_item(line.line.text)
    })
}

/// Says whether a line is an item of a numbered list, which is set in.
fn numbered_item(text: &str) -> bool {
    let bare = text.trim_start();
    let digits = bare.chars().take_while(char::is_ascii_digit).count();
    bare.len() < text.len() && digits > 0 && bare.chars().nth(digits) == Some('.')
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
    let sentence = matches(&SENTENCE_START, text) || text.contains('。') || matches(&DATE, text);
    let answer = matches(&ANSWER, text) || matches(&SETTING, text) || is_byline(text);
    if sentence || answer || text.contains("http://") || text.contains("https://") {
        return false;
    }
    let question = text.ends_with(['?', '？']);
    let plain_end = !matches(&CLOSING, &fold(text)) && !text.ends_with("めに");
    if !question && plain_end && matches(&SENTENCE_END, text) {
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
    !matches(&FILE_NAME, text) && !matches(&CODE, text) && english_name(text)
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
