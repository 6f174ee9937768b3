//! A bootstrap stack of another contract, brought up to ours by a change set: the role stays, and nothing is without a
//! reaper in between.
//!
//! The records of leases are written for the reaper that stands, so no lab may be alive meanwhile.

use super::{Installed, NotRemoved, STACK, Standing, TAG, alive, described, judge, template};
use crate::lab::arming::CONTRACT;
use crate::lab::events::{Failures, News, Watcher};
use crate::lab::follow::{LOOKS, patiently};
use crate::lab::lifecycle::UpError;
use crate::lab::port::{
    ApiError, ChangeSet, ChangeSetKind, ChangeSetRequest, ChangeSetState, Failure, Ports,
    StackEvent, StackName,
};
use crate::lab::status::ResourceStatus;

/// Has the change set made that would bring the stack up to date.
///
/// # Errors
/// When a lab may be alive, a call fails, the stack is not an outdated one of ours, or the change set is refused; the
/// stack is as it was then.
pub fn propose_update(
    ports: &Ports<'_>,
    watcher: &mut dyn Watcher,
) -> Result<ChangeSet, NotRemoved> {
    let api = |error: ApiError| NotRemoved::Up(error.into());
    alive(ports, watcher)?;
    if let Some(stack) = described(ports, watcher).map_err(api)?
        && judge(&stack) != Standing::Outdated
    {
        return Err(NotRemoved::Up(UpError::Foreign {
            stack: StackName::known(STACK),
            status: stack.status,
        }));
    }
    let now = ports.clock.now();
    let request = ChangeSetRequest {
        kind: ChangeSetKind::Update,
        stack: StackName::known(STACK),
        name: format!("bootstrap-{}", now.as_second()),
        template: template(),
        parameters: Vec::new(),
        capabilities: vec!["CAPABILITY_IAM".to_owned()],
        tags: vec![(TAG.to_owned(), CONTRACT.to_string())],
        role: None,
    };
    let made = patiently(ports, watcher, || ports.stacks.create_change_set(&request));
    match made {
        Ok(_) => {}
        // The answer of the first try was lost on the way.
        Err(error) if error.failure == Failure::Exists => {}
        Err(error) => return Err(api(error)),
    }
    let mut reason = String::new();
    for _ in 0..LOOKS {
        let set = patiently(ports, watcher, || {
            ports.stacks.change_set(STACK, &request.name)
        })
        .map_err(api)?;
        match set.state {
            ChangeSetState::Ready => return Ok(set),
            ChangeSetState::Pending => ports.clock.wait(ports.poll),
            ChangeSetState::Failed | ChangeSetState::Done => {
                reason = set.reason.unwrap_or_default();
                break;
            }
        }
    }
    patiently(ports, watcher, || {
        ports.stacks.delete_change_set(STACK, &request.name)
    })
    .map_err(api)?;
    Err(NotRemoved::Up(UpError::Refused { reason }))
}

/// Drops a change set that was declined; the stack stays as it is.
///
/// # Errors
/// When the call fails.
pub fn decline_update(
    ports: &Ports<'_>,
    set: &ChangeSet,
    watcher: &mut dyn Watcher,
) -> Result<(), ApiError> {
    patiently(ports, watcher, || {
        ports.stacks.delete_change_set(&set.stack_id, &set.id)
    })
}

/// Executes the change set and watches until the stack is up to date, or as it was before.
///
/// # Errors
/// When a call fails; the next try finds out how it went.
pub fn update(
    ports: &Ports<'_>,
    set: &ChangeSet,
    watcher: &mut dyn Watcher,
) -> Result<Installed, UpError> {
    let before = patiently(ports, watcher, || ports.stacks.events(&set.stack_id, None))?;
    let mut last = before.last().map(|event| event.id.clone());
    let token = format!("bootstrap-{}", ports.clock.now().as_second());
    let started = patiently(ports, watcher, || {
        ports
            .stacks
            .execute_change_set(&set.stack_id, &set.id, &token)
    });
    match started {
        Ok(()) => {}
        Err(error) if error.failure == Failure::Conflict => {}
        Err(error) => return Err(error.into()),
    }
    let mut events: Vec<StackEvent> = Vec::new();
    loop {
        let new = patiently(ports, watcher, || {
            ports.stacks.events(&set.stack_id, last.as_deref())
        })?;
        for event in new {
            watcher.tell(News::Event(&event));
            last = Some(event.id.clone());
            events.push(event);
        }
        // The stack's state of before the update may still show: its own events say how far it is.
        if events.iter().any(is_over) {
            return ended(ports, &events, watcher);
        }
        if watcher.detach() {
            return Ok(Installed::Detached);
        }
        ports.clock.wait(ports.poll);
    }
}

/// Says whether an event of the stack itself ends an update.
fn is_over(event: &StackEvent) -> bool {
    event.logical_id == STACK
        && event.type_name == "AWS::CloudFormation::Stack"
        && matches!(
            event.status.as_str(),
            "UPDATE_COMPLETE"
                | "UPDATE_FAILED"
                | "UPDATE_ROLLBACK_COMPLETE"
                | "UPDATE_ROLLBACK_FAILED"
        )
}

fn ended(
    ports: &Ports<'_>,
    events: &[StackEvent],
    watcher: &mut dyn Watcher,
) -> Result<Installed, UpError> {
    let found = described(ports, watcher)?;
    if let Some(Standing::Ready(bootstrap)) = found.as_ref().map(judge) {
        return Ok(Installed::Ready(bootstrap));
    }
    let created = Failures::of(events, STACK, &ResourceStatus::CreateFailed);
    Ok(Installed::Failed(if created.root().is_some() {
        created
    } else {
        Failures::of(events, STACK, &ResourceStatus::UpdateFailed)
    }))
}
