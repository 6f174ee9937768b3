//! `export anki` and `import anki`: cards and history as Anki keeps them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::lint::service_slugs;
use super::study::{Study, quiz_error};
use crate::app::anki::export;
use crate::app::anki::import::{self, AnkiImportError, ImportPlan, Purpose, Reason, Skipped};
use crate::app::anki::table::{self, Table, TableError};
use crate::cli::args::ExportAnkiArgs;
use crate::cli::lang::Message;
use crate::cli::wire::AnkiError;
use crate::cli::{CommandError, Context, Exit, Ui, Wire};
use crate::exam::Exam;
use crate::msg;
use crate::notes::decode::{DecodeError, decode};
use crate::progress::deck::Package;
use crate::progress::store::CardFilter;
use crate::quiz::Origin;
use crate::quiz::own::{Brought, bring};

/// Cards and media that are named one by one.
const NAMED: usize = 10;

#[derive(Serialize)]
struct ExportReport {
    schema: u32,
    path: String,
    cards: usize,
    reviews: usize,
    /// Questions left out because they are kept for mock exams and were never seen.
    reserved: usize,
}

/// The document of `import anki --json`.
#[derive(Serialize)]
struct ImportReport<'p> {
    schema: u32,
    dry_run: bool,
    /// Cards that are questions of the learner's own now.
    cards: usize,
    added: usize,
    changed: usize,
    /// Cards of ours, whose text was left alone.
    known: usize,
    /// Reviews and marks that the log did not have.
    entries_added: u64,
    files: Vec<String>,
    skipped: &'p [Skipped],
    media: Vec<&'p str>,
}

/// Says whether the first word of an import means Anki's cards and not a path.
pub(super) fn is_named(word: &Path) -> bool {
    matches!(word.to_str(), Some("anki" | "Anki" | "アンキ"))
}

/// Writes cards and history into a package.
pub(super) fn export(context: &mut Context, args: &ExportAnkiArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let study = Study::open(ui, wire)?;
    let filter = CardFilter {
        exam: args.exam,
        service: args.service.as_ref().map(|s| crate::text::fold(s.trim())),
        ..CardFilter::default()
    };
    let exported = export::export(study.store.as_ref(), &study.rules, &filter, wire.now())
        .map_err(|error| quiz_error(wire, error))?;
    if exported.cards == 0 {
        ui.talk(&msg!("anki-nothing"))?;
        return Ok(Exit::No);
    }
    let bytes = wire.pack_anki(&exported.package).map_err(|error| {
        CommandError::failed(msg!("anki-write-failed"))
            .path(&args.file)
            .because(&error)
    })?;
    tell_folder(ui, &args.file)?;
    wire.write(&args.file, &bytes)?;
    if ui.options.json {
        ui.json(&ExportReport {
            schema: 1,
            path: args.file.display().to_string(),
            cards: exported.cards,
            reviews: exported.reviews,
            reserved: exported.reserved,
        })?;
    } else {
        ui.say(&msg!(
            "anki-exported",
            cards = exported.cards,
            reviews = exported.reviews,
            path = &args.file
        ))?;
        if exported.reserved > 0 {
            ui.say(&msg!("anki-reserved", count = exported.reserved))?;
        }
    }
    Ok(Exit::Done)
}

/// Says that the folder of a file about to be written is not there and will be made: a name may be mistyped.
pub(super) fn tell_folder(ui: &mut Ui, file: &Path) -> Result<(), CommandError> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.exists()) {
        Some(folder) => ui.talk(&msg!("export-folder", path = folder)),
        None => Ok(()),
    }
}

