//! SAM's types, expanded into the resources that the `AWS::Serverless` macro makes of them.
//!
//! For estimates and dependencies, not for deployment: there the macro itself runs. Ids follow the documented
//! scheme of the macro (`<Function>Role`, `ServerlessRestApi`, `<Api><Stage>Stage` …); where the macro appends a
//! hash (versions, deployments) the id is given without it.

use super::functions::Evaluator;
use super::{DeletionPolicy, Resource};
use crate::lab::finding::Finding;
use crate::lab::template::child;
use crate::lab::value::{Expression, Map, Value};

mod api;
mod events;
mod function;
mod other;

const MACRO: &str = "AWS::Serverless-2016-10-31";

/// What the expansion of one template needs to know and collects.
struct Expansion {
    made: Vec<Resource>,
    findings: Vec<Finding>,
    /// Whether an event asked for the API that SAM makes by itself, and where.
    implicit_rest: Option<Resource>,
    implicit_http: Option<Resource>,
    deployment_application: bool,
}

/// Expands the SAM types among resources; all others pass unchanged.
pub(super) fn expand(evaluator: &mut Evaluator<'_>, resources: Vec<Resource>) -> Vec<Resource> {
    let is_sam = |resource: &Resource| resource.type_name.starts_with("AWS::Serverless::");
    if !resources.iter().any(is_sam) {
        return resources;
    }
    if let Some(first) = resources.iter().find(|resource| is_sam(resource))
        && !evaluator
            .template
            .transforms
            .iter()
            .any(|(n, _)| n == MACRO)
    {
        evaluator.findings.push(
            Finding::deny("sam-without-transform")
                .on(&first.logical_id)
                .at(first.place),
        );
    }
    let globals = evaluator.template.globals.clone();
    evaluator.owner = Some("Globals".to_owned());
    let mut expansion = Expansion {
        made: Vec::with_capacity(resources.len() * 3),
        findings: Vec::new(),
        implicit_rest: None,
        implicit_http: None,
        deployment_application: false,
    };
    for mut resource in resources {
        let Some(kind) = resource.type_name.strip_prefix("AWS::Serverless::") else {
            expansion.made.push(resource);
            continue;
        };
        let kind = kind.to_owned();
        if let Some((_, section)) = globals.as_ref().and_then(|globals| child(globals, &kind))
            && let Some(common) = evaluator.node(section)
        {
            resource.properties = merge(&common, &resource.properties);
        }
        match kind.as_str() {
            "Function" => function::expand(&mut expansion, &resource),
            "Api" => api::rest(&mut expansion, &resource),
            "HttpApi" => api::http(&mut expansion, &resource),
            "SimpleTable" => other::table(&mut expansion, resource),
            "LayerVersion" => other::layer(&mut expansion, resource),
            "StateMachine" => other::state_machine(&mut expansion, &resource),
            "Application" => other::application(&mut expansion, resource),
            "Connector" => other::connector(&mut expansion, resource),
            "GraphQLApi" => other::graphql(&mut expansion, resource),
            // Stays as it is; the type is in no price table and is refused by name there.
            _ => expansion.made.push(resource),
        }
    }
    api::implicit(&mut expansion);
    evaluator.findings.append(&mut expansion.findings);
    evaluator.owner = None;
    expansion.made
}

/// Lays a resource's own properties over the common ones: mappings merge, lists join, the rest is replaced.
fn merge(common: &Value, own: &Value) -> Value {
    match (common, own) {
        (Value::Map(common), Value::Map(own)) => {
            let mut merged = common.clone();
            for (key, value) in &own.0 {
                let value = match common.get(key) {
                    Some(base) => merge(base, value),
                    None => value.clone(),
                };
                merged.set(key, value);
            }
            Value::Map(merged)
        }
        (Value::List(common), Value::List(own)) => {
            Value::List(common.iter().chain(own).cloned().collect())
        }
        (_, own) => own.clone(),
    }
}

/// Makes a resource that comes with another one.
fn generated(
    parent: &Resource,
    id: String,
    type_name: &str,
    properties: Vec<(&str, Value)>,
) -> Resource {
    Resource {
        logical_id: id,
        type_name: type_name.to_owned(),
        properties: map(properties),
        depends_on: Vec::new(),
        deletion_policy: DeletionPolicy::Delete,
        deletion_policy_is_explicit: false,
        update_replace_policy: DeletionPolicy::Delete,
        creation_policy: None,
        update_policy: None,
        metadata: None,
        generated_from: Some(parent.logical_id.clone()),
        place: parent.place,
        places: std::collections::BTreeMap::new(),
    }
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(Map(entries
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()))
}

/// Makes a `Ref`.
fn reference(id: &str) -> Value {
    Expression::Ref {
        logical_id: id.to_owned(),
    }
    .into()
}

/// Makes a `Fn::GetAtt`.
fn attribute(id: &str, attribute: &str) -> Value {
    Expression::GetAtt {
        logical_id: id.to_owned(),
        attribute: Value::text(attribute),
    }
    .into()
}

/// Copies properties under their own or other names.
fn copy(from: &Value, names: &[(&str, &str)]) -> Vec<(String, Value)> {
    names
        .iter()
        .filter_map(|(name, to)| Some(((*to).to_owned(), from.get(name)?.clone())))
        .collect()
}

/// Gives the logical id that a property refers to by `Ref` or `Fn::GetAtt`.
fn target(value: &Value) -> Option<String> {
    match value {
        Value::Runtime(expression) => match expression.as_ref() {
            Expression::Ref { logical_id } | Expression::GetAtt { logical_id, .. } => {
                Some(logical_id.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Makes the role of a function or state machine that names none.
fn role(parent: &Resource, service: &str) -> Resource {
    let statement = map(vec![
        ("Effect", Value::text("Allow")),
        ("Action", Value::text("sts:AssumeRole")),
        ("Principal", map(vec![("Service", Value::text(service))])),
    ]);
    let document = map(vec![
        ("Version", Value::text("2012-10-17")),
        ("Statement", Value::List(vec![statement])),
    ]);
    let mut role = generated(
        parent,
        format!("{}Role", parent.logical_id),
        "AWS::IAM::Role",
        vec![("AssumeRolePolicyDocument", document)],
    );
    // The policies are kept for what they refer to: they decide the order.
    if let (Some(policies), Value::Map(properties)) =
        (parent.property(&["Policies"]), &mut role.properties)
    {
        properties.set("Policies", policies.clone());
    }
    role
}
