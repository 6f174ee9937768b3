//! Databases and caches: instances, standbys, storage, capacity.

use super::super::rows::{Row, Said, Stack, is_true, length, number, said, whole};
use super::super::usage;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

/// What an engine's name says about its prices.
enum Engine {
    /// Prices under this key.
    Known(&'static str),
    /// The same prices as another engine's, by recollection.
    Like(&'static str, &'static str),
    Aurora,
    Other(String),
    Unknown,
}

fn engine(value: Said<'_>) -> Engine {
    match value {
        Said::Text(name) => match name.to_ascii_lowercase().as_str() {
            "mysql" => Engine::Known("rds.mysql"),
            "postgres" => Engine::Known("rds.postgres"),
            "mariadb" => Engine::Like("rds.mysql", "MySQL"),
            name if name.starts_with("aurora") => Engine::Aurora,
            name => Engine::Other(name.to_owned()),
        },
        Said::Absent | Said::Unknown => Engine::Unknown,
    }
}

pub(super) fn instance(stack: &mut Stack<'_>, resource: &Resource) {
    let cluster = stack.target(resource.property(&["DBClusterIdentifier"]));
    let source = stack.target(resource.property(&["SourceDBInstanceIdentifier"]));
    let of = |path: &str| match said(resource, &[path]) {
        // A member takes its engine from the cluster, a read replica from its source.
        Said::Absent => [cluster, source]
            .into_iter()
            .flatten()
            .map(|from| said(from, &[path]))
            .find(|said| *said != Said::Absent)
            .unwrap_or(Said::Absent),
        said => said,
    };
    let class = of("DBInstanceClass");
    let engine = engine(of("Engine"));
    if matches!(engine, Engine::Aurora) || resource.property(&["DBClusterIdentifier"]).is_some() {
        aurora_member(stack, resource, cluster, class);
    } else {
        rds(stack, resource, source, &engine, class);
    }
    if is_true(resource.property(&["PubliclyAccessible"])) {
        let row = stack
            .implied(resource, "AWS::EC2::EIP")
            .add("ipv4", "-", 1.0)
            .note("public-ipv4", &[]);
        stack.push(row);
    }
}

fn rds(
    stack: &mut Stack<'_>,
    resource: &Resource,
    source: Option<&Resource>,
    engine: &Engine,
    class: Said<'_>,
) {
    let row = stack.row(resource);
    let multi = is_true(resource.property(&["MultiAZ"]));
    let (row, key) = match (engine, class) {
        (Engine::Known(key), Said::Text(class)) => (row.add(key, class, 1.0), Some(*key)),
        (Engine::Like(key, name), Said::Text(class)) => {
            (row.add(key, class, 1.0).carried_over(name), Some(*key))
        }
        (Engine::Other(name), _) => (row.unpriced(name), None),
        (Engine::Unknown | Engine::Aurora, _) => (row.unknown("Engine"), None),
        (_, Said::Absent | Said::Unknown) => (row.unknown("DBInstanceClass"), None),
    };
    stack.push(row);
    if multi && let (Some(key), Said::Text(class)) = (key, class) {
        let row = stack
            .implied(resource, &resource.type_name)
            .add_difference(&format!("{key}.multi"), key, class, 1.0)
            .note("standby", &[]);
        stack.push(row);
    }
    database_storage(stack, resource, source, multi);
}

/// Storage, and the standby's, as rows of their own.
fn database_storage(
    stack: &mut Stack<'_>,
    resource: &Resource,
    source: Option<&Resource>,
    multi: bool,
) {
    let gib = resource
        .property(&["AllocatedStorage"])
        .or_else(|| source.and_then(|source| source.property(&["AllocatedStorage"])));
    let row = stack.implied(resource, &resource.type_name);
    let Some(gib) = gib.and_then(Value::as_number) else {
        let row = row.unknown("AllocatedStorage");
        return stack.push(row);
    };
    let operations = number(resource.property(&["Iops"]), 0.0);
    let kind = match said(resource, &["StorageType"]) {
        Said::Text(kind) => kind,
        Said::Absent if operations > 0.0 => "io1",
        Said::Absent => "gp3",
        Said::Unknown => {
            let row = row.unknown("StorageType");
            return stack.push(row);
        }
    };
    let size = format!("{gib}");
    let mut row = row
        .add("rds.storage", kind, gib)
        .note("storage", &[("gib", &size), ("kind", kind)]);
    if matches!(kind, "io1" | "io2") && operations > 0.0 {
        row = row.add("rds.iops", kind, operations);
    }
    stack.push(row);
    if multi {
        let row = stack
            .implied(resource, &resource.type_name)
            .add_difference("rds.storage.multi", "rds.storage", kind, gib)
            .note("standby-storage", &[("gib", &size), ("kind", kind)]);
        stack.push(row);
    }
}

/// A member of an Aurora cluster; its storage is the cluster's.
fn aurora_member(
    stack: &mut Stack<'_>,
    resource: &Resource,
    cluster: Option<&Resource>,
    class: Said<'_>,
) {
    let row = stack.row(resource);
    let row = match class {
        Said::Text("db.serverless") => {
            let scaling = |name: &str| {
                cluster.and_then(|cluster| {
                    cluster.property(&["ServerlessV2ScalingConfiguration", name])
                })
            };
            // What is not said is counted as the smallest unit that does not pause.
            let least = number(scaling("MinCapacity"), 0.5);
            row.add("aurora.acu", "-", least)
                .note("aurora-capacity", &[("units", &least.to_string())])
        }
        Said::Text(class) => row.add("aurora.instance", class, 1.0),
        Said::Absent | Said::Unknown => row.unknown("DBInstanceClass"),
    };
    stack.push(row);
}

/// A cluster's storage; its members are resources of their own. A Multi-AZ cluster names a class itself.
pub(super) fn aurora_cluster(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    if said(resource, &["EngineMode"]) == Said::Text("serverless") {
        let row = row.unpriced("serverless v1");
        return stack.push(row);
    }
    let row = match (
        engine(said(resource, &["Engine"])),
        said(resource, &["DBClusterInstanceClass"]),
    ) {
        (Engine::Aurora, _) => row
            .add("aurora.storage", "-", usage::STORED_GB)
            .note("stored", &[("gb", &usage::STORED_GB.to_string())]),
        (_, Said::Text(class)) => row.unpriced(class),
        (Engine::Unknown, _) => row.unknown("Engine"),
        (_, Said::Absent | Said::Unknown) => row.unknown("DBClusterInstanceClass"),
    };
    stack.push(row);
}

/// A proxy costs by the virtual processors of its target, at least two.
pub(super) fn proxy(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("rds.proxy", "-", 2.0)
        .note("proxy-vcpus", &[("vcpus", "2")]);
    stack.push(row);
}

fn by_class<'a>(row: Row<'a>, key: &str, class: Said<'_>, property: &str) -> Row<'a> {
    match class {
        Said::Text(class) => row.add(key, class, 1.0),
        Said::Absent | Said::Unknown => row.unknown(property),
    }
}

pub(super) fn docdb(stack: &mut Stack<'_>, resource: &Resource) {
    let class = said(resource, &["DBInstanceClass"]);
    let row = by_class(
        stack.row(resource),
        "docdb.instance",
        class,
        "DBInstanceClass",
    );
    stack.push(row);
}

pub(super) fn docdb_cluster(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("docdb.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())]);
    stack.push(row);
}

pub(super) fn neptune(stack: &mut Stack<'_>, resource: &Resource) {
    let class = said(resource, &["DBInstanceClass"]);
    let row = by_class(
        stack.row(resource),
        "neptune.instance",
        class,
        "DBInstanceClass",
    );
    stack.push(row);
}

pub(super) fn neptune_cluster(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("neptune.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())]);
    stack.push(row);
}

pub(super) fn dax(stack: &mut Stack<'_>, resource: &Resource) {
    let nodes = whole(resource.property(&["ReplicationFactor"]), 1).max(1);
    let class = said(resource, &["NodeType"]);
    let row = by_class(stack.row(resource), "dax.node", class, "NodeType").count(nodes);
    stack.push(row);
}

pub(super) fn redshift(stack: &mut Stack<'_>, resource: &Resource) {
    let nodes = whole(resource.property(&["NumberOfNodes"]), 1).max(1);
    let class = said(resource, &["NodeType"]);
    let row = by_class(stack.row(resource), "redshift.node", class, "NodeType").count(nodes);
    stack.push(row);
}

/// Counted as if it worked all the time: a cap must hold for a query that hangs.
pub(super) fn redshift_serverless(stack: &mut Stack<'_>, resource: &Resource) {
    let units = number(resource.property(&["BaseCapacity"]), 128.0);
    let row = stack
        .row(resource)
        .add("redshift.rpu", "-", units)
        .note("while-active", &[("units", &units.to_string())]);
    stack.push(row);
}

fn cache_key(engine: Said<'_>) -> Option<&'static str> {
    match engine {
        Said::Text(name) => match name.to_ascii_lowercase().as_str() {
            "redis" => Some("cache.redis"),
            "memcached" => Some("cache.memcached"),
            "valkey" => Some("cache.valkey"),
            _ => None,
        },
        // A replication group without a word is Redis.
        Said::Absent => Some("cache.redis"),
        Said::Unknown => None,
    }
}

fn cache_nodes(stack: &mut Stack<'_>, resource: &Resource, nodes: u32) {
    let row = stack.row(resource).count(nodes);
    let row = match (
        cache_key(said(resource, &["Engine"])),
        said(resource, &["CacheNodeType"]),
    ) {
        (Some(key), Said::Text(class)) => row.add(key, class, 1.0),
        (Some(_), Said::Absent | Said::Unknown) => row.unknown("CacheNodeType"),
        (None, _) => row.unknown("Engine"),
    };
    stack.push(row);
}

pub(super) fn cache_cluster(stack: &mut Stack<'_>, resource: &Resource) {
    let nodes = whole(resource.property(&["NumCacheNodes"]), 1).max(1);
    cache_nodes(stack, resource, nodes);
}

pub(super) fn replication_group(stack: &mut Stack<'_>, resource: &Resource) {
    let count = |name: &str| resource.property(&[name]);
    let nodes = match (
        count("NumCacheClusters"),
        count("NumNodeGroups"),
        count("ReplicasPerNodeGroup"),
    ) {
        (Some(nodes), _, _) => whole(Some(nodes), 1),
        (None, None, None) => match resource.property(&["NodeGroupConfiguration"]) {
            Some(Value::List(groups)) => groups
                .iter()
                .map(|group| 1 + whole(group.get("ReplicaCount"), 0))
                .sum(),
            other => length(other, 1),
        },
        (None, groups, replicas) => whole(groups, 1).max(1) * (1 + whole(replicas, 0)),
    };
    cache_nodes(stack, resource, nodes.max(1));
}

/// Serverless caches hold at least 1 GB, Valkey 0.1 GB.
pub(super) fn serverless_cache(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["Engine"]) {
        Said::Text(engine) => {
            let engine = engine.to_ascii_lowercase();
            let least = if engine == "valkey" { 0.1 } else { 1.0 };
            row.add("cache.serverless", &engine, least)
                .note("least-stored", &[("gb", &least.to_string())])
        }
        Said::Absent | Said::Unknown => row.unknown("Engine"),
    };
    stack.push(row);
}

/// Tables: capacity by the hour, or use at the assumed rate; indexes have capacity of their own.
pub(super) fn table(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let on_demand = match said(resource, &["BillingMode"]) {
        Said::Text("PAY_PER_REQUEST") => true,
        // CloudFormation's default is provisioned, unless no throughput is given at all.
        Said::Absent | Said::Text(_) => false,
        Said::Unknown => {
            let row = row.unknown("BillingMode");
            return stack.push(row);
        }
    };
    let row = if on_demand {
        on_demand_use(row)
    } else {
        let own = capacity(resource.property(&["ProvisionedThroughput"]));
        let mut total = own;
        let indexes = resource
            .property(&["GlobalSecondaryIndexes"])
            .and_then(Value::as_list);
        for index in indexes.unwrap_or_default() {
            let of_index = capacity(index.get("ProvisionedThroughput"));
            total = (total.0 + of_index.0, total.1 + of_index.1);
        }
        row.add("ddb.rcu", "-", total.0)
            .add("ddb.wcu", "-", total.1)
            .note(
                "capacity",
                &[
                    ("read", &total.0.to_string()),
                    ("write", &total.1.to_string()),
                ],
            )
    };
    let row = row
        .add("ddb.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())]);
    stack.push(row);
}

fn capacity(throughput: Option<&Value>) -> (f64, f64) {
    let unit = |name: &str| {
        let value = throughput.and_then(|throughput| throughput.get(name));
        // Not said or not known: the least there is.
        number(value, 1.0)
    };
    (unit("ReadCapacityUnits"), unit("WriteCapacityUnits"))
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

pub(super) fn global_table(stack: &mut Stack<'_>, resource: &Resource) {
    let replicas = length(resource.property(&["Replicas"]), 1).max(1);
    let on_demand = said(resource, &["BillingMode"]) == Said::Text("PAY_PER_REQUEST");
    let row = stack.row(resource).count(replicas);
    let row = if on_demand {
        on_demand_use(row)
    } else {
        row.add("ddb.rcu", "-", 1.0)
            .add("ddb.wcu", "-", 1.0)
            .note("capacity", &[("read", "1"), ("write", "1")])
    };
    let row = row.add("ddb.gb", "-", usage::STORED_GB);
    stack.push(row);
}
