//! The keys of the profile that was named, by the SDK's own chain for that profile: static keys, processes, sign-in,
//! assumed roles. Variables with keys in them and `AWS_PROFILE` are not part of it.

use aws_config::profile::ProfileFileCredentialsProvider;
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
        let config = ProviderConfig::empty()
            .with_region(Some(region.clone()))
            .with_http_client(http)
            .with_sleep_impl(TokioSleep::new())
            .with_time_source(SystemTimeSource::new());
        Self {
            chain: ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(profile)
                .build(),
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
