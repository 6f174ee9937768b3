//! 「用語：説明」 and its kin: `用語: 説明`, `**用語** — 説明`, `用語 = 説明`, and 「答えの手がかり → 答え」.
//!
//! Half of all lines with a colon are no definitions: settings, steps, remarks, output of programs. A line is taken when
//! its left side is a noun of its own and its right side says something about it in Japanese.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Candidate, Line, Lines, Proposal, Rule, has_braces, is_talk, length, squeeze, unmarked,
};

/// Lengths of a term, of what is said of it, and of an answer after an arrow, in characters.
const TERM: std::ops::RangeInclusive<usize> = 2..=24;
const MEANING: std::ops::RangeInclusive<usize> = 8..=120;
const ANSWER: std::ops::RangeInclusive<usize> = 2..=60;
/// Longest heading that is put before a term.
const LONGEST_HEADING: usize = 40;

/// What stands between a term and its meaning. Spaces around the narrow ones keep times, ports, addresses and ARNs out.
const SEPARATORS: [&str; 9] = ["：", ": ", " — ", " – ", " ― ", " - ", "＝", " = ", " → "];

/// Left sides that label a remark, a step or a property of something that stands elsewhere.
static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "(?xi)^(?:
            (?:設定|具体|使用|構成|悪い|良い)?例[0-9０-９一-九]* | 注意?[0-9０-９]* | 注意(?:点|事項) | 注記 | 参考(?:文献|資料|リンク|記事)?
            | 補足 | 備考 | メモ | 追記 | 余談 | ポイント | コツ | 要点 | まとめ | 結論 | 結果 | 教訓 | 感想 | 疑問 | 質問 | 回答 | 答え?
            | 正解 | 誤答 | 解説 | 理由 | 原因 | 症状 | 事象 | 現象 | 影響 | 経緯 | 背景 | 状況 | 再発防止 | 対処[0-9０-９]* | 対応[0-9０-９]* | 対策[0-9０-９]* | 解決策?
            | 暫定(?:対応|対処)? | 恒久(?:対応|対処)? | 手順[0-9０-９]* | 方法[0-9０-９]* | 前提(?:条件)? | 条件 | 目的 | 概要 | 内容 | 詳細 | 説明 | 用途 | 使い(?:方|所|どころ) | 使い道
            | 場所 | 日[時付] | 期間 | 時刻 | 時間 | 更新日? | 作成日? | 出典 | 引用 | 出力 | 入力 | 実行(?:結果|例)? | 確認 | 環境 | 構成
            | 料金 | 課金 | 費用 | 値段 | 単位 | 上限 | 下限 | 制限 | 既定値? | デフォルト | 初期値 | 有効 | 無効 | 無料 | 有料 | メリット | デメリット | 利点 | 欠点 | 長所 | 短所
            | 特徴 | 違い | 比較 | 関連 | 種類 | 名前 | 題名 | 次 | 他 | その他 | ざっくり | やること | 宿題 | 覚え方 | 語呂 | 一言 | 要するに | つまり | ただし | なお | ちなみに | 逆に | 例外 | 罠 | 落とし穴 | ハマり?所?
            | todo | fixme | note | notes | warn(?:ing)? | error | info | debug | fatal | tip | ref | see | q[0-9]* | a[0-9]* | ps | 選択肢.* | 問題?[0-9０-９]* | 設問.* | 自分.* | 個人.*
        )$",
    )
    .ok()
});

static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("[0-9]{1,2}:[0-9]{2}").ok());

/// Ends of a left side that is a clause or points at something, not a noun.
const CLAUSE_ENDS: [&str; 38] = [
    "た", "だ", "る", "い", "に", "で", "は", "が", "を", "も", "て", "と", "ば", "の", "こと",
    "時", "とき", "場合", "なら", "際", "後", "前", "点", "例", "う", "く", "す", "から", "まで",
    "だけ", "目", "つ", "件", "む", "ぶ", "け", "メモ", "穴",
];

pub(super) fn find(lines: &Lines<'_>) -> Vec<Candidate> {
    (0..lines.all.len())
        .filter_map(|at| definition(lines, at))
        .collect()
}

fn definition(lines: &Lines<'_>, at: usize) -> Option<Candidate> {
    let line = lines.all.get(at).filter(|line| is_prose(line))?;
    let (left, separator, right) = split(line.text)?;
    let bold = left.trim_start().starts_with("**");
    let term = unmarked(left).trim().to_owned();
    let arrow = separator == " → ";
    // What follows the first full stop explains further.
    let meaning = right.split('。').next().unwrap_or(right);
    let meaning = unmarked(meaning).trim().to_owned();
    // A colon of an undivided text is a setting or a program's output unless both sides are Japanese.
    let listed = bold || line.bullet.is_some() || matches!(separator, "：" | " — " | " ― ");
    if !(listed || has_japanese(&term) && !arrow) || !is_term(&term) {
        return None;
    }
    let lengths = if arrow { ANSWER } else { MEANING };
    if !lengths.contains(&length(&meaning)) || !is_meaning(&meaning, arrow) {
        return None;
    }
    // What hangs below would be the meaning; this is only its beginning.
    let opens = lines.all.get(at + 1).is_some_and(|after| {
        let deeper = |own: usize| after.bullet.is_some_and(|depth| depth > own);
        line.bullet.is_some_and(deeper)
    });
    if opens && arrow {
        return None;
    }
    let dash = matches!(separator, " — " | " – " | " ― " | " - ");
    if dash && between(&meaning) || !arrow && of_another(&meaning) {
        return None;
    }
    let about = about(lines, at, (&term, &meaning));
    // Below a heading a term may be one of its properties or parts: 「X-Ray › Lambda は」.
    let front = match (arrow, about.is_empty()) {
        (true, _) => format!("{about}{term} →"),
        (false, true) => format!("{term}とは"),
        (false, false) => format!("{about}{term} は"),
    };
    let back = meaning;
    lines.candidate(at, Rule::Definition, Proposal::Card { front, back })
}

