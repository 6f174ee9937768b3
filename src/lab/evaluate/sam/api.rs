//! `AWS::Serverless::Api`, `HttpApi`, and the APIs that SAM makes by itself for events that name none.

use super::{Expansion, copy, generated, reference};
use crate::lab::evaluate::Resource;
use crate::lab::value::{Map, Value};

/// Expands a REST API: the API, a deployment, a stage, and a domain when it has one.
pub(super) fn rest(expansion: &mut Expansion, api: &Resource) {
    let id = api.logical_id.clone();
    let stage_name = api.property(&["StageName"]).cloned();
    let mut made = api.clone();
    "AWS::ApiGateway::RestApi".clone_into(&mut made.type_name);
    made.properties = Value::Map(Map(copy(
        &api.properties,
        &[
            ("Name", "Name"),
            ("Description", "Description"),
            ("EndpointConfiguration", "EndpointConfiguration"),
            ("DefinitionBody", "Body"),
            ("DefinitionUri", "BodyS3Location"),
        ],
    )));
    expansion.made.push(made);
    stage(expansion, api, &id, stage_name);
    if api.property(&["Domain"]).is_some() {
        let domain = generated(
            api,
            format!("{id}DomainName"),
            "AWS::ApiGateway::DomainName",
            vec![],
        );
        expansion.made.push(domain);
        let mapping = generated(
            api,
            format!("{id}BasePathMapping"),
            "AWS::ApiGateway::BasePathMapping",
            vec![("RestApiId", reference(&id))],
        );
        expansion.made.push(mapping);
        if api.property(&["Domain", "Route53"]).is_some() {
            let record = generated(
                api,
                format!("{id}RecordSetGroup"),
                "AWS::Route53::RecordSetGroup",
                vec![],
            );
            expansion.made.push(record);
        }
    }
    if api.property(&["Auth", "UsagePlan"]).is_some() {
        for (suffix, type_name) in [
            ("UsagePlan", "AWS::ApiGateway::UsagePlan"),
            ("ApiKey", "AWS::ApiGateway::ApiKey"),
            ("UsagePlanKey", "AWS::ApiGateway::UsagePlanKey"),
        ] {
            let made = generated(api, format!("{id}{suffix}"), type_name, vec![]);
            expansion.made.push(made);
        }
    }
}

fn stage(expansion: &mut Expansion, api: &Resource, id: &str, name: Option<Value>) {
    let name = name.unwrap_or_else(|| Value::text("Prod"));
    let letters: String = name
        .as_text()
        .unwrap_or("")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    expansion.made.push(generated(
        api,
        format!("{id}Deployment"),
        "AWS::ApiGateway::Deployment",
        vec![("RestApiId", reference(id))],
    ));
    let mut properties = vec![
        ("RestApiId", reference(id)),
        ("DeploymentId", reference(&format!("{id}Deployment"))),
        ("StageName", name),
    ];
    for name in ["CacheClusterEnabled", "CacheClusterSize", "MethodSettings"] {
        if let Some(value) = api.property(&[name]) {
            properties.push((name, value.clone()));
        }
    }
    let stage = generated(
        api,
        format!("{id}{letters}Stage"),
        "AWS::ApiGateway::Stage",
        properties,
    );
    expansion.made.push(stage);
}

/// Expands an HTTP API: the API and a stage.
pub(super) fn http(expansion: &mut Expansion, api: &Resource) {
    let id = api.logical_id.clone();
    let mut made = api.clone();
    "AWS::ApiGatewayV2::Api".clone_into(&mut made.type_name);
    let mut properties = copy(
        &api.properties,
        &[("Name", "Name"), ("DefinitionBody", "Body")],
    );
    properties.push(("ProtocolType".to_owned(), Value::text("HTTP")));
    made.properties = Value::Map(Map(properties));
    expansion.made.push(made);
    let name = api.property(&["StageName"]).cloned();
    let suffix = name.as_ref().and_then(Value::as_text).map_or_else(
        || "ApiGatewayDefaultStage".to_owned(),
        |name| {
            let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            format!("{letters}Stage")
        },
    );
    expansion.made.push(generated(
        api,
        format!("{id}{suffix}"),
        "AWS::ApiGatewayV2::Stage",
        vec![
            ("ApiId", reference(&id)),
            ("StageName", name.unwrap_or_else(|| Value::text("$default"))),
        ],
    ));
    if api.property(&["Domain"]).is_some() {
        for (suffix, type_name) in [
            ("DomainName", "AWS::ApiGatewayV2::DomainName"),
            ("ApiMapping", "AWS::ApiGatewayV2::ApiMapping"),
        ] {
            let made = generated(api, format!("{id}{suffix}"), type_name, vec![]);
            expansion.made.push(made);
        }
    }
}

/// Makes the APIs that events asked for without naming one.
pub(super) fn implicit(expansion: &mut Expansion) {
    if let Some(parent) = expansion.implicit_rest.take() {
        let api = generated(
            &parent,
            "ServerlessRestApi".to_owned(),
            "AWS::ApiGateway::RestApi",
            vec![],
        );
        expansion.made.push(api);
        stage(expansion, &parent, "ServerlessRestApi", None);
    }
    if let Some(parent) = expansion.implicit_http.take() {
        let id = "ServerlessHttpApi";
        expansion.made.push(generated(
            &parent,
            id.to_owned(),
            "AWS::ApiGatewayV2::Api",
            vec![("ProtocolType", Value::text("HTTP"))],
        ));
        expansion.made.push(generated(
            &parent,
            format!("{id}ApiGatewayDefaultStage"),
            "AWS::ApiGatewayV2::Stage",
            vec![
                ("ApiId", reference(id)),
                ("StageName", Value::text("$default")),
            ],
        ));
    }
}
