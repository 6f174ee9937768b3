//! Turns a template into prepared resources: evaluated, checked, with the ids and attributes that they will have.

use std::collections::BTreeMap;

use super::catalogue::{Catalogue, Filling, text_of};
use super::fault::Fault;
use super::state::{Prepared, StoredOutput};
use crate::lab::evaluate::{self, Capability, DeletionPolicy, Evaluated, Inputs};
use crate::lab::template::{Parameter, Template};
use crate::lab::value::{Known, Value};

/// What is shown instead of a hidden parameter.
pub(super) const MASK: &str = "****";

/// The stack that is prepared for, and what it was asked with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The template as text.
    pub(super) template: &'a str,
    /// Parameters as given.
    pub(super) parameters: &'a [(String, String)],
    /// Acknowledged capabilities.
    pub(super) capabilities: &'a [String],
    /// The stack's ARN.
    pub(super) stack_id: &'a str,
    /// The stack's name.
    pub(super) stack: &'a str,
    /// The region.
    pub(super) region: &'a str,
    /// The account.
    pub(super) account: &'a str,
    /// Exports of other stacks.
    pub(super) exports: &'a BTreeMap<String, String>,
}

/// A template, worked out.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// The resources, each after those it depends on.
    pub(super) resources: Vec<Prepared>,
    /// The outputs.
    pub(super) outputs: Vec<StoredOutput>,
    /// The parameters as shown.
    pub(super) parameters: Vec<(String, String)>,
    /// The template's description.
    pub(super) description: Option<String>,
}

/// Reads a template for the operations that only look at it.
pub(super) fn parse(text: &str) -> Result<Template, Fault> {
    Template::parse(text, "template")
        .map_err(|error| Fault::validation(format!("Template format error: {error}")))
}

/// Works out a template.
pub(super) fn prepare(wanted: &Wanted<'_>, catalogue: &Catalogue) -> Result<Outcome, Fault> {
    let template = parse(wanted.template)?;
    let evaluated = evaluate(&template, wanted)?;
    known_types(&evaluated, catalogue)?;
    capabilities(&evaluated, wanted.capabilities)?;
    let mut world = World {
        wanted,
        catalogue,
        resources: BTreeMap::new(),
        refused: std::cell::RefCell::default(),
    };
    let hidden = hidden_values(&template, wanted.parameters);
    let mut resources = Vec::new();
    for resource in &evaluated.resources {
        let properties = world.resolve(&resource.properties, &resource.logical_id)?;
        let Some(known) = catalogue.find(&resource.type_name) else {
            continue;
        };
        let filling = world.filling(&resource.logical_id, &properties, "");
        let physical_id = known.physical_id(&filling);
        let missing: Vec<&str> = known.missing(&properties).collect();
        let fault = (!missing.is_empty()).then(|| {
            format!(
                "Properties validation failed for resource {} with message: #: required key [{}] \
                 not found",
                resource.logical_id,
                missing.join("], [")
            )
        });
        let prepared = Prepared {
            logical_id: resource.logical_id.clone(),
            type_name: resource.type_name.clone(),
            physical_id,
            properties,
            depends_on: resource.depends_on.clone(),
            retained: matches!(
                resource.deletion_policy,
                DeletionPolicy::Retain | DeletionPolicy::RetainExceptOnCreate
            ),
            fault,
            ..Prepared::default()
        };
        world
            .resources
            .insert(resource.logical_id.clone(), prepared.clone());
        resources.push(prepared);
    }
    let outputs = outputs(&evaluated, &world)?;
    for resource in &mut resources {
        mask(&mut resource.properties, &hidden);
    }
    Ok(Outcome {
        resources,
        outputs,
        parameters: evaluated
            .parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.shown.clone()))
            .collect(),
        description: template.description.clone(),
    })
}

fn evaluate(template: &Template, wanted: &Wanted<'_>) -> Result<Evaluated, Fault> {
    for (name, _) in wanted.parameters {
        if template.parameter(name).is_none() {
            return Err(Fault::validation(format!(
                "Parameters: [{name}] do not exist in the template"
            )));
        }
    }
    let missing: Vec<&str> = template
        .parameters
        .iter()
        .filter(|parameter| {
            parameter.default.is_none()
                && !wanted
                    .parameters
                    .iter()
                    .any(|(name, _)| *name == parameter.name)
        })
        .map(|parameter| parameter.name.as_str())
        .collect();
    if !missing.is_empty() {
        let names = missing.join(", ");
        return Err(Fault::validation(format!(
            "Parameters: [{names}] must have values"
        )));
    }
    let mut inputs = Inputs::for_estimate(wanted.region);
    inputs.parameters = wanted.parameters.iter().cloned().collect();
    wanted.account.clone_into(&mut inputs.account);
    wanted.stack.clone_into(&mut inputs.stack_name);
    wanted.stack_id.clone_into(&mut inputs.stack_id);
    evaluate::evaluate(template, &inputs).map_err(|findings| {
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        Fault::validation(format!("Template error: {}", told.join("; ")))
    })
}

fn known_types(evaluated: &Evaluated, catalogue: &Catalogue) -> Result<(), Fault> {
    let mut unknown: Vec<&str> = evaluated
        .resources
        .iter()
        .map(|resource| resource.type_name.as_str())
        .filter(|name| catalogue.find(name).is_none())
        .collect();
    unknown.dedup();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Fault::validation(format!(
            "Template format error: Unrecognized resource types: [{}]",
            unknown.join(", ")
        )))
    }
}

