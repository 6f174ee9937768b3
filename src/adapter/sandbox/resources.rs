//! Single resources of the sandbox, asked at the emulated services themselves.
//!
//! The SDK has a crate for each service, and none for the question "is it there"; for an emulator that checks no
//! signatures a plain request in the service's protocol will do. Which request is data (`probes.yaml`).

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::Deserialize;
use tokio::runtime::Runtime;

use super::http::{self, Reply, Request};
use crate::adapter::aws::buckets::Buckets;
use crate::adapter::aws::clients::Wiring;
use crate::adapter::aws::errors::meaning;
use crate::lab::lease::LeasedResource;
use crate::lab::port::{ApiError, Failure, Presence, ResourceApi};
use crate::yaml::{self, YamlError};

const DATA: &str = include_str!("probes.yaml");

/// The content type of the JSON protocol.
const JSON: &str = "application/x-amz-json-1.1";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Protocol {
    Json,
    Query,
    Rest,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum IdPart {
    #[default]
    Whole,
    Last,
}

/// How to ask for one type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    service: String,
    protocol: Protocol,
    call: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    id: IdPart,
    #[serde(default)]
    version: String,
    list: Option<String>,
    gone: Option<String>,
}

fn probes() -> Result<&'static BTreeMap<String, Probe>, &'static YamlError> {
    static PROBES: OnceLock<Result<BTreeMap<String, Probe>, YamlError>> = OnceLock::new();
    PROBES.get_or_init(|| yaml::from_str(DATA)).as_ref()
}

/// Types that are only a relation or a version of another resource: they are gone with it.
const BELONGS_TO_ANOTHER: &[&str] = &[
    "AWS::S3::BucketPolicy",
    "AWS::Lambda::Permission",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Integration",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::IAM::Policy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::ApiGateway::RequestValidator",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::IdentityPoolRoleAttachment",
    "AWS::AppSync::GraphQLSchema",
    "AWS::AppSync::DataSource",
    "AWS::AppSync::Resolver",
    "AWS::AppSync::ApiKey",
];

/// Resources in the sandbox.
#[derive(Debug)]
pub struct SandboxResources {
    endpoint: String,
    region: String,
    buckets: Buckets,
}

impl SandboxResources {
    /// Asks the emulator at an endpoint.
    pub fn new(wiring: &Wiring, endpoint: &str, region: &str, runtime: Arc<Runtime>) -> Self {
        Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            region: region.to_owned(),
            buckets: Buckets::new(wiring, runtime),
        }
    }

    /// Says whether resources of a type are only a part of another, and go with it.
    pub fn goes_with_another(type_name: &str) -> bool {
        BELONGS_TO_ANOTHER.contains(&type_name)
    }

    fn send(&self, probe: &Probe, id: &str) -> Result<Reply, ApiError> {
        let (method, path, content, body) = request(probe, id);
        self.exchange(probe, method, &path, content, &body)
    }

    fn post(&self, probe: &Probe, body: &str) -> Result<Reply, ApiError> {
        self.exchange(probe, "POST", "/", Some(JSON), body)
    }

    fn exchange(
        &self,
        probe: &Probe,
        method: &str,
        path: &str,
        content: Option<&str>,
        body: &str,
    ) -> Result<Reply, ApiError> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{}/{}/aws4_request, SignedHeaders=host, \
             Signature=0",
            self.region, probe.service
        );
        let mut headers = vec![
            ("Authorization", authorization.as_str()),
            ("X-Amz-Date", "20260101T000000Z"),
        ];
        if let Some(content) = content {
            headers.push(("Content-Type", content));
        }
        if probe.protocol == Protocol::Json {
            headers.push(("X-Amz-Target", &probe.call));
        }
        let request = Request {
            method,
            path,
            host: None,
            headers: &headers,
            body: body.as_bytes(),
            patience: Duration::from_secs(20),
        };
        http::exchange(&self.endpoint, &request).map_err(|error| ApiError {
            operation: "Describe",
            failure: Failure::Network,
            code: "Unreachable".to_owned(),
            message: error.to_string(),
        })
    }

    fn probe(&self, type_name: &str, id: &str) -> Result<Presence, ApiError> {
        let known = probes().ok().and_then(|probes| probes.get(type_name));
        let Some(probe) = known else {
            return Ok(Presence::Unknown(type_name.to_owned()));
        };
        let reply = self.send(probe, part(probe.id, id))?;
        Ok(judge(probe, id, &reply))
    }
}

/// The parameter that names this run of the emulator.
const MARKER: &str = "/juku/instance";

fn marker(call: &str, key: &str) -> Probe {
    Probe {
        service: "ssm".to_owned(),
        protocol: Protocol::Json,
        call: call.to_owned(),
        key: key.to_owned(),
        id: IdPart::Whole,
        version: String::new(),
        list: None,
        gone: None,
    }
}

fn marker_value(body: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(body).ok()?;
    json.get("Parameter")?
        .get("Value")?
        .as_str()
        .map(str::to_owned)
}

/// Takes the part of a physical id that the service asks for.
fn part(part: IdPart, id: &str) -> &str {
    match part {
        IdPart::Whole => id,
        IdPart::Last => id.rsplit(['/', ':', '|']).next().unwrap_or(id),
    }
}

