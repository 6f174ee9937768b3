//! A ministack of the tests' own, on a free port of 127.0.0.1.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
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
        let child = Command::new(programs.join("ministack"))
            .env_clear()
            .env("PATH", path())
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

    /// Gives the folder that it works in.
    pub fn home(&self) -> &Path {
        self.home.path()
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

/// The keys that an emulator takes.
pub const DUMMY_KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];

/// Where programs are looked for: those of the pinned environment first.
pub fn path() -> String {
    let machine = std::env::var("PATH").unwrap_or_default();
    format!("{}:{machine}", python_env::programs().display())
}

/// Runs the AWS CLI against an address with dummy keys; the answer as JSON, null when it is empty.
pub fn aws(endpoint: &str, home: &Path, arguments: &[&str]) -> serde_json::Value {
    let arguments: Vec<String> = arguments.iter().map(|&one| one.to_owned()).collect();
    let answer = run_aws(endpoint, "ap-northeast-1", home, &arguments)
        .unwrap_or_else(|words| panic!("aws {arguments:?}: {words}"));
    serde_json::from_str(&answer).unwrap_or_default()
}

/// Runs the AWS CLI against an address with dummy keys, in a folder that holds no settings of it.
///
/// # Errors
/// With the words of the command, when it fails.
pub fn run_aws(
    endpoint: &str,
    region: &str,
    folder: &Path,
    arguments: &[String],
) -> Result<String, String> {
    let output = Command::new(python_env::programs().join("aws"))
        .args(arguments)
        .args(["--endpoint-url", endpoint, "--output", "json"])
        .env_clear()
        .env("PATH", path())
        .env("HOME", folder)
        .env("AWS_DEFAULT_REGION", region)
        .envs(DUMMY_KEYS)
        .current_dir(folder)
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
