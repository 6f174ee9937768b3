//! `AWS::Serverless::Function`: the function, its role, versions, alias, URL, and what its events make.

use super::{Expansion, attribute, copy, generated, map, reference, role};
use crate::lab::evaluate::Resource;
use crate::lab::finding::Finding;
use crate::lab::value::{Map, Value};

/// Properties that SAM passes on under the same name.
const SAME: [(&str, &str); 22] = [
    ("FunctionName", "FunctionName"),
    ("Handler", "Handler"),
    ("Runtime", "Runtime"),
    ("Description", "Description"),
    ("MemorySize", "MemorySize"),
    ("Timeout", "Timeout"),
    ("Role", "Role"),
    ("Environment", "Environment"),
    ("Layers", "Layers"),
    ("KmsKeyArn", "KmsKeyArn"),
    ("PackageType", "PackageType"),
    ("Architectures", "Architectures"),
    ("EphemeralStorage", "EphemeralStorage"),
    ("SnapStart", "SnapStart"),
    ("VpcConfig", "VpcConfig"),
    ("FileSystemConfigs", "FileSystemConfigs"),
    ("ImageConfig", "ImageConfig"),
    ("LoggingConfig", "LoggingConfig"),
    ("RuntimeManagementConfig", "RuntimeManagementConfig"),
    ("RecursiveLoop", "RecursiveLoop"),
    (
        "ReservedConcurrentExecutions",
        "ReservedConcurrentExecutions",
    ),
    ("CodeSigningConfigArn", "CodeSigningConfigArn"),
];

/// Expands a function.
pub(super) fn expand(expansion: &mut Expansion, function: &Resource) {
    local_code(expansion, function);
    let id = function.logical_id.clone();
    if function.property(&["Role"]).is_none() {
        let role = role(function, "lambda.amazonaws.com");
        expansion.made.push(role);
    }
    let mut properties = copy(&function.properties, &SAME);
    if let Some(code) = code(function) {
        properties.push(("Code".to_owned(), code));
    }
    if function.property(&["Role"]).is_none() {
        properties.push(("Role".to_owned(), attribute(&format!("{id}Role"), "Arn")));
    }
    let mut made = function.clone();
    "AWS::Lambda::Function".clone_into(&mut made.type_name);
    made.properties = Value::Map(Map(properties));
    expansion.made.push(made);
    versions(expansion, function);
    url(expansion, function);
    if let Some(config) = function.property(&["EventInvokeConfig"]) {
        let config = generated(
            function,
            format!("{id}EventInvokeConfig"),
            "AWS::Lambda::EventInvokeConfig",
            vec![
                ("FunctionName", reference(&id)),
                ("Settings", config.clone()),
            ],
        );
        expansion.made.push(config);
    }
    if let Some(Value::Map(events)) = function.property(&["Events"]) {
        for (name, event) in &events.0 {
            super::events::of_function(expansion, function, name, event);
        }
    }
}

/// A path on the author's disk has to be packaged before CloudFormation can take the template.
fn local_code(expansion: &mut Expansion, resource: &Resource) {
    for name in ["CodeUri", "ContentUri", "DefinitionUri", "ImageUri"] {
        if let Some(Value::String(path)) = resource.property(&[name]) {
            let remote = path.starts_with("s3://") || name == "ImageUri";
            if !remote {
                expansion.findings.push(
                    Finding::confirm("local-artifact")
                        .on(&resource.logical_id)
                        .at(resource.place_of(name))
                        .with("property", name)
                        .with("path", crate::text::cut_to_width(path, 60)),
                );
            }
        }
    }
}

fn code(function: &Resource) -> Option<Value> {
    if let Some(inline) = function.property(&["InlineCode"]) {
        return Some(map(vec![("ZipFile", inline.clone())]));
    }
    if let Some(image) = function.property(&["ImageUri"]) {
        return Some(map(vec![("ImageUri", image.clone())]));
    }
    function.property(&["CodeUri"]).map(|uri| match uri {
        Value::Map(location) => {
            let names = [
                ("Bucket", "S3Bucket"),
                ("Key", "S3Key"),
                ("Version", "S3ObjectVersion"),
            ];
            Value::Map(Map(copy(&Value::Map(location.clone()), &names)))
        }
        other => map(vec![("S3Key", other.clone())]),
    })
}

/// `AutoPublishAlias` makes a version and an alias, with provisioned concurrency on the alias.
fn versions(expansion: &mut Expansion, function: &Resource) {
    let Some(alias) = function.property(&["AutoPublishAlias"]) else {
        return;
    };
    let id = &function.logical_id;
    let mut version = generated(
        function,
        format!("{id}Version"),
        "AWS::Lambda::Version",
        vec![("FunctionName", reference(id))],
    );
    // SAM keeps old versions so that a roll-back finds them.
    version.deletion_policy = crate::lab::evaluate::DeletionPolicy::Retain;
    expansion.made.push(version);
    let name = alias.as_text().unwrap_or("live");
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut properties = vec![
        ("FunctionName", reference(id)),
        ("Name", alias.clone()),
        (
            "FunctionVersion",
            attribute(&format!("{id}Version"), "Version"),
        ),
    ];
    if let Some(memory) = function.property(&["MemorySize"]) {
        properties.push(("MemorySize", memory.clone()));
    }
    if let Some(provisioned) = function.property(&["ProvisionedConcurrencyConfig"]) {
        properties.push(("ProvisionedConcurrencyConfig", provisioned.clone()));
    }
    let alias_id = format!("{id}Alias{letters}");
    expansion.made.push(generated(
        function,
        alias_id,
        "AWS::Lambda::Alias",
        properties,
    ));
    if function.property(&["DeploymentPreference"]).is_some() {
        deployment(expansion, function);
    }
}

fn deployment(expansion: &mut Expansion, function: &Resource) {
    if !expansion.deployment_application {
        expansion.deployment_application = true;
        expansion.made.push(generated(
            function,
            "ServerlessDeploymentApplication".to_owned(),
            "AWS::CodeDeploy::Application",
            vec![("ComputePlatform", Value::text("Lambda"))],
        ));
        let role = generated(
            function,
            "CodeDeployServiceRole".to_owned(),
            "AWS::IAM::Role",
            vec![],
        );
        expansion.made.push(role);
    }
    expansion.made.push(generated(
        function,
        format!("{}DeploymentGroup", function.logical_id),
        "AWS::CodeDeploy::DeploymentGroup",
        vec![(
            "ApplicationName",
            reference("ServerlessDeploymentApplication"),
        )],
    ));
}

fn url(expansion: &mut Expansion, function: &Resource) {
    let Some(config) = function.property(&["FunctionUrlConfig"]) else {
        return;
    };
    let id = &function.logical_id;
    let auth = config.get("AuthType").cloned().unwrap_or(Value::Null);
    let open = auth.as_text() == Some("NONE");
    expansion.made.push(generated(
        function,
        format!("{id}Url"),
        "AWS::Lambda::Url",
        vec![("TargetFunctionArn", reference(id)), ("AuthType", auth)],
    ));
    if open {
        expansion.made.push(generated(
            function,
            format!("{id}UrlPublicPermissions"),
            "AWS::Lambda::Permission",
            vec![
                ("FunctionName", reference(id)),
                ("Action", Value::text("lambda:InvokeFunctionUrl")),
                ("Principal", Value::text("*")),
            ],
        ));
    }
}
