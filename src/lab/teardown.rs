//! Taking a lab down, and the proof that nothing is left.
//!
//! The stack is deleted; a bucket that is not empty is emptied after saying so, and the deletion tried again. Then
//! every physical id that the ledger knows is looked for at its own service, and so are the names derived from them,
//! such as a function's log group. The lease is closed only when nothing is found. Nothing but the lease's ids and
//! the names derived from them is touched.

use serde::Serialize;

use crate::lab::arming;
use crate::lab::events::{Failures, News, ResourceFailure, Watcher};
use crate::lab::follow::{Follower, note_all, patiently, step};
use crate::lab::lease::{Closing, Lease, LeaseId, LeasedResource, ResourceState, Step};
use crate::lab::lifecycle::{TAG_LEASE, UpError, unwind};
use crate::lab::port::{Failure, Ports, Presence, StackView};
use crate::lab::status::{ResourceStatus, StackStatus};

/// How often a failed deletion is tried again.
const ATTEMPTS: u32 = 5;

/// How often a resource that should be gone is looked for; services forget with a delay.
const LOOKS: u32 = 4;

/// The type of a bucket.
pub const BUCKET: &str = "AWS::S3::Bucket";

/// The type under which a derived log group is kept in the ledger.
pub const LOG_GROUP: &str = "AWS::Logs::LogGroup";

/// What taking down came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DownReport {
    /// The lab.
    pub lab: String,
    /// The lease.
    pub lease: LeaseId,
    /// How the lease was closed; `None` while something is left.
    pub closing: Option<Closing>,
    /// Buckets that were emptied, and how many objects and versions went.
    pub emptied: Vec<(String, u64)>,
    /// How many ids their own services called gone.
    pub gone: usize,
    /// How many ids only CloudFormation called gone.
    pub said_gone: usize,
    /// Those that only CloudFormation called gone, by type and id.
    pub unproved: Vec<Leftover>,
    /// What stayed.
    pub leftovers: Vec<Leftover>,
    /// What could not be deleted, root first, by the last try.
    pub failures: Vec<ResourceFailure>,
    /// Whether somebody stopped watching; the deletion goes on by itself.
    pub detached: bool,
}

/// Something that stayed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leftover {
    /// The logical id; empty for something derived.
    pub logical_id: String,
    /// The type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The physical id.
    pub physical_id: String,
    /// Whether the template says that it is to stay.
    pub retained: bool,
    /// What it costs a month by the price table, where that is known.
    pub monthly_usd: Option<f64>,
}

impl DownReport {
    fn begin(lease: &Lease) -> Self {
        Self {
            lab: lease.terms.lab.clone(),
            lease: lease.terms.id.clone(),
            closing: None,
            emptied: Vec::new(),
            gone: 0,
            said_gone: 0,
            unproved: Vec::new(),
            leftovers: Vec::new(),
            failures: Vec::new(),
            detached: false,
        }
    }
}

/// Takes a lab down, from whatever step its lease is in.
///
/// # Errors
/// When another process works on it, or a call fails; the lease stays open and the next try goes on.
pub fn down(
    ports: &Ports<'_>,
    lease: &LeaseId,
    watcher: &mut dyn Watcher,
) -> Result<DownReport, UpError> {
    let claim = ports.ledger.claim(lease)?;
    let lease = ports.ledger.lease(lease)?;
    let report = if lease.closing.is_some() {
        Ok(closed(&lease))
    } else if lease.step.may_have_built() {
        take_down(ports, &lease, watcher)
    } else {
        unwind(ports, &lease, Closing::NeverBuilt, watcher)?;
        Ok(closed(&ports.ledger.lease(&lease.terms.id)?))
    };
    drop(claim);
    report
}

fn closed(lease: &Lease) -> DownReport {
    DownReport {
        closing: lease.closing.map(|(how, _)| how),
        ..DownReport::begin(lease)
    }
}

