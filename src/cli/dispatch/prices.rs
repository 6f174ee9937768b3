//! `prices refresh`.

use indicatif::ProgressBar;

use super::lab;
use crate::app::prices::{self, RefreshError, RefreshReport};
use crate::cli::args::{PricesAction, PricesArgs};
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::lab::cost::refresh::NoPrice;
use crate::msg;

/// Reads today's prices and lays them over the table; the file is written only when all were asked for.
pub(super) fn run(context: &mut Context, args: &PricesArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let PricesAction::Refresh { profile, region } = &args.action;
    // The same rules as for labs: no test's clock, no emulator's address.
    lab::place_on_aws(wire, profile, None)?;
    let region = region
        .clone()
        .unwrap_or_else(|| wire.settings().labs.region.clone());
    let (table, overlay) = (lab::price_table(wire)?, lab::price_overlay(wire)?);
    let list = wire.price_list(profile)?;
    let today = wire.now().to_zoned(wire.zone().clone()).date().to_string();
    let bar = ui.shows_progress().then(|| ProgressBar::new(0));
    let refreshed = prices::refresh(
        &table,
        &overlay,
        list.as_ref(),
        &region,
        &today,
        |n, all| {
            if let Some(bar) = &bar {
                bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
                bar.set_position(u64::try_from(n).unwrap_or(u64::MAX));
            }
        },
    );
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let (fresh, report) = refreshed.map_err(|error| match error {
        RefreshError::Api(error) => lab::profile_error(profile, &error),
        RefreshError::Queries(at) => {
            CommandError::new(Exit::Bug, msg!("bug", detail = at.to_string()))
        }
    })?;
    if report.read > 0 {
        let text = crate::yaml::to_string(&fresh).map_err(|error| {
            CommandError::new(Exit::Bug, msg!("bug", detail = error.to_string()))
        })?;
        wire.write(&wire.paths().prices(), text.as_bytes())?;
    }
    if ui.options.json {
        ui.json(&report)?;
    } else {
        show(ui, &report)?;
    }
    Ok(if report.read > 0 {
        Exit::Done
    } else {
        Exit::No
    })
}

fn show(ui: &mut Ui, report: &RefreshReport) -> Result<(), CommandError> {
    // A price of a request or a second has more decimals than an amount of money.
    let usd = |amount: f64| format!("${}", (amount * 1e10).round() / 1e10);
    for one in &report.changed {
        ui.say(&msg!(
            "prices-changed",
            key = &one.key,
            value = &one.value,
            before = one.before.map_or_else(|| "?".to_owned(), usd),
            after = usd(one.after)
        ))?;
    }
    for one in &report.kept {
        let why = match one.why {
            NoPrice::Missing => msg!("prices-missing", key = &one.key, value = &one.value),
            NoPrice::Several => msg!("prices-several", key = &one.key, value = &one.value),
        };
        ui.talk(&why)?;
    }
    ui.say(&msg!(
        "prices-refreshed",
        region = &report.region,
        read = report.read,
        changed = report.changed.len(),
        kept = report.kept.len(),
        day = &report.as_of
    ))
}
