//! Instances, Auto Scaling groups, volumes, and what comes with them: root volumes and public addresses.

use super::super::rows::{Row, Said, Stack, is_true, length, number, said, whole};
use super::super::usage;
use crate::lab::evaluate::Resource;
use crate::lab::value::Value;

/// What runs: an instance's type and the volumes it brings.
struct Machine<'a> {
    class: Said<'a>,
    volumes: Option<&'a Value>,
    /// Whether it says itself that it gets a public address.
    public: Option<bool>,
    subnet: Option<&'a Value>,
}

fn ec2<'a>(row: Row<'a>, class: Said<'_>) -> Row<'a> {
    match class {
        Said::Text(class) => row.add("ec2.instance", class, 1.0),
        // CloudFormation's default; nobody means it, and it often cannot be started any more.
        Said::Absent => row.add("ec2.instance", "m1.small", 1.0),
        Said::Unknown => row.unknown("InstanceType"),
    }
}

pub(super) fn instance(stack: &mut Stack<'_>, resource: &Resource) {
    let template = stack.target(resource.property(&["LaunchTemplate"]));
    let machine = machine(resource, template);
    let row = ec2(stack.row(resource), machine.class).note("linux", &[]);
    stack.push(row);
    volumes(stack, resource, &machine, 1, 1);
    if has_public_address(stack, &machine) && !has_elastic_ip(stack, resource) {
        address(stack, resource, 1, 1);
    }
}

/// An Elastic IP takes the place of the address that was given at launch.
fn has_elastic_ip(stack: &Stack<'_>, resource: &Resource) -> bool {
    ["AWS::EC2::EIP", "AWS::EC2::EIPAssociation"]
        .into_iter()
        .flat_map(|type_name| stack.of_type(type_name))
        .filter_map(|address| stack.target(address.property(&["InstanceId"])))
        .any(|instance| instance.logical_id == resource.logical_id)
}

/// Reads an instance, with what its launch template says underneath.
fn machine<'a>(resource: &'a Resource, template: Option<&'a Resource>) -> Machine<'a> {
    let below = |path: &[&str]| {
        template.and_then(|template| {
            let path: Vec<&str> = std::iter::once("LaunchTemplateData")
                .chain(path.iter().copied())
                .collect();
            template.property(&path)
        })
    };
    let own = |path: &[&str]| resource.property(path).or_else(|| below(path));
    let class = own(&["InstanceType"]);
    let interface = own(&["NetworkInterfaces"])
        .and_then(Value::as_list)
        .and_then(<[_]>::first);
    Machine {
        class: match class {
            None | Some(Value::Null) => Said::Absent,
            Some(value) => value.as_text().map_or(Said::Unknown, Said::Text),
        },
        volumes: own(&["BlockDeviceMappings"]),
        public: interface
            .and_then(|interface| {
                // An interface that exists by itself brings no address of its own.
                let own = interface
                    .get("NetworkInterfaceId")
                    .map(|_| &Value::Bool(false));
                interface.get("AssociatePublicIpAddress").or(own)
            })
            .or_else(|| resource.property(&["AssociatePublicIpAddress"]))
            .and_then(Value::as_bool),
        subnet: resource
            .property(&["SubnetId"])
            .or_else(|| interface.and_then(|interface| interface.get("SubnetId"))),
    }
}

/// An address is given by the interface's own word, else by the subnet's; a default subnet gives one.
fn has_public_address(stack: &Stack<'_>, machine: &Machine<'_>) -> bool {
    if let Some(public) = machine.public {
        return public;
    }
    match machine.subnet {
        None => true,
        Some(subnet) => stack
            .target(Some(subnet))
            .filter(|subnet| subnet.type_name == "AWS::EC2::Subnet")
            .is_none_or(|subnet| is_true(subnet.property(&["MapPublicIpOnLaunch"]))),
    }
}

fn address(stack: &mut Stack<'_>, resource: &Resource, count: u32, most: u32) {
    let row = stack
        .implied(resource, "AWS::EC2::EIP")
        .add("ipv4", "-", 1.0)
        .count(count)
        .at_most(most)
        .note("public-ipv4", &[]);
    stack.push(row);
}

