//! The calls of tasks in a real account: the user's own `aws` CLI with the lease's profile, and HTTP to what the lab
//! put up.

use std::process::Command;
use std::sync::Arc;

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use tokio::runtime::Runtime;

use super::clients::Wiring;
use crate::adapter::aws_cli::{self, refused};
use crate::lab::check::{CallError, TaskCalls};
use crate::lab::lab_file::HttpCall;

/// Calls in the account and region of a lease.
#[derive(Debug)]
pub struct AwsCalls {
    /// The profile of the lease.
    pub profile: String,
    /// The region of the lease.
    pub region: String,
    /// The variables that the CLI is given, and no others: where programs, profiles and keys are found.
    pub environment: Vec<(&'static str, String)>,
    /// The way out.
    pub wiring: Wiring,
    /// What waits for answers.
    pub runtime: Arc<Runtime>,
}

impl TaskCalls for AwsCalls {
    fn aws(&self, arguments: &[String]) -> Result<String, CallError> {
        aws_cli::run(
            Command::new("aws")
                .args(arguments)
                .args(["--output", "json", "--profile", &self.profile])
                .args(["--region", &self.region])
                .env_clear()
                .envs(self.environment.iter().map(|(name, value)| (name, value)))
                .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
                .env("AWS_PAGER", ""),
        )
    }

    fn http(&self, call: &HttpCall) -> Result<(u16, String), CallError> {
        let (scheme, rest) = call
            .url
            .split_once("://")
            .ok_or_else(|| refused(format!("`{}` is no address", call.url)))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (method, path) = (call.method.clone(), format!("/{path}"));
        let headers = call.headers.clone();
        let operation = Operation::builder()
            .service_name("task")
            .operation_name("http")
            .http_client(self.wiring.http.clone())
            .endpoint_url(&format!("{scheme}://{host}"))
            .no_auth()
            .no_retry()
            .sleep_impl(self.wiring.sleep.clone())
            .timeout_config(self.wiring.timeouts.clone())
            .stalled_stream_protection(self.wiring.stalled.clone())
            .serializer(move |body: String| -> Result<HttpRequest, BoxError> {
                let mut request = HttpRequest::new(SdkBody::from(body));
                request.set_method(method.as_str())?;
                request.set_uri(path.as_str())?;
                for (name, value) in &headers {
                    request
                        .headers_mut()
                        .try_insert(name.clone(), value.clone())?;
                }
                Ok(request)
            })
            .deserializer(
                |response: &HttpResponse| -> Result<_, OrchestratorError<std::convert::Infallible>> {
                    let body = response.body().bytes().unwrap_or_default();
                    let text = String::from_utf8_lossy(body).into_owned();
                    Ok((response.status().as_u16(), text))
                },
            )
            .build();
        let body = call.body.clone().unwrap_or_default();
        self.runtime
            .block_on(operation.invoke(body))
            .map_err(|error| refused(super::errors::chain(&error)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::adapter::aws::clients::Target;

    fn runtime() -> Arc<Runtime> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Arc::new(runtime)
    }

    /// The user's CLI gets the lease's profile and region, and nothing of the environment but where to look.
    #[cfg(unix)]
    #[test]
    fn the_cli_is_called_with_the_lease_s_profile_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("aws");
        let script = "#!/bin/sh\necho \"$@\"; echo \"$AWS_IGNORE_CONFIGURED_ENDPOINT_URLS\"; env | grep -c '^AWS_PROFILE\\|^AWS_ACCESS' || true\n";
        crate::adapter::files::write_atomic(&program, script.as_bytes()).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        let calls = AwsCalls {
            profile: "study".to_owned(),
            region: "us-east-1".to_owned(),
            environment: vec![("PATH", path)],
            wiring: Wiring::open("us-east-1"),
            runtime: runtime(),
        };
        let arguments = ["sqs", "list-queues"].map(str::to_owned);
        let said = calls.aws(&arguments).unwrap();
        assert!(
            said.starts_with(
                "sqs list-queues --output json --profile study --region us-east-1\ntrue\n0"
            ),
            "{said}"
        );
    }

    /// A task's HTTP call arrives as it was written, and its answer is told whatever its status.
    #[test]
    fn a_call_goes_out_and_its_answer_comes_back() {
        use std::io::{Read as _, Write as _};
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = socket.accept().unwrap();
            let mut buffer = [0; 2048];
            let count = stream.read(&mut buffer).unwrap();
            let answer = "HTTP/1.1 403 No\r\nContent-Length: 6\r\nConnection: close\r\n\r\ndenied";
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&buffer[..count]).into_owned()
        });
        let target = Target::Sandbox {
            endpoint: format!("http://127.0.0.1:{port}"),
        };
        let calls = AwsCalls {
            profile: "p".to_owned(),
            region: "ap-northeast-1".to_owned(),
            environment: Vec::new(),
            wiring: Wiring::of(&target, "ap-northeast-1"),
            runtime: runtime(),
        };
        let answer = calls.http(&HttpCall {
            method: "PUT".to_owned(),
            url: format!("http://127.0.0.1:{port}/items/1?x=y"),
            headers: BTreeMap::from([("x-key".to_owned(), "v".to_owned())]),
            body: None,
            status: 403,
            contains: None,
        });
        assert_eq!(answer.unwrap(), (403, "denied".to_owned()));
        let heard = server.join().unwrap();
        assert!(
            heard.starts_with("PUT /items/1?x=y HTTP/1.1\r\n"),
            "{heard}"
        );
        assert!(heard.contains("x-key: v"), "{heard}");
    }
}
