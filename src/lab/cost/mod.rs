//! What a stack costs: one row per resource, implied resources included, from a dated price table.
//!
//! [`rules`] reads like the table: one line per type, one short function per way of charging. Prices come from
//! [`table::PriceTable`] by key, value and region; a price that is not there makes the row unpriced, never free.
//! Services charged by use are counted with the small, stated use of [`usage`].

use serde::{Deserialize, Serialize};

use crate::lab::evaluate::Evaluated;
use crate::money::MicroUsd;

pub mod refresh;
mod rows;
mod rules;
pub mod table;
pub mod usage;

pub use table::{PriceTable, PriceTableError};

/// How sure a price is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Remembered, not seen.
    Low,
    /// Remembered, or read where it may have changed.
    Medium,
    /// Read from a dated copy of the price list, or stable for years.
    High,
}

/// One row of an estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct LineItem {
    /// The resource.
    pub logical_id: String,
    /// Its type.
    pub type_name: String,
    /// How many of them.
    pub count: u32,
    /// Whether it is not itself in the template but comes with something that is.
    pub implied: bool,
    /// What all of them cost an hour; `None` when no price is known.
    pub hourly: Option<MicroUsd>,
    /// What all of them cost a month of 730 hours.
    pub monthly: Option<MicroUsd>,
    /// What they cost an hour at the most: an Auto Scaling group at its maximum.
    pub max_hourly: Option<MicroUsd>,
    /// The day of the oldest price in it; `None` for what is free or unpriced.
    pub price_as_of: Option<String>,
    /// How sure the least sure price in it is.
    pub confidence: Option<Confidence>,
    /// Whether a price in it rests on recollection.
    pub recollected: bool,
    /// What was assumed: codes of messages of `cli/lang` and their values.
    pub notes: Vec<CostNote>,
}

/// An assumption or warning beside a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostNote {
    /// The code of the message: `cost-note-` and this.
    pub code: String,
    /// The values it needs.
    pub values: std::collections::BTreeMap<String, String>,
}

/// What a stack costs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CostEstimate {
    /// The rows, in the order of the resources.
    pub items: Vec<LineItem>,
    /// The sum of the hourly prices known.
    pub hourly: MicroUsd,
    /// The same at the most.
    pub max_hourly: MicroUsd,
    /// The logical ids whose price is not known, without repeats.
    pub unpriced: Vec<String>,
    /// The logical ids whose type is in no table.
    pub unknown_types: Vec<String>,
}

/// Estimates what a stack costs in a region.
pub fn estimate(evaluated: &Evaluated, table: &PriceTable, region: &str) -> CostEstimate {
    let mut stack = rows::Stack::new(evaluated, table, region);
    for resource in &evaluated.resources {
        rules::apply(&mut stack, resource);
    }
    let (items, unknown_types) = stack.finish();
    let mut unpriced: Vec<String> = Vec::new();
    for item in items.iter().filter(|item| item.hourly.is_none()) {
        if !unpriced.contains(&item.logical_id) {
            unpriced.push(item.logical_id.clone());
        }
    }
    CostEstimate {
        hourly: items.iter().filter_map(|item| item.hourly).sum(),
        max_hourly: items.iter().filter_map(|item| item.max_hourly).sum(),
        unpriced,
        unknown_types,
        items,
    }
}
