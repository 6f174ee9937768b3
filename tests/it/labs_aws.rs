//! The way to a real account, with a local emulator in AWS's place, and the reaper's own code.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use kumojuku::adapter::aws::clients::{Target, Wiring};
use kumojuku::adapter::lab_site::{Files, LabSite};
use kumojuku::adapter::rehearsal::clock::RehearsalClock;
use kumojuku::lab::arming::Armed;
use kumojuku::lab::bootstrap::{self, Installed, Standing};
use kumojuku::lab::cost::PriceTable;
use kumojuku::lab::evaluate::Inputs;
use kumojuku::lab::events::Nobody;
use kumojuku::lab::guard::{ApprovedPlan, Consent, Policy, Situation, approve};
use kumojuku::lab::lease::Tier;
use kumojuku::lab::lifecycle::{self, UpOutcome, UpRequest};
use kumojuku::lab::plan::Draft;
use kumojuku::lab::port::{ChangeSetKind, ChangeSetRequest, StackName, StackResource};
use kumojuku::lab::teardown;
use kumojuku::money::MicroUsd;

use crate::emulator::{Emulator, aws};
use crate::python_env;

const REGION: &str = "ap-northeast-1";

/// A site as on AWS whose every call goes to the emulator.
fn site(emulator: &Emulator, home: &Path) -> LabSite {
    let target = Target::Sandbox {
        endpoint: emulator.endpoint.clone(),
    };
    let (ledger, rehearsal) = (home.join("ledger.db"), home.join("rehearsal.db"));
    let files = Files {
        ledger: &ledger,
        locks: home,
        rehearsal: &rehearsal,
    };
    let clock = Arc::new(RehearsalClock::simulated(jiff::Timestamp::now()));
    LabSite::on_aws(&Wiring::of(&target, REGION), REGION, files, clock).unwrap()
}

#[test]
fn the_bootstrap_stack_stands_and_goes() {
    let emulator = Emulator::start();
    let home = tempfile::tempdir().unwrap();
    let site = site(&emulator, home.path());
    let ports = site.ports();
    let standing = || bootstrap::standing(&ports, &mut Nobody).unwrap();
    assert_eq!(standing(), Standing::Absent);
    let set = bootstrap::propose(&ports, &mut Nobody).unwrap();
    let installed = bootstrap::install(&ports, &set, &mut Nobody).unwrap();
    let Installed::Ready(made) = installed else {
        panic!("{installed:?}");
    };
    assert!(made.lab_role.contains(":role/kumojuku-bootstrap-LabRole"));
    assert_eq!(standing(), Standing::Ready(made));
    bootstrap::remove(&ports, &mut Nobody).unwrap();
    assert_eq!(standing(), Standing::Absent);
    let functions = aws(
        &emulator.endpoint,
        home.path(),
        &["lambda", "list-functions"],
    );
    assert_eq!(functions["Functions"].as_array().map_or(0, Vec::len), 0);
}

#[test]
fn an_older_bootstrap_stack_is_brought_up_to_date_where_it_stands() {
    let emulator = Emulator::start();
    let home = tempfile::tempdir().unwrap();
    let site = site(&emulator, home.path());
    let ports = site.ports();
    let old = ChangeSetRequest {
        kind: ChangeSetKind::Create,
        stack: StackName::known(bootstrap::STACK),
        name: "old".to_owned(),
        template: bootstrap::template()
            .replace("Value: \"1\"", "Value: \"0\"")
            .replace("Timeout: 300", "Timeout: 60"),
        parameters: Vec::new(),
        capabilities: vec!["CAPABILITY_IAM".to_owned()],
        tags: vec![(bootstrap::TAG.to_owned(), "0".to_owned())],
        role: None,
    };
    let made = ports.stacks.create_change_set(&old).unwrap();
    ports
        .stacks
        .execute_change_set(&made.stack_id, &made.change_set_id, "old")
        .unwrap();
    let mut standing = bootstrap::standing(&ports, &mut Nobody).unwrap();
    for _ in 0..100 {
        if standing == Standing::Outdated {
            break;
        }
        ports.clock.wait(ports.poll);
        standing = bootstrap::standing(&ports, &mut Nobody).unwrap();
    }
    assert_eq!(standing, Standing::Outdated);
    let before = ports.stacks.resources(&made.stack_id).unwrap();
    let set = bootstrap::propose_update(&ports, &mut Nobody).unwrap();
    let updated = bootstrap::update(&ports, &set, &mut Nobody).unwrap();
    assert!(matches!(updated, Installed::Ready(_)), "{updated:?}");
    let role = |resources: &[StackResource]| {
        let found = resources.iter().find(|one| one.logical_id == "LabRole");
        found.and_then(|one| one.physical_id.clone())
    };
    let after = ports.stacks.resources(&made.stack_id).unwrap();
    assert!(role(&before).is_some() && role(&before) == role(&after));
    let functions = aws(
        &emulator.endpoint,
        home.path(),
        &["lambda", "list-functions"],
    );
    assert_eq!(functions["Functions"][0]["Timeout"], 300, "{functions}");
}

