//! Cells of tables whose rows and columns have names: 「A の B は」.

use super::{Candidate, Lines, Proposal, Rule, has_braces, is_talk, length, unmarked};

/// Longest names and cells, in characters.
const LONGEST_NAME: usize = 40;
const LONGEST_CELL: usize = 60;
/// Names of first columns that number or date the rows instead of naming them.
const NO_NAMES: [&str; 8] = ["no", "no.", "#", "手順", "番号", "日付", "年月", "順番"];
/// Columns that lead elsewhere or remark.
const NO_FACTS: [&str; 9] = [
    "備考",
    "url",
    "リンク",
    "参考",
    "出典",
    "メモ",
    "コメント",
    "感想",
    "例",
];

pub(super) fn find(lines: &Lines<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.all.len() {
        let Some(names) = header(lines, at) else {
            at += 1;
            continue;
        };
        at += 2;
        while let Some(cells) = lines.all.get(at).and_then(|line| row(line.raw)) {
            found.extend(cards(lines, at, &names, &cells));
            at += 1;
        }
    }
    found
}

/// Reads the names of the columns: a row above a row of hyphens.
fn header(lines: &Lines<'_>, at: usize) -> Option<Vec<String>> {
    let line = lines.all.get(at).filter(|line| !line.code)?;
    let names = row(line.raw)?;
    let rule = row(lines.all.get(at + 1)?.raw)?;
    let hyphens =
        |cell: &String| cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':' | ' '));
    let useful =
        names.len() >= 2 && !NO_NAMES.contains(&crate::text::fold(names.first()?).as_str());
    (useful && !rule.is_empty() && rule.iter().all(hyphens)).then_some(names)
}

/// Reads the cells of a row.
fn row(raw: &str) -> Option<Vec<String>> {
    let inside = raw.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = vec![String::new()];
    let mut chars = inside.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // An escaped bar is part of its cell.
            '\\' if chars.peek() == Some(&'|') => {
                chars.next();
                push(&mut cells, '|');
            }
            '|' => cells.push(String::new()),
            c => push(&mut cells, c),
        }
    }
    Some(cells.iter().map(|cell| unmarked(cell.trim())).collect())
}

fn push(cells: &mut [String], c: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(c);
    }
}

fn cards(lines: &Lines<'_>, at: usize, names: &[String], cells: &[String]) -> Vec<Candidate> {
    let Some((row, rest)) = cells.split_first() else {
        return Vec::new();
    };
    let is_name =
        |name: &str| !name.is_empty() && length(name) <= LONGEST_NAME && !has_braces(name);
    if !is_name(row) {
        return Vec::new();
    }
    let about = lines
        .heading
        .map(|heading| unmarked(heading.trim_start_matches('#').trim()))
        .filter(|heading| is_name(heading) && !row.contains(heading.as_str()))
        .map(|heading| format!("{heading} › "))
        .unwrap_or_default();
    let cards = names.iter().skip(1).zip(rest).filter_map(|(column, cell)| {
        let said = length(cell) >= 1 && length(cell) <= LONGEST_CELL && !has_braces(cell);
        let empty = matches!(
            cell.as_str(),
            "-" | "–" | "—" | "ー" | "－" | "?" | "？" | "N/A" | "同上"
        );
        let fact = !NO_FACTS.contains(&crate::text::fold(column).as_str());
        if !said || empty || !fact || !is_name(column) || is_talk(cell) || cell.contains("[^") {
            return None;
        }
        lines.candidate(
            at,
            Rule::Cell,
            Proposal::Card {
                front: format!("{about}{row} の {column} は"),
                back: cell.clone(),
            },
        )
    });
    cards.collect()
}
