//! `lab`: one file per subcommand, and what they share: the labs of the library, the price table, words.

mod list;
mod live;
mod params;
mod plan;
mod show;

use std::collections::BTreeMap;
use std::path::Path;

use crate::app::lab_library::{self, LabTexts};
use crate::app::lab_plan::Words;
use crate::cli::args::{LabAction, LabArgs};
use crate::cli::lang::Catalog;
use crate::cli::wire::{Shelf, Wire};
use crate::cli::{CommandError, Context, Exit};
use crate::lab::cost::refresh::Overlay;
use crate::lab::cost::{CostNote, PriceTable, PriceTableError};
use crate::lab::finding::Finding;
use crate::msg;

pub(super) use live::place_on_aws;
pub(super) use live::{ledger_error, profile_error};

/// Runs the command.
pub(super) fn run(context: &mut Context, args: LabArgs) -> Result<Exit, CommandError> {
    match args.action {
        LabAction::List => list::run(context),
        LabAction::Show(args) => show::run(context, &args),
        LabAction::Params(args) => params::run(context, &args),
        LabAction::Plan(args) => plan::run(context, &args),
        LabAction::Live(action) => live::run(context, &action),
    }
}

/// Reads the price table of the library.
pub(super) fn price_table(wire: &Wire) -> Result<PriceTable, CommandError> {
    let file = wire
        .library_file(Shelf::Content, "prices.yaml")?
        .ok_or_else(|| CommandError::failed(msg!("lab-prices-missing")))?;
    let mut table = PriceTable::parse(&String::from_utf8_lossy(&file.bytes)).map_err(|error| {
        let failed = CommandError::failed(msg!("lab-prices-bad", reason = error.to_string()))
            .path(file.shown_path(Shelf::Content));
        match error {
            PriceTableError::Yaml(at) => failed.at(at.line, at.column),
            PriceTableError::Schema { .. } | PriceTableError::Columns { .. } => failed,
        }
    })?;
    table.lay_over(&price_overlay(wire)?);
    Ok(table)
}

/// Reads the prices that were refreshed from the AWS price list; none where there are none.
pub(super) fn price_overlay(wire: &Wire) -> Result<Overlay, CommandError> {
    let path = wire.paths().prices();
    let Some(text) = wire.read(&path)? else {
        return Ok(Overlay::default());
    };
    Overlay::parse(&text).map_err(|at| {
        CommandError::failed(msg!("lab-prices-bad", reason = at.to_string()))
            .path(path)
            .at(at.line, at.column)
            .hint(msg!("prices-overlay-bad-hint"))
    })
}

/// Reads the labs of the library.
pub(super) fn labs(wire: &Wire) -> Result<Vec<LabTexts>, CommandError> {
    let files = wire.library(Shelf::Labs)?;
    let text = |name: &str| {
        files
            .iter()
            .find(|file| file.name == name)
            .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
    };
    let shown = |name: &str| {
        let file = files.iter().find(|file| file.name == name);
        let path = file.map_or_else(
            || Path::new(Shelf::Labs.folder()).join(name),
            |file| file.shown_path(Shelf::Labs),
        );
        path.display().to_string()
    };
    let folders = files
        .iter()
        .filter_map(|file| Some((file.name.strip_suffix("/lab.yaml")?, file)));
    Ok(folders
        .map(|(folder, file)| {
            let template = format!("{folder}/template.yaml");
            LabTexts {
                folder: folder.to_owned(),
                path: file.shown_path(Shelf::Labs).display().to_string(),
                lab: String::from_utf8_lossy(&file.bytes).into_owned(),
                template: text(&template),
                template_path: shown(&template),
                readme: text(&format!("{folder}/README.md")),
            }
        })
        .collect())
}

/// What a command is about: a lab of the library, or a template anywhere.
pub(super) enum Target {
    Lab(Box<LabTexts>),
    Template { path: String, text: String },
}

