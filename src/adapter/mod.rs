//! The outside world behind the ports that the areas own. Only `cli::wire` names this layer.

pub mod anki;
pub mod aws;
mod aws_cli;
pub mod clock;
pub mod files;
pub mod heartbeat;
pub mod interrupt;
pub mod lab_site;
pub mod pager;
pub mod rehearsal;
pub mod sandbox;
pub mod store;
