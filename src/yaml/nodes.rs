//! YAML as nodes with places, tags and spelling; aliases are written out within limits.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{Place, YamlError};

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

pub(super) fn place_of(span: Span) -> Place {
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
}
