//! Buckets, file systems, backups, transfer.

use super::super::rows::{Said, Stack, length, number, said};
use super::super::usage;
use crate::lab::evaluate::Resource;

pub(super) fn bucket(stack: &mut Stack<'_>, resource: &Resource) {
    let thousands = usage::REQUESTS_PER_HOUR / 1e3;
    let row = stack
        .row(resource)
        .add("s3.gb", "-", usage::STORED_GB)
        .add("s3.put", "-", thousands)
        .add("s3.get", "-", thousands)
        .by_use(&format!(
            "{} GB, {1} PUT/h, {1} GET/h",
            usage::STORED_GB,
            usage::REQUESTS_PER_HOUR
        ));
    stack.push(row);
}

pub(super) fn efs(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("efs.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())]);
    stack.push(row);
    if said(resource, &["ThroughputMode"]) == Said::Text("provisioned") {
        let throughput = number(resource.property(&["ProvisionedThroughputInMibps"]), 1.0);
        let row = stack
            .implied(resource, &resource.type_name)
            .add("efs.throughput", "-", throughput)
            .note("throughput", &[("mibps", &throughput.to_string())]);
        stack.push(row);
    }
}

/// File systems by the capacity they are created with, which has a high minimum.
pub(super) fn fsx(stack: &mut Stack<'_>, resource: &Resource) {
    let capacity = |least: f64| number(resource.property(&["StorageCapacity"]), least).max(least);
    let row = stack.row(resource);
    let row = match said(resource, &["FileSystemType"]) {
        Said::Text("LUSTRE") => match said(resource, &["LustreConfiguration", "DeploymentType"]) {
            Said::Absent | Said::Text("SCRATCH_1" | "SCRATCH_2") => {
                row.add("fsx.lustre", "-", capacity(1200.0))
            }
            Said::Text(other) => row.unpriced(other),
            Said::Unknown => row.unknown("DeploymentType"),
        },
        Said::Text("WINDOWS") => row
            .add("fsx.windows", "-", capacity(32.0))
            .unpriced("throughput"),
        Said::Text("ONTAP") => row
            .add("fsx.ontap", "-", capacity(1024.0))
            .unpriced("throughput"),
        Said::Text(other) => row.unpriced(other),
        Said::Absent | Said::Unknown => row.unknown("FileSystemType"),
    };
    stack.push(row);
}

pub(super) fn backup(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("backup.gb", "-", usage::STORED_GB)
        .note("stored", &[("gb", &usage::STORED_GB.to_string())]);
    stack.push(row);
}

pub(super) fn data_sync(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("datasync", "-", usage::GB_PER_MONTH / 730.0)
        .by_use(&format!("{} GB/month", usage::GB_PER_MONTH));
    stack.push(row);
}

pub(super) fn file_share(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("storagegateway", "-", usage::GB_PER_MONTH / 730.0)
        .by_use(&format!("{} GB/month", usage::GB_PER_MONTH));
    stack.push(row);
}

/// A server costs for each protocol, also while it is stopped.
pub(super) fn transfer(stack: &mut Stack<'_>, resource: &Resource) {
    let protocols = length(resource.property(&["Protocols"]), 1).max(1);
    let row = stack
        .row(resource)
        .add("transferfamily", "-", 1.0)
        .count(protocols);
    stack.push(row);
}
