//! A session narrowed to services and tasks: names that no question has are errors with the nearest name.

use std::collections::BTreeSet;

use super::{QuizError, QuizRequest};
use crate::progress::store::{CardFilter, StudyStore};
use crate::text;

/// By what a session is narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrowing {
    /// Services, such as `s3`.
    Service,
    /// Tasks, such as `2.1`.
    Task,
}

/// Narrows a filter to the services and tasks of a request, each a name or several with commas between.
///
/// # Errors
/// When no card of the filter has one of the names, or the study database fails.
pub(super) fn narrowed(
    store: &dyn StudyStore,
    filter: &CardFilter,
    request: &QuizRequest,
) -> Result<CardFilter, QuizError> {
    let mut narrow = filter.clone();
    for (what, given) in [
        (Narrowing::Service, &request.service),
        (Narrowing::Task, &request.task),
    ] {
        let Some(given) = given else { continue };
        let names = names(given);
        for name in &names {
            let mut only = filter.clone();
            *field(&mut only, what) = Some(name.clone());
            // One card is enough; none is the rare case, in which all are looked through for a name.
            if store
                .due(&only, crate::time::StudyDay(jiff::civil::Date::MAX), 1)?
                .is_empty()
                && store.fresh(&only, 1)?.is_empty()
            {
                known(store, filter, what, name)?;
            }
        }
        *field(&mut narrow, what) = Some(names.join(",")).filter(|names| !names.is_empty());
    }
    Ok(narrow)
}

fn field(filter: &mut CardFilter, what: Narrowing) -> &mut Option<String> {
    match what {
        Narrowing::Service => &mut filter.service,
        Narrowing::Task => &mut filter.task,
    }
}

fn names(given: &str) -> Vec<String> {
    let folded = text::fold(given);
    let names = folded.split([',', '、']).map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Looks through all cards for a name: one that only cards at rest or of mock exams have is known, too.
fn known(
    store: &dyn StudyStore,
    filter: &CardFilter,
    what: Narrowing,
    name: &str,
) -> Result<(), QuizError> {
    let mut all = BTreeSet::new();
    store.for_each_card(filter, &mut |stored| match what {
        Narrowing::Service => all.extend(stored.card.services),
        Narrowing::Task => {
            let asked = |version| filter.versions.is_empty() || filter.versions.contains(version);
            let tasks = stored
                .card
                .task
                .iter()
                .filter(|(version, _)| asked(*version));
            all.extend(tasks.flat_map(|(_, tasks)| tasks.iter().map(|task| task.0.clone())));
        }
    })?;
    if all.contains(name) {
        return Ok(());
    }
    Err(QuizError::Unknown {
        what,
        given: name.to_owned(),
        nearest: text::nearest(name, all.iter().map(String::as_str)).map(str::to_owned),
    })
}
