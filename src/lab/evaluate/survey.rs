//! One walk through a template: parameters, conditions, resources, outputs, then the checks that need all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::functions::Evaluator;
use super::{
    DeletionPolicy, Evaluated, Inputs, Output, Resource, Survey, capabilities, limits, order,
    parameters, sam,
};
use crate::lab::finding::Finding;
use crate::lab::template::{Entry, Node, NodeKind, Template, child};
use crate::lab::value::{Expression, Map, Value};

/// Evaluates all of a template.
pub(super) fn run(template: &Template, inputs: &Inputs) -> Survey {
    let mut findings = template.findings.clone();
    limits::of_template(template, &mut findings);
    let bound = parameters::bind(template, inputs, &mut findings);
    let mut evaluator = Evaluator::new(template, inputs, bound.values, findings);
    let conditions = evaluator.unroll_section(&template.conditions);
    evaluator.condition_entries = conditions
        .iter()
        .map(|entry| (entry.name.clone(), entry.clone()))
        .collect();
    for entry in &conditions {
        evaluator.condition(&entry.name, entry.place);
    }
    macros(&mut evaluator);
    let entries = evaluator.unroll_section(&template.resources);
    limits::of_resources(&entries, &mut evaluator.findings);
    let mut resources = Vec::with_capacity(entries.len());
    let mut left_out = BTreeSet::new();
    for entry in &entries {
        match resource(&mut evaluator, entry) {
            Some(resource) => resources.push(resource),
            None => {
                left_out.insert(entry.name.clone());
            }
        }
    }
    let resources = sam::expand(&mut evaluator, resources);
    let output_entries = evaluator.unroll_section(&template.outputs);
    limits::of_outputs(&output_entries, &mut evaluator.findings);
    let outputs = output_entries
        .iter()
        .filter_map(|entry| output(&mut evaluator, entry))
        .collect();
    check_modules(&resources, &mut evaluator.findings);
    check_references(&mut evaluator, &resources, &left_out);
    let resources = with_dependencies(resources, &left_out, &mut evaluator.findings);
    let resources = order::order(resources, &mut evaluator.findings);
    let evaluated = Evaluated {
        capabilities: capabilities::needed(template, &resources),
        conditions: evaluator.conditions(),
        parameters: bound.shown,
        resources,
        outputs,
    };
    Survey {
        evaluated,
        findings: evaluator.findings,
    }
}

/// Names the macros that only AWS can run.
fn macros(evaluator: &mut Evaluator<'_>) {
    let template = evaluator.template;
    for (name, place) in &template.transforms {
        match name.as_str() {
            "AWS::LanguageExtensions" | "AWS::Serverless-2016-10-31" => {}
            // They add resources of their own: a rotation function, a blue-green deployment.
            "AWS::SecretsManager-2020-07-23"
            | "AWS::SecretsManager-2024-09-16"
            | "AWS::CodeDeployBlueGreen" => {
                evaluator.findings.push(
                    Finding::confirm("macro-adds")
                        .at(*place)
                        .with("macro", name),
                );
            }
            _ => evaluator
                .findings
                .push(Finding::deny("macro").at(*place).with("macro", name)),
        }
    }
    if !template.rules.is_empty()
        && let Some(rule) = template.rules.first()
    {
        let finding = Finding::note("rules-not-checked").at(rule.place);
        evaluator.findings.push(finding);
    }
}

const ATTRIBUTES: [&str; 14] = [
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Metadata",
    // Taken and ignored by the service.
    "Description",
    "Version",
    // Of SAM.
    "Connectors",
    "IgnoreGlobals",
    "ResourceAttributes",
];

