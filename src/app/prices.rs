//! Reads today's prices from the AWS price list into an overlay of the price table.

use serde::Serialize;

use crate::lab::cost::PriceTable;
use crate::lab::cost::refresh::{self, NoPrice, Overlay, OverlayPrice, PriceList};
use crate::lab::port::ApiError;
use crate::yaml::YamlError;

/// What a refresh came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefreshReport {
    /// The version of this document's form.
    pub schema: u32,
    /// The region.
    pub region: String,
    /// The day, which the prices that were read carry.
    pub as_of: String,
    /// How many prices were read.
    pub read: usize,
    /// Those that differ from what was known.
    pub changed: Vec<ChangedPrice>,
    /// Those that the list does not give as one price; the table keeps its own.
    pub kept: Vec<KeptPrice>,
}

/// A price that differs from what was known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedPrice {
    /// The key in the price table.
    pub key: String,
    /// The value in the price table.
    pub value: String,
    /// What was known, in dollars; nothing where there was no price.
    pub before: Option<f64>,
    /// What the list says, in dollars.
    pub after: f64,
}

/// A price that the list does not give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptPrice {
    /// The key in the price table.
    pub key: String,
    /// The value in the price table.
    pub value: String,
    /// Why.
    pub why: NoPrice,
}

/// Why prices could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The program's own list of questions is damaged.
    #[error(transparent)]
    Queries(#[from] YamlError),
    /// The list did not answer.
    #[error(transparent)]
    Api(#[from] ApiError),
}

/// Asks for each price of the table that the list knows, and puts what it says into the overlay. `tell` hears how far
/// it is: done, and all.
///
/// # Errors
/// When the list does not answer; the overlay is as it was then.
pub fn refresh(
    table: &PriceTable,
    overlay: &Overlay,
    list: &dyn PriceList,
    region: &str,
    as_of: &str,
    mut tell: impl FnMut(usize, usize),
) -> Result<(Overlay, RefreshReport), RefreshError> {
    let queries = refresh::queries(table, region)?;
    let mut fresh = overlay.clone();
    let mut report = RefreshReport {
        schema: 1,
        region: region.to_owned(),
        as_of: as_of.to_owned(),
        read: 0,
        changed: Vec::new(),
        kept: Vec::new(),
    };
    for (n, query) in queries.iter().enumerate() {
        tell(n, queries.len());
        let (key, value) = (query.key.clone(), query.value.clone());
        match query.price(&list.products(&query.service, &query.fields)?) {
            Err(why) => report.kept.push(KeptPrice { key, value, why }),
            Ok(usd) => {
                report.read += 1;
                let before = table.price(&key, &value, region).map(|price| price.usd);
                if before.is_none_or(|before| (before - usd).abs() > usd * 1e-6) {
                    report.changed.push(ChangedPrice {
                        key: key.clone(),
                        value: value.clone(),
                        before,
                        after: usd,
                    });
                }
                fresh.put(OverlayPrice {
                    key,
                    value,
                    region: region.to_owned(),
                    usd,
                    as_of: as_of.to_owned(),
                });
            }
        }
    }
    Ok((fresh, report))
}
