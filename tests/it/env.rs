//! A home of its own for each test, and a `juku` that sees nothing else of the machine.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The moment at which tests happen, a Saturday morning in Tokyo.
pub const NOW: &str = "2026-11-21T09:00:00+09:00";

/// A fresh home.
pub struct TestEnv {
    home: tempfile::TempDir,
    now: String,
    language: &'static str,
}

/// What a run of `juku` left behind.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Expects an exit code; a failure shows all there is.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.out, self.err
        );
        self
    }

    /// Reads stdout as one JSON document.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.out, self.err))
    }
}

impl TestEnv {
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            now: NOW.to_owned(),
            language: "ja",
        }
    }

    /// The same home in English.
    pub fn english(mut self) -> Self {
        self.language = "en";
        self
    }

    /// Moves the clock.
    pub fn set_now(&mut self, now: &str) {
        now.clone_into(&mut self.now);
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file into the home and gives its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path)
            .unwrap()
            .write_all(bytes.as_ref())
            .unwrap();
        path
    }

    /// Prepares a run.
    pub fn command<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_juku"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .args(arguments)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home())
            .env("JUKU_HOME", self.home().join("juku"))
            .env("JUKU_NOW", &self.now)
            .env("JUKU_SEED", "1")
            .env("JUKU_LANG", self.language)
            .env("TZ", "Asia/Tokyo")
            .current_dir(self.home());
        command
    }

    /// Runs `juku` with arguments and nothing on stdin.
    pub fn juku(&self, arguments: &[&str]) -> Run {
        self.juku_with(arguments, "")
    }

    /// Runs `juku` with arguments and lines on stdin.
    pub fn juku_with(&self, arguments: &[&str], stdin: &str) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let text = stdin.to_owned();
        let writer = std::thread::spawn(move || drop(input.write_all(text.as_bytes())));
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Run {
            code: status.code().unwrap_or(-1),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }
}
