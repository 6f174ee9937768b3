//! Change sets: a template worked out, kept until it is executed or deleted.

use std::collections::BTreeMap;

use super::{required, template_body, the_stack, time, update};
use crate::adapter::rehearsal::catalogue::uuid_of;
use crate::adapter::rehearsal::engine::{ACCOUNT, Scene};
use crate::adapter::rehearsal::fault::Fault;
use crate::adapter::rehearsal::inject::{Injection, Kind, refusal};
use crate::adapter::rehearsal::prepare::{self, Outcome, Wanted};
use crate::adapter::rehearsal::state::{Stack, StoredChangeSet};
use crate::adapter::rehearsal::timeline::{self, OnFailure};
use crate::adapter::rehearsal::xml::Xml;

/// `CreateChangeSet`.
pub(super) fn create(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let name = required(scene, "StackName")?;
    let set_name = required(scene, "ChangeSetName")?;
    match scene.params.get("ChangeSetType") {
        Some("CREATE") => {}
        Some("UPDATE") | None => return create_update(scene, set_name, xml),
        Some(other) => {
            return Err(Fault::validation(format!(
                "the rehearsal makes change sets of type CREATE and UPDATE, not {other}"
            )));
        }
    }
    let found = scene.page.find(name, scene.region, scene.now)?;
    let mut stack = match found {
        Some(stack) => {
            let (status, _) = stack.status(scene.now);
            if status != "REVIEW_IN_PROGRESS" {
                return Err(Fault::validation(format!(
                    "Stack [{name}] already exists and cannot be created again with the changeSet [{set_name}]."
                )));
            }
            stack
        }
        None => new_stack(scene, name)?,
    };
    not_twice(&stack, set_name)?;
    let outcome = work_out(scene, &stack)?;
    stack.tags = scene.params.pairs("Tags", "Key", "Value");
    stack.capabilities = scene.params.list("Capabilities");
    stack.description.clone_from(&outcome.description);
    let id = arn(scene, &stack, set_name);
    stack.change_sets.push(StoredChangeSet {
        id: id.clone(),
        name: set_name.to_owned(),
        at: scene.now,
        executed: false,
        failed: None,
        resources: outcome.resources,
        outputs: outcome.outputs,
        template: template_body(scene)?.to_owned(),
        parameters: outcome.parameters,
        ..StoredChangeSet::default()
    });
    scene.page.save(&stack)?;
    xml.leaf("Id", id).leaf("StackId", &stack.id);
    Ok(())
}

/// A change set for a stack that stands.
fn create_update(scene: &Scene<'_>, set_name: &str, xml: &mut Xml) -> Result<(), Fault> {
    let mut stack = update::the_standing_stack(scene)?;
    not_twice(&stack, set_name)?;
    let id = arn(scene, &stack, set_name);
    let set = update::prepared(scene, &stack, set_name, &id)?;
    stack.change_sets.push(set);
    scene.page.save(&stack)?;
    xml.leaf("Id", id).leaf("StackId", &stack.id);
    Ok(())
}

fn not_twice(stack: &Stack, set_name: &str) -> Result<(), Fault> {
    if stack.change_sets.iter().any(|set| set.name == set_name) {
        return Err(Fault::exists(
            "AlreadyExistsException",
            format!(
                "ChangeSet {set_name} cannot be created due to a mismatch with existing attribute ChangeSetName"
            ),
        ));
    }
    Ok(())
}

fn arn(scene: &Scene<'_>, stack: &Stack, set_name: &str) -> String {
    let seed = format!("{}\0{set_name}\0{}", stack.id, scene.now);
    let uuid = uuid_of(blake3::hash(seed.as_bytes()).as_bytes());
    format!(
        "arn:aws:cloudformation:{}:{ACCOUNT}:changeSet/{set_name}/{uuid}",
        scene.region
    )
}