/// Takes cards into the learner's own library, and their reviews into the log.
pub(super) fn import(
    context: &mut Context,
    file: &Path,
    exam: Option<Exam>,
    dry_run: bool,
) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let missing = || CommandError::failed(msg!("anki-missing")).path(file);
    let bytes = wire.read_bytes(file)?.ok_or_else(missing)?;
    let deck = deck(wire, file, &bytes)?;
    let package = match &deck {
        Deck::Package(package) => package,
        Deck::Table(table) => &table.package,
    };
    let study = Study::open(ui, wire)?;
    let services = service_slugs(wire)?;
    let purpose = Purpose {
        exam,
        services: &services,
    };
    let plan = import::plan(
        package,
        study.store.as_ref(),
        &study.rules,
        purpose,
        wire.now(),
    )
    .map_err(|error| told(wire, error, file));
    let mut plan = plan?;
    if let Deck::Table(table) = &deck {
        plan.locate(table);
    }
    drop(study);
    let files = files(wire, &plan)?;
    let mut entries_added = 0;
    if !dry_run {
        for (path, brought) in &files {
            wire.write(path, brought.text.as_bytes())?;
        }
        // Opened again, so that the questions are known before their history is.
        let mut study = Study::open(ui, wire)?;
        entries_added = import::add_history(study.store.as_mut(), &plan)
            .map_err(|error| quiz_error(wire, error))?;
    }
    let report = ImportReport {
        schema: 1,
        dry_run,
        cards: plan.questions.values().map(Vec::len).sum(),
        added: files.iter().map(|(_, brought)| brought.added).sum(),
        changed: files.iter().map(|(_, brought)| brought.changed).sum(),
        known: plan.known,
        entries_added,
        files: files
            .iter()
            .map(|(path, _)| path.display().to_string())
            .collect(),
        skipped: &plan.skipped,
        media: plan.media.iter().map(String::as_str).collect(),
    };
    if ui.options.json {
        ui.json(&report)?;
    } else {
        show(ui, &report)?;
    }
    // Nothing came in although something was asked for.
    Ok(if plan.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// What a file holds.
enum Deck {
    Package(Package),
    Table(Table),
}

/// Reads a package, or a table by its name's end.
fn deck(wire: &Wire, file: &Path, bytes: &[u8]) -> Result<Deck, CommandError> {
    if bytes.starts_with(b"PK") {
        let package = wire.unpack_anki(bytes);
        return package
            .map(Deck::Package)
            .map_err(|error| anki_error(&error, file));
    }
    let neither = || {
        CommandError::failed(msg!("anki-no-zip"))
            .path(file)
            .hint(msg!("anki-no-zip-hint"))
    };
    let end = file.extension().and_then(std::ffi::OsStr::to_str);
    let end = end.map(str::to_ascii_lowercase).unwrap_or_default();
    if !matches!(end.as_str(), "csv" | "tsv" | "txt") {
        return Err(neither());
    }
    let text = decode(bytes).map_err(|error| match error {
        DecodeError::Empty => CommandError::failed(msg!("anki-empty")).path(file),
        DecodeError::Binary => neither(),
    })?;
    let table = table::read(&text.text, end == "csv").map_err(|error| match error {
        TableError::Empty => CommandError::failed(msg!("anki-empty")).path(file),
        TableError::Row { line, .. } => CommandError::failed(msg!("anki-row"))
            .path(file)
            .at(usize::try_from(line).unwrap_or(0), 1)
            .because(&error),
        TableError::Head { line, ref given } => {
            CommandError::failed(msg!("anki-head", given = given))
                .path(file)
                .at(line, 1)
        }
    })?;
    Ok(Deck::Table(table))
}

/// Works out the new text of each of the learner's files.
fn files(wire: &Wire, plan: &ImportPlan) -> Result<Vec<(PathBuf, Brought)>, CommandError> {
    let mut files = Vec::new();
    for (exam, questions) in &plan.questions {
        let path = wire.own_bank_path(&Origin::Anki.file(*exam));
        let existing = wire.read(&path)?;
        let brought =
            bring(existing.as_deref(), *exam, Origin::Anki, questions).map_err(|error| {
                CommandError::failed(msg!("anki-own-bank"))
                    .path(&path)
                    .at(error.line, error.column)
                    .because(&error)
            })?;
        files.push((path, brought));
    }
    Ok(files)
}

fn show(ui: &mut Ui, report: &ImportReport<'_>) -> Result<(), CommandError> {
    ui.say(&msg!(
        "anki-imported",
        cards = report.cards,
        added = report.added,
        changed = report.changed,
        same = report.cards.saturating_sub(report.added + report.changed),
        known = report.known
    ))?;
    for path in &report.files {
        ui.say(&msg!("anki-imported-file", path = path))?;
    }
    if report.entries_added > 0 {
        ui.say(&msg!(
            "anki-imported-history",
            reviews = report.entries_added
        ))?;
    }
    if !report.skipped.is_empty() {
        ui.say(&msg!("anki-skipped", count = report.skipped.len()))?;
        for skipped in report.skipped.iter().take(NAMED) {
            let reason = ui.text(&reason(skipped.reason));
            let text = &skipped.text;
            ui.say(&match skipped.line {
                Some(line) => msg!(
                    "anki-skipped-row",
                    line = line,
                    text = text,
                    reason = reason
                ),
                None => msg!("anki-skipped-card", text = text, reason = reason),
            })?;
        }
    }
    if !report.media.is_empty() {
        let names: Vec<&str> = report.media.iter().take(NAMED).copied().collect();
        ui.say(&msg!(
            "anki-media",
            count = report.media.len(),
            names = names.join(", ")
        ))?;
    }
    if report.dry_run {
        ui.talk(&msg!("anki-dry-run"))?;
    }
    Ok(())
}

fn reason(reason: Reason) -> Message {
    match reason {
        Reason::NoNoteType => msg!("anki-reason-no-note-type"),
        Reason::EmptyFront => msg!("anki-reason-empty-front"),
        Reason::EmptyBack => msg!("anki-reason-empty-back"),
        Reason::OpenQuote => msg!("anki-reason-open-quote"),
    }
}

fn anki_error(error: &AnkiError, file: &Path) -> CommandError {
    let told = match error {
        AnkiError::Zip { .. } => {
            CommandError::failed(msg!("anki-no-zip")).hint(msg!("anki-no-zip-hint"))
        }
        AnkiError::NoCollection => CommandError::failed(msg!("anki-no-collection")),
        AnkiError::Newer { found } => {
            CommandError::failed(msg!("anki-newer", found = *found)).hint(msg!("anki-newer-hint"))
        }
        AnkiError::TooLarge { limit } => {
            CommandError::failed(msg!("anki-too-large", limit = *limit))
        }
        AnkiError::Unpack { .. } | AnkiError::Database { .. } | AnkiError::Json { .. } => {
            CommandError::failed(msg!("anki-damaged")).because(error)
        }
    };
    told.path(file)
}

fn told(wire: &Wire, error: AnkiImportError, file: &Path) -> CommandError {
    match error {
        AnkiImportError::NoExam => CommandError::usage(msg!("anki-no-exam"))
            .path(file)
            .hint(msg!("anki-no-exam-hint")),
        AnkiImportError::Empty => CommandError::failed(msg!("anki-empty")).path(file),
        AnkiImportError::Study(error) => quiz_error(wire, error),
    }
}
