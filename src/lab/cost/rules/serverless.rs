//! Services charged by use, counted with the assumed use, and their parts that cost by the hour.

use super::super::rows::{Row, Said, Stack, is_true, number, said};
use super::super::usage;
use super::requests;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

fn architecture(resource: &Resource) -> &'static str {
    let first = resource
        .property(&["Architectures"])
        .and_then(Value::as_list)
        .and_then(<[_]>::first)
        .and_then(Value::as_text);
    if first == Some("arm64") {
        "arm64"
    } else {
        "x86_64"
    }
}

pub(super) fn function(stack: &mut Stack<'_>, resource: &Resource) {
    let memory = number(resource.property(&["MemorySize"]), 128.0) / 1024.0;
    let invocations = usage::REQUESTS_PER_HOUR;
    let seconds = invocations * usage::SECONDS_PER_INVOCATION;
    let row = stack
        .row(resource)
        .add("lambda.requests", "-", invocations / 1e6)
        .add("lambda.gbs", architecture(resource), memory * seconds)
        .by_use(&format!(
            "{invocations} invocations/h of {} s, {} MB",
            usage::SECONDS_PER_INVOCATION,
            memory * 1024.0
        ));
    let ephemeral = number(resource.property(&["EphemeralStorage", "Size"]), 512.0);
    let row = if ephemeral > 512.0 {
        row.add(
            "lambda.ephemeral",
            "-",
            (ephemeral - 512.0) / 1024.0 * seconds,
        )
    } else {
        row
    };
    stack.push(row);
}

/// Versions and aliases are free until they keep instances warm.
pub(super) fn provisioned_concurrency(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let Some(count) = resource.property(&[
        "ProvisionedConcurrencyConfig",
        "ProvisionedConcurrentExecutions",
    ]) else {
        return stack.push(row);
    };
    let function = stack.target(resource.property(&["FunctionName"]));
    let memory = function.and_then(|function| function.property(&["MemorySize"]));
    let gb = number(memory.or_else(|| resource.property(&["MemorySize"])), 128.0) / 1024.0;
    let arm = function.is_some_and(|function| architecture(function) == "arm64");
    let warm = number(Some(count), 1.0);
    let row = row.add("lambda.provisioned", "arm64", gb * warm * 3600.0);
    let row = if arm { row } else { row.carried_over("arm64") };
    stack.push(row.note(
        "warm",
        &[("count", &warm.to_string()), ("gb", &gb.to_string())],
    ));
}

pub(super) fn rest_api(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "apigw.rest", "-", 1e6);
    stack.push(row);
}

pub(super) fn rest_stage(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = if is_true(resource.property(&["CacheClusterEnabled"])) {
        let size = number(resource.property(&["CacheClusterSize"]), 0.5);
        row.add("apigw.cache", &format!("{size} GB"), 1.0)
    } else {
        row
    };
    stack.push(row);
}

pub(super) fn http_api(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["ProtocolType"]) {
        Said::Text(kind @ ("HTTP" | "WEBSOCKET")) => requests(row, "apigw.v2", kind, 1e6),
        // An imported API is an HTTP API.
        Said::Absent => requests(row, "apigw.v2", "HTTP", 1e6),
        Said::Text(other) => row.unpriced(other),
        Said::Unknown => row.unknown("ProtocolType"),
    };
    stack.push(row);
}

pub(super) fn app_sync(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "appsync", "-", 1e6);
    stack.push(row);
}

pub(super) fn distribution(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("cloudfront.gb", "-", usage::GB_PER_MONTH / 730.0)
        .add("cloudfront.requests", "-", usage::REQUESTS_PER_HOUR / 1e4)
        .by_use(&format!(
            "{} GB/month, {} requests/h",
            usage::GB_PER_MONTH,
            usage::REQUESTS_PER_HOUR
        ));
    let certificate = [
        "DistributionConfig",
        "ViewerCertificate",
        "SslSupportMethod",
    ];
    let dedicated = resource.property(&certificate).and_then(Value::as_text) == Some("vip");
    let row = if dedicated {
        row.add("cloudfront.vip", "-", 1.0)
    } else {
        row
    };
    stack.push(row);
}

pub(super) fn topic(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "sns", fifo(resource, "FifoTopic"), 1e6);
    stack.push(row);
}

pub(super) fn queue(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "sqs", fifo(resource, "FifoQueue"), 1e6);
    stack.push(row);
}

fn fifo(resource: &Resource, property: &str) -> &'static str {
    if is_true(resource.property(&[property])) {
        "fifo"
    } else {
        "standard"
    }
}

pub(super) fn event_bus(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "eventbridge", "-", 1e6);
    stack.push(row);
}

pub(super) fn schedule(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "scheduler", "-", 1e6);
    stack.push(row);
}

pub(super) fn state_machine(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["StateMachineType"]) {
        Said::Text("EXPRESS") => requests(row, "sfn.express", "-", 1e6),
        Said::Absent | Said::Text(_) => row
            .add("sfn.standard", "-", usage::REQUESTS_PER_HOUR / 1e3)
            .by_use(&format!("{} transitions/h", usage::REQUESTS_PER_HOUR)),
        Said::Unknown => row.unknown("StateMachineType"),
    };
    stack.push(row);
}

pub(super) fn code_build(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["Environment", "ComputeType"]) {
        Said::Text(size) => minutes(row.add("codebuild", size, usage::WORK_MINUTES_PER_HOUR)),
        Said::Absent | Said::Unknown => row.unknown("ComputeType"),
    };
    stack.push(row);
}

fn minutes(row: Row<'_>) -> Row<'_> {
    row.by_use(&format!("{} min/h", usage::WORK_MINUTES_PER_HOUR))
}

pub(super) fn code_pipeline(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["PipelineType"]) {
        // CloudFormation's default.
        Said::Absent | Said::Text("V1") => row.add("codepipeline", "V1", 1.0),
        Said::Text(_) => minutes(row.add("codepipeline", "V2", usage::WORK_MINUTES_PER_HOUR)),
        Said::Unknown => row.unknown("PipelineType"),
    };
    stack.push(row);
}

/// A pool costs by its monthly active users; a lab has a handful.
pub(super) fn user_pool(stack: &mut Stack<'_>, resource: &Resource) {
    let users = 10.0;
    let row = stack
        .row(resource)
        .add("cognito", "-", users / 730.0)
        .by_use(&format!("{users} users/month"));
    stack.push(row);
}

/// A function at the edge costs by its runs.
pub(super) fn edge_function(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "cloudfront.function", "-", 1e6);
    stack.push(row);
}

pub(super) fn app_sync_cache(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["Type"]) {
        Said::Text(size) => row.add("appsync.cache", size, 1.0),
        Said::Absent | Said::Unknown => row.unknown("Type"),
    };
    stack.push(row);
}

pub(super) fn pipe(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "pipes", "-", 1e6);
    stack.push(row);
}

pub(super) fn topic_rule(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "iot.rules", "-", 1e6);
    stack.push(row);
}

pub(super) fn event_archive(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("eventbridge.archive", "-", usage::GB_PER_MONTH / 730.0)
        .by_use(&format!("{} GB/month", usage::GB_PER_MONTH));
    stack.push(row);
}

pub(super) fn artifacts(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("codeartifact.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())]);
    stack.push(row);
}
