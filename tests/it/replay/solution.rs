//! Runs the steps of a lab's solution or clean-up, as its author wrote them for a learner.

use std::path::Path;
use std::time::{Duration, Instant};

use kumojuku::adapter::sandbox::calls::SandboxCalls;
use kumojuku::lab::check::{self, TaskCalls as _, Values};
use kumojuku::lab::lab_file::{Step, WaitStep};

use crate::emulator;

/// Where steps are run.
pub struct Stage<'a> {
    pub endpoint: &'a str,
    pub region: &'a str,
    /// The folder for files that steps write and read.
    pub folder: &'a Path,
    /// What `${Name}` stands for; captured answers are added.
    pub values: Values,
}

impl Stage<'_> {
    /// Runs steps in order.
    ///
    /// # Errors
    /// Says which step failed, and with what words.
    pub fn run(&mut self, steps: &[Step]) -> Result<(), String> {
        for (index, step) in steps.iter().enumerate() {
            self.step(step)
                .map_err(|error| format!("step {} {step:?}: {error}", index + 1))?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Aws(arguments) => self.aws(arguments).map(drop),
            Step::Capture(step) => {
                let answer = self.aws(&step.call)?;
                self.keep(step.capture.as_ref(), step.query.as_deref(), &answer)
            }
            Step::File(step) => {
                let content = check::fill(&step.content, &self.values);
                std::fs::write(self.folder.join(&step.file), content).map_err(|e| e.to_string())
            }
            Step::Http(step) => {
                let call = check::fill_http(&step.http, &self.values);
                let (status, body) = self.calls().http(&call).map_err(|e| e.words)?;
                if status != call.status {
                    return Err(format!("{status} {body}"));
                }
                self.keep(step.capture.as_ref(), step.query.as_deref(), &body)
            }
            Step::Wait(step) => self.wait(step),
            Step::For(_) => Ok(()),
        }
    }

    fn aws(&self, arguments: &[String]) -> Result<String, String> {
        let filled: Vec<String> = arguments
            .iter()
            .map(|one| check::fill(one, &self.values))
            .collect();
        emulator::run_aws(self.endpoint, self.region, self.folder, &filled)
    }

    fn keep(
        &mut self,
        name: Option<&String>,
        query: Option<&str>,
        answer: &str,
    ) -> Result<(), String> {
        let Some(name) = name else { return Ok(()) };
        let query = check::fill(query.unwrap_or("@"), &self.values);
        let text = check::pick(&query, answer).map_err(|error| format!("{name}: {error}"))?;
        self.values.insert(name.clone(), text);
        Ok(())
    }

    /// Waits for what the step waits for; a pause without an end in sight would only make the replay slow.
    fn wait(&self, step: &WaitStep) -> Result<(), String> {
        let until = step
            .until
            .as_ref()
            .ok_or("a wait of a lab of the sandbox says what it waits for")?;
        let calls = self.calls();
        let mut last = String::new();
        let done = patiently(Duration::from_secs(u64::from(step.wait)), || {
            let judged = check::judge(until, &self.values, &calls);
            last = judged.found;
            judged.done
        });
        done.then_some(()).ok_or(last)
    }

    fn calls(&self) -> SandboxCalls {
        SandboxCalls {
            endpoint: self.endpoint.to_owned(),
            region: self.region.to_owned(),
            path: emulator::path(),
            home: self.folder.to_owned(),
        }
    }
}

/// Asks again until the answer is yes or the time is over.
pub fn patiently(most: Duration, mut ask: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if ask() {
            return true;
        }
        if start.elapsed() > most {
            return false;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
