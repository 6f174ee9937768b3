//! `lab params`: the parameters of any template, with what each allows and how it changes the price.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Serialize;

use super::lab_plan::{self, PlanRequest};
use crate::lab::cost::PriceTable;
use crate::lab::guard::{Policy, Situation};
use crate::lab::template::{Parameter, Template, TemplateError};

/// More values than this are not priced one by one.
const MAX_PRICED_VALUES: usize = 30;

/// A parameter as it is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParameterRow {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its default; null when it must be given.
    pub default: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The values it may have; empty when any.
    pub allowed: Vec<String>,
    /// The pattern its value must keep.
    pub pattern: Option<String>,
    /// Least length.
    pub min_length: Option<usize>,
    /// Greatest length.
    pub max_length: Option<usize>,
    /// Least number.
    pub min_value: Option<f64>,
    /// Greatest number.
    pub max_value: Option<f64>,
    /// Whether its value is hidden.
    pub no_echo: bool,
    /// Whether it has to be given.
    pub required: bool,
    /// Where it stands.
    pub line: usize,
    /// What the stack costs an hour by value, where values are listed and the price changes.
    pub hourly_usd_by_value: BTreeMap<String, Option<f64>>,
}

/// The document of `lab params --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParametersReport {
    /// 1.
    pub schema: u32,
    /// The lab's id, or the template's path.
    pub lab: String,
    /// The region of the prices.
    pub region: String,
    /// What the stack costs an hour with all defaults.
    pub hourly_usd: f64,
    /// The parameters in the order of the template.
    pub parameters: Vec<ParameterRow>,
}

/// Whose parameters to list.
#[derive(Debug, Clone, Copy)]
pub struct ParametersRequest<'a> {
    /// The lab's id, or the template's path.
    pub name: &'a str,
    /// The template.
    pub template: &'a str,
    /// The region of the prices.
    pub region: &'a str,
    /// The price table.
    pub table: &'a PriceTable,
}

/// Lists the parameters.
///
/// # Errors
/// When the text is no template at all.
pub fn parameters(request: ParametersRequest<'_>) -> Result<ParametersReport, TemplateError> {
    let template = Template::parse(request.template, request.name)?;
    let (hourly_usd, _) = hourly(request, BTreeMap::new());
    let rows = template
        .parameters
        .iter()
        .map(|parameter| row(request, parameter))
        .collect();
    Ok(ParametersReport {
        schema: 1,
        lab: request.name.to_owned(),
        region: request.region.to_owned(),
        hourly_usd,
        parameters: rows,
    })
}

fn row(request: ParametersRequest<'_>, parameter: &Parameter) -> ParameterRow {
    ParameterRow {
        name: parameter.name.clone(),
        type_name: parameter.type_name.clone(),
        default: if parameter.no_echo {
            parameter.default.as_ref().map(|_| "****".to_owned())
        } else {
            parameter.default.clone()
        },
        description: parameter.description.clone(),
        allowed: parameter.allowed_values.clone(),
        pattern: parameter.allowed_pattern.clone(),
        min_length: parameter.min_length,
        max_length: parameter.max_length,
        min_value: parameter.min_value,
        max_value: parameter.max_value,
        no_echo: parameter.no_echo,
        required: parameter.default.is_none(),
        line: parameter.place.line,
        hourly_usd_by_value: by_value(request, parameter),
    }
}

/// Prices the stack with each listed value; empty when the price stays the same.
fn by_value(
    request: ParametersRequest<'_>,
    parameter: &Parameter,
) -> BTreeMap<String, Option<f64>> {
    if !(2..=MAX_PRICED_VALUES).contains(&parameter.allowed_values.len()) {
        return BTreeMap::new();
    }
    let prices: Vec<(String, (f64, bool))> = parameter
        .allowed_values
        .iter()
        .map(|value| {
            let given = BTreeMap::from([(parameter.name.clone(), value.clone())]);
            (value.clone(), hourly(request, given))
        })
        .collect();
    let Some((_, first)) = prices.first() else {
        return BTreeMap::new();
    };
    let same =
        |(_, price): &(String, (f64, bool))| (price.0 - first.0).abs() < 1e-9 && price.1 == first.1;
    if prices.iter().all(same) {
        return BTreeMap::new();
    }
    prices
        .into_iter()
        .map(|(value, (price, known))| (value, known.then_some(price)))
        .collect()
}

/// Gives the price an hour, and whether all of it is known.
fn hourly(request: ParametersRequest<'_>, given: BTreeMap<String, String>) -> (f64, bool) {
    let plan = lab_plan::plan(PlanRequest {
        name: request.name,
        template: request.template,
        parameters: given,
        region: request.region,
        ttl: SignedDuration::ZERO,
        table: request.table,
        policy: &Policy::default(),
        situation: &Situation::default(),
        usd_jpy: 0.0,
    });
    (
        plan.estimate.hourly.usd(),
        plan.estimate.unpriced.is_empty(),
    )
}
