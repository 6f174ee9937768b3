//! The emulator as a process: made, started on 127.0.0.1, watched, stopped.
//!
//! It lives in a virtual environment of its own with pinned versions, in the data folder, and goes on when `juku` ends.
//! What runs is written in `instance.json` beside it, so that other terminals find it.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::http::{self, Request};
use crate::adapter::files;

/// What is installed: the emulator and the AWS CLI.
pub const PINS: [&str; 2] = ["ministack==1.5.33", "awscli==1.46.2"];

/// The oldest Python that the emulator runs on.
const OLDEST_PYTHON: (u32, u32) = (3, 10);

/// The port that is tried first; the one that AWS emulators commonly use.
pub const USUAL_PORT: u16 = 4566;

/// How long the emulator may take to answer, in tenths of a second.
const START_LOOKS: u32 = 450;

/// How long it may take to end.
const STOP_LOOKS: u32 = 100;

const TENTH: Duration = Duration::from_millis(100);

/// Why the sandbox could not be made, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// There is no `python3`, or it cannot make virtual environments.
    #[error("python3 cannot be run: {detail}")]
    NoPython {
        /// What went wrong.
        detail: String,
    },
    /// The packages could not be installed.
    #[error("pip could not install {}: {detail}", PINS.join(" "))]
    Install {
        /// The end of what pip said.
        detail: String,
    },
    /// A port was asked for that is taken.
    #[error("port {port} of 127.0.0.1 is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// It was started and does not answer.
    #[error("the emulator does not answer; see {}", log.display())]
    Silent {
        /// Its log.
        log: PathBuf,
    },
    /// It does not end.
    #[error("process {pid} does not end")]
    Stuck {
        /// Its process id.
        pid: u32,
    },
    /// A file of the sandbox cannot be used.
    #[error("{operation} `{}` failed", path.display())]
    File {
        /// What was being done.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// A running emulator, as `instance.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its process id.
    pub pid: u32,
    /// Its address.
    pub endpoint: String,
    /// When it was started, RFC 3339.
    pub started_at: String,
}

/// The sandbox's folder.
#[derive(Debug, Clone)]
pub struct Sandbox {
    folder: PathBuf,
}

impl Sandbox {
    /// Uses a folder; nothing is made yet.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Gives the folder of the programs in the virtual environment.
    pub fn programs(&self) -> PathBuf {
        self.folder.join("venv").join("bin")
    }

    /// Gives the log's path.
    pub fn log(&self) -> PathBuf {
        self.folder.join("ministack.log")
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join("venv").join(".juku-pins")
    }

