//! From the text of bank files to checked cards, with a finding for whatever keeps one out.
//!
//! Only structure is judged here: what a card cannot do without. Style, balance and quotas are `lint`'s business.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::card::{Card, CardBody, CardId, Choice, Evidence, Level};
use super::cloze::Cloze;
use super::finding::{Finding, Severity};
use super::own::Origin;
use super::raw::{RawBank, RawChoice, RawQuestion};
use crate::exam::{Blueprints, Exam, ExamVersion, TaskId};
use crate::yaml::{self, Spans};

/// The version of the file format that is read.
const SCHEMA: u32 = 1;

/// What questions refer to; an unknown task is an error, unknown links and services are reported by `lint`.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Exams with their tasks.
    pub blueprints: Blueprints,
}

/// What one file gave.
#[derive(Debug, Clone, Default)]
pub struct BankFile {
    /// The cards that can be used.
    pub cards: Vec<Card>,
    /// What kept others out.
    pub findings: Vec<Finding>,
}

impl BankFile {
    /// Reads a file; never fails as a whole, a file that is no bank gives one finding and no card.
    pub fn read(path: &str, text: &str, reference: &Reference) -> Self {
        let bank: RawBank = match yaml::from_str(text) {
            Ok(bank) => bank,
            Err(error) => {
                let place = yaml::Place {
                    line: error.line,
                    column: error.column,
                };
                let finding = Finding::new("quiz-yaml", Severity::Error, path, Some(place))
                    .with("reason", &error.message);
                return Self {
                    cards: Vec::new(),
                    findings: vec![finding],
                };
            }
        };
        let mut reader = Reader {
            path,
            spans: Spans::scan(text),
            reference,
            origin: bank.origin,
            findings: Vec::new(),
        };
        let cards = reader.bank(bank);
        Self {
            cards,
            findings: reader.findings,
        }
    }
}

