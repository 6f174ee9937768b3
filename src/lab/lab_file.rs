//! `labs/<id>/lab.yaml`: what a lab teaches, how long it lives, its tasks, and how each is checked.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use super::LabId;
use crate::exam::ExamVersion;
use crate::yaml::{self, YamlError};

/// A lab as its file says it, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Lab {
    /// The folder's name.
    pub id: LabId,
    /// One line for lists.
    pub title: String,
    /// The tasks of the exams' blueprints that the lab trains.
    pub exams: BTreeMap<ExamVersion, Vec<String>>,
    /// The articles of the user's documents that ask for it.
    pub articles: Vec<String>,
    /// Where it can run.
    pub tiers: Tiers,
    /// Programs that the sandbox needs beside Python, such as `node` to run JavaScript of functions.
    pub needs: Vec<String>,
    /// The region it is made for.
    pub region: String,
    /// How long it may live when the user says nothing.
    pub ttl: SignedDuration,
    /// How many minutes of work it is.
    pub minutes: u32,
    /// Values for the template's parameters that differ from their defaults.
    pub parameters: BTreeMap<String, String>,
    /// What the learner does.
    pub tasks: Vec<Task>,
    /// How long to wait before a check is tried again, while what it looks for may still be on its way.
    pub settle: SignedDuration,
    /// The steps that solve all tasks, in order; run by tests only.
    pub solution: Vec<Step>,
    /// The steps that remove what the solution made outside the stack.
    pub cleanup: Vec<Step>,
}

/// Where a lab can run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// In the rehearsal.
    pub rehearsal: Availability,
    /// In the local sandbox.
    pub sandbox: Availability,
    /// On AWS.
    pub aws: Availability,
}

/// Whether a lab runs on a tier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Availability {
    /// It does, or does not without a reason given.
    Plain(bool),
    /// It does not, for this reason.
    Not(String),
}

impl Availability {
    /// Says whether the lab runs there.
    pub const fn is_available(&self) -> bool {
        matches!(self, Self::Plain(true))
    }
}

/// One thing to do, and how to see that it is done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its name within the lab.
    pub id: String,
    /// What to do.
    pub text: String,
    /// A push in the right direction.
    #[serde(default)]
    pub hint: Option<String>,
    /// What is different on a tier, such as that the sandbox judges no permissions.
    #[serde(default)]
    pub remark: Option<String>,
    /// Whether the check observes behaviour, not the echo of a setting.
    #[serde(default)]
    pub behaviour: bool,
    /// How to see that it is done.
    pub check: Check,
    /// The cards it practises.
    #[serde(default)]
    pub cards: Vec<String>,
    /// The sections of notes that teach it, as `note-id#anchor`.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// How to see that a task is done.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Check {
    /// A reading call of the `aws` CLI and what must hold of its answer.
    Aws(AwsCheck),
    /// An HTTP request and the answer it must get.
    Http(HttpCheck),
    /// Several checks that must all hold.
    All(AllCheck),
}

impl Check {
    /// Lists the calls and requests that it is made of.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Aws(_) | Self::Http(_) => vec![self],
            Self::All(all) => all.all.iter().flat_map(Self::parts).collect(),
        }
    }
}

/// Several checks that must all hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllCheck {
    /// The checks, in the order in which they are made.
    pub all: Vec<Check>,
}

/// A reading call of the `aws` CLI and what must hold of its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsCheck {
    /// The arguments after `aws`; `${Name}` stands for an output or parameter of the stack.
    pub call: Vec<String>,
    /// A `JMESPath` expression over the answer that must be true.
    pub expect: String,
}

/// An HTTP request and the answer it must get.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpCheck {
    /// The request.
    pub http: HttpCall,
}

/// An HTTP request with the answer expected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpCall {
    /// The method; GET when nothing is said.
    #[serde(default = "get")]
    pub method: String,
    /// The address, with `${Name}` for outputs.
    pub url: String,
    /// Headers to send.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What to send.
    #[serde(default)]
    pub body: Option<String>,
    /// The status that must come back.
    #[serde(default = "ok")]
    pub status: u16,
    /// A text that the answer must contain.
    #[serde(default)]
    pub contains: Option<String>,
}

impl HttpCall {
    /// Makes a plain GET.
    pub fn get(url: String) -> Self {
        Self {
            method: get(),
            url,
            headers: BTreeMap::new(),
            body: None,
            status: ok(),
            contains: None,
        }
    }
}

fn get() -> String {
    "GET".to_owned()
}

const fn ok() -> u16 {
    200
}

/// One step of a solution or a clean-up.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// Arguments for the `aws` CLI.
    Aws(Vec<String>),
    /// A call of the `aws` CLI whose answer later steps use.
    Capture(CaptureStep),
    /// A file to write in the working folder.
    File(FileStep),
    /// An HTTP request.
    Http(HttpStep),
    /// A pause.
    Wait(WaitStep),
    /// A marker: the steps from here on solve these tasks.
    For(ForStep),
}

impl Step {
    /// Gives the name under which later steps know this step's answer.
    pub fn captures(&self) -> Option<&str> {
        match self {
            Self::Capture(step) => step.capture.as_deref(),
            Self::Http(step) => step.capture.as_deref(),
            Self::Aws(_) | Self::File(_) | Self::Wait(_) | Self::For(_) => None,
        }
    }
}