fn capabilities(evaluated: &Evaluated, given: &[String]) -> Result<(), Fault> {
    let has = |code: &str| given.iter().any(|capability| capability == code);
    for needed in &evaluated.capabilities {
        let enough = match needed {
            Capability::Iam => has("CAPABILITY_IAM") || has("CAPABILITY_NAMED_IAM"),
            Capability::NamedIam | Capability::AutoExpand => has(needed.code()),
        };
        if !enough {
            return Err(Fault::capability(needed.code()));
        }
    }
    Ok(())
}

fn outputs(evaluated: &Evaluated, world: &World<'_>) -> Result<Vec<StoredOutput>, Fault> {
    let mut outputs = Vec::new();
    for output in &evaluated.outputs {
        let export = match &output.export {
            Some(name) => Some(text_of(&world.resolve(name, &output.name)?)),
            None => None,
        };
        if let Some(name) = export
            .as_ref()
            .filter(|n| world.wanted.exports.contains_key(*n))
        {
            return Err(Fault::validation(format!(
                "Export with name {name} is already exported by another stack"
            )));
        }
        outputs.push(StoredOutput {
            key: output.name.clone(),
            value: text_of(&world.resolve(&output.value, &output.name)?),
            description: output.description.clone(),
            export,
        });
    }
    Ok(outputs)
}

/// Gives the values of hidden parameters, longest first, so that one within another is masked whole.
fn hidden_values(template: &Template, given: &[(String, String)]) -> Vec<String> {
    let value = |parameter: &Parameter| {
        given
            .iter()
            .find(|(name, _)| *name == parameter.name)
            .map(|(_, value)| value.clone())
            .or_else(|| parameter.default.clone())
    };
    let mut hidden: Vec<String> = template
        .parameters
        .iter()
        .filter(|parameter| parameter.no_echo)
        .filter_map(value)
        .filter(|value| !value.is_empty())
        .collect();
    hidden.sort_by_key(|value| std::cmp::Reverse(value.len()));
    hidden
}

fn mask(json: &mut serde_json::Value, hidden: &[String]) {
    match json {
        serde_json::Value::String(text) => {
            for value in hidden {
                if text.contains(value.as_str()) {
                    *text = text.replace(value.as_str(), MASK);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| mask(item, hidden)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|item| mask(item, hidden)),
        _ => {}
    }
}

/// The stack as far as it is worked out, for references.
struct World<'a> {
    wanted: &'a Wanted<'a>,
    catalogue: &'a Catalogue,
    resources: BTreeMap<String, Prepared>,
    /// The first attribute asked for that its type does not have.
    refused: std::cell::RefCell<Option<(String, String)>>,
}

impl World<'_> {
    fn filling<'b>(
        &'b self,
        logical_id: &'b str,
        properties: &'b serde_json::Value,
        physical_id: &'b str,
    ) -> Filling<'b> {
        Filling {
            stack_id: self.wanted.stack_id,
            stack: self.wanted.stack,
            logical_id,
            region: self.wanted.region,
            account: self.wanted.account,
            properties,
            physical_id,
        }
    }

    /// Puts in what is known; whatever remains open is an error of the template.
    fn resolve(&self, value: &Value, place: &str) -> Result<serde_json::Value, Fault> {
        let resolved = value
            .resolve(self)
            .map_err(|error| Fault::validation(format!("Template error: {place}: {error}")))?;
        if let Some((resource, attribute)) = self.refused.take() {
            return Err(Fault::validation(format!(
                "Template error: resource {resource} does not support attribute type {attribute} in \
                 Fn::GetAtt"
            )));
        }
        if resolved.is_runtime() {
            let json = resolved.to_json();
            return Err(Fault::validation(format!(
                "Template error: {place}: cannot be worked out: {json}"
            )));
        }
        Ok(resolved.to_json())
    }
}

impl Known for World<'_> {
    fn reference(&self, logical_id: &str) -> Option<Value> {
        self.resources
            .get(logical_id)
            .map(|resource| Value::text(resource.physical_id.clone()))
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<Value> {
        let resource = self.resources.get(logical_id)?;
        let known = self.catalogue.find(&resource.type_name)?;
        let filling = self.filling(logical_id, &resource.properties, &resource.physical_id);
        let value = known.attribute(attribute, &filling);
        if value.is_none() {
            self.refused
                .replace(Some((logical_id.to_owned(), attribute.to_owned())));
        }
        value.map(Value::text)
    }

    fn import(&self, name: &str) -> Option<Value> {
        self.wanted
            .exports
            .get(name)
            .map(|value| Value::text(value.clone()))
    }

    fn dynamic(&self, reference: &str) -> Option<Value> {
        let digest = blake3::hash(reference.as_bytes()).to_hex();
        Some(Value::text(format!(
            "rehearsed-{}",
            digest.chars().take(8).collect::<String>()
        )))
    }

    fn parameter(&self, name: &str, ssm_key: Option<&str>) -> Option<Value> {
        let key = ssm_key.unwrap_or(name);
        let digest = blake3::hash(key.as_bytes()).to_hex();
        let kind = if key.contains("ami") { "ami-0" } else { "ssm-" };
        let tail: String = digest.chars().take(16).collect();
        Some(Value::text(format!("{kind}{tail}")))
    }
}
