//! `open-admin-port`, `public-bucket-write`, `public-bucket-read`, `public-database`, `open-function-url`.

use super::super::{Case, Finding};
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

/// Ports by which a machine is administered.
const ADMIN_PORTS: [(f64, &str); 2] = [(22.0, "22 (SSH)"), (3389.0, "3389 (RDP)")];

/// SSH and RDP open to everybody are found within minutes.
pub(super) fn admin_ports(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        match resource.type_name.as_str() {
            "AWS::EC2::SecurityGroup" | "AWS::RDS::DBSecurityGroup" => {
                let rules = resource.property(&["SecurityGroupIngress"]);
                match rules {
                    Some(Value::List(rules)) => {
                        for (index, rule) in rules.iter().enumerate() {
                            let path = format!("SecurityGroupIngress[{index}]");
                            ingress(resource, rule, &path, findings);
                        }
                    }
                    // Old templates hand a single rule over without a list.
                    Some(rule @ Value::Map(_)) => {
                        ingress(resource, rule, "SecurityGroupIngress", findings);
                    }
                    _ => {}
                }
            }
            "AWS::EC2::SecurityGroupIngress" => {
                ingress(resource, &resource.properties, "", findings);
            }
            _ => {}
        }
    }
}

fn ingress(resource: &Resource, rule: &Value, path: &str, findings: &mut Vec<Finding>) {
    let address = ["CidrIp", "CidrIpv6"]
        .into_iter()
        .filter_map(|name| rule.get(name).and_then(Value::as_text))
        .find(|address| is_everybody(address));
    let Some(address) = address else {
        return;
    };
    let protocol = rule
        .get("IpProtocol")
        .and_then(Value::as_text)
        .unwrap_or("-1");
    let port = |name: &str| rule.get(name).and_then(Value::as_number);
    for (admin, shown) in ADMIN_PORTS {
        let open = match protocol {
            "-1" | "all" => true,
            "tcp" | "6" | "udp" | "17" => {
                let (from, to) = (port("FromPort"), port("ToPort"));
                match (from, to) {
                    (Some(from), _) if from < 0.0 => true,
                    (Some(from), Some(to)) => from <= admin && admin <= to,
                    (Some(from), None) => (from - admin).abs() < 0.5,
                    (None, _) => false,
                }
            }
            _ => false,
        };
        if open {
            findings.push(
                Finding::deny("open-admin-port")
                    .on(&resource.logical_id)
                    .at(resource.place_of(path))
                    .with("port", shown)
                    .with("address", address),
            );
        }
    }
}

fn is_everybody(address: &str) -> bool {
    address.ends_with("/0")
}

/// A bucket that anybody may read is asked about; one that anybody may write is refused.
pub(super) fn buckets(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        match resource.type_name.as_str() {
            "AWS::S3::Bucket" => {
                let (rule, write) = match resource
                    .property(&["AccessControl"])
                    .and_then(Value::as_text)
                {
                    Some("PublicReadWrite") => ("public-bucket-write", true),
                    Some("PublicRead") => ("public-bucket-read", false),
                    _ => continue,
                };
                push(resource, rule, write, "AccessControl", findings);
            }
            "AWS::S3::BucketPolicy" => {
                let statements = resource.property(&["PolicyDocument", "Statement"]);
                for statement in list(statements) {
                    policy(resource, statement, findings);
                }
            }
            _ => {}
        }
    }
}

fn push(resource: &Resource, rule: &str, write: bool, path: &str, findings: &mut Vec<Finding>) {
    let finding = if write {
        Finding::deny(rule)
    } else {
        Finding::confirm(rule)
    };
    findings.push(finding.on(&resource.logical_id).at(resource.place_of(path)));
}

fn policy(resource: &Resource, statement: &Value, findings: &mut Vec<Finding>) {
    let text = |name: &str| statement.get(name).and_then(Value::as_text);
    let everybody = match statement.get("Principal") {
        Some(Value::Map(principals)) => principals
            .get("AWS")
            .is_some_and(|who| list(Some(who)).any(|who| who.as_text() == Some("*"))),
        Some(principal) => principal.as_text() == Some("*"),
        None => false,
    };
    if text("Effect") != Some("Allow") || !everybody || is_narrowed(statement) {
        return;
    }
    let actions: Vec<&str> = list(statement.get("Action"))
        .filter_map(Value::as_text)
        .collect();
    let writes = |action: &str| {
        let action = action.to_ascii_lowercase();
        action == "*"
            || action == "s3:*"
            || [
                "s3:put",
                "s3:delete",
                "s3:replicate",
                "s3:restore",
                "s3:abort",
            ]
            .iter()
            .any(|prefix| action.starts_with(prefix))
    };
    let path = "PolicyDocument.Statement";
    if actions.iter().any(|action| writes(action)) {
        push(resource, "public-bucket-write", true, path, findings);
    } else {
        push(resource, "public-bucket-read", false, path, findings);
    }
}

/// A condition on the caller narrows a statement for everybody; one on the protocol does not.
fn is_narrowed(statement: &Value) -> bool {
    let Some(Value::Map(conditions)) = statement.get("Condition") else {
        return false;
    };
    conditions.0.iter().any(|(_, keys)| {
        keys.as_map().is_some_and(|keys| {
            keys.0.iter().any(|(key, _)| {
                !key.eq_ignore_ascii_case("aws:SecureTransport") && !key.starts_with("s3:x-amz-")
            })
        })
    })
}

/// Goes through a list, or a single value as a list of one.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::List(items)) => items.iter(),
        Some(single) => std::slice::from_ref(single).iter(),
        None => [].iter(),
    }
}

/// A database with a public address.
pub(super) fn databases(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let is_database = matches!(
            resource.type_name.as_str(),
            "AWS::RDS::DBInstance"
                | "AWS::RDS::DBCluster"
                | "AWS::Redshift::Cluster"
                | "AWS::RedshiftServerless::Workgroup"
                | "AWS::DMS::ReplicationInstance"
        );
        let public = resource
            .property(&["PubliclyAccessible"])
            .and_then(Value::as_bool);
        if is_database && public == Some(true) || resource.is_public_database() {
            findings.push(
                Finding::confirm("public-database")
                    .on(&resource.logical_id)
                    .at(resource.place_of("PubliclyAccessible")),
            );
        }
    }
}

/// A function URL that asks for no signature.
pub(super) fn function_urls(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for resource in &case.evaluated.resources {
        let open = resource.property(&["AuthType"]).and_then(Value::as_text) == Some("NONE");
        if resource.type_name == "AWS::Lambda::Url" && open {
            findings.push(
                Finding::confirm("open-function-url")
                    .on(&resource.logical_id)
                    .at(resource.place_of("AuthType")),
            );
        }
    }
}
