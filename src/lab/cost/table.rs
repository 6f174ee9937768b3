//! The price table, `content/prices.yaml`, and what is known of types besides prices.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use super::Confidence;
use super::refresh::Overlay;
use crate::lab::finding::Severity;
use crate::yaml::{self, YamlError};

/// The price table, read.
#[derive(Debug, Clone)]
pub struct PriceTable {
    /// The day it was put together.
    pub as_of: String,
    regions: Vec<String>,
    prices: HashMap<(String, String), Vec<Option<Price>>>,
    priced_types: BTreeSet<String>,
    free: BTreeMap<String, String>,
    unpriced: BTreeMap<String, String>,
    closed: Vec<ClosedType>,
    denied: Vec<DeniedType>,
    sizes: Sizes,
    traps: Vec<Trap>,
}

/// One price.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// US dollars for one unit.
    pub usd: f64,
    /// What the unit counts by.
    pub per: Per,
    /// The day it was read.
    pub as_of: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether it was recollected, not read.
    pub recollected: bool,
}

/// What a unit of a price counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// An hour of something.
    Hour,
    /// A month of something.
    Month,
    /// A day of something.
    Day,
    /// A use: a request, a gigabyte moved, a minute of building.
    Use,
}

/// A type that nobody, or not everybody, can create any more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedType {
    /// The type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What that means for a plan.
    pub severity: Severity,
    /// Since when.
    pub since: String,
    /// What took its place.
    pub instead: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// A type that labs do not build.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeniedType {
    /// The type, or a service with `*`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// A cheaper way, in Japanese.
    pub instead_ja: String,
    /// A cheaper way, in English.
    pub instead_en: String,
}

/// Where a service costs more than its price says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trap {
    /// The types it concerns.
    pub types: Vec<String>,
    /// What it costs and why, in Japanese.
    pub ja: String,
    /// What it costs and why, in English.
    pub en: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    order: Vec<String>,
    largest: String,
}

/// What is known about the price of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeKind {
    /// It costs nothing by itself.
    Free,
    /// It costs something that the table has no price for.
    Unpriced,
    /// The table has prices for it.
    Priced,
    /// It is in no table.
    Unknown,
}

/// Why the price table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceTableError {
    /// No YAML, or of another shape.
    #[error("price table: {0}")]
    Yaml(#[from] YamlError),
    /// Another `schema` than this version reads.
    #[error("price table of schema {found}; this version reads schema 1")]
    Schema {
        /// The number in the file.
        found: u32,
    },
    /// A list whose length is not that of the regions.
    #[error("price table: `{key}` has {found} entries for {regions} regions")]
    Columns {
        /// The key of the price.
        key: String,
        /// How many entries it has.
        found: usize,
        /// How many regions there are.
        regions: usize,
    },
}

#[derive(Deserialize)]
struct RawTable {
    schema: u32,
    as_of: String,
    regions: Vec<String>,
    prices: Vec<RawPrices>,
    free: BTreeMap<String, String>,
    unpriced: BTreeMap<String, String>,
    closed: Vec<ClosedType>,
    denied: Vec<DeniedType>,
    sizes: Sizes,
    traps: Vec<Trap>,
}

#[derive(Deserialize)]
struct RawPrices {
    key: String,
    #[serde(rename = "type")]
    type_name: Option<String>,
    unit: String,
    seen: Vec<Option<(String, String, Confidence)>>,
    usd: BTreeMap<String, Vec<Option<f64>>>,
}

impl PriceTable {
    /// Reads the table.
    ///
    /// # Errors
    /// When the text is no YAML, has another shape or schema, or a row does not fit the regions.
    pub fn parse(text: &str) -> Result<Self, PriceTableError> {
        let raw: RawTable = yaml::from_str(text)?;
        if raw.schema != 1 {
            return Err(PriceTableError::Schema { found: raw.schema });
        }
        let columns = raw.regions.len();
        let mut prices = HashMap::with_capacity(300);
        let mut priced_types = BTreeSet::new();
        for group in raw.prices {
            if let Some(type_name) = group.type_name {
                priced_types.insert(type_name);
            }
            let per = per(&group.unit);
            for (value, amounts) in group.usd {
                if amounts.len() != columns || group.seen.len() != columns {
                    return Err(PriceTableError::Columns {
                        key: group.key,
                        found: amounts.len(),
                        regions: columns,
                    });
                }
                let row = amounts
                    .into_iter()
                    .zip(&group.seen)
                    .map(|(usd, seen)| {
                        let (source, as_of, confidence) = seen.as_ref()?;
                        Some(Price {
                            usd: usd?,
                            per,
                            as_of: as_of.clone(),
                            confidence: *confidence,
                            recollected: *confidence == Confidence::Low
                                || source.split('+').any(|source| source == "own"),
                        })
                    })
                    .collect();
                prices.insert((group.key.clone(), value), row);
            }
        }
        Ok(Self {
            as_of: raw.as_of,
            regions: raw.regions,
            prices,
            priced_types,
            free: raw.free,
            unpriced: raw.unpriced,
            closed: raw.closed,
            denied: raw.denied,
            sizes: raw.sizes,
            traps: raw.traps,
        })
    }

    /// Finds a price in a region.
    pub fn price(&self, key: &str, value: &str, region: &str) -> Option<&Price> {
        let column = self.regions.iter().position(|known| known == region)?;
        self.prices
            .get(&(key.to_owned(), value.to_owned()))?
            .get(column)?
            .as_ref()
    }

