//! Names that only one resource may have: which they are, as data, and who has them already.
//!
//! A name counts as taken while a stack holds it that is not deleted. What a deleted stack left behind (`Retain`)
//! does not count: on AWS it would, but nothing could remove it from a rehearsal.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde::Deserialize;

use super::prepare::MASK;
use super::state::{Prepared, Stack};
use crate::yaml::{self, YamlError};

const NAMES: &str = include_str!("names.yaml");

/// Where a name must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    /// In all accounts.
    World,
    /// In all regions of an account.
    Account,
    /// In one region of an account.
    #[default]
    Region,
}

/// How a type's resources are named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unique {
    /// The property that holds the name; nested ones with `/`.
    name: String,
    #[serde(default)]
    scope: Scope,
    /// Properties that tell namespaces apart.
    #[serde(default)]
    within: Vec<String>,
}

/// A name as it must be unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    type_name: String,
    region: Option<String>,
    within: Vec<String>,
    name: String,
}

/// The types whose resources have unique names.
#[derive(Debug)]
pub struct Names(BTreeMap<String, Unique>);

impl Names {
    /// Gives the bundled table.
    ///
    /// # Errors
    /// When the bundled data cannot be read; a test makes sure that they can.
    pub fn bundled() -> Result<&'static Self, &'static YamlError> {
        static BUNDLED: OnceLock<Result<Names, YamlError>> = OnceLock::new();
        BUNDLED
            .get_or_init(|| yaml::from_str(NAMES).map(Names))
            .as_ref()
    }

    /// Gives what a resource claims, when the template names it.
    fn claim(&self, resource: &Prepared, region: &str) -> Option<Claim> {
        let unique = self.0.get(&resource.type_name)?;
        let text = |path: &str| {
            path.split('/')
                .try_fold(&resource.properties, |value, key| value.get(key))
                .and_then(serde_json::Value::as_str)
                // A name that is hidden is kept as stars, and stars are nobody's name.
                .filter(|text| !text.is_empty() && !text.contains(MASK))
        };
        Some(Claim {
            type_name: resource.type_name.clone(),
            region: (unique.scope == Scope::Region).then(|| region.to_owned()),
            within: unique
                .within
                .iter()
                .map(|path| text(path).unwrap_or_default().to_owned())
                .collect(),
            name: text(&unique.name)?.to_owned(),
        })
    }

    /// Refuses what has a name that another stack, or another resource of the same one, has already.
    pub fn refuse_taken(&self, stack: &mut Stack, others: &[Stack], now: Timestamp) {
        let mut taken: BTreeMap<Claim, String> = BTreeMap::new();
        for other in others {
            if other.id == stack.id || other.is_deleted(now) {
                continue;
            }
            let held = other.resources.iter().filter(|one| holds(other, one, now));
            for claim in held.filter_map(|one| self.claim(one, &other.region)) {
                taken.insert(claim, other.id.clone());
            }
        }
        let (own_id, region) = (stack.id.clone(), stack.region.clone());
        for resource in &mut stack.resources {
            let Some(claim) = self.claim(resource, &region) else {
                continue;
            };
            let Some(owner) = taken.get(&claim) else {
                taken.insert(claim, own_id.clone());
                continue;
            };
            let reason = format!("{} already exists in stack {owner}", claim.name);
            resource.fault.get_or_insert(reason);
        }
    }
}

