//! `Fn::Sub` and `{{resolve:…}}`: names inside texts.

use std::collections::BTreeMap;

use super::Evaluator;
use crate::lab::finding::Place;
use crate::lab::template::{Node, NodeKind, child};
use crate::lab::value::{Expression, Value, fold};

impl Evaluator<'_> {
    pub(super) fn substitution(&mut self, argument: &Node, place: Place) -> Value {
        const FORM: &str = "text, or [text, {name: value}]";
        let mut own: BTreeMap<String, Value> = BTreeMap::new();
        let text = match &argument.kind {
            NodeKind::Scalar { text, .. } => text.clone(),
            NodeKind::Sequence(items) => {
                let Some(NodeKind::Scalar { text, .. }) = items.first().map(|node| &node.kind)
                else {
                    return self.misuse("Fn::Sub", FORM, place);
                };
                if let Some(node) = items.get(1) {
                    match &node.kind {
                        NodeKind::Mapping(entries) => {
                            for (key, value) in entries {
                                let value = self.node(value).unwrap_or(Value::Null);
                                own.insert(key.name.clone(), value);
                            }
                        }
                        NodeKind::Scalar { .. } | NodeKind::Sequence(_) => {
                            return self.misuse("Fn::Sub", FORM, place);
                        }
                    }
                }
                text.clone()
            }
            // The text comes from a macro: that is what cannot be done here.
            NodeKind::Mapping(_) if child(argument, "Fn::Transform").is_some() => {
                return self.node(argument).unwrap_or(Value::Null);
            }
            NodeKind::Mapping(_) => return self.misuse("Fn::Sub", FORM, place),
        };
        let mut parts = Vec::new();
        for piece in pieces(&text) {
            match piece {
                Piece::Text(text) => {
                    if text.contains("{{resolve:") {
                        parts.extend(dynamic_references(text));
                    } else {
                        parts.push(Value::text(text));
                    }
                }
                Piece::Escaped(name) => parts.push(Value::String(format!("${{{name}}}"))),
                Piece::Name(name) => {
                    let value = match own.get(name) {
                        Some(value) => value.clone(),
                        None => self.named_or_attribute(name, place),
                    };
                    parts.push(value);
                }
            }
        }
        let joined = fold::concat(parts);
        self.folded(joined, "Fn::Sub", place)
    }

    fn named_or_attribute(&mut self, name: &str, place: Place) -> Value {
        if name == "AWS::NoValue" {
            return Value::text("");
        }
        match name.split_once('.') {
            Some((id, attribute)) => {
                self.refer(id, place);
                Expression::GetAtt {
                    logical_id: id.to_owned(),
                    attribute: Value::text(attribute),
                }
                .into()
            }
            None => self.named(name, place),
        }
    }
}

/// A piece of the text of `Fn::Sub`.
enum Piece<'a> {
    Text(&'a str),
    Escaped(&'a str),
    Name(&'a str),
}

/// Cuts the text of `Fn::Sub` at its `${…}`; what is no name stays text, as in shell code.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let Some((before, after)) = rest.split_once("${") else {
            pieces.push(Piece::Text(rest));
            return pieces;
        };
        pieces.push(Piece::Text(before));
        let Some((inside, tail)) = after.split_once('}') else {
            pieces.push(Piece::Text("${"));
            pieces.push(Piece::Text(after));
            return pieces;
        };
        if let Some(literal) = inside.strip_prefix('!') {
            pieces.push(Piece::Escaped(literal));
        } else {
            pieces.push(Piece::Name(inside.trim()));
        }
        rest = tail;
    }
}

/// Cuts a text at its `{{resolve:…}}`.
pub(super) fn dynamic_references(text: &str) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{resolve:") {
        let Some((inside, tail)) = after.split_once("}}") else {
            break;
        };
        parts.push(Value::text(before));
        parts.push(
            Expression::DynamicReference {
                reference: format!("{{{{resolve:{inside}}}}}"),
            }
            .into(),
        );
        rest = tail;
    }
    parts.push(Value::text(rest));
    parts
}