/// Evaluates a resource; `None` when its condition does not hold, or it is no resource at all.
fn resource(evaluator: &mut Evaluator<'_>, entry: &Entry) -> Option<Resource> {
    evaluator.owner = Some(entry.name.clone());
    evaluator.places = BTreeMap::new();
    let NodeKind::Mapping(attributes) = &entry.node.kind else {
        let finding = Finding::deny("resource-form");
        evaluator.find(finding, entry.place);
        return None;
    };
    for (key, _) in attributes {
        if !ATTRIBUTES.contains(&key.name.as_str()) {
            let nearest = crate::text::nearest(&key.name, ATTRIBUTES).unwrap_or("Properties");
            let finding = Finding::deny("resource-attribute")
                .with("attribute", &key.name)
                .with("nearest", nearest);
            evaluator.find(finding, key.place);
        }
    }
    if let Some((key, node)) = child(&entry.node, "Condition") {
        match &node.kind {
            NodeKind::Scalar { text, .. } => {
                if evaluator.condition(text, node.place) == Some(false) {
                    return None;
                }
            }
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                let finding = Finding::deny("resource-attribute")
                    .with("attribute", "Condition")
                    .with("nearest", "Condition");
                evaluator.find(finding, key.place);
            }
        }
    }
    let type_name = if let Some(NodeKind::Scalar { text, .. }) =
        child(&entry.node, "Type").map(|(_, node)| &node.kind)
    {
        text.clone()
    } else {
        let finding = Finding::deny("resource-type-missing");
        evaluator.find(finding, entry.place);
        return None;
    };
    let metadata = part(evaluator, entry, "Metadata");
    let creation_policy = part(evaluator, entry, "CreationPolicy");
    let update_policy = part(evaluator, entry, "UpdatePolicy");
    let explicit = policy(evaluator, entry, "DeletionPolicy");
    let update_replace_policy = policy(evaluator, entry, "UpdateReplacePolicy");
    evaluator.places = BTreeMap::new();
    let properties = match child(&entry.node, "Properties") {
        Some((key, node)) => {
            let properties = evaluator.node(node);
            match properties {
                Some(map @ (Value::Map(_) | Value::Runtime(_))) => map,
                Some(Value::Null) | None => Value::Map(Map::default()),
                Some(_) => {
                    let finding = Finding::deny("resource-form");
                    evaluator.find(finding, key.place);
                    Value::Map(Map::default())
                }
            }
        }
        None => Value::Map(Map::default()),
    };
    let deletion_policy =
        explicit.unwrap_or_else(|| default_deletion_policy(&type_name, &properties));
    Some(Resource {
        logical_id: entry.name.clone(),
        depends_on: explicit_dependencies(evaluator, entry),
        type_name,
        properties,
        deletion_policy,
        deletion_policy_is_explicit: explicit.is_some(),
        update_replace_policy: update_replace_policy.unwrap_or_default(),
        creation_policy,
        update_policy,
        metadata,
        generated_from: None,
        place: entry.place,
        places: std::mem::take(&mut evaluator.places),
    })
}

fn part(evaluator: &mut Evaluator<'_>, entry: &Entry, name: &str) -> Option<Value> {
    let (_, node) = child(&entry.node, name)?;
    evaluator.node(node)
}

/// Databases leave a snapshot behind unless the template says otherwise.
fn default_deletion_policy(type_name: &str, properties: &Value) -> DeletionPolicy {
    match type_name {
        "AWS::RDS::DBCluster" => DeletionPolicy::Snapshot,
        "AWS::RDS::DBInstance" if properties.get("DBClusterIdentifier").is_none() => {
            DeletionPolicy::Snapshot
        }
        _ => DeletionPolicy::Delete,
    }
}

fn policy(evaluator: &mut Evaluator<'_>, entry: &Entry, name: &str) -> Option<DeletionPolicy> {
    let (key, node) = child(&entry.node, name)?;
    if let NodeKind::Mapping(entries) = &node.kind
        && let [(function, _)] = entries.as_slice()
        && !evaluator.extensions
    {
        let function = format!("{name}: {}", function.name);
        evaluator.needs_extensions(&function, key.place);
        return None;
    }
    let value = evaluator.node(node)?;
    match value.as_text() {
        Some("Delete") => Some(DeletionPolicy::Delete),
        Some("Retain") => Some(DeletionPolicy::Retain),
        Some("RetainExceptOnCreate") => Some(DeletionPolicy::RetainExceptOnCreate),
        Some("Snapshot") => Some(DeletionPolicy::Snapshot),
        _ => {
            if !is_told(&value) {
                let finding = Finding::deny("deletion-policy")
                    .with("attribute", name)
                    .with("value", &value);
                evaluator.find(finding, key.place);
            }
            None
        }
    }
}

/// Says whether there is a finding already on why a value is not known.
fn is_told(value: &Value) -> bool {
    let Value::Runtime(expression) = value else {
        return false;
    };
    matches!(
        **expression,
        Expression::Parameter { .. } | Expression::Unknown { .. }
    )
}

fn explicit_dependencies(evaluator: &mut Evaluator<'_>, entry: &Entry) -> Vec<String> {
    let Some((_, node)) = child(&entry.node, "DependsOn") else {
        return Vec::new();
    };
    let mut ids = Vec::new();
    let mut take = |evaluator: &mut Evaluator<'_>, node: &Node| match &node.kind {
        NodeKind::Scalar { text, .. } => ids.push(text.clone()),
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
            let finding = Finding::deny("depends-on-form");
            evaluator.find(finding, node.place);
        }
    };
    match &node.kind {
        NodeKind::Sequence(items) => {
            for item in items {
                take(evaluator, item);
            }
        }
        NodeKind::Scalar { .. } | NodeKind::Mapping(_) => take(evaluator, node),
    }
    ids
}

