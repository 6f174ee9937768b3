//! Services that speak JSON and of which we need two or three calls: signed and sent without a client of their own.
//!
//! The generated clients of SSM, CloudWatch Logs and the price list would add minutes to a cold build for six
//! operations. The request goes the SDK's way otherwise: same connector, same time-outs, same keys.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_async::time::{SystemTimeSource, TimeSource as _};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::clients::Wiring;
use super::errors::api_error;
use crate::lab::port::{ApiError, Failure};

/// A service that speaks JSON.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// The first part of its host.
    pub host: &'static str,
    /// Its name in signatures.
    pub signs_as: &'static str,
    /// What stands before an operation's name in `X-Amz-Target`.
    pub target: &'static str,
}

/// Systems Manager.
pub const SSM: Service = Service {
    host: "ssm",
    signs_as: "ssm",
    target: "AmazonSSM",
};

/// CloudWatch Logs.
pub const LOGS: Service = Service {
    host: "logs",
    signs_as: "logs",
    target: "Logs_20140328",
};

/// The price list.
pub const PRICING: Service = Service {
    host: "api.pricing",
    signs_as: "pricing",
    target: "AWSPriceListService",
};

/// What a service refused a request with.
#[derive(Debug)]
struct Refusal(ErrorMetadata);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// Calls one service in one region.
#[derive(Debug, Clone)]
pub struct JsonClient {
    service: Service,
    wiring: Wiring,
    runtime: Arc<Runtime>,
}

impl JsonClient {
    /// Makes a client; calls block on the runtime.
    pub fn new(service: Service, wiring: &Wiring, runtime: Arc<Runtime>) -> Self {
        Self {
            service,
            wiring: wiring.clone(),
            runtime,
        }
    }

    fn url(&self) -> String {
        match &self.wiring.endpoint {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!(
                "https://{}.{}.amazonaws.com/",
                self.service.host, self.wiring.region
            ),
        }
    }

    /// Makes a call; an empty answer is null.
    ///
    /// # Errors
    /// When there are no keys, nobody answers, or the service refuses.
    pub fn call(&self, operation: &'static str, body: &Value) -> Result<Value, ApiError> {
        self.runtime.block_on(self.send(operation, body))
    }

    async fn send(&self, operation: &'static str, body: &Value) -> Result<Value, ApiError> {
        let keys = self
            .wiring
            .credentials
            .provide_credentials()
            .await
            .map_err(|error| super::errors::no_keys(operation, &error))?;
        let request = self
            .signed(operation, body.to_string(), &Identity::from(keys))
            .map_err(|error| ApiError {
                operation,
                failure: Failure::Other,
                code: "NotSigned".to_owned(),
                message: error.to_string(),
            })?;
        let url = self.url();
        let call = Operation::builder()
            .service_name(self.service.signs_as)
            .operation_name(operation)
            .http_client(self.wiring.http.clone())
            .endpoint_url(&url)
            .no_auth()
            .no_retry()
            .sleep_impl(self.wiring.sleep.clone())
            .timeout_config(self.wiring.timeouts.clone())
            .stalled_stream_protection(self.wiring.stalled.clone())
            .serializer(|parts: Parts| parts.request())
            .deserializer(read)
            .build();
        call.invoke(request)
            .await
            .map_err(|error| api_error(operation, &error))
    }

    fn signed(
        &self,
        operation: &str,
        body: String,
        identity: &Identity,
    ) -> Result<Parts, BoxError> {
        let url = self.url();
        let mut headers = vec![
            (
                "content-type".to_owned(),
                "application/x-amz-json-1.1".to_owned(),
            ),
            (
                "x-amz-target".to_owned(),
                format!("{}.{operation}", self.service.target),
            ),
        ];
        let region = self.wiring.region.to_string();
        let params = v4::SigningParams::builder()
            .identity(identity)
            .region(&region)
            .name(self.service.signs_as)
            .time(SystemTimeSource::new().now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable = SignableRequest::new(
            "POST",
            &url,
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(body.as_bytes()),
        )?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        headers.extend(
            instructions
                .headers()
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Ok(Parts { headers, body })
    }
}

/// A request, signed for its address.
#[derive(Clone)]
struct Parts {
    headers: Vec<(String, String)>,
    body: String,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Signatures and session tokens are not for logs.
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

impl Parts {
    fn request(self) -> Result<HttpRequest, BoxError> {
        let mut request = HttpRequest::new(SdkBody::from(self.body));
        request.set_method("POST")?;
        request.set_uri("/")?;
        for (name, value) in self.headers {
            request.headers_mut().try_insert(name, value)?;
        }
        Ok(request)
    }
}

/// Reads an answer: JSON, or the code and words of a refusal.
fn read(response: &HttpResponse) -> Result<Value, OrchestratorError<Refusal>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        if body.is_empty() {
            return Ok(Value::Null);
        }
        return serde_json::from_slice(body).map_err(OrchestratorError::other);
    }
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| told.get(name)?.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let code = text(["__type", "code"]);
    let code = code.rsplit('#').next().unwrap_or_default();
    let code = if code.is_empty() {
        format!("HTTP{}", response.status().as_u16())
    } else {
        code.to_owned()
    };
    let meta = ErrorMetadata::builder()
        .code(code)
        .message(text(["message", "Message"]))
        .build();
    Err(OrchestratorError::operation(Refusal(meta)))
}
