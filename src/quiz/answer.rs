//! An answer as it is typed: `a`, `a,c`, `=4日`, `3`, with `?` 二択, `??` 勘, and `/k` `/r` `/t` for the cause of a miss.

use serde::{Deserialize, Serialize};

use super::card::Kind;
use super::present::Prompt;

/// How sure the learner was.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// Nothing was said.
    #[default]
    Sure,
    /// Two options seemed possible (二択).
    Hesitated,
    /// A guess (勘).
    Guessed,
}

/// Why an answer was wrong, in the learner's own judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The fact was not known (知識).
    Knowledge,
    /// The question was misread (読み違い).
    Reading,
    /// Time ran short (時間).
    Time,
}

impl Cause {
    /// Reads the one key that names a cause: `k`, `r`, `t`, or the first sign of the Japanese word.
    pub fn of_key(key: &str) -> Option<Self> {
        match crate::text::fold(key).trim() {
            "k" | "知" | "知識" | "1" => Some(Self::Knowledge),
            "r" | "読" | "読み違い" | "2" => Some(Self::Reading),
            "t" | "時" | "時間" | "3" => Some(Self::Time),
            _ => None,
        }
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// Options of the bank, by id, in alphabetical order.
    Chosen(Vec<String>),
    /// Texts for the blanks.
    Typed(Vec<String>),
    /// The learner's own rating of a card, 1 to 4.
    Rated(u8),
}

/// An answer with what was said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was answered.
    pub response: Response,
    /// How sure the learner was.
    pub sureness: Sureness,
    /// Why it would be wrong, said beforehand.
    pub cause: Option<Cause>,
}

/// Why a line answers nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// Nothing was typed.
    #[error("the answer is empty")]
    Empty,
    /// A letter or number names no option.
    #[error("`{given}` is none of the options {known}")]
    NoSuchOption {
        /// What was typed.
        given: String,
        /// The labels that are shown, joined by commas.
        known: String,
    },
    /// Too few or too many options were chosen.
    #[error("{given} options were chosen, the question asks for {wanted}")]
    Count {
        /// How many were chosen.
        given: usize,
        /// How many the question asks for.
        wanted: usize,
    },
    /// A card is rated 1 to 4.
    #[error("`{given}` is no rating from 1 to 4")]
    NoRating {
        /// What was typed.
        given: String,
    },
}

impl Answer {
    /// Reads a line as the answer to a prompt.
    ///
    /// A person who chose too few options has slipped and is told so (`strict`); in a script the line is the
    /// answer, and a wrong one.
    ///
    /// # Errors
    /// When the line answers nothing, or not this question.
    pub fn parse(line: &str, prompt: &Prompt, strict: bool) -> Result<Self, BadAnswer> {
        let narrow = crate::text::narrow(line);
        let (rest, cause) = split_cause(narrow.trim());
        let (rest, sureness) = split_sureness(rest);
        let rest = rest.trim();
        let response = match prompt.kind {
            Kind::Single | Kind::Multiple => Response::Chosen(chosen(rest, prompt, strict)?),
            Kind::Card => Response::Rated(rated(rest)?),
            Kind::Cloze => Response::Typed(typed(rest, prompt.choose)?),
        };
        Ok(Self {
            response,
            sureness,
            cause,
        })
    }
}

fn split_cause(line: &str) -> (&str, Option<Cause>) {
    if let Some((rest, key)) = line.rsplit_once('/')
        && let Some(cause) = match key.trim() {
            "k" | "K" => Some(Cause::Knowledge),
            "r" | "R" => Some(Cause::Reading),
            "t" | "T" => Some(Cause::Time),
            _ => None,
        }
    {
        return (rest.trim_end(), Some(cause));
    }
    (line, None)
}

fn split_sureness(line: &str) -> (&str, Sureness) {
    if let Some(rest) = line.strip_suffix("??") {
        (rest, Sureness::Guessed)
    } else if let Some(rest) = line.strip_suffix('?') {
        (rest, Sureness::Hesitated)
    } else {
        (line, Sureness::Sure)
    }
}

