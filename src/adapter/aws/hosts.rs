//! The way out for real accounts: it leads to AWS's own hosts and nowhere else.
//!
//! The keys of a profile may themselves need calls (sign-in, assumed roles), and those clients read `endpoint_url`
//! of the profile. A request that would leave for any other host is refused here before a byte of it is sent.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Domains of AWS's services, of its sign-in and of its partitions.
const DOMAINS: [&str; 5] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".api.aws",
    ".signin.aws",
    ".signin.aws.amazon.com",
];

/// Where instances and containers of AWS find their keys (`credential_source`).
const METADATA: [&str; 3] = ["169.254.169.254", "169.254.170.2", "169.254.170.23"];

/// A client that reaches AWS alone.
#[derive(Debug, Clone)]
pub struct AwsHosts {
    inner: SharedHttpClient,
}

impl AwsHosts {
    /// Guards a client.
    pub fn new(inner: SharedHttpClient) -> Self {
        Self { inner }
    }
}

impl HttpClient for AwsHosts {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Guarded {
            inner: self.inner.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct Guarded {
    inner: SharedHttpConnector,
}

impl HttpConnector for Guarded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if leads_to_aws(request.uri()) {
            self.inner.call(request)
        } else {
            let words = format!("`{}` is no address of AWS", request.uri());
            HttpConnectorFuture::ready(Err(ConnectorError::user(words.into())))
        }
    }
}

/// Says whether a request's address is one of AWS: its domains by TLS, or the metadata addresses.
fn leads_to_aws(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = authority
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match scheme {
        "https" => DOMAINS.iter().any(|domain| host.ends_with(domain)),
        "http" => METADATA.contains(&host.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aws_is_reached() {
        for good in [
            "https://cloudformation.ap-northeast-1.amazonaws.com/",
            "https://bucket.s3.us-east-1.amazonaws.com:443/key?x",
            "https://oidc.us-east-1.amazonaws.com/token",
            "http://169.254.169.254/latest/meta-data",
        ] {
            assert!(leads_to_aws(good), "{good}");
        }
        for bad in [
            "http://cloudformation.ap-northeast-1.amazonaws.com/",
            "https://amazonaws.com.example/",
            "https://sts.amazonaws.com@example.com/",
            "http://127.0.0.1:4566/",
            "https://localhost/",
            "https://example.com/.amazonaws.com",
            "sts.amazonaws.com",
        ] {
            assert!(!leads_to_aws(bad), "{bad}");
        }
    }
}
