//! Templates: given back, summarised, validated.

use super::{template_body, the_stack};
use crate::adapter::rehearsal::engine::Scene;
use crate::adapter::rehearsal::fault::Fault;
use crate::adapter::rehearsal::prepare;
use crate::adapter::rehearsal::xml::Xml;
use crate::lab::evaluate::{self, Inputs};
use crate::lab::template::{Parameter, Template};

/// `GetTemplate`.
pub(super) fn get(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let stack = the_stack(scene)?;
    let body = if stack.template.is_empty() {
        stack
            .change_sets
            .last()
            .map(|set| set.template.clone())
            .unwrap_or_default()
    } else {
        stack.template
    };
    xml.leaf("TemplateBody", body)
        .texts("StagesAvailable", ["Original", "Processed"]);
    Ok(())
}

fn wanted_template(scene: &Scene<'_>) -> Result<Template, Fault> {
    if scene.params.get("StackName").is_some() {
        prepare::parse(&the_stack(scene)?.template)
    } else {
        prepare::parse(template_body(scene)?)
    }
}

fn capabilities(template: &Template, region: &str) -> Vec<&'static str> {
    evaluate::survey(template, &Inputs::for_estimate(region))
        .evaluated
        .capabilities
        .iter()
        .map(|capability| capability.code())
        .collect()
}

/// `GetTemplateSummary`.
pub(super) fn summary(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let template = wanted_template(scene)?;
    let survey = evaluate::survey(&template, &Inputs::for_estimate(scene.region));
    let mut types: Vec<&str> = survey
        .evaluated
        .resources
        .iter()
        .map(|resource| resource.type_name.as_str())
        .collect();
    types.sort_unstable();
    types.dedup();
    xml.list("Parameters", &template.parameters, |xml, parameter| {
        xml.leaf("ParameterKey", &parameter.name)
            .leaf("ParameterType", &parameter.type_name)
            .maybe("DefaultValue", shown_default(parameter))
            .leaf("NoEcho", if parameter.no_echo { "true" } else { "false" })
            .maybe("Description", parameter.description.as_ref())
            .node("ParameterConstraints", |xml| {
                xml.texts("AllowedValues", &parameter.allowed_values);
            });
    })
    .maybe("Description", template.description.as_ref())
    .texts("Capabilities", capabilities(&template, scene.region))
    .texts("ResourceTypes", types)
    .texts(
        "DeclaredTransforms",
        template.transforms.iter().map(|(name, _)| name),
    )
    .leaf("Version", "2010-09-09");
    Ok(())
}

fn shown_default(parameter: &Parameter) -> Option<&str> {
    let default = parameter.default.as_deref()?;
    Some(if parameter.no_echo { "****" } else { default })
}

/// `ValidateTemplate`: the form only, as on AWS.
pub(super) fn validate(scene: &Scene<'_>, xml: &mut Xml) -> Result<(), Fault> {
    let template = prepare::parse(template_body(scene)?)?;
    xml.list("Parameters", &template.parameters, |xml, parameter| {
        xml.leaf("ParameterKey", &parameter.name)
            .maybe("DefaultValue", shown_default(parameter))
            .leaf("NoEcho", if parameter.no_echo { "true" } else { "false" })
            .maybe("Description", parameter.description.as_ref());
    })
    .maybe("Description", template.description.as_ref())
    .texts("Capabilities", capabilities(&template, scene.region));
    Ok(())
}
