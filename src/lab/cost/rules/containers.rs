//! Containers: Fargate tasks, EKS clusters and nodes, registries.

use super::super::rows::{Row, Said, Stack, is_true, number, said, whole};
use super::super::usage;
use super::compute;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

/// A service's tasks, when they run on Fargate; on instances the instances are what costs.
pub(super) fn service(stack: &mut Stack<'_>, resource: &Resource) {
    let definition = stack.target(resource.property(&["TaskDefinition"]));
    let tasks = whole(resource.property(&["DesiredCount"]), 1);
    let most = scaled_to(stack, resource).unwrap_or(tasks).max(tasks);
    let row = stack.row(resource).count(tasks).at_most(most);
    let on_fargate = match said(resource, &["LaunchType"]) {
        Said::Text(kind) => kind == "FARGATE",
        Said::Absent => {
            let strategy = resource
                .property(&["CapacityProviderStrategy"])
                .and_then(Value::as_list);
            match strategy {
                Some(strategy) => strategy.iter().any(|item| {
                    let provider = item.get("CapacityProvider").and_then(Value::as_text);
                    provider.is_some_and(|name| name.starts_with("FARGATE"))
                }),
                // Without a word the cluster's default decides; a definition for Fargate alone tells.
                None => definition.is_some_and(only_fargate),
            }
        }
        Said::Unknown => definition.is_some_and(only_fargate),
    };
    if !on_fargate {
        let row = row.note("on-instances", &[]);
        return stack.push(row);
    }
    let row = row.needs_number(resource, &["DesiredCount"]);
    let row = match definition {
        Some(definition) => fargate(row, definition),
        None => row.unknown("TaskDefinition"),
    };
    stack.push(row.note(
        "scaling",
        &[("desired", &tasks.to_string()), ("most", &most.to_string())],
    ));
    let public = resource.property(&[
        "NetworkConfiguration",
        "AwsvpcConfiguration",
        "AssignPublicIp",
    ]);
    if public.and_then(Value::as_text) == Some("ENABLED") {
        let row = stack
            .implied(resource, "AWS::EC2::EIP")
            .add("ipv4", "-", 1.0)
            .count(tasks)
            .at_most(most)
            .note("public-ipv4", &[]);
        stack.push(row);
    }
}

fn only_fargate(definition: &Resource) -> bool {
    let kinds = definition
        .property(&["RequiresCompatibilities"])
        .and_then(Value::as_list);
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.as_text() == Some("FARGATE")))
}

/// Finds how far Application Auto Scaling may raise a service.
fn scaled_to(stack: &Stack<'_>, service: &Resource) -> Option<u32> {
    stack
        .of_type("AWS::ApplicationAutoScaling::ScalableTarget")
        .filter(|target| {
            let mut about = false;
            if let Some(id) = target.property(&["ResourceId"]) {
                id.each_reference(&mut |name, _| about |= name == service.logical_id);
            }
            about
        })
        .map(|target| whole(target.property(&["MaxCapacity"]), 1))
        .max()
}

fn fargate<'a>(row: Row<'a>, definition: &Resource) -> Row<'a> {
    let size = |name: &str| definition.property(&[name]).and_then(size);
    // The smallest task, when the definition does not say.
    let cpu = size("Cpu").map_or(0.25, |cpu| if cpu >= 64.0 { cpu / 1024.0 } else { cpu });
    let memory = size("Memory").map_or(0.5, |memory| {
        if memory >= 256.0 {
            memory / 1024.0
        } else {
            memory
        }
    });
    let shown = (cpu.to_string(), memory.to_string());
    let row = row
        .add("fargate.vcpu", "-", cpu)
        .add("fargate.gb", "-", memory)
        .note("fargate", &[("vcpu", &shown.0), ("gb", &shown.1)]);
    let architecture = definition.property(&["RuntimePlatform", "CpuArchitecture"]);
    if architecture.and_then(Value::as_text) == Some("ARM64") {
        // Arm tasks cost about a fifth less; the dearer price is kept.
        return row.note("arm-cheaper", &[]);
    }
    row
}

/// Reads `256`, `.25 vCPU`, `0.5 GB`.
fn size(value: &Value) -> Option<f64> {
    let text = value.as_text()?;
    let digits: String = text
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    digits.parse().ok()
}

pub(super) fn eks_cluster(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource).add("eks", "-", 1.0);
    stack.push(row);
}

pub(super) fn node_group(stack: &mut Stack<'_>, resource: &Resource) {
    let scaling = |name: &str| resource.property(&["ScalingConfig", name]);
    let least = whole(scaling("MinSize"), 1);
    let nodes = whole(scaling("DesiredSize"), least.max(1));
    let most = whole(scaling("MaxSize"), nodes).max(nodes);
    let template = stack.target(resource.property(&["LaunchTemplate"]));
    let class = match resource.property(&["InstanceTypes"]) {
        Some(Value::List(classes)) => match classes.first() {
            Some(class) => class.as_text().map_or(Said::Unknown, Said::Text),
            None => Said::Text("t3.medium"),
        },
        Some(_) => Said::Unknown,
        None => match template.map(|t| said(t, &["LaunchTemplateData", "InstanceType"])) {
            Some(Said::Text(class)) => Said::Text(class),
            // The service's default.
            _ => Said::Text("t3.medium"),
        },
    };
    let row = compute::nodes(stack.row(resource).count(nodes).at_most(most), class);
    let row = ["MinSize", "DesiredSize", "MaxSize"]
        .iter()
        .fold(row, |row, name| {
            row.needs_number(resource, &["ScalingConfig", name])
        });
    stack.push(row.note(
        "scaling",
        &[("desired", &nodes.to_string()), ("most", &most.to_string())],
    ));
    let gib = number(resource.property(&["DiskSize"]), 20.0);
    compute::disks(stack, resource, "gp2", gib, nodes, most);
}

pub(super) fn repository(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("ecr.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())]);
    stack.push(row);
}

/// Memory is charged while the service exists; processors while it works are left to the note.
pub(super) fn app_runner(stack: &mut Stack<'_>, resource: &Resource) {
    let memory = resource
        .property(&["InstanceConfiguration", "Memory"])
        .and_then(size);
    let gb = memory.map_or(2.0, |memory| {
        if memory >= 256.0 {
            memory / 1024.0
        } else {
            memory
        }
    });
    let paused = is_true(resource.property(&["Paused"]));
    let row = stack.row(resource);
    let row = if paused {
        row
    } else {
        row.add("apprunner", "-", gb)
    };
    stack.push(row.note("memory-only", &[("gb", &gb.to_string())]));
}
