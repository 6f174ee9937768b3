//! Checks a lab's tasks: runs each task's reading call where the lab lives and judges the answer.

use jiff::Timestamp;
use serde::Serialize;

use crate::lab::check::{TaskCalls, Values, judge};
use crate::lab::lab_file::Lab;
use crate::lab::lease::Lease;
use crate::progress::practice::{LabDone, Wish};
use crate::progress::store::{RecordError, StudyStore};
use crate::quiz::CardId;
use crate::time::StudyDay;

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
pub fn values(lab: &Lab, lease: &Lease) -> Values {
    let mut values = lab.parameters.clone();
    for output in &lease.outputs {
        values.insert(output.key.clone(), output.value.clone());
    }
    values
}

/// What a check left in the study database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Remembered {
    /// How many cards of undone tasks were newly asked for.
    pub asked: usize,
    /// Whether the lab was done for the first time on its tier.
    pub finished: bool,
}

/// Asks for the cards of undone tasks, and notes a lab whose tasks are all done.
///
/// `whole` says whether the report is about all of the lab's tasks.
///
/// # Errors
/// When the study database fails.
pub fn remember(
    store: &mut dyn StudyStore,
    report: &CheckReport,
    whole: bool,
    now: Timestamp,
    day: StudyDay,
) -> Result<Remembered, RecordError> {
    let undone = report.tasks.iter().filter(|task| !task.done);
    let wishes: Vec<Wish> = undone
        .flat_map(|task| task.cards.iter().map(move |card| (task, card)))
        .map(|(task, card)| Wish {
            card: CardId(card.clone()),
            lab: report.lab.clone(),
            task: task.id.clone(),
        })
        .collect();
    let asked = if wishes.is_empty() {
        0
    } else {
        store.ask_for(&wishes, now, day)?
    };
    let all_done = whole && !report.tasks.is_empty() && report.done == report.tasks.len();
    let finished = all_done
        && store.note_done(
            &LabDone {
                lab: report.lab.clone(),
                tier: report.tier.to_owned(),
                day,
                tasks: u32::try_from(report.tasks.len()).unwrap_or(u32::MAX),
            },
            now,
        )?;
    Ok(Remembered { asked, finished })
}
