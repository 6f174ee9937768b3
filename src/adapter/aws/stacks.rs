//! CloudFormation and STS through the SDK, as our [`StackApi`].

use std::sync::Arc;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, ExecutionStatus, Parameter, Stack, Tag,
};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::clients::Wiring;
use super::errors::api_error;
use crate::lab::port::{
    ApiError, Change, ChangeSet, ChangeSetKind, ChangeSetRef, ChangeSetRequest, ChangeSetState,
    Failure, Identity, Output, StackApi, StackEvent, StackName, StackResource, StackView,
};
use crate::lab::status::{ResourceStatus, StackStatus};

/// Stacks of one account and region, or of an emulator, or of a rehearsal.
#[derive(Debug, Clone)]
pub struct SdkStacks {
    runtime: Arc<Runtime>,
    cloudformation: Client,
    sts: aws_sdk_sts::Client,
}

impl SdkStacks {
    /// Makes the clients; calls block on the runtime.
    pub fn new(wiring: &Wiring, runtime: Arc<Runtime>) -> Self {
        Self {
            cloudformation: wiring.cloudformation(),
            sts: wiring.sts(),
            runtime,
        }
    }

    fn pages_of_stacks(&self) -> Result<Vec<Stack>, ApiError> {
        let mut stacks = Vec::new();
        let mut next = None;
        loop {
            let request = self.cloudformation.describe_stacks().set_next_token(next);
            let page = self
                .runtime
                .block_on(request.send())
                .map_err(|error| api_error("DescribeStacks", &error))?;
            stacks.extend(page.stacks.unwrap_or_default());
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(stacks);
            }
        }
    }
}

/// Turns the SDK's moment into ours.
fn moment(at: Option<&aws_smithy_types::DateTime>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::from_nanosecond(at.as_nanos()).ok())
}

fn view(stack: &Stack) -> StackView {
    let output = |output: &aws_sdk_cloudformation::types::Output| Output {
        key: output.output_key().unwrap_or_default().to_owned(),
        value: output.output_value().unwrap_or_default().to_owned(),
        description: output.description().map(str::to_owned),
    };
    let tag = |tag: &Tag| {
        (
            tag.key().unwrap_or_default().to_owned(),
            tag.value().unwrap_or_default().to_owned(),
        )
    };
    StackView {
        name: StackName::known(stack.stack_name().unwrap_or_default()),
        id: stack.stack_id().unwrap_or_default().to_owned(),
        status: StackStatus::parse(
            stack
                .stack_status()
                .map_or("", aws_sdk_cloudformation::types::StackStatus::as_str),
        ),
        reason: stack.stack_status_reason().map(str::to_owned),
        created: moment(stack.creation_time()),
        outputs: stack.outputs().iter().map(output).collect(),
        tags: stack.tags().iter().map(tag).collect(),
    }
}

impl StackApi for SdkStacks {
    fn identity(&self) -> Result<Identity, ApiError> {
        let answer = self
            .runtime
            .block_on(self.sts.get_caller_identity().send())
            .map_err(|error| api_error("GetCallerIdentity", &error))?;
        Ok(Identity {
            account: answer.account().unwrap_or_default().to_owned(),
            arn: answer.arn().unwrap_or_default().to_owned(),
        })
    }

