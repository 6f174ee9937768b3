//! Checks of a question by itself.

use std::collections::BTreeSet;

use super::{Findings, LintReference};
use crate::exam::Blueprints;
use crate::quiz::card::{Card, CardBody, Choice, Kind};

/// How much longer than every other option the right one may be.
const LONGEST_RATIO: f64 = 1.4;
/// Most blanks of a cloze.
const MAX_BLANKS: usize = 3;
/// Words that give an option away as wrong, or as right.
const ABSOLUTE: [&str; 6] = ["すべて", "全て", "常に", "決して", "必ず", "絶対に"];
/// Forms of questions that ask for what is wrong.
const NEGATIVE: [&str; 7] = [
    "誤っている",
    "誤った記述",
    "正しくない",
    "適切でない",
    "不適切",
    "当てはまらない",
    "満たさないもの",
];

/// Checks a question.
pub(super) fn check(card: &Card, reference: &LintReference, findings: &mut Findings<'_>) {
    links(card, reference, findings);
    dates(card, reference, findings);
    let stem = card.question();
    if card.kind().is_choice() {
        choices(card, &stem, findings);
    }
    if let CardBody::Cloze(cloze) = &card.body
        && cloze.blanks().count() > MAX_BLANKS
    {
        let found = cloze.blanks().count().to_string();
        findings.warn("quiz-cloze-blanks", card, "text", &[("found", &found)]);
    }
}

fn links(card: &Card, reference: &LintReference, findings: &mut Findings<'_>) {
    let unknown =
        |known: &BTreeSet<String>, name: &String| !known.is_empty() && !known.contains(name);
    for service in card
        .services
        .iter()
        .filter(|s| unknown(&reference.services, s))
    {
        findings.warn(
            "quiz-unknown-service",
            card,
            "services",
            &[("service", service)],
        );
    }
    for note in card
        .notes
        .iter()
        .filter(|n| unknown(&reference.sections, n))
    {
        findings.warn("quiz-unknown-note", card, "notes", &[("note", note)]);
    }
    for lab in card.labs.iter().filter(|l| unknown(&reference.labs, l)) {
        findings.warn("quiz-unknown-lab", card, "labs", &[("lab", lab)]);
    }
    for source in card.sources.iter().filter(|s| !s.starts_with("https://")) {
        findings.warn("quiz-source-form", card, "sources", &[("source", source)]);
    }
}

fn dates(card: &Card, reference: &LintReference, findings: &mut Findings<'_>) {
    if card.checked > reference.today {
        let day = card.checked.to_string();
        findings.warn("quiz-checked-future", card, "checked", &[("day", &day)]);
    }
    if retired(card, &reference.blueprints, reference.today) {
        let versions: Vec<&str> = card.task.keys().map(|v| v.0.as_str()).collect();
        findings.warn(
            "quiz-retired-exam",
            card,
            "task",
            &[("exam", &versions.join(" "))],
        );
    }
}

/// Says whether every version that asks the question has had its last day.
fn retired(card: &Card, blueprints: &Blueprints, today: jiff::civil::Date) -> bool {
    card.task.keys().all(|version| {
        let last = blueprints.version(version).and_then(|b| b.last_day);
        last.is_some_and(|last| last < today)
    })
}

fn choices(card: &Card, stem: &str, findings: &mut Findings<'_>) {
    let options = card.options();
    let (correct, all) = (card.correct_count(), options.len());
    let usual = match card.kind() {
        Kind::Single => all == 4,
        Kind::Multiple => (all, correct) == (5, 2) || (all, correct) == (6, 3),
        Kind::Card | Kind::Cloze => true,
    };
    if !usual {
        let (correct, all) = (correct.to_string(), all.to_string());
        findings.warn(
            "quiz-option-count",
            card,
            "options",
            &[("options", &all), ("correct", &correct)],
        );
    }
    if card.kind() == Kind::Multiple && !stem.trim_end().ends_with(&format!("（{correct}つ選択）"))
    {
        let correct = correct.to_string();
        findings.warn("quiz-choose-count", card, "stem", &[("correct", &correct)]);
    }
    if let Some(word) = NEGATIVE.iter().find(|word| stem.contains(*word)) {
        findings.warn("quiz-negative-stem", card, "stem", &[("word", word)]);
    }
    for (at, option) in options.iter().enumerate() {
        let field = format!("options[{at}]");
        if let Some(word) = ABSOLUTE.iter().find(|word| option.text.contains(*word)) {
            findings.warn(
                "quiz-absolute-word",
                card,
                &field,
                &[("option", &option.id), ("word", word)],
            );
        }
        if options
            .iter()
            .take(at)
            .any(|other| other.text == option.text)
        {
            findings.warn("quiz-same-option", card, &field, &[("option", &option.id)]);
        }
    }
    if let Some(at) = too_long(options) {
        let option = options.get(at).map_or("", |o| o.id.as_str());
        findings.warn(
            "quiz-long-answer",
            card,
            &format!("options[{at}]"),
            &[("option", option)],
        );
    }
    if let Some(term) = giveaway(stem, options) {
        findings.warn("quiz-giveaway", card, "stem", &[("term", &term)]);
    }
}

/// Finds a correct option that is much longer than every wrong one.
#[expect(
    clippy::cast_precision_loss,
    reason = "lengths of a few hundred characters"
)]
fn too_long(options: &[Choice]) -> Option<usize> {
    let length = |option: &Choice| option.text.chars().count() as f64;
    let wrong = options
        .iter()
        .filter(|o| !o.correct)
        .map(length)
        .fold(0.0, f64::max);
    options
        .iter()
        .position(|o| o.correct && length(o) > wrong * LONGEST_RATIO)
}

/// Finds a distinctive term that the stem shares with the correct options alone: an ASCII word or a run of katakana.
fn giveaway(stem: &str, options: &[Choice]) -> Option<String> {
    let stem = terms(stem);
    let shared = |option: &Choice| -> BTreeSet<String> {
        terms(&option.text).intersection(&stem).cloned().collect()
    };
    let wrong: BTreeSet<String> = options
        .iter()
        .filter(|o| !o.correct)
        .flat_map(shared)
        .collect();
    let mut right = options.iter().filter(|o| o.correct).map(shared);
    let first = right.next()?;
    let common = right.fold(first, |all, one| all.intersection(&one).cloned().collect());
    let own: Vec<String> = common.difference(&wrong).cloned().collect();
    // One shared word may be the subject itself; two that no wrong option has point at the answer.
    (own.len() >= 2).then(|| own.join(" "))
}

/// Gives the words by which an option could be matched to a stem.
pub fn terms(text: &str) -> BTreeSet<String> {
    let folded = crate::text::fold(text);
    let mut terms = BTreeSet::new();
    let mut run = String::new();
    let mut last = None;
    for c in folded.chars().chain(std::iter::once(' ')) {
        let class = if c.is_ascii_alphanumeric() {
            Some(0)
        } else if matches!(c, 'ァ'..='ヴ' | 'ー') {
            Some(1)
        } else {
            None
        };
        if class != last {
            if run.chars().count() >= 3 {
                terms.insert(std::mem::take(&mut run));
            }
            run.clear();
        }
        if class.is_some() {
            run.push(c);
        }
        last = class;
    }
    terms
}