/// A bucket with versions, which stays only as long as its lease.
const TEMPLATE: &str = "
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {VersioningConfiguration: {Status: Enabled}}
  Topic: {Type: AWS::SNS::Topic}
Outputs: {Name: {Value: !Ref Bucket}}";

/// The plan of the template, as a yes to all questions approves it.
fn approved() -> ApprovedPlan {
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/prices.yaml");
    let table = PriceTable::parse(&std::fs::read_to_string(prices).unwrap()).unwrap();
    let draft = Draft {
        name: "demo",
        template_body: TEMPLATE,
        inputs: Inputs::for_estimate(REGION),
        ttl: jiff::SignedDuration::from_hours(2),
        table: &table,
        policy: &Policy::default(),
        situation: &Situation::default(),
    };
    approve(draft.plan(), Consent::Given).unwrap()
}

#[test]
fn what_lab_up_writes_is_what_the_reaper_reads() {
    let emulator = Emulator::start();
    let home = tempfile::tempdir().unwrap();
    let site = site(&emulator, home.path());
    let ports = site.ports();
    let request = UpRequest {
        lab: "demo".to_owned(),
        tier: Tier::Aws,
        account: ports.stacks.identity().unwrap().account,
        profile: Some("p".to_owned()),
        endpoint: None,
        cap: MicroUsd::from_usd(1.0),
        role: None,
    };
    let proposal = lifecycle::propose(&ports, &approved(), &request, &mut Nobody).unwrap();
    let up = lifecycle::execute(&ports, proposal, &mut Nobody).unwrap();
    let UpOutcome::Live { lease, outputs } = up else {
        panic!("{up:?}");
    };
    let bucket = outputs[0].value.as_str();
    for body in ["1", "2"] {
        let file = home.path().join("body");
        std::fs::write(&file, body).unwrap();
        let path = file.to_str().unwrap();
        let put = [
            "s3api",
            "put-object",
            "--bucket",
            bucket,
            "--key",
            "k",
            "--body",
            path,
        ];
        aws(&emulator.endpoint, home.path(), &put);
    }
    let reap = || {
        let code = "import json, reaper; print(json.dumps(reaper.handler({}, None)))";
        let output = python(&emulator, home.path(), &["-c", code]);
        let out = String::from_utf8(output.stdout).unwrap();
        let last = out.lines().last().unwrap_or_default().to_owned();
        serde_json::from_str::<serde_json::Value>(&last)
            .unwrap_or_else(|_| panic!("{out}{}", String::from_utf8_lossy(&output.stderr)))
    };
    let name = format!("/juku/leases/{}", lease.terms.id);
    assert_eq!(reap()[&name], "left");
    // Two hours later, as far as the record says.
    let armed = Armed {
        expires_at: jiff::Timestamp::UNIX_EPOCH,
        ..Armed::of(&lease, lease.stack_id.as_deref().unwrap())
    };
    ports.arming.unwrap().arm(&armed).unwrap();
    assert!(reap()[&name].as_str().unwrap().starts_with("deleting"));
    let report = teardown::down(&ports, &lease.terms.id, &mut Nobody).unwrap();
    assert!(report.closing.is_some(), "{report:?}");
    assert_eq!(report.gone + report.said_gone, 2, "{report:?}");
    assert_eq!(ports.arming.unwrap().all().unwrap(), []);
    assert_eq!(reap(), serde_json::json!({}));
}

/// Runs Python with the reaper's code at hand, against the emulator.
fn python(emulator: &Emulator, home: &Path, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(python_env::programs().join("python"))
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONPATH", folder.join("src/lab/bootstrap"))
        .env("AWS_ENDPOINT_URL", &emulator.endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap()
}

#[test]
fn the_reaper_takes_what_is_over_and_nothing_else() {
    let emulator = Emulator::start();
    let home = tempfile::tempdir().unwrap();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/reaper_test.py");
    let output = python(&emulator, home.path(), &[cases.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Ran 8 tests"), "{said}");
}
