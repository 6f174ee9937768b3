//! Columns of passwords and tokens, in tables and in the files that consoles hand out.

use std::ops::Range;

use super::patterns::Strength;
use super::value;
use crate::text::fold;

/// The columns in which secrets stand.
#[derive(Debug)]
pub(super) struct Header {
    delimiter: char,
    columns: Vec<(usize, Strength)>,
}

/// Reads a line as the head of a table; `None` when it has no column for secrets.
pub(super) fn header(text: &str) -> Option<Header> {
    let delimiter = ['|', '\t', ','].into_iter().find(|c| text.contains(*c))?;
    let columns: Vec<(usize, Strength)> = text
        .split(delimiter)
        .enumerate()
        .filter_map(|(at, cell)| Some((at, kind(cell)?)))
        .collect();
    (!columns.is_empty()).then_some(Header { delimiter, columns })
}

fn kind(cell: &str) -> Option<Strength> {
    let name = fold(cell.trim_matches(|c: char| c.is_whitespace() || "\"'*`".contains(c)));
    match name.as_str() {
        "password" | "passwd" | "pw" | "パスワード" | "初期パスワード" | "パスフレーズ" => {
            Some(Strength::Password)
        }
        "token" | "トークン" | "api key" | "apikey" | "apiキー" | "secret" | "シークレット"
        | "access token" | "client secret" => Some(Strength::Token),
        _ => None,
    }
}

impl Header {
    /// Says whether a line is a row of the table.
    pub(super) fn covers(&self, text: &str) -> bool {
        text.contains(self.delimiter)
    }

    /// Finds the secrets of a row, in bytes.
    pub(super) fn secrets(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut start = 0;
        for (at, cell) in text.split(self.delimiter).enumerate() {
            let trim = |c: char| c.is_whitespace() || "\"'*`".contains(c);
            let bare = cell.trim_matches(trim);
            let before = cell.len() - cell.trim_start_matches(trim).len();
            let column = self.columns.iter().find(|(column, _)| *column == at);
            let plain = bare.chars().all(|c| c.is_ascii_graphic());
            if let Some((_, strength)) = column
                && plain
                && value::looks(bare, *strength)
            {
                found.push(start + before..start + before + bare.len());
            }
            start += cell.len() + self.delimiter.len_utf8();
        }
        found
    }
}
