//! Checks a lab's tasks: runs each task's reading call where the lab lives and judges the answer.

use serde::Serialize;

use crate::lab::check::{TaskCalls, Values, judge};
use crate::lab::lab_file::Lab;
use crate::lab::lease::Lease;

/// How the tasks stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The version of this document's form.
    pub schema: u32,
    /// The lab.
    pub lab: String,
    /// Where.
    pub tier: &'static str,
    /// How many tasks are done.
    pub done: usize,
    /// One entry for each task.
    pub tasks: Vec<TaskReport>,
}

/// How one task stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskReport {
    /// The task.
    pub id: String,
    /// What to do.
    pub text: String,
    /// Whether it is done.
    pub done: bool,
    /// What must hold.
    pub expected: String,
    /// What was found, or why nothing was.
    pub found: String,
    /// A push in the right direction.
    pub hint: Option<String>,
    /// What is different on a tier.
    pub remark: Option<String>,
    /// The cards it practises.
    pub cards: Vec<String>,
}

/// The most of an answer that is shown, in characters.
const SHOWN: usize = 300;

/// Checks all tasks, or the one that is named.
pub fn check(lab: &Lab, lease: &Lease, task: Option<&str>, calls: &dyn TaskCalls) -> CheckReport {
    let values = values(lab, lease);
    let tasks: Vec<TaskReport> = lab
        .tasks
        .iter()
        .filter(|one| task.is_none_or(|wanted| wanted == one.id))
        .map(|one| {
            let judged = judge(&one.check, &values, calls);
            TaskReport {
                id: one.id.clone(),
                text: one.text.clone(),
                done: judged.done,
                expected: judged.expected,
                found: judged.found.chars().take(SHOWN).collect(),
                hint: one.hint.clone(),
                remark: one.remark.clone(),
                cards: one.cards.clone(),
            }
        })
        .collect();
    CheckReport {
        schema: 1,
        lab: lease.terms.lab.clone(),
        tier: lease.terms.tier.as_str(),
        done: tasks.iter().filter(|one| one.done).count(),
        tasks,
    }
}

/// Collects what `${Name}` stands for in a live lab: its parameters and outputs.
fn values(lab: &Lab, lease: &Lease) -> Values {
    let mut values = lab.parameters.clone();
    for output in &lease.outputs {
        values.insert(output.key.clone(), output.value.clone());
    }
    values
}
