//! The AWS SDK behind our ports: clients for the three tiers, and what they answer in our words.
//!
//! A client for the rehearsal differs from one for AWS in its connector only; one for the sandbox in endpoint and
//! keys. Service configurations are built by hand from what we chose, never from the shared configuration as a whole,
//! so that no `endpoint_url` of a profile and no variable of the environment can redirect a call.

pub mod buckets;
pub mod calls;
pub mod clients;
pub mod errors;
#[cfg(test)]
pub(crate) mod fake;
pub mod hosts;
pub mod json;
pub mod leases;
pub mod prices;
pub mod profile;
pub mod resources;
pub mod stacks;
