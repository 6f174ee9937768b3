//! `lab params`.

use super::Target;
use crate::app::lab_params::{self, ParametersRequest};
use crate::cli::args::LabParamsArgs;
use crate::cli::render::lab as render;
use crate::cli::{CommandError, Context, Exit};
use crate::lab::template::TemplateError;
use crate::msg;

/// Lists the parameters of a lab's or any other template.
pub(super) fn run(context: &mut Context, args: &LabParamsArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let (name, path, text, region) = match super::target(wire, &args.target)? {
        Target::Lab(texts) => {
            let lab = texts
                .parse()
                .map_err(|error| super::bad_file(&texts, &error))?;
            let Some(text) = texts.template else {
                return Err(CommandError::failed(msg!(
                    "lab-no-template",
                    lab = &texts.folder
                )));
            };
            (texts.folder, texts.template_path, text, lab.region)
        }
        Target::Template { path, text } => (
            path.clone(),
            path,
            text,
            wire.settings().labs.region.clone(),
        ),
    };
    let region = args.region.clone().unwrap_or(region);
    let table = super::price_table(wire)?;
    let request = ParametersRequest {
        name: &name,
        template: &text,
        region: &region,
        table: &table,
    };
    let report = lab_params::parameters(request).map_err(|error| bad_template(&path, &error))?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::params(ui, &report)?;
    }
    Ok(Exit::Done)
}

fn bad_template(path: &str, error: &TemplateError) -> CommandError {
    let failed =
        CommandError::failed(msg!("lab-bad-template", reason = error.to_string())).path(path);
    match error {
        TemplateError::TooLarge { .. } => failed,
        TemplateError::Syntax { place, .. }
        | TemplateError::Tab { place }
        | TemplateError::TooDeep { place, .. }
        | TemplateError::TooMany { place, .. }
        | TemplateError::KeyIsNoText { place }
        | TemplateError::NoTemplate { place, .. } => failed.at(place.line, place.column),
    }
}
