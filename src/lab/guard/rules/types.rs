//! `unknown-type`, `denied-type`, `closed-type`, `size-too-large`, `dedicated-tenancy`, `local-artifact`, and what
//! cannot be seen from here: `nested-stack`, `custom-resource`, `makes-more`.

use std::collections::BTreeMap;

use super::super::{Case, Finding, Severity};
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

/// A type in no table is refused by name: nobody knows what it costs.
pub(super) fn unknown(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let known: Vec<String> = if case.estimate.unknown_types.is_empty() {
        Vec::new()
    } else {
        case.table.known_types().collect()
    };
    let mut suggestions: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for id in &case.estimate.unknown_types {
        let Some(resource) = case
            .evaluated
            .resources
            .iter()
            .find(|r| r.logical_id == *id)
        else {
            continue;
        };
        let name = resource.type_name.as_str();
        // A module is told where it would have been expanded.
        if name.ends_with("::MODULE") {
            continue;
        }
        // Each suggestion is a walk through a thousand names.
        let few = suggestions.len() < 10;
        let nearest = *suggestions.entry(name).or_insert_with(|| {
            few.then(|| crate::text::nearest(name, known.iter().map(String::as_str)))
                .flatten()
        });
        findings.push(
            Finding::deny("unknown-type")
                .on(id)
                .at(resource.place)
                .with("type", &resource.type_name)
                .with("nearest", nearest.unwrap_or("-")),
        );
    }
}

/// Types that outlive any student's budget; `--allow TYPE` turns the no into a question.
pub(super) fn denied(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        if let Some(denied) = case.table.denied(&resource.type_name) {
            findings.push(
                Finding::new("denied-type", allowed(case, resource))
                    .on(&resource.logical_id)
                    .at(resource.place)
                    .with("type", &resource.type_name)
                    .with("ja", &denied.instead_ja)
                    .with("en", &denied.instead_en),
            );
        }
    }
}

fn allowed(case: &Case<'_>, resource: &Resource) -> Severity {
    if case.policy.allowed_types.contains(&resource.type_name) {
        Severity::Confirm
    } else {
        Severity::Deny
    }
}

/// Services that ended, or take no new customers.
pub(super) fn closed(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        if let Some(closed) = case.table.closed(&resource.type_name) {
            findings.push(
                Finding::new("closed-type", closed.severity)
                    .on(&resource.logical_id)
                    .at(resource.place)
                    .with("type", &resource.type_name)
                    .with("since", &closed.since)
                    .with("successor", &closed.instead),
            );
        }
    }
}

/// Where types name their size.
const CLASSES: &[(&str, &[&[&str]])] = &[
    ("AWS::AmazonMQ::Broker", &[&["HostInstanceType"]]),
    (
        "AWS::AutoScaling::LaunchConfiguration",
        &[&["InstanceType"]],
    ),
    ("AWS::Cloud9::EnvironmentEC2", &[&["InstanceType"]]),
    ("AWS::DAX::Cluster", &[&["NodeType"]]),
    (
        "AWS::DMS::ReplicationInstance",
        &[&["ReplicationInstanceClass"]],
    ),
    ("AWS::DocDB::DBInstance", &[&["DBInstanceClass"]]),
    ("AWS::EC2::Instance", &[&["InstanceType"]]),
    (
        "AWS::EC2::LaunchTemplate",
        &[&["LaunchTemplateData", "InstanceType"]],
    ),
    ("AWS::EKS::Nodegroup", &[&["InstanceTypes"]]),
    (
        "AWS::EMR::Cluster",
        &[
            &["Instances", "MasterInstanceGroup", "InstanceType"],
            &["Instances", "CoreInstanceGroup", "InstanceType"],
        ],
    ),
    ("AWS::ElastiCache::CacheCluster", &[&["CacheNodeType"]]),
    ("AWS::ElastiCache::ReplicationGroup", &[&["CacheNodeType"]]),
    (
        "AWS::Elasticsearch::Domain",
        &[&["ElasticsearchClusterConfig", "InstanceType"]],
    ),
    (
        "AWS::MSK::Cluster",
        &[&["BrokerNodeGroupInfo", "InstanceType"]],
    ),
    ("AWS::Neptune::DBInstance", &[&["DBInstanceClass"]]),
    (
        "AWS::OpenSearchService::Domain",
        &[
            &["ClusterConfig", "InstanceType"],
            &["ClusterConfig", "DedicatedMasterType"],
        ],
    ),
    ("AWS::RDS::DBCluster", &[&["DBClusterInstanceClass"]]),
    ("AWS::RDS::DBInstance", &[&["DBInstanceClass"]]),
    ("AWS::Redshift::Cluster", &[&["NodeType"]]),
    ("AWS::SageMaker::NotebookInstance", &[&["InstanceType"]]),
];

