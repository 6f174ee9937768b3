//! Works out the course of an update: what is changed, added and removed, and what is undone when it fails.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{SHORTEST, Way, Writer, lengths, remove};
use crate::adapter::rehearsal::catalogue::Catalogue;
use crate::adapter::rehearsal::state::{Prepared, Stack};

/// What an update does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It is new.
    Add,
    /// Its properties change; with another physical id it is a new one.
    Modify,
    /// It goes.
    Remove,
}

impl Touch {
    /// Gives the word of the API.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Modify => "Modify",
            Self::Remove => "Remove",
        }
    }
}

/// Lists what an update to the wanted resources would do, in their order; what stays as it is is left out.
pub fn touched<'a>(
    stack: &'a Stack,
    wanted: &'a [Prepared],
    now: Timestamp,
) -> Vec<(Touch, &'a Prepared)> {
    let there: BTreeMap<&str, &Prepared> = standing(stack, now)
        .map(|resource| (resource.logical_id.as_str(), resource))
        .collect();
    let kept: BTreeSet<&str> = wanted.iter().map(|one| one.logical_id.as_str()).collect();
    let changed =
        wanted
            .iter()
            .filter_map(|resource| match there.get(resource.logical_id.as_str()) {
                None => Some((Touch::Add, resource)),
                Some(old) if differs(old, resource) => Some((Touch::Modify, resource)),
                Some(_) => None,
            });
    let gone = standing(stack, now)
        .filter(|resource| !kept.contains(resource.logical_id.as_str()))
        .map(|resource| (Touch::Remove, resource));
    changed.chain(gone).collect()
}

fn differs(old: &Prepared, new: &Prepared) -> bool {
    old.type_name != new.type_name
        || old.properties != new.properties
        || old.physical_id != new.physical_id
}

/// Gives the resources of a stack that are there: built, and not removed by an earlier update.
fn standing(stack: &Stack, now: Timestamp) -> impl Iterator<Item = &Prepared> {
    stack.resources.iter().filter(move |resource| {
        let last = stack.resource_now(&resource.logical_id, now);
        last.is_some_and(|moment| {
            let gone = matches!(moment.status.as_str(), "DELETE_COMPLETE" | "DELETE_SKIPPED");
            !gone && !moment.physical_id.is_empty()
        })
    })
}

/// Works out an update; says whether it succeeds. When it does not, the resources stay as they were.
pub fn update(
    stack: &mut Stack,
    mut wanted: Vec<Prepared>,
    catalogue: &Catalogue,
    now: Timestamp,
) -> bool {
    stack.cut(now);
    carry_over(stack, &mut wanted);
    let steps: Vec<(Touch, Prepared)> = touched(stack, &wanted, now)
        .into_iter()
        .map(|(touch, resource)| (touch, resource.clone()))
        .collect();
    let of = |wanted: Touch| -> Vec<Prepared> {
        let fitting = steps.iter().filter(|(touch, _)| *touch == wanted);
        fitting.map(|(_, resource)| resource.clone()).collect()
    };
    let building: Vec<(Touch, Prepared)> = steps
        .iter()
        .filter(|(touch, _)| *touch != Touch::Remove)
        .cloned()
        .collect();
    let fits = building
        .iter()
        .all(|(_, resource)| resource.fault.is_none());
    // Those that go are known as long as their events are.
    let left: Vec<Prepared> = if fits {
        of(Touch::Remove)
    } else {
        of(Touch::Add)
    };
    let all = if fits {
        wanted
    } else {
        stack.resources.clone()
    };
    let before = std::mem::replace(&mut stack.resources, all);
    for resource in before.into_iter().chain(left.iter().cloned()) {
        let id = &resource.logical_id;
        if !stack.resources.iter().any(|one| one.logical_id == *id) {
            stack.resources.push(resource);
        }
    }
    let mut write = Writer { stack, from: now };
    write.own(0, "UPDATE_IN_PROGRESS", Some("User Initiated".to_owned()));
    let built = build(&mut write, catalogue, &building);
    if fits {
        let cleanup = built.over + SHORTEST;
        write.own(cleanup, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None);
        let going: Vec<&Prepared> = left.iter().collect();
        let removal = remove(&mut write, catalogue, &going, cleanup + SHORTEST, &[]);
        // What cannot be removed is left behind; the update counts as done all the same.
        write.own(
            removal.over.max(cleanup) + SHORTEST,
            "UPDATE_COMPLETE",
            None,
        );
    } else {
        roll_back(&mut write, catalogue, &building, &built);
    }
    write.stack.timeline.sort_by_key(|moment| moment.at);
    fits
}

/// What happened to a resource behind the stack's back stays with it.
fn carry_over(stack: &Stack, wanted: &mut [Prepared]) {
    for resource in wanted {
        if let Some(old) = stack.prepared(&resource.logical_id) {
            resource.objects = old.objects;
            resource.removed = old.removed;
            resource.tampered.clone_from(&old.tampered);
        }
    }
}

/// How building went: when it was over, and which resources had begun.
struct Built {
    over: u64,
    begun: Vec<usize>,
}

