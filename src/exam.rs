//! Exams, their dated versions, and the blueprint of domains and tasks that each version tests.
//!
//! An exam (`SAA`, `DVA`) is what a learner says; a version (`SAA-C03`, `DVA-C02`, `DVA-C03`) is what a date falls
//! under. The blueprint itself is data (`content/blueprint.yaml`); this module only knows its shape.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One of the two certifications the trainer prepares for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Exam {
    /// AWS Certified Solutions Architect – Associate.
    Saa,
    /// AWS Certified Developer – Associate.
    Dva,
}

impl Exam {
    /// All exams, in the order they are shown.
    pub const ALL: [Self; 2] = [Self::Saa, Self::Dva];

    /// Gives the short name, `SAA` or `DVA`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Saa => "SAA",
            Self::Dva => "DVA",
        }
    }
}

impl fmt::Display for Exam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Says that a name is no exam.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown exam `{given}`; expected SAA or DVA")]
pub struct UnknownExam {
    /// The name as given.
    pub given: String,
}

impl FromStr for Exam {
    type Err = UnknownExam;

    /// Reads `SAA`, `dva`, `SAA-C03` … in any case and width.
    fn from_str(given: &str) -> Result<Self, UnknownExam> {
        let folded = crate::text::fold(given);
        match folded.trim().split('-').next() {
            Some("saa") => Ok(Self::Saa),
            Some("dva") => Ok(Self::Dva),
            _ => Err(UnknownExam {
                given: given.to_owned(),
            }),
        }
    }
}

/// A version of an exam, such as `DVA-C03`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExamVersion(pub String);

impl ExamVersion {
    /// Gives the exam that this is a version of, if it is one of ours.
    pub fn exam(&self) -> Option<Exam> {
        self.0.parse().ok()
    }
}

impl fmt::Display for ExamVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A task of a blueprint, such as `2.1`; its first part is the domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub String);

impl TaskId {
    /// Gives the id of the domain the task belongs to, such as `2`.
    pub fn domain(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A task as a blueprint states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlueprintTask {
    /// The task's id within its version.
    pub id: TaskId,
    /// The name of the official guide.
    pub name_en: String,
    /// Our own Japanese paraphrase.
    pub name_ja: String,
    /// False while the name is inferred rather than read.
    #[serde(default = "yes")]
    pub name_verified: bool,
}

const fn yes() -> bool {
    true
}

/// A domain with its share of the scored questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The domain's id, such as `1`.
    pub id: String,
    /// The name of the official guide.
    pub name_en: String,
    /// Our own Japanese paraphrase.
    pub name_ja: String,
    /// Share of the score in percent.
    pub weight: u32,
    /// How many of the 50 scored questions come from this domain.
    pub scored_questions: u32,
    /// The tasks of the domain.
    pub tasks: Vec<BlueprintTask>,
}

/// The blueprint of one exam version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blueprint {
    /// The version, such as `SAA-C03`.
    pub code: ExamVersion,
    /// The first day on which it can be sat.
    pub valid_from: Date,
    /// The last day on which it can be sat; `None` while no end is announced.
    pub last_day: Option<Date>,
    /// The domains with their tasks.
    pub domains: Vec<Domain>,
}

impl Blueprint {
    /// Says whether the exam can be sat in this version on a day.
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.last_day.is_none_or(|last| day <= last)
    }

    /// Finds a task by id.
    pub fn task(&self, id: &TaskId) -> Option<&BlueprintTask> {
        self.tasks().find(|task| task.id == *id)
    }

    /// Walks over all tasks in order.
    pub fn tasks(&self) -> impl Iterator<Item = &BlueprintTask> {
        self.domains.iter().flat_map(|domain| &domain.tasks)
    }
}

/// What all versions have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExamRules {
    /// Questions in a paper, scored and unscored.
    pub questions_total: u32,
    /// Questions that count.
    pub questions_scored: u32,
    /// Questions that do not count and are not marked as such.
    pub questions_unscored: u32,
    /// Minutes allowed.
    pub minutes: u32,
    /// Minutes added by the accommodation for those who sit in a second language.
    pub esl_extension_minutes: u32,
    /// Lowest score of the scale.
    pub score_min: u32,
    /// Highest score of the scale.
    pub score_max: u32,
    /// Score needed to pass.
    pub pass_score: u32,
}

/// All blueprints, as `content/blueprint.yaml` holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blueprints {
    /// What all versions have in common.
    pub common: ExamRules,
    /// One blueprint per version.
    pub exams: Vec<Blueprint>,
}

impl Blueprints {
    /// Finds the version of an exam that is valid on a day, or the next one to become valid.
    pub fn for_exam_on(&self, exam: Exam, day: Date) -> Option<&Blueprint> {
        let of_exam = || self.exams.iter().filter(|b| b.code.exam() == Some(exam));
        of_exam().find(|b| b.valid_on(day)).or_else(|| {
            of_exam()
                .filter(|b| b.valid_from > day)
                .min_by_key(|b| b.valid_from)
        })
    }

    /// Finds a version by its code.
    pub fn version(&self, code: &ExamVersion) -> Option<&Blueprint> {
        self.exams.iter().find(|b| b.code == *code)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn blueprints() -> Blueprints {
        crate::yaml::from_str(include_str!("../content/blueprint.yaml")).unwrap()
    }

    #[test]
    fn the_date_decides_the_version() {
        let b = blueprints();
        let code = |exam, day| b.for_exam_on(exam, day).map(|b| b.code.0.as_str());
        assert_eq!(code(Exam::Dva, date(2026, 11, 30)), Some("DVA-C02"));
        assert_eq!(code(Exam::Dva, date(2026, 12, 1)), Some("DVA-C03"));
        assert_eq!(code(Exam::Saa, date(2026, 12, 1)), Some("SAA-C03"));
    }

    #[test]
    fn scored_questions_add_up_in_every_version() {
        let b = blueprints();
        for version in &b.exams {
            let sum: u32 = version.domains.iter().map(|d| d.scored_questions).sum();
            assert_eq!(sum, b.common.questions_scored, "{}", version.code);
        }
    }

    #[test]
    fn exams_are_read_in_any_width() {
        assert_eq!("ＳＡＡ".parse(), Ok(Exam::Saa));
        assert_eq!("dva-c03".parse(), Ok(Exam::Dva));
        assert!("SAP".parse::<Exam>().is_err());
    }
}
