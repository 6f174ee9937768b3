//! Limits, defaults and durations: a number with its unit next to a word that makes it a fact.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Candidate, Line, Lines, Proposal, Rule, has_braces, has_word, is_talk, length, unmarked,
};

/// Longest line, in characters, that is still one statement.
const LONGEST: usize = 90;
/// Longest text of a parent that is put before a line.
const LONGEST_PARENT: usize = 40;

/// A number with its unit; widths and case as people write them.
static QUANTITY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "(?i)[0-9０-９][0-9０-９,.，．]*(?:[〜~-][0-9０-９][0-9０-９,.，．]*)? ?(?:[KMG]i?B/(?:秒|s)|ミリ秒|秒間?|分間?|時間|日間?|週間|(?:か|ヶ|カ|ヵ|箇)月間?|年間?|KiB|MiB|GiB|TiB|KB|MB|GB|TB|PB|バイト|vCPU|IOPS|Gbps|Mbps|%|％|個|本|台|件|回|つ|文字|レコード|リクエスト|メッセージ|オブジェクト|バケット|ノード|シャード|アカウント)",
    )
    .ok()
});

/// Words next to which a number is a limit, a default or a promise.
const FACTS: [&str; 20] = [
    "最大",
    "最小",
    "最長",
    "最短",
    "最低",
    "最高",
    "初期値",
    "上限",
    "下限",
    "既定",
    "デフォルト",
    "default",
    "保持期間",
    "保存期間",
    "タイムアウト",
    "まで",
    "以内",
    "可用性",
    "耐久性",
    "一度に",
];

/// Words that make a number history, a price or a step rather than a fact to know by heart.
const NOT_FACTS: [&str; 22] = [
    "円",
    "ドル",
    "USD",
    "$",
    "手順",
    "ステップ",
    "章",
    "問",
    "点",
    "現在",
    "時点",
    "当時",
    "無料",
    "約",
    "くらい",
    "ぐらい",
    "ほど",
    "程度",
    "目安",
    "オフ",
    "割引",
    "例",
];

pub(super) fn find(lines: &Lines<'_>) -> Vec<Candidate> {
    (0..lines.all.len())
        .filter_map(|at| cloze(lines, at).or_else(|| labelled(lines, at)))
        .collect()
}

/// A value after its label, at the end of a line: 「最大 IOPS:16,000」, 「インバウンド（デフォルト：全て拒否）」, 「既定は無効」.
static LABELLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "^(?P<before>.{0,40}?(?:(?:最大|最小|上限|下限)[^:：0-9０-９。、]{0,16}[:：] ?(?P<bare>[0-9０-９][0-9０-９,.]*)|(?:既定|デフォルト|初期値)値?(?:[:：]|は) ?(?P<state>(?:全て|すべて)?(?:有効|無効|許可|拒否|オン|オフ|あり|なし|可|不可|[A-Z][A-Za-z0-9 ]{1,20}))))(?:です|である)?[)）]?$",
    )
    .ok()
});

fn labelled(lines: &Lines<'_>, at: usize) -> Option<Candidate> {
    let line = lines.all.get(at).filter(|line| is_statement(line))?;
    let text = unmarked(line.text.split('。').next().unwrap_or(line.text));
    let found = LABELLED.as_ref()?.captures(&text)?;
    let value = found.name("bare").or_else(|| found.name("state"))?;
    let (before, after) = (text.get(..value.start())?, text.get(value.end()..)?);
    let subject = subject(lines, at, &text)?;
    let cloze = format!("{subject}{before}{{{{{}}}}}{after}", value.as_str().trim());
    lines.candidate(at, Rule::Number, Proposal::Cloze(cloze))
}

fn cloze(lines: &Lines<'_>, at: usize) -> Option<Candidate> {
    let line = lines.all.get(at).filter(|line| is_statement(line))?;
    let text = unmarked(line.text.split('。').next().unwrap_or(line.text));
    let quantity = QUANTITY.as_ref()?;
    let numbers: Vec<_> = quantity.find_iter(&text).collect();
    // Several numbers on one line are a comparison or a calculation; which of them is asked would be a riddle.
    let [number] = numbers.as_slice() else {
        return None;
    };
    // 「1 秒間に」 is what something is counted by, not what is to be known.
    let rest = text.get(number.end()..)?;
    if ["に", "あたり", "当たり", "毎", "ごと", "おき"]
        .iter()
        .any(|per| rest.starts_with(per))
    {
        return None;
    }
    // Another digit nearby is part of a range, a date or a name.
    let outside = text.replace(number.as_str(), "");
    if outside.chars().filter(char::is_ascii_digit).count() > 2 {
        return None;
    }
    let folded = text.to_lowercase();
    if !FACTS.iter().any(|word| folded.contains(word)) {
        return None;
    }
    let subject = subject(lines, at, &text)?;
    let before = text.get(..number.start())?;
    let cloze = format!("{subject}{before}{{{{{}}}}}{rest}", number.as_str().trim());
    lines.candidate(at, Rule::Number, Proposal::Cloze(cloze))
}

fn is_statement(line: &Line<'_>) -> bool {
    let heading = line.raw.trim_start().starts_with('#');
    let table = line.raw.trim_start().starts_with('|');
    !line.code
        && !heading
        && !table
        && length(line.text) <= LONGEST
        && !is_talk(line.text)
        && !has_braces(line.text)
        && !NOT_FACTS.iter().any(|word| has_word(line.text, word))
}

/// Gives what stands before the line so that it says what it is about: parents in the list, or the heading. `None` where
/// nothing does.
fn subject(lines: &Lines<'_>, at: usize, text: &str) -> Option<String> {
    let parents: Vec<String> = lines
        .parents(at)
        .into_iter()
        .take(2)
        .map(unmarked)
        .filter(|parent| length(parent) <= LONGEST_PARENT && !is_talk(parent))
        .collect();
    let heading = lines
        .heading
        .map(|heading| unmarked(heading.trim_start_matches('#').trim()))
        .filter(|heading| length(heading) <= LONGEST_PARENT && !is_talk(heading));
    // A sentence with a subject of its own, in Latin letters as services are, needs nothing before it.
    let named = text
        .split(['は', 'の', 'が', ':', '：', ' '])
        .next()
        .is_some_and(|first| {
            length(first) >= 2 && first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
    let mut path: Vec<String> = parents;
    path.extend(heading.filter(|heading| !path.contains(heading)));
    path.reverse();
    if path.is_empty() {
        return named.then(String::new).or_else(|| {
            let title = unmarked(lines.title);
            (length(&title) <= LONGEST_PARENT && !is_talk(&title)).then(|| format!("{title} › "))
        });
    }
    Some(format!("{} › ", path.join(" › ")))
}
