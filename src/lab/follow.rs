//! What the lab machines share: patience with calls, written steps, and following a stack's events.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::lab::events::{News, Watcher};
use crate::lab::lease::{Lease, LeasedResource, ResourceState, Step};
use crate::lab::lifecycle::{TAG_LEASE, UpError};
use crate::lab::port::{ApiError, Failure, LedgerError, Ports, StackEvent, StackView};
use crate::lab::status::StackStatus;

/// How often a call that gets no answer is repeated before the machine gives up; the pauses double.
const PATIENCE: u32 = 7;

/// How many looks a change set or an empty stack is given to become ready, or to go.
pub(super) const LOOKS: u32 = 200;

/// Repeats a call that gets no answer, with growing pauses.
///
/// # Errors
/// The last failure, or the first that waiting does not cure.
pub(super) fn patiently<T>(
    ports: &Ports<'_>,
    watcher: &mut dyn Watcher,
    mut call: impl FnMut() -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let mut pause = ports.poll.max(Duration::from_millis(1));
    for _ in 1..PATIENCE {
        match call() {
            Err(error) if error.is_passing() => {
                watcher.tell(News::Waiting(&error));
                ports.clock.wait(pause);
                pause = pause.saturating_mul(2);
            }
            other => return other,
        }
    }
    call()
}

/// Writes a step, then tells it.
pub(super) fn step(
    ports: &Ports<'_>,
    lease: &Lease,
    step: Step,
    watcher: &mut dyn Watcher,
) -> Result<(), LedgerError> {
    ports
        .ledger
        .step(&lease.terms.id, step, ports.clock.now())?;
    watcher.tell(News::Step(step));
    Ok(())
}

/// Says whether a stack is one of ours: by its tags, or because a lease knows its ARN.
pub(super) fn is_ours(ports: &Ports<'_>, stack: &StackView) -> Result<bool, LedgerError> {
    if stack.tag(TAG_LEASE).is_some() {
        return Ok(true);
    }
    Ok(ports
        .ledger
        .leases(true)?
        .iter()
        .any(|lease| lease.stack_id.as_deref() == Some(stack.id.as_str())))
}

/// Waits until an empty stack is gone.
pub(super) fn until_gone(
    ports: &Ports<'_>,
    stack_id: &str,
    watcher: &mut dyn Watcher,
) -> Result<(), ApiError> {
    for _ in 0..LOOKS {
        let found = patiently(ports, watcher, || ports.stacks.stack(stack_id))?;
        match found.map(|stack| stack.status) {
            None | Some(StackStatus::DeleteComplete) => return Ok(()),
            Some(_) => ports.clock.wait(ports.poll),
        }
    }
    Err(ApiError {
        operation: "DeleteStack",
        failure: Failure::Conflict,
        code: "NotGone".to_owned(),
        message: "the empty stack does not go away".to_owned(),
    })
}

/// Follows a stack's events, writing down each physical id, until nothing moves any more.
pub(super) struct Follower {
    last: Option<String>,
    seen: BTreeSet<String>,
    /// Everything that happened, oldest first.
    pub(super) events: Vec<StackEvent>,
}

impl Follower {
    pub(super) fn new() -> Self {
        Self {
            last: None,
            seen: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    /// Takes what is new; each physical id is in the ledger before it is told.
    pub(super) fn catch_up(
        &mut self,
        ports: &Ports<'_>,
        lease: &Lease,
        stack_id: &str,
        since: Option<jiff::Timestamp>,
        watcher: &mut dyn Watcher,
    ) -> Result<(), UpError> {
        let after = self.last.clone();
        let new = patiently(ports, watcher, || {
            ports.stacks.events(stack_id, after.as_deref())
        })?;
        for event in new {
            if !self.seen.insert(event.id.clone()) {
                continue;
            }
            self.last = Some(event.id.clone());
            note_resource(ports, lease, &event)?;
            if since.is_none_or(|since| event.at >= since) {
                watcher.tell(News::Event(&event));
                self.events.push(event);
            }
        }
        Ok(())
    }
}

fn note_resource(ports: &Ports<'_>, lease: &Lease, event: &StackEvent) -> Result<(), LedgerError> {
    let Some(physical_id) = event.physical_id.as_ref() else {
        return Ok(());
    };
    if event.type_name == "AWS::CloudFormation::Stack"
        && event.logical_id == lease.terms.stack.as_str()
    {
        return Ok(());
    }
    ports.ledger.resource(
        &lease.terms.id,
        &LeasedResource {
            logical_id: event.logical_id.clone(),
            type_name: event.type_name.clone(),
            physical_id: physical_id.clone(),
            state: ResourceState::Known,
        },
    )
}

/// Writes down every resource that the stack lists, so that none that an event missed is forgotten.
pub(super) fn note_all(
    ports: &Ports<'_>,
    lease: &Lease,
    stack_id: &str,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    let listed = match patiently(ports, watcher, || ports.stacks.resources(stack_id)) {
        Ok(listed) => listed,
        Err(error) if error.is_missing() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for resource in listed {
        if let Some(physical_id) = resource.physical_id {
            ports.ledger.resource(
                &lease.terms.id,
                &LeasedResource {
                    logical_id: resource.logical_id,
                    type_name: resource.type_name,
                    physical_id,
                    state: ResourceState::Known,
                },
            )?;
        }
    }
    Ok(())
}