/// Machines above the largest size that labs may use.
pub(super) fn sizes(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let type_name = resource.type_name.as_str();
        let Some((_, paths)) = CLASSES.iter().find(|(known, _)| *known == type_name) else {
            continue;
        };
        for path in *paths {
            let values: Vec<&Value> = match resource.property(path) {
                Some(Value::List(items)) => items.iter().collect(),
                Some(value) => vec![value],
                None => continue,
            };
            for class in values.into_iter().filter_map(Value::as_text) {
                if case.table.is_too_large(class) {
                    findings.push(
                        Finding::new("size-too-large", allowed(case, resource))
                            .on(&resource.logical_id)
                            .at(resource.place_of(&path.join(".")))
                            .with("class", class)
                            .with("type", type_name)
                            .with("largest", case.table.largest_size()),
                    );
                }
            }
        }
    }
}

/// Dedicated hardware costs by the region and hour besides the instance.
pub(super) fn tenancy(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let path: &[&str] = match resource.type_name.as_str() {
            "AWS::EC2::Instance" => &["Tenancy"],
            "AWS::EC2::VPC" => &["InstanceTenancy"],
            "AWS::AutoScaling::LaunchConfiguration" => &["PlacementTenancy"],
            "AWS::EC2::LaunchTemplate" => &["LaunchTemplateData", "Placement", "Tenancy"],
            _ => continue,
        };
        let tenancy = resource.property(path).and_then(Value::as_text);
        if let Some(tenancy @ ("dedicated" | "host")) = tenancy {
            findings.push(
                Finding::new("dedicated-tenancy", allowed(case, resource))
                    .on(&resource.logical_id)
                    .at(resource.place_of(&path.join(".")))
                    .with("tenancy", tenancy),
            );
        }
    }
}

/// What makes resources that this template does not show.
pub(super) fn unseen(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let type_name = resource.type_name.as_str();
        let rule = match type_name {
            "AWS::CloudFormation::Stack" | "AWS::CloudFormation::StackSet" => "nested-stack",
            "AWS::CloudFormation::CustomResource" | "AWS::CloudFormation::Macro" => {
                "custom-resource"
            }
            name if name.starts_with("Custom::") => "custom-resource",
            "AWS::ElasticBeanstalk::Environment"
            | "AWS::EKS::Cluster"
            | "AWS::Batch::ComputeEnvironment"
            | "AWS::ServiceCatalog::CloudFormationProvisionedProduct"
            | "AWS::EC2::EC2Fleet"
            | "AWS::EC2::SpotFleet" => "makes-more",
            _ => continue,
        };
        findings.push(
            Finding::confirm(rule)
                .on(&resource.logical_id)
                .at(resource.place)
                .with("type", type_name),
        );
    }
}

/// Paths on the author's disk, which a packaging tool replaces before CloudFormation sees the template.
pub(super) fn local(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let property = match resource.type_name.as_str() {
            "AWS::Lambda::Function" => "Code",
            "AWS::Lambda::LayerVersion" => "Content",
            "AWS::CloudFormation::Stack" => "TemplateURL",
            _ => continue,
        };
        // SAM's own resources are told where they are expanded.
        let from_sam = resource.property(&["ContentUri"]).is_some();
        if let Some(Value::String(path)) = resource.property(&[property])
            && !path.starts_with("https://")
            && !path.starts_with("s3://")
            && !from_sam
        {
            findings.push(
                Finding::confirm("local-artifact")
                    .on(&resource.logical_id)
                    .at(resource.place_of(property))
                    .with("property", property)
                    .with("path", crate::text::cut_to_width(path, 60)),
            );
        }
    }
}
