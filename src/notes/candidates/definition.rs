//! 「XとはYです」, and 「Xとは」 as a heading with its answer below.

use super::{Candidate, Lines, Proposal, Rule, has_braces, is_talk, length, unmarked};

/// Lengths of a term and of what is said of it, in characters.
const TERM: std::ops::RangeInclusive<usize> = 2..=30;
const MEANING: std::ops::RangeInclusive<usize> = 10..=120;
/// What a term does not begin with: it points at something that stands elsewhere.
const POINTERS: [&str; 12] = [
    "これ",
    "それ",
    "この",
    "その",
    "ここ",
    "そもそも",
    "つまり",
    "まず",
    "では",
    "また",
    "なお",
    "あれ",
];

pub(super) fn find(lines: &Lines<'_>) -> Vec<Candidate> {
    (0..lines.all.len())
        .filter_map(|at| {
            let found = sentence(lines, at).or_else(|| below(lines, at));
            found.or_else(|| named_kind(lines, at))
        })
        .collect()
}

/// 「Xとは、Y。」 on one line.
fn sentence(lines: &Lines<'_>, at: usize) -> Option<Candidate> {
    let line = lines.all.get(at).filter(|line| !line.code)?;
    if line.raw.trim_start().starts_with('|') {
        return None;
    }
    let (term, rest) = line.text.split_once("とは")?;
    // 「気を付けたことは」 is 「こと」 and 「は」.
    if term.ends_with('こ') {
        return None;
    }
    // Without a comma 「とは」 may belong to anything, unless the term is marked as one.
    let marked = term.trim().ends_with("**") || term.trim().ends_with('」');
    let rest = rest
        .strip_prefix(['、', '，', ',', ':', '：', ' ', '　'])
        .or_else(|| (marked || is_kind(first_sentence(rest))).then_some(rest))?;
    // What follows the first full stop explains further; the definition is the first sentence.
    card(lines, at, term, first_sentence(rest))
}

/// What a definition that is a whole sentence ends with: the kind of thing that the term is.
const KINDS: [&str; 20] = [
    "サービス",
    "機能",
    "仕組み",
    "しくみ",
    "方式",
    "形式",
    "プロトコル",
    "ストレージ",
    "データベース",
    "キュー",
    "ゲートウェイ",
    "ファイアウォール",
    "アルゴリズム",
    "ツール",
    "フレームワーク",
    "コマンド",
    "ポリシー",
    "単位",
    "こと",
    "もの",
];

/// Says whether a sentence ends by naming a kind of thing: 「…のサービスである」.
fn is_kind(sentence: &str) -> bool {
    let sentence = sentence.trim_end();
    let ends = [
        "のことである",
        "のことです",
        "である",
        "です",
        "のこと",
        "だ",
    ];
    let end = ends.iter().find_map(|end| sentence.strip_suffix(end));
    let bare = end.unwrap_or(sentence);
    KINDS.iter().any(|kind| bare.ends_with(kind))
        || sentence.ends_with("のことです")
        || sentence.ends_with("のこと")
}

fn first_sentence(text: &str) -> &str {
    text.split('。').next().unwrap_or(text)
}

/// 「XはYのサービスである」 where X is a name.
fn named_kind(lines: &Lines<'_>, at: usize) -> Option<Candidate> {
    let line = lines.all.get(at).filter(|line| !line.code)?;
    let start = line.raw.trim_start();
    if start.starts_with(['|', '#', '>', '<']) {
        return None;
    }
    let (term, rest) = first_sentence(line.text).split_once('は')?;
    let rest = rest.trim_start_matches(['、', '，']);
    let name = unmarked(term);
    let name = name.trim();
    // A name: Latin or katakana, so that no phrase with particles comes in as one.
    let named = name.chars().all(|c| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '.' | '・' | 'ァ'..='ヴ' | 'ー')
    }) && name
        .chars()
        .any(|c| c.is_ascii_uppercase() || matches!(c, 'ァ'..='ヴ'));
    let bare = rest.trim_end();
    let kind = is_kind(bare)
        && !["こと", "もの", "ことです", "ものです"]
            .iter()
            .any(|e| bare.ends_with(e));
    (named && kind)
        .then(|| card(lines, at, term, rest))
        .flatten()
}

/// 「Xとは?」 on a line of its own, its answer on the next.
fn below(lines: &Lines<'_>, at: usize) -> Option<Candidate> {
    let line = lines.all.get(at).filter(|line| !line.code)?;
    let asked = line.text.trim_start_matches('#').trim();
    let asked = asked.trim_end_matches(['?', '？', '…', '.']);
    let term = asked
        .strip_suffix("とは")
        .or_else(|| asked.strip_suffix("とは何か"))?;
    let next = (at + 1..lines.all.len().min(at + 3)).find(|next| {
        lines
            .all
            .get(*next)
            .is_some_and(|line| !line.text.is_empty())
    })?;
    let answer = lines.all.get(next).filter(|line| !line.code)?;
    // An answer that opens a list or a table is only its beginning.
    let deeper = lines.all.get(next + 1).is_some_and(|after| {
        after
            .bullet
            .is_some_and(|depth| depth > answer.bullet.unwrap_or(0))
    });
    if deeper || answer.raw.trim_start().starts_with('|') || answer.text.ends_with([':', '：']) {
        return None;
    }
    card(lines, next, term, first_sentence(answer.text))
}

fn card(lines: &Lines<'_>, at: usize, term: &str, meaning: &str) -> Option<Candidate> {
    let term = unmarked(term.trim().trim_start_matches(['「', '【', '"', '#']))
        .trim_end_matches(['」', '】', '"'])
        .trim()
        .to_owned();
    let meaning = unmarked(meaning).trim().to_owned();
    let pointing = POINTERS.iter().any(|word| term.starts_with(word));
    // A relative clause (「…することとは」) or a whole sentence is no term.
    let clause =
        term.contains(['、', '。', '「']) || term.ends_with("こと") || term.ends_with('の');
    let fits = TERM.contains(&length(&term)) && MEANING.contains(&length(&meaning));
    let named = term.chars().any(|c| {
        c.is_ascii_alphabetic()
            || matches!(c, 'ァ'..='ヴ')
            || ('\u{4e00}'..='\u{9fff}').contains(&c)
    });
    if !fits
        || pointing
        || clause
        || !named
        || is_talk(&meaning)
        || is_talk(&term)
        || has_braces(&meaning)
    {
        return None;
    }
    // 「Xとは違う」「Xとは別に」 compares; it defines nothing.
    let compares = [
        "違", "異な", "別", "関係", "言え", "いえ", "限ら", "なに", "何",
    ];
    // 「…しています」 tells what something does just now; a definition names a kind of thing.
    let verb = ["ます", "ません", "ている", "ない"];
    if compares.iter().any(|word| meaning.starts_with(word))
        || verb.iter().any(|end| meaning.ends_with(end))
    {
        return None;
    }
    lines.candidate(
        at,
        Rule::Definition,
        Proposal::Card {
            front: format!("{term}とは"),
            back: meaning,
        },
    )
}
