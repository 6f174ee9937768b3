//! A ministack of the tests' own, on a free port of 127.0.0.1.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::python_env;

/// A running emulator; it ends with the value.
pub struct Emulator {
    child: Child,
    home: tempfile::TempDir,
    pub endpoint: String,
}

impl Emulator {
    /// Starts one and waits until it answers.
    pub fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let programs = python_env::programs();
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new(programs.join("ministack"))
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", "ap-northeast-1")
            .env("S3_DATA_DIR", home.path().join("s3"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut emulator = Self {
            child,
            home,
            endpoint: format!("http://127.0.0.1:{port}"),
        };
        emulator.wait(port);
        emulator
    }

    fn wait(&mut self, port: u16) {
        for _ in 0..600 {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("ministack ended with {status}");
            }
            if healthy(port) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("ministack does not answer");
    }

    /// Runs the AWS CLI against it.
    pub fn aws(&self, arguments: &[&str]) -> serde_json::Value {
        aws(&self.endpoint, self.home.path(), arguments)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn healthy(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    let asked = stream.write_all(
        b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    let mut answer = String::new();
    asked.is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// Runs the AWS CLI against an address with dummy keys; the answer as JSON, null when it is empty.
pub fn aws(endpoint: &str, home: &std::path::Path, arguments: &[&str]) -> serde_json::Value {
    let programs = python_env::programs();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(programs.join("aws"))
        .args(arguments)
        .args(["--endpoint-url", endpoint, "--output", "json"])
        .env_clear()
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", home)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", "ap-northeast-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "aws {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}
