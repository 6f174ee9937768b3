//! The bootstrap stack, once per account: the role that labs are built with, and the reaper.
//!
//! Its name does not begin as those of labs do, so that neither the reaper's rights nor a sweep reach it. It is its
//! own record: what an interrupted run left is found under the fixed name and our tag, and put right by the next.

use std::fmt::Write as _;

use crate::lab::arming::CONTRACT;
use crate::lab::cost::PriceTable;
use crate::lab::events::{Failures, News, Watcher};
use crate::lab::follow::{LOOKS, patiently, until_gone};
use crate::lab::lifecycle::UpError;
use crate::lab::port::{
    ApiError, ChangeSet, ChangeSetKind, ChangeSetRequest, ChangeSetState, Failure, Ports,
    StackName, StackView,
};
use crate::lab::status::{ResourceStatus, StackStatus};
use crate::money::MicroUsd;

mod update;

pub use update::{decline_update, propose_update, update};

/// The stack's name.
pub const STACK: &str = "kumojuku-bootstrap";
/// The tag by which the stack is known to be ours; its value is the contract.
pub const TAG: &str = "juku-bootstrap";
/// How often the reaper runs in a month of 30 days.
pub const RUNS: f64 = 30.0 * 24.0 * 4.0;

/// Seconds that a run with nothing to delete takes at most: boto3 loads in about two.
const SECONDS: f64 = 4.0;
/// Gigabytes of memory of the function, as in the template.
const GIGABYTES: f64 = 0.25;
/// Gigabytes of log lines a month; a run writes well under a kilobyte.
const LOGS: f64 = 0.003;

const TEMPLATE: &str = include_str!("template.yaml");
const REAPER: &str = include_str!("reaper.py");
const MARK: &str = "#REAPER";

/// Gives the template with the reaper's code in it.
pub fn template() -> String {
    let mut text = String::with_capacity(TEMPLATE.len() + 2 * REAPER.len());
    for line in TEMPLATE.lines() {
        let Some(indent) = line.strip_suffix(MARK) else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        for code in REAPER.lines() {
            let written = if code.is_empty() {
                writeln!(text)
            } else {
                writeln!(text, "{indent}{code}")
            };
            // Writing to a String cannot fail.
            debug_assert!(written.is_ok());
        }
    }
    text
}

/// Works out what the standing stack costs a month of 30 days, without any free tier; `None` when a price is missing.
pub fn standing_cost(table: &PriceTable, region: &str) -> Option<MicroUsd> {
    let each = |key: &str, value: &str| Some(table.price(key, value, region)?.usd);
    let million = 1_000_000.0;
    let usd = each("lambda.requests", "-")? * RUNS / million
        + each("lambda.gbs", "arm64")? * RUNS * SECONDS * GIGABYTES
        + each("scheduler", "-")? * RUNS / million
        + each("logs.ingest", "-")? * LOGS;
    Some(MicroUsd::from_usd(usd))
}

/// How the bootstrap stack of a region stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Absent,
    /// It stands, and its reaper understands our records.
    Ready(Bootstrap),
    /// It stands, and its reaper is of another version.
    Outdated,
    /// It is being made or deleted.
    Moving(StackStatus),
    /// It failed, or was never built; it has to go first.
    Broken(StackStatus),
    /// A stack of that name that is not ours.
    Foreign(StackStatus),
}

/// A bootstrap stack that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// The stack's ARN.
    pub stack_id: String,
    /// The role that labs are built with.
    pub lab_role: String,
}

