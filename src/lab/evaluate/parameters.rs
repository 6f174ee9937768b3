//! The values of a template's parameters: given, default, or unknown, and whether they keep their constraints.

use std::collections::BTreeMap;

use regex::Regex;

use super::{Inputs, ParameterValue};
use crate::lab::finding::Finding;
use crate::lab::template::{Parameter, Template};
use crate::lab::value::{Expression, Value};

/// CloudFormation's limit for one value, in bytes.
const MAX_VALUE_BYTES: usize = 4096;

/// What stands in place of a hidden value.
pub(crate) const HIDDEN: &str = "****";

/// The parameters of an evaluation.
pub(super) struct Parameters {
    /// Their values, for `Ref`.
    pub(super) values: BTreeMap<String, Value>,
    /// The same for people.
    pub(super) shown: BTreeMap<String, ParameterValue>,
}

/// What kind of value a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    TextList,
    NumberList,
    /// The value is the name of a Parameter Store key; what is in it becomes known on AWS only.
    Stored,
}

/// Gives every declared parameter its value and checks it.
pub(super) fn bind(
    template: &Template,
    inputs: &Inputs,
    findings: &mut Vec<Finding>,
) -> Parameters {
    let mut bound = Parameters {
        values: BTreeMap::new(),
        shown: BTreeMap::new(),
    };
    let mut patterns = BTreeMap::new();
    for parameter in &template.parameters {
        let Some(kind) = kind(&parameter.type_name) else {
            findings.push(
                Finding::deny("parameter-type")
                    .on(&parameter.name)
                    .at(parameter.place)
                    .with("type", &parameter.type_name),
            );
            bound.unknown(parameter);
            continue;
        };
        let given = inputs.parameters.get(&parameter.name);
        match given.or(parameter.default.as_ref()) {
            Some(text) => {
                // What is longer was refused; the rest of the estimate does not need it.
                let short = text.chars().take(MAX_VALUE_BYTES).collect::<String>();
                check(parameter, kind, text, &mut patterns, findings);
                bound.known(parameter, kind, &short, given.is_some());
            }
            None => missing(parameter, kind, inputs, &mut bound, findings),
        }
    }
    for name in inputs.parameters.keys() {
        if template.parameter(name).is_none() {
            let names = template.parameters.iter().map(|p| p.name.as_str());
            let nearest = crate::text::nearest(name, names).unwrap_or("-");
            findings.push(
                Finding::deny("parameter-unknown")
                    .on(name)
                    .with("nearest", nearest),
            );
        }
    }
    bound
}

/// Denies, and takes a stand-in where one is at hand, so that the estimate still says something.
fn missing(
    parameter: &Parameter,
    kind: Kind,
    inputs: &Inputs,
    bound: &mut Parameters,
    findings: &mut Vec<Finding>,
) {
    let zone = || {
        (parameter.type_name == "AWS::EC2::AvailabilityZone::Name")
            .then(|| super::regions::zones(&inputs.region).into_iter().next())
            .flatten()
    };
    let stand_in = parameter.allowed_values.first().cloned().or_else(zone);
    let finding = Finding::deny("parameter-missing")
        .on(&parameter.name)
        .at(parameter.place)
        .with("type", &parameter.type_name)
        .with("standin", stand_in.as_deref().unwrap_or("-"));
    findings.push(finding);
    match stand_in {
        Some(text) if kind != Kind::Stored => bound.known(parameter, kind, &text, false),
        _ => bound.unknown(parameter),
    }
}

impl Parameters {
    fn known(&mut self, parameter: &Parameter, kind: Kind, text: &str, given: bool) {
        let items = || text.split(',').map(str::trim);
        let value = match kind {
            Kind::Text => Value::text(text),
            Kind::Number => Value::Number(text.trim().to_owned()),
            Kind::TextList if text.is_empty() => Value::List(Vec::new()),
            Kind::TextList => Value::List(items().map(Value::text).collect()),
            Kind::NumberList => {
                Value::List(items().map(|item| Value::Number(item.to_owned())).collect())
            }
            Kind::Stored => Expression::Parameter {
                name: parameter.name.clone(),
                ssm_key: Some(text.to_owned()),
            }
            .into(),
        };
        self.values.insert(parameter.name.clone(), value);
        let shown = if parameter.no_echo { HIDDEN } else { text };
        self.show(parameter, shown, given);
    }

    fn unknown(&mut self, parameter: &Parameter) {
        let value = Expression::Parameter {
            name: parameter.name.clone(),
            ssm_key: None,
        };
        self.values.insert(parameter.name.clone(), value.into());
        self.show(parameter, "", false);
    }

    fn show(&mut self, parameter: &Parameter, shown: &str, given: bool) {
        let value = ParameterValue {
            shown: shown.to_owned(),
            given,
            no_echo: parameter.no_echo,
        };
        self.shown.insert(parameter.name.clone(), value);
    }
}

