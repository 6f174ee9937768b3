//! What the user typed: words, phrases in 「」 or "", exclusions with `-`, and filters.

use jiff::civil::Date;

use crate::exam::Exam;
use crate::text::{fold, narrow};

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// Everywhere.
    #[default]
    All,
    /// In the user's own notes.
    Mine,
    /// In the bundled library.
    Bundled,
    /// In files whose path has this part, folded.
    Path(String),
}

impl Place {
    /// Reads the value of `in:`.
    pub fn read(text: &str) -> Self {
        match fold(text.trim()).as_str() {
            "all" | "すべて" | "全部" | "" => Self::All,
            "mine" | "自分" | "own" => Self::Mine,
            "bundled" | "付属" | "同梱" => Self::Bundled,
            // The paths of notes are whole ones; what is typed is a part of them.
            path => Self::Path(
                path.trim_start_matches("./")
                    .trim_start_matches('~')
                    .to_owned(),
            ),
        }
    }
}

/// What limits the search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters {
    /// Only notes for this exam.
    pub exam: Option<Exam>,
    /// Only sections that mention all of these services, as typed.
    pub services: Vec<String>,
    /// Where to look.
    pub place: Place,
    /// Only documents written before this day.
    pub before: Option<Date>,
}

/// A query, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The words, phrases included, as one text.
    pub text: String,
    /// Texts that must occur as they are.
    pub phrases: Vec<String>,
    /// Texts that must not occur.
    pub excluded: Vec<String>,
    /// Words behind a minus that may be options of a command (`du -sm`): looked for where the notes have them so, and
    /// else excluded.
    pub options: Vec<String>,
    /// What limits the search.
    pub filters: Filters,
}

/// Why a query cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is nothing to look for.
    #[error("the query is empty")]
    Empty,
    /// `exam:` names no exam.
    #[error("`{given}` is no exam")]
    Exam {
        /// The value as typed.
        given: String,
    },
    /// `before:` names no day.
    #[error("`{given}` is no date")]
    Date {
        /// The value as typed.
        given: String,
    },
}

/// Letters of the longest short option.
const OPTION: usize = 4;

/// Longest query that is looked at, in characters; what follows is ignored.
const LONGEST: usize = 1000;

impl Query {
    /// Takes a query apart.
    ///
    /// # Errors
    /// When a filter's value is wrong.
    pub fn parse(given: &str) -> Result<Self, QueryError> {
        let given: String = given.chars().take(LONGEST).collect();
        let mut query = Self::default();
        let mut words: Vec<String> = Vec::new();
        let mut command = false;
        for piece in pieces(&given) {
            let option = command && matches!(&piece, Piece::Excluded(text) if is_option(text));
            command = match &piece {
                Piece::Word(word) => is_command(word),
                _ => option,
            };
            match piece {
                Piece::Excluded(text) if option => query.options.push(text),
                Piece::Phrase(phrase) => {
                    words.push(phrase.clone());
                    query.phrases.push(phrase);
                }
                Piece::Excluded(text) => query.excluded.push(text),
                Piece::Word(word) => {
                    if !query.filter(&word)? {
                        words.push(word);
                    }
                }
            }
        }
        query.text = words.join(" ");
        Ok(query)
    }

