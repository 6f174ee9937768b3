//! Watching, logging, keys, secrets, security, directories.

use super::super::rows::{Said, Stack, number, said};
use super::super::usage;
use super::requests;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

/// Costs nothing by itself, though the table names it.
pub(super) fn free(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    stack.push(row);
}

fn simple(stack: &mut Stack<'_>, resource: &Resource, key: &str, value: &str, quantity: f64) {
    let row = stack.row(resource).add(key, value, quantity);
    stack.push(row);
}

pub(super) fn kms_key(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "kms.key", "-", 1.0);
}

pub(super) fn secret(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "secret", "-", 1.0);
}

/// Standard parameters are free.
pub(super) fn parameter(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["Tier"]) {
        Said::Text("Advanced") => row.add("ssm.advanced", "Advanced", 1.0),
        Said::Text("Intelligent-Tiering" | _) | Said::Absent => row,
        Said::Unknown => row.unknown("Tier"),
    };
    stack.push(row);
}

/// A high-resolution alarm costs three times a standard one, and so does one on a band of the expected.
pub(super) fn alarm(stack: &mut Stack<'_>, resource: &Resource) {
    let period = number(resource.property(&["Period"]), 60.0);
    let metrics = resource.property(&["Metrics"]).and_then(Value::as_list);
    let count = metrics.map_or(1, |metrics| {
        let real = metrics
            .iter()
            .filter(|metric| metric.get("MetricStat").is_some());
        u32::try_from(real.count()).unwrap_or(1).max(1)
    });
    let row = stack.row(resource);
    let band = resource.property(&["ThresholdMetricId"]).is_some();
    let row = if period < 60.0 || band {
        row.add("cloudwatch.alarm", "standard", 3.0)
            .carried_over("standard")
    } else {
        row.add("cloudwatch.alarm", "standard", 1.0)
    };
    stack.push(row.count(count));
}

/// A composite alarm costs five times a standard one.
pub(super) fn composite_alarm(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("cloudwatch.alarm", "standard", 5.0)
        .carried_over("standard");
    stack.push(row);
}

pub(super) fn dashboard(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "cloudwatch.dashboard", "-", 1.0);
}

pub(super) fn log_group(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("logs.ingest", "-", usage::GB_PER_MONTH / 730.0)
        .add("logs.gb", "-", usage::STORED_GB)
        .by_use(&format!("{} GB/month", usage::GB_PER_MONTH));
    stack.push(row);
}

pub(super) fn canary(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("synthetics.run", "-", 12.0)
        .by_use("12 runs/h");
    stack.push(row);
}

/// The first trail of an account is free for management events; data events are not counted.
pub(super) fn trail(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("cloudtrail.extra", "-", usage::REQUESTS_PER_HOUR / 1e5)
        .by_use(&format!("{} events/h", usage::REQUESTS_PER_HOUR));
    stack.push(row);
}

pub(super) fn config_recorder(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("config.item", "-", usage::CHANGES_PER_HOUR)
        .by_use(&format!("{} changes/h", usage::CHANGES_PER_HOUR));
    stack.push(row);
}

pub(super) fn config_rule(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("config.rule", "-", usage::CHANGES_PER_HOUR)
        .by_use(&format!("{} evaluations/h", usage::CHANGES_PER_HOUR));
    stack.push(row);
}

pub(super) fn guard_duty(stack: &mut Stack<'_>, resource: &Resource) {
    let row = requests(stack.row(resource), "guardduty.events", "-", 1e6);
    stack.push(row);
}

/// The list itself, and each of its rules.
pub(super) fn web_acl(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource).add("waf.acl", "-", 1.0);
    stack.push(row);
    let rules = resource
        .property(&["Rules"])
        .and_then(Value::as_list)
        .map_or(0, <[_]>::len);
    if let Ok(rules @ 1..) = u32::try_from(rules) {
        // One dollar a rule and month: a fifth of the list's price.
        let row = stack
            .implied(resource, &resource.type_name)
            .add("waf.acl", "-", 0.2)
            .carried_over("web ACL")
            .count(rules)
            .note("rules", &[("rules", &rules.to_string())]);
        stack.push(row);
    }
}

pub(super) fn shield(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "shield", "-", 1.0);
}

pub(super) fn cloud_hsm(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "cloudhsm", "-", 1.0);
}

pub(super) fn private_ca(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["UsageMode"]) {
        Said::Absent => row.add("privateca", "GENERAL_PURPOSE", 1.0),
        Said::Text(mode) => row.add("privateca", mode, 1.0),
        Said::Unknown => row.unknown("UsageMode"),
    };
    stack.push(row);
}

/// A directory has at least two controllers.
pub(super) fn microsoft_ad(stack: &mut Stack<'_>, resource: &Resource) {
    let edition = match said(resource, &["Edition"]) {
        // The API's default.
        Said::Absent => Said::Text("Enterprise"),
        said => said,
    };
    let row = stack.row(resource);
    let row = match edition {
        Said::Text(edition) => row.add("directory.ad", edition, 1.0).count(2),
        Said::Absent | Said::Unknown => row.unknown("Edition"),
    };
    stack.push(row);
}

pub(super) fn simple_ad(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["Size"]) {
        Said::Text(size) => row.add("directory.simple", size, 1.0),
        Said::Absent | Said::Unknown => row.unknown("Size"),
    };
    stack.push(row);
}

pub(super) fn budgets_action(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "budgets.action", "-", 1.0);
}

/// Repositories cost by their users above the fifth.
pub(super) fn code_commit(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource).by_use("5 users");
    stack.push(row);
}

pub(super) fn workspace(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "workspaces", "-", 1.0);
}
