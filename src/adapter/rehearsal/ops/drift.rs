//! Drift: what was changed behind the stack's back. In the rehearsal that is done by injection only.

use super::describe::drift_status;
use super::{required, the_stack, time};
use crate::adapter::rehearsal::catalogue::uuid_of;
use crate::adapter::rehearsal::engine::Scene;
use crate::adapter::rehearsal::fault::Fault;
use crate::adapter::rehearsal::state::{Detection, Prepared, Stack};
use crate::adapter::rehearsal::timeline::UNDELETABLE;
use crate::adapter::rehearsal::xml::Xml;

/// Says whether a resource is not as its template says.
pub(super) fn is_drifted(resource: &Prepared) -> bool {
    resource.removed || resource.tampered.keys().any(|key| key != UNDELETABLE)
}

/// `DetectStackDrift`.
pub(super) fn detect(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let mut stack = the_stack(scene)?;
    let seed = format!("{}\0drift\0{}", stack.id, scene.now);
    let id = uuid_of(blake3::hash(seed.as_bytes()).as_bytes());
    stack.drift = Some(Detection {
        id: id.clone(),
        at: scene.now,
    });
    scene.page.save(&stack)?;
    xml.leaf("StackDriftDetectionId", id);
    Ok(())
}

/// `DescribeStackDriftDetectionStatus`; a rehearsed detection is over at once.
pub(super) fn status(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let wanted = required(scene, "StackDriftDetectionId")?;
    let found = scene.page.stacks()?.into_iter().find_map(|stack| {
        let detection = stack.drift.clone()?;
        (detection.id == wanted).then_some((stack, detection))
    });
    let Some((stack, detection)) = found else {
        return Err(Fault::validation(format!(
            "Drift detection with id {wanted} does not exist"
        )));
    };
    let count = stack.resources.iter().filter(|r| is_drifted(r)).count();
    xml.leaf("StackId", &stack.id)
        .leaf("StackDriftDetectionId", &detection.id)
        .leaf("StackDriftStatus", drift_status(&stack))
        .leaf("DetectionStatus", "DETECTION_COMPLETE")
        .leaf("DriftedStackResourceCount", count.to_string())
        .leaf("Timestamp", time(detection.at));
    Ok(())
}

/// `DescribeStackResourceDrifts`.
pub(super) fn resources(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let stack: Stack = the_stack(scene)?;
    let at = stack
        .drift
        .as_ref()
        .map_or(scene.now, |detection| detection.at);
    xml.list("StackResourceDrifts", &stack.resources, |xml, resource| {
        let status = match (resource.removed, is_drifted(resource)) {
            (true, _) => "DELETED",
            (false, true) => "MODIFIED",
            (false, false) => "IN_SYNC",
        };
        xml.leaf("StackId", &stack.id)
            .leaf("LogicalResourceId", &resource.logical_id)
            .leaf("PhysicalResourceId", &resource.physical_id)
            .leaf("ResourceType", &resource.type_name)
            .leaf("ExpectedProperties", resource.properties.to_string())
            .list(
                "PropertyDifferences",
                &resource.tampered,
                |xml, (key, value)| {
                    let expected = resource
                        .properties
                        .get(key)
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    xml.leaf("PropertyPath", format!("/{key}"))
                        .leaf("ExpectedValue", expected)
                        .leaf("ActualValue", value)
                        .leaf("DifferenceType", "NOT_EQUAL");
                },
            )
            .leaf("StackResourceDriftStatus", status)
            .leaf("Timestamp", time(at));
    });
    Ok(())
}
