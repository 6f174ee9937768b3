//! Single resources of a rehearsal: they are where their stack says, and nowhere else.

use std::sync::Arc;

use super::engine::Engine;
use crate::adapter::store::db::StoreError;
use crate::lab::lease::LeasedResource;
use crate::lab::port::{ApiError, Failure, Presence, ResourceApi, StackApi};
use crate::lab::status::ResourceStatus;

/// Looks rehearsed resources up through their stack.
#[derive(Debug)]
pub struct RehearsedResources<S> {
    stacks: S,
    engine: Arc<Engine>,
}

impl<S: StackApi> RehearsedResources<S> {
    /// Looks through a stack API of the same engine.
    pub fn new(stacks: S, engine: Arc<Engine>) -> Self {
        Self { stacks, engine }
    }
}

fn failed(error: &StoreError) -> ApiError {
    ApiError {
        operation: "rehearsal",
        failure: Failure::Service,
        code: "RehearsalState".to_owned(),
        message: error.to_string(),
    }
}

impl<S: StackApi> ResourceApi for RehearsedResources<S> {
    fn presence(&self, stack_id: &str, resource: &LeasedResource) -> Result<Presence, ApiError> {
        let listed = match self.stacks.resources(stack_id) {
            Ok(listed) => listed,
            Err(error) if error.is_missing() => return Ok(Presence::Absent),
            Err(error) => return Err(error),
        };
        let found = listed
            .into_iter()
            .find(|one| one.physical_id.as_deref() == Some(resource.physical_id.as_str()));
        Ok(match found.map(|one| one.status) {
            None | Some(ResourceStatus::DeleteComplete) => Presence::Absent,
            Some(_) => Presence::Present,
        })
    }

    fn bucket_size(&self, bucket: &str) -> Result<u64, ApiError> {
        self.engine.bucket_size(bucket).map_err(|e| failed(&e))
    }

    fn empty_bucket(&self, bucket: &str) -> Result<u64, ApiError> {
        self.engine.empty_bucket(bucket).map_err(|e| failed(&e))
    }

    fn log_group(&self, _name: &str) -> Result<Presence, ApiError> {
        // Nothing runs in a rehearsal, so nothing writes logs.
        Ok(Presence::Absent)
    }

    fn delete_log_group(&self, _name: &str) -> Result<(), ApiError> {
        Ok(())
    }
}
