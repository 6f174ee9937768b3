//! The block in a lab's README that states its cost, written by the estimator and never by hand.
//!
//! It holds numbers and units only, so that it needs no language.

use super::lab_library::LabTexts;
use super::lab_plan::{self, PlanRequest};
use crate::lab::cost::PriceTable;
use crate::lab::guard::{Policy, Situation};
use crate::lab::lab_file::Lab;
use crate::lab::plan::Plan;
use crate::time;

/// What opens the block.
pub const BEGIN: &str = "<!-- juku:cost -->";

/// What closes it.
pub const END: &str = "<!-- /juku:cost -->";

/// Plans a lab as its files say, with nobody's settings.
pub fn default_plan(lab: &Lab, texts: &LabTexts, table: &PriceTable) -> Plan {
    lab_plan::plan(PlanRequest {
        name: lab.id.as_str(),
        template: texts.template.as_deref().unwrap_or(""),
        parameters: lab.parameters.clone(),
        region: &lab.region,
        ttl: lab.ttl,
        table,
        policy: &Policy::default(),
        situation: &Situation::default(),
        usd_jpy: 0.0,
    })
}

/// Writes the block of a plan, markers included: US dollars for an hour, for the lab's life, and for 30 days of
/// forgetting, and the day of the newest price.
pub fn block(plan: &Plan) -> String {
    let as_of = plan
        .estimate
        .items
        .iter()
        .filter_map(|item| item.price_as_of.as_deref());
    format!(
        "{BEGIN}\n| USD/h | USD/{}h | USD/30d | region | prices |\n|---|---|---|---|---|\n| {} | {} | {} | {} | {} |\n{END}",
        time::hours(plan.ttl),
        plan.estimate.hourly,
        plan.ttl_cost(),
        plan.forgotten_cost(),
        plan.inputs.region,
        as_of.max().unwrap_or("-"),
    )
}

/// Finds the block in a README: what is before it, the block with its markers, what follows.
pub fn find(readme: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (inside, after) = rest.split_once(END)?;
    let block = readme
        .strip_prefix(before)?
        .strip_suffix(after)
        .filter(|block| block.len() == BEGIN.len() + inside.len() + END.len())?;
    Some((before, block, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_found_with_what_surrounds_it() {
        let readme = format!("a\n{BEGIN}\nx\n{END}\nb");
        let (before, block, after) = find(&readme).unwrap();
        assert_eq!((before, after), ("a\n", "\nb"));
        assert_eq!(block, format!("{BEGIN}\nx\n{END}"));
        assert!(find("no block").is_none());
    }
}
