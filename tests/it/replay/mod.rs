//! Every lab of the sandbox as a learner goes through it: up, no task done yet, the solution, all tasks done, clean-up,
//! down, nothing left. The call "nothing done yet" matters as much as the last one: a check that is always true tests
//! nobody.

mod inventory;
mod solution;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use kumojuku::lab::lab_file::Lab;

use self::inventory::{Inventories, added};
use self::solution::{Stage, patiently};
use crate::emulator::{self, Emulator};
use crate::env::TestEnv;
use crate::labs_rehearsal::labs;

/// Labs that are replayed at the same time, each on an emulator of its own: most of the time is spent waiting for
/// timers of the emulated services.
const LANES: usize = 4;

#[test]
fn every_lab_of_the_sandbox_is_solved_by_its_solution_and_leaves_nothing() {
    let chosen = std::env::var("JUKU_REPLAY").unwrap_or_default();
    let mut queue: Vec<Lab> = labs()
        .into_iter()
        .map(|(_, lab)| lab)
        .filter(|lab| lab.tiers.sandbox.is_available())
        .filter(|lab| chosen.is_empty() || chosen.split(',').any(|one| one == lab.id.as_str()))
        .collect();
    // The longest first, so that none of them starts when the others end.
    queue.sort_by_key(|lab| std::cmp::Reverse(lab.settle));
    let lanes = LANES.min(queue.len());
    let queue = Mutex::new(VecDeque::from(queue));
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                let lane = Lane::open();
                let mut inventories = Inventories::of(&lane.emulator);
                loop {
                    let next = queue.lock().unwrap().pop_front();
                    let Some(lab) = next else { break };
                    let start = Instant::now();
                    let found = lane.replay(&lab, &mut inventories);
                    eprintln!("{}: {:.1} s", lab.id, start.elapsed().as_secs_f64());
                    let named = found.into_iter().map(|one| format!("{}: {one}", lab.id));
                    problems.lock().unwrap().extend(named);
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// An emulator with a home for `juku`.
struct Lane {
    emulator: Emulator,
    env: TestEnv,
}

impl Lane {
    fn open() -> Self {
        Self {
            emulator: Emulator::start(),
            env: TestEnv::new(),
        }
    }

    fn juku(&self, arguments: &[&str]) -> (Option<i32>, serde_json::Value, String) {
        let output = self
            .env
            .command(arguments)
            .arg("--json")
            .env("AWS_ENDPOINT_URL", &self.emulator.endpoint)
            .env("PATH", emulator::path())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), json, words)
    }

    /// Goes through a lab; gives what was not as it should be.
    fn replay(&self, lab: &Lab, inventories: &mut Inventories) -> Vec<String> {
        let id = lab.id.as_str();
        let before = inventories.take(&lab.region);
        let (code, up, words) = self.juku(&["lab", "up", id, "--yes", "--tier", "sandbox"]);
        if code != Some(0) {
            return vec![format!("up: {up} {words}")];
        }
        let folder = tempfile::tempdir().unwrap();
        let mut problems = Vec::new();
        problems.extend(self.nothing_done(id));
        let mut stage = self.stage(lab, &up, folder.path());
        match stage.run(&lab.solution) {
            Ok(()) => problems.extend(self.all_done(lab)),
            Err(error) => problems.push(format!("solution: {error}")),
        }
        if let Err(error) = stage.run(&lab.cleanup) {
            problems.push(format!("cleanup: {error}"));
        }
        let (code, down, words) = self.juku(&["lab", "down", id]);
        if code != Some(0) {
            problems.push(format!("down: {down} {words}"));
        }
        let left = added(&before, &inventories.take(&lab.region));
        problems.extend(left.into_iter().map(|one| format!("left: {one}")));
        problems
    }

    fn stage<'a>(&'a self, lab: &'a Lab, up: &serde_json::Value, folder: &'a Path) -> Stage<'a> {
        let mut values = lab.parameters.clone();
        for output in up["outputs"].as_array().into_iter().flatten() {
            let text = |key: &str| output[key].as_str().unwrap().to_owned();
            values.insert(text("key"), text("value"));
        }
        Stage {
            endpoint: &self.emulator.endpoint,
            region: &lab.region,
            folder,
            values,
        }
    }

    /// Tasks that count as done although nobody did anything.
    fn nothing_done(&self, id: &str) -> Vec<String> {
        let (_, report, _) = self.juku(&["lab", "check", id]);
        let early = report["tasks"].as_array().into_iter().flatten();
        early
            .filter(|task| task["done"] == true)
            .map(|task| format!("done before it was begun: {} {}", task["id"], task["found"]))
            .collect()
    }

    /// Tasks that the solution leaves undone, also after the time that effects may take.
    fn all_done(&self, lab: &Lab) -> Vec<String> {
        let mut report = serde_json::Value::Null;
        let settle = Duration::try_from(lab.settle).unwrap();
        let done = patiently(settle, || {
            let (code, now, _) = self.juku(&["lab", "check", lab.id.as_str()]);
            report = now;
            code == Some(0)
        });
        if done {
            return Vec::new();
        }
        let tasks = report["tasks"].as_array().into_iter().flatten();
        tasks
            .filter(|task| task["done"] != true)
            .map(|task| {
                let text = |key: &str| task[key].as_str().unwrap_or_default().to_owned();
                format!(
                    "undone: {}: expected {}, found {}",
                    text("id"),
                    text("expected"),
                    text("found")
                )
            })
            .collect()
    }
}
