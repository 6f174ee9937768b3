//! What the events of functions and state machines make: permissions, mappings, rules, schedules.

use super::{Expansion, attribute, generated, reference, target};
use crate::lab::evaluate::Resource;
use crate::lab::finding::Finding;
use crate::lab::value::{Map, Value};

/// Expands one event of a function.
pub(super) fn of_function(
    expansion: &mut Expansion,
    function: &Resource,
    name: &str,
    event: &Value,
) {
    let id = format!("{}{name}", function.logical_id);
    let kind = event.get("Type").and_then(Value::as_text).unwrap_or("");
    let empty = Value::Map(Map::default());
    let settings = event.get("Properties").unwrap_or(&empty);
    let permit = |expansion: &mut Expansion, suffix: &str| {
        expansion.made.push(generated(
            function,
            format!("{id}Permission{suffix}"),
            "AWS::Lambda::Permission",
            vec![
                ("FunctionName", reference(&function.logical_id)),
                ("Action", Value::text("lambda:InvokeFunction")),
            ],
        ));
    };
    match kind {
        "Api" => {
            let own = settings.get("RestApiId").and_then(target);
            if settings.get("RestApiId").is_none() {
                expansion
                    .implicit_rest
                    .get_or_insert_with(|| function.clone());
            }
            let api = own.unwrap_or_else(|| "ServerlessRestApi".to_owned());
            permit(
                expansion,
                if api == "ServerlessRestApi" {
                    "Prod"
                } else {
                    "Stage"
                },
            );
        }
        "HttpApi" => {
            if settings.get("ApiId").is_none() {
                expansion
                    .implicit_http
                    .get_or_insert_with(|| function.clone());
            }
            permit(expansion, "");
        }
        "SNS" => {
            permit(expansion, "");
            let topic = settings.get("Topic").cloned().unwrap_or(Value::Null);
            expansion.made.push(generated(
                function,
                id.clone(),
                "AWS::SNS::Subscription",
                vec![
                    ("TopicArn", topic),
                    ("Endpoint", attribute(&function.logical_id, "Arn")),
                    ("Protocol", Value::text("lambda")),
                ],
            ));
        }
        "SQS" | "Kinesis" | "DynamoDB" | "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB" => {
            let source = ["Queue", "Stream", "Broker", "Cluster"]
                .into_iter()
                .find_map(|name| settings.get(name).cloned())
                .unwrap_or(Value::Null);
            expansion.made.push(generated(
                function,
                id.clone(),
                "AWS::Lambda::EventSourceMapping",
                vec![
                    ("FunctionName", reference(&function.logical_id)),
                    ("EventSourceArn", source),
                ],
            ));
        }
        "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => {
            expansion.made.push(generated(
                function,
                id.clone(),
                "AWS::Events::Rule",
                rule(settings),
            ));
            permit(expansion, "");
        }
        "ScheduleV2" => {
            expansion.made.push(generated(
                function,
                id.clone(),
                "AWS::Scheduler::Schedule",
                rule(settings),
            ));
            let role = generated(function, format!("{id}Role"), "AWS::IAM::Role", vec![]);
            expansion.made.push(role);
        }
        "CloudWatchLogs" => {
            let group = settings.get("LogGroupName").cloned().unwrap_or(Value::Null);
            expansion.made.push(generated(
                function,
                id.clone(),
                "AWS::Logs::SubscriptionFilter",
                vec![("LogGroupName", group)],
            ));
            permit(expansion, "");
        }
        "IoTRule" => {
            expansion.made.push(generated(
                function,
                id.clone(),
                "AWS::IoT::TopicRule",
                vec![],
            ));
            permit(expansion, "");
        }
        "S3" | "AlexaSkill" | "Cognito" => permit(expansion, ""),
        other => expansion.findings.push(
            Finding::deny("sam-event")
                .on(&function.logical_id)
                .at(function.place_of(&format!("Events.{name}")))
                .with("event", name)
                .with("type", if other.is_empty() { "-" } else { other }),
        ),
    }
}

/// Expands one event of a state machine.
pub(super) fn of_state_machine(
    expansion: &mut Expansion,
    machine: &Resource,
    name: &str,
    event: &Value,
) {
    let id = format!("{}{name}", machine.logical_id);
    let kind = event.get("Type").and_then(Value::as_text).unwrap_or("");
    let empty = Value::Map(Map::default());
    let settings = event.get("Properties").unwrap_or(&empty);
    match kind {
        "Api" => {
            if settings.get("RestApiId").is_none() {
                expansion
                    .implicit_rest
                    .get_or_insert_with(|| machine.clone());
            }
        }
        "ScheduleV2" => expansion.made.push(generated(
            machine,
            id.clone(),
            "AWS::Scheduler::Schedule",
            rule(settings),
        )),
        _ => expansion.made.push(generated(
            machine,
            id.clone(),
            "AWS::Events::Rule",
            rule(settings),
        )),
    }
    let role = generated(machine, format!("{id}Role"), "AWS::IAM::Role", vec![]);
    expansion.made.push(role);
}

fn rule(settings: &Value) -> Vec<(&'static str, Value)> {
    [
        ("Schedule", "ScheduleExpression"),
        ("ScheduleExpression", "ScheduleExpression"),
        ("Pattern", "EventPattern"),
        ("EventBusName", "EventBusName"),
    ]
    .into_iter()
    .filter_map(|(from, to)| Some((to, settings.get(from)?.clone())))
    .collect()
}
