//! `backup` and `restore`.

use std::path::PathBuf;

use clap::Args;

/// Where to write the copy.
#[derive(Debug, Args)]
pub struct BackupArgs {
    pub file: Option<PathBuf>,
}

/// Which copy to put back.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    pub file: PathBuf,
}
