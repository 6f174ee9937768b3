//! Works the intrinsic functions out, wherever in a value they stand.

use std::collections::BTreeMap;

use super::{Inputs, regions};
use crate::lab::finding::{Finding, Place};
use crate::lab::template::{Entry, Node, NodeKind, Template, child};
use crate::lab::value::{Expression, FoldError, Map, Value, fold};

/// A reference whose target is looked for once all resources are known.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    /// The logical id referred to.
    pub(super) name: String,
    /// Where.
    pub(super) place: Place,
    /// The resource or output in which it stands.
    pub(super) owner: Option<String>,
}

/// How far a condition has been worked out.
enum Progress {
    Running,
    Done(Option<bool>),
}

/// Evaluates nodes of one template.
pub(super) struct Evaluator<'t> {
    pub(super) template: &'t Template,
    pub(super) inputs: &'t Inputs,
    pub(super) parameters: BTreeMap<String, Value>,
    /// The conditions as written, loops unrolled.
    pub(super) condition_entries: BTreeMap<String, Entry>,
    conditions: BTreeMap<String, Progress>,
    /// Whether the template asks for `AWS::LanguageExtensions`.
    pub(super) extensions: bool,
    pub(super) findings: Vec<Finding>,
    pub(super) references: Vec<Reference>,
    /// The resource or output being evaluated.
    pub(super) owner: Option<String>,
    /// Places of the properties of the resource being evaluated.
    pub(super) places: BTreeMap<String, Place>,
    path: String,
    /// Set while a condition or rule is evaluated: no resource exists then.
    in_condition: bool,
}

impl<'t> Evaluator<'t> {
    pub(super) fn new(
        template: &'t Template,
        inputs: &'t Inputs,
        parameters: BTreeMap<String, Value>,
        findings: Vec<Finding>,
    ) -> Self {
        Self {
            template,
            inputs,
            parameters,
            condition_entries: BTreeMap::new(),
            conditions: BTreeMap::new(),
            extensions: template
                .transforms
                .iter()
                .any(|(name, _)| name == "AWS::LanguageExtensions"),
            findings,
            references: Vec::new(),
            owner: None,
            places: BTreeMap::new(),
            path: String::new(),
            in_condition: false,
        }
    }

    /// Adds a finding about the resource being evaluated.
    pub(super) fn find(&mut self, finding: Finding, place: Place) {
        let mut finding = finding.at(place);
        if finding.resource.is_none() {
            finding.resource.clone_from(&self.owner);
        }
        self.findings.push(finding);
    }

