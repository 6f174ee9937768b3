//! Rows in the making: prices put together, with their dates, confidence and assumptions.

use std::collections::{BTreeMap, HashMap};

use super::table::{Per, PriceTable};
use super::{Confidence, CostNote, LineItem};
use crate::lab::evaluate::{Evaluated, Resource};
use crate::lab::value::{Expression, Value};
use crate::money::MicroUsd;

/// Hours of a month, as AWS counts them for monthly prices.
pub(super) const HOURS_PER_MONTH: f64 = 730.0;

/// The stack being estimated, and the rows made so far.
pub(super) struct Stack<'a> {
    evaluated: &'a Evaluated,
    by_id: HashMap<&'a str, &'a Resource>,
    pub(super) table: &'a PriceTable,
    pub(super) region: &'a str,
    items: Vec<LineItem>,
    unknown_types: Vec<String>,
}

impl<'a> Stack<'a> {
    pub(super) fn new(evaluated: &'a Evaluated, table: &'a PriceTable, region: &'a str) -> Self {
        Self {
            evaluated,
            by_id: evaluated
                .resources
                .iter()
                .map(|resource| (resource.logical_id.as_str(), resource))
                .collect(),
            table,
            region,
            items: Vec::with_capacity(evaluated.resources.len() * 2),
            unknown_types: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> (Vec<LineItem>, Vec<String>) {
        (self.items, self.unknown_types)
    }

    /// Finds the resource that a value refers to.
    pub(super) fn target(&self, value: Option<&Value>) -> Option<&'a Resource> {
        let mut found = None;
        value?.each_reference(&mut |id, _| {
            found.get_or_insert(id.to_owned());
        });
        self.by_id.get(found?.as_str()).copied()
    }

    /// Gives the resources of a type.
    pub(super) fn of_type(&self, type_name: &'static str) -> impl Iterator<Item = &'a Resource> {
        self.evaluated
            .resources
            .iter()
            .filter(move |resource| resource.type_name == type_name)
    }

    pub(super) fn unknown(&mut self, resource: &Resource) {
        self.unknown_types.push(resource.logical_id.clone());
    }

    /// Begins a row for a resource itself.
    pub(super) fn row(&self, resource: &Resource) -> Row<'a> {
        Row {
            table: self.table,
            region: self.region,
            logical_id: resource.logical_id.clone(),
            type_name: resource.type_name.clone(),
            count: 1,
            max_count: None,
            implied: resource.generated_from.is_some(),
            hourly: Some(0.0),
            more: 0.0,
            as_of: None,
            confidence: None,
            recollected: false,
            notes: Vec::new(),
        }
    }

    /// Begins a row for something that comes with a resource.
    pub(super) fn implied(&self, resource: &Resource, type_name: &str) -> Row<'a> {
        let mut row = self.row(resource);
        row.implied = true;
        type_name.clone_into(&mut row.type_name);
        row
    }

    /// Takes a finished row.
    pub(super) fn push(&mut self, row: Row<'_>) {
        self.items.push(row.item());
    }
}

/// A row in the making; its amounts are for one of the things counted.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    table: &'a PriceTable,
    region: &'a str,
    logical_id: String,
    type_name: String,
    count: u32,
    max_count: Option<u32>,
    implied: bool,
    hourly: Option<f64>,
    /// What one of them may cost more than that, when it grows.
    more: f64,
    as_of: Option<String>,
    confidence: Option<Confidence>,
    recollected: bool,
    notes: Vec<CostNote>,
}

