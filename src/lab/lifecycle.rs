//! From an approved plan to a standing stack, one written step at a time.
//!
//! [`propose`] opens the lease and has the change set made; the caller shows it and asks; then [`execute`] builds, or
//! [`decline`] removes what the question left behind. Each step is in the ledger before its call, and every call may be
//! repeated: names and tokens come from the lease, so a repetition finds what the first try did.

use crate::lab::arming;
use crate::lab::events::{Failures, News, Watcher};
use crate::lab::follow::{Follower, LOOKS, is_ours, note_all, patiently, step, until_gone};
use crate::lab::guard::ApprovedPlan;
use crate::lab::lease::{Closing, Lease, LeaseId, NewLease, Step, Tier};
use crate::lab::port::{
    ApiError, ChangeSet, ChangeSetKind, ChangeSetRequest, ChangeSetState, Claim, Failure,
    LedgerError, Output, Ports, StackEvent, StackName,
};
use crate::lab::status::{ResourceStatus, StackStatus};
use crate::lab::teardown::{self, DownReport};
use crate::money::MicroUsd;

/// The tag that names the lab.
pub const TAG_LAB: &str = "juku-lab";
/// The tag that names the lease.
pub const TAG_LEASE: &str = "juku-lease";
/// The tag that says when the lease ends.
pub const TAG_EXPIRES: &str = "juku-expires";

/// What a lab is to be built with, besides the approved plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpRequest {
    /// The lab's id.
    pub lab: String,
    /// Where.
    pub tier: Tier,
    /// The account that [`crate::lab::port::StackApi::identity`] named.
    pub account: String,
    /// The profile, on AWS.
    pub profile: Option<String>,
    /// The endpoint, in the sandbox.
    pub endpoint: Option<String>,
    /// The most it may cost.
    pub cap: MicroUsd,
    /// The role CloudFormation is to work with.
    pub role: Option<String>,
}

/// A change set that waits for an answer.
pub struct Proposal {
    /// The lease.
    pub lease: Lease,
    /// What would be done.
    pub change_set: ChangeSet,
    claim: Box<dyn Claim>,
}

impl std::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proposal")
            .field("lease", &self.lease)
            .field("change_set", &self.change_set)
            .finish_non_exhaustive()
    }
}

/// How building ended.
#[derive(Debug, Clone, PartialEq)]
pub enum UpOutcome {
    /// The stack stands.
    Live {
        /// The lease.
        lease: Lease,
        /// The outputs.
        outputs: Vec<Output>,
    },
    /// It failed and was taken down again.
    Failed {
        /// Why, root first.
        failures: Failures,
        /// What the stack itself says.
        reason: Option<String>,
        /// How taking it down went.
        teardown: DownReport,
    },
    /// Nobody watches any more; the stack goes on by itself.
    Detached {
        /// The lease to come back by.
        lease: Lease,
    },
}

/// Why a lab could not be built.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// The ledger cannot be used; nothing was called.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A call failed; the lease stays open if anything may exist.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The lab is up already, or its last run is not over.
    #[error("lab `{lab}` is not over: lease `{lease}` is in step `{}`", step.as_str())]
    AlreadyLive {
        /// The lab.
        lab: String,
        /// The open lease.
        lease: LeaseId,
        /// Its step.
        step: Step,
    },
    /// A stack of that name exists and no lease of this home knows it.
    #[error("a stack `{stack}` exists already in state {status} and is not ours")]
    Foreign {
        /// The stack.
        stack: StackName,
        /// Its state.
        status: StackStatus,
    },
    /// The question was left open until the lease's time was over.
    #[error("the time of lab `{lab}` ran out before the answer came")]
    Over {
        /// The lab.
        lab: String,
    },
    /// The lease's end could not be put where the reaper sees it; nothing is built then.
    #[error("lease `{lease}` could not be armed")]
    NotArmed {
        /// The lease.
        lease: LeaseId,
    },
    /// The change set was refused.
    #[error("the change set was refused: {reason}")]
    Refused {
        /// The service's words.
        reason: String,
    },
}