/// Makes an empty stack in `REVIEW_IN_PROGRESS`.
pub(super) fn new_stack(scene: &Scene<'_>, name: &str) -> Result<Stack, Fault> {
    let fits = name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !fits {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )));
    }
    let seed = format!("{name}\0{}\0{}", scene.region, scene.now);
    let uuid = uuid_of(blake3::hash(seed.as_bytes()).as_bytes());
    let mut stack = Stack {
        id: format!(
            "arn:aws:cloudformation:{}:{ACCOUNT}:stack/{name}/{uuid}",
            scene.region
        ),
        name: name.to_owned(),
        region: scene.region.to_owned(),
        ..Stack::default()
    };
    timeline::note(
        &mut stack,
        scene.now,
        "REVIEW_IN_PROGRESS",
        Some("User Initiated"),
    );
    Ok(stack)
}

/// Works out the request's template for a stack, and puts in the failures that were asked for.
pub(super) fn work_out(scene: &Scene<'_>, stack: &Stack) -> Result<Outcome, Fault> {
    let parameters = scene
        .params
        .pairs("Parameters", "ParameterKey", "ParameterValue");
    let capabilities = scene.params.list("Capabilities");
    let exports: BTreeMap<String, String> = scene
        .page
        .stacks()?
        .iter()
        .filter(|other| {
            other.id != stack.id && other.region == scene.region && other.has_outputs(scene.now)
        })
        .flat_map(|other| &other.outputs)
        .filter_map(|output| Some((output.export.clone()?, output.value.clone())))
        .collect();
    let wanted = Wanted {
        template: template_body(scene)?,
        parameters: &parameters,
        capabilities: &capabilities,
        stack_id: &stack.id,
        stack: &stack.name,
        region: scene.region,
        account: ACCOUNT,
        exports: &exports,
    };
    prepare::prepare(&wanted, scene.catalogue)
}

/// Puts failures to come into a stack whose creation begins: those made on purpose, and names that are taken.
pub(super) fn spoil(scene: &Scene<'_>, stack: &mut Stack) -> Result<(), Fault> {
    let fits = |injection: &Injection| stack.prepared(&injection.target).is_some();
    let taken = scene.page.take(fits, true)?;
    for resource in &mut stack.resources {
        for injection in &taken {
            if injection.target != resource.logical_id {
                continue;
            }
            match injection.kind {
                Kind::DeleteFails => {
                    resource.tampered.insert(
                        timeline::UNDELETABLE.to_owned(),
                        injection.times.to_string(),
                    );
                }
                Kind::BucketNotEmpty => resource.objects = u64::from(injection.times).max(3),
                Kind::Drift => {
                    let property = resource
                        .properties
                        .as_object()
                        .and_then(|map| map.keys().next().cloned())
                        .unwrap_or_else(|| "Tags".to_owned());
                    resource
                        .tampered
                        .insert(property, "changed-by-hand".to_owned());
                }
                kind => {
                    resource.fault = refusal(kind, &resource.type_name, &resource.physical_id)
                        .or_else(|| resource.fault.take());
                }
            }
        }
    }
    let others = scene.page.stacks()?;
    scene.names.refuse_taken(stack, &others, scene.now);
    Ok(())
}

/// Finds the change set that a request names, by ARN alone or by names.
fn the_change_set(scene: &Scene<'_>) -> Result<(Stack, usize), Fault> {
    let wanted = required(scene, "ChangeSetName")?;
    let stack = if scene
        .params
        .get("StackName")
        .is_some_and(|name| !name.is_empty())
    {
        the_stack(scene).map_err(|fault| match fault.code {
            "ValidationError" => Fault::no_change_set(wanted),
            _ => fault,
        })?
    } else {
        scene
            .page
            .stacks()?
            .into_iter()
            .find(|stack| stack.change_sets.iter().any(|set| set.id == wanted))
            .ok_or_else(|| Fault::no_change_set(wanted))?
    };
    let index = stack
        .change_sets
        .iter()
        .position(|set| set.id == wanted || set.name == wanted)
        .ok_or_else(|| Fault::no_change_set(wanted))?;
    Ok((stack, index))
}

/// Gives the two states that a change set shows.
fn states(set: &StoredChangeSet) -> (&'static str, &'static str) {
    match (set.failed.is_some(), set.executed) {
        (true, _) => ("FAILED", "UNAVAILABLE"),
        (false, true) => ("CREATE_COMPLETE", "EXECUTE_COMPLETE"),
        (false, false) => ("CREATE_COMPLETE", "AVAILABLE"),
    }
}

