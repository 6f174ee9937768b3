//! Outdated facts as text: the place, what is claimed, what is true now.

use crate::app::stale::{FlagReport, StaleReport};
use crate::cli::{CommandError, Style, Ui};
use crate::msg;
use crate::text::{neutralize, wrap};

const INDENT: &str = "   ";

/// Lists outdated facts.
pub(crate) fn flags(ui: &mut Ui, report: &StaleReport) -> Result<(), CommandError> {
    for flag in &report.flags {
        one(ui, flag)?;
    }
    super::notes::skipped(ui, &report.skipped)?;
    if report.flags.is_empty() {
        return ui.talk(&msg!("stale-none", files = report.files));
    }
    ui.talk(&msg!(
        "stale-total",
        flags = report.flags.len(),
        files = report.files
    ))
}

fn one(ui: &mut Ui, flag: &FlagReport) -> Result<(), CommandError> {
    let place = format!("{}:{}:{}", flag.path.display(), flag.line, flag.column);
    let line = format!(
        "{}  {}",
        ui.style(Style::Title, neutralize(&place)),
        ui.style(Style::Dim, neutralize(&flag.rule))
    );
    ui.line(line)?;
    let claim = ui.text(&msg!("stale-claim", claim = &flag.claim));
    let since = flag.since.clone().unwrap_or_default();
    let now = if flag.check {
        msg!("stale-now-check", now = &flag.now, since = since)
    } else {
        msg!("stale-now", now = &flag.now, since = since)
    };
    let now = ui.text(&now);
    let source = ui.text(&msg!("stale-source", source = &flag.source));
    let room = ui.width().saturating_sub(INDENT.len());
    for (style, text) in [
        (Style::Warn, claim),
        (Style::Good, now),
        (Style::Dim, source),
    ] {
        for piece in wrap(&neutralize(&text), room) {
            let line = format!("{INDENT}{}", ui.style(style, piece));
            ui.line(line)?;
        }
    }
    Ok(())
}
