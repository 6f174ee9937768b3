//! The part of a passage that says most about a topic: whole lines and sentences, and what is judged is what is shown,
//! because a long text holds every word somewhere.

use std::collections::BTreeSet;

use super::topic::Topic;
use super::units::{Unit, units};
use super::word::Reading;

/// Share of the topic's weight without which a part is not about it; with the next ones chosen by reading what misses
/// bring out of real notes.
const LEAST: f64 = 0.3;
/// Score from which on a part helps.
const HELPS: f64 = 0.55;
/// The same for a part of a text without lines: neighbouring subjects run into each other there.
const HELPS_UNBROKEN: f64 = 0.75;
/// Weight of the lesson's words that counts as much as the whole topic.
const LESSON: f64 = 300.0;
/// Most that the lesson's words count.
const LESSON_MOST: f64 = 0.5;
/// Columns of a part: about five lines of a terminal.
const SHOWN: usize = 360;
/// Columns by which a part may grow at its end, and at its start, where lines belong together.
const DETAILS: usize = 80;
/// Columns of a part of a text without lines.
const SHOWN_UNBROKEN: usize = 200;
/// Lines and sentences before a part that may tell what it is about.
const BEFORE: usize = 40;
/// Bytes from which on a line is more than a paragraph.
const UNBROKEN: usize = 2000;

/// A part of a passage that covers a topic.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// How well it covers the topic and the lesson.
    pub(super) score: f64,
    /// Its text, on one line.
    pub(super) text: String,
    /// Lines of the passage before it.
    pub(super) line: usize,
    /// True when it was cut out of a line without end.
    pub(super) unbroken: bool,
    pub(super) words: String,
}

/// A passage in which parts are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage<'a> {
    /// Its title and headings.
    pub(super) heading: &'a str,
    /// Its text.
    pub(super) text: &'a str,
}

/// A stretch of units with what it covers.
struct Stretch {
    from: usize,
    to: usize,
    share: f64,
    unbroken: bool,
    words: String,
}

impl Passage<'_> {
    /// Finds the part that says most about a topic; `None` when none helps. `suits` says of what stands before a part,
    /// and of the part, whether it is about a service of the question.
    pub(super) fn best_part(
        &self,
        topic: &Topic,
        suits: &dyn Fn(&str, &str) -> bool,
    ) -> Option<Part> {
        let units = units(self.text);
        let reading = Reading::of(self.text);
        let stretches = self.stretches(topic, &units, &reading);
        if stretches.is_empty() {
            return None;
        }
        let lesson = by_unit(&units, topic.lesson_places(&reading));
        let parts = stretches.into_iter().filter_map(|stretch| {
            let weight = topic.lesson_weight(&union(lesson.get(stretch.from..stretch.to)?));
            let score = stretch.share + (weight / LESSON).min(LESSON_MOST);
            let helps = if stretch.unbroken { HELPS_UNBROKEN } else { HELPS };
            let shown = units.get(stretch.from..stretch.to)?;
            let (first, last) = (shown.first()?, shown.last()?);
            let part = self.text.get(first.start..last.end)?;
            (score >= helps && suits(&self.before(&units, stretch.from), part)).then(|| Part {
                score,
                text: one_line(self.text, shown),
                line: first.line,
                unbroken: stretch.unbroken,
                words: format!("share={:.2} lesson={weight:.0} lw={} lu={} n={} {}", stretch.share, union(&lesson[stretch.from..stretch.to]).len(), lesson[stretch.from..stretch.to].iter().map(|l| topic.lesson_weight(l)).fold(0.0, f64::max), stretch.to-stretch.from, stretch.words),
            })
        });
        // Of two that cover the same the later one begins nearer to what matters.
        parts.reduce(|best, part| {
            let key = |part: &Part| (!part.unbroken, part.score);
            if key(&part) >= key(&best) { part } else { best }
        })
    }

    /// Gives what stands before a unit, line by line.
    fn before(&self, units: &[Unit], from: usize) -> String {
        let before = units.get(from.saturating_sub(BEFORE)..from);
        let pieces = before.unwrap_or_default().iter();
        let pieces = pieces.filter_map(|unit| self.text.get(unit.start..unit.end));
        pieces.collect::<Vec<_>>().join("\n")
    }

    /// Lists the stretches that begin with a word of the topic and cover enough of it.
    fn stretches(&self, topic: &Topic, units: &[Unit], reading: &Reading<'_>) -> Vec<Stretch> {
        let headed = topic.within(self.heading);
        let found = by_unit(units, topic.places(reading));
        let lines: Vec<usize> = self.text.split('\n').map(str::len).collect();
        let starts = (0..units.len()).filter(|at| found.get(*at).is_some_and(|f| !f.is_empty()));
        let stretches = starts.filter_map(|from| {
            let line = units.get(from)?.line;
            let unbroken = lines.get(line).is_some_and(|length| *length > UNBROKEN);
            let columns = if unbroken { SHOWN_UNBROKEN } else { SHOWN };
            let to = with_details(units, end(units, from, columns));
            let from = with_parent(units, from);
            let own = union(found.get(from..to)?);
            let all: BTreeSet<usize> = own.union(&headed).copied().collect();
            let evid: usize = (from..to).filter(|i| !found[*i].is_empty()).map(|i| units[i].columns).sum();
            let pair = (from..to).map(|i| topic.raw(&union(&found[i..(i+2).min(to)]))).fold(0.0, f64::max);
            let single = (from..to).map(|i| topic.raw(&found[i])).fold(0.0, f64::max);
            let share = topic.share(&own, &all);
            (share >= LEAST).then(|| Stretch {
                from,
                to,
                share,
                unbroken,
                words: format!("evid={evid} pair={pair:.2} single={single:.2} {}", topic.debug(&own, &all)),
            })
        });
        stretches.collect()
    }
}

