//! `Fn::ForEach` of `AWS::LanguageExtensions`: unrolled before anything else sees the template.

use super::functions::Evaluator;
use crate::lab::finding::{Finding, Place};
use crate::lab::template::{Entry, Node, NodeKind};
use crate::lab::value::Value;
use crate::yaml::Key;

/// No sensible template unrolls to more than the limit of resources allows.
const MAX_ROUNDS: usize = 1000;

impl Evaluator<'_> {
    /// Unrolls the loops among the entries of a section.
    pub(super) fn unroll_section(&mut self, entries: &[Entry]) -> Vec<Entry> {
        let mut unrolled = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.name.starts_with("Fn::ForEach::") {
                unrolled.extend(self.unroll(&entry.name, entry.place, &entry.node));
            } else {
                unrolled.push(entry.clone());
            }
        }
        unrolled
    }

    /// Unrolls one loop: `[identifier, collection, {key: body}]`.
    pub(super) fn unroll(&mut self, name: &str, place: Place, node: &Node) -> Vec<Entry> {
        self.needs_extensions(name, place);
        let form = |this: &mut Self| {
            let finding = Finding::deny("function-form")
                .with("function", name)
                .with("needs", "[identifier, [values], {name: body}]");
            this.find(finding, place);
            Vec::new()
        };
        let NodeKind::Sequence(parts) = &node.kind else {
            return form(self);
        };
        let [identifier, collection, body] = parts.as_slice() else {
            return form(self);
        };
        let (NodeKind::Scalar { text: variable, .. }, NodeKind::Mapping(body)) =
            (&identifier.kind, &body.kind)
        else {
            return form(self);
        };
        let values = match self.node(collection) {
            Some(Value::List(items)) => items,
            Some(runtime @ Value::Runtime(_)) => {
                let finding = Finding::deny("loop-over-unknown")
                    .with("loop", name)
                    .with("collection", runtime);
                self.find(finding, place);
                return Vec::new();
            }
            _ => return form(self),
        };
        let mut texts = Vec::new();
        for value in &values {
            match value {
                Value::List(inner) => {
                    texts.extend(inner.iter().filter_map(Value::as_text).map(str::to_owned));
                }
                other => texts.extend(other.as_text().map(str::to_owned)),
            }
        }
        let mut unrolled = Vec::new();
        for text in texts {
            for (key, node) in body {
                if !self.spend(size(node), place) {
                    return unrolled;
                }
                let entry = Entry {
                    name: substitute(&key.name, variable, &text),
                    place: key.place,
                    node: replace(node, variable, &text),
                };
                if unrolled.len() >= MAX_ROUNDS {
                    return unrolled;
                }
                if entry.name.starts_with("Fn::ForEach::") {
                    let inner = self.unroll(&entry.name, entry.place, &entry.node);
                    unrolled.extend(inner);
                } else {
                    unrolled.push(entry);
                }
            }
        }
        unrolled
    }
}

/// Puts a loop's value into a text: `${Name}`, and `&{Name}` without its signs.
fn substitute(text: &str, variable: &str, value: &str) -> String {
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{variable}}}"), value)
        .replace(&format!("&{{{variable}}}"), &letters)
}

/// Gives the bytes of text in a node, and a little for each part.
fn size(node: &Node) -> usize {
    32 + match &node.kind {
        NodeKind::Scalar { text, .. } => text.len(),
        NodeKind::Sequence(items) => items.iter().map(size).sum(),
        NodeKind::Mapping(entries) => entries.iter().map(|(k, n)| k.name.len() + size(n)).sum(),
    }
}

fn replace(node: &Node, variable: &str, value: &str) -> Node {
    let kind = match &node.kind {
        NodeKind::Scalar { text, plain } => NodeKind::Scalar {
            text: substitute(text, variable, value),
            plain: *plain,
        },
        NodeKind::Sequence(items) => NodeKind::Sequence(
            items
                .iter()
                .map(|item| replace(item, variable, value))
                .collect(),
        ),
        NodeKind::Mapping(entries) => {
            if let [(key, argument)] = entries.as_slice()
                && key.name == "Ref"
                && matches!(&argument.kind, NodeKind::Scalar { text, .. } if text == variable)
            {
                NodeKind::Scalar {
                    text: value.to_owned(),
                    plain: false,
                }
            } else {
                NodeKind::Mapping(
                    entries
                        .iter()
                        .map(|(key, node)| {
                            let key = Key {
                                place: key.place,
                                name: substitute(&key.name, variable, value),
                            };
                            (key, replace(node, variable, value))
                        })
                        .collect(),
                )
            }
        }
    };
    Node {
        place: node.place,
        tag: None,
        kind,
    }
}
