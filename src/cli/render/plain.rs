//! Markdown of the library as plain text: what marks emphasis, headings, footnotes and tables is dropped, not the text.
//!
//! A table's row becomes a line of its own that names the columns, so that it can be wrapped like any other line.

/// Gives a section's Markdown as plain text. Code stays as it is, and literals keep their backticks.
pub(crate) fn plain(markdown: &str) -> String {
    let mut lines = Vec::new();
    let mut columns: Option<Vec<String>> = None;
    let (mut code, mut in_table) = (false, false);
    let mut rest = markdown.lines().peekable();
    while let Some(line) = rest.next() {
        if line.trim_start().starts_with("```") {
            code = !code;
            continue;
        }
        if code {
            lines.push(line.to_owned());
            continue;
        }
        if !line.trim_start().starts_with('|') {
            (columns, in_table) = (None, false);
            lines.push(text_line(line));
            continue;
        }
        let cells = cells(line);
        if is_rule(&cells) {
            continue;
        }
        if !in_table && rest.peek().is_some_and(|next| is_rule(&self::cells(next))) {
            columns = Some(cells);
        } else {
            lines.push(row(&cells, columns.as_deref()));
        }
        in_table = true;
    }
    lines.join("\n")
}

fn text_line(line: &str) -> String {
    let hashes = line.chars().take_while(|c| *c == '#').count();
    let heading = (hashes > 0).then(|| line.trim_start_matches('#'));
    if let Some(title) = heading.and_then(|title| title.strip_prefix(' ')) {
        let title = title.split(" {#").next().unwrap_or(title);
        return inline(title.trim());
    }
    match line
        .strip_prefix("[^")
        .and_then(|rest| rest.split_once("]:"))
    {
        Some((_, note)) => format!("※ {}", inline(note.trim())),
        None => inline(line),
    }
}

/// Drops `**`, footnote marks and the targets of links outside of literals.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, piece) in text.split('`').enumerate() {
        if at > 0 {
            out.push('`');
        }
        if at % 2 == 1 {
            out.push_str(piece);
        } else {
            out.push_str(&links(&piece.replace("**", "")));
        }
    }
    out
}

fn links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once(']') else {
            out.push('[');
            rest = after;
            continue;
        };
        let target = behind.strip_prefix('(').and_then(|t| t.split_once(')'));
        match target {
            _ if inside.starts_with('^') => {
                // A mark's space would stand alone at a line's start, or after a Japanese full stop.
                let alone = out.chars().next_back().is_none_or(|c| !c.is_ascii());
                rest = if alone { behind.trim_start() } else { behind };
            }
            Some((_, behind)) => {
                out.push_str(inside);
                rest = behind;
            }
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim().replace("\\|", "\u{0}");
    let line = line.strip_prefix('|').unwrap_or(&line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|')
        .map(|cell| inline(cell.replace('\u{0}', "|").trim()))
        .collect()
}

/// Says whether cells are the line between a table's head and its rows.
fn is_rule(cells: &[String]) -> bool {
    cells
        .iter()
        .all(|cell| cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':')))
}

fn row(cells: &[String], columns: Option<&[String]>) -> String {
    let named = cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty());
    let named: Vec<String> = named
        .map(|(at, cell)| match columns.and_then(|names| names.get(at)) {
            Some(name) if !name.is_empty() => format!("{name}: {cell}"),
            _ => cell.clone(),
        })
        .collect();
    format!("・{}", named.join(" / "))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn marks_are_dropped_and_text_stays() {
        assert_eq!(
            plain(
                "### 細目 {#sub}\n**強い**整合性[^lock]と[公式](https://x.y)、`a**b` と [注]\n\n[^lock]: **ロック**の話"
            ),
            "細目\n強い整合性と公式、`a**b` と [注]\n\n※ ロックの話"
        );
        assert_eq!(plain("[^a] 一。[^b] 二"), "一。二");
        assert_eq!(plain("#タグ"), "#タグ");
        assert_eq!(
            plain("```sh\naws s3 ls | cat **\n```"),
            "aws s3 ls | cat **"
        );
    }

    #[test]
    fn rows_of_a_table_name_their_columns() {
        let table = "| 種類 | 上限 |\n| --- | :-: |\n| 標準 | **120,000** |\n| FIFO | a \\| b |\n\n| 一 | 二 |";
        assert_eq!(
            plain(table),
            "・種類: 標準 / 上限: 120,000\n・種類: FIFO / 上限: a | b\n\n・一 / 二"
        );
    }
}
