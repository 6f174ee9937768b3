//! Looking at stacks: states, events, resources, exports.

use jiff::Timestamp;

use super::{required, the_stack, time};
use crate::adapter::rehearsal::engine::Scene;
use crate::adapter::rehearsal::fault::Fault;
use crate::adapter::rehearsal::state::{Moment, Prepared, Stack};
use crate::adapter::rehearsal::xml::Xml;

/// How many items a page has.
const PAGE: usize = 100;

/// Cuts the page that a request asks for out of all items; gives the token of the next.
fn page<T>(scene: &Scene<'_>, items: Vec<T>) -> (Vec<T>, Option<String>) {
    let from: usize = scene
        .params
        .get("NextToken")
        .and_then(|token| token.parse().ok())
        .unwrap_or(0);
    let more = items.len() > from + PAGE;
    let cut = items.into_iter().skip(from).take(PAGE).collect();
    (cut, more.then(|| (from + PAGE).to_string()))
}

/// `DescribeStacks`.
pub(super) fn stacks(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let named = scene
        .params
        .get("StackName")
        .filter(|name| !name.is_empty());
    let found = match named {
        Some(_) => vec![the_stack(scene)?],
        None => scene
            .page
            .stacks()?
            .into_iter()
            .filter(|stack| stack.region == scene.region && !stack.is_deleted(scene.now))
            .collect(),
    };
    let (found, next) = page(scene, found);
    xml.list("Stacks", &found, |xml, stack| {
        one_stack(xml, stack, scene.now);
    })
    .maybe("NextToken", next);
    Ok(())
}

fn one_stack(xml: &mut Xml, stack: &Stack, now: Timestamp) {
    let (status, reason) = stack.status(now);
    xml.leaf("StackId", &stack.id)
        .leaf("StackName", &stack.name)
        .maybe("Description", stack.description.as_ref())
        .leaf("CreationTime", time(stack.created()))
        .leaf("StackStatus", status)
        .maybe("StackStatusReason", reason)
        .leaf("DisableRollback", "false")
        .leaf(
            "EnableTerminationProtection",
            if stack.protected { "true" } else { "false" },
        )
        .texts("Capabilities", &stack.capabilities)
        .node("DriftInformation", |xml| {
            xml.leaf("StackDriftStatus", drift_status(stack));
        })
        .list("Parameters", &stack.parameters, |xml, (key, value)| {
            xml.leaf("ParameterKey", key).leaf("ParameterValue", value);
        })
        .list("Tags", &stack.tags, |xml, (key, value)| {
            xml.leaf("Key", key).leaf("Value", value);
        });
    if stack.is_deleted(now) {
        xml.leaf("DeletionTime", time(stack.changed(now)));
    }
    if stack.has_outputs(now) {
        xml.list("Outputs", &stack.outputs, |xml, output| {
            xml.leaf("OutputKey", &output.key)
                .leaf("OutputValue", &output.value)
                .maybe("Description", output.description.as_ref())
                .maybe("ExportName", output.export.as_ref());
        });
    }
}

/// Gives the drift status as the last detection found it.
pub(super) fn drift_status(stack: &Stack) -> &'static str {
    let drifted = stack.resources.iter().any(super::drift::is_drifted);
    match (stack.drift.is_some(), drifted) {
        (false, _) => "NOT_CHECKED",
        (true, true) => "DRIFTED",
        (true, false) => "IN_SYNC",
    }
}

/// `ListStacks`, deleted ones included.
pub(super) fn list_stacks(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let filter = scene.params.list("StackStatusFilter");
    let mut found: Vec<Stack> = scene
        .page
        .stacks()?
        .into_iter()
        .filter(|stack| stack.region == scene.region)
        .filter(|stack| {
            filter.is_empty()
                || filter
                    .iter()
                    .any(|wanted| wanted == stack.status(scene.now).0)
        })
        .collect();
    found.reverse();
    let (found, next) = page(scene, found);
    xml.list("StackSummaries", &found, |xml, stack| {
        let (status, reason) = stack.status(scene.now);
        xml.leaf("StackId", &stack.id)
            .leaf("StackName", &stack.name)
            .maybe("TemplateDescription", stack.description.as_ref())
            .leaf("CreationTime", time(stack.created()))
            .leaf("StackStatus", status)
            .maybe("StackStatusReason", reason);
        if stack.is_deleted(scene.now) {
            xml.leaf("DeletionTime", time(stack.changed(scene.now)));
        }
    })
    .maybe("NextToken", next);
    Ok(())
}

