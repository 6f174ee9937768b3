//! `lab show`: one lab with its tasks and its guide.

use serde::Serialize;

use super::lab_library::LabTexts;
use super::lab_list::{self, LabRow};
use crate::lab::cost::PriceTable;
use crate::lab::lab_file::LabFileError;

/// A task as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskRow {
    /// Its name.
    pub id: String,
    /// What to do.
    pub text: String,
    /// A push in the right direction.
    pub hint: Option<String>,
    /// What is different on a tier.
    pub remark: Option<String>,
    /// The cards it practises.
    pub cards: Vec<String>,
}

/// The document of `lab show --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabReport {
    /// 1.
    pub schema: u32,
    /// The lab.
    #[serde(flatten)]
    pub lab: LabRow,
    /// The region it is made for.
    pub region: String,
    /// Its tasks; the number of tasks of the list is replaced by the tasks themselves.
    pub task_list: Vec<TaskRow>,
    /// The guide, in Markdown.
    pub guide: String,
    /// The template's path.
    pub template_path: String,
}

/// Shows a lab.
///
/// # Errors
/// When its file cannot be read as a lab file.
pub fn show(texts: &LabTexts, table: &PriceTable) -> Result<LabReport, LabFileError> {
    let lab = texts.parse()?;
    Ok(LabReport {
        schema: 1,
        lab: lab_list::row(&lab, texts, table),
        region: lab.region.clone(),
        task_list: lab
            .tasks
            .iter()
            .map(|task| TaskRow {
                id: task.id.clone(),
                text: task.text.clone(),
                hint: task.hint.clone(),
                remark: task.remark.clone(),
                cards: task.cards.clone(),
            })
            .collect(),
        guide: texts.readme.clone().unwrap_or_default(),
        template_path: texts.template_path.clone(),
    })
}
