//! `Ref`, `Fn::GetAtt` and `Fn::FindInMap`: what a name stands for.

use super::{Evaluator, unknown};
use crate::lab::evaluate::functions::Reference;
use crate::lab::finding::{Finding, Place};
use crate::lab::template::{Node, NodeKind, child};
use crate::lab::value::{Expression, Value, fold};

const SAM: &str = "AWS::Serverless-2016-10-31";

impl Evaluator<'_> {
    pub(super) fn reference(&mut self, argument: &Node, place: Place) -> Option<Value> {
        let name = match &argument.kind {
            NodeKind::Scalar { text, .. } => text.clone(),
            // A function inside `Ref` is an extension of the language.
            NodeKind::Mapping(_) if self.extensions => match self.node(argument) {
                Some(Value::String(name)) => name,
                _ => return Some(self.misuse("Ref", "a name", place)),
            },
            NodeKind::Mapping(_) | NodeKind::Sequence(_) => {
                return Some(self.misuse("Ref", "a name", place));
            }
        };
        if name == "AWS::NoValue" {
            return None;
        }
        Some(self.named(&name, place))
    }

    /// Gives what `Ref` or `${…}` of a name yields.
    pub(super) fn named(&mut self, name: &str, place: Place) -> Value {
        if let Some(value) = self.pseudo(name) {
            return value;
        }
        if let Some(value) = self.parameters.get(name) {
            return value.clone();
        }
        // `Function.Version` and `Api.Stage` name what SAM makes of a resource.
        if let Some((id, rest)) = name.split_once('.')
            && self.template.transforms.iter().any(|(name, _)| name == SAM)
        {
            self.refer(id, place);
            return Expression::GetAtt {
                logical_id: id.to_owned(),
                attribute: Value::text(rest),
            }
            .into();
        }
        self.refer(name, place);
        Expression::Ref {
            logical_id: name.to_owned(),
        }
        .into()
    }

    pub(super) fn refer(&mut self, name: &str, place: Place) {
        if self.in_condition {
            let finding = Finding::deny("reference-in-condition").with("name", name);
            self.find(finding, place);
            return;
        }
        self.references.push(Reference {
            name: name.to_owned(),
            place,
            owner: self.owner.clone(),
        });
    }

    fn pseudo(&self, name: &str) -> Option<Value> {
        let inputs = self.inputs;
        Some(match name {
            "AWS::Region" => Value::text(&inputs.region),
            "AWS::AccountId" => Value::text(&inputs.account),
            "AWS::StackName" => Value::text(&inputs.stack_name),
            "AWS::StackId" => Value::text(&inputs.stack_id),
            "AWS::Partition" => Value::text(&inputs.partition),
            "AWS::URLSuffix" => Value::text(&inputs.url_suffix),
            "AWS::NotificationARNs" => {
                Value::List(inputs.notification_arns.iter().map(Value::text).collect())
            }
            _ => return None,
        })
    }

    pub(super) fn attribute(&mut self, argument: &Node, place: Place) -> Value {
        const FORM: &str = "[resource, attribute]";
        let (logical_id, attribute) = match &argument.kind {
            NodeKind::Scalar { text, .. } => match text.split_once('.') {
                Some((id, attribute)) => (Value::text(id), Value::text(attribute)),
                None => return self.misuse("Fn::GetAtt", FORM, place),
            },
            NodeKind::Sequence(items) => {
                let mut values = items
                    .iter()
                    .map(|item| self.node(item).unwrap_or(Value::Null))
                    .collect::<Vec<_>>()
                    .into_iter();
                let (Some(id), Some(first)) = (values.next(), values.next()) else {
                    return self.misuse("Fn::GetAtt", FORM, place);
                };
                let mut parts = vec![first];
                for value in values {
                    parts.push(Value::text("."));
                    parts.push(value);
                }
                let attribute = fold::concat(parts);
                (id, self.folded(attribute, "Fn::GetAtt", place))
            }
            NodeKind::Mapping(_) => return self.misuse("Fn::GetAtt", FORM, place),
        };
        let Some(logical_id) = logical_id.as_text().map(str::to_owned) else {
            return self.misuse("Fn::GetAtt", FORM, place);
        };
        // `!GetAtt A.B.C` of a generated resource may itself have a dotted id; SAM's `Api.Stage` is one.
        self.refer(&logical_id, place);

        Expression::GetAtt {
            logical_id,
            attribute,
        }
        .into()
    }

    pub(super) fn find_in_map(&mut self, argument: &Node, place: Place) -> Option<Value> {
        const FORM: &str = "[map, first key, second key]";
        let NodeKind::Sequence(items) = &argument.kind else {
            return Some(self.misuse("Fn::FindInMap", FORM, place));
        };
        let (Some(map), Some(top), Some(second)) = (items.first(), items.get(1), items.get(2))
        else {
            return Some(self.misuse("Fn::FindInMap", FORM, place));
        };
        let default = items.get(3).and_then(|node| child(node, "DefaultValue"));
        if items.len() > 3 {
            self.needs_extensions("Fn::FindInMap DefaultValue", place);
        }
        let [map, top, second] =
            [map, top, second].map(|node| self.node(node).unwrap_or(Value::Null));
        let (Some(map_name), Some(top_key), Some(second_key)) =
            (map.as_text(), top.as_text(), second.as_text())
        else {
            if [&map, &top, &second].iter().any(|value| value.is_runtime()) {
                return Some(Expression::FindInMap { map, top, second }.into());
            }
            return Some(self.misuse("Fn::FindInMap", FORM, place));
        };
        let template = self.template;
        let Some(mapping) = template
            .mappings
            .iter()
            .find(|entry| entry.name == map_name)
        else {
            if let Some((_, default)) = default {
                return self.node(default);
            }
            let names = template.mappings.iter().map(|entry| entry.name.as_str());
            let nearest = crate::text::nearest(map_name, names).unwrap_or("-");
            let finding = Finding::deny("unknown-mapping")
                .with("mapping", map_name)
                .with("nearest", nearest);
            self.find(finding, place);
            return Some(unknown("Fn::FindInMap"));
        };
        let found = child(&mapping.node, top_key).and_then(|(_, node)| child(node, second_key));
        match (found, default) {
            (Some((_, node)), _) | (None, Some((_, node))) => self.node(node),
            (None, None) => {
                let finding = Finding::deny("mapping-key")
                    .with("mapping", map_name)
                    .with("key", format!("{top_key}.{second_key}"));
                self.find(finding, place);
                Some(unknown("Fn::FindInMap"))
            }
        }
    }
}