/// Says whether a stack has a resource, or is about to build it.
fn holds(stack: &Stack, resource: &Prepared, now: Timestamp) -> bool {
    if resource.removed {
        return false;
    }
    match stack.resource_now(&resource.logical_id, now) {
        Some(moment) if moment.status == "DELETE_COMPLETE" => false,
        Some(moment) if !moment.physical_id.is_empty() => true,
        _ => stack.status(now).0 == "CREATE_IN_PROGRESS" && resource.fault.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::rehearsal::catalogue::Catalogue;

    #[test]
    fn every_named_type_is_known() {
        let catalogue = Catalogue::bundled().unwrap();
        let names = Names::bundled().unwrap();
        assert!(names.0.len() > 60);
        for (type_name, unique) in &names.0 {
            let known = catalogue.find(type_name).expect(type_name);
            let property = known.name_property();
            let top = unique.name.split('/').next();
            // Where the schema says which property names the resource, the table says the same.
            assert!(
                property.is_none() || property == top || unique.name.contains('/'),
                "{type_name}: {property:?}"
            );
        }
    }

    fn stack(id: &str, region: &str, resources: &[(&str, &str, serde_json::Value)]) -> Stack {
        let resources = resources
            .iter()
            .map(|(id, type_name, properties)| Prepared {
                logical_id: (*id).to_owned(),
                type_name: (*type_name).to_owned(),
                properties: properties.clone(),
                ..Prepared::default()
            });
        Stack {
            id: id.to_owned(),
            region: region.to_owned(),
            resources: resources.collect(),
            ..Stack::default()
        }
    }

    #[test]
    fn names_are_taken_where_they_must_be_unique() {
        let now = Timestamp::UNIX_EPOCH;
        let names = Names::bundled().unwrap();
        let build = |stack: &mut Stack| {
            let catalogue = Catalogue::bundled().unwrap();
            let early = Timestamp::from_second(-3600).unwrap();
            let how = crate::adapter::rehearsal::timeline::OnFailure::Rollback;
            crate::adapter::rehearsal::timeline::create(stack, catalogue, early, how);
        };
        let mut first = stack(
            "first",
            "us-east-1",
            &[
                (
                    "B",
                    "AWS::S3::Bucket",
                    serde_json::json!({"BucketName": "n"}),
                ),
                (
                    "Q",
                    "AWS::SQS::Queue",
                    serde_json::json!({"QueueName": "n"}),
                ),
                ("R", "AWS::IAM::Role", serde_json::json!({"RoleName": "n"})),
                (
                    "T",
                    "AWS::DynamoDB::Table",
                    serde_json::json!({"TableName": "n"}),
                ),
                (
                    "E",
                    "AWS::Events::Rule",
                    serde_json::json!({"Name": "n", "EventBusName": "a"}),
                ),
            ],
        );
        for resource in &mut first.resources {
            resource.physical_id = "n".to_owned();
        }
        build(&mut first);
        let faults = |region: &str, type_name: &str, properties: serde_json::Value| {
            let mut second = stack("second", region, &[("X", type_name, properties)]);
            names.refuse_taken(&mut second, std::slice::from_ref(&first), now);
            second.resources[0].fault.clone()
        };
        let taken = Some("n already exists in stack first".to_owned());
        for (region, type_name, properties, refused) in [
            (
                "us-east-1",
                "AWS::S3::Bucket",
                serde_json::json!({"BucketName": "n"}),
                true,
            ),
            (
                "eu-west-1",
                "AWS::S3::Bucket",
                serde_json::json!({"BucketName": "n"}),
                true,
            ),
            (
                "us-east-1",
                "AWS::S3::Bucket",
                serde_json::json!({"BucketName": "m"}),
                false,
            ),
            ("us-east-1", "AWS::S3::Bucket", serde_json::json!({}), false),
            (
                "us-east-1",
                "AWS::SQS::Queue",
                serde_json::json!({"QueueName": "n"}),
                true,
            ),
            (
                "eu-west-1",
                "AWS::SQS::Queue",
                serde_json::json!({"QueueName": "n"}),
                false,
            ),
            (
                "eu-west-1",
                "AWS::IAM::Role",
                serde_json::json!({"RoleName": "n"}),
                true,
            ),
            (
                "us-east-1",
                "AWS::IAM::User",
                serde_json::json!({"UserName": "n"}),
                false,
            ),
            (
                "us-east-1",
                "AWS::Events::Rule",
                serde_json::json!({"Name": "n", "EventBusName": "a"}),
                true,
            ),
            (
                "us-east-1",
                "AWS::Events::Rule",
                serde_json::json!({"Name": "n"}),
                false,
            ),
            (
                "us-east-1",
                "AWS::SNS::Subscription",
                serde_json::json!({"TopicArn": "n"}),
                false,
            ),
        ] {
            let fault = faults(region, type_name, properties.clone());
            let wanted = if refused { taken.clone() } else { None };
            assert_eq!(fault, wanted, "{type_name} {properties} in {region}");
        }
    }
}
