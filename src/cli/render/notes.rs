//! Hits, passages and imports as text.

use std::collections::HashMap;

use crate::app::import::ImportReport;
use crate::app::index::IndexReport;
use crate::app::notes::{ForgetReport, NotesReport};
use crate::app::open::OpenReport;
use crate::app::search::{HitReport, SearchReport, StaleNote};
use crate::cli::{CommandError, Style, Ui};
use crate::msg;
use crate::notes::library::Skipped;
use crate::notes::{DocumentId, Scope};
use crate::text::{cut_to_width, neutralize, wrap};

/// Columns by which what belongs to a hit is set in.
const INDENT: &str = "   ";
/// Outdated facts named with a hit; `open` shows all of them.
const STALE_SHOWN: usize = 2;
/// Files, skipped ones and groups of duplicates that an import names; a folder of thousands is told in its sums.
const FILES_SHOWN: usize = 40;

/// Shows what a search found.
pub(crate) fn hits(ui: &mut Ui, report: &SearchReport) -> Result<(), CommandError> {
    for correction in &report.corrections {
        ui.talk(&msg!(
            "search-corrected",
            typed = &correction.typed,
            meant = correction.meant.join(", ")
        ))?;
    }
    if report.hits.is_empty() {
        ui.talk(&msg!("search-none", query = &report.query))?;
        if report.relaxed > 0 {
            ui.talk(&msg!("search-relaxed", count = report.relaxed))?;
        }
        return Ok(());
    }
    if !report.absent.is_empty() {
        let words = report.absent.join("」「");
        ui.talk(&msg!("search-absent", words = words))?;
    }
    for hit in &report.hits {
        self::hit(ui, hit)?;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a search takes less than a century"
    )]
    let milliseconds = format!("{:.1}", report.elapsed_us as f64 / 1000.0);
    let (total, milliseconds) = (report.total, milliseconds);
    ui.talk(&if report.more {
        msg!(
            "search-total-least",
            total = total,
            milliseconds = milliseconds
        )
    } else {
        msg!("search-total", total = total, milliseconds = milliseconds)
    })
}

/// Names what was passed over, each with its reason.
pub(super) fn skipped(ui: &mut Ui, skipped: &[Skipped]) -> Result<(), CommandError> {
    for one in skipped.iter().take(FILES_SHOWN) {
        let reason = serde_json::to_value(one.reason).ok();
        let reason = reason.as_ref().and_then(|r| r.as_str());
        let reason = reason.unwrap_or_default().to_owned();
        ui.say(&msg!("import-skipped", path = &one.path, reason = reason))?;
    }
    let more = skipped.len().saturating_sub(FILES_SHOWN);
    if more > 0 {
        ui.say(&msg!("import-skipped-more", count = more))?;
    }
    Ok(())
}

fn hit(ui: &mut Ui, hit: &HitReport) -> Result<(), CommandError> {
    let mut name = hit.title.clone();
    if let Some(heading) = hit.heading.last() {
        name = format!("{name} › {heading}");
    }
    let room = ui.width().saturating_sub(4);
    let name = cut_to_width(&neutralize(&name).replace('\n', " "), room);
    let title = format!("{:2}. {}", hit.rank, ui.style(Style::Title, name));
    ui.line(title)?;
    let snippet = marked(ui, hit);
    ui.line(snippet)?;
    let place = neutralize(&format!("{}:{}", hit.path.display(), hit.snippet_line));
    let scope = match hit.scope {
        Scope::Mine => String::new(),
        Scope::Bundled => format!("  {}", ui.text(&msg!("search-bundled"))),
    };
    let line = format!(
        "{INDENT}{}",
        ui.style(Style::Dim, format!("{place}{scope}  {}", hit.id))
    );
    ui.line(line)?;
    if !hit.duplicates.is_empty() {
        let text = ui.text(&msg!("search-duplicates", count = hit.duplicates.len()));
        let line = format!("{INDENT}{}", ui.style(Style::Dim, text));
        ui.line(line)?;
    }
    for stale in hit.stale.iter().take(STALE_SHOWN) {
        stale_note(ui, stale)?;
    }
    let more = hit.stale.len().saturating_sub(STALE_SHOWN);
    if more > 0 {
        let text = ui.text(&msg!("search-stale-more", count = more));
        let line = format!("{INDENT}{}", ui.style(Style::Warn, text));
        ui.line(line)?;
    }
    Ok(())
}

/// The snippet with what matched marked.
fn marked(ui: &Ui, hit: &HitReport) -> String {
    let mut text = String::from(INDENT);
    let mut from = 0;
    let piece = |from: usize, to: usize| neutralize(hit.snippet.get(from..to).unwrap_or_default());
    for (start, end) in &hit.marks {
        text.push_str(&piece(from, *start));
        text.push_str(&ui.style(Style::Match, piece(*start, *end)).to_string());
        from = *end;
    }
    text.push_str(&piece(from, hit.snippet.len()));
    text
}

fn stale_note(ui: &mut Ui, stale: &StaleNote) -> Result<(), CommandError> {
    let since = stale.since.clone().unwrap_or_default();
    let text = ui.text(&msg!(
        "search-stale",
        line = stale.line,
        now = &stale.now,
        since = since
    ));
    let line = format!("{INDENT}{}", ui.style(Style::Warn, neutralize(&text)));
    ui.line(line)
}

