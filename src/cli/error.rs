//! Errors as the user sees them: what happened, where, and one thing to try.
//!
//! Areas and adapters keep their typed errors; they become a [`CommandError`] here, once, which decides words, exit
//! code and the JSON form.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::lang::{Catalog, Message};
use crate::config::{EnvironmentError, PathsError, SettingsError, SettingsFault};
use crate::msg;
use crate::text;

/// How a command ended (DESIGN: exit codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The answer is no: no hit, or findings.
    No = 1,
    /// Wrong usage or settings.
    Usage = 2,
    /// The guard refused.
    Refused = 3,
    /// The operation failed.
    Failed = 4,
    /// A bug of ours.
    Bug = 70,
    /// Interrupted by the user.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failed command.
#[derive(Debug)]
pub struct CommandError {
    /// Decides the exit code.
    pub exit: Exit,
    /// What happened; its key is the stable code.
    pub message: Message,
    /// The file concerned.
    pub path: Option<PathBuf>,
    /// The line in it, from 1.
    pub line: Option<usize>,
    /// The column in it in characters, from 1.
    pub column: Option<usize>,
    /// One thing to try.
    pub hint: Option<Message>,
    /// The causes in the system's words, outermost first.
    pub causes: Vec<String>,
}

impl CommandError {
    /// Makes an error of a kind.
    pub fn new(exit: Exit, message: Message) -> Self {
        Self {
            exit,
            message,
            path: None,
            line: None,
            column: None,
            hint: None,
            causes: Vec::new(),
        }
    }

    /// Makes an error about how the command was called or set up (exit 2).
    pub fn usage(message: Message) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Makes an error about an operation that failed (exit 4).
    pub fn failed(message: Message) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Names the file concerned.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Names the place in the file, both from 1.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self
    }

    /// Says one thing to try.
    #[must_use]
    pub fn hint(mut self, hint: Message) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Keeps an error and all that caused it.
    #[must_use]
    pub fn because(mut self, cause: &dyn std::error::Error) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            let text = error.to_string();
            if self.causes.last() != Some(&text) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    /// Writes the error for a reader: message, place, causes, hint.
    pub fn text(&self, catalog: &Catalog) -> String {
        let mut lines =
            vec![catalog.text(&msg!("error-line", message = catalog.text(&self.message)))];
        if let Some(path) = &self.path {
            let place = match (self.line, self.column) {
                (Some(line), Some(column)) => format!("{}:{line}:{column}", path.display()),
                (Some(line), None) => format!("{}:{line}", path.display()),
                _ => path.display().to_string(),
            };
            lines.push(indent(catalog, &msg!("error-place", place = place)));
        }
        lines.extend(
            self.causes
                .iter()
                .map(|cause| catalog.text(&msg!("error-cause", cause = cause))),
        );
        if let Some(hint) = &self.hint {
            lines.push(indent(
                catalog,
                &msg!("error-hint", hint = catalog.text(hint)),
            ));
        }
        text::neutralize(&lines.join("\n"))
    }

    /// Gives the error as its JSON document.
    pub fn json(&self, catalog: &Catalog) -> ErrorDocument {
        let mut message = catalog.text(&self.message);
        for cause in &self.causes {
            message.push_str(": ");
            message.push_str(cause);
        }
        ErrorDocument {
            schema: 1,
            error: ErrorBody {
                code: self.message.key,
                message,
                path: self.path.as_ref().map(|path| path.display().to_string()),
                line: self.line,
                column: self.column,
                hint: self.hint.as_ref().map(|hint| catalog.text(hint)),
            },
        }
    }
}

/// The JSON document of an error.
#[derive(Debug, Serialize)]
pub struct ErrorDocument {
    schema: u32,
    error: ErrorBody,
}

#[derive(Debug, Serialize)]
struct ErrorBody {
    code: &'static str,
    message: String,
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    hint: Option<String>,
}

impl From<EnvironmentError> for CommandError {
    fn from(error: EnvironmentError) -> Self {
        Self::usage(msg!(
            "bad-environment",
            variable = error.variable,
            value = error.value,
            expected = error.expected
        ))
    }
}

impl From<PathsError> for CommandError {
    fn from(error: PathsError) -> Self {
        match error {
            PathsError::NoHome => Self::usage(msg!("no-home")).hint(msg!("no-home-hint")),
        }
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        let message = match error.fault {
            SettingsFault::Syntax(reason) => msg!("bad-settings", reason = reason),
            SettingsFault::Range {
                key,
                value,
                low,
                high,
            } => {
                msg!(
                    "setting-range",
                    key = key,
                    value = value,
                    low = low,
                    high = high
                )
            }
            SettingsFault::Date { key, value } => msg!("setting-date", key = key, value = value),
        };
        Self::usage(message)
            .at(error.line, error.column)
            .hint(msg!("bad-settings-hint"))
    }
}

/// Sets a detail below the line it belongs to.
fn indent(catalog: &Catalog, message: &Message) -> String {
    format!("  {}", catalog.text(message))
}
