//! `sandbox start` to `stop` from outside, as a learner with two terminals has it, and what is left of labs when the
//! emulator goes.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use crate::emulator::Emulator;
use crate::env::TestEnv;
use crate::python_env;

/// A home whose sandbox is installed: its virtual environment points at the tests' pinned one.
struct Home(TestEnv);

impl Home {
    fn new() -> Self {
        let env = TestEnv::new();
        let venv = env.home().join("juku/data/sandbox/venv");
        std::fs::create_dir_all(venv.join("bin")).unwrap();
        for program in ["ministack", "aws", "python"] {
            let real = python_env::programs().join(program);
            std::os::unix::fs::symlink(real, venv.join("bin").join(program)).unwrap();
        }
        let pins = kumojuku::adapter::sandbox::process::PINS.join("\n");
        std::fs::write(venv.join(".juku-pins"), pins).unwrap();
        Self(env)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.0.command(["sandbox", "stop", "--yes"]).output());
    }
}

#[test]
fn a_sandbox_is_started_used_from_another_terminal_and_stopped() {
    let home = Home::new();
    let env = &home.0;
    env.juku(&["sandbox", "status"]).expect(1);
    env.juku(&["sandbox", "env"]).expect(4);
    let started = env.juku(&["sandbox", "start", "--json"]).expect(0).json();
    let endpoint = started["endpoint"].as_str().unwrap();
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");
    // Starting twice is no error and starts nothing.
    let again = env.juku(&["sandbox", "start", "--json"]).expect(0).json();
    assert_eq!(again["pid"], started["pid"]);

    let script = format!(
        "eval \"$('{}' sandbox env)\" && aws sts get-caller-identity --output text --query Account",
        env!("CARGO_BIN_EXE_juku")
    );
    let like_a_shell = env.command([""; 0]);
    let other = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .envs(like_a_shell.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .env("AWS_PROFILE", "a-real-account")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&other.stdout).trim(),
        "000000000000",
        "{other:?}"
    );

    env.juku(&["lab", "up", "sns-fanout", "--tier", "sandbox", "--yes"])
        .expect(0);
    let no = env.juku_with(&["sandbox", "stop"], "n\n").expect(1);
    assert!(no.err.contains("sns-fanout"), "{}", no.err);
    let labs = env.juku(&["sandbox", "status", "--json"]).expect(0).json();
    assert_eq!(labs["labs"][0], "sns-fanout");
    env.juku(&["sandbox", "stop", "--yes"]).expect(0);
    env.juku(&["sandbox", "status"]).expect(1);
    let pid = started["pid"].as_u64().unwrap();
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    assert!(line.is_empty(), "process {pid} goes on");
    let all = env.juku(&["lab", "status", "--all", "--json"]).expect(0);
    assert_eq!(all.json()["labs"][0]["status"], "vanished");
}

#[test]
fn a_taken_port_is_named() {
    let home = Home::new();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = home
        .0
        .juku(&["sandbox", "start", "--port", &port])
        .expect(4);
    assert!(run.err.contains(&port), "{}", run.err);
}

#[test]
fn a_lab_of_an_emulator_that_died_is_not_listed_as_live() {
    let env = TestEnv::new();
    let emulator = Emulator::start();
    let juku = |arguments: &[&str]| {
        let mut command = env.command(arguments);
        command.env("AWS_ENDPOINT_URL", &emulator.endpoint);
        command.output().unwrap()
    };
    let up = juku(&["lab", "up", "sns-fanout", "--tier", "sandbox", "--yes"]);
    assert!(up.status.success(), "{up:?}");
    drop(emulator);
    let status = env.juku(&["lab", "status", "--json"]).expect(0);
    assert_eq!(status.json()["labs"].as_array().unwrap().len(), 0);
    assert!(status.err.contains("消滅"), "{}", status.err);
}

/// What `lab check` leaves: cards in the queue, a finished lab in the statistics; help with the hint first.
#[test]
fn undone_tasks_ask_for_their_cards_and_hints_come_first() {
    let env = TestEnv::new();
    let emulator = Emulator::start();
    let juku = |arguments: &[&str]| {
        let mut command = env.command(arguments);
        command
            .env("AWS_ENDPOINT_URL", &emulator.endpoint)
            .env("PATH", crate::emulator::path());
        command.output().unwrap()
    };
    let text = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    env.juku(&["lab", "up", "sqs-lambda-dlq", "--yes"])
        .expect(0);
    let rehearsed = env.juku(&["lab", "check", "sqs-lambda-dlq"]).expect(4);
    assert!(
        rehearsed.err.contains("採点できません"),
        "{}",
        rehearsed.err
    );
    juku(&["lab", "up", "sqs-lambda-dlq", "--tier", "sandbox", "--yes"]);

    let check = ["lab", "check", "sqs-lambda-dlq"];
    let undone = juku(&[&check[..], &["redrive-policy"]].concat());
    assert_eq!(undone.status.code(), Some(1));
    assert!(text(&undone).contains("✗ redrive-policy"), "{undone:?}");
    let stats = env.juku(&["stats", "--json"]).expect(0).json();
    assert_eq!(
        (&stats["asked_by_labs"], &stats["reviews"]),
        (&2.into(), &0.into())
    );
    let asked = env.juku_with(&["quiz", "--json"], "").expect(4);
    let first: serde_json::Value = serde_json::from_str(asked.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["reason"], "lab");

    let solution = [&check[..], &["--solution", "redrive-policy", "--json"]].concat();
    let first: serde_json::Value = serde_json::from_slice(&juku(&solution).stdout).unwrap();
    assert!(
        first["hint"].is_string() && first["solution"].is_null(),
        "{first}"
    );
    let second: serde_json::Value = serde_json::from_slice(&juku(&solution).stdout).unwrap();
    let line = second["solution"][0].as_str().unwrap();
    assert!(
        line.starts_with("aws sqs set-queue-attributes --queue-url http"),
        "{line}"
    );
    let unknown = juku(&[&check[..], &["--hint", "no-such-task"]].concat());
    assert_eq!(unknown.status.code(), Some(2));
}