/// A marker: the steps from here on solve these tasks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForStep {
    /// The tasks' ids.
    #[serde(rename = "for")]
    pub tasks: Vec<String>,
}

/// A call of the `aws` CLI whose answer later steps use as `${capture}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureStep {
    /// The arguments after `aws`.
    pub call: Vec<String>,
    /// The name under which the answer is kept.
    #[serde(default)]
    pub capture: Option<String>,
    /// The `JMESPath` expression that picks what is kept.
    #[serde(default)]
    pub query: Option<String>,
}

/// A file to write in the working folder, for calls that read one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileStep {
    /// Its name.
    pub file: String,
    /// What is in it, with `${Name}` for outputs and captured answers.
    pub content: String,
}

/// An HTTP request as a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpStep {
    /// The request.
    pub http: HttpCall,
    /// The name under which the answer is kept.
    #[serde(default)]
    pub capture: Option<String>,
    /// The `JMESPath` expression that picks what is kept.
    #[serde(default)]
    pub query: Option<String>,
}

/// A pause of some seconds, cut short by what it waits for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitStep {
    /// The most seconds.
    pub wait: u32,
    /// What is waited for; without it the whole time passes.
    #[serde(default)]
    pub until: Option<Check>,
}

/// Why a lab file cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LabFileError {
    /// No YAML, or not of the shape that docs/CONTENT.md gives.
    #[error("{0}")]
    Yaml(#[from] YamlError),
    /// Another `schema` than this version reads.
    #[error("lab file of schema {found}; this version reads schema 1")]
    Schema {
        /// The number in the file.
        found: u32,
    },
    /// The folder has another name than the file's `id`.
    #[error("the folder is called `{folder}`, the lab `{id}`")]
    IdMismatch {
        /// The folder's name.
        folder: String,
        /// The id in the file.
        id: String,
    },
    /// A length of time that cannot be read.
    #[error(transparent)]
    Ttl(#[from] crate::time::BadDuration),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLab {
    schema: u32,
    id: LabId,
    title: String,
    exams: BTreeMap<ExamVersion, Vec<String>>,
    #[serde(default)]
    articles: Vec<String>,
    tiers: Tiers,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default = "tokyo")]
    region: String,
    ttl: String,
    minutes: u32,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    tasks: Vec<Task>,
    #[serde(default)]
    settle: u32,
    #[serde(default)]
    solution: Vec<Step>,
    #[serde(default)]
    cleanup: Vec<Step>,
}

fn tokyo() -> String {
    "ap-northeast-1".to_owned()
}

impl Lab {
    /// Reads a lab file; `folder` is the name of the folder it lies in.
    ///
    /// # Errors
    /// When the text is no YAML, has another shape, or names another lab than its folder.
    pub fn parse(text: &str, folder: &str) -> Result<Self, LabFileError> {
        let raw: RawLab = yaml::from_str(text)?;
        if raw.schema != 1 {
            return Err(LabFileError::Schema { found: raw.schema });
        }
        if raw.id.as_str() != folder {
            return Err(LabFileError::IdMismatch {
                folder: folder.to_owned(),
                id: raw.id.to_string(),
            });
        }
        Ok(Self {
            ttl: crate::time::parse_duration(&raw.ttl)?,
            id: raw.id,
            title: raw.title,
            exams: raw.exams,
            articles: raw.articles,
            tiers: raw.tiers,
            needs: raw.needs,
            region: raw.region,
            minutes: raw.minutes,
            parameters: raw.parameters,
            tasks: raw.tasks,
            settle: SignedDuration::from_secs(i64::from(raw.settle)),
            solution: raw.solution,
            cleanup: raw.cleanup,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
schema: 1
id: s3-static-site
title: 静的サイト
exams: {SAA-C03: ["1.3"]}
tiers: {rehearsal: true, sandbox: true, aws: CloudFront は作成に時間がかかる}
ttl: 2h
minutes: 30
tasks:
  - {id: v, text: …, check: {call: [s3api, get-bucket-versioning, --bucket, "${BucketName}"], expect: "Status == 'Enabled'"}}
  - {id: w, text: …, check: {http: {url: "${Url}", contains: hello}}}
solution: [[s3api, put-bucket-versioning, --bucket, "${BucketName}"]]
"#;

    #[test]
    fn every_bundled_lab_reads() {
        let labs = concat!(env!("CARGO_MANIFEST_DIR"), "/labs");
        for folder in std::fs::read_dir(labs).unwrap().flatten() {
            let file = folder.path().join("lab.yaml");
            if let Ok(text) = std::fs::read_to_string(&file) {
                let name = folder.file_name().into_string().unwrap();
                let lab = Lab::parse(&text, &name).map_err(|e| format!("{name}: {e}"));
                assert!(!lab.unwrap().tasks.is_empty());
            }
        }
    }

    #[test]
    fn a_lab_file_reads() {
        let lab = Lab::parse(FILE, "s3-static-site").unwrap();
        assert_eq!(lab.ttl.as_secs(), 7200);
        assert!(lab.tiers.sandbox.is_available() && !lab.tiers.aws.is_available());
        assert!(matches!(lab.tasks[1].check, Check::Http(ref c) if c.http.status == 200));
        assert!(Lab::parse(FILE, "other").is_err());
    }
}
