//! Streams, search, analytics, brokers, machine learning.

use super::super::rows::{Row, Said, Stack, is_true, number, said, whole};
use super::super::usage;
use super::compute;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

fn by_class<'a>(row: Row<'a>, key: &str, class: Said<'_>, property: &str) -> Row<'a> {
    match class {
        Said::Text(class) => row.add(key, class, 1.0),
        Said::Absent | Said::Unknown => row.unknown(property),
    }
}

/// How a stream is charged.
enum Capacity {
    OnDemand,
    Shards(u32),
    /// By a property that is not known here.
    Unknown(&'static str),
}

fn capacity(stream: &Resource) -> Capacity {
    let shards = stream.property(&["ShardCount"]);
    match (said(stream, &["StreamModeDetails", "StreamMode"]), shards) {
        (Said::Text("ON_DEMAND"), _) | (Said::Absent, None) => Capacity::OnDemand,
        (Said::Unknown, _) => Capacity::Unknown("StreamMode"),
        (Said::Text(_) | Said::Absent, Some(shards)) if shards.as_number().is_none() => {
            Capacity::Unknown("ShardCount")
        }
        (Said::Text(_) | Said::Absent, shards) => Capacity::Shards(whole(shards, 1).max(1)),
    }
}

/// Shards by the hour, dearer when they keep more than a day; a stream on demand costs by the hour even when it is
/// empty.
pub(super) fn kinesis(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match capacity(resource) {
        Capacity::OnDemand => row.add("kinesis.ondemand", "-", 1.0),
        Capacity::Shards(shards) => {
            let row = row.add("kinesis.shard", "-", 1.0).count(shards);
            if number(resource.property(&["RetentionPeriodHours"]), 24.0) > 24.0 {
                row.add("kinesis.retention", "-", 1.0)
            } else {
                row
            }
        }
        Capacity::Unknown(property) => row.unknown(property),
    };
    stack.push(row);
}

/// Enhanced fan-out: each consumer costs for each shard of its stream, or by what it reads on demand.
pub(super) fn stream_consumer(stack: &mut Stack<'_>, resource: &Resource) {
    let stream = stack
        .target(resource.property(&["StreamARN"]))
        .filter(|stream| stream.type_name == "AWS::Kinesis::Stream");
    let row = stack.row(resource);
    let row = match stream.map(capacity) {
        Some(Capacity::Shards(shards)) => row.add("kinesis.consumer", "-", 1.0).count(shards),
        Some(Capacity::OnDemand) => row
            .add("kinesis.fanout", "-", usage::GB_PER_MONTH / 730.0)
            .by_use(&format!("{} GB/month", usage::GB_PER_MONTH)),
        Some(Capacity::Unknown(property)) => row.unknown(property),
        None => row.unknown("StreamARN"),
    };
    stack.push(row);
}

pub(super) fn firehose(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("firehose.gb", "-", usage::GB_PER_MONTH / 730.0)
        .by_use(&format!("{} GB/month", usage::GB_PER_MONTH));
    stack.push(row);
}

/// One processing unit works, one more orchestrates.
pub(super) fn flink(stack: &mut Stack<'_>, resource: &Resource) {
    let parallel = number(
        resource.property(&[
            "ApplicationConfiguration",
            "FlinkApplicationConfiguration",
            "ParallelismConfiguration",
            "Parallelism",
        ]),
        1.0,
    );
    let row = stack
        .row(resource)
        .add("flink.kpu", "-", parallel + 1.0)
        .note("while-active", &[("units", &(parallel + 1.0).to_string())]);
    stack.push(row);
}

pub(super) fn search_domain(stack: &mut Stack<'_>, resource: &Resource) {
    domain(stack, resource, "ClusterConfig", ".search");
}

/// The older type of the same service, with the older names of its classes.
pub(super) fn elasticsearch(stack: &mut Stack<'_>, resource: &Resource) {
    domain(
        stack,
        resource,
        "ElasticsearchClusterConfig",
        ".elasticsearch",
    );
}

fn domain(stack: &mut Stack<'_>, resource: &Resource, config: &str, suffix: &str) {
    let nodes = whole(resource.property(&[config, "InstanceCount"]), 1).max(1);
    let row = stack.row(resource).count(nodes);
    let class = said(resource, &[config, "InstanceType"]);
    let row = domain_row(row, class, suffix);
    stack.push(row.needs_number(resource, &[config, "InstanceCount"]));
    if is_true(resource.property(&[config, "DedicatedMasterEnabled"])) {
        let masters = whole(resource.property(&[config, "DedicatedMasterCount"]), 3);
        let class = said(resource, &[config, "DedicatedMasterType"]);
        let row = stack.implied(resource, &resource.type_name).count(masters);
        let row = domain_row(row, class, suffix).note("masters", &[]);
        stack.push(row);
    }
    if is_true(resource.property(&["EBSOptions", "EBSEnabled"])) {
        let gib = number(resource.property(&["EBSOptions", "VolumeSize"]), 10.0);
        let row = stack.implied(resource, "AWS::EC2::Volume").count(nodes);
        let row = match said(resource, &["EBSOptions", "VolumeType"]) {
            Said::Text(kind) => row.add("opensearch.gb", kind, gib),
            Said::Absent => row.add("opensearch.gb", "gp2", gib),
            Said::Unknown => row.unknown("VolumeType"),
        };
        let row = row.needs_number(resource, &["EBSOptions", "VolumeSize"]);
        stack.push(row.note("stored", &[("gb", &gib.to_string())]));
    }
}

fn domain_row<'a>(row: Row<'a>, class: Said<'_>, suffix: &str) -> Row<'a> {
    match class {
        Said::Text(class) => row.add(
            "opensearch.instance",
            &class.replace(suffix, ".search"),
            1.0,
        ),
        Said::Absent | Said::Unknown => row.unknown("InstanceType"),
    }
}

/// A collection holds two capacity units, one when it has no standby.
pub(super) fn search_collection(stack: &mut Stack<'_>, resource: &Resource) {
    let alone = said(resource, &["StandbyReplicas"]) == Said::Text("DISABLED");
    let units = if alone { 1.0 } else { 2.0 };
    let row = stack
        .row(resource)
        .add("aoss.ocu", "-", units)
        .note("least-units", &[("units", &units.to_string())]);
    stack.push(row);
}

pub(super) fn msk(stack: &mut Stack<'_>, resource: &Resource) {
    let brokers = whole(resource.property(&["NumberOfBrokerNodes"]), 2).max(1);
    let class = said(resource, &["BrokerNodeGroupInfo", "InstanceType"]);
    let row = by_class(stack.row(resource), "msk.broker", class, "InstanceType").count(brokers);
    let row = row.needs_number(resource, &["NumberOfBrokerNodes"]);
    let size = ["StorageInfo", "EBSStorageInfo", "VolumeSize"];
    let size = resource.property(&["BrokerNodeGroupInfo", size[0], size[1], size[2]]);
    let Some(gib) = size.and_then(Value::as_number) else {
        return stack.push(row.note("storage-extra", &[]));
    };
    stack.push(row);
    let row = stack
        .implied(resource, "AWS::EC2::Volume")
        .add("msk.gb", "-", gib)
        .count(brokers)
        .note("stored", &[("gb", &gib.to_string())]);
    stack.push(row);
}

pub(super) fn msk_serverless(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource).add("msk.serverless", "-", 1.0);
    stack.push(row);
}