    fn stack(&self, name_or_id: &str) -> Result<Option<StackView>, ApiError> {
        let request = self.cloudformation.describe_stacks().stack_name(name_or_id);
        match self.runtime.block_on(request.send()) {
            Ok(answer) => Ok(answer.stacks().first().map(view)),
            Err(error) => {
                let error = api_error("DescribeStacks", &error);
                if error.is_missing() {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
        }
    }

    fn our_stacks(&self) -> Result<Vec<StackView>, ApiError> {
        Ok(self
            .pages_of_stacks()?
            .iter()
            .map(view)
            .filter(|stack| stack.name.as_str().starts_with(StackName::PREFIX))
            .filter(|stack| stack.status != StackStatus::DeleteComplete)
            .collect())
    }

    fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetRef, ApiError> {
        let parameter = |(key, value): &(String, String)| {
            Parameter::builder()
                .parameter_key(key)
                .parameter_value(value)
                .build()
        };
        let tag = |(key, value): &(String, String)| Tag::builder().key(key).value(value).build();
        let parameters = request.parameters.iter().map(parameter).collect();
        let capabilities = request
            .capabilities
            .iter()
            .map(|name| Capability::from(name.as_str()))
            .collect();
        let call = self
            .cloudformation
            .create_change_set()
            .stack_name(request.stack.as_str())
            .change_set_name(&request.name)
            .change_set_type(match request.kind {
                ChangeSetKind::Create => ChangeSetType::Create,
                ChangeSetKind::Update => ChangeSetType::Update,
            })
            .template_body(&request.template)
            .set_parameters(Some(parameters))
            .set_capabilities(Some(capabilities))
            .set_tags(Some(request.tags.iter().map(tag).collect()))
            .set_role_arn(request.role.clone())
            .client_token(&request.name);
        let answer = self
            .runtime
            .block_on(call.send())
            .map_err(|error| api_error("CreateChangeSet", &error))?;
        Ok(ChangeSetRef {
            stack_id: answer.stack_id().unwrap_or_default().to_owned(),
            change_set_id: answer.id().unwrap_or_default().to_owned(),
        })
    }

    fn change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, ApiError> {
        let mut changes = Vec::new();
        let mut next = None;
        loop {
            let request = self
                .cloudformation
                .describe_change_set()
                .stack_name(stack)
                .change_set_name(change_set)
                .set_next_token(next);
            let page = self
                .runtime
                .block_on(request.send())
                .map_err(|error| api_error("DescribeChangeSet", &error))?;
            changes.extend(page.changes().iter().filter_map(change));
            next = page
                .next_token()
                .filter(|token| !token.is_empty())
                .map(str::to_owned);
            if next.is_some() {
                continue;
            }
            return Ok(ChangeSet {
                id: page.change_set_id().unwrap_or_default().to_owned(),
                stack_id: page.stack_id().unwrap_or_default().to_owned(),
                state: state(page.status(), page.execution_status()),
                reason: page.status_reason().map(str::to_owned),
                changes,
            });
        }
    }

    fn execute_change_set(
        &self,
        stack: &str,
        change_set: &str,
        token: &str,
    ) -> Result<(), ApiError> {
        let request = self
            .cloudformation
            .execute_change_set()
            .stack_name(stack)
            .change_set_name(change_set)
            .client_request_token(token);
        self.runtime
            .block_on(request.send())
            .map(drop)
            .map_err(|error| api_error("ExecuteChangeSet", &error))
    }

    fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), ApiError> {
        let request = self
            .cloudformation
            .delete_change_set()
            .stack_name(stack)
            .change_set_name(change_set);
        let done = self
            .runtime
            .block_on(request.send())
            .map(drop)
            .map_err(|error| api_error("DeleteChangeSet", &error));
        forgive_missing(done)
    }

    fn delete_stack(&self, stack_id: &str, token: &str) -> Result<(), ApiError> {
        let request = self
            .cloudformation
            .delete_stack()
            .stack_name(stack_id)
            .client_request_token(token);
        let done = self
            .runtime
            .block_on(request.send())
            .map(drop)
            .map_err(|error| api_error("DeleteStack", &error));
        forgive_missing(done)
    }

    fn events(&self, stack_id: &str, after: Option<&str>) -> Result<Vec<StackEvent>, ApiError> {
        let mut events = Vec::new();
        let mut next = None;
        loop {
            let request = self
                .cloudformation
                .describe_stack_events()
                .stack_name(stack_id)
                .set_next_token(next);
            let page = self
                .runtime
                .block_on(request.send())
                .map_err(|error| api_error("DescribeStackEvents", &error))?;
            for event in page.stack_events() {
                let event = stack_event(event);
                if after == Some(event.id.as_str()) {
                    events.reverse();
                    return Ok(events);
                }
                events.push(event);
            }
            next = page
                .next_token()
                .filter(|token| !token.is_empty())
                .map(str::to_owned);
            if next.is_none() {
                events.reverse();
                return Ok(events);
            }
        }
    }

    fn resources(&self, stack_id: &str) -> Result<Vec<StackResource>, ApiError> {
        let mut resources = Vec::new();
        let mut next = None;
        loop {
            let request = self
                .cloudformation
                .list_stack_resources()
                .stack_name(stack_id)
                .set_next_token(next);
            let page = self
                .runtime
                .block_on(request.send())
                .map_err(|error| api_error("ListStackResources", &error))?;
            resources.extend(page.stack_resource_summaries().iter().map(|one| {
                StackResource {
                    logical_id: one.logical_resource_id().unwrap_or_default().to_owned(),
                    physical_id: one
                        .physical_resource_id()
                        .filter(|id| !id.is_empty())
                        .map(str::to_owned),
                    type_name: one.resource_type().unwrap_or_default().to_owned(),
                    status: ResourceStatus::parse(
                        one.resource_status()
                            .map_or("", aws_sdk_cloudformation::types::ResourceStatus::as_str),
                    ),
                    reason: one.resource_status_reason().map(str::to_owned),
                }
            }));
            next = page
                .next_token()
                .filter(|token| !token.is_empty())
                .map(str::to_owned);
            if next.is_none() {
                return Ok(resources);
            }
        }
    }
}

fn forgive_missing(done: Result<(), ApiError>) -> Result<(), ApiError> {
    match done {
        Err(error) if error.failure == Failure::Missing => Ok(()),
        other => other,
    }
}

fn change(change: &aws_sdk_cloudformation::types::Change) -> Option<Change> {
    let resource = change.resource_change()?;
    Some(Change {
        action: resource
            .action()
            .map_or("", aws_sdk_cloudformation::types::ChangeAction::as_str)
            .to_owned(),
        logical_id: resource
            .logical_resource_id()
            .unwrap_or_default()
            .to_owned(),
        type_name: resource.resource_type().unwrap_or_default().to_owned(),
        replacement: resource
            .replacement()
            .map(|replacement| replacement.as_str().to_owned()),
    })
}

fn state(status: Option<&ChangeSetStatus>, execution: Option<&ExecutionStatus>) -> ChangeSetState {
    match (status, execution) {
        (Some(ChangeSetStatus::Failed), _) => ChangeSetState::Failed,
        (
            _,
            Some(
                ExecutionStatus::ExecuteComplete
                | ExecutionStatus::ExecuteInProgress
                | ExecutionStatus::ExecuteFailed
                | ExecutionStatus::Obsolete,
            ),
        ) => ChangeSetState::Done,
        (Some(ChangeSetStatus::CreateComplete), Some(ExecutionStatus::Available)) => {
            ChangeSetState::Ready
        }
        _ => ChangeSetState::Pending,
    }
}

fn stack_event(event: &aws_sdk_cloudformation::types::StackEvent) -> StackEvent {
    StackEvent {
        id: event.event_id().unwrap_or_default().to_owned(),
        at: moment(event.timestamp()).unwrap_or(Timestamp::UNIX_EPOCH),
        logical_id: event.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: event
            .physical_resource_id()
            .filter(|id| !id.is_empty())
            .map(str::to_owned),
        type_name: event.resource_type().unwrap_or_default().to_owned(),
        status: ResourceStatus::parse(
            event
                .resource_status()
                .map_or("", aws_sdk_cloudformation::types::ResourceStatus::as_str),
        ),
        reason: event.resource_status_reason().map(str::to_owned),
    }
}
