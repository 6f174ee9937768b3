//! YAML, read in two ways: typed data through serde, and places in the text for findings.
//!
//! `serde_yaml` is the maintained, API-compatible fork named in `Cargo.toml`. Its values carry no positions, so
//! [`Spans`] parses the same text a second time with a spanned event parser and maps a path in the document
//! (`questions[3].options[0].text`) to line and column. Nothing outside this module names either parser.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, Span, SpannedEventReceiver};
use serde::Serialize;
use serde::de::DeserializeOwned;

mod nodes;

use nodes::place_of;

pub use nodes::{Document, Key, Node, NodeError, NodeKind, parse_nodes};
pub use serde_yaml::value::TaggedValue;
pub use serde_yaml::{Mapping, Number, Value};

/// Why a text is no YAML, or not the YAML that was expected; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct YamlError {
    /// What the parser found and what it expected, in its own words.
    pub message: String,
    /// Line of the place, from 1; 1 where the parser names none.
    pub line: usize,
    /// Column of the place in characters, from 1.
    pub column: usize,
}

impl From<serde_yaml::Error> for YamlError {
    fn from(error: serde_yaml::Error) -> Self {
        let (line, column) = error
            .location()
            .map_or((1, 1), |at| (at.line(), at.column()));
        let full = error.to_string();
        // The parser repeats the place at the end of its message; we show it in our own way.
        let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
        Self {
            message,
            line,
            column,
        }
    }
}

/// Reads typed data.
///
/// # Errors
/// When the text is no YAML or does not have the shape of `T`.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    serde_yaml::from_str(text).map_err(YamlError::from)
}

/// Turns a parsed value into typed data.
///
/// # Errors
/// When the value does not have the shape of `T`; the place is unknown then.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, YamlError> {
    serde_yaml::from_value(value).map_err(YamlError::from)
}

/// Writes typed data.
///
/// # Errors
/// When `T` cannot be written as YAML.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, YamlError> {
    serde_yaml::to_string(value).map_err(YamlError::from)
}

/// A place in a text; both numbers count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Where each value of a YAML document stands, by path: `a.b[0].c`; the root's path is empty.
#[derive(Debug, Clone, Default)]
pub struct Spans {
    places: BTreeMap<String, Place>,
}

impl Spans {
    /// Scans a text; what follows a syntax error is simply not known.
    pub fn scan(text: &str) -> Self {
        let mut receiver = Receiver::default();
        let mut parser = Parser::new_from_str(text);
        // A syntax error was or will be reported by the typed reader; the places up to it stay useful.
        drop(parser.load(&mut receiver, false));
        Self {
            places: receiver.places,
        }
    }

    /// Finds the place of a value, or of the nearest enclosing one.
    pub fn place(&self, path: &str) -> Option<Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(*place);
            }
            let cut = path.rfind(['.', '['])?;
            path = path.get(..cut)?;
        }
    }
}

/// One open collection while scanning.
enum Open {
    Sequence { path: String, next: usize },
    Mapping { path: String, key: Option<String> },
}

#[derive(Default)]
struct Receiver {
    places: BTreeMap<String, Place>,
    open: Vec<Open>,
}

impl Receiver {
    /// Gives the path of the value that begins now, or `None` when it is a mapping's key.
    fn path_of_next(&mut self) -> Option<String> {
        match self.open.last_mut() {
            None => Some(String::new()),
            Some(Open::Sequence { path, next }) => {
                let at = format!("{path}[{next}]");
                *next += 1;
                Some(at)
            }
            Some(Open::Mapping { path, key }) => key.take().map(|key| {
                if path.is_empty() {
                    key
                } else {
                    format!("{path}.{key}")
                }
            }),
        }
    }

    /// Notes a value; returns its path, or `None` for a collection that is itself a key.
    fn value(&mut self, span: Span) -> Option<String> {
        let path = self.path_of_next()?;
        self.places.entry(path.clone()).or_insert(place_of(span));
        Some(path)
    }
}

impl SpannedEventReceiver<'_> for Receiver {
    fn on_event(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::Scalar(text, ..) => {
                if let Some(Open::Mapping {
                    key: key @ None, ..
                }) = self.open.last_mut()
                {
                    *key = Some(text.into_owned());
                } else {
                    self.value(span);
                }
            }
            Event::Alias(_) => {
                self.value(span);
            }
            Event::SequenceStart(..) => {
                let path = self.value(span).unwrap_or_default();
                self.open.push(Open::Sequence { path, next: 0 });
            }
            Event::MappingStart(..) => {
                let path = self.value(span).unwrap_or_default();
                self.open.push(Open::Mapping { path, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_place() {
        let spans =
            Spans::scan("a: 1\nquestions:\n  - id: x\n    options:\n      - {id: a, text: 雲}\n");
        assert_eq!(
            spans.place("questions[0].id"),
            Some(Place { line: 3, column: 9 })
        );
        assert_eq!(
            spans.place("questions[0].options[0].text"),
            Some(Place {
                line: 5,
                column: 23
            })
        );
        assert_eq!(
            spans.place("questions[0].nothing"),
            spans.place("questions[0]")
        );
    }

    #[test]
    fn an_error_names_its_place() {
        let error = from_str::<Value>("a: [1\nb: 2\n").unwrap_err();
        assert!(
            error.line >= 1 && !error.message.contains("at line"),
            "{error:?}"
        );
    }

    #[test]
    fn short_forms_keep_their_tags() {
        let value: Value = from_str("!Sub '${A}'").unwrap();
        assert!(matches!(value, Value::Tagged(ref t) if t.tag == "Sub"));
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        use std::fmt::Write as _;
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for i in 1..12 {
            let inner = vec![format!("*a{}", i - 1); 9].join(",");
            writeln!(bomb, "a{i}: &a{i} [{inner}]").unwrap();
        }
        assert!(from_str::<Value>(&bomb).is_err());
    }
}