/// A pair of brokers costs twice a single one.
pub(super) fn mq(stack: &mut Stack<'_>, resource: &Resource) {
    let brokers = match said(resource, &["DeploymentMode"]) {
        Said::Text("ACTIVE_STANDBY_MULTI_AZ") => 2,
        Said::Text("CLUSTER_MULTI_AZ") => 3,
        _ => 1,
    };
    let class = said(resource, &["HostInstanceType"]);
    let row = by_class(stack.row(resource), "mq", class, "HostInstanceType").count(brokers);
    stack.push(row.note("storage-extra", &[]));
}

pub(super) fn mwaa(stack: &mut Stack<'_>, resource: &Resource) {
    let class = match said(resource, &["EnvironmentClass"]) {
        Said::Absent => Said::Text("mw1.small"),
        said => said,
    };
    let row = by_class(stack.row(resource), "mwaa", class, "EnvironmentClass");
    stack.push(row);
}

/// The service's surcharge and the instance below it, for masters and core nodes.
pub(super) fn emr(stack: &mut Stack<'_>, resource: &Resource) {
    for (group, fallback) in [("MasterInstanceGroup", 1), ("CoreInstanceGroup", 0)] {
        let path = ["Instances", group, "InstanceType"];
        let count = whole(
            resource.property(&["Instances", group, "InstanceCount"]),
            fallback,
        );
        if count == 0 {
            continue;
        }
        let class = said(resource, &path);
        let row = by_class(stack.row(resource), "emr", class, "InstanceType").count(count);
        stack.push(row);
        let row = stack.implied(resource, "AWS::EC2::Instance").count(count);
        let row = compute::nodes(row, class);
        stack.push(row);
    }
}

