//! The sandbox: ministack in a virtual environment of its own, on 127.0.0.1, and what to ask it.
//!
//! It really makes resources, so the user's `aws` CLI works on them. What it does not judge: permissions,
//! capabilities, buckets that are not empty.

pub mod calls;
pub mod http;
pub mod process;
pub mod resources;