/// Says whether a line may be prose: neither heading, table, quotation, nor code that no fence marks.
fn is_prose(line: &Line<'_>) -> bool {
    let start = line.raw.trim_start();
    let marked = ["#", "|", ">", "[^", "<", "- [", "* ["]
        .iter()
        .any(|mark| start.starts_with(mark));
    let code = [
        "{", "}", ";", "<", "\"", "$", "\\", " #", "//", "/*", "!Ref", "!Sub", "](", "--",
    ];
    !line.code
        && !marked
        && !code.iter().any(|mark| line.text.contains(mark))
        && !is_talk(line.text)
        && !has_braces(line.text)
}

/// Splits a text at its first separator.
fn split(text: &str) -> Option<(&str, &'static str, &str)> {
    let first = SEPARATORS
        .iter()
        .filter_map(|separator| Some((text.find(separator)?, *separator)))
        .min_by_key(|(at, _)| *at)?;
    let (left, right) = text.split_once(first.1)?;
    // 「A = B: C」 and 「A → B → C」 are formulas and ways, not definitions.
    let clean = !SEPARATORS.iter().any(|s| *s != ": " && right.contains(s));
    clean.then_some((left, first.1, right))
}

fn is_term(term: &str) -> bool {
    let named = has_japanese(term) || term.chars().any(|c| c.is_ascii_uppercase());
    let sentence = term.contains([
        'は', 'を', 'が', '、', '。', '「', ',', '/', '@', '\'', '`', '+', '→',
    ]);
    let counted = term.starts_with(|c: char| c.is_numeric() || "(（[【①②③④⑤".contains(c));
    let label = LABEL.as_ref().is_none_or(|label| label.is_match(term));
    let clause = CLAUSE_ENDS.iter().any(|end| term.ends_with(end));
    TERM.contains(&length(term)) && named && !sentence && !counted && !label && !clause
}

/// Says whether a text tells something of a term: in Japanese, unless it is an answer to a cue, and not half a sentence.
fn is_meaning(meaning: &str, arrow: bool) -> bool {
    let japanese = meaning.chars().filter(|c| is_japanese(*c)).count();
    let enough = if arrow {
        japanese > 0 || meaning.chars().any(|c| c.is_ascii_uppercase())
    } else {
        japanese * 5 >= length(meaning) * 2
    };
    let half = meaning.ends_with([':', '：', '、', ',', '（', '(', '→']);
    let doing = [
        "する",
        "した",
        "しておく",
        "やる",
        "見る",
        "押す",
        "開く",
        "確認",
    ];
    // After an arrow a verb is what somebody did next, and a particle goes on with what stands before it.
    let goes_on =
        doing.iter().any(|end| meaning.ends_with(end)) || meaning.contains(['に', 'を', 'は']);
    // A time of day tells when something happened.
    let clock = CLOCK.as_ref().is_some_and(|clock| clock.is_match(meaning));
    let unfit = half || clock || (arrow && goes_on);
    enough && !unfit
}

/// Gives what stands before a term: the list item above it, or the heading, unless it names the term itself or is the
/// very line, as where a line with a colon is read as a heading. Then the next one out says what the term belongs to.
fn about(lines: &Lines<'_>, at: usize, (term, meaning): (&str, &str)) -> String {
    let headings = lines.headings.iter().rev().map(String::as_str);
    let parent = lines.parents(at).into_iter().next();
    let mut above = parent.into_iter().chain(headings);
    let own = |above: &&str| squeeze(above).contains(&squeeze(meaning));
    let above = match above.next() {
        Some(nearest) if own(&nearest) => above.find(|a| !own(a)).unwrap_or(lines.title),
        nearest => nearest.unwrap_or_default(),
    };
    let above = unmarked(above.trim_start_matches('#').trim());
    let above = above.trim_end_matches([':', '：']);
    let fits = (1..=LONGEST_HEADING).contains(&length(above));
    // 「レポートとアドバイザー › レポート は」 needs its heading; 「SQS とは › SQS は」 does not.
    let said = crate::text::fold(above).contains(&crate::text::fold(term))
        && length(above) <= 2 * length(term);
    if fits && !said && !own(&above) && !is_talk(above) && !has_braces(above) {
        format!("{above} › ")
    } else {
        String::new()
    }
}

/// Says whether a dash joins two ends rather than term and meaning: 「EC2 ― EBS 間の通信」.
fn between(meaning: &str) -> bool {
    let noun = meaning
        .split(['は', 'が', 'を', 'に', 'で', 'の', '、'])
        .next();
    noun.is_some_and(|noun| noun.contains('間') && !noun.contains("時間") && !noun.contains("期間"))
}

/// Says whether a sentence is about something else than its term: it begins with a subject of its own.
fn of_another(meaning: &str) -> bool {
    let Some((subject, rest)) = meaning.split_once('は') else {
        return false;
    };
    let name = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | 'ァ'..='ヴ' | 'ー' | '\u{4e00}'..='\u{9fff}')
    };
    (2..=16).contains(&length(subject)) && subject.chars().all(name) && !rest.starts_with('、')
}

fn is_japanese(c: char) -> bool {
    matches!(c, 'ぁ'..='ヿ' | '\u{4e00}'..='\u{9fff}' | '々')
}

fn has_japanese(text: &str) -> bool {
    text.chars().any(is_japanese)
}
