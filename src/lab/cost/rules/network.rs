//! Gateways, load balancers, endpoints, addresses, names.

use super::super::rows::{Row, Said, Stack, length, said};
use super::super::usage;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

pub(super) fn elastic_ip(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource).add("ipv4", "-", 1.0);
    stack.push(row);
}

/// A gateway by the hour; its address is a row of its own, in the template or implied.
pub(super) fn nat_gateway(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("nat", "-", 1.0)
        .note("data-extra", &[]);
    stack.push(row);
    let private = said(resource, &["ConnectivityType"]) == Said::Text("private");
    let address = stack.target(resource.property(&["AllocationId"]));
    if !private && address.is_none_or(|address| address.type_name != "AWS::EC2::EIP") {
        let row = stack
            .implied(resource, "AWS::EC2::EIP")
            .add("ipv4", "-", 1.0)
            .note("public-ipv4", &[]);
        stack.push(row);
    }
}

pub(super) fn load_balancer(stack: &mut Stack<'_>, resource: &Resource) {
    let (key, units, zones_have_addresses) = match said(resource, &["Type"]) {
        Said::Absent | Said::Text("application") => ("alb", "alb.lcu", true),
        Said::Text("network") => ("nlb", "nlb.lcu", true),
        Said::Text("gateway") => ("gwlb", "", false),
        Said::Text(other) => {
            let row = stack.row(resource).unpriced(other);
            return stack.push(row);
        }
        Said::Unknown => {
            let row = stack.row(resource).unknown("Type");
            return stack.push(row);
        }
    };
    let row = stack.row(resource).add(key, "-", 1.0);
    stack.push(row);
    if !units.is_empty() {
        let row = stack
            .implied(resource, &resource.type_name)
            .add(units, "-", usage::CAPACITY_UNITS)
            .note(
                "capacity-units",
                &[("units", &usage::CAPACITY_UNITS.to_string())],
            );
        stack.push(row);
    }
    let internal = said(resource, &["Scheme"]) == Said::Text("internal");
    if zones_have_addresses && !internal {
        let zones = match resource.property(&["SubnetMappings"]) {
            // An address of its own is in the template as an EIP.
            Some(Value::List(mappings)) => mappings
                .iter()
                .filter(|mapping| mapping.get("AllocationId").is_none())
                .map(|_| 1)
                .sum(),
            Some(_) => usage::ZONES,
            None => length(resource.property(&["Subnets"]), usage::ZONES),
        };
        addresses(stack, resource, zones);
    }
}

/// Rows for the addresses that a load balancer holds in each zone.
fn addresses(stack: &mut Stack<'_>, resource: &Resource, count: u32) {
    if count > 0 {
        let row = stack
            .implied(resource, "AWS::EC2::EIP")
            .add("ipv4", "-", 1.0)
            .count(count)
            .note("ipv4-per-zone", &[("zones", &count.to_string())]);
        stack.push(row);
    }
}

pub(super) fn classic_load_balancer(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("clb", "-", 1.0)
        .note("data-extra", &[]);
    stack.push(row);
    if said(resource, &["Scheme"]) != Said::Text("internal") {
        let subnets = resource
            .property(&["Subnets"])
            .or_else(|| resource.property(&["AvailabilityZones"]));
        addresses(stack, resource, length(subnets, usage::ZONES));
    }
}

pub(super) fn endpoint(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let zones = length(resource.property(&["SubnetIds"]), 1).max(1);
    let row = match said(resource, &["VpcEndpointType"]) {
        // The API's default; S3 and DynamoDB, free everywhere.
        Said::Absent | Said::Text("Gateway") => row,
        Said::Text("Interface") => row
            .add("vpce.interface", "-", 1.0)
            .count(zones)
            .note("per-zone", &[("zones", &zones.to_string())]),
        Said::Text("GatewayLoadBalancer") => row.add("vpce.gwlb", "-", 1.0).count(zones),
        Said::Text(other) => row.unpriced(other),
        Said::Unknown => row.unknown("VpcEndpointType"),
    };
    stack.push(row);
}

fn simple(stack: &mut Stack<'_>, resource: &Resource, key: &str, count: u32) {
    let row = stack.row(resource).add(key, "-", 1.0).count(count);
    stack.push(row);
}

/// A connection has a public address for each of its two tunnels; on a transit gateway it is an attachment as well.
pub(super) fn vpn(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "vpn", 1);
    if said(resource, &["TransitGatewayId"]) != Said::Absent {
        let row = stack
            .implied(resource, "AWS::EC2::TransitGatewayAttachment")
            .add("tgw.attachment", "-", 1.0);
        stack.push(row);
    }
    if said(resource, &["OutsideIpAddressType"]) != Said::Text("PrivateIpv4") {
        let row = stack
            .implied(resource, "AWS::EC2::EIP")
            .add("ipv4", "-", 1.0)
            .count(2)
            .note("public-ipv4", &[]);
        stack.push(row);
    }
}

pub(super) fn transit_gateway_attachment(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "tgw.attachment", 1);
}

pub(super) fn client_vpn_association(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "clientvpn.association", 1);
}

/// An endpoint costs by connection; one user is assumed to be connected all the time.
pub(super) fn client_vpn(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("clientvpn.connection", "-", 1.0)
        .by_use("1 connection");
    stack.push(row);
}

pub(super) fn traffic_mirror(stack: &mut Stack<'_>, resource: &Resource) {
    simple(stack, resource, "mirror.eni", 1);
}

pub(super) fn accelerator(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource).add("accelerator", "-", 1.0);
    stack.push(row);
    let row = stack
        .implied(resource, "AWS::EC2::EIP")
        .add("ipv4", "-", 1.0)
        .count(2)
        .note("public-ipv4", &[]);
    stack.push(row);
}

pub(super) fn direct_connect(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match said(resource, &["Bandwidth"]) {
        Said::Text("1Gbps") => row.add("directconnect.1g", "-", 1.0),
        Said::Text(other) => row.unpriced(other),
        Said::Absent | Said::Unknown => row.unknown("Bandwidth"),
    };
    stack.push(row);
}

pub(super) fn firewall(stack: &mut Stack<'_>, resource: &Resource) {
    let zones = length(resource.property(&["SubnetMappings"]), 1).max(1);
    let row = zone_row(stack.row(resource), "nfw.endpoint", zones);
    stack.push(row);
}

pub(super) fn resolver_endpoint(stack: &mut Stack<'_>, resource: &Resource) {
    let addresses = length(resource.property(&["IpAddresses"]), 2).max(2);
    let row = zone_row(stack.row(resource), "resolver.eni", addresses);
    stack.push(row);
}

fn zone_row<'a>(row: Row<'a>, key: &str, zones: u32) -> Row<'a> {
    row.add(key, "-", 1.0)
        .count(zones)
        .note("per-zone", &[("zones", &zones.to_string())])
}

pub(super) fn hosted_zone(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("route53.zone", "-", 1.0)
        .note("not-prorated", &[]);
    stack.push(row);
}

/// A DNS namespace of Cloud Map is a hosted zone of Route 53.
pub(super) fn dns_namespace(stack: &mut Stack<'_>, resource: &Resource) {
    hosted_zone(stack, resource);
}

pub(super) fn health_check(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack
        .row(resource)
        .add("route53.health", "AWS endpoint", 1.0);
    stack.push(row);
}