/// Takes a stack down that may have been built; the caller holds the claim.
pub(super) fn take_down(
    ports: &Ports<'_>,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<DownReport, UpError> {
    let mut report = DownReport::begin(lease);
    let instance = patiently(ports, watcher, || ports.resources.instance())?;
    if lease.terms.instance.is_some() && instance.is_some() && lease.terms.instance != instance {
        // Another run of the emulator: it forgot its stacks, and whatever has that name now is not ours.
        close(ports, lease, Closing::Vanished, &mut report, watcher)?;
        return Ok(report);
    }
    let mut skipped = Vec::new();
    if let Some(stack) = find_own(ports, lease, watcher)? {
        note_all(ports, lease, &stack.id, watcher)?;
        sight(ports, lease, watcher)?;
        let finished = delete(ports, lease, stack, &mut report, &mut skipped, watcher)?;
        if !finished {
            return Ok(report);
        }
    }
    prove(ports, lease, &skipped, &mut report, watcher)?;
    Ok(report)
}

fn close(
    ports: &Ports<'_>,
    lease: &Lease,
    closing: Closing,
    report: &mut DownReport,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    arming::disarm(ports, lease, watcher)?;
    ports
        .ledger
        .close(&lease.terms.id, closing, ports.clock.now())?;
    report.closing = Some(closing);
    Ok(())
}

/// Finds the lease's stack and notes its ARN; a stack of the same name that is another's is not it.
fn find_own(
    ports: &Ports<'_>,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<Option<StackView>, UpError> {
    let reference = lease.stack_ref();
    let found = patiently(ports, watcher, || ports.stacks.stack(reference))?;
    let Some(stack) = found.filter(|stack| stack.status != StackStatus::DeleteComplete) else {
        return Ok(None);
    };
    let known = lease.stack_id.is_some();
    let tagged = stack.tag(TAG_LEASE) == Some(lease.terms.id.0.as_str());
    if !known && !tagged {
        return Ok(None);
    }
    ports.ledger.stack(&lease.terms.id, &stack.id, None)?;
    Ok(Some(stack))
}

/// Asks each resource's own service whether it is there, and notes the yes, where only such a yes makes a later "not
/// there" a proof. An answer that is missing costs only proof, so it stops nothing.
pub(super) fn sight(
    ports: &Ports<'_>,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    if !ports.resources.must_be_seen() {
        return Ok(());
    }
    for resource in ports.ledger.resources(&lease.terms.id)? {
        if matches!(resource.state, ResourceState::Seen | ResourceState::Gone) {
            continue;
        }
        let found = patiently(ports, watcher, || {
            ports.resources.presence(lease.stack_ref(), &resource)
        });
        if matches!(found, Ok(Presence::Present)) {
            ports
                .ledger
                .settle(&lease.terms.id, &resource, ResourceState::Seen)?;
        }
    }
    Ok(())
}

