//! Coverage: how much there is for each task of each exam.

use std::collections::HashMap;

use serde::Serialize;

use crate::exam::{Blueprints, ExamVersion, TaskId};

/// How much there is for one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskCoverage {
    /// The exam's version.
    pub exam: ExamVersion,
    /// The task.
    pub task: TaskId,
    /// What it is called.
    pub name: String,
    /// Sections of notes.
    pub sections: usize,
    /// Questions and cards.
    pub questions: usize,
    /// Labs.
    pub labs: usize,
}

/// What counts for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Sections of a note.
    Sections,
    /// A question or card.
    Question,
    /// A lab.
    Lab,
}

/// Collects what there is, task by task.
#[derive(Debug, Default)]
pub struct Coverage(HashMap<(ExamVersion, TaskId, Piece), usize>);

impl Coverage {
    /// Counts something for a task.
    pub fn add(&mut self, exam: &ExamVersion, task: &TaskId, piece: Piece, count: usize) {
        *self
            .0
            .entry((exam.clone(), task.clone(), piece))
            .or_default() += count;
    }

    /// Gives all tasks of all blueprints in their order, those without anything included.
    pub fn report(&self, blueprints: &Blueprints) -> Vec<TaskCoverage> {
        let count = |exam: &ExamVersion, task: &TaskId, piece| {
            let key = (exam.clone(), task.clone(), piece);
            self.0.get(&key).copied().unwrap_or_default()
        };
        let of_exam = blueprints.exams.iter().flat_map(|blueprint| {
            blueprint.tasks().map(move |task| TaskCoverage {
                exam: blueprint.code.clone(),
                task: task.id.clone(),
                name: task.name_ja.clone(),
                sections: count(&blueprint.code, &task.id, Piece::Sections),
                questions: count(&blueprint.code, &task.id, Piece::Question),
                labs: count(&blueprint.code, &task.id, Piece::Lab),
            })
        });
        of_exam.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_has_its_row() {
        let blueprints: Blueprints =
            crate::yaml::from_str(include_str!("../../content/blueprint.yaml")).unwrap();
        let mut coverage = Coverage::default();
        let (exam, task) = (ExamVersion("SAA-C03".into()), TaskId("2.1".into()));
        coverage.add(&exam, &task, Piece::Sections, 7);
        coverage.add(&exam, &task, Piece::Lab, 1);
        let rows = coverage.report(&blueprints);
        let tasks: usize = blueprints.exams.iter().map(|b| b.tasks().count()).sum();
        assert_eq!(rows.len(), tasks);
        let row = rows.iter().find(|r| r.exam == exam && r.task == task);
        let row = row.map(|r| (r.sections, r.questions, r.labs));
        assert_eq!(row, Some((7, 0, 1)));
    }
}