/// `DescribeStackEvents`, newest first.
pub(super) fn events(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let stack = the_stack(scene)?;
    let past: Vec<&Moment> = stack.past(scene.now).rev().collect();
    let (past, next) = page(scene, past);
    xml.list("StackEvents", past, |xml, moment| {
        let own = moment.logical_id.is_empty();
        let resource = stack.prepared(&moment.logical_id);
        let (logical_id, type_name) = if own {
            (stack.name.as_str(), "AWS::CloudFormation::Stack")
        } else {
            (
                moment.logical_id.as_str(),
                resource.map_or("", |resource| resource.type_name.as_str()),
            )
        };
        xml.leaf("StackId", &stack.id)
            .leaf("EventId", &moment.id)
            .leaf("StackName", &stack.name)
            .leaf("LogicalResourceId", logical_id)
            .leaf("PhysicalResourceId", &moment.physical_id)
            .leaf("ResourceType", type_name)
            .leaf("Timestamp", time(moment.at))
            .leaf("ResourceStatus", &moment.status)
            .maybe("ResourceStatusReason", moment.reason.as_ref());
    })
    .maybe("NextToken", next);
    Ok(())
}

/// Gives the resources that exist or existed, each with the last thing that happened to it.
fn present(stack: &Stack, now: Timestamp) -> Vec<(&Prepared, &Moment)> {
    stack
        .resources
        .iter()
        .filter_map(|resource| Some((resource, stack.resource_now(&resource.logical_id, now)?)))
        .collect()
}

fn one_resource(xml: &mut Xml, resource: &Prepared, moment: &Moment, stamp: &str) {
    xml.leaf("LogicalResourceId", &resource.logical_id);
    if !moment.physical_id.is_empty() {
        xml.leaf("PhysicalResourceId", &moment.physical_id);
    }
    xml.leaf("ResourceType", &resource.type_name)
        .leaf(stamp, time(moment.at))
        .leaf("ResourceStatus", &moment.status)
        .maybe("ResourceStatusReason", moment.reason.as_ref());
}

/// `ListStackResources`.
pub(super) fn list_resources(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let stack = the_stack(scene)?;
    let (items, next) = page(scene, present(&stack, scene.now));
    xml.list(
        "StackResourceSummaries",
        items,
        |xml, (resource, moment)| one_resource(xml, resource, moment, "LastUpdatedTimestamp"),
    )
    .maybe("NextToken", next);
    Ok(())
}

/// `DescribeStackResources`, by stack or by physical id.
pub(super) fn resources(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let stack = match scene.params.get("PhysicalResourceId") {
        Some(physical) if scene.params.get("StackName").is_none() => scene
            .page
            .stacks()?
            .into_iter()
            .find(|stack| {
                !stack.is_deleted(scene.now)
                    && stack.resources.iter().any(|r| r.physical_id == physical)
            })
            .ok_or_else(|| Fault::no_stack(physical))?,
        _ => the_stack(scene)?,
    };
    let logical = scene.params.get("LogicalResourceId");
    let items: Vec<_> = present(&stack, scene.now)
        .into_iter()
        .filter(|(resource, _)| logical.is_none_or(|wanted| wanted == resource.logical_id))
        .take(PAGE)
        .collect();
    xml.list("StackResources", items, |xml, (resource, moment)| {
        xml.leaf("StackId", &stack.id)
            .leaf("StackName", &stack.name);
        one_resource(xml, resource, moment, "Timestamp");
    });
    Ok(())
}

/// `DescribeStackResource`.
pub(super) fn resource(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let stack = the_stack(scene)?;
    let logical = required(scene, "LogicalResourceId")?;
    let found = present(&stack, scene.now)
        .into_iter()
        .find(|(resource, _)| resource.logical_id == logical);
    let Some((resource, moment)) = found else {
        return Err(Fault::validation(format!(
            "Resource {logical} does not exist for stack {}",
            stack.name
        )));
    };
    xml.node("StackResourceDetail", |xml| {
        xml.leaf("StackId", &stack.id)
            .leaf("StackName", &stack.name);
        one_resource(xml, resource, moment, "LastUpdatedTimestamp");
    });
    Ok(())
}

/// `ListExports`.
pub(super) fn exports(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let mut found = Vec::new();
    for stack in scene.page.stacks()? {
        if stack.region != scene.region || !stack.has_outputs(scene.now) {
            continue;
        }
        for output in &stack.outputs {
            if let Some(name) = &output.export {
                found.push((stack.id.clone(), name.clone(), output.value.clone()));
            }
        }
    }
    let (found, next) = page(scene, found);
    xml.list("Exports", found, |xml, (stack, name, value)| {
        xml.leaf("ExportingStackId", stack)
            .leaf("Name", name)
            .leaf("Value", value);
    })
    .maybe("NextToken", next);
    Ok(())
}