/// Reads the questions of one file and collects what is wrong with them.
struct Reader<'a> {
    path: &'a str,
    spans: Spans,
    reference: &'a Reference,
    origin: Option<Origin>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn bank(&mut self, bank: RawBank) -> Vec<Card> {
        if bank.schema != SCHEMA {
            self.error(
                "quiz-schema",
                "schema",
                &[("found", &bank.schema.to_string())],
            );
            return Vec::new();
        }
        let Ok(exam) = bank.exam.parse::<Exam>() else {
            self.error("quiz-unknown-exam", "exam", &[("exam", &bank.exam)]);
            return Vec::new();
        };
        let mut cards: Vec<Card> = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, value) in bank.questions.into_iter().enumerate() {
            let base = format!("questions[{at}]");
            let raw: RawQuestion = match yaml::from_value(value) {
                Ok(raw) => raw,
                Err(error) => {
                    let place = self.named_in(&base, &error.message);
                    self.error("quiz-shape", &place, &[("reason", &error.message)]);
                    continue;
                }
            };
            if let Some(id) = raw.id.as_ref().filter(|id| !seen.insert((*id).clone())) {
                self.error("quiz-duplicate-id", &format!("{base}.id"), &[("id", id)]);
                continue;
            }
            cards.extend(self.question(exam, raw, &base));
        }
        cards
    }

    /// Narrows a place down to the field that serde names between backticks.
    fn named_in(&self, base: &str, message: &str) -> String {
        message
            .split('`')
            .nth(1)
            .map(|field| format!("{base}.{field}"))
            .filter(|path| self.spans.place(path) != self.spans.place(base))
            .unwrap_or_else(|| base.to_owned())
    }

    fn error(&mut self, code: &'static str, place: &str, args: &[(&'static str, &str)]) {
        let mut finding = Finding::new(code, Severity::Error, self.path, self.spans.place(place));
        for (name, value) in args {
            finding = finding.with(name, value);
        }
        self.findings.push(finding);
    }

    /// Checks one question; `None` when it cannot be used.
    fn question(&mut self, exam: Exam, raw: RawQuestion, base: &str) -> Option<Card> {
        let before = self.findings.len();
        let id = self.id(raw.id.as_deref(), base);
        let name = id.clone().unwrap_or_else(|| base.to_owned());
        let level = self.word(raw.level.as_deref(), &name, base, "level", |w| match w {
            "recall" => Some(Level::Recall),
            "apply" => Some(Level::Apply),
            "exam" => Some(Level::Exam),
            _ => None,
        });
        // What the learner took from their own notes or decks was seen there.
        let taken = self.origin.map(|_| "copy");
        let evidence = self.word(
            raw.evidence.as_deref().or(taken),
            &name,
            base,
            "evidence",
            |w| match w {
                "opened" => Some(Evidence::Opened),
                "copy" => Some(Evidence::Copy),
                "memory" => Some(Evidence::Memory),
                _ => None,
            },
        );
        let checked = self.word(raw.checked.as_deref(), &name, base, "checked", |w| {
            w.parse::<Date>().ok()
        });
        let task = self.tasks(exam, &raw.task, &name, base);
        let body = self.body(&raw, &name, base);
        if raw.services.is_empty() && self.origin.is_none() {
            self.missing(&name, base, "services");
        }
        if raw.sources.iter().all(|s| s.trim().is_empty()) && self.origin.is_none() {
            self.error(
                "quiz-no-source",
                &format!("{base}.sources"),
                &[("id", &name)],
            );
        }
        if self.findings.len() > before {
            return None;
        }
        Some(Card {
            id: CardId(id?),
            exam,
            task,
            services: raw.services,
            level: level?,
            body: body?,
            notes: raw.notes,
            labs: raw.labs,
            sources: raw.sources,
            evidence: evidence?,
            checked: checked?,
            from: raw.from,
            path: self.path.to_owned(),
            line: self.spans.place(base).map_or(1, |p| p.line),
        })
    }

    fn id(&mut self, given: Option<&str>, base: &str) -> Option<String> {
        match given.map(str::trim) {
            None | Some("") => {
                self.missing(base, base, "id");
                None
            }
            Some(id) if CardId::is_well_formed(id) => Some(id.to_owned()),
            Some(id) => {
                self.error("quiz-bad-id", &format!("{base}.id"), &[("id", id)]);
                None
            }
        }
    }

    fn missing(&mut self, id: &str, base: &str, field: &str) {
        self.error(
            "quiz-missing-field",
            &format!("{base}.{field}"),
            &[("id", id), ("field", field)],
        );
    }

    /// Reads a field that takes one of a few words.
    fn word<T>(
        &mut self,
        given: Option<&str>,
        id: &str,
        base: &str,
        field: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let Some(word) = given.map(str::trim).filter(|w| !w.is_empty()) else {
            self.missing(id, base, field);
            return None;
        };
        let value = read(word);
        if value.is_none() {
            self.error(
                "quiz-bad-value",
                &format!("{base}.{field}"),
                &[("id", id), ("field", field), ("value", word)],
            );
        }
        value
    }

    fn tasks(
        &mut self,
        exam: Exam,
        given: &BTreeMap<String, Vec<String>>,
        id: &str,
        base: &str,
    ) -> BTreeMap<ExamVersion, Vec<TaskId>> {
        let mut tasks = BTreeMap::new();
        if self.origin.is_some() {
            // Without a task a card still belongs to every version of its exam.
            let versions = self.reference.blueprints.exams.iter().map(|b| &b.code);
            let own = versions.filter(|code| code.exam() == Some(exam));
            tasks.extend(own.map(|code| (code.clone(), Vec::new())));
        } else if given.values().all(Vec::is_empty) {
            self.missing(id, base, "task");
        }
        for (version, ids) in given {
            let place = format!("{base}.task.{version}");
            let code = ExamVersion(version.clone());
            let known = self.reference.blueprints.version(&code).cloned();
            let Some(blueprint) = known.filter(|_| code.exam() == Some(exam)) else {
                self.error("quiz-unknown-exam", &place, &[("exam", version)]);
                continue;
            };
            let ids: Vec<TaskId> = ids.iter().cloned().map(TaskId).collect();
            for task in ids.iter().filter(|task| blueprint.task(task).is_none()) {
                self.error(
                    "quiz-unknown-task",
                    &place,
                    &[("id", id), ("task", &task.0), ("exam", version)],
                );
            }
            tasks.insert(code, ids);
        }
        tasks
    }

    fn body(&mut self, raw: &RawQuestion, id: &str, base: &str) -> Option<CardBody> {
        #[derive(Clone, Copy)]
        enum Form {
            Single,
            Multiple,
            Card,
            Cloze,
        }
        let form = self.word(raw.kind.as_deref(), id, base, "type", |w| match w {
            "single" => Some(Form::Single),
            "multiple" => Some(Form::Multiple),
            "card" => Some(Form::Card),
            "cloze" => Some(Form::Cloze),
            _ => None,
        })?;
        match form {
            Form::Single | Form::Multiple => {
                let stem = self.text(raw.stem.as_deref(), id, base, "stem");
                let single = matches!(form, Form::Single);
                let options = self.options(&raw.options, single, id, base)?;
                let stem = stem?;
                Some(if single {
                    CardBody::Single { stem, options }
                } else {
                    CardBody::Multiple { stem, options }
                })
            }
            Form::Card => {
                let front = self.text(raw.front.as_deref(), id, base, "front");
                let back = self.text(raw.back.as_deref(), id, base, "back");
                Some(CardBody::Card {
                    front: front?,
                    back: back?,
                })
            }
            Form::Cloze => {
                let text = self.text(raw.text.as_deref(), id, base, "text")?;
                match Cloze::parse(&text) {
                    Ok(cloze) => Some(CardBody::Cloze(cloze)),
                    Err(error) => {
                        self.error(
                            "quiz-cloze",
                            &format!("{base}.text"),
                            &[("id", id), ("reason", &error.to_string())],
                        );
                        None
                    }
                }
            }
        }
    }

    fn text(&mut self, given: Option<&str>, id: &str, base: &str, field: &str) -> Option<String> {
        let text = given.map(str::trim).filter(|t| !t.is_empty());
        if text.is_none() {
            self.missing(id, base, field);
        }
        text.map(str::to_owned)
    }

    fn options(
        &mut self,
        given: &[RawChoice],
        single: bool,
        id: &str,
        base: &str,
    ) -> Option<Vec<Choice>> {
        let before = self.findings.len();
        let place = format!("{base}.options");
        let mut options = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, raw) in given.iter().enumerate() {
            let base = format!("{place}[{at}]");
            let option = self.text(raw.id.as_deref(), id, &base, "id");
            let text = self.text(raw.text.as_deref(), id, &base, "text");
            let why = raw.why.as_deref().map(str::trim).filter(|w| !w.is_empty());
            if why.is_none() {
                let name = raw.id.as_deref().unwrap_or("?");
                self.error("quiz-no-why", &base, &[("id", id), ("option", name)]);
            }
            let (Some(option), Some(text), Some(why)) = (option, text, why) else {
                continue;
            };
            // Options are answered by one letter; anything else could not be typed in `a,c`.
            let letter = option.chars().all(|c| c.is_ascii_lowercase()) && option.len() == 1;
            if !letter || !seen.insert(option.clone()) {
                let args = [("id", id), ("option", option.as_str())];
                self.error("quiz-option-id", &format!("{base}.id"), &args);
            }
            options.push(Choice {
                id: option,
                text,
                correct: raw.correct,
                why: why.to_owned(),
                confuses: raw.confuses.clone().filter(|c| !c.trim().is_empty()),
            });
        }
        self.correct_ones(given, single, id, &place);
        (self.findings.len() == before).then_some(options)
    }

    fn correct_ones(&mut self, given: &[RawChoice], single: bool, id: &str, place: &str) {
        let correct = given.iter().filter(|o| o.correct).count();
        let enough = if single {
            correct == 1 && given.len() >= 2
        } else {
            correct >= 2 && correct < given.len()
        };
        if !enough {
            self.error(
                "quiz-correct-count",
                place,
                &[
                    ("id", id),
                    ("found", &correct.to_string()),
                    ("options", &given.len().to_string()),
                ],
            );
        }
    }
}

