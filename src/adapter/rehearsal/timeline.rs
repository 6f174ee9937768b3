//! Works out the course of a creation or deletion: what happens when, what fails, and what is undone.
//!
//! Resources go as CloudFormation goes: each as soon as those it depends on are there, in parallel; the first failure
//! cancels what is under way and rolls back. Usual times of the types are shortened alike, so that the longest chain
//! takes [`LONGEST`] milliseconds at most.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::catalogue::{Catalogue, uuid_of};
use super::state::{Moment, Prepared, Stack};

pub mod update;

/// The longest a creation or deletion takes, in milliseconds.
const LONGEST: u64 = 1600;

/// How much faster than on AWS things go at least.
const SPEED: u64 = 20;

/// The shortest step, in milliseconds.
const SHORTEST: u64 = 12;

/// What to do when a creation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Undo, keep the empty stack.
    Rollback,
    /// Undo and delete the stack.
    Delete,
    /// Leave everything.
    DoNothing,
}

/// Writes moments from a start on.
struct Writer<'a> {
    stack: &'a mut Stack,
    from: Timestamp,
}

impl Writer<'_> {
    fn at(&self, millis: u64) -> Timestamp {
        let step = SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX));
        self.from.saturating_add(step).unwrap_or(self.from)
    }

    fn resource(
        &mut self,
        millis: u64,
        resource: &Prepared,
        with_id: bool,
        status: &str,
        reason: Option<String>,
    ) {
        let at = self.at(millis);
        let physical_id = if with_id {
            resource.physical_id.clone()
        } else {
            String::new()
        };
        self.stack.timeline.push(Moment {
            id: format!(
                "{}-{status}-{}-{}",
                resource.logical_id,
                at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
                self.stack.timeline.len()
            ),
            at,
            logical_id: resource.logical_id.clone(),
            physical_id,
            status: status.to_owned(),
            reason,
        });
    }

    fn own(&mut self, millis: u64, status: &str, reason: Option<String>) {
        let at = self.at(millis);
        let count = self.stack.timeline.len();
        own_moment(self.stack, at, status, reason, count);
    }
}

fn own_moment(stack: &mut Stack, at: Timestamp, status: &str, reason: Option<String>, n: usize) {
    let seed = format!("{}\0{status}\0{at}\0{n}", stack.id);
    stack.timeline.push(Moment {
        id: uuid_of(blake3::hash(seed.as_bytes()).as_bytes()),
        at,
        logical_id: String::new(),
        physical_id: stack.id.clone(),
        status: status.to_owned(),
        reason,
    });
}

/// Notes something that happens to the stack itself right now.
pub fn note(stack: &mut Stack, now: Timestamp, status: &str, reason: Option<&str>) {
    let count = stack.timeline.len();
    own_moment(stack, now, status, reason.map(str::to_owned), count);
}