    /// The folder for what functions leave behind; it goes with the emulator.
    fn temporary(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    fn record(&self) -> PathBuf {
        self.folder.join("instance.json")
    }

    /// Says whether the virtual environment is there with the versions wanted.
    pub fn is_installed(&self) -> bool {
        std::fs::read_to_string(self.stamp()).is_ok_and(|pins| pins == PINS.join("\n"))
    }

    /// Makes the virtual environment; a half-made or older one is replaced.
    ///
    /// # Errors
    /// Without Python or without a network.
    pub fn install(&self, path: &str) -> Result<(), SandboxError> {
        check_python(path)?;
        let venv = self.folder.join("venv");
        if venv.exists() {
            std::fs::remove_dir_all(&venv).map_err(file("removing", &venv))?;
        }
        std::fs::create_dir_all(&self.folder).map_err(file("creating", &self.folder))?;
        let made = Command::new("python3")
            .args(["-m", "venv"])
            .arg(&venv)
            .env("PATH", path)
            .output()
            .map_err(|error| SandboxError::NoPython {
                detail: error.to_string(),
            })?;
        if !made.status.success() {
            return Err(SandboxError::NoPython {
                detail: tail(&made.stdout, &made.stderr),
            });
        }
        let installed = Command::new(venv.join("bin").join("python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(PINS)
            .output()
            .map_err(|error| SandboxError::Install {
                detail: error.to_string(),
            })?;
        if !installed.status.success() {
            return Err(SandboxError::Install {
                detail: tail(&installed.stdout, &installed.stderr),
            });
        }
        let stamp = self.stamp();
        files::write_atomic(&stamp, PINS.join("\n").as_bytes())
            .map_err(|error| file("writing", &stamp)(error.source))
    }

    /// Finds the instance that runs, by its record and its answer.
    pub fn running(&self) -> Option<Instance> {
        let text = std::fs::read_to_string(self.record()).ok()?;
        let instance: Instance = serde_json::from_str(&text).ok()?;
        (is_healthy(&instance.endpoint) && is_emulator(instance.pid)).then_some(instance)
    }

    /// Starts the emulator and waits until it answers.
    ///
    /// # Errors
    /// When the port is taken, or it does not come up.
    pub fn start(
        &self,
        port: Option<u16>,
        region: &str,
        path: &str,
        started_at: &str,
    ) -> Result<Instance, SandboxError> {
        let port = free_port(port)?;
        let temporary = self.temporary();
        std::fs::create_dir_all(&temporary).map_err(file("creating", &temporary))?;
        let log_path = self.log();
        let log = File::create(&log_path).map_err(file("creating", &log_path))?;
        let errors = log.try_clone().map_err(file("creating", &log_path))?;
        let programs = self.programs();
        let mut command = Command::new(programs.join("ministack"));
        command
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("HOME", &self.folder)
            .env("TMPDIR", &temporary)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", region)
            .env("S3_DATA_DIR", self.folder.join("s3"))
            .env("PYTHONUNBUFFERED", "1")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        // A group of its own: Ctrl-C in this terminal is not meant for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(file("starting", &programs.join("ministack")))?;
        let instance = Instance {
            pid: child.id(),
            endpoint: format!("http://127.0.0.1:{port}"),
            started_at: started_at.to_owned(),
        };
        for _ in 0..START_LOOKS {
            if is_healthy(&instance.endpoint) {
                let record = self.record();
                let text = serde_json::to_string(&instance).unwrap_or_default();
                files::write_atomic(&record, text.as_bytes())
                    .map_err(|error| file("writing", &record)(error.source))?;
                return Ok(instance);
            }
            if matches!(child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(TENTH);
        }
        // Not up: it must not come up later behind our back.
        drop(child.kill());
        drop(child.wait());
        Err(SandboxError::Silent { log: log_path })
    }

    /// Ends the running emulator; gives the instance that ended.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&self) -> Result<Option<Instance>, SandboxError> {
        let Some(instance) = self.running() else {
            return Ok(None);
        };
        // Asked kindly it ends the workers of its functions itself; otherwise its whole group is ended.
        let (kindly, group) = (instance.pid.to_string(), format!("-{}", instance.pid));
        for (signal, target) in [("-TERM", &kindly), ("-KILL", &group)] {
            let sent = Command::new("kill").args([signal, "--", target]).output();
            if sent.is_err() {
                break;
            }
            for _ in 0..STOP_LOOKS {
                if has_ended(&instance) {
                    drop(std::fs::remove_file(self.record()));
                    drop(std::fs::remove_dir_all(self.temporary()));
                    return Ok(Some(instance));
                }
                std::thread::sleep(TENTH);
            }
        }
        Err(SandboxError::Stuck { pid: instance.pid })
    }
}

/// Refuses a Python that the emulator does not run on, before anything is made; pip would only say that there is no
/// such version.
fn check_python(path: &str) -> Result<(), SandboxError> {
    let asked = Command::new("python3")
        .args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
        .env("PATH", path)
        .output()
        .map_err(|error| SandboxError::NoPython {
            detail: error.to_string(),
        })?;
    let said = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    if is_new_enough(&said) {
        Ok(())
    } else {
        Err(SandboxError::NoPython {
            detail: format!("Python {said}"),
        })
    }
}

/// Says whether a version such as `3.11` is one the emulator runs on.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST_PYTHON,
        _ => false,
    }
}

/// Attaches operation and path to the system's reason.
fn file(operation: &'static str, path: &Path) -> impl Fn(io::Error) -> SandboxError {
    let path = path.to_owned();
    move |source| SandboxError::File {
        operation,
        path: path.clone(),
        source,
    }
}

/// Says whether a process id is still the emulator's, where the system lets us see; ids are used again.
fn is_emulator(pid: u32) -> bool {
    let told = format!("/proc/{pid}/cmdline");
    match std::fs::read(&told) {
        Ok(line) => String::from_utf8_lossy(&line).contains("ministack"),
        Err(_) => !Path::new("/proc/self").exists(),
    }
}

/// Says whether an emulator answers no more and, where the system lets us see, its process is gone.
fn has_ended(instance: &Instance) -> bool {
    let sees_processes = Path::new("/proc/self").exists();
    let runs = sees_processes && is_emulator(instance.pid);
    !runs && !is_healthy(&instance.endpoint)
}

/// Asks an emulator whether it is well.
pub fn is_healthy(endpoint: &str) -> bool {
    let request = Request {
        method: "GET",
        path: "/_ministack/health",
        patience: Duration::from_secs(2),
        ..Request::default()
    };
    http::exchange(endpoint, &request).is_ok_and(|reply| reply.status == 200)
}

/// Finds a port: the one asked for, the usual one, or any that is free.
fn free_port(wanted: Option<u16>) -> Result<u16, SandboxError> {
    let take = |port| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .and_then(|socket| socket.local_addr())
            .map(|address| address.port())
    };
    match wanted {
        Some(port) => take(port).map_err(|_| SandboxError::PortTaken { port }),
        None => take(USUAL_PORT)
            .or_else(|_| take(0))
            .map_err(|_| SandboxError::PortTaken { port: USUAL_PORT }),
    }
}

/// Gives the last lines of what a program said.
fn tail(out: &[u8], err: &[u8]) -> String {
    let said = if err.is_empty() { out } else { err };
    let said = String::from_utf8_lossy(said);
    let lines: Vec<&str> = said.trim().lines().collect();
    let from = lines.len().saturating_sub(3);
    lines.get(from..).unwrap_or_default().join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_python_is_told_from_a_new_one() {
        assert!(is_new_enough("3.10") && is_new_enough("3.14") && is_new_enough("4.0"));
        assert!(!is_new_enough("3.9") && !is_new_enough("2.7") && !is_new_enough(""));
    }
}
