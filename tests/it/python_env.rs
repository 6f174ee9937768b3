//! One pinned Python environment under target/ for the tests that need real tools: ministack, the AWS CLI, cfn-lint,
//! Anki's library.
//!
//! The first test that needs it makes it; other test processes wait. Where Python is missing the test fails and says
//! so: a skipped test would hide that nothing was tested.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What is installed.
const PINS: [&str; 4] = [
    "ministack==1.5.33",
    "awscli==1.46.2",
    "cfn-lint==1.58.*",
    "anki==26.9.3",
];

/// Gives the folder of the environment's programs, making it when needed.
pub fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(make)
}

fn make() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let venv = target.join("python-env");
    let stamp = venv.join(".pins");
    let programs = venv.join("bin");
    std::fs::create_dir_all(target).unwrap();
    let lock = File::create(target.join("python-env.lock")).unwrap();
    lock.lock().unwrap();
    if std::fs::read_to_string(&stamp).is_ok_and(|pins| pins == PINS.join("\n")) {
        return programs;
    }
    drop(std::fs::remove_dir_all(&venv));
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    run(Command::new(programs.join("python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(PINS));
    std::fs::write(&stamp, PINS.join("\n")).unwrap();
    programs
}

fn run(command: &mut Command) {
    let shown = format!("{command:?}");
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "these tests need python3 (3.10 or newer, with venv) and PyPI: `{shown}` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!(
            "these tests need python3 (3.10 or newer, with venv) on the PATH: `{shown}`: {error}"
        ),
    }
}
