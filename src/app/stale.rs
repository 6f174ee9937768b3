//! `stale`: the passages that state outdated facts, with what is true today.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::index::{Knowledge, ShelfNote, import_file, read};
use crate::notes::decode::DecodeError;
use crate::notes::freshness::Confidence;
use crate::notes::library::{Files, Library, PortError, SkipReason, Skipped};
use crate::notes::{Document, Kind, NoteFile, Scope, decode};

/// One outdated claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FlagReport {
    /// The file as the user knows it.
    pub path: PathBuf,
    /// Its first line.
    pub line: usize,
    /// Its last line.
    pub line_end: usize,
    /// Where it begins in the first line, in characters from 1.
    pub column: usize,
    /// The rule that found it.
    pub rule: String,
    /// What the passage claims.
    pub claim: String,
    /// What is true now.
    pub now: String,
    /// Since when.
    pub since: Option<String>,
    /// Where that can be read.
    pub source: String,
    /// How the source was seen: `opened`, `copy` or `memory`.
    pub evidence: String,
    /// True when today's fact has to be checked before it is relied on.
    pub check: bool,
    /// The article's title.
    pub title: String,
    /// The headings above.
    pub heading: Vec<String>,
}

/// All outdated claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StaleReport {
    /// Version of this document.
    pub schema: u32,
    /// Files that were read.
    pub files: usize,
    /// What could not be read, with reasons.
    pub skipped: Vec<Skipped>,
    /// The claims by place.
    pub flags: Vec<FlagReport>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum StaleError {
    /// A path is not there.
    #[error("`{path}` does not exist")]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The library failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Looks at files and folders, imported or not.
///
/// # Errors
/// When a path is not there.
pub fn in_paths(
    files: &dyn Files,
    paths: &[PathBuf],
    knowledge: &Knowledge,
) -> Result<StaleReport, StaleError> {
    let mut found = Collector::new(knowledge);
    let mut listed = Vec::new();
    for path in paths {
        let missing = || StaleError::Missing { path: path.clone() };
        let listing = files.list(path).ok_or_else(missing)?;
        listed.extend(listing.files);
        found.report.skipped.extend(listing.skipped);
    }
    listed.sort();
    listed.dedup();
    for path in listed {
        match text_of(files, &path) {
            Ok(text) => {
                let extension = path.extension().map(|e| e.to_string_lossy().into_owned());
                found.take(Some(NoteFile {
                    identity: path.to_string_lossy().into_owned(),
                    scope: Scope::Mine,
                    kind: Kind::of(&extension.unwrap_or_default(), &text),
                    text,
                    named: false,
                    path,
                }));
            }
            Err(reason) => found.report.skipped.push(Skipped { path, reason }),
        }
    }
    Ok(found.report())
}

/// Reads a file that need not be imported.
fn text_of(files: &dyn Files, path: &Path) -> Result<String, SkipReason> {
    let (bytes, _) = files.read(path)?;
    let bytes = bytes.whole().map_err(|error| SkipReason::of(&error))?;
    let decoded = decode::decode(&bytes).map_err(|error| match error {
        DecodeError::Empty => SkipReason::Empty,
        DecodeError::Binary => SkipReason::Binary,
    })?;
    Ok(decoded.text)
}

/// Looks at the whole library: imported notes, own notes, bundled notes.
///
/// # Errors
/// When the library cannot be read.
pub fn in_library(
    library: &dyn Library,
    files: &dyn Files,
    shelf: &[ShelfNote],
    knowledge: &Knowledge,
) -> Result<StaleReport, StaleError> {
    let mut found = Collector::new(knowledge);
    for entry in library.entries()? {
        let kept = library.bytes(&entry.hash)?;
        let bytes = kept.or_else(|| files.read(&entry.origin).ok().map(|(bytes, _)| bytes));
        found.take(bytes.and_then(|bytes| import_file(&entry, &*bytes)));
    }
    for note in shelf {
        found.take(super::index::shelf_file(note));
    }
    Ok(found.report())
}

struct Collector<'a> {
    knowledge: &'a Knowledge,
    claims: HashMap<&'a str, usize>,
    report: StaleReport,
}

