//! The labs of the library, and templates anywhere: what every `lab` command begins with.

use crate::lab::LabId;
use crate::lab::lab_file::{Lab, LabFileError};

/// The files of one lab, as the library has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabTexts {
    /// The folder's name.
    pub folder: String,
    /// The path of `lab.yaml` to show.
    pub path: String,
    /// `lab.yaml`.
    pub lab: String,
    /// `template.yaml`; `None` when it is missing.
    pub template: Option<String>,
    /// The path of the template to show.
    pub template_path: String,
    /// `README.md`; `None` when it is missing.
    pub readme: Option<String>,
}

impl LabTexts {
    /// Reads the lab file.
    ///
    /// # Errors
    /// When it has another shape than a lab file.
    pub fn parse(&self) -> Result<Lab, LabFileError> {
        Lab::parse(&self.lab, &self.folder)
    }
}

/// Finds a lab by what the user typed: full-width letters and capitals are folded.
pub fn find<'a>(labs: &'a [LabTexts], typed: &str) -> Option<&'a LabTexts> {
    let id = LabId::new(typed).ok()?;
    labs.iter().find(|lab| lab.folder == id.as_str())
}

/// Finds the nearest lab id, for "did you mean".
pub fn nearest<'a>(labs: &'a [LabTexts], typed: &str) -> Option<&'a str> {
    crate::text::nearest(typed, labs.iter().map(|lab| lab.folder.as_str()))
}
