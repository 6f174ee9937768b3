//! The checked form of `config.toml`. Every key has a default; unknown keys are errors, so that typing mistakes show.

use jiff::civil::Date;
use serde::Deserialize;

use crate::exam::Exam;
use crate::money::MicroUsd;
use crate::time::Rollover;

/// A language the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Language {
    /// 日本語
    #[default]
    #[serde(rename = "ja")]
    Japanese,
    /// English
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Reads a tag such as `ja`, `ja_JP.UTF-8` or `en-US`; `None` for any other language and for `C`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag
            .split(['_', '-', '.', '@'])
            .next()?
            .to_ascii_lowercase()
            .as_str()
        {
            "ja" => Some(Self::Japanese),
            "en" => Some(Self::English),
            _ => None,
        }
    }
}

/// What is wrong with a settings file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsFault {
    /// It is no TOML, names an unknown key, or a value has the wrong type: in the parser's words.
    #[error("{0}")]
    Syntax(String),
    /// A number is outside its range.
    #[error("`{key}` = {value} is not within {low}-{high}")]
    Range {
        /// The dotted key.
        key: &'static str,
        /// The number given.
        value: f64,
        /// The least that is allowed.
        low: f64,
        /// The most that is allowed.
        high: f64,
    },
    /// A text is no date.
    #[error("`{key}` = `{value}` is no date such as 2026-12-20")]
    Date {
        /// The dotted key.
        key: &'static str,
        /// The text given.
        value: String,
    },
}

/// Why the settings cannot be used; line and column count from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{fault} (line {line}, column {column})")]
pub struct SettingsError {
    /// What is wrong.
    pub fault: SettingsFault,
    /// The line.
    pub line: usize,
    /// The column in characters.
    pub column: usize,
}

/// What the learner works towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExamGoal {
    /// The exam; both when unset.
    pub exam: Option<Exam>,
    /// The day of the exam.
    pub date: Option<Date>,
    /// Minutes of study a day.
    pub minutes_per_day: Option<u32>,
}

/// How studying is scheduled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudySettings {
    /// Desired probability of recall when a card comes due (0.70–0.97).
    pub retention: f64,
    /// New cards a day at most.
    pub new_per_day: u32,
    /// Reviews a day at most.
    pub reviews_per_day: u32,
    /// When a study day begins.
    pub rollover: Rollover,
    /// Whether mock exams have the 30 minutes of the second-language accommodation.
    pub extra_exam_time: bool,
}

/// What labs may cost and where they run.
#[derive(Debug, Clone, PartialEq)]
pub struct LabSettings {
    /// Cap on one lab's projected cost within its time to live.
    pub per_lab: MicroUsd,
    /// Cap on the projected cost of a calendar month over all labs.
    pub per_month: MicroUsd,
    /// Region of labs that name none.
    pub region: String,
    /// Yen for one dollar, for display.
    pub usd_jpy: f64,
    /// The day of that rate.
    pub usd_jpy_as_of: Date,
    /// How often a lease may be extended.
    pub max_extensions: u32,
}

/// All settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The language, when the file names one.
    pub language: Option<Language>,
    /// The exam and its day.
    pub goal: ExamGoal,
    /// Scheduling.
    pub study: StudySettings,
    /// Labs.
    pub labs: LabSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: None,
            goal: ExamGoal::default(),
            study: StudySettings {
                retention: 0.9,
                new_per_day: 20,
                reviews_per_day: 200,
                rollover: Rollover::DEFAULT,
                extra_exam_time: false,
            },
            labs: LabSettings {
                per_lab: MicroUsd::from_micros(1_000_000),
                per_month: MicroUsd::from_micros(10_000_000),
                region: "ap-northeast-1".to_owned(),
                usd_jpy: 155.0,
                usd_jpy_as_of: jiff::civil::date(2026, 11, 20),
                max_extensions: 2,
            },
        }
    }
}

