//! Updates: change sets of type `UPDATE`, and `UpdateStack`.

use super::change_set::{spoil, work_out};
use super::{required, template_body, the_stack};
use crate::adapter::rehearsal::engine::Scene;
use crate::adapter::rehearsal::fault::Fault;
use crate::adapter::rehearsal::state::{Stack, StoredChangeSet};
use crate::adapter::rehearsal::timeline::update::{Touch, touched, update};
use crate::adapter::rehearsal::xml::Xml;

/// CloudFormation's words for a change set that would do nothing.
const NOTHING: &str = "The submitted information didn't contain changes. Submit different \
                       information to create a change set.";

/// Finds the stack that a request would update.
pub(super) fn the_standing_stack(scene: &Scene<'_>) -> Result<Stack, Fault> {
    let name = required(scene, "StackName")?;
    let stack = the_stack(scene).map_err(|fault| match fault.code {
        "ValidationError" => Fault::validation(format!("Stack [{name}] does not exist")),
        _ => fault,
    })?;
    let (status, _) = stack.status(scene.now);
    let stands = matches!(
        status,
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE"
    );
    if stands {
        Ok(stack)
    } else {
        Err(Fault::validation(format!(
            "Stack:{} is in {status} state and can not be updated.",
            stack.id
        )))
    }
}

/// Works out what the request's template would change.
pub(super) fn prepared(
    scene: &Scene<'_>,
    stack: &Stack,
    name: &str,
    id: &str,
) -> Result<StoredChangeSet, Fault> {
    let outcome = work_out(scene, stack)?;
    let tags = scene.params.pairs("Tags", "Key", "Value");
    let nothing = touched(stack, &outcome.resources, scene.now).is_empty()
        && outcome.outputs == stack.outputs
        && (tags.is_empty() || tags == stack.tags);
    Ok(StoredChangeSet {
        id: id.to_owned(),
        name: name.to_owned(),
        at: scene.now,
        executed: false,
        failed: nothing.then(|| NOTHING.to_owned()),
        resources: outcome.resources,
        outputs: outcome.outputs,
        template: template_body(scene)?.to_owned(),
        parameters: outcome.parameters,
        update: true,
        tags,
        capabilities: scene.params.list("Capabilities"),
        description: outcome.description,
    })
}

/// Begins an update.
pub(super) fn begin(
    scene: &Scene<'_>,
    stack: &mut Stack,
    set: &StoredChangeSet,
) -> Result<(), Fault> {
    let mut spoiled = stack.clone();
    spoiled.resources.clone_from(&set.resources);
    spoil(scene, &mut spoiled)?;
    if update(stack, spoiled.resources, scene.catalogue, scene.now) {
        stack.outputs.clone_from(&set.outputs);
        stack.template.clone_from(&set.template);
        stack.parameters.clone_from(&set.parameters);
        stack.capabilities.clone_from(&set.capabilities);
        stack.description.clone_from(&set.description);
        if !set.tags.is_empty() {
            stack.tags.clone_from(&set.tags);
        }
    }
    Ok(())
}

/// `UpdateStack`.
pub(super) fn direct(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let mut stack = the_standing_stack(scene)?;
    let token = scene.params.get("ClientRequestToken").map(str::to_owned);
    let set = prepared(scene, &stack, "", "")?;
    if set.failed.is_some() {
        return Err(Fault::validation("No updates are to be performed."));
    }
    begin(scene, &mut stack, &set)?;
    stack.tokens.extend(token);
    scene.page.save(&stack)?;
    xml.leaf("StackId", &stack.id);
    Ok(())
}

/// Lists what a change set would do, as the API names it: the action, the resource, whether it is a new one.
pub(super) fn changes<'a>(
    scene: &Scene<'_>,
    stack: &'a Stack,
    set: &'a StoredChangeSet,
) -> Vec<(
    &'static str,
    &'a crate::adapter::rehearsal::state::Prepared,
    Option<&'static str>,
)> {
    if !set.update {
        return set.resources.iter().map(|one| ("Add", one, None)).collect();
    }
    if set.executed {
        return Vec::new();
    }
    touched(stack, &set.resources, scene.now)
        .into_iter()
        .map(|(touch, resource)| {
            let replaced = stack
                .prepared(&resource.logical_id)
                .is_some_and(|old| old.physical_id != resource.physical_id);
            // Which properties a service changes in place is not known here; another name is another resource.
            let replacement = match touch {
                Touch::Modify => Some(if replaced { "True" } else { "Conditional" }),
                Touch::Add | Touch::Remove => None,
            };
            (touch.action(), resource, replacement)
        })
        .collect()
}