/// Rows for the volumes of instances: those named, and the root volume when it is not among them.
fn volumes(
    stack: &mut Stack<'_>,
    resource: &Resource,
    machine: &Machine<'_>,
    count: u32,
    most: u32,
) {
    let empty = Vec::new();
    let mappings = machine.volumes.and_then(Value::as_list).unwrap_or(&empty);
    let mut root_named = false;
    for mapping in mappings {
        let name = mapping
            .get("DeviceName")
            .and_then(Value::as_text)
            .unwrap_or("");
        let is_root = matches!(
            name,
            "/dev/xvda" | "/dev/sda1" | "/dev/sda" | "/dev/nvme0n1"
        );
        let Some(ebs) = mapping.get("Ebs") else {
            continue;
        };
        root_named |= is_root;
        let mut row = stack
            .implied(resource, "AWS::EC2::Volume")
            .count(count)
            .at_most(most);
        let size = if let Some(size) = ebs.get("VolumeSize") {
            let Some(gib) = size.as_number() else {
                let row = row.unknown("VolumeSize");
                stack.push(row);
                continue;
            };
            gib
        } else {
            row = row.note(
                "root-volume",
                &[("gib", &usage::ROOT_VOLUME_GIB.to_string())],
            );
            usage::ROOT_VOLUME_GIB
        };
        let row = ebs_volume(row, ebs, size);
        stack.push(row);
    }
    if !root_named {
        let row = stack
            .implied(resource, "AWS::EC2::Volume")
            .add("ebs.gb", "gp3", usage::ROOT_VOLUME_GIB)
            .count(count)
            .at_most(most)
            .note(
                "root-volume",
                &[("gib", &usage::ROOT_VOLUME_GIB.to_string())],
            );
        stack.push(row);
    }
}

/// Adds a volume's size, operations above what is included, and throughput above what is included.
fn ebs_volume<'a>(row: Row<'a>, volume: &Value, gib: f64) -> Row<'a> {
    let kind = match volume.get("VolumeType") {
        // The API's default.
        None | Some(Value::Null) => "gp2",
        Some(value) => match value.as_text() {
            Some(kind) => kind,
            None => return row.unknown("VolumeType"),
        },
    };
    let row = row.add("ebs.gb", kind, gib);
    let operations = number(volume.get("Iops"), 0.0);
    match kind {
        "gp3" => {
            let throughput = number(volume.get("Throughput"), 0.0);
            let row = if operations > 3000.0 {
                row.add("ebs.iops", kind, operations - 3000.0)
            } else {
                row
            };
            if throughput > 125.0 {
                row.add("ebs.throughput", kind, throughput - 125.0)
            } else {
                row
            }
        }
        "io1" | "io2" if operations > 0.0 => row.add("ebs.iops", kind, operations),
        _ => row,
    }
}

pub(super) fn volume(stack: &mut Stack<'_>, resource: &Resource) {
    let row = stack.row(resource);
    let row = match resource.property(&["Size"]) {
        Some(size) => match size.as_number() {
            Some(gib) => ebs_volume(row, &resource.properties, gib),
            None => row.unknown("Size"),
        },
        // A volume from a snapshot has the snapshot's size.
        None => row.unknown("Size"),
    };
    stack.push(row);
}

