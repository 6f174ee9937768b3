//! Works the intrinsic functions out, wherever in a value they stand.

use std::collections::BTreeMap;

mod conditions;
mod references;
mod texts;

use conditions::unknown_truth;
use texts::dynamic_references;

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

/// Bytes that all functions of a template may make: sixty times the largest template.
const MAX_MADE: usize = 64_000_000;

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
    /// How many conditions are being worked out at once.
    depth: usize,
    /// Whether the template asks for `AWS::LanguageExtensions`.
    pub(super) extensions: bool,
    pub(super) findings: Vec<Finding>,
    pub(super) references: Vec<Reference>,
    /// The resource or output being evaluated.
    pub(super) owner: Option<String>,
    /// Places of the properties of the resource being evaluated.
    pub(super) places: BTreeMap<String, Place>,
    path: String,
    /// Bytes of text that functions have made so far, and nodes that loops have.
    pub(super) spent: usize,
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
            depth: 0,
            extensions: template
                .transforms
                .iter()
                .any(|(name, _)| name == "AWS::LanguageExtensions"),
            findings,
            references: Vec::new(),
            owner: None,
            places: BTreeMap::new(),
            path: String::new(),
            spent: 0,
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
                _ => {
                    if let Some(number) = hexadecimal(text) {
                        return Value::Number(number);
                    }
                }
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
            unknown(function)
        })
    }

    fn misuse(&mut self, function: &str, needs: &str, place: Place) -> Value {
        let finding = Finding::deny("function-form")
            .with("function", function)
            .with("needs", needs);
        self.find(finding, place);
        unknown(function)
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
        let within = self.spend(value.as_ref().map_or(0, weight), place);
        if within { value } else { Some(Value::Null) }
    }

    /// Counts what functions and loops make; says whether it stays within what any template needs.
    pub(super) fn spend(&mut self, made: usize, place: Place) -> bool {
        let before = self.spent;
        self.spent = before.saturating_add(made);
        if self.spent > MAX_MADE && before <= MAX_MADE {
            let finding = Finding::deny("grows-too-large").with("limit", MAX_MADE);
            self.find(finding, place);
        }
        self.spent <= MAX_MADE
    }

    fn call_inner(&mut self, name: &str, argument: &Node, place: Place) -> Option<Value> {
        match name {
            "Ref" => self.reference(argument, place),
            "Condition" => Some(self.condition_call(argument, place)),
            "Fn::GetAtt" => Some(self.attribute(argument, place)),
            "Fn::If" => self.choice(argument, place),
            "Fn::Sub" => Some(self.substitution(argument, place)),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Join" => {
                let Some([delimiter, items]) = self.arguments(argument) else {
                    return Some(self.misuse(name, "[delimiter, [values]]", place));
                };
                let Some(delimiter) = delimiter.as_text() else {
                    return Some(self.misuse(name, "[delimiter, [values]]", place));
                };
                let joined = fold::join(delimiter, items);
                Some(self.folded(joined, name, place))
            }
            "Fn::Select" => {
                let Some([index, list]) = self.arguments(argument) else {
                    return Some(self.misuse(name, "[index, [values]]", place));
                };
                let selected = fold::select(index, list);
                Some(self.folded(selected, name, place))
            }
            "Fn::Split" => {
                let Some([delimiter, text]) = self.arguments(argument) else {
                    return Some(self.misuse(name, "[delimiter, text]", place));
                };
                let Some(delimiter) = delimiter.as_text() else {
                    return Some(self.misuse(name, "[delimiter, text]", place));
                };
                let split = fold::split(delimiter, text);
                Some(self.folded(split, name, place))
            }
            "Fn::Cidr" => {
                let [block, count, bits] = match self.arguments::<3>(argument) {
                    Some(arguments) => arguments,
                    None => match self.arguments::<2>(argument) {
                        Some([block, count]) => [block, count, Value::Null],
                        None => return Some(self.misuse(name, "[block, count, bits]", place)),
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
            "Fn::ImportValue" => Some(self.import(argument, place)),
            "Fn::Length" => {
                self.needs_extensions(name, place);
                let list = self.node(argument).unwrap_or(Value::Null);
                let length = fold::length(list);
                Some(self.folded(length, name, place))
            }
            "Fn::ToJsonString" => {
                self.needs_extensions(name, place);
                let value = self.node(argument).unwrap_or(Value::Null);
                let written = fold::to_json_string(value);
                Some(self.folded(written, name, place))
            }
            "Fn::Transform" => Some(self.transform(argument, place)),
            "Fn::GetStackOutput" => Some(self.stack_output(argument, place)),
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
                let truth = self.logic(name, argument, place);
                Some(truth.map_or_else(|| unknown_truth(name), Value::Bool))
            }
            _ => {
                const KNOWN: [&str; 20] = [
                    "Fn::And",
                    "Fn::Base64",
                    "Fn::Cidr",
                    "Fn::Equals",
                    "Fn::FindInMap",
                    "Fn::ForEach",
                    "Fn::GetAZs",
                    "Fn::GetAtt",
                    "Fn::GetStackOutput",
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
                Some(unknown(name))
            }
        }
    }

    /// An export of another stack.
    fn import(&mut self, argument: &Node, place: Place) -> Value {
        const NAME: &str = "Fn::ImportValue";
        if self.in_condition {
            return self.misuse(NAME, "a place outside of Conditions", place);
        }
        let name = self.node(argument).unwrap_or(Value::Null);
        let nested =
            matches!(&name, Value::Runtime(e) if matches!(**e, Expression::ImportValue { .. }));
        if nested || (name.as_text().is_none() && !name.is_runtime()) {
            return self.misuse(NAME, "the name of an export", place);
        }
        Expression::ImportValue { name }.into()
    }

    /// An output of another stack; what it yields is known to AWS alone.
    fn stack_output(&mut self, argument: &Node, place: Place) -> Value {
        const NAME: &str = "Fn::GetStackOutput";
        const FORM: &str = "{StackName, OutputName, Region, RoleArn}";
        let whole = ["StackName", "OutputName"]
            .iter()
            .all(|name| child(argument, name).is_some());
        let NodeKind::Mapping(entries) = &argument.kind else {
            return self.misuse(NAME, FORM, place);
        };
        if !whole
            || entries.iter().any(|(key, _)| {
                !["StackName", "OutputName", "Region", "RoleArn"].contains(&key.name.as_str())
            })
        {
            return self.misuse(NAME, FORM, place);
        }
        let arguments = self.node(argument).unwrap_or(Value::Null);
        Expression::StackOutput { arguments }.into()
    }

    pub(super) fn needs_extensions(&mut self, function: &str, place: Place) {
        if !self.extensions {
            let finding = Finding::deny("needs-language-extensions").with("function", function);
            self.find(finding, place);
        }
    }

    fn transform(&mut self, argument: &Node, place: Place) -> Value {
        // Several macros come in a list; the first is told.
        let macro_ = match &argument.kind {
            NodeKind::Sequence(items) => items.first().unwrap_or(argument),
            NodeKind::Scalar { .. } | NodeKind::Mapping(_) => argument,
        };
        let name = child(macro_, "Name")
            .and_then(|(_, node)| self.node(node))
            .map_or_else(|| "Fn::Transform".to_owned(), |name| name.to_string());
        let finding = Finding::deny("macro").with("macro", &name);
        self.find(finding, place);
        Expression::Transform { name }.into()
    }
}

/// Stands for a function that could not be worked out, so that what is built on it is not told as well.
fn unknown(function: &str) -> Value {
    Expression::Unknown {
        function: function.to_owned(),
    }
    .into()
}

/// Reads a whole number as YAML 1.1 writes it with base 16.
fn hexadecimal(text: &str) -> Option<String> {
    let digits = text.strip_prefix("0x")?;
    u64::from_str_radix(digits, 16)
        .ok()
        .map(|number| number.to_string())
}

/// Gives the bytes of text in a value.
fn weight(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(weight).sum::<usize>() + items.len(),
        Value::Map(map) => map
            .0
            .iter()
            .map(|(key, value)| key.len() + weight(value))
            .sum(),
        plain => plain.as_text().map_or(8, str::len),
    }
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
