//! The way to a real account, with a local emulator in AWS's place, and the reaper's own code.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use kumojuku::adapter::aws::clients::{Target, Wiring};
use kumojuku::adapter::lab_site::{Files, LabSite};
use kumojuku::adapter::rehearsal::clock::RehearsalClock;
use kumojuku::lab::bootstrap::{self, Installed, Standing};
use kumojuku::lab::events::Nobody;

use crate::emulator::Emulator;
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
    let functions = emulator.aws(&["lambda", "list-functions"]);
    assert_eq!(functions["Functions"].as_array().map_or(0, Vec::len), 0);
}

#[test]
fn the_reaper_takes_what_is_over_and_nothing_else() {
    let emulator = Emulator::start();
    let home = tempfile::tempdir().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python_env::programs().join("python"))
        .arg(folder.join("tests/it/reaper_test.py"))
        .env_clear()
        .env("HOME", home.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONPATH", folder.join("src/lab/bootstrap"))
        .env("AWS_ENDPOINT_URL", &emulator.endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("Ran 8 tests"), "{said}");
}
