//! `survives-deletion`, `kms-key-lingers`, `function-log-left`: what stays when the stack is gone.

use super::super::{Case, Finding};
use crate::lab::evaluate::DeletionPolicy;

/// Policies that keep a resource or a snapshot of it.
pub(super) fn deletion_policies(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let policy = match resource.deletion_policy {
            DeletionPolicy::Delete => continue,
            DeletionPolicy::Retain => "Retain",
            DeletionPolicy::RetainExceptOnCreate => "RetainExceptOnCreate",
            DeletionPolicy::Snapshot => "Snapshot",
        };
        let by = if resource.deletion_policy_is_explicit {
            "template"
        } else {
            "default"
        };
        findings.push(
            Finding::confirm("survives-deletion")
                .on(&resource.logical_id)
                .at(resource.place)
                .with("policy", policy)
                .with("by", by)
                .with("type", &resource.type_name),
        );
    }
}

/// A key is only scheduled for deletion, for at least a week.
pub(super) fn keys(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let is_key = matches!(
            resource.type_name.as_str(),
            "AWS::KMS::Key" | "AWS::KMS::ReplicaKey"
        );
        if is_key {
            let days = resource
                .property(&["PendingWindowInDays"])
                .map_or_else(|| "30".to_owned(), ToString::to_string);
            findings.push(
                Finding::confirm("kms-key-lingers")
                    .on(&resource.logical_id)
                    .at(resource.place)
                    .with("days", days),
            );
        }
    }
}

/// A function makes its log group itself when the template does not, and nobody deletes it.
pub(super) fn function_logs(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let mut has_group = std::collections::BTreeSet::new();
    for group in case
        .evaluated
        .resources
        .iter()
        .filter(|r| r.type_name == "AWS::Logs::LogGroup")
    {
        if let Some(name) = group.property(&["LogGroupName"]) {
            name.each_reference(&mut |id, _| {
                has_group.insert(id.to_owned());
            });
        }
    }
    let functions = case.evaluated.resources.iter().filter(|resource| {
        let own_group = resource.property(&["LoggingConfig", "LogGroup"]).is_some();
        let named_group = resource
            .property(&["FunctionName"])
            .and_then(crate::lab::value::Value::as_text)
            .is_some_and(|name| {
                case.evaluated.resources.iter().any(|group| {
                    let text = group.property(&["LogGroupName"]).map(ToString::to_string);
                    text.is_some_and(|text| text == format!("/aws/lambda/{name}"))
                })
            });
        resource.type_name == "AWS::Lambda::Function"
            && !own_group
            && !named_group
            && !has_group.contains(&resource.logical_id)
    });
    for function in functions {
        findings.push(
            Finding::confirm("function-log-left")
                .on(&function.logical_id)
                .at(function.place),
        );
    }
}