/// Opens the lease and has the change set made.
///
/// # Errors
/// When the lab is live already, the name is taken, or the change set is refused; what was begun is undone then.
pub fn propose(
    ports: &Ports<'_>,
    approved: &ApprovedPlan,
    request: &UpRequest,
    watcher: &mut dyn Watcher,
) -> Result<Proposal, UpError> {
    let (lease, claim) = open(ports, approved, request, watcher)?;
    match ask(ports, approved, request, &lease, watcher) {
        Ok(change_set) => {
            let lease = ports.ledger.lease(&lease.terms.id)?;
            Ok(Proposal {
                lease,
                change_set,
                claim,
            })
        }
        Err(error) => {
            let closing = match error {
                UpError::Refused { .. } => Closing::Refused,
                _ => Closing::NeverBuilt,
            };
            // When undoing fails too, the lease stays open and the next sweep goes on; the first error is the one to tell.
            let lease = ports.ledger.lease(&lease.terms.id)?;
            drop(unwind(ports, &lease, closing, watcher));
            Err(error)
        }
    }
}

fn terms(
    ports: &Ports<'_>,
    approved: &ApprovedPlan,
    request: &UpRequest,
) -> Result<NewLease, UpError> {
    let plan = approved.plan();
    let now = ports.clock.now();
    Ok(NewLease {
        id: LeaseId::new(&request.lab, now),
        lab: request.lab.clone(),
        stack: StackName::of(&request.lab),
        tier: request.tier,
        account: request.account.clone(),
        region: plan.inputs.region.clone(),
        opened_at: now,
        expires_at: now.saturating_add(plan.ttl).unwrap_or(jiff::Timestamp::MAX),
        hourly: plan.estimate.hourly,
        cap: request.cap,
        profile: request.profile.clone(),
        endpoint: request.endpoint.clone(),
        instance: ports.resources.instance()?,
        template_hash: blake3::hash(plan.template_body.as_bytes())
            .to_hex()
            .to_string(),
    })
}

fn open(
    ports: &Ports<'_>,
    approved: &ApprovedPlan,
    request: &UpRequest,
    watcher: &mut dyn Watcher,
) -> Result<(Lease, Box<dyn Claim>), UpError> {
    let terms = terms(ports, approved, request)?;
    let lease = match ports.ledger.open(&terms) {
        Err(LedgerError::AlreadyOpen { lab, lease }) => {
            let stale = ports.ledger.lease(&lease)?;
            if stale.step.may_have_built() {
                return Err(UpError::AlreadyLive {
                    lab,
                    lease,
                    step: stale.step,
                });
            }
            // A run that died before anything was built: cleared away, unless it is still at work.
            let claim = ports.ledger.claim(&lease)?;
            unwind(ports, &stale, Closing::NeverBuilt, watcher)?;
            drop(claim);
            ports.ledger.open(&terms)?
        }
        other => other?,
    };
    let claim = ports.ledger.claim(&lease.terms.id)?;
    Ok((lease, claim))
}