/// Writes the request: method, path, content type, body.
fn request(probe: &Probe, id: &str) -> (&'static str, String, Option<&'static str>, String) {
    match probe.protocol {
        Protocol::Json => {
            let (key, value) = match probe.key.strip_suffix(".1") {
                Some(key) => (key, serde_json::json!([id])),
                None => (probe.key.as_str(), serde_json::json!(id)),
            };
            let body = serde_json::json!({ key: value }).to_string();
            (
                "POST",
                "/".to_owned(),
                Some("application/x-amz-json-1.1"),
                body,
            )
        }
        Protocol::Query => {
            let body = form_urlencoded::Serializer::new(String::new())
                .append_pair("Action", &probe.call)
                .append_pair("Version", &probe.version)
                .append_pair(&probe.key, id)
                .finish();
            let form = "application/x-www-form-urlencoded";
            ("POST", "/".to_owned(), Some(form), body)
        }
        Protocol::Rest => {
            let escaped: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
            (
                "GET",
                probe.call.replace("{id}", &escaped),
                None,
                String::new(),
            )
        }
    }
}

/// Reads the answer: found, not there, or nothing that could be understood.
fn judge(probe: &Probe, id: &str, reply: &Reply) -> Presence {
    if reply.status == 200 {
        let there = match &probe.list {
            None => true,
            Some(list) => reply.body.contains(list.as_str()) && reply.body.contains(id),
        };
        let leaving = probe
            .gone
            .as_ref()
            .is_some_and(|word| reply.body.contains(word.as_str()));
        return if there && !leaving {
            Presence::Present
        } else {
            Presence::Absent
        };
    }
    let code = error_code(&reply.body);
    let absent = reply.status == 404
        || meaning(&code, &reply.body, reply.status) == Failure::Missing
        || reply.body.contains("does not exist");
    if absent {
        Presence::Absent
    } else {
        Presence::Unknown(format!("{} {code}", reply.status))
    }
}

/// Finds the error's code in an answer of either protocol.
fn error_code(body: &str) -> String {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(body) {
        let code = json
            .get("__type")
            .or_else(|| json.get("code"))
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default();
        return code.rsplit('#').next().unwrap_or(code).to_owned();
    }
    body.split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"))
        .map(|(code, _)| code.to_owned())
        .unwrap_or_default()
}

impl ResourceApi for SandboxResources {
    fn presence(&self, _stack_id: &str, resource: &LeasedResource) -> Result<Presence, ApiError> {
        let type_name = resource.type_name.as_str();
        if type_name == "AWS::S3::Bucket" {
            return self.buckets.presence(&resource.physical_id);
        }
        if Self::goes_with_another(type_name) {
            return Ok(Presence::Absent);
        }
        self.probe(type_name, &resource.physical_id)
    }

    fn bucket_size(&self, bucket: &str) -> Result<u64, ApiError> {
        self.buckets.size(bucket)
    }

    fn empty_bucket(&self, bucket: &str) -> Result<u64, ApiError> {
        self.buckets.empty(bucket)
    }

    fn instance(&self) -> Result<Option<String>, ApiError> {
        // An emulator keeps nothing over a restart: a marker that we put there once names this run of it.
        let read = self.send(&marker("AmazonSSM.GetParameter", "Name"), MARKER)?;
        if let Some(found) = marker_value(&read.body) {
            return Ok(Some(found));
        }
        let chance = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), MARKER);
        let value = format!("{chance:016x}");
        let body = serde_json::json!({"Name": MARKER, "Type": "String", "Value": value});
        self.post(&marker("AmazonSSM.PutParameter", ""), &body.to_string())?;
        // Two at once: the first to write wins, so what is read back counts.
        let read = self.send(&marker("AmazonSSM.GetParameter", "Name"), MARKER)?;
        Ok(marker_value(&read.body))
    }

    fn log_group(&self, name: &str) -> Result<Presence, ApiError> {
        self.probe("AWS::Logs::LogGroup", name)
    }

    fn delete_log_group(&self, name: &str) -> Result<(), ApiError> {
        let probe = Probe {
            service: "logs".to_owned(),
            protocol: Protocol::Json,
            call: "Logs_20140328.DeleteLogGroup".to_owned(),
            key: "logGroupName".to_owned(),
            id: IdPart::Whole,
            version: String::new(),
            list: None,
            gone: None,
        };
        let reply = self.send(&probe, name)?;
        match judge(&probe, name, &reply) {
            Presence::Present | Presence::Absent => Ok(()),
            Presence::Unknown(code) => Err(ApiError {
                operation: "DeleteLogGroup",
                failure: Failure::Other,
                code,
                message: reply.body,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probe_is_of_a_known_type_and_complete() {
        let catalogue = crate::adapter::rehearsal::catalogue::Catalogue::bundled().unwrap();
        for (type_name, probe) in probes().unwrap() {
            assert!(catalogue.find(type_name).is_some(), "{type_name}");
            assert_eq!(
                probe.protocol == Protocol::Rest,
                probe.key.is_empty(),
                "{type_name}"
            );
            assert_eq!(
                probe.protocol == Protocol::Query,
                !probe.version.is_empty(),
                "{type_name}"
            );
        }
    }

    #[test]
    fn answers_are_read_in_both_protocols() {
        let probe = &probes().unwrap()["AWS::EC2::VPC"];
        let reply = |status, body: &str| Reply {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        };
        let there = reply(200, "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>");
        assert_eq!(judge(probe, "vpc-1", &there), Presence::Present);
        assert_eq!(
            judge(probe, "vpc-1", &reply(200, "<vpcSet/>")),
            Presence::Absent
        );
        let gone = reply(400, "<Error><Code>InvalidVpcID.NotFound</Code></Error>");
        assert_eq!(judge(probe, "vpc-1", &gone), Presence::Absent);
        let json = reply(400, r#"{"__type":"com.x#ResourceNotFoundException"}"#);
        assert_eq!(judge(probe, "t", &json), Presence::Absent);
        assert!(matches!(
            judge(probe, "t", &reply(500, "")),
            Presence::Unknown(_)
        ));
    }
}
