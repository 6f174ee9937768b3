//! The operations that the rehearsal knows, by name.

use jiff::Timestamp;

use super::engine::{ACCOUNT, Scene};
use super::fault::Fault;
use super::state::Stack;
use super::xml::Xml;

mod change_set;
mod describe;
mod drift;
mod stack;
mod template;
mod update;

/// Says whether an operation is one of STS.
pub(super) fn is_sts(action: &str) -> bool {
    matches!(action, "GetCallerIdentity")
}

/// Performs an operation; gives the elements of its result.
pub(super) fn perform(action: &str, scene: &Scene<'_>) -> Result<String, Fault> {
    let mut xml = Xml::default();
    match action {
        "GetCallerIdentity" => identity(&mut xml),
        "CreateChangeSet" => change_set::create(scene, &mut xml)?,
        "DescribeChangeSet" => change_set::describe(scene, &mut xml)?,
        "ExecuteChangeSet" => change_set::execute(scene)?,
        "DeleteChangeSet" => change_set::delete(scene)?,
        "ListChangeSets" => change_set::list(scene, &mut xml)?,
        "CreateStack" => stack::create(scene, &mut xml)?,
        "UpdateStack" => update::direct(scene, &mut xml)?,
        "DeleteStack" => stack::delete(scene)?,
        "UpdateTerminationProtection" => stack::protect(scene, &mut xml)?,
        "DescribeStacks" => describe::stacks(scene, &mut xml)?,
        "ListStacks" => describe::list_stacks(scene, &mut xml)?,
        "DescribeStackEvents" => describe::events(scene, &mut xml)?,
        "DescribeStackResource" => describe::resource(scene, &mut xml)?,
        "DescribeStackResources" => describe::resources(scene, &mut xml)?,
        "ListStackResources" => describe::list_resources(scene, &mut xml)?,
        "ListExports" => describe::exports(scene, &mut xml)?,
        "GetTemplate" => template::get(scene, &mut xml)?,
        "GetTemplateSummary" => template::summary(scene, &mut xml)?,
        "ValidateTemplate" => template::validate(scene, &mut xml)?,
        "DetectStackDrift" => drift::detect(scene, &mut xml)?,
        "DescribeStackDriftDetectionStatus" => drift::status(scene, &mut xml)?,
        "DescribeStackResourceDrifts" => drift::resources(scene, &mut xml)?,
        other => return Err(Fault::unknown_action(other)),
    }
    Ok(xml.finish())
}

fn identity(xml: &mut Xml) {
    xml.leaf("Arn", format!("arn:aws:iam::{ACCOUNT}:user/rehearsal"))
        .leaf("UserId", "AIDAREHEARSAL")
        .leaf("Account", ACCOUNT);
}

/// Writes a moment as the API does.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Gives a parameter that must be there.
fn required<'a>(scene: &Scene<'a>, name: &str) -> Result<&'a str, Fault> {
    scene
        .params
        .get(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            Fault::validation(format!(
                "Value null at '{name}' failed to satisfy constraint"
            ))
        })
}

/// Finds the stack that a request names.
fn the_stack(scene: &Scene<'_>) -> Result<Stack, Fault> {
    let name = required(scene, "StackName")?;
    scene
        .page
        .find(name, scene.region, scene.now)?
        .ok_or_else(|| Fault::no_stack(name))
}

/// Gives the template of a request; a URL cannot be rehearsed.
fn template_body<'a>(scene: &Scene<'a>) -> Result<&'a str, Fault> {
    if let Some(body) = scene.params.get("TemplateBody") {
        if body.len() > 51_200 {
            let length = body.len();
            return Err(Fault::validation(format!(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: \
                 Member must have length less than or equal to 51200 (it has {length})"
            )));
        }
        return Ok(body);
    }
    Err(Fault::validation(
        if scene.params.get("TemplateURL").is_some() {
            "the rehearsal reads no TemplateURL; give TemplateBody"
        } else {
            "Either Template URL or Template Body must be specified."
        },
    ))
}
