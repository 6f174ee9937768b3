//! YAML, read in two ways: typed data through serde, and places in the text for findings.
//!
//! `serde_yaml` is the maintained, API-compatible fork named in `Cargo.toml`. Its values carry no positions, so
//! [`Spans`] parses the same text a second time with a spanned event parser and maps a path in the document
//! (`questions[3].options[0].text`) to line and column. Nothing outside this module names either parser.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, SpannedEventReceiver};
use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// A value with its place, tag and spelling, for files whose every part may be named in a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// Its own tag without the exclamation mark (`Sub` of `!Sub`), unless it is one of YAML's.
    pub tag: Option<String>,
    /// What it holds.
    pub kind: NodeKind,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Text as written; `plain` when it stood without quotes and may be a number, truth value or null.
    Scalar {
        /// The text without its quotes.
        text: String,
        /// Whether it stood without quotes.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in order, with the place of each key. Keys may repeat: whoever reads decides.
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where it begins.
    pub place: Place,
    /// The key.
    pub name: String,
}

/// Why a text gives no [`Node`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// No YAML.
    #[error(transparent)]
    Syntax(#[from] YamlError),
    /// Nested deeper than allowed.
    #[error("nested deeper than {limit} levels (line {})", place.line)]
    TooDeep {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// More values than allowed once aliases are written out.
    #[error("more than {limit} values once aliases are written out (line {})", place.line)]
    TooMany {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// A key that is a list or a mapping.
    #[error("a key must be text (line {})", place.line)]
    KeyIsNoText {
        /// Where the key stands.
        place: Place,
    },
}

/// A parsed document and what it used of YAML's extras.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The first document of the text; an empty text gives an empty scalar.
    pub root: Node,
    /// Where the first alias stands, if there is one; aliases are written out in `root`.
    pub first_alias: Option<Place>,
    /// Where a second document begins, if there is one; it is not read.
    pub second_document: Option<Place>,
}

/// Reads the first document of a text into nodes, without recursion; aliases are written out within the limits.
///
/// # Errors
/// When the text is no YAML or passes one of the limits.
pub fn parse_nodes(text: &str, max_depth: usize, max_nodes: usize) -> Result<Document, NodeError> {
    let mut builder = Builder::new(max_depth, max_nodes);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_error(&error, max_depth))?;
        if !builder.take(event, place_of(span))? {
            break;
        }
    }
    Ok(builder.finish())
}

/// The scanner has a limit of its own for nested flow collections, which it meets before our count does.
fn scan_error(error: &saphyr_parser::ScanError, limit: usize) -> NodeError {
    let place = Place {
        line: error.marker().line(),
        column: error.marker().col() + 1,
    };
    if error.info().contains("recursion limit") {
        return NodeError::TooDeep { place, limit };
    }
    NodeError::Syntax(YamlError {
        message: error.info().to_owned(),
        line: place.line,
        column: place.column,
    })
}