    /// Says whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        !self.text.chars().any(char::is_alphanumeric)
    }

    fn filter(&mut self, word: &str) -> Result<bool, QueryError> {
        let narrow = narrow(word);
        let Some((name, value)) = narrow.split_once(':') else {
            return Ok(false);
        };
        // `AWS::S3::Bucket` is a word.
        if value.is_empty() || value.starts_with(':') {
            return Ok(false);
        }
        match fold(name).as_str() {
            "exam" | "試験" => self.filters.exam = Some(read_exam(value)?),
            "service" | "サービス" => self.filters.services.push(value.to_owned()),
            "in" | "場所" => self.filters.place = Place::read(value),
            "before" | "以前" => self.filters.before = Some(read_date(value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn read_exam(value: &str) -> Result<Exam, QueryError> {
    value.parse().map_err(|_| QueryError::Exam {
        given: value.to_owned(),
    })
}

/// Reads a day, a month or a year; the latter two mean their first day.
fn read_date(value: &str) -> Result<Date, QueryError> {
    let bad = || QueryError::Date {
        given: value.to_owned(),
    };
    let mut parts = value.split(['-', '/', '.']);
    let year = parts
        .next()
        .and_then(|p| p.parse::<i16>().ok())
        .ok_or_else(bad)?;
    let mut next = || match parts.next() {
        Some(part) => part.parse::<i8>().map_err(|_| bad()),
        None => Ok(1),
    };
    let (month, day) = (next()?, next()?);
    Date::new(year, month, day).map_err(|_| bad())
}

enum Piece {
    Word(String),
    Phrase(String),
    Excluded(String),
}

/// Splits at spaces and quotation marks. An open quotation reaches to the end.
fn pieces(given: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = given.chars().peekable();
    let mut word = String::new();
    let close = |c: char| match c {
        '「' => Some('」'),
        '『' => Some('』'),
        '"' => Some('"'),
        '“' => Some('”'),
        '＂' => Some('＂'),
        _ => None,
    };
    while let Some(c) = chars.next() {
        if let Some(end) = close(c) {
            if awaits_value(&word) {
                // in:"My Notes"
                word.extend(chars.by_ref().take_while(|c| *c != end));
                flush(&mut word, &mut pieces);
                continue;
            }
            let excluded =
                word == "ー" || (word.chars().count() == 1 && word.starts_with(is_minus));
            if !excluded {
                flush(&mut word, &mut pieces);
            }
            word.clear();
            let mut phrase = String::new();
            for c in chars.by_ref() {
                if c == end {
                    break;
                }
                phrase.push(c);
            }
            let phrase = phrase.trim().to_owned();
            match (phrase.is_empty(), excluded) {
                (true, _) => {}
                (false, true) => pieces.push(Piece::Excluded(phrase)),
                (false, false) => pieces.push(Piece::Phrase(phrase)),
            }
        } else if c.is_whitespace() {
            // exam: SAA
            if !awaits_value(&word) {
                flush(&mut word, &mut pieces);
            }
        } else {
            word.push(c);
        }
    }
    flush(&mut word, &mut pieces);
    pieces
}

/// Says whether a sign is typed for a minus.
const fn is_minus(c: char) -> bool {
    matches!(c, '-' | '－' | '−' | '‐' | '‑' | '–')
}

/// Says whether a word may be a command's name.
fn is_command(word: &str) -> bool {
    let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./".contains(c);
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(sign)
}

/// Says whether what stands behind a minus may be an option of a command.
fn is_option(text: &str) -> bool {
    text.len() <= OPTION && text.chars().all(|c| c.is_ascii_lowercase())
}

/// Says whether a word is the name of a filter whose value is still to come.
fn awaits_value(word: &str) -> bool {
    let narrow = narrow(word);
    let name = narrow.strip_suffix(':').map(fold);
    let names = [
        "exam",
        "試験",
        "service",
        "サービス",
        "in",
        "場所",
        "before",
        "以前",
    ];
    name.is_some_and(|name| names.contains(&name.as_str()))
}

fn flush(word: &mut String, pieces: &mut Vec<Piece>) {
    let taken = std::mem::take(word);
    if taken.is_empty() {
        return;
    }
    let rest = taken.strip_prefix(is_minus);
    let option = |rest: &str| rest.is_empty() || (rest.len() == 1 && rest.is_ascii());
    match rest {
        // `--flag` is a word to look for; a word that begins with one hyphen is excluded, unless it is all there is
        // of a short option such as `-d`.
        Some(rest) if !rest.starts_with(is_minus) && !option(rest) => {
            pieces.push(Piece::Excluded(rest.to_owned()));
        }
        _ => pieces.push(Piece::Word(taken)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_part_of_a_query() {
        let query = Query::parse("踏み台 「セッション マネージャー」 -RDS exam:saa service:ec2 in:mine before:2021-01 --flag AWS::S3").unwrap();
        assert_eq!(query.text, "踏み台 セッション マネージャー --flag AWS::S3");
        assert_eq!(query.phrases, ["セッション マネージャー"]);
        assert_eq!(query.excluded, ["RDS"]);
        assert_eq!(query.filters.exam, Some(Exam::Saa));
        assert_eq!(query.filters.place, Place::Mine);
        assert_eq!(query.filters.before.unwrap().to_string(), "2021-01-01");
    }

    #[test]
    fn filters_as_people_type_them() {
        let query = |text: &str| Query::parse(text).unwrap();
        let path = |text: &str| Place::Path(text.to_owned());
        assert_eq!(
            query("in:/notes/a.md 料金").filters.place,
            path("/notes/a.md")
        );
        assert_eq!(query("in:./old 料金").filters.place, path("old"));
        assert_eq!(
            query("in:\"My Notes\" 料金").filters.place,
            path("my notes")
        );
        assert_eq!(query("exam: SAA 料金").filters.exam, Some(Exam::Saa));
        assert_eq!(
            query("https://example.com/ exam:").text,
            "https://example.com/ exam:"
        );
    }

    #[test]
    fn what_a_minus_excludes() {
        let excluded = |text: &str| Query::parse(text).unwrap().excluded;
        assert_eq!(excluded("暗号化 -鍵 −ssh ‐rdp"), ["鍵", "ssh", "rdp"]);
        assert!(excluded("docker run -d --rm -").is_empty());
        let query = Query::parse("du -sm | sort -rn").unwrap();
        assert_eq!(
            (query.text.as_str(), query.options.join(" ")),
            ("du | sort", "sm rn".to_owned())
        );
        assert_eq!(excluded("EC2 -rds 踏み台 -ssh"), ["rds", "ssh"]);
    }

    #[test]
    fn wrong_values_are_named() {
        assert_eq!(
            Query::parse("exam:xyz a"),
            Err(QueryError::Exam {
                given: "xyz".to_owned()
            })
        );
        assert!(matches!(
            Query::parse("before:昨日"),
            Err(QueryError::Date { .. })
        ));
        assert!(Query::parse("  「」 ").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_query_panics(text in "\\PC{0,60}") {
            drop(Query::parse(&text));
        }
    }
}