    /// Lists the values that there are prices for under a key.
    pub fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        let mut values: Vec<&str> = self
            .prices
            .keys()
            .filter(|(known, _)| known == key)
            .map(|(_, value)| value.as_str())
            .collect();
        values.sort_unstable();
        values.into_iter()
    }

    /// Lays prices that were read from the list over those of the table, in regions of their own where need be.
    pub fn lay_over(&mut self, overlay: &Overlay) {
        for fresh in &overlay.prices {
            let known = self.regions.iter().position(|one| *one == fresh.region);
            let column = known.unwrap_or(self.regions.len());
            if known.is_none() {
                self.regions.push(fresh.region.clone());
            }
            let Some(row) = self
                .prices
                .get_mut(&(fresh.key.clone(), fresh.value.clone()))
            else {
                continue;
            };
            let Some(per) = row.iter().flatten().map(|price| price.per).next() else {
                continue;
            };
            if row.len() <= column {
                row.resize(column + 1, None);
            }
            if let Some(slot) = row.get_mut(column) {
                *slot = Some(Price {
                    usd: fresh.usd,
                    per,
                    as_of: fresh.as_of.clone(),
                    confidence: Confidence::High,
                    recollected: false,
                });
            }
        }
    }

    /// Says what is known about the price of a type.
    pub fn kind(&self, type_name: &str) -> TypeKind {
        // One type of another vendor is CloudFormation's own: `Alexa::ASK::Skill`.
        let Some((service, name)) = type_name
            .strip_prefix("AWS::")
            .or_else(|| type_name.strip_prefix("Alexa::"))
            .and_then(|rest| rest.split_once("::"))
        else {
            return TypeKind::Unknown;
        };
        let listed = |lists: &BTreeMap<String, String>| {
            lists
                .get(service)
                .is_some_and(|names| names == "*" || names.split(' ').any(|known| known == name))
        };
        if self.priced_types.contains(type_name) {
            TypeKind::Priced
        } else if listed(&self.unpriced) {
            TypeKind::Unpriced
        } else if listed(&self.free) {
            TypeKind::Free
        } else {
            TypeKind::Unknown
        }
    }

    /// Finds a type among those that are closed.
    pub fn closed(&self, type_name: &str) -> Option<&ClosedType> {
        self.closed
            .iter()
            .find(|closed| closed.type_name == type_name)
    }

    /// Finds a type among those that labs do not build.
    pub fn denied(&self, type_name: &str) -> Option<&DeniedType> {
        self.denied.iter().find(|denied| {
            denied.type_name == type_name
                || denied
                    .type_name
                    .strip_suffix('*')
                    .is_some_and(|service| type_name.starts_with(service))
        })
    }

    /// Says whether an instance size is larger than labs may use: `m5.xlarge`, `db.r5.2xlarge`, `metal`.
    pub fn is_too_large(&self, class: &str) -> bool {
        let Some(size) = class
            .split('.')
            .find(|part| *part == "metal" || part.ends_with("large") || part.starts_with("metal-"))
        else {
            return false;
        };
        let rank = |size: &str| self.sizes.order.iter().position(|known| known == size);
        match (rank(size), rank(&self.sizes.largest)) {
            (Some(rank), Some(largest)) => rank > largest,
            // Not in the order at all: 4xlarge and above, or bare metal.
            _ => true,
        }
    }

    /// Gives the largest size that labs may use.
    pub fn largest_size(&self) -> &str {
        &self.sizes.largest
    }

    /// Gives what a learner should know about types that cost more than their prices say.
    pub fn traps(&self) -> &[Trap] {
        &self.traps
    }

    /// Gives all types of which something is known by name, for suggestions.
    pub fn known_types(&self) -> impl Iterator<Item = String> {
        let listed = [&self.free, &self.unpriced].into_iter().flat_map(|lists| {
            lists.iter().flat_map(|(service, names)| {
                names
                    .split(' ')
                    .filter(|name| *name != "*" && !name.is_empty())
                    .map(move |name| format!("AWS::{service}::{name}"))
            })
        });
        self.priced_types.iter().cloned().chain(listed)
    }
}

fn per(unit: &str) -> Per {
    match unit {
        "day" => Per::Day,
        "hour" => Per::Hour,
        "month" => Per::Month,
        unit if unit.ends_with("-hour") => Per::Hour,
        unit if unit.ends_with("-month") || unit.contains("-month ") => Per::Month,
        _ => Per::Use,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const BUNDLED: &str = include_str!("../../../content/prices.yaml");

    #[test]
    fn the_bundled_table_reads() {
        let table = PriceTable::parse(BUNDLED).unwrap();
        let nat = table.price("nat", "-", "ap-northeast-1").unwrap();
        assert!((nat.usd - 0.062).abs() < 1e-9 && nat.per == Per::Hour && !nat.recollected);
        let key = table.price("kms.key", "-", "ap-northeast-1").unwrap();
        assert!(key.per == Per::Month && key.recollected);
        assert!(table.price("nat", "-", "sa-east-1").is_none());
        assert_eq!(table.kind("AWS::EC2::VPC"), TypeKind::Free);
        assert_eq!(table.kind("AWS::IAM::Role"), TypeKind::Free);
        assert_eq!(table.kind("AWS::EC2::Host"), TypeKind::Unpriced);
        assert_eq!(table.kind("AWS::EC2::Nonsense"), TypeKind::Unknown);
    }

    #[test]
    fn sizes_above_large_are_too_large() {
        let table = PriceTable::parse(BUNDLED).unwrap();
        for small in [
            "t3.nano",
            "m5.large",
            "db.t4g.medium",
            "cache.t3.micro",
            "mw1.small",
        ] {
            assert!(!table.is_too_large(small), "{small}");
        }
        for large in ["m5.xlarge", "db.r5.4xlarge", "c5.metal", "ml.p4d.24xlarge"] {
            assert!(table.is_too_large(large), "{large}");
        }
    }
}
