//! All words for the user, in Japanese and English.
//!
//! The words are data: Fluent files (`ja/*.ftl`, `en/*.ftl`) with one key per message. Code names a message by its key
//! and hands over values; the key of an error message is also its stable code in `--json`. A test compares the keys
//! and variables of both languages and looks for keys that no code uses.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::langid;

use crate::config::Language;

/// A message by key, with its values; it becomes text only when shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The key in the `.ftl` files.
    pub key: &'static str,
    /// The values by name.
    pub values: Vec<(&'static str, Value)>,
}

/// A value in a message. Texts are made safe for the terminal when shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, shown as it is.
    Text(String),
    /// A number, which may choose between plural forms.
    Number(f64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&std::path::Path> for Value {
    fn from(path: &std::path::Path) -> Self {
        Self::Text(path.display().to_string())
    }
}

impl From<&std::path::PathBuf> for Value {
    fn from(path: &std::path::PathBuf) -> Self {
        Self::Text(path.display().to_string())
    }
}

macro_rules! number_value {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            #[expect(clippy::allow_attributes, clippy::allow_attributes_without_reason, reason = "one macro for all widths")]
            fn from(number: $number) -> Self {
                #[allow(clippy::cast_precision_loss, clippy::cast_lossless)]
                Self::Number(number as f64)
            }
        }
    )*};
}
number_value!(usize, u64, i64, u32, i32, f64);

/// Makes a [`Message`]: `msg!("imported", files = 3, path = path)`.
#[macro_export]
macro_rules! msg {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::cli::lang::Message {
            key: $key,
            values: vec![$((stringify!($name), $crate::cli::lang::Value::from($value))),*],
        }
    };
}

/// The messages of one language, ready to be shown.
pub struct Catalog {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        /// The texts of a language's files.
        fn sources(language: Language) -> Vec<&'static str> {
            match language {
                Language::Japanese => vec![$(include_str!(concat!("ja/", $name, ".ftl"))),*],
                Language::English => vec![$(include_str!(concat!("en/", $name, ".ftl"))),*],
            }
        }
    };
}
// One file per part of the program; add a new part here.
sources!("core", "help", "lab", "lab_live", "notes", "study");

impl Catalog {
    /// Loads the messages of a language.
    pub fn new(language: Language) -> Self {
        let id = match language {
            Language::Japanese => langid!("ja"),
            Language::English => langid!("en"),
        };
        let mut bundle = FluentBundle::new(vec![id]);
        // Marks around values help mixed-direction text and hurt everybody who copies from a terminal.
        bundle.set_use_isolating(false);
        for source in sources(language) {
            // Errors in the files are found by this module's tests; at run time the rest is still of use.
            let resource =
                FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, _)| rest);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// Gives the language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Gives the text of a message; its key where the language lacks it.
    pub fn text(&self, message: &Message) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in &message.values {
            match value {
                Value::Text(text) => args.set(*name, FluentValue::String(Cow::Borrowed(text))),
                Value::Number(number) => args.set(*name, FluentValue::from(*number)),
            }
        }
        self.lookup(message.key, Some(&args))
            .unwrap_or_else(|| message.key.to_owned())
    }

    /// Gives the text of a message without values, if the language has it.
    pub fn find(&self, key: &str) -> Option<String> {
        self.lookup(key, None)
    }

    /// Gives the text of a message whose key is made at run time, such as that of a finding, if the language has it.
    pub fn find_with(&self, key: &str, values: &BTreeMap<String, String>) -> Option<String> {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(name.as_str(), FluentValue::String(Cow::Borrowed(value)));
        }
        self.lookup(key, Some(&args))
    }

    fn lookup(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, args, &mut errors)
            .into_owned();
        debug_assert!(errors.is_empty(), "message `{key}`: {errors:?}");
        Some(text)
    }
}

#[cfg(test)]
mod tests;