fn judge(stack: &StackView) -> Standing {
    let status = stack.status.clone();
    let output = |key: &str| stack.outputs.iter().find(|output| output.key == key);
    if status == StackStatus::ReviewInProgress {
        // Nothing was ever built in it, and it may not show its tags.
        return Standing::Broken(status);
    }
    if stack.tag(TAG).is_none() {
        return Standing::Foreign(status);
    }
    if status.is_moving() {
        return Standing::Moving(status);
    }
    if !status.is_up() {
        return Standing::Broken(status);
    }
    let understood = output("Contract").is_some_and(|one| one.value == CONTRACT.to_string());
    match output("LabRoleArn") {
        Some(role) if understood => Standing::Ready(Bootstrap {
            stack_id: stack.id.clone(),
            lab_role: role.value.clone(),
        }),
        _ => Standing::Outdated,
    }
}

fn described(ports: &Ports<'_>, watcher: &mut dyn Watcher) -> Result<Option<StackView>, ApiError> {
    let found = patiently(ports, watcher, || ports.stacks.stack(STACK))?;
    Ok(found.filter(|stack| stack.status != StackStatus::DeleteComplete))
}

/// Looks how the bootstrap stack stands.
///
/// # Errors
/// When the call fails.
pub fn standing(ports: &Ports<'_>, watcher: &mut dyn Watcher) -> Result<Standing, ApiError> {
    Ok(described(ports, watcher)?.map_or(Standing::Absent, |stack| judge(&stack)))
}

/// Has the change set made that would build the stack; what an earlier try left is removed first.
///
/// # Errors
/// When a call fails or the change set is refused; nothing stays then.
pub fn propose(ports: &Ports<'_>, watcher: &mut dyn Watcher) -> Result<ChangeSet, UpError> {
    clear(ports, watcher)?;
    let now = ports.clock.now();
    let request = ChangeSetRequest {
        kind: ChangeSetKind::Create,
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
        Err(error) => return Err(error.into()),
    }
    let mut reason = String::new();
    for _ in 0..LOOKS {
        let set = patiently(ports, watcher, || {
            ports.stacks.change_set(STACK, &request.name)
        })?;
        match set.state {
            ChangeSetState::Ready => return Ok(set),
            ChangeSetState::Pending => ports.clock.wait(ports.poll),
            ChangeSetState::Failed | ChangeSetState::Done => {
                reason = set.reason.unwrap_or_default();
                break;
            }
        }
    }
    clear(ports, watcher)?;
    Err(UpError::Refused { reason })
}

/// Removes a stack of ours that was never built, or whose building or deletion failed.
///
/// # Errors
/// When a call fails, or the stack stands, moves, or is not ours.
pub fn clear(ports: &Ports<'_>, watcher: &mut dyn Watcher) -> Result<(), UpError> {
    let Some(stack) = described(ports, watcher)? else {
        return Ok(());
    };
    match judge(&stack) {
        Standing::Absent => Ok(()),
        Standing::Broken(status) => {
            watcher.tell(News::Clearing {
                stack: STACK,
                status: status.as_str(),
            });
            delete(ports, &stack, watcher)
        }
        Standing::Ready(_) | Standing::Outdated | Standing::Moving(_) | Standing::Foreign(_) => {
            Err(UpError::Foreign {
                stack: StackName::known(STACK),
                status: stack.status,
            })
        }
    }
}

fn delete(ports: &Ports<'_>, stack: &StackView, watcher: &mut dyn Watcher) -> Result<(), UpError> {
    let token = format!("bootstrap-{}", ports.clock.now().as_second());
    patiently(ports, watcher, || {
        ports.stacks.delete_stack(&stack.id, &token)
    })?;
    Ok(until_gone(ports, &stack.id, watcher)?)
}

/// How building the stack ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installed {
    /// It stands.
    Ready(Bootstrap),
    /// It failed, root first, and was removed again.
    Failed(Failures),
    /// Nobody watches any more; it goes on by itself.
    Detached,
}