pub(super) fn auto_scaling_group(stack: &mut Stack<'_>, resource: &Resource) {
    let least = whole(resource.property(&["MinSize"]), 0);
    let most = whole(resource.property(&["MaxSize"]), least.max(1)).max(least);
    let desired = whole(resource.property(&["DesiredCapacity"]), least);
    let mixed = ["MixedInstancesPolicy", "LaunchTemplate"];
    let specification = [mixed[0], mixed[1], "LaunchTemplateSpecification"];
    let launch = stack
        .target(resource.property(&["LaunchTemplate"]))
        .or_else(|| stack.target(resource.property(&specification)))
        .or_else(|| stack.target(resource.property(&["LaunchConfigurationName"])));
    let overrides = resource
        .property(&[mixed[0], mixed[1], "Overrides"])
        .and_then(Value::as_list)
        .and_then(<[_]>::first)
        .and_then(|first| first.get("InstanceType"));
    let row = stack
        .row(resource)
        .count(desired)
        .at_most(most.max(desired));
    let Some(launch) = launch else {
        let row = match resource.property(&["InstanceId"]) {
            Some(_) => row.unknown("InstanceId"),
            None => row.unknown("LaunchTemplate"),
        };
        stack.push(row);
        return;
    };
    // A launch configuration says at its top what a template says under `LaunchTemplateData`.
    let is_template = launch.type_name == "AWS::EC2::LaunchTemplate";
    let mut machine = machine(launch, is_template.then_some(launch));
    if let Some(class) = overrides {
        machine.class = class.as_text().map_or(Said::Unknown, Said::Text);
    }
    let counts = (desired, most.max(desired));
    let row = ["MinSize", "MaxSize", "DesiredCapacity"]
        .iter()
        .fold(row, |row, name| row.needs_number(resource, &[name]));
    let row = ec2(row, machine.class).note("linux", &[]).note(
        "scaling",
        &[
            ("desired", &desired.to_string()),
            ("most", &most.to_string()),
        ],
    );
    stack.push(row);
    volumes(stack, resource, &machine, counts.0, counts.1);
    let subnet = resource
        .property(&["VPCZoneIdentifier"])
        .and_then(|subnets| match subnets {
            Value::List(items) => items.first(),
            other => Some(other),
        });
    machine.subnet = subnet;
    if has_public_address(stack, &machine) {
        address(stack, resource, counts.0, counts.1);
    }
}

pub(super) fn cloud9(stack: &mut Stack<'_>, resource: &Resource) {
    let row = ec2(stack.row(resource), said(resource, &["InstanceType"])).note("cloud9", &[]);
    stack.push(row);
    let volume = stack
        .implied(resource, "AWS::EC2::Volume")
        .add("ebs.gb", "gp2", 10.0)
        .note("root-volume", &[("gib", "10")]);
    stack.push(volume);
}

/// An environment makes instances and a load balancer outside the template: only the least of it can be counted.
pub(super) fn beanstalk(stack: &mut Stack<'_>, resource: &Resource) {
    let settings = resource
        .property(&["OptionSettings"])
        .and_then(Value::as_list);
    let option = |name: &str| {
        settings?.iter().find_map(|setting| {
            let named = setting.get("OptionName").and_then(Value::as_text) == Some(name);
            named.then(|| setting.get("Value")).flatten()
        })
    };
    let class = option("InstanceType").or_else(|| option("InstanceTypes"));
    let class = class
        .and_then(Value::as_text)
        .and_then(|list| list.split(',').next());
    let row = stack.row(resource).note("makes-more", &[]);
    let row = match class {
        Some(class) => row.add("ec2.instance", class.trim(), 1.0),
        None => row.unknown("InstanceType"),
    };
    let least = whole(option("MinSize"), 1).max(1);
    let most = whole(option("MaxSize"), 4).max(least);
    stack.push(row.count(least).at_most(most));
    let single = option("EnvironmentType").and_then(Value::as_text) == Some("SingleInstance");
    if !single {
        let balancer = stack
            .implied(resource, "AWS::ElasticLoadBalancingV2::LoadBalancer")
            .add("alb", "-", 1.0)
            .add("alb.lcu", "-", usage::CAPACITY_UNITS);
        stack.push(balancer);
    }
    let zones = length(None, usage::ZONES);
    address(
        stack,
        resource,
        if single { 1 } else { zones + least },
        zones + most,
    );
}

/// Gives the row of instances of a class, for services that run on instances of the account.
pub(super) fn nodes<'a>(row: Row<'a>, class: Said<'_>) -> Row<'a> {
    ec2(row, class)
}

/// Gives the implied row of volumes of a kind and size.
pub(super) fn disks(
    stack: &mut Stack<'_>,
    resource: &Resource,
    kind: &str,
    gib: f64,
    count: u32,
    most: u32,
) {
    let row = stack
        .implied(resource, "AWS::EC2::Volume")
        .add("ebs.gb", kind, gib)
        .count(count)
        .at_most(most)
        .note("root-volume", &[("gib", &gib.to_string())]);
    stack.push(row);
}