/// All cards that can be asked; a file given later replaces cards of the same id in earlier ones.
#[derive(Debug, Clone, Default)]
pub struct QuizBank {
    cards: Vec<Card>,
    by_id: HashMap<CardId, usize>,
}

impl QuizBank {
    /// Joins the cards of several layers; within one layer an id that stands twice is reported and the first kept.
    pub fn build(layers: Vec<Vec<Card>>) -> (Self, Vec<Finding>) {
        let mut bank = Self::default();
        let mut findings = Vec::new();
        for layer in layers {
            let mut here: BTreeSet<CardId> = BTreeSet::new();
            for card in layer {
                if !here.insert(card.id.clone()) {
                    let place = yaml::Place {
                        line: card.line,
                        column: 1,
                    };
                    findings.push(
                        Finding::new(
                            "quiz-duplicate-id",
                            Severity::Error,
                            &card.path,
                            Some(place),
                        )
                        .with("id", &card.id),
                    );
                    continue;
                }
                bank.put(card);
            }
        }
        (bank, findings)
    }

    fn put(&mut self, card: Card) {
        if let Some(at) = self.by_id.get(&card.id).copied() {
            if let Some(slot) = self.cards.get_mut(at) {
                *slot = card;
            }
        } else {
            self.by_id.insert(card.id.clone(), self.cards.len());
            self.cards.push(card);
        }
    }