/// `DescribeChangeSet`.
pub(super) fn describe(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let (stack, index) = the_change_set(scene)?;
    let Some(set) = stack.change_sets.get(index) else {
        return Ok(());
    };
    let (status, execution) = states(set);
    xml.leaf("ChangeSetName", &set.name)
        .leaf("ChangeSetId", &set.id)
        .leaf("StackId", &stack.id)
        .leaf("StackName", &stack.name)
        .leaf("CreationTime", time(set.at))
        .leaf("ExecutionStatus", execution)
        .leaf("Status", status)
        .maybe("StatusReason", set.failed.as_deref())
        .list("Parameters", &set.parameters, |xml, (key, value)| {
            xml.leaf("ParameterKey", key).leaf("ParameterValue", value);
        })
        .texts("Capabilities", &stack.capabilities)
        .list("Tags", &stack.tags, |xml, (key, value)| {
            xml.leaf("Key", key).leaf("Value", value);
        })
        .list(
            "Changes",
            update::changes(scene, &stack, set),
            |xml, (action, resource, replacement)| {
                xml.leaf("Type", "Resource").node("ResourceChange", |xml| {
                    xml.leaf("Action", action)
                        .leaf("LogicalResourceId", &resource.logical_id)
                        .leaf("ResourceType", &resource.type_name)
                        .maybe("Replacement", replacement)
                        .node("Scope", |_| {})
                        .node("Details", |_| {});
                });
            },
        );
    Ok(())
}

/// `ListChangeSets`.
pub(super) fn list(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let stack = the_stack(scene)?;
    xml.list("Summaries", &stack.change_sets, |xml, set| {
        let (status, execution) = states(set);
        xml.leaf("ChangeSetName", &set.name)
            .leaf("ChangeSetId", &set.id)
            .leaf("StackId", &stack.id)
            .leaf("StackName", &stack.name)
            .leaf("CreationTime", time(set.at))
            .leaf("ExecutionStatus", execution)
            .leaf("Status", status);
    });
    Ok(())
}

/// `ExecuteChangeSet`.
pub(super) fn execute(scene: &Scene<'_>) -> Result<(), Fault> {
    let (mut stack, index) = the_change_set(scene)?;
    let token = scene.params.get("ClientRequestToken");
    if token.is_some_and(|token| stack.tokens.iter().any(|seen| seen == token)) {
        return Ok(());
    }
    let Some(set) = stack.change_sets.get_mut(index) else {
        return Ok(());
    };
    if set.executed || set.failed.is_some() {
        let (status, execution) = states(set);
        return Err(Fault::change_set_status(format!(
            "ChangeSet [{}] cannot be executed in its current status of [{status}] and execution \
             status of [{execution}]",
            set.id
        )));
    }
    set.executed = true;
    if set.update {
        let set = set.clone();
        stack.tokens.extend(token.map(str::to_owned));
        update::begin(scene, &mut stack, &set)?;
        scene.page.save(&stack)?;
        return Ok(());
    }
    stack.resources = std::mem::take(&mut set.resources);
    stack.outputs = std::mem::take(&mut set.outputs);
    stack.template = std::mem::take(&mut set.template);
    stack.parameters = set.parameters.clone();
    stack.tokens.extend(token.map(str::to_owned));
    spoil(scene, &mut stack)?;
    let on_failure = if scene.params.flag("DisableRollback") {
        OnFailure::DoNothing
    } else {
        OnFailure::Rollback
    };
    timeline::create(&mut stack, scene.catalogue, scene.now, on_failure);
    scene.page.save(&stack)?;
    Ok(())
}

/// `DeleteChangeSet`; the empty stack stays, as on AWS.
pub(super) fn delete(scene: &Scene<'_>) -> Result<(), Fault> {
    let (mut stack, index) = the_change_set(scene)?;
    if stack.change_sets.get(index).is_some_and(|set| set.executed) {
        return Err(Fault::change_set_status(
            "The change set was executed and cannot be deleted",
        ));
    }
    stack.change_sets.remove(index);
    scene.page.save(&stack)?;
    Ok(())
}