fn chosen(text: &str, prompt: &Prompt, strict: bool) -> Result<Vec<String>, BadAnswer> {
    let mut choices = Vec::new();
    let signs = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '、' | '，' | '・' | '+' | '.'));
    for sign in signs {
        let label = sign.to_lowercase().to_string();
        let by_place = label
            .parse::<usize>()
            .ok()
            .and_then(|n| prompt.options.get(n.checked_sub(1)?));
        let option = prompt.options.iter().find(|o| o.id == label).or(by_place);
        let Some(option) = option else {
            let mut known: Vec<&str> = prompt.options.iter().map(|o| o.id.as_str()).collect();
            known.sort_unstable();
            return Err(BadAnswer::NoSuchOption {
                given: text.to_owned(),
                known: known.join(","),
            });
        };
        if !choices.contains(&option.choice) {
            choices.push(option.choice.clone());
        }
    }
    choices.sort();
    if choices.is_empty() {
        Err(BadAnswer::Empty)
    } else if choices.len() == prompt.choose || !strict {
        Ok(choices)
    } else {
        Err(BadAnswer::Count {
            given: choices.len(),
            wanted: prompt.choose,
        })
    }
}

fn rated(text: &str) -> Result<u8, BadAnswer> {
    match text {
        "" => Err(BadAnswer::Empty),
        "1" | "a" | "A" => Ok(1),
        "2" | "b" | "B" => Ok(2),
        "3" | "c" | "C" => Ok(3),
        "4" | "d" | "D" => Ok(4),
        _ => Err(BadAnswer::NoRating {
            given: text.to_owned(),
        }),
    }
}

/// Splits the texts for several blanks at `|`, or at commas when that gives just as many as there are blanks.
fn typed(text: &str, blanks: usize) -> Result<Vec<String>, BadAnswer> {
    let text = text.strip_prefix('=').unwrap_or(text).trim();
    if text.is_empty() {
        return Err(BadAnswer::Empty);
    }
    let split = |at: &[char]| -> Vec<String> {
        text.split(|c| at.contains(&c))
            .map(|t| t.trim().to_owned())
            .collect()
    };
    let commas = split(&[',', '、']);
    Ok(
        if blanks > 1 && !text.contains('|') && commas.len() == blanks {
            commas
        } else if blanks > 1 {
            split(&['|'])
        } else {
            vec![text.to_owned()]
        },
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bank::tests::{GOOD, reference};
    use super::super::{BankFile, Labels};
    use super::*;

    fn prompts() -> Vec<Prompt> {
        BankFile::read("x", GOOD, &reference())
            .cards
            .iter()
            .map(|card| Prompt::of(card, "0", Labels::Ids))
            .collect()
    }

    #[test]
    fn lines_are_read_in_any_width_with_their_suffixes() {
        let prompts = prompts();
        let chosen = |line: &str, at: usize| match Answer::parse(line, &prompts[at], true) {
            Ok(answer) => match answer.response {
                Response::Chosen(ids) => (ids.concat(), answer.sureness, answer.cause),
                other => panic!("{other:?}"),
            },
            Err(error) => panic!("{error}"),
        };
        assert_eq!(chosen("a", 0), ("a".into(), Sureness::Sure, None));
        assert_eq!(
            chosen("Ｂ？？／ｋ", 0),
            ("b".into(), Sureness::Guessed, Some(Cause::Knowledge))
        );
        assert_eq!(chosen("c,a?", 1), ("ac".into(), Sureness::Hesitated, None));
        assert_eq!(chosen("ｃ　ａ", 1).0, "ac");
        let first = prompts[0].options[0].choice.clone();
        assert_eq!(
            chosen("1 /t", 0),
            (first, Sureness::Sure, Some(Cause::Time))
        );
        assert_eq!(
            Answer::parse("３", &prompts[2], true).unwrap().response,
            Response::Rated(3)
        );
        let blanks = Response::Typed(vec!["4日".into(), "14日".into()]);
        for line in ["=4日|14日", "4日、14日"] {
            assert_eq!(
                Answer::parse(line, &prompts[3], true).unwrap().response,
                blanks
            );
        }
    }

    #[test]
    fn what_answers_nothing_says_why() {
        let prompts = prompts();
        let error = |line: &str, at: usize| Answer::parse(line, &prompts[at], true).unwrap_err();
        assert_eq!(error(" ", 0), BadAnswer::Empty);
        assert!(
            matches!(error("z", 0), BadAnswer::NoSuchOption { known, .. } if known == "a,b,c,d")
        );
        assert_eq!(
            error("a", 1),
            BadAnswer::Count {
                given: 1,
                wanted: 2
            }
        );
        assert!(Answer::parse("a", &prompts[1], false).is_ok());
        assert!(matches!(error("5", 2), BadAnswer::NoRating { .. }));
        assert_eq!(error("=", 3), BadAnswer::Empty);
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in "\\PC{0,12}", at in 0_usize..4) {
            drop(Answer::parse(&line, &prompts()[at], at % 2 == 0));
        }
    }
}