impl<'a> Row<'a> {
    /// Says how many there are.
    pub(super) fn count(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Says how many there can be at the most.
    pub(super) fn at_most(mut self, count: u32) -> Self {
        self.max_count = Some(count);
        self
    }

    /// Counts it by the prices of another region: a replica there.
    pub(super) fn in_region(mut self, region: &'a str) -> Self {
        self.region = region;
        self
    }

    /// Adds what it may grow by: a price times a quantity that counts for the most it can cost alone.
    pub(super) fn may_add(mut self, key: &str, value: &str, quantity: f64) -> Self {
        if let Some(price) = self.table.price(key, value, self.region) {
            self.more += price.usd * quantity.max(0.0) * factor(price.per);
        }
        self
    }

    /// Adds a price times a quantity: of things for prices by time, of uses an hour for prices by use.
    pub(super) fn add(self, key: &str, value: &str, quantity: f64) -> Self {
        match self.table.price(key, value, self.region) {
            Some(price) => {
                let factor = factor(price.per);
                let (as_of, confidence) = (price.as_of.clone(), price.confidence);
                let recollected = price.recollected && price.usd > 0.0 && quantity > 0.0;
                self.amount(
                    price.usd * factor * quantity,
                    as_of,
                    confidence,
                    recollected,
                )
            }
            None => self.unpriced(value),
        }
    }

    /// Adds the difference of two prices times a quantity: what a standby costs more.
    pub(super) fn add_difference(self, more: &str, less: &str, value: &str, quantity: f64) -> Self {
        let table = self.table;
        let of = |key| table.price(key, value, self.region);
        match (of(more), of(less)) {
            (Some(more), Some(less)) => {
                let usd = (more.usd - less.usd) * factor(more.per) * quantity;
                let recollected = more.recollected || less.recollected;
                let confidence = more.confidence.min(less.confidence);
                self.amount(usd, more.as_of.clone(), confidence, recollected)
            }
            _ => self.unpriced(value),
        }
    }

    fn amount(
        mut self,
        hourly: f64,
        as_of: String,
        confidence: Confidence,
        recollected: bool,
    ) -> Self {
        self.hourly = self.hourly.map(|so_far| so_far + hourly);
        self.as_of = Some(match self.as_of.take() {
            Some(known) => known.min(as_of),
            None => as_of,
        });
        self.confidence = Some(match self.confidence {
            Some(known) => known.min(confidence),
            None => confidence,
        });
        self.recollected |= recollected;
        self
    }

    /// Says that a price is carried over from something alike, and so is less than sure.
    pub(super) fn carried_over(mut self, from: &str) -> Self {
        self.confidence = self.confidence.map(|known| known.min(Confidence::Medium));
        self.recollected = true;
        self.note("carried-over", &[("from", from)])
    }

    /// Says that there is no price for a size or kind.
    pub(super) fn unpriced(mut self, value: &str) -> Self {
        self.hourly = None;
        let region = self.region.to_owned();
        self.note("no-price", &[("value", value), ("region", &region)])
    }

    /// Says that a property decides the price and is not known here.
    pub(super) fn unknown(mut self, property: &str) -> Self {
        self.hourly = None;
        self.note("value-unknown", &[("property", property)])
    }

    /// Says that the price hangs on a number that is given but not known here: an import, a parameter of an SSM type.
    pub(super) fn needs_number(self, resource: &Resource, path: &[&str]) -> Self {
        let given = resource.property(path);
        match (given, path.last()) {
            (Some(value), Some(name)) if !matches!(value, Value::Null) => match value.as_number() {
                Some(_) => self,
                None => self.unknown(name),
            },
            _ => self,
        }
    }

    /// Adds an assumption.
    pub(super) fn note(mut self, code: &str, values: &[(&str, &str)]) -> Self {
        let values: BTreeMap<String, String> = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let note = CostNote {
            code: code.to_owned(),
            values,
        };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
        self
    }

    /// Adds the assumption of use.
    pub(super) fn by_use(self, use_: &str) -> Self {
        self.note("by-use", &[("use", use_)])
    }

    fn item(self) -> LineItem {
        let all = |count: u32| self.hourly.map(|usd| usd * f64::from(count));
        let most_of_them = self.max_count.unwrap_or(self.count);
        let (hourly, most) = (
            all(self.count),
            all(most_of_them).map(|usd| usd + self.more * f64::from(most_of_them)),
        );
        let priced = self.hourly.is_some();
        LineItem {
            hourly: hourly.map(MicroUsd::from_usd),
            monthly: hourly.map(|usd| MicroUsd::from_usd(usd * HOURS_PER_MONTH)),
            max_hourly: most.map(MicroUsd::from_usd),
            logical_id: self.logical_id,
            type_name: self.type_name,
            count: self.count,
            implied: self.implied,
            price_as_of: self.as_of.filter(|_| priced),
            confidence: self.confidence.filter(|_| priced),
            recollected: self.recollected && priced,
            notes: self.notes,
        }
    }
}

/// What a unit of a price comes to in an hour.
fn factor(per: Per) -> f64 {
    match per {
        Per::Hour | Per::Use => 1.0,
        Per::Month => 1.0 / HOURS_PER_MONTH,
        Per::Day => 1.0 / 24.0,
    }
}

/// What a property says, when a rule asks for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// Nothing.
    Absent,
    /// A text.
    Text(&'a str),
    /// Something not known here.
    Unknown,
}

/// Reads a text property.
pub(super) fn said<'a>(resource: &'a Resource, path: &[&str]) -> Said<'a> {
    match resource.property(path) {
        None | Some(Value::Null) => Said::Absent,
        Some(value) => value.as_text().map_or(Said::Unknown, Said::Text),
    }
}

/// Reads a number, or the default when nothing is said or it is not known.
pub(super) fn number(value: Option<&Value>, default: f64) -> f64 {
    value.and_then(Value::as_number).unwrap_or(default)
}

/// Reads a whole number of things.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range just before"
)]
pub(super) fn whole(value: Option<&Value>, default: u32) -> u32 {
    value
        .and_then(Value::as_number)
        .map_or(default, |number| number.round().clamp(0.0, 1e6) as u32)
}

/// Counts a list; a list that is not known has the assumed length.
pub(super) fn length(value: Option<&Value>, assumed: u32) -> u32 {
    match value {
        None => assumed,
        Some(Value::List(items)) => items.iter().map(|item| flat_length(item, assumed)).sum(),
        Some(Value::Runtime(expression)) => match expression.as_ref() {
            Expression::If {
                then, otherwise, ..
            } => length(Some(then), assumed).max(length(Some(otherwise), assumed)),
            _ => assumed,
        },
        Some(_) => 1,
    }
}

/// A list parameter within a list counts as its items.
fn flat_length(item: &Value, assumed: u32) -> u32 {
    match item {
        Value::List(_) => length(Some(item), assumed),
        _ => 1,
    }
}

/// Says whether a property is true.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}
