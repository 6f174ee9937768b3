//! `root-credentials`, `capabilities`, `iam-user`, `iam-admin`, `open-trust`, `key-pair`, `literal-secret`.

use super::super::{Case, Finding};
use crate::lab::evaluate::{Capability, Resource};
use crate::lab::value::Value;

/// Labs are never deployed with the account's root user.
pub(super) fn root(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.situation.root_credentials {
        findings.push(Finding::deny("root-credentials"));
    }
}

/// What CloudFormation wants acknowledged is asked about, by name.
pub(super) fn capabilities(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for capability in &case.evaluated.capabilities {
        match capability {
            Capability::Iam | Capability::NamedIam => {
                findings
                    .push(Finding::confirm("capabilities").with("capability", capability.code()));
            }
            Capability::AutoExpand => {
                findings.push(Finding::note("auto-expand").with("capability", capability.code()));
            }
        }
    }
}

/// Users and access keys live longer than anybody remembers.
pub(super) fn users(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        if let name @ ("AWS::IAM::User" | "AWS::IAM::AccessKey") = resource.type_name.as_str() {
            findings.push(
                Finding::confirm("iam-user")
                    .on(&resource.logical_id)
                    .at(resource.place)
                    .with("type", name),
            );
        }
    }
}

/// Everything on everything, by a managed policy or a statement.
pub(super) fn administrators(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        if !resource.type_name.starts_with("AWS::IAM::") {
            continue;
        }
        // SAM takes names of managed policies among the policies.
        let managed = items(resource.property(&["ManagedPolicyArns"]))
            .chain(items(resource.property(&["Policies"])))
            .any(is_administrator);
        let own = items(resource.property(&["PolicyDocument", "Statement"])).any(is_everything);
        let inline = items(resource.property(&["Policies"]))
            .any(|policy| items(policy.at(&["PolicyDocument", "Statement"])).any(is_everything));
        if managed || own || inline {
            findings.push(
                Finding::confirm("iam-admin")
                    .on(&resource.logical_id)
                    .at(resource.place),
            );
        }
    }
}

/// Recognises the managed policy by its ARN, put together or not, or by its bare name.
fn is_administrator(policy: &Value) -> bool {
    match policy {
        Value::String(name) => name.ends_with("AdministratorAccess"),
        Value::Runtime(_) => policy
            .to_json()
            .to_string()
            .contains("policy/AdministratorAccess"),
        _ => false,
    }
}

fn is_everything(statement: &Value) -> bool {
    let star = |name: &str| {
        items(statement.get(name)).any(|value| matches!(value.as_text(), Some("*" | "*:*")))
    };
    statement.get("Effect").and_then(Value::as_text) == Some("Allow")
        && star("Action")
        && star("Resource")
}

/// A role that anybody may take.
pub(super) fn open_trust(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        if resource.type_name != "AWS::IAM::Role" {
            continue;
        }
        let statements = resource.property(&["AssumeRolePolicyDocument", "Statement"]);
        let open = items(statements).any(|statement| {
            let allow = statement.get("Effect").and_then(Value::as_text) == Some("Allow");
            let anybody = match statement.get("Principal") {
                Some(Value::Map(map)) => {
                    items(map.get("AWS")).any(|who| who.as_text() == Some("*"))
                }
                Some(who) => who.as_text() == Some("*"),
                None => false,
            };
            allow && anybody && statement.get("Condition").is_none()
        });
        if open {
            let path = "AssumeRolePolicyDocument";
            findings.push(
                Finding::deny("open-trust")
                    .on(&resource.logical_id)
                    .at(resource.place_of(path)),
            );
        }
    }
}

/// Key pairs need a place to keep the private key; Session Manager needs none.
pub(super) fn key_pairs(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let path: Option<&str> = match resource.type_name.as_str() {
            "AWS::EC2::KeyPair" => Some(""),
            "AWS::EC2::Instance" | "AWS::AutoScaling::LaunchConfiguration" => {
                said(resource, "KeyName")
            }
            "AWS::EC2::LaunchTemplate" => resource
                .property(&["LaunchTemplateData", "KeyName"])
                .map(|_| "LaunchTemplateData.KeyName"),
            _ => None,
        };
        if let Some(path) = path {
            findings.push(
                Finding::confirm("key-pair")
                    .on(&resource.logical_id)
                    .at(resource.place_of(path)),
            );
        }
    }
}

fn said<'a>(resource: &Resource, name: &'a str) -> Option<&'a str> {
    match resource.property(&[name]) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(_) => Some(name),
    }
}

/// Passwords written into the template.
pub(super) fn literal_secrets(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        for name in [
            "MasterUserPassword",
            "Password",
            "SecretString",
            "AuthToken",
        ] {
            let literal =
                matches!(resource.property(&[name]), Some(Value::String(text)) if !text.is_empty());
            // A value handed in by a parameter is not written in the template; a default is.
            let from_hidden = case
                .evaluated
                .parameters
                .values()
                .any(|parameter| parameter.no_echo && parameter.given);
            if literal && !from_hidden {
                findings.push(
                    Finding::confirm("literal-secret")
                        .on(&resource.logical_id)
                        .at(resource.place_of(name))
                        .with("property", name),
                );
            }
        }
    }
}

/// Goes through a list, or a single value as a list of one.
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::List(items)) => items.iter(),
        Some(single) => std::slice::from_ref(single).iter(),
        None => [].iter(),
    }
}
