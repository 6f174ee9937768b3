//! Clients for a tier: who is called, with which keys, how patiently.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudformation::config::{
    Credentials, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::hosts::AwsHosts;
use super::profile::ProfileKeys;
use crate::adapter::rehearsal::clock::RehearsalClock;
use crate::adapter::rehearsal::connector::RehearsalConnector;
use crate::adapter::rehearsal::engine::Engine;
use crate::lab::port::Clock as _;

/// The key that emulators are called with; it opens nothing anywhere else.
const DUMMY: &str = "test";

/// Who is called.
#[derive(Debug, Clone)]
pub enum Target {
    /// The engine in this process.
    Rehearsal(Arc<Engine>),
    /// An emulator on this machine.
    Sandbox {
        /// Its loopback address, already checked.
        endpoint: String,
    },
    /// A real account.
    Aws {
        /// The profile that was named.
        profile: String,
    },
}

impl Wiring {
    /// Gives the wiring for calls without keys to what a lab put up, wherever that is.
    pub fn open(region: &str) -> Self {
        let region = Region::new(region.to_owned());
        let nobody = Credentials::new(DUMMY, DUMMY, None, None, "juku");
        Self::to_aws(region, SharedCredentialsProvider::new(nobody), https())
    }
}

/// What every client of a target is built with.
#[derive(Debug, Clone)]
pub struct Wiring {
    /// The region.
    pub region: Region,
    /// The keys.
    pub credentials: SharedCredentialsProvider,
    /// The way out.
    pub http: SharedHttpClient,
    /// Another address than the service's own.
    pub endpoint: Option<String>,
    /// How often a call is repeated.
    pub retries: RetryConfig,
    /// How long a call may take.
    pub timeouts: TimeoutConfig,
    /// How repeated calls wait.
    pub sleep: SharedAsyncSleep,
    /// Whether slow streams are cut off.
    pub stalled: StalledStreamProtectionConfig,
}

impl Wiring {
    /// Works out the wiring of a target.
    pub fn of(target: &Target, region: &str) -> Self {
        let region = Region::new(region.to_owned());
        let patient = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_mins(1))
            .build();
        let dummy =
            || SharedCredentialsProvider::new(Credentials::new(DUMMY, DUMMY, None, None, "juku"));
        match target {
            Target::Rehearsal(engine) => Self {
                region,
                credentials: dummy(),
                http: SharedHttpClient::new(RehearsalConnector::new(Arc::clone(engine))),
                endpoint: None,
                retries: RetryConfig::standard()
                    .with_max_attempts(4)
                    .with_initial_backoff(Duration::from_millis(20)),
                timeouts: TimeoutConfig::disabled(),
                sleep: ClockSleep::shared(engine.clock()),
                stalled: StalledStreamProtectionConfig::disabled(),
            },
            Target::Sandbox { endpoint } => Self {
                region,
                credentials: dummy(),
                http: https(),
                endpoint: Some(endpoint.clone()),
                retries: RetryConfig::standard()
                    .with_max_attempts(3)
                    .with_initial_backoff(Duration::from_millis(100)),
                timeouts: patient,
                sleep: real_sleep(),
                stalled: StalledStreamProtectionConfig::disabled(),
            },
            Target::Aws { profile } => {
                let http = SharedHttpClient::new(AwsHosts::new(https()));
                let keys = ProfileKeys::of(profile, &region, http.clone());
                Self::to_aws(region, SharedCredentialsProvider::new(keys), http)
            }
        }
    }

    /// Makes the wiring to AWS over a given way out.
    ///
    /// The program itself gives the one that speaks with AWS's own hosts alone; what else stands behind it is for a
    /// test to say, and for nothing in the environment.
    pub fn to_aws(
        region: Region,
        credentials: SharedCredentialsProvider,
        http: SharedHttpClient,
    ) -> Self {
        Self {
            region,
            credentials,
            http,
            endpoint: None,
            retries: RetryConfig::standard().with_max_attempts(6),
            timeouts: TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(Duration::from_mins(1))
                .build(),
            sleep: real_sleep(),
            stalled: StalledStreamProtectionConfig::enabled().build(),
        }
    }

    /// Gives the same wiring for another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self {
            region: Region::new(region.to_owned()),
            ..self.clone()
        }
    }
}

fn https() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

fn real_sleep() -> SharedAsyncSleep {
    SharedAsyncSleep::new(aws_smithy_async::rt::sleep::TokioSleep::new())
}

/// Lets the SDK's pauses pass on the rehearsal's clock.
#[derive(Debug)]
pub(super) struct ClockSleep(Arc<RehearsalClock>);

impl ClockSleep {
    pub(super) fn shared(clock: &Arc<RehearsalClock>) -> SharedAsyncSleep {
        SharedAsyncSleep::new(Self(Arc::clone(clock)))
    }
}

impl AsyncSleep for ClockSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = Arc::clone(&self.0);
        Sleep::new(async move { clock.wait(duration) })
    }
}

/// Builds a service's configuration from a wiring; the services' builders are alike but of different types.
macro_rules! configure {
    ($builder:expr, $wiring:expr) => {{
        let wiring: &Wiring = $wiring;
        let mut builder = $builder
            .behavior_version(BehaviorVersion::latest())
            .region(wiring.region.clone())
            .credentials_provider(wiring.credentials.clone())
            .http_client(wiring.http.clone())
            .retry_config(wiring.retries.clone())
            .timeout_config(wiring.timeouts.clone())
            .sleep_impl(wiring.sleep.clone())
            .stalled_stream_protection(wiring.stalled.clone());
        builder.set_endpoint_url(wiring.endpoint.clone());
        builder
    }};
}

impl Wiring {
    /// Makes a CloudFormation client.
    pub fn cloudformation(&self) -> aws_sdk_cloudformation::Client {
        let builder = configure!(aws_sdk_cloudformation::Config::builder(), self);
        aws_sdk_cloudformation::Client::from_conf(builder.build())
    }

    /// Makes an STS client.
    pub fn sts(&self) -> aws_sdk_sts::Client {
        let builder = configure!(aws_sdk_sts::Config::builder(), self);
        aws_sdk_sts::Client::from_conf(builder.build())
    }

    /// Makes an S3 client; emulators are addressed by path.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let builder = configure!(aws_sdk_s3::Config::builder(), self)
            .force_path_style(self.endpoint.is_some());
        aws_sdk_s3::Client::from_conf(builder.build())
    }

    /// Makes a Cloud Control client.
    pub fn cloudcontrol(&self) -> aws_sdk_cloudcontrol::Client {
        let builder = configure!(aws_sdk_cloudcontrol::Config::builder(), self);
        aws_sdk_cloudcontrol::Client::from_conf(builder.build())
    }
}
