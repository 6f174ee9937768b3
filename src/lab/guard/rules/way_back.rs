//! `deletion-protected`, `object-lock`: what keeps a stack from being deleted.

use super::super::{Case, Finding, Severity};
use crate::lab::value::Value;

/// Protections that a deletion would run into.
pub(super) fn protection(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let is_true =
            |path: &[&str]| resource.property(path).and_then(Value::as_bool) == Some(true);
        for name in [
            "DeletionProtection",
            "DeletionProtectionEnabled",
            "DisableApiTermination",
            "EnableTerminationProtection",
        ] {
            let on = is_true(&[name])
                || resource.property(&[name]).and_then(Value::as_text) == Some("ACTIVE");
            if on {
                findings.push(
                    Finding::deny("deletion-protected")
                        .on(&resource.logical_id)
                        .at(resource.place_of(name))
                        .with("property", name),
                );
            }
        }
        let attributes = resource
            .property(&["LoadBalancerAttributes"])
            .and_then(Value::as_list);
        let protected = attributes.unwrap_or_default().iter().any(|attribute| {
            attribute.get("Key").and_then(Value::as_text) == Some("deletion_protection.enabled")
                && attribute.get("Value").and_then(Value::as_bool) == Some(true)
        });
        if protected {
            findings.push(
                Finding::deny("deletion-protected")
                    .on(&resource.logical_id)
                    .at(resource.place_of("LoadBalancerAttributes"))
                    .with("property", "deletion_protection.enabled"),
            );
        }
        let lock = match resource.type_name.as_str() {
            "AWS::S3::Bucket" if is_true(&["ObjectLockEnabled"]) => {
                let mode = [
                    "ObjectLockConfiguration",
                    "Rule",
                    "DefaultRetention",
                    "Mode",
                ];
                // A locked object cannot be deleted before its time, not even by the root user.
                let compliance =
                    resource.property(&mode).and_then(Value::as_text) == Some("COMPLIANCE");
                let severity = if compliance {
                    Severity::Deny
                } else {
                    Severity::Confirm
                };
                Some((severity, "ObjectLockEnabled"))
            }
            "AWS::Backup::BackupVault" if resource.property(&["LockConfiguration"]).is_some() => {
                Some((Severity::Deny, "LockConfiguration"))
            }
            _ => None,
        };
        if let Some((severity, path)) = lock {
            findings.push(
                Finding::new("object-lock", severity)
                    .on(&resource.logical_id)
                    .at(resource.place_of(path)),
            );
        }
    }
}
