//! The keys of the profile that was named, by the SDK's own chain for that profile: static keys, processes, sign-in,
//! assumed roles. Variables with keys in them and `AWS_PROFILE` are not part of it.

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::profile::credentials::Builder;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, Result as Keys, future};
use aws_sdk_cloudformation::config::Region;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::{SystemTimeSource, TimeSource as _};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::time::Duration;
use tokio::sync::Mutex;

/// Keys that end sooner than this are fetched again.
const MARGIN: Duration = Duration::from_mins(5);

/// The keys of a profile, kept until they end: a process or a sign-in is asked once, not once for each service.
#[derive(Debug)]
pub struct ProfileKeys {
    chain: ProfileFileCredentialsProvider,
    kept: Mutex<Option<Credentials>>,
}

impl ProfileKeys {
    /// Takes the profile's chain; calls that it makes itself go out by `http`.
    pub fn of(profile: &str, region: &Region, http: SharedHttpClient) -> Self {
        Self::with(
            ProfileFileCredentialsProvider::builder().profile_name(profile),
            region,
            http,
        )
    }

    fn with(profile: Builder, region: &Region, http: SharedHttpClient) -> Self {
        let config = ProviderConfig::empty()
            .with_region(Some(region.clone()))
            .with_http_client(http)
            .with_sleep_impl(TokioSleep::new())
            .with_time_source(SystemTimeSource::new());
        Self {
            chain: profile.configure(&config).build(),
            kept: Mutex::new(None),
        }
    }

    async fn keys(&self) -> Keys {
        let mut kept = self.kept.lock().await;
        let soon = SystemTimeSource::new().now() + MARGIN;
        if let Some(keys) = kept.as_ref()
            && keys.expiry().is_none_or(|end| end > soon)
        {
            return Ok(keys.clone());
        }
        let keys = self.chain.provide_credentials().await?;
        *kept = Some(keys.clone());
        Ok(keys)
    }
}

impl ProvideCredentials for ProfileKeys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.keys())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_runtime_api::client::result::ConnectorError;

    use super::*;
    use crate::adapter::aws::errors::no_keys;
    use crate::adapter::aws::hosts::AwsHosts;
    use crate::lab::port::Failure;

    /// Remembers where requests would have gone, and answers none.
    #[derive(Debug, Clone, Default)]
    struct Nowhere(Arc<Mutex<Vec<String>>>);

    impl HttpConnector for Nowhere {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            self.0.lock().unwrap().push(request.uri().to_owned());
            HttpConnectorFuture::ready(Err(ConnectorError::user("nowhere".into())))
        }
    }

    const CONFIG: &str = "
[profile plain]
aws_access_key_id = AKIAPLAIN
aws_secret_access_key = s
endpoint_url = http://127.0.0.1:9/
[profile role]
role_arn = arn:aws:iam::111122223333:role/Student
source_profile = plain
[profile lured]
role_arn = arn:aws:iam::111122223333:role/Student
source_profile = plain
endpoint_url = http://127.0.0.1:9/
[profile process]
credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\",\"SecretAccessKey\":\"s\"}'
";

    /// Asks for a profile's keys; gives them, and where requests went.
    fn ask(profile: &str) -> (Keys, Vec<String>) {
        let nowhere = Nowhere::default();
        let inner = nowhere.clone();
        let http = AwsHosts::new(SharedHttpClient::new(http_client_fn(move |_, _| {
            SharedHttpConnector::new(inner.clone())
        })));
        let files = EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, CONFIG)
            .build();
        let builder = ProfileFileCredentialsProvider::builder()
            .profile_name(profile)
            .profile_files(files);
        let region = Region::new("ap-northeast-1");
        let keys = ProfileKeys::with(builder, &region, SharedHttpClient::new(http));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let answer = runtime.block_on(keys.keys());
        let went = nowhere.0.lock().unwrap().clone();
        (answer, went)
    }

    #[test]
    fn keys_come_from_the_named_profile() {
        assert_eq!(ask("plain").0.unwrap().access_key_id(), "AKIAPLAIN");
        assert_eq!(ask("process").0.unwrap().access_key_id(), "AKIAPROCESS");
    }

    #[test]
    fn a_profile_that_is_not_there_is_no_keys() {
        let (answer, went) = ask("absent");
        let told = no_keys("GetCallerIdentity", &answer.unwrap_err());
        assert_eq!(told.failure, Failure::NoCredentials, "{told}");
        assert!(told.message.contains("absent"), "{told}");
        assert!(went.is_empty());
    }

    #[test]
    fn keys_are_asked_of_aws_alone_whatever_a_profile_says() {
        let (answer, went) = ask("role");
        assert!(answer.is_err());
        assert!(
            !went.is_empty() && went.iter().all(|uri| uri.contains(".amazonaws.com")),
            "{went:?}"
        );
        let (answer, went) = ask("lured");
        let told = no_keys("GetCallerIdentity", &answer.unwrap_err());
        assert!(told.message.contains("is no address of AWS"), "{told}");
        assert!(
            went.iter().all(|uri| uri.contains(".amazonaws.com")),
            "{went:?}"
        );
    }
}