fn kind(type_name: &str) -> Option<Kind> {
    let specific = |name: &str| {
        matches!(
            name,
            "AWS::EC2::AvailabilityZone::Name"
                | "AWS::EC2::Image::Id"
                | "AWS::EC2::Instance::Id"
                | "AWS::EC2::KeyPair::KeyName"
                | "AWS::EC2::SecurityGroup::GroupName"
                | "AWS::EC2::SecurityGroup::Id"
                | "AWS::EC2::Subnet::Id"
                | "AWS::EC2::Volume::Id"
                | "AWS::EC2::VPC::Id"
                | "AWS::Route53::HostedZone::Id"
        )
    };
    let inside = |name: &str, outer: &str| -> Option<String> {
        name.strip_prefix(outer)?
            .strip_suffix('>')
            .map(str::to_owned)
    };
    match type_name {
        "String" | "AWS::SSM::Parameter::Name" => Some(Kind::Text),
        "Number" => Some(Kind::Number),
        // `List<String>` was never documented, but the service takes it and templates use it.
        "CommaDelimitedList" | "List<String>" => Some(Kind::TextList),
        "List<Number>" => Some(Kind::NumberList),
        name if specific(name) => Some(Kind::Text),
        name => {
            if let Some(item) = inside(name, "List<") {
                return specific(&item).then_some(Kind::TextList);
            }
            let stored = inside(name, "AWS::SSM::Parameter::Value<")?;
            let plain = inside(&stored, "List<").unwrap_or(stored);
            let known = specific(&plain)
                || matches!(plain.as_str(), "String" | "CommaDelimitedList" | "Number");
            known.then_some(Kind::Stored)
        }
    }
}

fn check(
    parameter: &Parameter,
    kind: Kind,
    text: &str,
    patterns: &mut BTreeMap<String, Option<Regex>>,
    findings: &mut Vec<Finding>,
) {
    let mut broken = |constraint: &str, wanted: String| {
        let shown = if parameter.no_echo { HIDDEN } else { text };
        findings.push(
            Finding::deny("parameter-value")
                .on(&parameter.name)
                .at(parameter.place)
                .with("constraint", constraint)
                .with("wanted", wanted)
                .with("value", crate::text::cut_to_width(shown, 60))
                .with(
                    "description",
                    parameter.constraint_description.as_deref().unwrap_or("-"),
                ),
        );
    };
    if text.len() > MAX_VALUE_BYTES {
        broken("length", MAX_VALUE_BYTES.to_string());
    }
    let list = matches!(kind, Kind::TextList | Kind::NumberList);
    let items: Vec<&str> = if list {
        text.split(',').map(str::trim).collect()
    } else {
        vec![text]
    };
    if !parameter.allowed_values.is_empty() {
        let allowed = |item: &&str| {
            parameter
                .allowed_values
                .iter()
                .any(|value| same(value, item))
        };
        if !items.iter().all(allowed) {
            broken("AllowedValues", parameter.allowed_values.join(", "));
        }
    }
    if matches!(kind, Kind::Number | Kind::NumberList) {
        let numbers: Option<Vec<f64>> = items.iter().map(|item| item.trim().parse().ok()).collect();
        match numbers {
            None => broken("Type", parameter.type_name.clone()),
            Some(numbers) => {
                if let Some(least) = parameter.min_value
                    && numbers.iter().any(|number| *number < least)
                {
                    broken("MinValue", least.to_string());
                }
                if let Some(most) = parameter.max_value
                    && numbers.iter().any(|number| *number > most)
                {
                    broken("MaxValue", most.to_string());
                }
            }
        }
    } else if !list {
        let length = text.chars().count();
        if let Some(least) = parameter.min_length.filter(|least| length < *least) {
            broken("MinLength", least.to_string());
        }
        if let Some(most) = parameter.max_length.filter(|most| length > *most) {
            broken("MaxLength", most.to_string());
        }
    }
    if let Some(pattern) = &parameter.allowed_pattern {
        let whole = patterns
            .entry(pattern.clone())
            .or_insert_with(|| Regex::new(&format!("^(?:{pattern})$")).ok());
        match whole {
            Some(whole) => {
                if !items.iter().all(|item| whole.is_match(item)) {
                    broken("AllowedPattern", pattern.clone());
                }
            }
            None => findings.push(
                Finding::note("pattern-not-checked")
                    .on(&parameter.name)
                    .at(parameter.place)
                    .with("pattern", pattern),
            ),
        }
    }
}

/// Compares an allowed value with a given one: numbers by value, so that `1` is `1.0`; text by letters.
fn same(allowed: &str, given: &str) -> bool {
    allowed == given
        || matches!(
            (allowed.trim().parse::<f64>(), given.trim().parse::<f64>()),
            (Ok(a), Ok(b)) if (a - b).abs() < f64::EPSILON
        )
}
