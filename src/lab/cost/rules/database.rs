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
    if resource.is_public_database() {
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
    let included = match kind {
        "gp3" if gib >= 400.0 => 12_000.0,
        "gp3" => 3000.0,
        _ => 0.0,
    };
    if matches!(kind, "io1" | "io2" | "gp3") && operations > included {
        row = row.add("rds.iops", kind, operations - included);
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
    let optimized = cluster.is_some_and(is_optimized);
    let row = match class {
        Said::Text("db.serverless") if optimized => row.unpriced("db.serverless, aurora-iopt1"),
        Said::Text("db.serverless") => {
            let scaling = |name: &str| {
                cluster.and_then(|cluster| {
                    cluster.property(&["ServerlessV2ScalingConfiguration", name])
                })
            };
            // What is not said is counted as the smallest unit that does not pause.
            let least = number(scaling("MinCapacity"), 0.5);
            let most = number(scaling("MaxCapacity"), least);
            let row = cluster.map_or(row.clone(), |cluster| {
                row.needs_number(
                    cluster,
                    &["ServerlessV2ScalingConfiguration", "MinCapacity"],
                )
            });
            row.add("aurora.acu", "-", least)
                .may_add("aurora.acu", "-", most - least)
                .note("aurora-capacity", &[("units", &least.to_string())])
        }
        // Its price has the reading and writing in it, and is another.
        Said::Text(class) if optimized => row.unpriced(&format!("{class}, aurora-iopt1")),
        Said::Text(class) => row.add("aurora.instance", class, 1.0),
        Said::Absent | Said::Unknown => row.unknown("DBInstanceClass"),
    };
    stack.push(row);
}

fn is_optimized(cluster: &Resource) -> bool {
    said(cluster, &["StorageType"]) == Said::Text("aurora-iopt1")
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
        (Engine::Aurora, _) if is_optimized(resource) => row.unpriced("aurora-iopt1"),
        (Engine::Aurora, _) => row
            .add("aurora.storage", "-", usage::STORED_GB)
            .note("stored", &[("gb", &usage::STORED_GB.to_string())]),
        (_, Said::Text(class)) => row.unpriced(class),
        (Engine::Unknown, _) => row.unknown("Engine"),
        (_, Said::Absent | Said::Unknown) => row.unknown("DBClusterInstanceClass"),
    };
    stack.push(row);
}

/// Capacity units of Aurora Serverless v2 that a proxy is charged for at the least.
const PROXY_UNITS: f64 = 8.0;

/// A proxy costs by the virtual processors of its target, at least two; in front of Aurora Serverless v2 by capacity
/// units, at least eight.
pub(super) fn proxy(stack: &mut Stack<'_>, resource: &Resource) {
    let targets = |group: &&Resource| {
        let of = stack.target(group.property(&["DBProxyName"]));
        of.is_some_and(|proxy| proxy.logical_id == resource.logical_id)
    };
    let serverless = stack
        .of_type("AWS::RDS::DBProxyTargetGroup")
        .filter(targets)
        .filter_map(|group| stack.target(group.property(&["DBClusterIdentifiers"])))
        .find_map(|cluster| cluster.property(&["ServerlessV2ScalingConfiguration"]));
    let row = stack.row(resource);
    let row = if let Some(scaling) = serverless {
        let most = number(scaling.get("MaxCapacity"), PROXY_UNITS);
        row.add("rds.proxy", "-", PROXY_UNITS)
            .may_add("rds.proxy", "-", most - PROXY_UNITS)
            .carried_over("vCPU")
            .note("proxy-units", &[("units", &PROXY_UNITS.to_string())])
    } else {
        row.add("rds.proxy", "-", 2.0)
            .note("proxy-vcpus", &[("vcpus", "2")])
    };
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
    stack.push(row.needs_number(resource, &["ReplicationFactor"]));
}

pub(super) fn redshift(stack: &mut Stack<'_>, resource: &Resource) {
    let nodes = whole(resource.property(&["NumberOfNodes"]), 1).max(1);
    let class = said(resource, &["NodeType"]);
    let row = by_class(stack.row(resource), "redshift.node", class, "NodeType").count(nodes);
    stack.push(row.needs_number(resource, &["NumberOfNodes"]));
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
    let counts = [
        "NumCacheNodes",
        "NumCacheClusters",
        "NumNodeGroups",
        "ReplicasPerNodeGroup",
    ];
    let row = counts
        .iter()
        .fold(row, |row, name| row.needs_number(resource, &[name]));
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
