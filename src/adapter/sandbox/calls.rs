//! The calls of tasks in the sandbox: the `aws` CLI with dummy keys, and plain HTTP to this machine.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::http::{self, Reply, Request};
use crate::adapter::aws_cli::{self, refused};
use crate::lab::check::{CallError, TaskCalls};
use crate::lab::lab_file::HttpCall;

/// Calls at an emulator.
#[derive(Debug)]
pub struct SandboxCalls {
    /// The emulator's address.
    pub endpoint: String,
    /// The region.
    pub region: String,
    /// Where programs are looked for, the sandbox's own first.
    pub path: String,
    /// A folder that holds no AWS configuration.
    pub home: PathBuf,
}

impl SandboxCalls {
    /// Turns an address of AWS into the path and host under which the emulator answers for it.
    fn route(&self, url: &str) -> (String, Option<String>) {
        let rest = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"))
            .unwrap_or(url);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port = self.endpoint.rsplit(':').next().unwrap_or_default();
        let label = host.split('.').next().unwrap_or_default();
        if host.contains(".execute-api.") {
            let host = format!("{label}.execute-api.localhost:{port}");
            (format!("/{path}"), Some(host))
        } else if host.contains(".s3-website") || host.contains(".s3.") {
            (format!("/{label}/{path}"), None)
        } else {
            (format!("/{path}"), Some(host.to_owned()))
        }
    }

    /// Sends a request to the emulator, whatever host its address names.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn send(&self, call: &HttpCall) -> Result<Reply, CallError> {
        let (path, host) = self.route(&call.url);
        let mut headers: Vec<(&str, &str)> = call
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        // No TLS on this machine: an address of https is spoken to as if a proxy had ended it.
        if call.url.starts_with("https://") {
            headers.push(("X-Forwarded-Proto", "https"));
        }
        let request = Request {
            method: &call.method,
            path: &path,
            host: host.as_deref(),
            headers: &headers,
            body: call.body.as_deref().unwrap_or_default().as_bytes(),
            patience: Duration::from_secs(30),
        };
        http::exchange(&self.endpoint, &request).map_err(refused)
    }
}

impl TaskCalls for SandboxCalls {
    fn aws(&self, arguments: &[String]) -> Result<String, CallError> {
        aws_cli::run(
            Command::new("aws")
                .args(arguments)
                .args(["--output", "json"])
                // Version 1 of the CLI ignores AWS_ENDPOINT_URL for some services, SQS among them.
                .args(["--endpoint-url", &self.endpoint])
                .env_clear()
                .env("PATH", &self.path)
                .env("HOME", &self.home)
                .env("AWS_ENDPOINT_URL", &self.endpoint)
                .env("AWS_ACCESS_KEY_ID", "test")
                .env("AWS_SECRET_ACCESS_KEY", "test")
                .env("AWS_DEFAULT_REGION", &self.region)
                .env("AWS_REGION", &self.region)
                .env("AWS_EC2_METADATA_DISABLED", "true")
                .env("AWS_PAGER", ""),
        )
    }

    fn http(&self, call: &HttpCall) -> Result<(u16, String), CallError> {
        self.send(call).map(|reply| (reply.status, reply.body))
    }
}