/// Lists for each unit the words that begin in it.
fn by_unit(units: &[Unit], places: Vec<(usize, usize)>) -> Vec<BTreeSet<usize>> {
    let mut found = vec![BTreeSet::new(); units.len()];
    for (place, word) in places {
        let unit = units.partition_point(|unit| unit.start <= place);
        if let Some(here) = unit.checked_sub(1).and_then(|unit| found.get_mut(unit)) {
            here.insert(word);
        }
    }
    found
}

fn union(sets: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    sets.iter().flatten().copied().collect()
}

/// Finds where a part that begins with a unit ends: before it takes more columns than are shown.
fn end(units: &[Unit], from: usize, columns: usize) -> usize {
    let mut used = 0;
    let rest = units.get(from..).unwrap_or_default();
    let fits = rest.iter().take_while(|unit| {
        used += unit.columns + 1;
        used <= columns
    });
    from + fits.count().max(1)
}

/// Moves a part's end past the lines that explain its last one: those indented deeper, up to a few.
fn with_details(units: &[Unit], end: usize) -> usize {
    let last = end.checked_sub(1).and_then(|at| units.get(at));
    let Some(last) = last else { return end };
    let rest = units.get(end..).unwrap_or_default();
    let mut used = 0;
    let details = rest.iter().take_while(|unit| {
        used += unit.columns;
        unit.indent > last.indent && used <= DETAILS
    });
    end + details.count()
}

/// Moves a part's start to the line above it that it belongs to: the one indented less.
fn with_parent(units: &[Unit], from: usize) -> usize {
    let above = from.checked_sub(1);
    let belongs = above.and_then(|above| {
        let (above, first) = (units.get(above)?, units.get(from)?);
        Some(above.indent < first.indent && above.columns <= DETAILS)
    });
    if belongs == Some(true) { from - 1 } else { from }
}

/// Writes units on one line.
fn one_line(text: &str, units: &[Unit]) -> String {
    let pieces = units
        .iter()
        .filter_map(|unit| text.get(unit.start..unit.end));
    let words: Vec<&str> = pieces.flat_map(str::split_whitespace).collect();
    words.join(" ")
}
