//! The rehearsal: CloudFormation and STS in this process, behind the SDK's own HTTP connector.
//!
//! The deploy code runs as it would against AWS, down to the request's bytes; only the last step, from connector to
//! network, is replaced by [`engine::Engine`]. Its answers use CloudFormation's error codes and words. Nothing it
//! says exists does exist, and its types, ids and usual times are data (`types.yaml`, `shapes.yaml`,
//! `names.yaml`).

pub mod catalogue;
pub mod clock;
pub mod connector;
pub mod engine;
pub mod inject;
pub mod listener;
pub mod resources;

mod book;
pub mod fault;
pub mod names;
pub mod ops;
pub mod prepare;
pub mod query;
pub mod state;
pub mod timeline;
pub mod xml;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
