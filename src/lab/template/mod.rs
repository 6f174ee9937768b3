//! A CloudFormation template as written: its sections, each part with its place, nothing evaluated yet.
//!
//! YAML and JSON become the same [`Node`]s; short forms (`!Sub`) become the long ones (`{"Fn::Sub": …}`), so that
//! nothing behind this module sees the difference. What makes a text no template at all is a [`TemplateError`];
//! what is wrong inside one becomes a finding of the evaluator.

use crate::lab::finding::{Finding, Place};
use crate::yaml::Key;
pub use crate::yaml::{Node, NodeKind};

mod json;
mod parameter;
mod read;

/// A template as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// What the user calls it: a path or a lab's id.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// Its length in bytes; CloudFormation takes 51,200 inline and 1,000,000 by S3.
    pub bytes: usize,
    /// `Description`.
    pub description: Option<String>,
    /// The macros under `Transform`, in order.
    pub transforms: Vec<(String, Place)>,
    /// `Parameters`.
    pub parameters: Vec<Parameter>,
    /// `Mappings`: name, and the mapping as written.
    pub mappings: Vec<Entry>,
    /// `Conditions`.
    pub conditions: Vec<Entry>,
    /// `Rules`.
    pub rules: Vec<Entry>,
    /// `Resources`.
    pub resources: Vec<Entry>,
    /// `Outputs`.
    pub outputs: Vec<Entry>,
    /// `Globals` of SAM.
    pub globals: Option<Node>,
    /// What is wrong with its form without making it unreadable: unknown sections, repeated keys, aliases …
    pub findings: Vec<Finding>,
}

/// How a template is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// A named part of a section.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its name: logical id, condition name …
    pub name: String,
    /// Where the name stands.
    pub place: Place,
    /// What is under it, short forms written out.
    pub node: Node,
}

/// A parameter as declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub place: Place,
    /// `Type`; empty when it is missing.
    pub type_name: String,
    /// `Default`, as text.
    pub default: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `AllowedValues`.
    pub allowed_values: Vec<String>,
    /// `AllowedPattern`.
    pub allowed_pattern: Option<String>,
    /// `ConstraintDescription`.
    pub constraint_description: Option<String>,
    /// `MinLength`.
    pub min_length: Option<usize>,
    /// `MaxLength`.
    pub max_length: Option<usize>,
    /// `MinValue`.
    pub min_value: Option<f64>,
    /// `MaxValue`.
    pub max_value: Option<f64>,
    /// `NoEcho`: its value is shown nowhere.
    pub no_echo: bool,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Larger than anything CloudFormation takes.
    #[error("{bytes} bytes; CloudFormation takes at most {limit}")]
    TooLarge {
        /// The text's length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Neither YAML nor JSON.
    #[error("{message} (line {}, column {})", place.line, place.column)]
    Syntax {
        /// What the parser found.
        message: String,
        /// Where.
        place: Place,
    },
    /// A tab where YAML allows only spaces.
    #[error("a tab where only spaces may stand (line {})", place.line)]
    Tab {
        /// Where.
        place: Place,
    },
    /// Nested deeper than any template needs.
    #[error("nested deeper than {limit} levels (line {})", place.line)]
    TooDeep {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// More values than any template needs, such as an alias bomb.
    #[error("more than {limit} values once aliases are written out (line {})", place.line)]
    TooMany {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// Something else than text as a key.
    #[error("a key must be text (line {})", place.line)]
    KeyIsNoText {
        /// Where.
        place: Place,
    },
    /// A readable text that is not a mapping with `Resources`.
    #[error("no template: {what} (line {})", place.line)]
    NoTemplate {
        /// What is missing or of the wrong kind.
        what: NoTemplate,
        /// Where.
        place: Place,
    },
}

/// What keeps a readable text from being a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTemplate {
    /// The text is empty.
    Empty,
    /// It is no mapping.
    NotAMapping,
    /// It has no `Resources`, or an empty or odd one.
    NoResources,
}

impl std::fmt::Display for NoTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "the text is empty",
            Self::NotAMapping => "the text is no mapping",
            Self::NoResources => "there is no `Resources` with at least one resource",
        })
    }
}

impl Template {
    /// Reads a template in YAML or JSON; `name` is what findings call it.
    ///
    /// # Errors
    /// When the text is no template at all; see [`TemplateError`].
    pub fn parse(text: &str, name: &str) -> Result<Self, TemplateError> {
        read::template(text, name)
    }

    /// Finds a declared parameter.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }
}

/// Finds the value under a key of a mapping node.
pub(crate) fn child<'a>(node: &'a Node, name: &str) -> Option<(&'a Key, &'a Node)> {
    match &node.kind {
        NodeKind::Mapping(entries) => entries
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(key, node)| (key, node)),
        NodeKind::Scalar { .. } | NodeKind::Sequence(_) => None,
    }
}