/// Shows a passage in its place.
pub(crate) fn passage(ui: &mut Ui, report: &OpenReport) -> Result<(), CommandError> {
    let mut name = report.title.clone();
    for heading in &report.heading {
        name = format!("{name} › {heading}");
    }
    let title = ui.style(Style::Title, neutralize(&name)).to_string();
    ui.line(title)?;
    let place = neutralize(&format!(
        "{}:{}-{}",
        report.path.display(),
        report.line,
        report.line_end
    ));
    let line = ui
        .style(Style::Dim, format!("{place}  {}", report.id))
        .to_string();
    ui.line(line)?;
    ui.line("")?;
    let wide = report.line_end.to_string().len();
    let room = ui.width().saturating_sub(wide + 2);
    for (text, number) in report.text.split('\n').zip(&report.lines) {
        for (at, piece) in wrap(&neutralize(text), room).into_iter().enumerate() {
            let gutter = if at == 0 {
                format!("{number:wide$}")
            } else {
                " ".repeat(wide)
            };
            let line = format!("{}  {piece}", ui.style(Style::Dim, gutter));
            ui.line(line.trim_end())?;
        }
    }
    for stale in &report.stale {
        stale_note(ui, stale)?;
    }
    joined(ui, report)
}

fn joined(ui: &mut Ui, report: &OpenReport) -> Result<(), CommandError> {
    ui.line("")?;
    if let Some(previous) = &report.previous {
        ui.say(&msg!(
            "open-previous",
            heading = &previous.heading,
            id = previous.id.to_string()
        ))?;
    }
    if let Some(next) = &report.next {
        ui.say(&msg!(
            "open-next",
            heading = &next.heading,
            id = next.id.to_string()
        ))?;
    }
    if !report.cards.is_empty() {
        ui.say(&msg!("open-cards", ids = report.cards.join(", ")))?;
    }
    if !report.labs.is_empty() {
        ui.say(&msg!("open-labs", ids = report.labs.join(", ")))?;
    }
    Ok(())
}

/// Shows what an import brought.
pub(crate) fn import(ui: &mut Ui, report: &ImportReport) -> Result<(), CommandError> {
    let mut per_file: Vec<(&std::path::Path, usize, usize)> = Vec::new();
    for document in &report.documents {
        match per_file.last_mut() {
            Some((path, articles, sections)) if *path == document.path => {
                *articles += 1;
                *sections += document.sections;
            }
            _ => per_file.push((&document.path, 1, document.sections)),
        }
    }
    for (path, articles, sections) in per_file.iter().take(FILES_SHOWN) {
        ui.say(&msg!(
            "import-file",
            path = *path,
            articles = *articles,
            sections = *sections
        ))?;
    }
    skipped(ui, &report.skipped)?;
    let titles: HashMap<&DocumentId, &str> = report
        .documents
        .iter()
        .map(|document| (&document.id, document.title.as_str()))
        .collect();
    let title = |id| titles.get(id).copied().unwrap_or_default();
    for group in report.duplicates.iter().take(FILES_SHOWN) {
        ui.say(&msg!(
            "import-duplicate",
            title = title(&group.kept),
            count = group.dropped.len()
        ))?;
    }
    if report.secrets_masked > 0 {
        ui.say(&msg!("import-secrets", count = report.secrets_masked))?;
    }
    if report.stale > 0 {
        ui.say(&msg!("import-stale", count = report.stale))?;
    }
    let done = if report.dry_run {
        msg!(
            "import-dry-run",
            files = report.files,
            articles = report.articles,
            sections = report.sections
        )
    } else {
        msg!(
            "import-done",
            files = report.files,
            articles = report.articles,
            sections = report.sections,
            unchanged = report.unchanged
        )
    };
    ui.say(&done)
}

/// Shows what an update of the index did.
pub(crate) fn index(ui: &mut Ui, report: &IndexReport) -> Result<(), CommandError> {
    if report.busy {
        return ui.say(&msg!("index-busy"));
    }
    ui.say(&msg!(
        "index-done",
        files = report.files,
        indexed = report.indexed,
        removed = report.removed
    ))
}

/// Lists the imported files.
pub(crate) fn list(ui: &mut Ui, report: &NotesReport) -> Result<(), CommandError> {
    if report.notes.is_empty() {
        return ui.talk(&msg!("notes-none"));
    }
    for note in &report.notes {
        let message = if note.vanished {
            msg!(
                "notes-vanished",
                path = &note.path,
                articles = note.articles,
                sections = note.sections
            )
        } else {
            msg!(
                "notes-entry",
                path = &note.path,
                articles = note.articles,
                sections = note.sections
            )
        };
        ui.say(&message)?;
    }
    Ok(())
}

/// Says what was forgotten.
pub(crate) fn forgotten(ui: &mut Ui, report: &ForgetReport) -> Result<(), CommandError> {
    if report.forgotten.is_empty() {
        return ui.talk(&msg!("notes-not-found"));
    }
    ui.say(&msg!("notes-forgotten", count = report.forgotten.len()))
}
