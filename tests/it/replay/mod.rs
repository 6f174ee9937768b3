//! Every lab of the sandbox as a learner goes through it: up, no task done yet, the solution, all tasks done, clean-up,
//! down, nothing left. The call "nothing done yet" matters as much as the last one: a check that is always true tests
//! nobody.

mod inventory;
mod probes;
mod solution;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use kumojuku::lab::lab_file::{Lab, Task};

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
    let chosen = std::env::var("JUKU_TEST_LABS").unwrap_or_default();
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

/// What the emulator cannot judge is said where it matters, and does not count.
fn is_judged_in_sandbox(task: &Task) -> bool {
    !task
        .remark
        .as_deref()
        .is_some_and(|remark| remark.contains("権限は判定されません"))
}

/// The VPC lab's tasks read settings back: traffic would need an instance, and its price.
const SETTINGS_ONLY: &[&str] = &["vpc-public-private"];

#[test]
fn there_are_enough_tasks_and_half_of_them_observe_behaviour() {
    let all: Vec<Lab> = labs().into_iter().map(|(_, lab)| lab).collect();
    assert!(all.len() >= 26, "{}", all.len());
    let tasks: usize = all.iter().map(|lab| lab.tasks.len()).sum();
    assert!(tasks >= 120, "{tasks}");
    let (mut labs, mut counted, mut observing) = (0, 0, 0);
    for lab in all.iter().filter(|lab| lab.tiers.sandbox.is_available()) {
        let judged = lab.tasks.iter().filter(|task| is_judged_in_sandbox(task));
        let judged: Vec<&Task> = judged.collect();
        let seen = judged.iter().filter(|task| task.behaviour).count();
        assert!(
            SETTINGS_ONLY.contains(&lab.id.as_str()) || seen * 2 >= judged.len(),
            "{}: {seen} of {} tasks observe behaviour",
            lab.id,
            judged.len()
        );
        labs += 1;
        counted += judged.len();
        observing += seen;
    }
    println!("{labs} labs in the sandbox, {counted} tasks counted, {observing} observe behaviour");
    assert!(labs >= 16, "{labs}");
    assert!(counted >= 80, "{counted}");
    assert!(observing * 2 >= counted, "{observing} of {counted}");
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
        let lease = up["lease"].as_str().unwrap();
        let mut problems = probes::unseen_of(&self.env, &self.emulator, lease, &lab.region);
        problems.extend(self.nothing_done(id));
        let mut stage = self.stage(lab, &up, folder.path());
        match stage.run(&lab.solution) {
            Ok(()) => problems.extend(self.finished(lab)),
            Err(error) => problems.push(format!("solution: {error}")),
        }
        if let Err(error) = stage.run(&lab.cleanup) {
            problems.push(format!("cleanup: {error}"));
        }
        let (code, down, words) = self.juku(&["lab", "down", id]);
        let closing = down["labs"][0]["closing"].as_str().unwrap_or_default();
        if code != Some(0) || !closing.starts_with("gone") {
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

    /// All tasks done, and remembered where learners look.
    fn finished(&self, lab: &Lab) -> Vec<String> {
        let mut problems = self.all_done(lab);
        let (_, stats, _) = self.juku(&["stats"]);
        let kept = stats["labs"].as_array().into_iter().flatten();
        if problems.is_empty() && !kept.into_iter().any(|done| done["lab"] == lab.id.as_str()) {
            problems.push(format!("not in the statistics: {}", stats["labs"]));
        }
        problems
    }

    /// Tasks that the solution leaves undone, also after the time that effects may take.
    fn all_done(&self, lab: &Lab) -> Vec<String> {
        let settle = Duration::try_from(lab.settle).unwrap();
        let start = Instant::now();
        let (_, report, _) = self.juku(&["lab", "check", lab.id.as_str()]);
        let mut undone: Vec<serde_json::Value> = report["tasks"].as_array().cloned().unwrap();
        undone.retain(|task| task["done"] != true);
        for task in &mut undone {
            let left = settle.saturating_sub(start.elapsed());
            let name = task["id"].as_str().unwrap().to_owned();
            patiently(left, || {
                let (_, report, _) = self.juku(&["lab", "check", lab.id.as_str(), &name]);
                *task = report["tasks"][0].clone();
                task["done"] == true
            });
        }
        let waited = !undone.is_empty();
        undone.retain(|task| task["done"] != true);
        if waited && undone.is_empty() {
            // Only a check of the whole lab finishes it.
            self.juku(&["lab", "check", lab.id.as_str()]);
        }
        let told = undone.iter().map(|task| {
            let text = |key: &str| task[key].as_str().unwrap_or_default();
            let (id, expected, found) = (text("id"), text("expected"), text("found"));
            format!("undone: {id}: expected {expected}, found {found}")
        });
        told.collect()
    }
}