impl<'a> Collector<'a> {
    fn new(knowledge: &'a Knowledge) -> Self {
        let rules = knowledge.rules.rules();
        Self {
            knowledge,
            claims: rules
                .iter()
                .enumerate()
                .map(|(at, r)| (r.id.as_str(), at))
                .collect(),
            report: StaleReport {
                schema: 1,
                ..StaleReport::default()
            },
        }
    }

    fn take(&mut self, file: Option<NoteFile>) {
        self.report.files += usize::from(file.is_some());
        for document in read(file, self.knowledge) {
            self.document(&document);
        }
    }

    fn document(&mut self, document: &Document) {
        for section in &document.sections {
            for stale in &section.stale {
                let Some(&at) = self.claims.get(stale.rule.as_str()) else {
                    continue;
                };
                let rule = &self.knowledge.rules.rules()[at];
                self.report.flags.push(FlagReport {
                    path: document.path.clone(),
                    line: stale.lines.first,
                    line_end: stale.lines.last,
                    column: stale.column,
                    rule: rule.id.clone(),
                    claim: rule.claim.clone(),
                    now: rule.now.clone(),
                    since: rule.since.clone(),
                    source: rule.source.clone(),
                    evidence: rule.evidence.clone(),
                    check: rule.confidence == Confidence::Low || rule.evidence == "memory",
                    title: document.title.clone(),
                    heading: section.heading.clone(),
                });
            }
        }
    }

    fn report(mut self) -> StaleReport {
        self.report.skipped.sort();
        self.report.flags.sort();
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::freshness::Rules;
    use crate::notes::library::{Bytes, Listing, Stat};
    use crate::notes::services::Services;

    struct OneFile(&'static str);

    impl Files for OneFile {
        fn list(&self, path: &Path) -> Option<Listing> {
            (path == Path::new("memo.txt")).then(|| Listing {
                files: vec![path.to_path_buf()],
                skipped: Vec::new(),
            })
        }

        fn stat(&self, _: &Path) -> Option<Stat> {
            None
        }

        fn read(&self, _: &Path) -> Result<(Box<dyn Bytes>, Stat), SkipReason> {
            let stat = Stat {
                size: 0,
                modified: 0,
            };
            Ok((Box::new(self.0.as_bytes().to_vec()), stat))
        }
    }

    fn knowledge() -> Knowledge {
        Knowledge {
            services: Services::from_yaml("schema: 1\nservices: []\n").unwrap(),
            rules: Rules::parse(include_str!("../../content/freshness.yaml")).unwrap(),
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let report = in_paths(&OneFile(" "), &["memo.txt".into()], &knowledge());
        let skipped = report.unwrap().skipped;
        let reasons: Vec<SkipReason> = skipped.into_iter().map(|one| one.reason).collect();
        assert_eq!(reasons, [SkipReason::Empty]);
    }

    #[test]
    fn a_file_is_judged_without_being_imported() {
        let files = OneFile(
            "メモ\n\nAmazon S3\n  • 整合性\n    • 上書きは結果整合性\n\nLambda の /tmp は ５１２MB まで\n",
        );
        let report = in_paths(&files, &["memo.txt".into()], &knowledge()).unwrap();
        let places: Vec<_> = report
            .flags
            .iter()
            .map(|f| (f.line, f.rule.as_str()))
            .collect();
        assert_eq!(
            places,
            [(5, "s3-eventual-consistency"), (7, "lambda-tmp-512")]
        );
    }

    #[test]
    fn what_is_true_today_is_not_flagged() {
        let files = OneFile(
            "S3 は 2020-12 から強い整合性\nLambda の /tmp は既定 512 MB、最大 10,240 MB\n以前は SQS のメッセージは 256 KB までだったが、今は 1 MiB\n",
        );
        let report = in_paths(&files, &["memo.txt".into()], &knowledge()).unwrap();
        assert_eq!(report.flags, []);
    }

    #[test]
    fn a_path_that_is_not_there_is_said() {
        let error = in_paths(&OneFile(""), &["none.txt".into()], &knowledge()).unwrap_err();
        assert!(matches!(error, StaleError::Missing { .. }), "{error}");
    }
}