fn output(evaluator: &mut Evaluator<'_>, entry: &Entry) -> Option<Output> {
    evaluator.owner = Some(entry.name.clone());
    evaluator.places = BTreeMap::new();
    if let Some((_, node)) = child(&entry.node, "Condition")
        && let NodeKind::Scalar { text, .. } = &node.kind
        && evaluator.condition(text, node.place) == Some(false)
    {
        return None;
    }
    let Some((_, node)) = child(&entry.node, "Value") else {
        let finding = Finding::deny("output-form");
        evaluator.find(finding, entry.place);
        return None;
    };
    let value = evaluator.node(node)?;
    let export = child(&entry.node, "Export")
        .and_then(|(_, node)| child(node, "Name"))
        .and_then(|(_, node)| evaluator.node(node));
    let description = match child(&entry.node, "Description").map(|(_, node)| &node.kind) {
        Some(NodeKind::Scalar { text, .. }) => Some(text.clone()),
        _ => None,
    };
    Some(Output {
        name: entry.name.clone(),
        value,
        description,
        export,
        place: entry.place,
    })
}

/// Says whether a resource is a module, which only AWS can expand.
fn is_module(resource: &Resource) -> bool {
    resource.type_name.ends_with("::MODULE")
}

/// Names the modules.
fn check_modules(resources: &[Resource], findings: &mut Vec<Finding>) {
    for resource in resources.iter().filter(|resource| is_module(resource)) {
        findings.push(
            Finding::deny("module")
                .on(&resource.logical_id)
                .at(resource.place)
                .with("type", &resource.type_name),
        );
    }
}

/// Looks for what every reference refers to.
fn check_references(
    evaluator: &mut Evaluator<'_>,
    resources: &[Resource],
    left_out: &BTreeSet<String>,
) {
    let known: BTreeSet<&str> = resources.iter().map(|r| r.logical_id.as_str()).collect();
    let modules: Vec<&str> = resources
        .iter()
        .filter(|resource| is_module(resource))
        .map(|resource| resource.logical_id.as_str())
        .collect();
    let mut told = BTreeSet::new();
    // Suggestions cost a walk through all names: a handful is enough for anybody.
    let mut suggestions = 20_u32;
    for reference in std::mem::take(&mut evaluator.references) {
        // What a module makes is named after it: `Module.Resource`, `ModuleResource`.
        let of_module = modules.iter().any(|id| reference.name.starts_with(id));
        if known.contains(reference.name.as_str())
            || of_module
            || !told.insert((reference.name.clone(), reference.place))
        {
            continue;
        }
        let finding = if left_out.contains(&reference.name) {
            Finding::deny("unresolved-dependency").with("name", &reference.name)
        } else {
            let names = known
                .iter()
                .copied()
                .chain(evaluator.parameters.keys().map(String::as_str));
            suggestions = suggestions.saturating_sub(1);
            let nearest = if suggestions > 0 {
                crate::text::nearest(&reference.name, names).unwrap_or("-")
            } else {
                "-"
            };
            Finding::deny("unknown-reference")
                .with("name", &reference.name)
                .with("nearest", nearest)
        };
        evaluator.owner = reference.owner;
        evaluator.find(finding, reference.place);
    }
    evaluator.owner = None;
}

/// Adds the dependencies by reference to those by `DependsOn`.
fn with_dependencies(
    mut resources: Vec<Resource>,
    left_out: &BTreeSet<String>,
    findings: &mut Vec<Finding>,
) -> Vec<Resource> {
    let known: BTreeSet<String> = resources.iter().map(|r| r.logical_id.clone()).collect();
    for resource in &mut resources {
        let mut ids: Vec<String> = Vec::new();
        for id in std::mem::take(&mut resource.depends_on) {
            if known.contains(&id) {
                ids.push(id);
            } else if !left_out.contains(&id) {
                let nearest = if findings.len() < 50 {
                    crate::text::nearest(&id, known.iter().map(String::as_str))
                } else {
                    None
                };
                findings.push(
                    Finding::deny("unknown-reference")
                        .on(&resource.logical_id)
                        .at(resource.place)
                        .with("name", &id)
                        .with("nearest", nearest.unwrap_or("-")),
                );
            }
        }
        let mut seen: BTreeSet<String> = ids.iter().cloned().collect();
        let mut add = |id: &str, _: Option<&str>| {
            if known.contains(id) && seen.insert(id.to_owned()) {
                ids.push(id.to_owned());
            }
        };
        resource.properties.each_reference(&mut add);
        for part in [
            &resource.metadata,
            &resource.creation_policy,
            &resource.update_policy,
        ]
        .into_iter()
        .flatten()
        {
            part.each_reference(&mut add);
        }
        resource.depends_on = ids;
    }
    resources
}