/// Finds a lab or reads a template: a path with a separator or an extension is a file, all else a lab's id.
pub(super) fn target(wire: &Wire, given: &Path) -> Result<Target, CommandError> {
    let typed = given.display().to_string();
    let looks_like_file = given.extension().is_some() || given.components().count() > 1;
    if looks_like_file || given.is_file() {
        // Bytes that are no UTF-8 stay readable enough to be refused with a place.
        if let Some(bytes) = wire.read_bytes(given)? {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return Ok(Target::Template { path: typed, text });
        }
    }
    let labs = labs(wire)?;
    if let Some(lab) = lab_library::find(&labs, &typed) {
        return Ok(Target::Lab(Box::new(lab.clone())));
    }
    let error = CommandError::usage(msg!("lab-unknown", given = &typed));
    Err(match lab_library::nearest(&labs, &typed) {
        Some(nearest) => error.hint(msg!("lab-unknown-hint", nearest = nearest)),
        None => error,
    })
}

/// Reads `NAME=VALUE` pairs.
pub(super) fn pairs(given: &[String]) -> Result<BTreeMap<String, String>, CommandError> {
    given
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.to_owned()))
            }
            _ => Err(CommandError::usage(msg!("lab-bad-param", given = pair))
                .hint(msg!("lab-bad-param-hint"))),
        })
        .collect()
}

/// Turns a lab file's error into words.
pub(super) fn bad_file(
    texts: &LabTexts,
    error: &crate::lab::lab_file::LabFileError,
) -> CommandError {
    let failed = CommandError::failed(msg!("lab-bad-file", reason = error.to_string()))
        .path(texts.path.clone());
    match error {
        crate::lab::lab_file::LabFileError::Yaml(at) => failed.at(at.line, at.column),
        _ => failed,
    }
}

/// The words of a language for findings and assumptions.
pub(super) struct CatalogWords<'a>(pub(super) &'a Catalog);

impl CatalogWords<'_> {
    fn of(&self, key: &str, values: &BTreeMap<String, String>) -> String {
        let mut values = values.clone();
        // Data in two languages: the reader's is the alternative.
        let mine = match self.0.language() {
            crate::config::Language::Japanese => "ja",
            crate::config::Language::English => "en",
        };
        if let Some(alternative) = values.get(mine).cloned() {
            values.insert("alternative".to_owned(), alternative);
        }
        let text = self.0.find_with(key, &values);
        crate::text::neutralize(&text.unwrap_or_else(|| key.to_owned()))
    }
}

impl Words for CatalogWords<'_> {
    fn note(&self, note: &CostNote) -> String {
        self.of(&format!("cost-note-{}", note.code), &note.values)
    }

    fn message(&self, finding: &Finding) -> String {
        self.of(&format!("finding-{}", finding.rule), &finding.values)
    }

    fn instead(&self, finding: &Finding) -> String {
        self.of(
            &format!("finding-{}-instead", finding.rule),
            &finding.values,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::lab_plan::{self, DEFAULT_TTL, PlanRequest};
    use crate::config::Language;
    use crate::lab::guard::{Policy, Situation};

    /// Every finding and note that a fixture brings out has words in both languages, with all their values.
    #[test]
    fn every_finding_and_note_has_words() {
        let table = PriceTable::parse(include_str!("../../../../content/prices.yaml")).unwrap();
        let catalogs = [Language::Japanese, Language::English].map(Catalog::new);
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
        for file in ["guard", "plans"]
            .iter()
            .flat_map(|folder| walkdir::WalkDir::new(format!("{fixtures}/{folder}")))
            .flatten()
            .filter(|file| file.file_type().is_file())
        {
            let template = std::fs::read_to_string(file.path()).unwrap();
            let plan = lab_plan::plan(PlanRequest {
                name: "t",
                template: &template,
                parameters: BTreeMap::new(),
                region: "us-west-2",
                ttl: DEFAULT_TTL,
                table: &table,
                policy: &Policy::default(),
                situation: &Situation::default(),
                usd_jpy: 155.0,
            });
            for catalog in &catalogs {
                let report = lab_plan::report(&plan, 155.0, &CatalogWords(catalog));
                for finding in &report.findings {
                    for words in [&finding.message, &finding.instead] {
                        assert!(!words.starts_with("finding-"), "{words}");
                        assert!(!words.contains("{ $") && !words.is_empty(), "{words}");
                    }
                }
                for row in &report.resources {
                    assert!(!row.note.contains("cost-note-"), "{}", row.note);
                }
            }
        }
    }
}
