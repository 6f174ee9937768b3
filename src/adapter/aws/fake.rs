//! A pretended account behind the SDK's HTTP connector, for tests of the whole way to AWS.
//!
//! CloudFormation is the rehearsal engine; STS, Systems Manager, Cloud Control, Logs, S3 and the price list answer as
//! much as labs ask, in their own protocols. Nothing leaves the process. The program itself is built without it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_credential_types::Credentials;
use aws_sdk_cloudformation::config::{Region, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clients::{ClockSleep, Wiring};
use crate::adapter::rehearsal::clock::RehearsalClock;
use crate::adapter::rehearsal::engine::{Call, Engine};
use crate::adapter::rehearsal::query::Params;
use crate::lab::port::Clock as _;

/// The account that is pretended.
pub(crate) const ACCOUNT: &str = "111122223333";

/// Types that Cloud Control cannot read here, as it cannot in AWS.
const UNREADABLE: [&str; 2] = ["AWS::IAM::Policy", "AWS::CloudFormation::WaitCondition"];

/// What an account keeps besides its stacks.
#[derive(Debug)]
struct Kept {
    arn: String,
    parameters: BTreeMap<String, String>,
    calls: Vec<String>,
    prices: Vec<Value>,
    refused: Vec<(String, &'static str)>,
}

/// A pretended account.
#[derive(Debug, Clone)]
pub(crate) struct FakeAws {
    engine: Arc<Engine>,
    kept: Arc<Mutex<Kept>>,
}

impl FakeAws {
    /// Opens an account whose stacks are kept in a folder.
    pub(crate) fn at(home: &Path, now: Timestamp) -> Self {
        let clock = Arc::new(RehearsalClock::simulated(now));
        let engine = Engine::open(&home.join("pretended-aws.db"), clock);
        Self {
            engine: Arc::new(engine.unwrap()),
            kept: Arc::new(Mutex::new(Kept {
                arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/Student/hanako"),
                parameters: BTreeMap::new(),
                calls: Vec::new(),
                prices: Vec::new(),
                refused: Vec::new(),
            })),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the wiring that leads here.
    pub(crate) fn wiring(&self, region: &str) -> Wiring {
        let keys = Credentials::new("AKIAEXAMPLE", "secret", None, None, "fake");
        let mut wiring = Wiring::to_aws(
            Region::new(region.to_owned()),
            SharedCredentialsProvider::new(keys),
            SharedHttpClient::new(self.clone()),
        );
        wiring.sleep = ClockSleep::shared(self.engine.clock());
        wiring
    }

    /// Gives the account's time.
    pub(crate) fn clock(&self) -> Arc<RehearsalClock> {
        Arc::clone(self.engine.clock())
    }

    /// Gives the engine, to make failures in.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Builds a stack that somebody else, or an older version, made; waits until it stands.
    pub(crate) fn make_stack(&self, name: &str, template: &str, tag: (&str, &str)) {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", "CreateStack")
            .append_pair("StackName", name)
            .append_pair("TemplateBody", template)
            .append_pair("Capabilities.member.1", "CAPABILITY_IAM")
            .append_pair("Tags.member.1.Key", tag.0)
            .append_pair("Tags.member.1.Value", tag.1)
            .finish();
        let (status, answer) = self.rehearse("ap-northeast-1", &body);
        assert_eq!(status, 200, "{answer}");
        self.engine.clock().wait(std::time::Duration::from_secs(10));
    }

    /// Has the keys belong to somebody else.
    pub(crate) fn sign_in(&self, arn: &str) {
        arn.clone_into(&mut self.kept().arn);
    }

    /// Has one operation be refused with a code from now on.
    pub(crate) fn refuse(&self, operation: &str, code: &'static str) {
        self.kept().refused.push((operation.to_owned(), code));
    }

    /// Puts a product on the price list.
    pub(crate) fn sell(&self, product: Value) {
        self.kept().prices.push(product);
    }

    /// Gives the parameters of Systems Manager.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        self.kept().parameters.clone()
    }

    /// Loses every parameter, as somebody who tidies up by hand would.
    pub(crate) fn forget_parameters(&self) {
        self.kept().parameters.clear();
    }

    /// Gives the operations that were called, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.kept().calls.clone()
    }

    fn rehearse(&self, region: &str, body: &str) -> (u16, String) {
        let answer = self.engine.answer(&Call {
            region: region.to_owned(),
            params: Params::parse(body.as_bytes()),
        });
        (answer.status, answer.body)
    }

    /// Says whether a resource stands in any stack.
    fn stands(&self, region: &str, id: &str) -> bool {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", "DescribeStackResources")
            .append_pair("PhysicalResourceId", id)
            .finish();
        let (status, body) = self.rehearse(region, &body);
        status == 200
            && body.split("<member>").any(|member| {
                member.contains(&format!("<PhysicalResourceId>{id}<"))
                    && !member.contains("<ResourceStatus>DELETE_COMPLETE<")
            })
    }

    fn systems_manager(&self, operation: &str, body: &Value) -> (u16, Value) {
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let missing = || {
            (
                400,
                json!({"__type": "ParameterNotFound", "message": "no such parameter"}),
            )
        };
        let mut kept = self.kept();
        match operation {
            "PutParameter" => {
                kept.parameters.insert(text("Name"), text("Value"));
                (200, json!({"Version": 1, "Tier": "Standard"}))
            }
            "GetParameter" => match kept.parameters.get(&text("Name")) {
                Some(value) => (
                    200,
                    json!({"Parameter": {"Name": text("Name"), "Value": value}}),
                ),
                None => missing(),
            },
            "DeleteParameter" => match kept.parameters.remove(&text("Name")) {
                Some(_) => (200, json!({})),
                None => missing(),
            },
            _ => {
                let all: Vec<Value> = kept
                    .parameters
                    .iter()
                    .filter(|(name, _)| name.starts_with(&text("Path")))
                    .map(|(name, value)| json!({"Name": name, "Value": value}))
                    .collect();
                (200, json!({"Parameters": all}))
            }
        }
    }

    fn price_list(&self, body: &Value) -> (u16, Value) {
        let wanted = body["Filters"].as_array().cloned().unwrap_or_default();
        let fits = |product: &&Value| {
            product["serviceCode"] == body["ServiceCode"]
                && wanted.iter().all(|filter| {
                    let field = filter["Field"].as_str().unwrap_or_default();
                    product["product"]["attributes"][field] == filter["Value"]
                        || product["product"][field] == filter["Value"]
                })
        };
        // Products come as texts of JSON, as the real list gives them.
        let list: Vec<String> = self
            .kept()
            .prices
            .iter()
            .filter(fits)
            .map(Value::to_string)
            .collect();
        (200, json!({"FormatVersion": "aws_v1", "PriceList": list}))
    }

    fn control(&self, region: &str, body: &Value) -> (u16, Value) {
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        let refusal = |code: &str| (400, json!({"__type": code, "Message": "refused"}));
        if UNREADABLE.contains(&text("TypeName")) {
            return refusal("UnsupportedActionException");
        }
        let id = text("Identifier");
        if self.stands(region, id) {
            let found = json!({"Identifier": id, "Properties": "{}"});
            (
                200,
                json!({"TypeName": text("TypeName"), "ResourceDescription": found}),
            )
        } else {
            refusal("ResourceNotFoundException")
        }
    }

    fn bucket(&self, region: &str, bucket: &str, method: &str, query: &str) -> (u16, String) {
        if !self.stands(region, bucket) {
            let body = "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>";
            return (404, body.to_owned());
        }
        if method == "POST" && query.contains("delete") {
            self.engine.empty_bucket(bucket).unwrap();
            return (200, "<DeleteResult/>".to_owned());
        }
        let mut list = String::new();
        if query.contains("versions") {
            let count = self.engine.bucket_size(bucket).unwrap();
            let version = |n| format!("<Version><Key>k{n}</Key><VersionId>v</VersionId></Version>");
            list = (0..count).map(version).collect();
        }
        let name = if query.contains("uploads") {
            "ListMultipartUploadsResult"
        } else {
            "ListVersionsResult"
        };
        (200, format!("<{name}>{list}</{name}>"))
    }

    fn answer(&self, request: &HttpRequest) -> Option<(u16, String)> {
        let uri = request.uri();
        let rest = uri.strip_prefix("https://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.strip_suffix(".amazonaws.com")?;
        let bytes = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(bytes).into_owned();
        let operation = match request.headers().get("x-amz-target") {
            Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            None => Params::parse(bytes)
                .get("Action")
                .unwrap_or_default()
                .to_owned(),
        };
        if !operation.is_empty() {
            let mut kept = self.kept();
            kept.calls.push(operation.clone());
            if let Some((_, code)) = kept
                .refused
                .iter()
                .find(|(refused, _)| *refused == operation)
            {
                let json = json!({"__type": code, "message": "refused"}).to_string();
                let xml = format!(
                    "<ErrorResponse><Error><Code>{code}</Code><Message>refused</Message></Error></ErrorResponse>"
                );
                let speaks_json = request.headers().get("x-amz-target").is_some();
                return Some((403, if speaks_json { json } else { xml }));
            }
        }
        let (service, region) = host.rsplit_once('.')?;
        let parsed = || serde_json::from_str::<Value>(&body).unwrap_or_default();
        let told = |(status, value): (u16, Value)| (status, value.to_string());
        Some(match service {
            "cloudformation" => self.rehearse(region, &body),
            "sts" => (
                200,
                format!(
                    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                     <GetCallerIdentityResult><Arn>{}</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>\
                     </GetCallerIdentityResult></GetCallerIdentityResponse>",
                    self.kept().arn
                ),
            ),
            "ssm" => told(self.systems_manager(&operation, &parsed())),
            "logs" => (200, json!({"logGroups": []}).to_string()),
            "cloudcontrolapi" => told(self.control(region, &parsed())),
            "api.pricing" => told(self.price_list(&parsed())),
            _ => {
                let bucket = service.strip_suffix(".s3")?;
                self.bucket(region, bucket, request.method(), path)
            }
        })
    }
}

impl HttpClient for FakeAws {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for FakeAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answered = self.answer(&request).ok_or_else(|| {
            ConnectorError::user(format!("`{}` is not pretended", request.uri()).into())
        });
        HttpConnectorFuture::ready(answered.and_then(|(status, body)| {
            let status =
                StatusCode::try_from(status).map_err(|error| ConnectorError::user(error.into()))?;
            let mut response = HttpResponse::new(status, SdkBody::from(body));
            response.headers_mut().insert("x-amzn-requestid", "fake");
            Ok(response)
        }))
    }
}
