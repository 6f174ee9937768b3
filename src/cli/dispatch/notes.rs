//! `search`, `open`, `show`, `related`, `import`, `notes`, `index`.

use std::path::PathBuf;

use super::knowledge::{knowledge, services, stamp, synonyms};
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::import::{self, ImportError, ImportPorts, ImportReport, ImportRequest};
use crate::app::index::{self, IndexPorts, IndexReport, NotesError, ShelfNote};
use crate::app::notes as imported;
use crate::app::open::{self, OpenReport};
use crate::app::search::{self, LastSearch, SearchError, SearchReport, SearchRequest};
use crate::cli::args::{
    ImportArgs, IndexArgs, NotesAction, NotesArgs, OpenArgs, RelatedArgs, SearchArgs,
};
use crate::cli::render::notes as render;
use crate::cli::wire::{Interrupts, Shelf, Wire};
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::msg;
use crate::notes::library::PortError;
use crate::search::{IndexError, NoteIndex, Place, QueryError};

/// Files to index from which on a progress bar is worth drawing.
const WORTH_A_BAR: usize = 20;

/// Searches.
pub(super) fn search(context: &mut Context, args: SearchArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let request = SearchRequest {
        query: args.query.join(" "),
        exam: args.exam,
        service: args.service,
        place: args.place.map(|place| read_place(&place)),
        limit: usize::from(args.limit),
        no_synonyms: args.no_synonyms,
    };
    let synonyms = synonyms(wire)?;
    let services = services(wire)?;
    let report = with_index(ui, wire, |index| {
        let start = wire.now();
        let elapsed = || microseconds(wire, start);
        Ok(search::search(
            index, &synonyms, &services, &request, &elapsed,
        )?)
    })?;
    remember(wire, &report)?;
    show_hits(ui, &report)
}

/// Finds passages about the same things.
pub(super) fn related(context: &mut Context, args: &RelatedArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let last = last_search(wire);
    let report = with_index(ui, wire, |index| {
        let id = open::target(index, last.as_ref(), &args.target)?;
        let start = wire.now();
        Ok(search::related(
            index,
            &id,
            usize::from(args.limit),
            &|| microseconds(wire, start),
        )?)
    })?;
    remember(wire, &report)?;
    show_hits(ui, &report)
}

fn show_hits(ui: &mut Ui, report: &SearchReport) -> Result<Exit, CommandError> {
    if ui.options.json {
        ui.json(report)?;
    } else {
        render::hits(ui, report)?;
    }
    Ok(if report.hits.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// Shows a passage.
pub(super) fn open(context: &mut Context, args: &OpenArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let last = last_search(wire);
    let mut report = with_index(ui, wire, |index| {
        let id = open::target(index, last.as_ref(), &args.target)?;
        Ok(open::open(index, &id)?)
    })?;
    join(wire, &mut report);
    if ui.options.json {
        ui.json(&report)?;
    } else if ui.is_terminal() && ui.is_interactive() {
        let text = ui.collect(|ui| render::passage(ui, &report))?;
        if !wire.page(&text) {
            ui.line(text.trim_end())?;
        }
    } else {
        render::passage(ui, &report)?;
    }
    Ok(Exit::Done)
}

/// Joins questions and labs to a passage: those that name it, or that are about all of its services.
fn join(wire: &Wire, report: &mut OpenReport) {
    let Ok(files) = super::study::bank_texts(wire) else {
        return;
    };
    let Ok(blueprints) = super::study::blueprints(wire) else {
        return;
    };
    let (bank, _) = crate::app::bank::read_bank(&files, &blueprints);
    open::join(report, bank.cards());
}

/// Imports notes and indexes them.
pub(super) fn import(context: &mut Context, args: ImportArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let get = || knowledge(wire).map_err(carried);
    let stamp = stamp(wire)?;
    let mut library = wire.note_library()?;
    let files = wire.files();
    let request = ImportRequest {
        paths: args.paths,
        dry_run: args.dry_run,
    };
    let interrupts = Interrupts::watch();
    let stop = || interrupts.pressed();
    let bar = Bar::new(ui);
    let mut ports = ImportPorts {
        library: library.as_mut(),
        files: files.as_ref(),
        knowledge: &get,
        stamp: &stamp,
        stop: &stop,
        now: wire.now(),
    };
    let report = import::import(&mut ports, &request, &mut |done, all| bar.at(done, all))
        .map_err(import_error)?;
    drop(bar);
    drop(library);
    if report.left > 0 {
        return Err(import_interrupted(&report));
    }
    if !request.dry_run && report.files > report.unchanged {
        super::cards::follow_notes(wire)?;
    }
    if !request.dry_run && report.files > 0 {
        let index = refresh(ui, wire, false, &stop)?;
        if index.left > 0 {
            return Err(index_interrupted(&index));
        }
    }
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::import(ui, &report)?;
    }
    // Nothing came in although something was asked for.
    Ok(if report.files == 0 {
        Exit::No
    } else {
        Exit::Done
    })
}

/// Brings the index up to date.
pub(super) fn index(context: &mut Context, args: IndexArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let interrupts = Interrupts::watch();
    let report = refresh(ui, wire, args.rebuild, &|| interrupts.pressed())?;
    if report.left > 0 {
        return Err(index_interrupted(&report));
    }
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::index(ui, &report)?;
    }
    Ok(Exit::Done)
}

