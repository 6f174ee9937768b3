//! Sentences with blanks: `既定 {{4 日|4日間}}、最大 {{14 日}}。`

use serde::{Deserialize, Serialize};

/// A piece of a cloze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Piece {
    /// Text that is shown.
    Text(String),
    /// A blank with its accepted answers, the first being the one that is shown.
    Blank(Vec<String>),
}

/// A sentence with at least one blank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cloze {
    /// The pieces in order.
    pub pieces: Vec<Piece>,
}

/// Why a text is no cloze.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCloze {
    /// No `{{…}}` stands in it.
    #[error("no blank")]
    NoBlank,
    /// A `{{` is never closed.
    #[error("a blank is not closed")]
    Open,
    /// A blank or one of its variants is empty.
    #[error("a blank is empty")]
    Empty,
}

impl Cloze {
    /// Reads a text.
    ///
    /// # Errors
    /// When it has no blank, or a blank is empty or not closed.
    pub fn parse(text: &str) -> Result<Self, BadCloze> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, tail) = after.split_once("}}").ok_or(BadCloze::Open)?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let variants: Vec<String> = inside.split('|').map(|v| v.trim().to_owned()).collect();
            if variants.iter().any(String::is_empty) {
                return Err(BadCloze::Empty);
            }
            pieces.push(Piece::Blank(variants));
            rest = tail;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        if pieces.iter().any(|p| matches!(p, Piece::Blank(_))) {
            Ok(Self { pieces })
        } else {
            Err(BadCloze::NoBlank)
        }
    }

    /// Walks over the blanks with their accepted answers.
    pub fn blanks(&self) -> impl Iterator<Item = &[String]> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Blank(variants) => Some(variants.as_slice()),
            Piece::Text(_) => None,
        })
    }

    /// Gives the sentence with its blanks hidden; several blanks are numbered.
    pub fn masked(&self) -> String {
        let several = self.blanks().count() > 1;
        let mut number = 0;
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Blank(_) => {
                    number += 1;
                    if several {
                        format!("[{number}:____]")
                    } else {
                        "[____]".to_owned()
                    }
                }
            })
            .collect()
    }

    /// Gives the sentence with its blanks filled, each in 「」.
    pub fn filled(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Blank(variants) => {
                    format!("「{}」", variants.first().map_or("", String::as_str))
                }
            })
            .collect()
    }

    /// Says for each blank whether what was typed fills it; missing answers are wrong.
    pub fn check(&self, typed: &[String]) -> Vec<bool> {
        self.blanks()
            .enumerate()
            .map(|(at, variants)| {
                let given = typed.get(at).map(|t| squeeze(t)).unwrap_or_default();
                !given.is_empty() && variants.iter().any(|v| squeeze(v) == given)
            })
            .collect()
    }
}

/// Folds away what does not matter in a typed answer: width, case, spaces, thousands separators, long-vowel marks.
fn squeeze(text: &str) -> String {
    let folded = crate::text::fold(text);
    folded
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '、' | '。' | 'ー' | '・'))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_are_found_and_hidden() {
        let cloze = Cloze::parse("既定 {{4 日}}、最大 {{14 日|2週間}}。").unwrap();
        assert_eq!(cloze.masked(), "既定 [1:____]、最大 [2:____]。");
        assert_eq!(cloze.filled(), "既定 「4 日」、最大 「14 日」。");
        let typed = |a: &str, b: &str| cloze.check(&[a.to_owned(), b.to_owned()]);
        assert_eq!(typed("４日", "2 週間"), [true, true]);
        assert_eq!(typed("4日", "15日"), [true, false]);
        assert_eq!(cloze.check(&[]), [false, false]);
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(Cloze::parse("なし"), Err(BadCloze::NoBlank));
        assert_eq!(Cloze::parse("a {{b"), Err(BadCloze::Open));
        assert_eq!(Cloze::parse("a {{b|}}"), Err(BadCloze::Empty));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[a{}|雲 ]{0,30}") {
            if let Ok(cloze) = Cloze::parse(&text) {
                prop_assert!(cloze.blanks().count() > 0);
                let first: Vec<String> = cloze.blanks().map(|b| b[0].clone()).collect();
                prop_assert_eq!(cloze.check(&first).len(), first.len());
            }
        }
    }
}
