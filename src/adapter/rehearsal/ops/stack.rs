//! Stacks: created directly, deleted, protected.

use super::change_set::{new_stack, spoil, work_out};
use super::{required, template_body, the_stack};
use crate::adapter::rehearsal::engine::Scene;
use crate::adapter::rehearsal::fault::Fault;
use crate::adapter::rehearsal::timeline::{self, OnFailure};
use crate::adapter::rehearsal::xml::Xml;

/// `CreateStack`.
pub(super) fn create(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let name = required(scene, "StackName")?;
    let token = scene.params.get("ClientRequestToken").map(str::to_owned);
    if let Some(stack) = scene.page.find(name, scene.region, scene.now)? {
        if token
            .as_ref()
            .is_some_and(|token| stack.tokens.contains(token))
        {
            xml.leaf("StackId", &stack.id);
            return Ok(());
        }
        return Err(Fault::exists(
            "AlreadyExistsException",
            format!("Stack [{name}] already exists"),
        ));
    }
    let mut stack = new_stack(scene, name)?;
    // Created directly, it was never in review.
    stack.timeline.clear();
    let outcome = work_out(scene, &stack)?;
    stack.tags = scene.params.pairs("Tags", "Key", "Value");
    stack.capabilities = scene.params.list("Capabilities");
    stack.protected = scene.params.flag("EnableTerminationProtection");
    stack.description = outcome.description;
    stack.resources = outcome.resources;
    stack.outputs = outcome.outputs;
    stack.parameters = outcome.parameters;
    template_body(scene)?.clone_into(&mut stack.template);
    stack.tokens.extend(token);
    spoil(scene, &mut stack)?;
    let on_failure = match scene.params.get("OnFailure") {
        Some("DELETE") => OnFailure::Delete,
        Some("DO_NOTHING") => OnFailure::DoNothing,
        _ if scene.params.flag("DisableRollback") => OnFailure::DoNothing,
        _ => OnFailure::Rollback,
    };
    timeline::create(&mut stack, scene.catalogue, scene.now, on_failure);
    scene.page.save(&stack)?;
    xml.leaf("StackId", &stack.id);
    Ok(())
}

/// `DeleteStack`: of no stack is no error; of an empty stack in review, it just vanishes.
pub(super) fn delete(scene: &Scene<'_>) -> Result<(), Fault> {
    let name = required(scene, "StackName")?;
    let Some(mut stack) = scene.page.find(name, scene.region, scene.now)? else {
        return Ok(());
    };
    let (status, _) = stack.status(scene.now);
    if matches!(status, "DELETE_IN_PROGRESS" | "DELETE_COMPLETE") {
        return Ok(());
    }
    if stack.protected {
        return Err(Fault::validation(format!(
            "Stack [{}] cannot be deleted while TerminationProtection is enabled",
            stack.name
        )));
    }
    let importers = importers(scene, &stack)?;
    if let Some(importer) = importers.first() {
        return Err(Fault::validation(format!(
            "Export of {} cannot be deleted as it is in use by {importer}",
            stack.name
        )));
    }
    let retain = scene.params.list("RetainResources");
    if !retain.is_empty() && status != "DELETE_FAILED" {
        return Err(Fault::validation(
            "Invalid operation on stack: RetainResources may only be given for a stack in \
             DELETE_FAILED",
        ));
    }
    if status == "REVIEW_IN_PROGRESS" {
        timeline::note(&mut stack, scene.now, "DELETE_COMPLETE", None);
    } else {
        timeline::delete(&mut stack, scene.catalogue, scene.now, &retain);
    }
    scene.page.save(&stack)?;
    scene.page.tidy(scene.now)?;
    Ok(())
}

/// Lists the stacks whose templates import one of a stack's exports.
fn importers(
    scene: &Scene<'_>,
    stack: &crate::adapter::rehearsal::state::Stack,
) -> Result<Vec<String>, Fault> {
    let names: Vec<&str> = stack
        .outputs
        .iter()
        .filter_map(|output| output.export.as_deref())
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    Ok(scene
        .page
        .stacks()?
        .into_iter()
        .filter(|other| other.id != stack.id && !other.is_deleted(scene.now))
        .filter(|other| {
            other.template.contains("ImportValue")
                && names.iter().any(|name| other.template.contains(name))
        })
        .map(|other| other.name)
        .collect())
}

/// `UpdateTerminationProtection`.
pub(super) fn protect(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let mut stack = the_stack(scene)?;
    stack.protected = scene.params.flag("EnableTerminationProtection");
    scene.page.save(&stack)?;
    xml.leaf("StackId", &stack.id);
    Ok(())
}
