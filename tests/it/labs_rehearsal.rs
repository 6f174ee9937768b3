//! Every lab of the library in the rehearsal: up, outputs, a failure on purpose, down.

use std::path::{Path, PathBuf};

use kumojuku::lab::lab_file::{Check, Lab};

use crate::env::TestEnv;

/// Lists the bundled labs.
pub fn labs() -> Vec<(PathBuf, Lab)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let mut labs = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(path.join("lab.yaml")) else {
            continue;
        };
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let lab = Lab::parse(&text, &name).unwrap_or_else(|error| panic!("{name}: {error}"));
        labs.push((path, lab));
    }
    labs.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(!labs.is_empty());
    labs
}

#[test]
fn every_lab_goes_up_and_comes_down() {
    let env = TestEnv::new();
    for (_, lab) in labs() {
        let id = lab.id.as_str();
        if !lab.tiers.rehearsal.is_available() {
            continue;
        }
        let up = env
            .juku(&["lab", "up", id, "--yes", "--json"])
            .expect(0)
            .json();
        assert_eq!(up["status"], "live", "{id}");
        let known: Vec<&str> = up["outputs"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|output| {
                output["value"]
                    .as_str()
                    .is_some_and(|value| !value.is_empty())
            })
            .filter_map(|output| output["key"].as_str())
            .chain(lab.parameters.keys().map(String::as_str))
            .collect();
        for name in names_in_checks(&lab) {
            assert!(
                known.contains(&name.as_str()),
                "{id}: no output `{name}`: {up}"
            );
        }
        let status = env.juku(&["lab", "status", "--json"]).expect(0).json();
        let live = &status["labs"][0];
        assert_eq!(
            (&live["id"], &live["tier"]),
            (&up["lab"], &up["tier"]),
            "{id}"
        );
        assert_eq!(live["tier"], "rehearsal");
        let down = env.juku(&["lab", "down", id, "--json"]).expect(0).json();
        assert_eq!(down["labs"][0]["closing"], "gone", "{id}: {down}");
    }
    let status = env.juku(&["lab", "status", "--json"]).expect(0).json();
    assert_eq!(status["labs"].as_array().unwrap().len(), 0);
}

/// The `${Name}`s that a lab's checks need.
fn names_in_checks(lab: &Lab) -> Vec<String> {
    let parts = lab.tasks.iter().flat_map(|task| task.check.parts());
    let texts = parts.flat_map(|part| match part {
        Check::Aws(check) => [check.call.clone(), vec![check.expect.clone()]].concat(),
        Check::Http(check) => vec![check.http.url.clone()],
        Check::All(_) => Vec::new(),
    });
    let names = texts.flat_map(|text| {
        let ends: Vec<String> = text.split("${").skip(1).map(str::to_owned).collect();
        ends.into_iter()
            .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
    });
    // `${aws:username}` is a variable of policies.
    names.filter(|name| !name.contains(':')).collect()
}

#[test]
fn every_lab_survives_a_failure_on_purpose() {
    let env = TestEnv::new();
    for (_, lab) in labs() {
        let id = lab.id.as_str();
        if !lab.tiers.rehearsal.is_available() {
            continue;
        }
        let plan = env.juku(&["lab", "plan", id, "--json"]).json();
        let rows = plan["resources"].as_array().unwrap();
        let victim = rows
            .iter()
            .filter(|row| row["implied"] == false)
            .filter_map(|row| row["logical_id"].as_str())
            .next_back()
            .unwrap();
        let failure = format!("create-fails:{victim}");
        let up = env
            .juku(&["lab", "up", id, "--yes", "--json", "--inject", &failure])
            .expect(4)
            .json();
        assert_eq!(up["status"], "failed", "{id}");
        assert_eq!(up["failures"]["failed"][0]["logical_id"], victim, "{id}");
        assert_eq!(up["failures"]["failed"][0]["cause"], "rehearsed", "{id}");
        assert_eq!(up["teardown"]["closing"], "gone", "{id}: {up}");
    }
    let status = env.juku(&["lab", "status", "--json"]).expect(0).json();
    assert_eq!(status["labs"].as_array().unwrap().len(), 0);
}

#[test]
fn a_no_builds_nothing_and_no_input_asks_nothing() {
    let env = TestEnv::new();
    let up = env
        .juku_with(&["lab", "up", "vpc-public-private"], "n\n")
        .expect(1);
    assert!(up.err.contains("残っていません"), "{}", up.err);
    env.juku(&["lab", "up", "vpc-public-private", "--no-input"])
        .expect(2);
    let status = env.juku(&["lab", "status", "--json"]).expect(0).json();
    assert_eq!(status["labs"].as_array().unwrap().len(), 0);
    let all = env
        .juku(&["lab", "status", "--all", "--json"])
        .expect(0)
        .json();
    assert_eq!(all["labs"][0]["status"], "declined");
}

#[test]
fn aws_is_reached_by_a_profile_alone_and_never_by_a_test_s_clock() {
    let env = TestEnv::new();
    let run = |pairs: &[(&str, &str)], arguments: &[&str]| {
        let mut command = env.command(arguments);
        command.envs(pairs.iter().copied());
        command.output().unwrap()
    };
    let up = ["lab", "up", "vpc-public-private", "--yes", "--json"];
    let code = |output: &std::process::Output| output.status.code();
    // AWS_PROFILE alone stays in the rehearsal.
    let there = run(&[("AWS_PROFILE", "real")], &up);
    assert_eq!(code(&there), Some(0));
    assert!(String::from_utf8_lossy(&there.stdout).contains("\"tier\":\"rehearsal\""));
    let with = |more: &[&'static str]| -> Vec<&str> {
        up.iter().copied().chain(more.iter().copied()).collect()
    };
    let profile = with(&["--profile", "real"]);
    assert_eq!(code(&run(&[], &profile)), Some(2), "JUKU_NOW is refused");
    let mut command = env.command(&profile);
    assert_eq!(
        command
            .env_remove("JUKU_NOW")
            .output()
            .unwrap()
            .status
            .code(),
        Some(3),
        "no bootstrap"
    );
    let both = run(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")], &profile);
    assert_eq!(code(&both), Some(2));
    let elsewhere = run(&[("AWS_ENDPOINT_URL", "https://example.com")], &up);
    assert_eq!(code(&elsewhere), Some(2));
    assert_eq!(code(&run(&[], &with(&["--tier", "aws"]))), Some(2));
}
