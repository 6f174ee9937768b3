//! Help with a task of a lab: the hint first, then the steps that solve it.

use jiff::Timestamp;
use serde::Serialize;

use super::lab_check::values;
use crate::lab::lab_file::{Lab, Task};
use crate::lab::lease::Lease;
use crate::lab::shell;
use crate::progress::store::{RecordError, StudyStore};

/// Help with a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HelpReport {
    /// The version of this document's form.
    pub schema: u32,
    /// The lab.
    pub lab: String,
    /// The task.
    pub task: String,
    /// What to do.
    pub text: String,
    /// A push in the right direction.
    pub hint: Option<String>,
    /// The sections of notes that teach it.
    pub notes: Vec<String>,
    /// The lines that solve it; `None` while only the hint has been asked for.
    pub solution: Option<Vec<String>>,
}

fn key(lab: &Lab, task: &Task) -> String {
    format!("lab-hint/{}/{}", lab.id.as_str(), task.id)
}

/// Gives a task's hint and remembers that it was seen.
///
/// # Errors
/// When the study database fails.
pub fn hint(
    store: &mut dyn StudyStore,
    lab: &Lab,
    task: &Task,
    now: Timestamp,
) -> Result<HelpReport, RecordError> {
    store.set_value(&key(lab, task), Some(&now.to_string()))?;
    Ok(HelpReport {
        schema: 1,
        lab: lab.id.to_string(),
        task: task.id.clone(),
        text: task.text.clone(),
        hint: task.hint.clone(),
        notes: task.notes.clone(),
        solution: None,
    })
}

/// Gives the steps that solve a task, with the outputs of a live lab filled in; who has not seen the hint gets that
/// instead.
///
/// # Errors
/// When the study database fails.
pub fn solution(
    store: &mut dyn StudyStore,
    lab: &Lab,
    task: &Task,
    lease: Option<&Lease>,
    now: Timestamp,
) -> Result<HelpReport, RecordError> {
    let hinted = task.hint.is_none() || store.value(&key(lab, task))?.is_some();
    let mut report = hint(store, lab, task, now)?;
    if hinted {
        let values = lease.map_or_else(|| lab.parameters.clone(), |lease| values(lab, lease));
        report.solution = Some(shell::script(&lab.solution, Some(&task.id), &values));
    }
    Ok(report)
}