/// Executes the change set and watches until the stack stands or failed.
///
/// # Errors
/// When a call fails; the next try finds out how it went.
pub fn install(
    ports: &Ports<'_>,
    set: &ChangeSet,
    watcher: &mut dyn Watcher,
) -> Result<Installed, UpError> {
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
    let mut events = Vec::new();
    loop {
        let found = patiently(ports, watcher, || ports.stacks.stack(&set.stack_id))?;
        let after = events
            .last()
            .map(|event: &crate::lab::port::StackEvent| event.id.clone());
        let new = patiently(ports, watcher, || {
            ports.stacks.events(&set.stack_id, after.as_deref())
        })?;
        for event in new {
            watcher.tell(News::Event(&event));
            events.push(event);
        }
        let Some(stack) = found else {
            return Ok(Installed::Failed(Failures::default()));
        };
        match judge(&stack) {
            Standing::Ready(bootstrap) => return Ok(Installed::Ready(bootstrap)),
            // Right after the execution the state before it may still show.
            _ if stack.status.is_moving() || stack.status == StackStatus::ReviewInProgress => {}
            _ => {
                let failures = Failures::of(&events, STACK, &ResourceStatus::CreateFailed);
                delete(ports, &stack, watcher)?;
                return Ok(Installed::Failed(failures));
            }
        }
        if watcher.detach() {
            return Ok(Installed::Detached);
        }
        ports.clock.wait(ports.poll);
    }
}

/// Why the bootstrap stack stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum NotRemoved {
    /// A lab may still be alive in the account.
    #[error("labs may still be alive: {}", labs.join(", "))]
    InUse {
        /// Their leases or stacks.
        labs: Vec<String>,
    },
    /// A call failed, or the stack is not ours.
    #[error(transparent)]
    Up(#[from] UpError),
}

/// Deletes the stack, unless a lease of any home is armed, or a stack of ours stands in the region.
///
/// # Errors
/// When a lab may be alive, a call fails, or the stack is not ours; one that is not there is no error.
pub fn remove(ports: &Ports<'_>, watcher: &mut dyn Watcher) -> Result<(), NotRemoved> {
    let api = |error: ApiError| NotRemoved::Up(error.into());
    alive(ports, watcher)?;
    let Some(stack) = described(ports, watcher).map_err(api)? else {
        return Ok(());
    };
    if let Standing::Foreign(status) | Standing::Moving(status) = judge(&stack) {
        return Err(NotRemoved::Up(UpError::Foreign {
            stack: StackName::known(STACK),
            status,
        }));
    }
    Ok(delete(ports, &stack, watcher)?)
}

/// Refuses while a lease of any home is armed, or a stack of ours stands in the region.
fn alive(ports: &Ports<'_>, watcher: &mut dyn Watcher) -> Result<(), NotRemoved> {
    let api = |error: ApiError| NotRemoved::Up(error.into());
    let mut labs = Vec::new();
    if let Some(arming) = ports.arming {
        let armed = patiently(ports, watcher, || arming.all()).map_err(api)?;
        labs.extend(armed.into_iter().map(|one| one.lease.0));
    }
    let stacks = patiently(ports, watcher, || ports.stacks.our_stacks()).map_err(api)?;
    labs.extend(stacks.into_iter().map(|stack| stack.name.to_string()));
    if labs.is_empty() {
        Ok(())
    } else {
        Err(NotRemoved::InUse { labs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::template::Template;

    #[test]
    fn the_template_carries_the_reaper_and_reads() {
        let text = template();
        assert!(!text.contains(MARK));
        assert!(text.contains("          def handler(event, context):"));
        assert!(text.len() < 51_200, "it has to go inline");
        Template::parse(&text, "bootstrap").unwrap();
    }

    #[test]
    fn the_reaper_costs_cents_a_month() {
        let table = PriceTable::parse(include_str!("../../../content/prices.yaml")).unwrap();
        for region in ["ap-northeast-1", "us-east-1"] {
            let cost = standing_cost(&table, region).unwrap();
            assert!(
                cost > MicroUsd::ZERO && cost < MicroUsd::from_usd(0.10),
                "{region}: {cost}"
            );
        }
        assert_eq!(standing_cost(&table, "sa-east-1"), None);
    }
}