/// Deletes the stack, trying again after emptying buckets; `false` when it was left unfinished.
fn delete(
    ports: &Ports<'_>,
    lease: &Lease,
    mut stack: StackView,
    report: &mut DownReport,
    skipped: &mut Vec<String>,
    watcher: &mut dyn Watcher,
) -> Result<bool, UpError> {
    for attempt in 1..=ATTEMPTS {
        step(ports, lease, Step::Deleting, watcher)?;
        let began = ports.clock.now();
        if stack.status != StackStatus::DeleteInProgress {
            let token = format!("{}-down-{attempt}-{}", lease.terms.id, began.as_second());
            patiently(ports, watcher, || {
                ports.stacks.delete_stack(&stack.id, &token)
            })?;
        }
        let mut follower = Follower::new();
        let end = loop {
            let found = patiently(ports, watcher, || ports.stacks.stack(&stack.id))?;
            match follower.catch_up(ports, lease, &stack.id, Some(began), watcher) {
                // An emulator may forget a deleted stack together with its events.
                Err(UpError::Api(error)) if error.failure == Failure::Missing => {}
                other => other?,
            }
            skipped.extend(
                follower
                    .events
                    .iter()
                    .filter(|event| event.status == ResourceStatus::DeleteSkipped)
                    .filter_map(|event| event.physical_id.clone()),
            );
            let Some(now) = found.filter(|now| now.status != StackStatus::DeleteComplete) else {
                break None;
            };
            let moved = !follower.events.is_empty() || now.status == StackStatus::DeleteFailed;
            if moved && !now.status.is_moving() && now.status != StackStatus::ReviewInProgress {
                break Some(now);
            }
            if watcher.detach() {
                report.detached = true;
                return Ok(false);
            }
            ports.clock.wait(ports.poll);
        };
        let Some(end) = end else {
            report.failures.clear();
            return Ok(true);
        };
        report.failures = Failures::of(
            &follower.events,
            lease.terms.stack.as_str(),
            &ResourceStatus::DeleteFailed,
        )
        .failed;
        if attempt < ATTEMPTS {
            watcher.tell(News::Retrying {
                failures: &report.failures,
            });
            empty_buckets(ports, lease, report, watcher)?;
            ports.clock.wait(ports.poll.saturating_mul(attempt));
        }
        stack = end;
    }
    // Whatever is in the way stays in the way: say what is left.
    Ok(true)
}

/// Empties the buckets of the lease that could not be deleted because of what is in them.
fn empty_buckets(
    ports: &Ports<'_>,
    lease: &Lease,
    report: &mut DownReport,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    let buckets: Vec<String> = report
        .failures
        .iter()
        .filter(|failure| failure.type_name == BUCKET)
        .filter_map(|failure| failure.physical_id.clone())
        .collect();
    if buckets.is_empty() {
        return Ok(());
    }
    step(ports, lease, Step::Emptying, watcher)?;
    let own = ports.ledger.resources(&lease.terms.id)?;
    for bucket in buckets {
        let ours = own
            .iter()
            .any(|one| one.type_name == BUCKET && one.physical_id == bucket);
        if !ours {
            continue;
        }
        let objects = patiently(ports, watcher, || ports.resources.bucket_size(&bucket))?;
        if objects == 0 {
            continue;
        }
        watcher.tell(News::Emptying {
            bucket: &bucket,
            objects,
        });
        let removed = patiently(ports, watcher, || ports.resources.empty_bucket(&bucket))?;
        report.emptied.push((bucket, removed));
    }
    Ok(())
}

/// Gives the names of log groups that services make by themselves for a resource.
pub fn derived_log_groups(resource: &LeasedResource) -> Vec<String> {
    let id = &resource.physical_id;
    match resource.type_name.as_str() {
        "AWS::Lambda::Function" => vec![format!("/aws/lambda/{id}")],
        "AWS::CodeBuild::Project" => vec![format!("/aws/codebuild/{id}")],
        "AWS::ApiGateway::RestApi" => vec![
            format!("API-Gateway-Execution-Logs_{id}/prod"),
            format!("API-Gateway-Execution-Logs_{id}/dev"),
        ],
        "AWS::RDS::DBInstance" => ["error", "general", "slowquery", "postgresql"]
            .map(|log| format!("/aws/rds/instance/{id}/{log}"))
            .to_vec(),
        "AWS::ECS::Cluster" => vec![format!("/aws/ecs/containerinsights/{id}/performance")],
        "AWS::CodePipeline::Pipeline" => vec![format!("/aws/codepipeline/{id}")],
        _ => Vec::new(),
    }
}

