//! `config`: the settings file, changed without losing the user's own comments.

use serde::Serialize;
use toml_edit::{DocumentMut, Item, Table, Value};

use crate::cli::args::{ConfigAction, ConfigArgs};
use crate::cli::{CommandError, Context, Exit};
use crate::config::{KEYS, Settings};
use crate::msg;

#[derive(Serialize)]
struct ConfigReport<'a> {
    schema: u32,
    path: String,
    settings: Vec<(&'a str, String)>,
}

/// Runs the command.
pub(super) fn run(context: &mut Context, args: ConfigArgs) -> Result<Exit, CommandError> {
    match args.action.unwrap_or(ConfigAction::Show) {
        ConfigAction::Show => show(context),
        ConfigAction::Path => {
            let path = context.wire.paths().settings();
            context.ui.say(&msg!("config-path", path = &path))?;
            Ok(Exit::Done)
        }
        ConfigAction::Set { key, value } => {
            let key = known(&key)?;
            change(context, key, Some(&value))?;
            context
                .ui
                .say(&msg!("config-set", key = key, value = value))?;
            Ok(Exit::Done)
        }
        ConfigAction::Unset { key } => {
            let key = known(&key)?;
            change(context, key, None)?;
            context.ui.say(&msg!("config-unset", key = key))?;
            Ok(Exit::Done)
        }
    }
}

fn known(key: &str) -> Result<&'static str, CommandError> {
    let folded = crate::text::fold(key);
    KEYS.iter()
        .find(|known| **known == folded)
        .copied()
        .ok_or_else(|| {
            CommandError::usage(msg!("unknown-key", key = key))
                .hint(msg!("unknown-key-hint", keys = KEYS.join(" ")))
        })
}

fn show(context: &mut Context) -> Result<Exit, CommandError> {
    let settings = entries(context.wire.settings(), context.ui.catalog().language());
    if context.ui.options.json {
        let path = context.wire.paths().settings().display().to_string();
        context.ui.json(&ConfigReport {
            schema: 1,
            path,
            settings,
        })?;
        return Ok(Exit::Done);
    }
    for (key, value) in settings {
        let value = if value.is_empty() {
            "-".to_owned()
        } else {
            value
        };
        context.ui.line(format!("{key:<24} {value}"))?;
    }
    Ok(Exit::Done)
}

fn entries(settings: &Settings, language: crate::config::Language) -> Vec<(&'static str, String)> {
    let (goal, study, labs) = (&settings.goal, &settings.study, &settings.labs);
    let shown = |value: Option<String>| value.unwrap_or_default();
    let language = match settings.language.unwrap_or(language) {
        crate::config::Language::Japanese => "ja",
        crate::config::Language::English => "en",
    };
    let values = [
        language.to_owned(),
        shown(goal.exam.map(|exam| exam.to_string())),
        shown(goal.date.map(|date| date.to_string())),
        shown(goal.minutes_per_day.map(|minutes| minutes.to_string())),
        study.retention.to_string(),
        study.new_per_day.to_string(),
        study.reviews_per_day.to_string(),
        i8::from(study.rollover).to_string(),
        study.extra_exam_time.to_string(),
        labs.per_lab.usd().to_string(),
        labs.per_month.usd().to_string(),
        labs.region.clone(),
        labs.usd_jpy.to_string(),
        labs.usd_jpy_as_of.to_string(),
        labs.max_extensions.to_string(),
    ];
    KEYS.iter().copied().zip(values).collect()
}

/// Changes one key in the file; the new text must pass the same checks as at start before it is written.
pub(super) fn change(
    context: &mut Context,
    key: &str,
    value: Option<&str>,
) -> Result<(), CommandError> {
    let path = context.wire.paths().settings();
    let text = context.wire.read(&path)?.unwrap_or_default();
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        CommandError::usage(msg!("bad-settings", reason = error.message()))
            .path(&path)
            .hint(msg!("bad-settings-hint"))
    })?;
    let (table, name) = key
        .split_once('.')
        .map_or((None, key), |(table, name)| (Some(table), name));
    let slot: &mut Table = match table {
        Some(table) => document
            .entry(table)
            .or_insert(Item::Table(Table::new()))
            .as_table_mut()
            .ok_or_else(|| CommandError::usage(msg!("bad-settings", reason = table)).path(&path))?,
        None => document.as_table_mut(),
    };
    match value {
        Some(value) => slot.insert(name, Item::Value(typed(value))),
        None => slot.remove(name),
    };
    let text = document.to_string();
    Settings::parse(&text)?;
    context.wire.write(&path, text.as_bytes())?;
    context.wire.reload_settings()
}

/// Gives a typed value its TOML type: a number or a truth value where it reads as one, text otherwise.
fn typed(value: &str) -> Value {
    let value = crate::text::narrow(value.trim());
    value
        .parse::<i64>()
        .map(Value::from)
        .or_else(|_| value.parse::<f64>().map(Value::from))
        .or_else(|_| value.parse::<bool>().map(Value::from))
        .unwrap_or_else(|_| Value::from(value))
}
