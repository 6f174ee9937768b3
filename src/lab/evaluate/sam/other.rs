//! The smaller SAM types: table, layer, state machine, nested application, connector, GraphQL API.

use super::{Expansion, attribute, copy, generated, map, reference, role};
use crate::lab::evaluate::{DeletionPolicy, Resource};
use crate::lab::value::{Map, Value};

/// A table on demand, or with the throughput it names.
pub(super) fn table(expansion: &mut Expansion, mut table: Resource) {
    let throughput = table.property(&["ProvisionedThroughput"]).cloned();
    let mut properties = copy(
        &table.properties,
        &[
            ("TableName", "TableName"),
            ("SSESpecification", "SSESpecification"),
            (
                "PointInTimeRecoverySpecification",
                "PointInTimeRecoverySpecification",
            ),
        ],
    );
    match throughput {
        Some(throughput) => properties.push(("ProvisionedThroughput".to_owned(), throughput)),
        None => properties.push(("BillingMode".to_owned(), Value::text("PAY_PER_REQUEST"))),
    }
    "AWS::DynamoDB::Table".clone_into(&mut table.type_name);
    table.properties = Value::Map(Map(properties));
    expansion.made.push(table);
}

/// A layer, which SAM keeps unless told otherwise.
pub(super) fn layer(expansion: &mut Expansion, mut layer: Resource) {
    let policy = layer
        .property(&["RetentionPolicy"])
        .and_then(Value::as_text);
    if !policy.is_some_and(|policy| policy.eq_ignore_ascii_case("delete")) {
        layer.deletion_policy = DeletionPolicy::Retain;
    }
    "AWS::Lambda::LayerVersion".clone_into(&mut layer.type_name);
    expansion.made.push(layer);
}

/// A state machine and its role.
pub(super) fn state_machine(expansion: &mut Expansion, machine: &Resource) {
    let id = machine.logical_id.clone();
    let mut properties = copy(
        &machine.properties,
        &[
            ("Name", "StateMachineName"),
            ("Type", "StateMachineType"),
            ("Definition", "Definition"),
            ("DefinitionUri", "DefinitionS3Location"),
            ("DefinitionSubstitutions", "DefinitionSubstitutions"),
            ("Role", "RoleArn"),
            ("Logging", "LoggingConfiguration"),
        ],
    );
    if machine.property(&["Role"]).is_none() {
        expansion.made.push(role(machine, "states.amazonaws.com"));
        properties.push(("RoleArn".to_owned(), attribute(&format!("{id}Role"), "Arn")));
    }
    let mut made = machine.clone();
    "AWS::StepFunctions::StateMachine".clone_into(&mut made.type_name);
    made.properties = Value::Map(Map(properties));
    expansion.made.push(made);
    if let Some(Value::Map(events)) = machine.property(&["Events"]) {
        for (name, event) in &events.0 {
            super::events::of_state_machine(expansion, machine, name, event);
        }
    }
}

/// A nested application is a nested stack.
pub(super) fn application(expansion: &mut Expansion, mut application: Resource) {
    let properties = copy(
        &application.properties,
        &[("Location", "TemplateURL"), ("Parameters", "Parameters")],
    );
    "AWS::CloudFormation::Stack".clone_into(&mut application.type_name);
    application.properties = Value::Map(Map(properties));
    expansion.made.push(application);
}

/// A connector is a policy between its two ends.
pub(super) fn connector(expansion: &mut Expansion, mut connector: Resource) {
    "AWS::IAM::ManagedPolicy".clone_into(&mut connector.type_name);
    expansion.made.push(connector);
}

/// A GraphQL API with its schema and key.
pub(super) fn graphql(expansion: &mut Expansion, mut api: Resource) {
    let id = api.logical_id.clone();
    for (suffix, type_name) in [
        ("Schema", "AWS::AppSync::GraphQLSchema"),
        ("ApiKey", "AWS::AppSync::ApiKey"),
    ] {
        let made = generated(
            &api,
            format!("{id}{suffix}"),
            type_name,
            vec![("ApiId", reference(&id))],
        );
        expansion.made.push(made);
    }
    "AWS::AppSync::GraphQLApi".clone_into(&mut api.type_name);
    api.properties = map(vec![]);
    expansion.made.push(api);
}