/// Lists or forgets imported notes.
pub(super) fn notes(context: &mut Context, args: NotesArgs) -> Result<Exit, CommandError> {
    match args.action {
        NotesAction::List => {
            let Context { ui, wire } = context;
            let library = wire.note_library()?;
            let report = with_index(ui, wire, |index| {
                Ok(imported::list(library.as_ref(), index)?)
            })?;
            if ui.options.json {
                ui.json(&report)?;
            } else {
                render::list(ui, &report)?;
            }
            Ok(Exit::Done)
        }
        NotesAction::Forget { paths } => forget(context, &paths),
    }
}

fn forget(context: &mut Context, paths: &[PathBuf]) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let absolute: Vec<PathBuf> = paths.iter().map(|path| wire.absolute(path)).collect();
    let mut library = wire.note_library()?;
    let report = imported::forget(library.as_mut(), &absolute).map_err(notes_error)?;
    drop(library);
    refresh(ui, wire, false, &never)?;
    if ui.options.json {
        ui.json(&report)?;
    } else {
        render::forgotten(ui, &report)?;
    }
    Ok(if report.forgotten.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// Brings the index up to date before the prompt appears, so that the first search is quick.
///
/// # Errors
/// When library or index fail.
pub(crate) fn prepare(context: &mut Context) -> Result<(), CommandError> {
    let Context { ui, wire } = context;
    refresh(ui, wire, false, &never).map(drop)
}

/// Says how far an import came that was interrupted.
fn import_interrupted(report: &ImportReport) -> CommandError {
    if report.dry_run {
        return CommandError::new(Exit::Interrupted, msg!("interrupted"));
    }
    let message = msg!(
        "import-interrupted",
        files = report.files,
        left = report.left,
        all = report.found
    );
    CommandError::new(Exit::Interrupted, message).hint(msg!("import-interrupted-hint"))
}

/// Says how far the index came; all that was imported is in the library by then.
fn index_interrupted(report: &IndexReport) -> CommandError {
    let message = msg!(
        "index-interrupted",
        indexed = report.indexed,
        all = report.indexed + report.left
    );
    CommandError::new(Exit::Interrupted, message).hint(msg!("index-interrupted-hint"))
}

/// Ends no update of the index.
const fn never() -> bool {
    false
}

/// Brings the index up to date and hands it over; a damaged index is thrown away and built anew once.
fn with_index<T>(
    ui: &mut Ui,
    wire: &Wire,
    work: impl Fn(&NoteIndex) -> Result<T, Failure>,
) -> Result<T, CommandError> {
    refresh(ui, wire, false, &never)?;
    let attempt = || {
        let (index, _) = NoteIndex::open(&wire.paths().index())?;
        work(&index)
    };
    match attempt() {
        Err(error) if error.is_damage() => {
            refresh(ui, wire, true, &never)?;
            attempt().map_err(Failure::into_error)
        }
        other => other.map_err(Failure::into_error),
    }
}

/// Updates the index until it is up to date or `stop` says so; with `anew` it is thrown away first. A damaged one is
/// thrown away without being asked.
fn refresh(
    ui: &mut Ui,
    wire: &Wire,
    anew: bool,
    stop: &dyn Fn() -> bool,
) -> Result<IndexReport, CommandError> {
    let path = wire.paths().index();
    if anew {
        NoteIndex::discard(&path).map_err(|error| index_error(&error))?;
    }
    match update(ui, wire, stop) {
        Err(NotesError::Index(IndexError::Engine { .. })) if !anew => {
            NoteIndex::discard(&path).map_err(|error| index_error(&error))?;
            update(ui, wire, stop)
                .map_err(notes_error)
                .map(|report| IndexReport {
                    rebuilt: true,
                    ..report
                })
        }
        other => other.map_err(notes_error).map(|report| IndexReport {
            rebuilt: anew,
            ..report
        }),
    }
}

fn update(ui: &mut Ui, wire: &Wire, stop: &dyn Fn() -> bool) -> Result<IndexReport, NotesError> {
    let (index, _) = NoteIndex::open(&wire.paths().index())?;
    let shelf = shelf_notes(wire).map_err(wrapped)?;
    let stamp = stamp(wire).map_err(wrapped)?;
    let mut library = wire.note_library().map_err(wrapped)?;
    let files = wire.files();
    let bar = Bar::new(ui);
    let get = || knowledge(wire).map_err(carried);
    let mut ports = IndexPorts {
        library: library.as_mut(),
        files: files.as_ref(),
        shelf: &shelf,
        index: &index,
        knowledge: &get,
        stamp: &stamp,
        stop,
        now: wire.now(),
    };
    index::update(&mut ports, &mut |done, all| bar.at(done, all))
}

/// Reads the notes of the content folders.
pub(super) fn shelf_notes(wire: &Wire) -> Result<Vec<ShelfNote>, CommandError> {
    let files = wire.library(Shelf::Content)?;
    let is_note = |name: &str| {
        std::path::Path::new(name)
            .extension()
            .is_some_and(|e| e == "md")
    };
    Ok(files
        .into_iter()
        .filter(|file| is_note(&file.name))
        .map(|file| ShelfNote {
            path: file.shown_path(Shelf::Content),
            own: file.own,
            name: file.name,
            bytes: file.bytes,
        })
        .collect())
}

fn read_place(given: &str) -> Place {
    Place::read(given)
}

fn microseconds(wire: &Wire, start: jiff::Timestamp) -> u64 {
    u64::try_from(wire.now().duration_since(start).as_micros()).unwrap_or(0)
}

/// Keeps the hits for `open N`; a home that cannot be written does not keep one from searching.
fn remember(wire: &Wire, report: &SearchReport) -> Result<(), CommandError> {
    let bytes = serde_json::to_vec(&report.last())
        .map_err(|error| CommandError::failed(msg!("file-failed")).because(&error))?;
    wire.write(&wire.paths().last_search(), &bytes)
}

fn last_search(wire: &Wire) -> Option<LastSearch> {
    let text = wire.read(&wire.paths().last_search()).ok()??;
    serde_json::from_str(&text).ok()
}

/// A progress bar on stderr, drawn only for work that takes a moment.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(ui: &Ui) -> Self {
        let bar = ui.shows_progress().then(|| {
            let bar = ProgressBar::hidden();
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self(bar)
    }

    fn at(&self, done: usize, all: usize) {
        let Some(bar) = self.0.as_ref().filter(|_| all >= WORTH_A_BAR) else {
            return;
        };
        if bar.is_hidden() {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// What can go wrong while the index is at work.
enum Failure {
    Search(SearchError),
    Notes(NotesError),
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        Self::Search(error)
    }
}

impl From<NotesError> for Failure {
    fn from(error: NotesError) -> Self {
        Self::Notes(error)
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        Self::Notes(NotesError::Index(error))
    }
}

impl Failure {
    fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Search(SearchError::Index(IndexError::Engine { .. }))
                | Self::Notes(NotesError::Index(IndexError::Engine { .. }))
        )
    }

    fn into_error(self) -> CommandError {
        match self {
            Self::Search(error) => search_error(error),
            Self::Notes(error) => notes_error(error),
        }
    }
}

fn search_error(error: SearchError) -> CommandError {
    match error {
        SearchError::Query(QueryError::Empty) => {
            CommandError::usage(msg!("empty-query")).hint(msg!("empty-query-hint"))
        }
        SearchError::Query(QueryError::Exam { given }) => {
            CommandError::usage(msg!("bad-exam", given = given))
        }
        SearchError::Query(QueryError::Date { given }) => {
            CommandError::usage(msg!("bad-date", given = given))
        }
        SearchError::Service { given, nearest } => {
            let error = CommandError::usage(msg!("bad-service", given = given));
            match nearest {
                Some(nearest) => error.hint(msg!("bad-service-hint", nearest = nearest)),
                None => error,
            }
        }
        SearchError::NoSection { id } => {
            CommandError::usage(msg!("no-section", id = id)).hint(msg!("no-section-hint"))
        }
        SearchError::Index(error) => index_error(&error),
    }
}

fn import_error(error: ImportError) -> CommandError {
    match error {
        ImportError::Missing { path } => CommandError::usage(msg!("import-missing")).path(path),
        ImportError::Port(error) => port_error(error),
    }
}

fn notes_error(error: NotesError) -> CommandError {
    match error {
        NotesError::Port(error) => port_error(error),
        NotesError::Index(error) => index_error(&error),
    }
}

pub(super) fn port_error(error: PortError) -> CommandError {
    // What the wiring could not open comes through the port as it was.
    match error.source.downcast::<Carried>() {
        Ok(carried) => carried.0,
        Err(source) => CommandError::failed(msg!("library-failed"))
            .path(error.path)
            .because(source.as_ref())
            .hint(msg!("file-failed-hint")),
    }
}

fn index_error(error: &IndexError) -> CommandError {
    let (path, hint) = match error {
        // No index can be made where nothing may be written.
        IndexError::Folder { path, .. } => (path, msg!("home-readonly-hint")),
        IndexError::Engine { path, .. } => (path, msg!("index-failed-hint")),
    };
    CommandError::failed(msg!("index-failed"))
        .path(path.clone())
        .because(error)
        .hint(hint)
}

/// A command's error on its way through a port.
#[derive(Debug)]
struct Carried(CommandError);

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.message.key)
    }
}

impl std::error::Error for Carried {}

fn carried(error: CommandError) -> PortError {
    PortError {
        path: PathBuf::new(),
        operation: "opening",
        source: Box::new(Carried(error)),
    }
}

fn wrapped(error: CommandError) -> NotesError {
    NotesError::Port(carried(error))
}
