//! `DynamoDB`: capacity by the hour with what it may grow to, or use at the assumed rate.

use super::super::rows::{Row, Said, Stack, number, said};
use super::super::usage;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

/// Read and write capacity units.
#[derive(Debug, Clone, Copy, Default)]
struct Units {
    read: f64,
    write: f64,
}

impl Units {
    fn plus(self, other: Self) -> Self {
        Self {
            read: self.read + other.read,
            write: self.write + other.write,
        }
    }

    /// Adds the price of these, of what they may grow to, and of what is stored.
    fn count(self, row: Row<'_>, most: Self) -> Row<'_> {
        row.add("ddb.rcu", "-", self.read)
            .add("ddb.wcu", "-", self.write)
            .may_add("ddb.rcu", "-", most.read - self.read)
            .may_add("ddb.wcu", "-", most.write - self.write)
            .note(
                "capacity",
                &[
                    ("read", &self.read.to_string()),
                    ("write", &self.write.to_string()),
                ],
            )
    }
}

fn stored(row: Row<'_>) -> Row<'_> {
    row.add("ddb.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())])
}

fn on_demand_use(row: Row<'_>) -> Row<'_> {
    let uses = usage::REQUESTS_PER_HOUR / 1e6;
    row.add("ddb.wru", "-", uses)
        .add("ddb.rru", "-", uses)
        .by_use(&format!(
            "{0} reads/h, {0} writes/h",
            usage::REQUESTS_PER_HOUR
        ))
}

/// Says whether a table is charged by request: `None` when that is not known.
fn on_demand(resource: &Resource) -> Option<bool> {
    match said(resource, &["BillingMode"]) {
        Said::Text("PAY_PER_REQUEST") => Some(true),
        // CloudFormation's default is provisioned, unless no throughput is given at all.
        Said::Absent | Said::Text(_) => Some(false),
        Said::Unknown => None,
    }
}

fn indexes(resource: &Resource) -> &[Value] {
    resource
        .property(&["GlobalSecondaryIndexes"])
        .and_then(Value::as_list)
        .unwrap_or_default()
}

/// Tables: capacity by the hour, or use at the assumed rate; indexes have capacity of their own.
pub(super) fn table(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match on_demand(resource) {
        None => {
            let row = row.unknown("BillingMode");
            return stack.push(row);
        }
        Some(true) => on_demand_use(row),
        Some(false) => {
            let own = capacity(resource.property(&["ProvisionedThroughput"]));
            let of_indexes = indexes(resource)
                .iter()
                .map(|index| capacity(index.get("ProvisionedThroughput")))
                .fold(Units::default(), Units::plus);
            let most = scaled_to(stack, resource, own);
            let row = ["ReadCapacityUnits", "WriteCapacityUnits"]
                .iter()
                .fold(row, |row, name| {
                    row.needs_number(resource, &["ProvisionedThroughput", name])
                });
            own.plus(of_indexes).count(row, most.plus(of_indexes))
        }
    };
    stack.push(stored(row));
}

fn capacity(throughput: Option<&Value>) -> Units {
    let unit = |name: &str| {
        let value = throughput.and_then(|throughput| throughput.get(name));
        // Not said or not known: the least there is.
        number(value, 1.0)
    };
    Units {
        read: unit("ReadCapacityUnits"),
        write: unit("WriteCapacityUnits"),
    }
}

/// Finds how far Application Auto Scaling may raise a table.
fn scaled_to(stack: &Stack<'_>, table: &Resource, own: Units) -> Units {
    let mut most = own;
    for target in stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget") {
        let about = stack.target(target.property(&["ResourceId"]));
        if about.is_none_or(|about| about.logical_id != table.logical_id) {
            continue;
        }
        let limit = |least: f64| number(target.property(&["MaxCapacity"]), least).max(least);
        match said(target, &["ScalableDimension"]) {
            Said::Text("dynamodb:table:ReadCapacityUnits") => most.read = limit(own.read),
            Said::Text("dynamodb:table:WriteCapacityUnits") => most.write = limit(own.write),
            _ => {}
        }
    }
    most
}

/// One row for each replica, by the prices of its region: each reads what it is set to and writes what all write.
pub(super) fn global_table(stack: &mut Stack<'_>, resource: &Resource) {
    let Some(by_request) = on_demand(resource) else {
        let row = stack.row(resource).unknown("BillingMode");
        return stack.push(row);
    };
    let Some(Value::List(replicas)) = resource.property(&["Replicas"]) else {
        let row = stack.row(resource).unknown("Replicas");
        return stack.push(row);
    };
    let writes = |of: Option<&Value>, which| {
        let settings = of.and_then(|of| of.get("WriteProvisionedThroughputSettings"));
        scaling(settings, "WriteCapacityAutoScalingSettings", which)
    };
    for (at, replica) in replicas.iter().enumerate() {
        let row = if at == 0 {
            stack.row(resource)
        } else {
            stack.implied(resource, &resource.type_name)
        };
        let row = match replica.get("Region").map(Value::as_text) {
            Some(Some(region)) => row.in_region(region),
            Some(None) | None => row.unknown("Region"),
        };
        let row = if by_request {
            on_demand_use(row)
        } else {
            let units = |which: Bound| {
                let of_indexes = indexes(resource)
                    .iter()
                    .map(|index| writes(Some(index), which))
                    .sum::<f64>();
                let read_of_indexes = replica
                    .get("GlobalSecondaryIndexes")
                    .and_then(Value::as_list)
                    .unwrap_or_default()
                    .iter()
                    .map(|index| reads(index, which))
                    .sum::<f64>();
                Units {
                    read: reads(replica, which) + read_of_indexes,
                    write: writes(Some(&resource.properties), which) + of_indexes,
                }
            };
            units(Bound::Least).count(row, units(Bound::Most))
        };
        stack.push(stored(row));
    }
}

/// Which end of a range of capacity.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Least,
    Most,
}

fn reads(of: &Value, which: Bound) -> f64 {
    let settings = of.get("ReadProvisionedThroughputSettings");
    match settings.and_then(|settings| settings.get("ReadCapacityUnits")) {
        Some(fixed) => number(Some(fixed), 1.0),
        None => scaling(settings, "ReadCapacityAutoScalingSettings", which),
    }
}

/// Reads a range of capacity; what is not said is the least there is.
fn scaling(settings: Option<&Value>, name: &str, which: Bound) -> f64 {
    let range = settings.and_then(|settings| settings.get(name));
    let bound = |name: &str| range.and_then(|range| range.get(name));
    let least = number(bound("MinCapacity"), 1.0);
    match which {
        Bound::Least => number(bound("SeedCapacity"), least),
        Bound::Most => number(bound("MaxCapacity"), least),
    }
}
