//! Every lab that runs in the sandbox, against a real ministack: up, really there, down, really gone.

use std::collections::BTreeSet;

use kumojuku::adapter::aws::clients::{Target, Wiring};
use kumojuku::adapter::sandbox::resources::SandboxResources;
use kumojuku::adapter::store::ledger::SqliteLedger;
use kumojuku::lab::port::{Ledger as _, Presence, ResourceApi as _};

use crate::emulator::Emulator;
use crate::env::TestEnv;
use crate::labs_rehearsal::labs;

#[test]
fn every_lab_goes_up_in_the_sandbox_and_leaves_nothing() {
    let emulator = Emulator::start();
    let env = TestEnv::new();
    let run = |arguments: &[&str]| {
        let output = env
            .command(arguments)
            .env("AWS_ENDPOINT_URL", &emulator.endpoint)
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_default();
        (output.status.code(), json, err)
    };
    let before = functions(&emulator);
    let mut unseen = Vec::new();
    for (_, lab) in labs() {
        let id = lab.id.as_str();
        if !lab.tiers.sandbox.is_available() {
            continue;
        }
        let (code, up, err) = run(&["lab", "up", id, "--yes", "--json", "--tier", "sandbox"]);
        assert_eq!(code, Some(0), "{id}: {up} {err}");
        assert_eq!(up["status"], "live", "{id}");
        assert_eq!(up["tier"], "sandbox");
        let told = |key: &str| up[key].as_str().unwrap().to_owned();
        unseen.extend(unseen_of(&env, &emulator, &told("lease"), &told("region")));
        let (code, down, err) = run(&["lab", "down", id, "--json"]);
        assert_eq!(code, Some(0), "{id}: {down} {err}");
        let closing = down["labs"][0]["closing"].as_str().unwrap_or_default();
        assert!(closing.starts_with("gone"), "{id}: {down}");
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
    let left = emulator.aws(&["cloudformation", "describe-stacks"]);
    assert_eq!(left["Stacks"].as_array().map_or(0, Vec::len), 0, "{left}");
    let buckets = emulator.aws(&["s3api", "list-buckets"]);
    assert_eq!(
        buckets["Buckets"].as_array().map_or(0, Vec::len),
        0,
        "{buckets}"
    );
    assert_eq!(functions(&emulator), before);
}

/// A probe that finds nothing proves nothing, unless it finds what is there: lists what it does not.
fn unseen_of(env: &TestEnv, emulator: &Emulator, lease: &str, region: &str) -> Vec<String> {
    let data = env.home().join("juku").join("data").join("ledger.db");
    let ledger = SqliteLedger::open(&data, env.home()).unwrap();
    let id = kumojuku::lab::lease::LeaseId(lease.to_owned());
    let target = Target::Sandbox {
        endpoint: emulator.endpoint.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let wiring = Wiring::of(&target, region);
    let resources = SandboxResources::new(
        &wiring,
        &emulator.endpoint,
        region,
        std::sync::Arc::new(runtime),
    );
    let known = ledger.resources(&id).unwrap();
    assert!(!known.is_empty(), "{lease}");
    known
        .into_iter()
        .filter(|resource| !SandboxResources::goes_with_another(&resource.type_name))
        .filter(|resource| resources.presence("", resource).unwrap() == Presence::Absent)
        .map(|resource| format!("{lease}: {} {}", resource.type_name, resource.physical_id))
        .collect()
}

fn functions(emulator: &Emulator) -> BTreeSet<String> {
    let listed = emulator.aws(&["lambda", "list-functions"]);
    listed["Functions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["FunctionName"].as_str().map(str::to_owned))
        .collect()
}