fn build(write: &mut Writer<'_>, catalogue: &Catalogue, steps: &[(Touch, Prepared)]) -> Built {
    let resources: Vec<Prepared> = steps.iter().map(|(_, one)| one.clone()).collect();
    let lengths = lengths(&resources, catalogue, Way::Up);
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    let mut spans = Vec::new();
    for (_, resource) in steps {
        let id = resource.logical_id.as_str();
        let begin = resource
            .depends_on
            .iter()
            .filter_map(|before| ends.get(before.as_str()))
            .max()
            .map_or(SHORTEST, |end| end + 1);
        let end = begin + lengths.get(id).copied().unwrap_or(SHORTEST);
        ends.insert(id, end);
        spans.push((begin, end));
    }
    let failure = steps
        .iter()
        .zip(&spans)
        .filter(|((_, resource), _)| resource.fault.is_some())
        .map(|(_, (begin, end))| begin.midpoint(*end))
        .min();
    let mut built = Built {
        over: failure.unwrap_or(SHORTEST),
        begun: Vec::new(),
    };
    for (at, ((touch, resource), (begin, end))) in steps.iter().zip(&spans).enumerate() {
        if failure.is_some_and(|moment| *begin >= moment) {
            continue;
        }
        let (doing, done, broken) = words(*touch);
        let known = *touch == Touch::Modify;
        write.resource(*begin, resource, known, doing, None);
        built.begun.push(at);
        match (failure, &resource.fault) {
            (Some(moment), Some(reason)) => {
                write.resource(moment, resource, known, broken, Some(reason.clone()));
            }
            (Some(moment), None) if *end > moment => {
                let reason = Some("Resource update cancelled".to_owned());
                write.resource(moment + 2, resource, known, broken, reason);
            }
            _ => {
                write.resource(*end, resource, true, done, None);
                built.over = built.over.max(*end);
            }
        }
    }
    built
}

const fn words(touch: Touch) -> (&'static str, &'static str, &'static str) {
    match touch {
        Touch::Add => ("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED"),
        Touch::Modify | Touch::Remove => ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED"),
    }
}

fn roll_back(
    write: &mut Writer<'_>,
    catalogue: &Catalogue,
    steps: &[(Touch, Prepared)],
    built: &Built,
) {
    let failed: Vec<&str> = built
        .begun
        .iter()
        .filter_map(|at| steps.get(*at))
        .filter(|(_, resource)| resource.fault.is_some())
        .map(|(_, resource)| resource.logical_id.as_str())
        .collect();
    let reason = format!(
        "The following resource(s) failed to update: [{}]. ",
        failed.join(", ")
    );
    let begin = built.over + SHORTEST;
    write.own(begin, "UPDATE_ROLLBACK_IN_PROGRESS", Some(reason));
    let mut new = Vec::new();
    for (touch, resource) in built.begun.iter().filter_map(|at| steps.get(*at)) {
        match touch {
            Touch::Modify => {
                write.resource(begin + 1, resource, true, "UPDATE_IN_PROGRESS", None);
                write.resource(begin + SHORTEST, resource, true, "UPDATE_COMPLETE", None);
            }
            Touch::Add if resource.fault.is_none() => new.push(resource),
            Touch::Add | Touch::Remove => {}
        }
    }
    let cleanup = begin + 2 * SHORTEST;
    write.own(
        cleanup,
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        None,
    );
    let removal = remove(write, catalogue, &new, cleanup + SHORTEST, &[]);
    write.own(
        removal.over.max(cleanup) + SHORTEST,
        "UPDATE_ROLLBACK_COMPLETE",
        None,
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapter::rehearsal::timeline::{OnFailure, create};

    fn resource(id: &str, name: &str, fault: Option<&str>) -> Prepared {
        Prepared {
            logical_id: id.to_owned(),
            type_name: "AWS::SNS::Topic".to_owned(),
            physical_id: format!("arn:{id}"),
            properties: json!({ "DisplayName": name }),
            fault: fault.map(str::to_owned),
            ..Prepared::default()
        }
    }

    /// Updates a stack of A and B a minute after it was made; gives the outcome and what stands a minute later.
    fn updated(wanted: Vec<Prepared>) -> (bool, String, Vec<String>) {
        let catalogue = Catalogue::bundled().unwrap();
        let minute = |n: i64| Timestamp::from_second(60 * n).unwrap();
        let mut stack = Stack {
            resources: vec![resource("A", "a", None), resource("B", "b", None)],
            ..Stack::default()
        };
        create(&mut stack, catalogue, minute(0), OnFailure::Rollback);
        let fits = update(&mut stack, wanted, catalogue, minute(1));
        let end = minute(2);
        let there = standing(&stack, end)
            .map(|one| format!("{}={}", one.logical_id, one.properties["DisplayName"]))
            .collect();
        (fits, stack.status(end).0.to_owned(), there)
    }

    #[test]
    fn an_update_changes_adds_and_removes() {
        let wanted = vec![resource("A", "new", None), resource("C", "c", None)];
        let (fits, status, there) = updated(wanted);
        assert!(fits);
        assert_eq!(status, "UPDATE_COMPLETE");
        assert_eq!(there, ["A=\"new\"", "C=\"c\""]);
    }

    #[test]
    fn a_failed_update_leaves_everything_as_it_was() {
        for wanted in [
            vec![resource("A", "new", Some("no")), resource("C", "c", None)],
            vec![resource("A", "new", None), resource("C", "c", Some("no"))],
        ] {
            let (fits, status, there) = updated(wanted);
            assert!(!fits);
            assert_eq!(status, "UPDATE_ROLLBACK_COMPLETE");
            assert_eq!(there, ["A=\"a\"", "B=\"b\""]);
        }
    }
}