/// Works out the creation of a stack's resources.
pub fn create(stack: &mut Stack, catalogue: &Catalogue, now: Timestamp, on_failure: OnFailure) {
    let resources = stack.resources.clone();
    let lengths = lengths(&resources, catalogue, Way::Up);
    let mut begins: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    for resource in &resources {
        let begin = resource
            .depends_on
            .iter()
            .filter_map(|id| ends.get(id.as_str()))
            .max()
            .map_or(SHORTEST, |end| end + 1);
        let length = lengths
            .get(resource.logical_id.as_str())
            .copied()
            .unwrap_or(SHORTEST);
        begins.insert(&resource.logical_id, begin);
        ends.insert(&resource.logical_id, begin + length);
    }
    let begin = |resource: &Prepared| {
        begins
            .get(resource.logical_id.as_str())
            .copied()
            .unwrap_or(0)
    };
    let end = |resource: &Prepared| ends.get(resource.logical_id.as_str()).copied().unwrap_or(0);
    // What depends on a failing resource begins after it would have ended, so the first failure is never its result.
    let failure = resources
        .iter()
        .filter(|resource| resource.fault.is_some())
        .map(|resource| begin(resource).midpoint(end(resource)))
        .min();
    let mut write = Writer { stack, from: now };
    write.own(0, "CREATE_IN_PROGRESS", Some("User Initiated".to_owned()));
    let mut failed: Vec<&Prepared> = Vec::new();
    let mut built: Vec<&Prepared> = Vec::new();
    let mut last = 0;
    for resource in &resources {
        let (from, to) = (begin(resource), end(resource));
        if failure.is_some_and(|moment| from >= moment) {
            continue;
        }
        write.resource(from, resource, false, "CREATE_IN_PROGRESS", None);
        let first_third = from + (to - from) / 3;
        let breaks_at = resource.fault.as_ref().map(|_| from.midpoint(to));
        match (failure, breaks_at) {
            (Some(moment), Some(own)) if own <= moment => {
                write.resource(
                    own,
                    resource,
                    false,
                    "CREATE_FAILED",
                    resource.fault.clone(),
                );
                failed.push(resource);
            }
            (Some(moment), _) if to > moment => {
                let started = first_third < moment;
                if started {
                    initiated(&mut write, first_third, resource);
                    built.push(resource);
                }
                write.resource(
                    moment + 2,
                    resource,
                    started,
                    "CREATE_FAILED",
                    Some("Resource creation cancelled".to_owned()),
                );
                failed.push(resource);
            }
            _ => {
                initiated(&mut write, first_third, resource);
                write.resource(to, resource, true, "CREATE_COMPLETE", None);
                built.push(resource);
                last = last.max(to);
            }
        }
    }
    let Some(moment) = failure else {
        write.own(last + SHORTEST, "CREATE_COMPLETE", None);
        write.stack.timeline.sort_by_key(|moment| moment.at);
        return;
    };
    let names: Vec<&str> = failed.iter().map(|r| r.logical_id.as_str()).collect();
    let reason = format!(
        "The following resource(s) failed to create: [{}]. ",
        names.join(", ")
    );
    let after = moment + SHORTEST;
    match on_failure {
        OnFailure::DoNothing => write.own(after, "CREATE_FAILED", Some(reason)),
        OnFailure::Rollback | OnFailure::Delete => {
            let (doing, done, broken) = match on_failure {
                OnFailure::Delete => ("DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_FAILED"),
                _ => (
                    "ROLLBACK_IN_PROGRESS",
                    "ROLLBACK_COMPLETE",
                    "ROLLBACK_FAILED",
                ),
            };
            write.own(
                after,
                doing,
                Some(format!("{reason}Rollback requested by user.")),
            );
            let undone = remove(&mut write, catalogue, &built, after + SHORTEST, &[]);
            finish(&mut write, &undone, done, broken);
        }
    }
    write.stack.timeline.sort_by_key(|moment| moment.at);
}

fn initiated(write: &mut Writer<'_>, at: u64, resource: &Prepared) {
    write.resource(
        at,
        resource,
        true,
        "CREATE_IN_PROGRESS",
        Some("Resource creation Initiated".to_owned()),
    );
}

/// Works out the deletion of a stack, from whatever state it is in.
pub fn delete(stack: &mut Stack, catalogue: &Catalogue, now: Timestamp, retain: &[String]) {
    stack.cut(now);
    let resources = stack.resources.clone();
    let there: Vec<&Prepared> = resources
        .iter()
        .filter(|resource| {
            stack
                .resource_now(&resource.logical_id, now)
                .is_some_and(|moment| {
                    !moment.physical_id.is_empty()
                        && !matches!(moment.status.as_str(), "DELETE_COMPLETE" | "DELETE_SKIPPED")
                })
        })
        .collect();
    let mut write = Writer { stack, from: now };
    write.own(0, "DELETE_IN_PROGRESS", Some("User Initiated".to_owned()));
    let removed = remove(&mut write, catalogue, &there, SHORTEST, retain);
    finish(&mut write, &removed, "DELETE_COMPLETE", "DELETE_FAILED");
    write.stack.timeline.sort_by_key(|moment| moment.at);
}

/// How a removal went: when it was over, and what stayed.
struct Removal {
    over: u64,
    failed: Vec<String>,
}

fn finish(write: &mut Writer<'_>, removal: &Removal, done: &str, broken: &str) {
    let at = removal.over + SHORTEST;
    if removal.failed.is_empty() {
        write.own(at, done, None);
    } else {
        let names = removal.failed.join(", ");
        let reason = format!("The following resource(s) failed to delete: [{names}]. ");
        write.own(at, broken, Some(reason));
    }
}