fn place_of(span: Span) -> Place {
    Place {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

/// A collection that is still open while nodes are built.
struct OpenNode {
    node: Node,
    key: Option<Key>,
    anchor: usize,
    size: usize,
    /// How many levels it has below itself.
    height: usize,
}

/// Bytes of text that weigh as much as one more value: an alias must not multiply long texts either.
const BYTES_PER_NODE: usize = 100;

/// A node under an anchor, with its size and the levels in it.
struct Anchored {
    node: Node,
    size: usize,
    height: usize,
}

struct Builder {
    max_depth: usize,
    max_nodes: usize,
    nodes: usize,
    open: Vec<OpenNode>,
    anchors: BTreeMap<usize, Anchored>,
    root: Option<Node>,
    first_alias: Option<Place>,
    second_document: Option<Place>,
}

impl Builder {
    const fn new(max_depth: usize, max_nodes: usize) -> Self {
        Self {
            max_depth,
            max_nodes,
            nodes: 0,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            root: None,
            first_alias: None,
            second_document: None,
        }
    }

    /// Takes an event; says whether to go on.
    fn take(&mut self, event: Event<'_>, place: Place) -> Result<bool, NodeError> {
        let own_tag = |tag: Option<std::borrow::Cow<'_, saphyr_parser::Tag>>| {
            tag.filter(|tag| tag.handle == "!" && !tag.suffix.is_empty())
                .map(|tag| tag.suffix.clone())
        };
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                self.second_document = Some(place);
                return Ok(false);
            }
            Event::Scalar(text, style, anchor, tag) => {
                // `!!str 1` is text, as if it stood in quotes.
                let plain = style == ScalarStyle::Plain
                    && !tag
                        .as_ref()
                        .is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let size = 1 + text.len() / BYTES_PER_NODE;
                let node = Node {
                    place,
                    tag: own_tag(tag),
                    kind: NodeKind::Scalar {
                        text: text.into_owned(),
                        plain,
                    },
                };
                self.count(size, place)?;
                self.close(node, anchor, size, 0)?;
            }
            Event::Alias(anchor) => {
                self.first_alias.get_or_insert(place);
                if let Some(anchored) = self.anchors.get(&anchor) {
                    let (size, height) = (anchored.size, anchored.height);
                    if self.open.len() + height > self.max_depth {
                        return Err(self.too_deep(place));
                    }
                    let node = anchored.node.clone();
                    self.count(size, place)?;
                    self.close(Node { place, ..node }, 0, size, height)?;
                } else {
                    return Err(YamlError {
                        message: "an alias to something that is not complete".to_owned(),
                        line: place.line,
                        column: place.column,
                    }
                    .into());
                }
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(place, own_tag(tag), NodeKind::Sequence(Vec::new()), anchor)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.open(place, own_tag(tag), NodeKind::Mapping(Vec::new()), anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(done) = self.open.pop() {
                    self.close(done.node, done.anchor, done.size, done.height + 1)?;
                }
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(true)
    }

    fn count(&mut self, size: usize, place: Place) -> Result<(), NodeError> {
        self.nodes = self.nodes.saturating_add(size);
        if self.nodes > self.max_nodes {
            return Err(NodeError::TooMany {
                place,
                limit: self.max_nodes,
            });
        }
        Ok(())
    }

    fn open(
        &mut self,
        place: Place,
        tag: Option<String>,
        kind: NodeKind,
        anchor: usize,
    ) -> Result<(), NodeError> {
        if self.open.len() >= self.max_depth {
            return Err(self.too_deep(place));
        }
        self.count(1, place)?;
        self.open.push(OpenNode {
            node: Node { place, tag, kind },
            key: None,
            anchor,
            size: 1,
            height: 0,
        });
        Ok(())
    }

    const fn too_deep(&self, place: Place) -> NodeError {
        NodeError::TooDeep {
            place,
            limit: self.max_depth,
        }
    }

    /// Puts a finished node where it belongs.
    fn close(
        &mut self,
        node: Node,
        anchor: usize,
        size: usize,
        height: usize,
    ) -> Result<(), NodeError> {
        if anchor > 0 {
            let anchored = Anchored {
                node: node.clone(),
                size,
                height,
            };
            self.anchors.insert(anchor, anchored);
        }
        let Some(parent) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        parent.size += size;
        parent.height = parent.height.max(height);
        match (&mut parent.node.kind, parent.key.take()) {
            (NodeKind::Sequence(items), _) => items.push(node),
            (NodeKind::Mapping(entries), Some(key)) => entries.push((key, node)),
            (NodeKind::Mapping(_), None) => match node.kind {
                NodeKind::Scalar { text, .. } => {
                    parent.key = Some(Key {
                        place: node.place,
                        name: text,
                    });
                }
                NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                    return Err(NodeError::KeyIsNoText { place: node.place });
                }
            },
            (NodeKind::Scalar { .. }, _) => {}
        }
        Ok(())
    }

    fn finish(self) -> Document {
        Document {
            root: self.root.unwrap_or(Node {
                place: Place { line: 1, column: 1 },
                tag: None,
                kind: NodeKind::Scalar {
                    text: String::new(),
                    plain: true,
                },
            }),
            first_alias: self.first_alias,
            second_document: self.second_document,
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
    fn nodes_keep_tags_places_and_spelling() {
        let document = parse_nodes("a: !Sub '${B}'\nb: &x [1, '1']\nc: *x\n", 10, 100).unwrap();
        let NodeKind::Mapping(entries) = &document.root.kind else {
            panic!("{document:?}");
        };
        assert_eq!(entries[0].1.tag.as_deref(), Some("Sub"));
        assert_eq!(entries[2].1.kind, entries[1].1.kind);
        assert_eq!(document.first_alias, Some(Place { line: 3, column: 4 }));
        let NodeKind::Sequence(items) = &entries[1].1.kind else {
            panic!("{document:?}");
        };
        let plain = |n: &Node| matches!(n.kind, NodeKind::Scalar { plain, .. } if plain);
        assert!(plain(&items[0]) && !plain(&items[1]));
    }

    #[test]
    fn nodes_have_limits() {
        use std::fmt::Write as _;
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        assert!(parse_nodes(&deep, 100, 1_000_000).is_err());
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for i in 1..12 {
            let inner = vec![format!("*a{}", i - 1); 9].join(",");
            writeln!(bomb, "a{i}: &a{i} [{inner}]").unwrap();
        }
        assert!(matches!(
            parse_nodes(&bomb, 100, 100_000),
            Err(NodeError::TooMany { .. })
        ));
        // Long texts count as many values, and levels made by aliases as levels.
        let long = format!(
            "a: &a {}\nb: [{}]\n",
            "y".repeat(10_000),
            vec!["*a"; 2000].join(",")
        );
        assert!(matches!(
            parse_nodes(&long, 100, 100_000),
            Err(NodeError::TooMany { .. })
        ));
        let mut chain = String::from("a0: &a0 x\n");
        for i in 1..150 {
            writeln!(chain, "a{i}: &a{i} [*a{}]", i - 1).unwrap();
        }
        assert!(matches!(
            parse_nodes(&chain, 100, 100_000),
            Err(NodeError::TooDeep {
                place: Place { line: 101, .. },
                ..
            })
        ));
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
