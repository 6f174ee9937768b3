//! The SDK's HTTP connector that leads to the engine instead of a network.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::{Headers, StatusCode};
use aws_smithy_types::body::SdkBody;

use super::engine::{Answer, Call, Engine};
use super::query::Params;

/// The region of requests that are not signed.
pub const DEFAULT_REGION: &str = "ap-northeast-1";

/// A connector to an engine.
#[derive(Debug, Clone)]
pub struct RehearsalConnector {
    engine: Arc<Engine>,
}

impl RehearsalConnector {
    /// Leads to an engine.
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }
}

impl HttpClient for RehearsalConnector {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for RehearsalConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(exchange(&self.engine, &request))
    }
}

fn exchange(engine: &Engine, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let body = request
        .body()
        .bytes()
        .ok_or_else(|| ConnectorError::user("a streamed body cannot be rehearsed".into()))?;
    let call = Call {
        region: region_of(request.headers()),
        params: Params::parse(body),
    };
    let Answer {
        status,
        body,
        request_id,
    } = engine.answer(&call);
    let status =
        StatusCode::try_from(status).map_err(|error| ConnectorError::user(error.into()))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", "text/xml");
    response
        .headers_mut()
        .insert("x-amzn-requestid", request_id);
    Ok(response)
}

fn region_of(headers: &Headers) -> String {
    headers
        .get("authorization")
        .and_then(region_of_signature)
        .unwrap_or(DEFAULT_REGION)
        .to_owned()
}

/// Reads the region out of a signature's scope: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
pub(super) fn region_of_signature(authorization: &str) -> Option<&str> {
    let (_, scope) = authorization.split_once("Credential=")?;
    scope.split('/').nth(2).filter(|region| {
        !region.is_empty()
            && region
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_names_the_region() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/cloudformation/aws4_request, Sig=x";
        assert_eq!(region_of_signature(header), Some("us-east-1"));
        assert_eq!(region_of_signature("Bearer x"), None);
    }
}