/// The file as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    language: Option<Language>,
    exam: RawExam,
    study: RawStudy,
    labs: RawLabs,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawExam {
    target: Option<Exam>,
    date: Option<String>,
    minutes_per_day: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawStudy {
    retention: Option<f64>,
    new_per_day: Option<u32>,
    reviews_per_day: Option<u32>,
    rollover: Option<Rollover>,
    extra_exam_time: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawLabs {
    per_lab_usd: Option<f64>,
    per_month_usd: Option<f64>,
    region: Option<String>,
    usd_jpy: Option<f64>,
    usd_jpy_as_of: Option<String>,
    max_extensions: Option<u32>,
}

/// The keys a user may set, in the order they are shown.
pub const KEYS: &[&str] = &[
    "language",
    "exam.target",
    "exam.date",
    "exam.minutes_per_day",
    "study.retention",
    "study.new_per_day",
    "study.reviews_per_day",
    "study.rollover",
    "study.extra_exam_time",
    "labs.per_lab_usd",
    "labs.per_month_usd",
    "labs.region",
    "labs.usd_jpy",
    "labs.usd_jpy_as_of",
    "labs.max_extensions",
];

impl Settings {
    /// Reads and checks the text of `config.toml`.
    ///
    /// # Errors
    /// When it is no TOML, names an unknown key, or a value is outside its range.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            at_offset(
                text,
                offset,
                SettingsFault::Syntax(error.message().to_owned()),
            )
        })?;
        raw.check()
            .map_err(|(key, message)| at_key(text, key, message))
    }
}

impl Raw {
    /// Checks ranges; an error names the key.
    fn check(self) -> Result<Settings, (&'static str, SettingsFault)> {
        let default = Settings::default();
        let date = |key, value: Option<String>| {
            let parse = |text: String| {
                text.parse::<Date>()
                    .map_err(|_| (key, SettingsFault::Date { key, value: text }))
            };
            value.map(parse).transpose()
        };
        let within = |key, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                Ok(value)
            } else {
                Err((
                    key,
                    SettingsFault::Range {
                        key,
                        value,
                        low,
                        high,
                    },
                ))
            }
        };
        let labs = self.labs;
        let per_lab = labs.per_lab_usd.unwrap_or(default.labs.per_lab.usd());
        let per_month = labs.per_month_usd.unwrap_or(default.labs.per_month.usd());
        Ok(Settings {
            language: self.language,
            goal: ExamGoal {
                exam: self.exam.target,
                date: date("exam.date", self.exam.date)?,
                minutes_per_day: self.exam.minutes_per_day,
            },
            study: StudySettings {
                retention: within(
                    "study.retention",
                    self.study.retention.unwrap_or(0.9),
                    0.7,
                    0.97,
                )?,
                new_per_day: self.study.new_per_day.unwrap_or(default.study.new_per_day),
                reviews_per_day: self
                    .study
                    .reviews_per_day
                    .unwrap_or(default.study.reviews_per_day),
                rollover: self.study.rollover.unwrap_or_default(),
                extra_exam_time: self.study.extra_exam_time.unwrap_or(false),
            },
            labs: LabSettings {
                per_lab: MicroUsd::from_usd(within("labs.per_lab_usd", per_lab, 0.0, 1000.0)?),
                per_month: MicroUsd::from_usd(within(
                    "labs.per_month_usd",
                    per_month,
                    0.0,
                    10_000.0,
                )?),
                region: labs.region.unwrap_or(default.labs.region),
                usd_jpy: within(
                    "labs.usd_jpy",
                    labs.usd_jpy.unwrap_or(default.labs.usd_jpy),
                    1.0,
                    10_000.0,
                )?,
                usd_jpy_as_of: date("labs.usd_jpy_as_of", labs.usd_jpy_as_of)?
                    .unwrap_or(default.labs.usd_jpy_as_of),
                max_extensions: labs.max_extensions.unwrap_or(default.labs.max_extensions),
            },
        })
    }
}

/// Finds line and column of a byte offset.
fn at_offset(text: &str, offset: usize, fault: SettingsFault) -> SettingsError {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    SettingsError {
        fault,
        line,
        column,
    }
}

/// Finds line and column of a dotted key's value.
fn at_key(text: &str, key: &str, fault: SettingsFault) -> SettingsError {
    let document = text.parse::<toml_edit::Document<String>>().ok();
    let span = document.as_ref().and_then(|document| {
        let mut item = document.as_item();
        for part in key.split('.') {
            item = item.get(part)?;
        }
        item.span()
    });
    at_offset(text, span.map_or(0, |span| span.start), fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_gives_the_defaults() {
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
    }

    #[test]
    fn values_are_read_and_checked() {
        let settings =
            Settings::parse("[exam]\ntarget = \"DVA\"\ndate = \"2026-12-20\"\n").unwrap();
        assert_eq!(settings.goal.exam, Some(Exam::Dva));
        let error = Settings::parse("\n[study]\nretention = 1.5\n").unwrap_err();
        assert_eq!((error.line, error.column), (3, 13));
        let error = Settings::parse("[study]\nretension = 0.9\n").unwrap_err();
        assert_eq!(error.line, 2, "{error}");
    }
}