    /// Evaluates a node; `None` is `AWS::NoValue`.
    pub(super) fn node(&mut self, node: &Node) -> Option<Value> {
        match &node.kind {
            NodeKind::Scalar { text, plain } => Some(self.scalar(text, *plain)),
            NodeKind::Sequence(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    let mark = self.enter_index(list.len(), item.place);
                    list.extend(self.node(item));
                    self.path.truncate(mark);
                }
                Some(Value::List(list))
            }
            NodeKind::Mapping(entries) => self.mapping(node, entries),
        }
    }

    fn enter_index(&mut self, index: usize, place: Place) -> usize {
        use std::fmt::Write as _;
        let mark = self.path.len();
        if write!(self.path, "[{index}]").is_ok() {
            self.places.insert(self.path.clone(), place);
        }
        mark
    }

    fn enter_key(&mut self, key: &str, place: Place) -> usize {
        let mark = self.path.len();
        if mark > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        self.places.insert(self.path.clone(), place);
        mark
    }

    fn mapping(&mut self, node: &Node, entries: &[(crate::yaml::Key, Node)]) -> Option<Value> {
        if let [(key, argument)] = entries {
            let is_call = key.name == "Ref"
                || (key.name == "Condition" && self.in_condition)
                || (key.name.starts_with("Fn::") && !key.name.starts_with("Fn::ForEach::"));
            if is_call {
                return self.call(&key.name, argument, node.place);
            }
        } else if let Some((key, _)) = entries.iter().find(|(key, _)| {
            key.name.starts_with("Fn::")
                && !key.name.starts_with("Fn::ForEach::")
                && key.name != "Fn::Transform"
        }) {
            let finding = Finding::deny("function-has-siblings").with("function", key.name.clone());
            self.find(finding, key.place);
        }
        let mut map = Vec::with_capacity(entries.len());
        for (key, child) in entries {
            if key.name.starts_with("Fn::ForEach::") {
                for entry in self.unroll(&key.name, key.place, child) {
                    if let Some(value) = self.node(&entry.node) {
                        map.push((entry.name, value));
                    }
                }
                continue;
            }
            if key.name == "Fn::Transform" {
                self.transform(child, key.place);
                continue;
            }
            let mark = self.enter_key(&key.name, key.place);
            if let Some(value) = self.node(child) {
                map.push((key.name.clone(), value));
            }
            self.path.truncate(mark);
        }
        Some(Value::Map(Map(map)))
    }

    /// Gives a scalar its kind, and cuts out `{{resolve:…}}`.
    fn scalar(&self, text: &str, plain: bool) -> Value {
        if plain {
            match text {
                "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
                "true" | "True" | "TRUE" => return Value::Bool(true),
                "false" | "False" | "FALSE" => return Value::Bool(false),
                _ if is_number(text) => return Value::Number(text.to_owned()),
                _ => {}
            }
        }
        if !self.in_condition && text.contains("{{resolve:") {
            return fold::concat(dynamic_references(text)).unwrap_or_else(|_| Value::text(text));
        }
        Value::text(text)
    }

    /// Reports a function that cannot work and gives what stands in for its result.
    fn folded(&mut self, result: Result<Value, FoldError>, function: &str, place: Place) -> Value {
        result.unwrap_or_else(|error| {
            let finding = Finding::deny("function-argument")
                .with("function", function)
                .with("reason", &error);
            self.find(finding, place);
            Value::Null
        })
    }

    fn misuse(&mut self, function: &str, needs: &str, place: Place) -> Option<Value> {
        let finding = Finding::deny("function-form")
            .with("function", function)
            .with("needs", needs);
        self.find(finding, place);
        Some(Value::Null)
    }

    /// Evaluates the arguments of a function that takes a list of them.
    fn arguments<const N: usize>(&mut self, argument: &Node) -> Option<[Value; N]> {
        let NodeKind::Sequence(items) = &argument.kind else {
            return None;
        };
        if items.len() != N {
            return None;
        }
        let values: Vec<Value> = items
            .iter()
            .map(|item| self.node(item).unwrap_or(Value::Null))
            .collect();
        values.try_into().ok()
    }

    fn call(&mut self, name: &str, argument: &Node, place: Place) -> Option<Value> {
        // Arguments are not properties: their places would shadow those of the result.
        let known_places = if matches!(name, "Fn::If") {
            None
        } else {
            Some(std::mem::take(&mut self.places))
        };
        let value = self.call_inner(name, argument, place);
        if let Some(places) = known_places {
            self.places = places;
        }
        value
    }

    fn call_inner(&mut self, name: &str, argument: &Node, place: Place) -> Option<Value> {
        match name {
            "Ref" => self.reference(argument, place),
            "Condition" => self.condition_call(argument, place),
            "Fn::GetAtt" => self.attribute(argument, place),
            "Fn::If" => self.choice(argument, place),
            "Fn::Sub" => self.substitution(argument, place),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Join" => {
                let Some([delimiter, items]) = self.arguments(argument) else {
                    return self.misuse(name, "[delimiter, [values]]", place);
                };
                let Some(delimiter) = delimiter.as_text() else {
                    return self.misuse(name, "[delimiter, [values]]", place);
                };
                let joined = fold::join(delimiter, items);
                Some(self.folded(joined, name, place))
            }
            "Fn::Select" => {
                let Some([index, list]) = self.arguments(argument) else {
                    return self.misuse(name, "[index, [values]]", place);
                };
                let selected = fold::select(index, list);
                Some(self.folded(selected, name, place))
            }
            "Fn::Split" => {
                let Some([delimiter, text]) = self.arguments(argument) else {
                    return self.misuse(name, "[delimiter, text]", place);
                };
                let Some(delimiter) = delimiter.as_text() else {
                    return self.misuse(name, "[delimiter, text]", place);
                };
                let split = fold::split(delimiter, text);
                Some(self.folded(split, name, place))
            }
            "Fn::Cidr" => {
                let [block, count, bits] = match self.arguments::<3>(argument) {
                    Some(arguments) => arguments,
                    None => match self.arguments::<2>(argument) {
                        Some([block, count]) => [block, count, Value::Null],
                        None => return self.misuse(name, "[block, count, bits]", place),
                    },
                };
                let blocks = fold::cidr(block, count, bits);
                Some(self.folded(blocks, name, place))
            }
            "Fn::Base64" => {
                let text = self.node(argument).unwrap_or(Value::Null);
                let encoded = fold::base64(text);
                Some(self.folded(encoded, name, place))
            }
            "Fn::GetAZs" => {
                let region = self.node(argument).unwrap_or(Value::Null);
                Some(match region.as_text() {
                    Some("") => zone_list(&self.inputs.region),
                    Some(region) => zone_list(region),
                    None if region.is_runtime() => Expression::GetAzs { region }.into(),
                    None => zone_list(&self.inputs.region),
                })
            }
            "Fn::ImportValue" => {
                let name = self.node(argument).unwrap_or(Value::Null);
                Some(Expression::ImportValue { name }.into())
            }
            "Fn::Length" => {
                self.needs_extensions(name, place);
                let list = self.node(argument).unwrap_or(Value::Null);
                let length = fold::length(list);
                Some(self.folded(length, name, place))
            }
            "Fn::ToJsonString" => {
                self.needs_extensions(name, place);
                let value = self.node(argument).unwrap_or(Value::Null);
                Some(fold::to_json_string(value))
            }
            "Fn::Transform" => self.transform(argument, place),
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
                let truth = self.logic(name, argument, place);
                Some(truth.map_or_else(|| unknown_truth(name), Value::Bool))
            }
            _ => {
                const KNOWN: [&str; 19] = [
                    "Fn::And",
                    "Fn::Base64",
                    "Fn::Cidr",
                    "Fn::Equals",
                    "Fn::FindInMap",
                    "Fn::ForEach",
                    "Fn::GetAZs",
                    "Fn::GetAtt",
                    "Fn::If",
                    "Fn::ImportValue",
                    "Fn::Join",
                    "Fn::Length",
                    "Fn::Not",
                    "Fn::Or",
                    "Fn::Select",
                    "Fn::Split",
                    "Fn::Sub",
                    "Fn::ToJsonString",
                    "Fn::Transform",
                ];
                let nearest = crate::text::nearest(name, KNOWN).unwrap_or("-");
                let finding = Finding::deny("unknown-function")
                    .with("function", name)
                    .with("nearest", nearest);
                self.find(finding, place);
                Some(Value::Null)
            }
        }
    }

    pub(super) fn needs_extensions(&mut self, function: &str, place: Place) {
        if !self.extensions {
            let finding = Finding::deny("needs-language-extensions").with("function", function);
            self.find(finding, place);
        }
    }

    fn transform(&mut self, argument: &Node, place: Place) -> Option<Value> {
        let name = child(argument, "Name")
            .and_then(|(_, node)| self.node(node))
            .map_or_else(|| "Fn::Transform".to_owned(), |name| name.to_string());
        let finding = Finding::deny("macro").with("macro", &name);
        self.find(finding, place);
        Some(Expression::Transform { name }.into())
    }

    fn reference(&mut self, argument: &Node, place: Place) -> Option<Value> {
        let name = match &argument.kind {
            NodeKind::Scalar { text, .. } => text.clone(),
            // A function inside `Ref` is an extension of the language.
            NodeKind::Mapping(_) if self.extensions => match self.node(argument) {
                Some(Value::String(name)) => name,
                _ => return self.misuse("Ref", "a name", place),
            },
            NodeKind::Mapping(_) | NodeKind::Sequence(_) => {
                return self.misuse("Ref", "a name", place);
            }
        };
        if name == "AWS::NoValue" {
            return None;
        }
        Some(self.named(&name, place))
    }

    /// Gives what `Ref` or `${…}` of a name yields.
    fn named(&mut self, name: &str, place: Place) -> Value {
        if let Some(value) = self.pseudo(name) {
            return value;
        }
        if let Some(value) = self.parameters.get(name) {
            return value.clone();
        }
        self.refer(name, place);
        Expression::Ref {
            logical_id: name.to_owned(),
        }
        .into()
    }

    fn refer(&mut self, name: &str, place: Place) {
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

    fn attribute(&mut self, argument: &Node, place: Place) -> Option<Value> {
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
        Some(
            Expression::GetAtt {
                logical_id,
                attribute,
            }
            .into(),
        )
    }

    fn choice(&mut self, argument: &Node, place: Place) -> Option<Value> {
        const FORM: &str = "[condition, value if true, value if false]";
        let NodeKind::Sequence(items) = &argument.kind else {
            return self.misuse("Fn::If", FORM, place);
        };
        let [name, then, otherwise] = items.as_slice() else {
            return self.misuse("Fn::If", FORM, place);
        };
        let name = match &name.kind {
            NodeKind::Scalar { text, .. } => text.clone(),
            NodeKind::Mapping(_) => match child(name, "Condition").map(|(_, n)| &n.kind) {
                Some(NodeKind::Scalar { text, .. }) => text.clone(),
                _ => return self.misuse("Fn::If", FORM, place),
            },
            NodeKind::Sequence(_) => return self.misuse("Fn::If", FORM, place),
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

    fn find_in_map(&mut self, argument: &Node, place: Place) -> Option<Value> {
        const FORM: &str = "[map, first key, second key]";
        let NodeKind::Sequence(items) = &argument.kind else {
            return self.misuse("Fn::FindInMap", FORM, place);
        };
        let (Some(map), Some(top), Some(second)) = (items.first(), items.get(1), items.get(2))
        else {
            return self.misuse("Fn::FindInMap", FORM, place);
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
            return self.misuse("Fn::FindInMap", FORM, place);
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
            return Some(Value::Null);
        };
        let found = child(&mapping.node, top_key).and_then(|(_, node)| child(node, second_key));
        match (found, default) {
            (Some((_, node)), _) | (None, Some((_, node))) => self.node(node),
            (None, None) => {
                let finding = Finding::deny("mapping-key")
                    .with("mapping", map_name)
                    .with("key", format!("{top_key}.{second_key}"));
                self.find(finding, place);
                Some(Value::Null)
            }
        }
    }

    fn substitution(&mut self, argument: &Node, place: Place) -> Option<Value> {
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
        Some(self.folded(joined, "Fn::Sub", place))
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

    fn condition_call(&mut self, argument: &Node, place: Place) -> Option<Value> {
        match &argument.kind {
            NodeKind::Scalar { text, .. } => {
                let name = text.clone();
                let truth = self.condition(&name, place);
                Some(truth.map_or_else(|| unknown_truth(&name), Value::Bool))
            }
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                self.misuse("Condition", "the name of a condition", place)
            }
        }
    }

    /// Works a condition out by name; `None` when it hangs on something not known here.
    pub(super) fn condition(&mut self, name: &str, place: Place) -> Option<bool> {
        match self.conditions.get(name) {
            Some(Progress::Done(truth)) => return *truth,
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
        let truth = self.truth(&entry.node);
        self.in_condition = outer;
        self.owner = owner;
        self.conditions
            .insert(name.to_owned(), Progress::Done(truth));
        truth
    }

    /// Gives the conditions worked out so far.
    pub(super) fn conditions(&self) -> BTreeMap<String, Option<bool>> {
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

    fn logic(&mut self, name: &str, argument: &Node, place: Place) -> Option<bool> {
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
fn unknown_truth(name: &str) -> Value {
    Expression::If {
        condition: name.to_owned(),
        then: Value::Bool(true),
        otherwise: Value::Bool(false),
    }
    .into()
}

fn zone_list(region: &str) -> Value {
    Value::List(
        regions::zones(region)
            .into_iter()
            .map(Value::String)
            .collect(),
    )
}

/// Says whether a plain scalar is a number; leading zeros and account ids included.
fn is_number(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
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
fn dynamic_references(text: &str) -> Vec<Value> {
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