/// A job or crawler costs while it runs: one run an hour is assumed, of a minute or the least that is charged.
pub(super) fn glue(stack: &mut Stack<'_>, resource: &Resource) {
    let workers = number(resource.property(&["NumberOfWorkers"]), 0.0);
    let units = match said(resource, &["WorkerType"]) {
        Said::Text("G.1X" | "Standard") => workers.max(1.0),
        Said::Text("G.2X") => workers.max(1.0) * 2.0,
        Said::Text("G.4X") => workers.max(1.0) * 4.0,
        Said::Text("G.8X") => workers.max(1.0) * 8.0,
        Said::Text("G.025X") => workers.max(1.0) * 0.25,
        _ if said(resource, &["Command", "Name"]) == Said::Text("pythonshell") => {
            number(resource.property(&["MaxCapacity"]), 0.0625)
        }
        // A crawler's size, and the default of a job.
        _ if resource.type_name == "AWS::Glue::Crawler" => 2.0,
        _ => {
            let capacity = resource.property(&["MaxCapacity"]);
            number(
                capacity.or_else(|| resource.property(&["AllocatedCapacity"])),
                10.0,
            )
        }
    };
    let minutes = if resource.type_name == "AWS::Glue::Crawler" {
        usage::LEAST_CRAWL_MINUTES
    } else {
        usage::WORK_MINUTES_PER_HOUR
    };
    let row = stack
        .row(resource)
        .add("glue.dpu", "-", units * minutes / 60.0)
        .by_use(&format!("{minutes} min/h, {units} DPU"));
    stack.push(row);
}

pub(super) fn athena(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("athena", "-", usage::GB_PER_MONTH / 1000.0 / 730.0)
        .by_use(&format!("{} GB/month", usage::GB_PER_MONTH));
    stack.push(row);
}

pub(super) fn dms(stack: &mut Stack<'_>, resource: &Resource) {
    let class = said(resource, &["ReplicationInstanceClass"]);
    let two = is_true(resource.property(&["MultiAZ"]));
    let row = by_class(
        stack.row(resource),
        "dms",
        class,
        "ReplicationInstanceClass",
    );
    stack.push(row.count(if two { 2 } else { 1 }));
}

pub(super) fn kendra(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["Edition"]) {
        Said::Text(edition) => row.add("kendra", edition, 1.0),
        Said::Absent | Said::Unknown => row.unknown("Edition"),
    };
    stack.push(row);
}

pub(super) fn sagemaker_notebook(stack: &mut Stack<'_>, resource: &Resource) {
    let class = said(resource, &["InstanceType"]);
    let row = by_class(
        stack.row(resource),
        "sagemaker.notebook",
        class,
        "InstanceType",
    );
    stack.push(row);
}

pub(super) fn sagemaker_endpoint(stack: &mut Stack<'_>, resource: &Resource) {
    let config = stack.target(resource.property(&["EndpointConfigName"]));
    let variants = config.and_then(|config| config.property(&["ProductionVariants"]));
    let row = stack.row(resource);
    let row = match variants.and_then(Value::as_list).and_then(<[_]>::first) {
        Some(variant) => {
            let count = whole(variant.get("InitialInstanceCount"), 1).max(1);
            match variant.get("InstanceType").and_then(Value::as_text) {
                Some(class) => row.add("sagemaker.endpoint", class, 1.0).count(count),
                // Serverless variants cost by use.
                None => row.unpriced("serverless"),
            }
        }
        None => row.unknown("EndpointConfigName"),
    };
    stack.push(row);
}
