//! What the user and the environment say, read once at start and checked.
//!
//! [`Environment`] is the only reader of environment variables, [`Paths`] the only owner of file locations, and
//! [`Settings`] the checked form of `config.toml`; the areas see only the checked forms.

mod environment;
mod paths;
mod settings;

pub use environment::{Environment, EnvironmentError};
pub use paths::{Paths, PathsError};
pub use settings::{
    ExamGoal, KEYS, LabSettings, Language, Settings, SettingsError, SettingsFault, StudySettings,
};
