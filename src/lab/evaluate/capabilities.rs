//! What a deployment must acknowledge, as CloudFormation decides it.

use super::{Capability, Resource};
use crate::lab::template::Template;

/// Finds the capabilities that a stack needs.
pub(super) fn needed(template: &Template, resources: &[Resource]) -> Vec<Capability> {
    let mut needed = Vec::new();
    for resource in resources {
        // A policy's or an instance profile's own name counts only where the API says so.
        let name = match resource.type_name.as_str() {
            "AWS::IAM::Role" => "RoleName",
            "AWS::IAM::User" => "UserName",
            "AWS::IAM::Group" => "GroupName",
            "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
            "AWS::IAM::InstanceProfile" => "InstanceProfileName",
            "AWS::IAM::Policy"
            | "AWS::IAM::AccessKey"
            | "AWS::IAM::UserToGroupAddition"
            | "AWS::IAM::RolePolicy"
            | "AWS::IAM::UserPolicy"
            | "AWS::IAM::GroupPolicy" => "",
            _ => continue,
        };
        let named = resource.property(&[name]).is_some();
        needed.push(if named {
            Capability::NamedIam
        } else {
            Capability::Iam
        });
    }
    if !template.transforms.is_empty() {
        needed.push(Capability::AutoExpand);
    }
    needed.sort_unstable();
    needed.dedup();
    if needed.contains(&Capability::NamedIam) {
        // The stronger one includes the weaker.
        needed.retain(|capability| *capability != Capability::Iam);
    }
    needed
}