/// Clears the name, asks for the change set and waits for it.
fn ask(
    ports: &Ports<'_>,
    approved: &ApprovedPlan,
    request: &UpRequest,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<ChangeSet, UpError> {
    clear(ports, lease, watcher)?;
    step(ports, lease, Step::Proposing, watcher)?;
    let wanted = change_set_request(approved, request, lease);
    let name = &wanted.name;
    let made = patiently(ports, watcher, || ports.stacks.create_change_set(&wanted));
    let stack = lease.terms.stack.as_str();
    match made {
        Ok(made) => {
            ports
                .ledger
                .stack(&lease.terms.id, &made.stack_id, Some(&made.change_set_id))?;
        }
        // Only we use this name: an answer was lost on the way, and the change set is ours.
        Err(error) if error.failure == Failure::Exists => {}
        Err(error) => return Err(refused_or(error)),
    }
    for _ in 0..LOOKS {
        let set = patiently(ports, watcher, || ports.stacks.change_set(stack, name))?;
        ports
            .ledger
            .stack(&lease.terms.id, &set.stack_id, Some(&set.id))?;
        match set.state {
            ChangeSetState::Pending => ports.clock.wait(ports.poll),
            ChangeSetState::Ready => {
                step(ports, lease, Step::Proposed, watcher)?;
                return Ok(set);
            }
            ChangeSetState::Failed | ChangeSetState::Done => {
                return Err(UpError::Refused {
                    reason: set.reason.unwrap_or_default(),
                });
            }
        }
    }
    Err(UpError::Refused {
        reason: "the change set did not become ready".to_owned(),
    })
}

fn refused_or(error: ApiError) -> UpError {
    match error.failure {
        Failure::Invalid | Failure::Capability | Failure::Limit => UpError::Refused {
            reason: error.message,
        },
        _ => UpError::Api(error),
    }
}

fn change_set_request(
    approved: &ApprovedPlan,
    request: &UpRequest,
    lease: &Lease,
) -> ChangeSetRequest {
    let plan = approved.plan();
    let expires = lease
        .terms
        .expires_at
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    ChangeSetRequest {
        kind: ChangeSetKind::Create,
        stack: lease.terms.stack.clone(),
        name: lease.terms.id.0.clone(),
        template: plan.template_body.clone(),
        parameters: plan
            .inputs
            .parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        capabilities: plan
            .evaluated
            .capabilities
            .iter()
            .map(|capability| capability.code().to_owned())
            .collect(),
        tags: vec![
            (TAG_LAB.to_owned(), request.lab.clone()),
            (TAG_LEASE.to_owned(), lease.terms.id.0.clone()),
            (TAG_EXPIRES.to_owned(), expires),
        ],
        role: request.role.clone(),
    }
}

/// Removes what an earlier try left under the stack's name, when it is ours and empty.
fn clear(ports: &Ports<'_>, lease: &Lease, watcher: &mut dyn Watcher) -> Result<(), UpError> {
    let name = &lease.terms.stack;
    let found = patiently(ports, watcher, || ports.stacks.stack(name.as_str()))?;
    let Some(found) = found else {
        return Ok(());
    };
    let empty = match found.status {
        // Nothing was ever built in it, whoever made it; the name begins with our prefix.
        StackStatus::ReviewInProgress => true,
        StackStatus::RollbackComplete => is_ours(ports, &found)?,
        _ => false,
    };
    if !empty {
        return Err(UpError::Foreign {
            stack: name.clone(),
            status: found.status,
        });
    }
    step(ports, lease, Step::Clearing, watcher)?;
    watcher.tell(News::Clearing {
        stack: name.as_str(),
        status: found.status.as_str(),
    });
    let token = format!("{}-clear", lease.terms.id);
    patiently(ports, watcher, || {
        ports.stacks.delete_stack(&found.id, &token)
    })?;
    until_gone(ports, &found.id, watcher)?;
    Ok(())
}

/// Undoes a lease under which nothing can have been built: change set and empty stack go, the lease is closed.
///
/// Should the stack have been built all the same, it is taken down.
///
/// # Errors
/// When a call fails; the lease stays open then.
pub(super) fn unwind(
    ports: &Ports<'_>,
    lease: &Lease,
    closing: Closing,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    step(ports, lease, Step::Declining, watcher)?;
    let reference = lease.stack_ref();
    let found = patiently(ports, watcher, || ports.stacks.stack(reference))?;
    match found {
        None => {}
        Some(stack) if stack.status == StackStatus::DeleteComplete => {}
        Some(stack) if stack.status == StackStatus::ReviewInProgress => {
            let set = lease
                .change_set
                .as_deref()
                .unwrap_or(lease.terms.id.0.as_str());
            patiently(ports, watcher, || {
                ports.stacks.delete_change_set(&stack.id, set)
            })?;
            let token = format!("{}-unwind", lease.terms.id);
            patiently(ports, watcher, || {
                ports.stacks.delete_stack(&stack.id, &token)
            })?;
            until_gone(ports, &stack.id, watcher)?;
        }
        Some(stack) => {
            let mine = lease.stack_id.as_deref() == Some(stack.id.as_str())
                || stack.tag(TAG_LEASE) == Some(lease.terms.id.0.as_str());
            if mine {
                ports.ledger.stack(&lease.terms.id, &stack.id, None)?;
                step(ports, lease, Step::Executing, watcher)?;
                let lease = ports.ledger.lease(&lease.terms.id)?;
                teardown::take_down(ports, &lease, watcher)?;
                return Ok(());
            }
        }
    }
    arming::disarm(ports, lease, watcher)?;
    ports
        .ledger
        .close(&lease.terms.id, closing, ports.clock.now())?;
    Ok(())
}

/// Takes the user's no: change set and empty stack are deleted, the lease is closed.
///
/// # Errors
/// When a call fails; the lease stays open and a sweep goes on.
pub fn decline(
    ports: &Ports<'_>,
    proposal: Proposal,
    watcher: &mut dyn Watcher,
) -> Result<(), UpError> {
    let Proposal { lease, claim, .. } = proposal;
    let done = unwind(ports, &lease, Closing::Declined, watcher);
    drop(claim);
    done
}

/// Takes the user's yes: builds, and watches until the stack stands or failed.
///
/// # Errors
/// When a call fails; the lease stays open, and watching can be taken up again by [`resume`].
pub fn execute(
    ports: &Ports<'_>,
    proposal: Proposal,
    watcher: &mut dyn Watcher,
) -> Result<UpOutcome, UpError> {
    let Proposal {
        lease,
        change_set,
        claim,
    } = proposal;
    if lease.is_over(ports.clock.now()) {
        unwind(ports, &lease, Closing::Declined, watcher)?;
        return Err(UpError::Over {
            lab: lease.terms.lab,
        });
    }
    if let Err(error) = arming::arm(ports, &lease, &change_set.stack_id, watcher) {
        // As in `propose`: what cannot be undone now is left to the next sweep.
        drop(unwind(ports, &lease, Closing::NeverBuilt, watcher));
        return Err(error);
    }
    step(ports, &lease, Step::Executing, watcher)?;
    let token = lease.terms.id.0.as_str();
    let started = patiently(ports, watcher, || {
        ports
            .stacks
            .execute_change_set(&change_set.stack_id, &change_set.id, token)
    });
    match started {
        // A conflict says that it was executed already: the answer of the first try was lost.
        Ok(()) => {}
        Err(error) if error.failure == Failure::Conflict => {}
        Err(error) => {
            // Whether anything began is for the stack to say; if not, this undoes the question too.
            let unchanged = ports.stacks.stack(&change_set.stack_id).ok().flatten();
            if unchanged.is_some_and(|stack| stack.status == StackStatus::ReviewInProgress) {
                drop(unwind(ports, &lease, Closing::NeverBuilt, watcher));
            }
            return Err(error.into());
        }
    }
    let outcome = watch(ports, &lease, watcher);
    drop(claim);
    outcome
}

/// Takes up watching a stack whose creation was begun by an earlier run.
///
/// # Errors
/// When another process watches it, or a call fails.
pub fn resume(
    ports: &Ports<'_>,
    lease: &LeaseId,
    watcher: &mut dyn Watcher,
) -> Result<UpOutcome, UpError> {
    let claim = ports.ledger.claim(lease)?;
    let lease = ports.ledger.lease(lease)?;
    let outcome = watch(ports, &lease, watcher);
    drop(claim);
    outcome
}

/// Watches a creation to its end.
pub(super) fn watch(
    ports: &Ports<'_>,
    lease: &Lease,
    watcher: &mut dyn Watcher,
) -> Result<UpOutcome, UpError> {
    let mut follower = Follower::new();
    loop {
        let lease = ports.ledger.lease(&lease.terms.id)?;
        let reference = lease.stack_ref().to_owned();
        // The state is read before the events: a state that says the end has all its events already.
        let found = patiently(ports, watcher, || ports.stacks.stack(&reference))?;
        let Some(stack) = found else {
            step(ports, &lease, Step::Failed, watcher)?;
            return failed(ports, &lease, &follower.events, None, watcher);
        };
        ports.ledger.stack(&lease.terms.id, &stack.id, None)?;
        follower.catch_up(ports, &lease, &stack.id, None, watcher)?;
        // Right after the execution an emulator may still show the state before it.
        let moving = stack.status.is_moving() || stack.status == StackStatus::ReviewInProgress;
        if stack.status.is_up() {
            note_all(ports, &lease, &stack.id, watcher)?;
            teardown::sight(ports, &lease, watcher)?;
            ports.ledger.outputs(&lease.terms.id, &stack.outputs)?;
            step(ports, &lease, Step::Live, watcher)?;
            return Ok(UpOutcome::Live {
                lease: ports.ledger.lease(&lease.terms.id)?,
                outputs: stack.outputs,
            });
        }
        if !moving {
            note_all(ports, &lease, &stack.id, watcher)?;
            step(ports, &lease, Step::Failed, watcher)?;
            return failed(ports, &lease, &follower.events, stack.reason, watcher);
        }
        if watcher.detach() {
            return Ok(UpOutcome::Detached { lease });
        }
        ports.clock.wait(ports.poll);
    }
}

/// Takes down what a failed creation left.
fn failed(
    ports: &Ports<'_>,
    lease: &Lease,
    events: &[StackEvent],
    reason: Option<String>,
    watcher: &mut dyn Watcher,
) -> Result<UpOutcome, UpError> {
    let failures = Failures::of(
        events,
        lease.terms.stack.as_str(),
        &ResourceStatus::CreateFailed,
    );
    let lease = ports.ledger.lease(&lease.terms.id)?;
    let teardown = teardown::take_down(ports, &lease, watcher)?;
    Ok(UpOutcome::Failed {
        failures,
        reason,
        teardown,
    })
}
