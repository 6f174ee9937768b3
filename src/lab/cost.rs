//! What a stack costs: one row per resource, implied resources included, from a dated price table.

use serde::{Deserialize, Serialize};

use crate::money::MicroUsd;

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
    /// What they cost an hour at the most: an Auto Scaling group at its maximum.
    pub max_hourly: Option<MicroUsd>,
    /// The day of the price.
    pub price_as_of: Option<String>,
    /// How sure the price is.
    pub confidence: Option<Confidence>,
    /// Whether the price rests on recollection.
    pub recollected: bool,
    /// What was assumed: the code of a message of `cli/lang` and its values.
    pub notes: Vec<CostNote>,
}

/// An assumption or warning beside a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostNote {
    /// The code of the message.
    pub code: String,
    /// The values it needs.
    pub values: std::collections::BTreeMap<String, String>,
}

/// What a stack costs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CostEstimate {
    /// The rows.
    pub items: Vec<LineItem>,
    /// The sum of the hourly prices known.
    pub hourly: MicroUsd,
    /// The same at the most.
    pub max_hourly: MicroUsd,
    /// The logical ids whose price is not known.
    pub unpriced: Vec<String>,
}
