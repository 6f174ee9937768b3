//! `Fn::If`, conditions by name, and the logic between them, with a third truth value: not known here.

use std::collections::BTreeMap;

use super::{Evaluator, Progress};
use crate::lab::finding::{Finding, Place};
use crate::lab::template::{Node, NodeKind, child};
use crate::lab::value::{Expression, Value};

/// Conditions that may hang on one another in a chain.
const MAX_CHAIN: usize = 100;

impl Evaluator<'_> {
    pub(super) fn choice(&mut self, argument: &Node, place: Place) -> Option<Value> {
        const FORM: &str = "[condition, value if true, value if false]";
        let NodeKind::Sequence(items) = &argument.kind else {
            return Some(self.misuse("Fn::If", FORM, place));
        };
        let [name, then, otherwise] = items.as_slice() else {
            return Some(self.misuse("Fn::If", FORM, place));
        };
        let name = match &name.kind {
            NodeKind::Scalar { text, .. } => text.clone(),
            NodeKind::Mapping(_) => match child(name, "Condition").map(|(_, n)| &n.kind) {
                Some(NodeKind::Scalar { text, .. }) => text.clone(),
                _ => return Some(self.misuse("Fn::If", FORM, place)),
            },
            NodeKind::Sequence(_) => return Some(self.misuse("Fn::If", FORM, place)),
        };
        match self.condition(&name, place) {
            Some(true) => self.node(then),
            Some(false) => self.node(otherwise),
            None => {
                let then = self.node(then).unwrap_or(Value::Null);
                let otherwise = self.node(otherwise).unwrap_or(Value::Null);
                if then == otherwise {
                    return Some(then);
                }
                Some(
                    Expression::If {
                        condition: name,
                        then,
                        otherwise,
                    }
                    .into(),
                )
            }
        }
    }

    pub(super) fn condition_call(&mut self, argument: &Node, place: Place) -> Value {
        match &argument.kind {
            NodeKind::Scalar { text, .. } => {
                let name = text.clone();
                let truth = self.condition(&name, place);
                truth.map_or_else(|| unknown_truth(&name), Value::Bool)
            }
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                self.misuse("Condition", "the name of a condition", place)
            }
        }
    }

    /// Works a condition out by name; `None` when it hangs on something not known here.
    pub(in crate::lab::evaluate) fn condition(&mut self, name: &str, place: Place) -> Option<bool> {
        match self.conditions.get(name) {
            Some(Progress::Done(truth)) => return *truth,
            // A chain this long is no template's, and the call stack is finite.
            None if self.depth >= MAX_CHAIN => {
                let finding = Finding::deny("condition-chain").with("limit", MAX_CHAIN);
                self.find(finding, place);
                return None;
            }
            Some(Progress::Running) => {
                let finding = Finding::deny("condition-cycle").with("condition", name);
                self.find(finding, place);
                return None;
            }
            None => {}
        }
        let Some(entry) = self.condition_entries.get(name).cloned() else {
            let names = self.condition_entries.keys().map(String::as_str);
            let nearest = crate::text::nearest(name, names).unwrap_or("-").to_owned();
            let finding = Finding::deny("unknown-condition")
                .with("condition", name)
                .with("nearest", nearest);
            self.find(finding, place);
            return None;
        };
        self.conditions.insert(name.to_owned(), Progress::Running);
        let (outer, owner) = (self.in_condition, self.owner.replace(name.to_owned()));
        self.in_condition = true;
        self.depth += 1;
        let truth = self.truth(&entry.node);
        self.depth -= 1;
        self.in_condition = outer;
        self.owner = owner;
        self.conditions
            .insert(name.to_owned(), Progress::Done(truth));
        truth
    }

    /// Gives the conditions worked out so far.
    pub(in crate::lab::evaluate) fn conditions(&self) -> BTreeMap<String, Option<bool>> {
        self.conditions
            .iter()
            .filter_map(|(name, progress)| match progress {
                Progress::Done(truth) => Some((name.clone(), *truth)),
                Progress::Running => None,
            })
            .collect()
    }

    fn truth(&mut self, node: &Node) -> Option<bool> {
        let value = self.node(node)?;
        match (&value, value.as_bool()) {
            (_, Some(truth)) => Some(truth),
            (Value::Runtime(_), None) => None,
            _ => {
                let finding = Finding::deny("condition-form").with("value", &value);
                self.find(finding, node.place);
                None
            }
        }
    }

    pub(super) fn logic(&mut self, name: &str, argument: &Node, place: Place) -> Option<bool> {
        let NodeKind::Sequence(items) = &argument.kind else {
            self.misuse(name, "a list", place);
            return None;
        };
        let inside = std::mem::replace(&mut self.in_condition, true);
        let truth = match (name, items.as_slice()) {
            ("Fn::Equals", [a, b]) => {
                let a = self.node(a).unwrap_or(Value::Null);
                let b = self.node(b).unwrap_or(Value::Null);
                equal(&a, &b)
            }
            ("Fn::Not", [item]) => self.truth(item).map(|truth| !truth),
            ("Fn::And", items) if (2..=10).contains(&items.len()) => {
                let truths: Vec<_> = items.iter().map(|item| self.truth(item)).collect();
                if truths.contains(&Some(false)) {
                    Some(false)
                } else {
                    truths.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
                }
            }
            ("Fn::Or", items) if (2..=10).contains(&items.len()) => {
                let truths: Vec<_> = items.iter().map(|item| self.truth(item)).collect();
                if truths.contains(&Some(true)) {
                    Some(true)
                } else {
                    truths
                        .into_iter()
                        .collect::<Option<Vec<_>>>()
                        .map(|_| false)
                }
            }
            _ => {
                let needs = match name {
                    "Fn::Equals" => "two values",
                    "Fn::Not" => "one condition",
                    _ => "two to ten conditions",
                };
                self.misuse(name, needs, place);
                None
            }
        };
        self.in_condition = inside;
        truth
    }
}

/// Compares as CloudFormation does: numbers and truth values by their texts.
fn equal(a: &Value, b: &Value) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    if a.is_runtime() || b.is_runtime() {
        return None;
    }
    Some(match (a.as_text(), b.as_text()) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    })
}

/// Stands for a truth value that hangs on something not known here.
pub(super) fn unknown_truth(name: &str) -> Value {
    Expression::If {
        condition: name.to_owned(),
        then: Value::Bool(true),
        otherwise: Value::Bool(false),
    }
    .into()
}