    /// Finds a card.
    pub fn get(&self, id: &CardId) -> Option<&Card> {
        self.by_id.get(id).and_then(|at| self.cards.get(*at))
    }

    /// All cards in the order in which they were read.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn reference() -> Reference {
        Reference {
            blueprints: yaml::from_str(include_str!("../../content/blueprint.yaml")).unwrap(),
        }
    }

    pub(crate) const GOOD: &str =
        include_str!("../../tests/fixtures/quizzes/valid/saa-sample.yaml");

    fn codes(text: &str) -> Vec<(&'static str, usize)> {
        let file = BankFile::read("x.yaml", text, &reference());
        file.findings.iter().map(|f| (f.code, f.line)).collect()
    }

    #[test]
    fn a_good_file_gives_all_its_cards() {
        let file = BankFile::read("x.yaml", GOOD, &reference());
        assert_eq!(file.findings, []);
        assert_eq!(file.cards.len(), 4);
        assert_eq!(file.cards[0].line, 4);
        assert_eq!(file.cards[1].correct_count(), 2);
    }

    #[test]
    fn each_fault_has_its_code_and_line() {
        let broken = |from: &str, to: &str| codes(&GOOD.replacen(from, to, 1));
        assert_eq!(broken(", correct: true", ""), [("quiz-correct-count", 14)]);
        assert_eq!(broken("[\"2.1\"]", "[\"9.1\"]"), [("quiz-unknown-task", 5)]);
        assert_eq!(broken("SAA-C03:", "SAA-C02:"), [("quiz-unknown-exam", 5)]);
        assert_eq!(
            broken("type: single", "type: essay"),
            [("quiz-bad-value", 8)]
        );
        assert_eq!(
            broken("saa-fixture-card-01", "saa-fixture-single-01")
                .first()
                .map(|f| f.0),
            Some("quiz-duplicate-id")
        );
        assert_eq!(broken("{{14 日|2週間}}", "14 日").len(), 0);
        assert_eq!(broken("schema: 1", "schema: 2"), [("quiz-schema", 1)]);
        assert_eq!(
            broken("    stem: >-", "    stam: >-").first(),
            Some(&("quiz-shape", 10))
        );
        assert_eq!(codes("- 1\n").first().map(|f| f.0), Some("quiz-yaml"));
        assert_eq!(codes("").first().map(|f| f.0), Some("quiz-yaml"));
    }

    #[test]
    fn a_later_layer_replaces_a_card_and_a_layer_does_not_hold_one_twice() {
        let cards = || BankFile::read("x.yaml", GOOD, &reference()).cards;
        let mut own = cards();
        own.truncate(1);
        own[0].path = "own.yaml".to_owned();
        let (bank, findings) = QuizBank::build(vec![cards(), own]);
        assert_eq!((bank.cards().len(), findings.len()), (4, 0));
        assert_eq!(bank.cards()[0].path, "own.yaml");
        let twice = [cards(), cards()].concat();
        assert_eq!(QuizBank::build(vec![twice]).1.len(), 4);
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0_usize..2000, junk in "[ -~\n雲]{0,6}") {
            let mut text: Vec<char> = GOOD.chars().collect();
            let at = at.min(text.len());
            text.splice(at..at, junk.chars());
            let text: String = text.into_iter().collect();
            drop(BankFile::read("x.yaml", &text, &reference()));
        }
    }
}
