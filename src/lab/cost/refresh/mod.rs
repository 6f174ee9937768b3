//! Today's prices from the AWS price list: what is asked for, how an answer is read, and the overlay they make.
//!
//! The list is full of near twins (reserved capacity, other operating systems, Outposts). A price is taken only when
//! the question leaves a single one; otherwise the table keeps what it has, and the report says so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PriceTable;
use crate::lab::port::ApiError;
use crate::yaml::{self, YamlError};

const QUERIES: &str = include_str!("queries.yaml");

/// The AWS price list.
pub trait PriceList {
    /// Gives the products of a service whose fields have the values asked for, each as the list's own JSON.
    fn products(&self, service: &str, fields: &[(String, String)]) -> Result<Vec<Value>, ApiError>;
}

/// A question for one price.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The key in the price table.
    pub key: String,
    /// The value in the price table.
    pub value: String,
    /// The service code.
    pub service: String,
    /// Fields and the values they must have, the region among them.
    pub fields: Vec<(String, String)>,
    usage: Option<String>,
    unit: String,
    times: f64,
}

/// Why an answer gives no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoPrice {
    /// The list has none, or only free ones.
    Missing,
    /// The list has several.
    Several,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQueries {
    schema: u32,
    queries: Vec<RawQuery>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuery {
    key: String,
    service: String,
    #[serde(rename = "where")]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    usage: Option<String>,
    unit: String,
    #[serde(default = "one")]
    times: f64,
}

fn one() -> f64 {
    1.0
}

/// Lists the questions for a region: one for each price of the table that the list can be asked for.
///
/// # Errors
/// When the program's own list of questions cannot be read.
pub fn queries(table: &PriceTable, region: &str) -> Result<Vec<Query>, YamlError> {
    let raw: RawQueries = yaml::from_str(QUERIES)?;
    debug_assert_eq!(raw.schema, 1);
    let mut queries = Vec::new();
    for raw in raw.queries {
        for value in table.values(&raw.key) {
            let name = raw.values.get(value).map_or(value, String::as_str);
            let mut fields: Vec<(String, String)> = raw
                .fields
                .iter()
                .map(|(field, wanted)| (field.clone(), wanted.replace("{value}", name)))
                .collect();
            fields.push(("regionCode".to_owned(), region.to_owned()));
            queries.push(Query {
                key: raw.key.clone(),
                value: value.to_owned(),
                service: raw.service.clone(),
                fields,
                usage: raw.usage.clone(),
                unit: raw.unit.clone(),
                times: raw.times,
            });
        }
    }
    Ok(queries)
}

impl Query {
    /// Reads the one price out of an answer, in US dollars for the table's unit.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn price(&self, products: &[Value]) -> Result<f64, NoPrice> {
        let mut found: Vec<f64> = Vec::new();
        for product in products.iter().filter(|product| self.fits(product)) {
            for usd in self.prices(product) {
                let known = found.iter().any(|one| (one - usd).abs() < f64::EPSILON);
                if !known {
                    found.push(usd);
                }
            }
        }
        match found.as_slice() {
            [] => Err(NoPrice::Missing),
            [usd] => Ok(usd * self.times),
            _ => Err(NoPrice::Several),
        }
    }

    fn fits(&self, product: &Value) -> bool {
        let Some(usage) = &self.usage else {
            return true;
        };
        let told = product
            .pointer("/product/attributes/usagetype")
            .and_then(Value::as_str)
            .unwrap_or_default();
        told.strip_suffix(usage.as_str())
            .is_some_and(|prefix| prefix.is_empty() || is_region_prefix(prefix))
    }

    /// Gives the prices of a product's first tier on demand that cost anything, in dollars.
    fn prices(&self, product: &Value) -> Vec<f64> {
        let children = |value: Option<&Value>| -> Vec<Value> {
            value
                .and_then(Value::as_object)
                .map(|fields| fields.values().cloned().collect())
                .unwrap_or_default()
        };
        children(product.pointer("/terms/OnDemand"))
            .iter()
            .flat_map(|offer| children(offer.get("priceDimensions")))
            .filter(|dimension| {
                let text = |key: &str| dimension.get(key).and_then(Value::as_str);
                text("unit").is_some_and(|unit| unit.eq_ignore_ascii_case(&self.unit))
                    && text("beginRange").is_none_or(|begin| begin == "0")
            })
            .filter_map(|dimension| {
                let usd = dimension.pointer("/pricePerUnit/USD")?.as_str()?;
                usd.parse::<f64>().ok()
            })
            .filter(|usd| *usd > 0.0)
            .collect()
    }
}

/// Says whether a text is what stands before usage types outside us-east-1: `APN1-`, `EU-`, `USW2-`.
fn is_region_prefix(prefix: &str) -> bool {
    prefix.strip_suffix('-').is_some_and(|code| {
        (2..=4).contains(&code.len())
            && code
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    })
}

/// Prices that were read from the list, to lie over the table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The version of the file's form.
    pub schema: u32,
    /// The prices.
    pub prices: Vec<OverlayPrice>,
}

/// One price that was read from the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverlayPrice {
    /// The key in the price table.
    pub key: String,
    /// The value in the price table.
    pub value: String,
    /// The region.
    pub region: String,
    /// US dollars for the table's unit.
    pub usd: f64,
    /// The day it was read.
    pub as_of: String,
}

impl Overlay {
    /// Reads an overlay.
    ///
    /// # Errors
    /// When the text is no YAML or of another form.
    pub fn parse(text: &str) -> Result<Self, YamlError> {
        yaml::from_str(text)
    }