/// Removes resources, each after those that depend on it.
fn remove(
    write: &mut Writer<'_>,
    catalogue: &Catalogue,
    there: &[&Prepared],
    from: u64,
    retain: &[String],
) -> Removal {
    let all: Vec<Prepared> = there.iter().map(|resource| (*resource).clone()).collect();
    let lengths = lengths(&all, catalogue, Way::Down);
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    let mut stuck: BTreeSet<&str> = BTreeSet::new();
    let mut failed = Vec::new();
    let mut over = from;
    for resource in there.iter().rev() {
        let id = resource.logical_id.as_str();
        let dependents: Vec<&str> = there
            .iter()
            .filter(|other| other.depends_on.iter().any(|dependency| dependency == id))
            .map(|other| other.logical_id.as_str())
            .collect();
        if dependents.iter().any(|dependent| stuck.contains(dependent)) {
            // CloudFormation leaves alone what something undeletable still depends on.
            stuck.insert(id);
            continue;
        }
        let begin = dependents
            .iter()
            .filter_map(|dependent| ends.get(dependent))
            .max()
            .map_or(from, |end| end + 1);
        if retain.iter().any(|kept| kept == id) || resource.retained {
            write.resource(begin, resource, true, "DELETE_SKIPPED", None);
            ends.insert(id, begin);
            over = over.max(begin);
            continue;
        }
        let end = begin + lengths.get(id).copied().unwrap_or(SHORTEST);
        write.resource(begin, resource, true, "DELETE_IN_PROGRESS", None);
        if let Some(reason) = undeletable(write.stack, resource) {
            write.resource(end, resource, true, "DELETE_FAILED", Some(reason));
            stuck.insert(id);
            failed.push(id.to_owned());
        } else {
            write.resource(end, resource, true, "DELETE_COMPLETE", None);
        }
        ends.insert(id, end);
        over = over.max(end);
    }
    failed.reverse();
    Removal { over, failed }
}

/// The property under which an injected failure of deletion is kept in [`Prepared::tampered`].
pub const UNDELETABLE: &str = "juku:undeletable";

fn undeletable(stack: &mut Stack, resource: &Prepared) -> Option<String> {
    if resource.removed {
        return None;
    }
    if resource.objects > 0 && resource.type_name == "AWS::S3::Bucket" {
        return Some(format!(
            "Resource handler returned message: \"The bucket you tried to delete is not empty \
             (Service: S3, Status Code: 409, Request ID: REHEARSAL, Extended Request ID: {})\" \
             (RequestToken: rehearsal, HandlerErrorCode: GeneralServiceException)",
            resource.physical_id
        ));
    }
    let kept = stack
        .resources
        .iter_mut()
        .find(|kept| kept.logical_id == resource.logical_id)?;
    let times = kept.tampered.get(UNDELETABLE)?.parse::<u32>().ok()?;
    // Most real obstacles go away: each failure uses one up.
    if times <= 1 {
        kept.tampered.remove(UNDELETABLE);
    } else {
        kept.tampered
            .insert(UNDELETABLE.to_owned(), (times - 1).to_string());
    }
    Some(format!(
        "Resource handler returned message: \"resource {} has a dependent object (Service: Ec2, \
         Status Code: 400, Request ID: REHEARSAL)\" (RequestToken: rehearsal, HandlerErrorCode: \
         GeneralServiceException)",
        resource.physical_id
    ))
}

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

/// Gives each resource's time in milliseconds, shortened so that the longest chain fits.
fn lengths<'a>(
    resources: &'a [Prepared],
    catalogue: &Catalogue,
    way: Way,
) -> BTreeMap<&'a str, u64> {
    let usual: BTreeMap<&str, u64> = resources
        .iter()
        .map(|resource| {
            let seconds = catalogue
                .find(&resource.type_name)
                .map_or(5, |known| match way {
                    Way::Up => known.seconds(),
                    Way::Down => known.delete_seconds(),
                });
            (resource.logical_id.as_str(), u64::from(seconds) * 1000)
        })
        .collect();
    let mut chains: BTreeMap<&str, u64> = BTreeMap::new();
    for resource in resources {
        let before = resource
            .depends_on
            .iter()
            .filter_map(|id| chains.get(id.as_str()))
            .max()
            .copied()
            .unwrap_or(0);
        let own = usual
            .get(resource.logical_id.as_str())
            .copied()
            .unwrap_or(0);
        chains.insert(&resource.logical_id, before + own);
    }
    let longest = chains.values().max().copied().unwrap_or(0).max(1);
    let allowed = LONGEST.min(longest / SPEED);
    usual
        .into_iter()
        .map(|(id, millis)| (id, (millis * allowed / longest).max(SHORTEST)))
        .collect()
}