/// Looks for every id of the lease and every derived name, and closes the lease when nothing is found.
fn prove(
    ports: &Ports<'_>,
    lease: &Lease,
    skipped: &[String],
    report: &mut DownReport,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    step(ports, lease, Step::Proving, watcher)?;
    let lease = &ports.ledger.lease(&lease.terms.id)?;
    let known = ports.ledger.resources(&lease.terms.id)?;
    for resource in &known {
        let retained = skipped.contains(&resource.physical_id);
        look_for(ports, lease, resource, retained, report, watcher)?;
    }
    for resource in &known {
        for name in derived_log_groups(resource) {
            let explicit = known.iter().any(|one| one.physical_id == name);
            if !explicit {
                look_for_log_group(ports, lease, &name, report, watcher)?;
            }
        }
    }
    let stack_stays = !report.failures.is_empty();
    if report.leftovers.is_empty() && !stack_stays {
        let closing = if report.said_gone == 0 {
            Closing::Gone
        } else {
            Closing::GoneUnproved
        };
        return close(ports, lease, closing, report, watcher);
    }
    step(ports, lease, Step::Blocked, watcher)?;
    Ok(())
}

/// Looks for one resource, a few times while it is still there.
fn look_for(
    ports: &Ports<'_>,
    lease: &Lease,
    resource: &LeasedResource,
    retained: bool,
    report: &mut DownReport,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    if resource.logical_id.is_empty() && resource.type_name == LOG_GROUP {
        return look_for_log_group(ports, lease, &resource.physical_id, report, watcher);
    }
    let mut presence = Presence::Present;
    let patience = if retained { 1 } else { LOOKS };
    for look in 0..patience {
        if look > 0 {
            ports.clock.wait(ports.poll.saturating_mul(look));
        }
        presence = patiently(ports, watcher, || {
            ports.resources.presence(lease.stack_ref(), resource)
        })?;
        if presence != Presence::Present {
            break;
        }
    }
    watcher.tell(News::Looked {
        resource,
        presence: &presence,
    });
    let proves = !ports.resources.must_be_seen()
        || matches!(resource.state, ResourceState::Seen | ResourceState::Gone);
    let state = match presence {
        Presence::Absent if proves => {
            report.gone += 1;
            ResourceState::Gone
        }
        Presence::Absent | Presence::Unknown(_) if retained || failed_to_go(report, resource) => {
            leave(report, resource, retained)
        }
        Presence::Absent | Presence::Unknown(_) => {
            report.said_gone += 1;
            report.unproved.push(leftover(resource, false));
            ResourceState::SaidGone
        }
        Presence::Present => leave(report, resource, retained),
    };
    ports.ledger.settle(&lease.terms.id, resource, state)?;
    Ok(())
}

fn failed_to_go(report: &DownReport, resource: &LeasedResource) -> bool {
    report
        .failures
        .iter()
        .any(|failure| failure.logical_id == resource.logical_id)
}

fn leave(report: &mut DownReport, resource: &LeasedResource, retained: bool) -> ResourceState {
    report.leftovers.push(leftover(resource, retained));
    ResourceState::Left
}

fn leftover(resource: &LeasedResource, retained: bool) -> Leftover {
    Leftover {
        logical_id: resource.logical_id.clone(),
        type_name: resource.type_name.clone(),
        physical_id: resource.physical_id.clone(),
        retained,
        monthly_usd: None,
    }
}

/// Looks for a derived log group. One whose name carries the stack's name can only be this stack's and is deleted; any
/// other may have been there before, and is only named.
fn look_for_log_group(
    ports: &Ports<'_>,
    lease: &Lease,
    name: &str,
    report: &mut DownReport,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    let found = patiently(ports, watcher, || ports.resources.log_group(name))?;
    if found != Presence::Present {
        return Ok(());
    }
    let resource = LeasedResource {
        logical_id: String::new(),
        type_name: LOG_GROUP.to_owned(),
        physical_id: name.to_owned(),
        state: ResourceState::Known,
    };
    ports.ledger.resource(&lease.terms.id, &resource)?;
    let state = if name.contains(lease.terms.stack.as_str()) {
        patiently(ports, watcher, || ports.resources.delete_log_group(name))?;
        report.gone += 1;
        ResourceState::Gone
    } else {
        leave(report, &resource, false)
    };
    ports.ledger.settle(&lease.terms.id, &resource, state)?;
    Ok(())
}