    /// Puts a price in, over an earlier one.
    pub fn put(&mut self, price: OverlayPrice) {
        self.schema = 1;
        self.prices.retain(|one| {
            (&one.key, &one.value, &one.region) != (&price.key, &price.value, &price.region)
        });
        self.prices.push(price);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table() -> PriceTable {
        PriceTable::parse(include_str!("../../../../content/prices.yaml")).unwrap()
    }

    fn query(key: &str, value: &str) -> Query {
        queries(&table(), "ap-northeast-1")
            .unwrap()
            .into_iter()
            .find(|query| query.key == key && query.value == value)
            .unwrap_or_else(|| panic!("{key} {value}"))
    }

    /// A product in the shape that the list's documentation gives.
    fn product(usage: &str, dimensions: &[(&str, &str, &str)]) -> Value {
        let dimensions: serde_json::Map<String, Value> = dimensions
            .iter()
            .enumerate()
            .map(|(n, (unit, begin, usd))| {
                let dimension = json!({"unit": unit, "beginRange": begin, "endRange": "Inf",
                    "description": "", "appliesTo": [], "rateCode": "X", "pricePerUnit": {"USD": usd}});
                (format!("SKU.TERM.{n}"), dimension)
            })
            .collect();
        json!({
            "product": {"sku": "SKU", "productFamily": "F", "attributes": {"usagetype": usage}},
            "serviceCode": "S",
            "terms": {"OnDemand": {"SKU.TERM": {"sku": "SKU", "priceDimensions": dimensions}},
                "Reserved": {"SKU.R": {"priceDimensions": {"r": {"unit": "Hrs", "pricePerUnit": {"USD": "0.01"}}}}}},
        })
    }

    #[test]
    fn every_question_is_about_a_price_of_the_table() {
        let raw: RawQueries = yaml::from_str(QUERIES).unwrap();
        let table = table();
        for query in raw.queries {
            assert!(table.values(&query.key).next().is_some(), "{}", query.key);
            let mapped = query
                .values
                .keys()
                .all(|value| table.values(&query.key).any(|v| v == value));
            assert!(mapped, "{}", query.key);
        }
    }

    #[test]
    fn a_price_is_read_when_it_is_the_only_one() {
        let nat = query("nat", "-");
        let hour = product("APN1-NatGateway-Hours", &[("Hrs", "0", "0.0620000000")]);
        let bytes = product("APN1-NatGateway-Bytes", &[("GB", "0", "0.0620000000")]);
        let provisioned = product("APN1-NatGateway-Prvd-Hours", &[("Hrs", "0", "0.1")]);
        let all = [hour.clone(), bytes, provisioned];
        assert!((nat.price(&all).unwrap() - 0.062).abs() < 1e-12);
        assert_eq!(nat.price(&[]), Err(NoPrice::Missing));
        let other = product("NatGateway-Hours", &[("Hrs", "0", "0.045")]);
        assert_eq!(nat.price(&[hour.clone(), other]), Err(NoPrice::Several));
        assert!((nat.price(&[hour.clone(), hour]).unwrap() - 0.062).abs() < 1e-12);
        let free = product("NatGateway-Hours", &[("Hrs", "0", "0.0000000000")]);
        assert_eq!(nat.price(&[free]), Err(NoPrice::Missing));
    }

    #[test]
    fn the_first_tier_counts_in_the_units_of_the_table() {
        let seconds = query("lambda.gbs", "arm64");
        assert!(
            seconds
                .fields
                .contains(&("group".to_owned(), "AWS-Lambda-Duration-ARM".to_owned()))
        );
        let tiers = product(
            "APN1-Lambda-GB-Second-ARM",
            &[
                ("Lambda-GB-Second", "0", "0.0000133334"),
                ("Lambda-GB-Second", "7500000000", "0.0000120001"),
            ],
        );
        assert!((seconds.price(&[tiers]).unwrap() - 0.000_013_333_4).abs() < 1e-12);
        let requests = product("APN1-Request", &[("Requests", "0", "0.0000002000")]);
        assert!((query("lambda.requests", "-").price(&[requests]).unwrap() - 0.2).abs() < 1e-9);
        let throughput = product("EBS:VolumeP-Throughput.gp3", &[("GiBps-mo", "0", "49.152")]);
        assert!(
            (query("ebs.throughput", "gp3").price(&[throughput]).unwrap() - 0.048).abs() < 1e-9
        );
    }

    #[test]
    fn an_overlay_lies_over_the_table_and_reaches_new_regions() {
        let mut table = table();
        let price = |region: &str, usd| OverlayPrice {
            key: "nat".to_owned(),
            value: "-".to_owned(),
            region: region.to_owned(),
            usd,
            as_of: "2026-11-28".to_owned(),
        };
        let mut overlay = Overlay::default();
        overlay.put(price("ap-northeast-1", 0.5));
        overlay.put(price("ap-northeast-1", 0.07));
        overlay.put(price("eu-west-1", 0.048));
        assert_eq!(overlay.prices.len(), 2);
        table.lay_over(&overlay);
        let tokyo = table.price("nat", "-", "ap-northeast-1").unwrap();
        assert!(
            (tokyo.usd - 0.07).abs() < 1e-12 && tokyo.as_of == "2026-11-28" && !tokyo.recollected
        );
        let ireland = table.price("nat", "-", "eu-west-1").unwrap();
        assert!((ireland.usd - 0.048).abs() < 1e-12);
        assert!(table.price("alb", "-", "eu-west-1").is_none());
        assert!(table.price("nat", "-", "us-east-1").is_some());
    }
}
