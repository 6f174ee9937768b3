//! Judged queries over notes of our own: the measures that both the tests and the `quality` program take.
//!
//! A line of a query file is `kind TAB query TAB wanted`; wanted names the headings a reader would want, with `=2`
//! (answers the question, also when left out) or `=1` (helps), separated by `|`. A heading may be `file#heading`.

#![expect(clippy::cast_precision_loss, reason = "counts of hits and queries")]
#![allow(dead_code, reason = "the tests and the program each use a part of it")]
#![allow(
    clippy::allow_attributes,
    reason = "an expectation would fail where all is used"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use kumojuku::notes::services::Services;
use kumojuku::notes::{Document, Kind, NoteFile, Scope, decode, parse};
use kumojuku::search::synonyms::Synonyms;
use kumojuku::search::{FileKey, NoteIndex, Options, Query};

/// Hits that are looked at.
pub(crate) const DEPTH: usize = 10;

/// The measures of one query; who includes this file reads some of them.
#[derive(Debug, Clone)]
pub(crate) struct Score {
    pub(crate) kind: String,
    pub(crate) query: String,
    pub(crate) ndcg: f64,
    pub(crate) mrr: f64,
    pub(crate) recall: f64,
}

impl Score {
    /// Takes the measures of a ranked list of grades; `wanted` are the grades of all that could be found.
    pub(crate) fn of(kind: &str, query: &str, grades: &[u32], wanted: &[u32]) -> Self {
        let gain = |grades: &[u32]| -> f64 {
            let ranked = grades.iter().zip(2_u32..).take(DEPTH);
            ranked
                .map(|(grade, rank)| f64::from(2_u32.pow(*grade) - 1) / f64::from(rank).log2())
                .sum()
        };
        let mut ideal = wanted.to_vec();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let found = grades.iter().take(DEPTH).filter(|grade| **grade == 2);
        let full = wanted.iter().filter(|grade| **grade == 2);
        let first = grades.iter().take(DEPTH).position(|grade| *grade == 2);
        Self {
            kind: kind.to_owned(),
            query: query.to_owned(),
            ndcg: share(gain(grades), gain(&ideal)),
            mrr: first.map_or(0.0, |at| 1.0 / (at + 1) as f64),
            recall: share(found.count() as f64, full.count() as f64),
        }
    }
}

/// The mean of one measure over the scores of a kind (`all` for every kind).
pub(crate) fn mean(scores: &[Score], kind: &str, measure: impl Fn(&Score) -> f64) -> f64 {
    let of_kind: Vec<f64> = scores
        .iter()
        .filter(|score| kind == "all" || score.kind == kind)
        .map(measure)
        .collect();
    of_kind.iter().sum::<f64>() / of_kind.len().max(1) as f64
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads the bundled synonyms and everyday wordings.
pub(crate) fn synonyms() -> Synonyms {
    let read = |name: &str| {
        let text = std::fs::read_to_string(root().join("content").join(name)).unwrap_or_default();
        Synonyms::from_yaml(&text).unwrap_or_default()
    };
    read("synonyms.yaml").with(read("everyday.yaml"))
}

/// The folder of the judged notes.
pub(crate) fn fixtures() -> PathBuf {
    root().join("tests/fixtures/search")
}

/// Reads the notes of a folder down to a depth (1: not those below it), by file name.
pub(crate) fn documents(folder: &Path, depth: usize) -> Vec<(String, Vec<Document>)> {
    let services = std::fs::read_to_string(root().join("content/services.yaml"));
    let Ok(services) = Services::from_yaml(&services.unwrap_or_default()) else {
        return Vec::new();
    };
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).ok()?;
        let text = decode::decode(&bytes).ok()?.text;
        let extension = path.extension()?.to_string_lossy().into_owned();
        let name = path.file_name()?.to_string_lossy().into_owned();
        let file = NoteFile {
            identity: name.clone(),
            scope: Scope::Mine,
            kind: Kind::of(&extension, &text),
            text,
            named: false,
            path,
        };
        Some((name, parse(&file, &services)))
    };
    files(folder, depth).into_iter().filter_map(read).collect()
}

/// Lists the notes of a folder down to a depth, by name.
pub(crate) fn files(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .max_depth(depth)
        .into_iter()
        .filter_map(|entry| Some(entry.ok()?.into_path()))
        .filter(|path| path.extension().is_some_and(|e| e == "md" || e == "txt"))
        .collect();
    paths.sort();
    paths
}

/// Indexes the judged notes of our own, both sets, so that each set is noise to the other.
pub(crate) fn index(place: &Path) -> Result<NoteIndex, Failure> {
    index_of(place, &[(fixtures(), 1), (fixtures().join("fresh"), 1)])
}

/// Indexes the judged notes of another author.
pub(crate) fn other_index(place: &Path) -> Result<NoteIndex, Failure> {
    index_of(place, &[(fixtures().join("other"), usize::MAX)])
}

type Failure = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Indexes folders, each down to its depth.
fn index_of(place: &Path, folders: &[(PathBuf, usize)]) -> Result<NoteIndex, Failure> {
    let (index, _) = NoteIndex::open(place)?;
    let mut update = index.begin()?.ok_or("the index is locked")?;
    for (folder, depth) in folders {
        for (name, documents) in documents(folder, *depth) {
            update.add(FileKey::of(&name), 1, &documents)?;
        }
    }
    update.commit()?;
    Ok(index)
}

/// Asks an index the queries of a file and judges what comes; `show` is told each query with its hits' headings and
/// grades.
pub(crate) fn measure(
    index: &NoteIndex,
    queries: &str,
    synonyms: Option<&Synonyms>,
    show: impl FnMut(&Score, &[(String, u32)]),
) -> Vec<Score> {
    let ask = |text: &str| {
        let found = Query::parse(text).ok().and_then(|query| {
            index
                .search(&query, &[], synonyms, Options { limit: DEPTH })
                .ok()
        });
        let hits = found.unwrap_or_default().hits.into_iter();
        hits.map(|hit| (hit.section.path, hit.section.heading))
            .collect()
    };
    measure_by(queries, ask, show)
}

/// Asks the queries of a file and judges the paths and headings that come.
pub(crate) fn measure_by(
    queries: &str,
    mut ask: impl FnMut(&str) -> Vec<(PathBuf, Vec<String>)>,
    mut show: impl FnMut(&Score, &[(String, u32)]),
) -> Vec<Score> {
    let mut scores = Vec::new();
    for line in queries.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(kind), Some(text), Some(wanted)) =
            (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let wanted: HashMap<&str, u32> = wanted
            .split('|')
            .map(|one| match one.rsplit_once('=') {
                Some((heading, grade)) => (heading, grade.parse().unwrap_or(2)),
                None => (one, 2),
            })
            .collect();
        let mut left = wanted.clone();
        let hits: Vec<(String, u32)> = ask(text)
            .into_iter()
            .map(|(path, headings)| {
                let heading = headings.last().cloned().unwrap_or_default();
                let file = path.file_name();
                let file =
                    file.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
                let placed = format!("{file}#{heading}");
                let grade = left
                    .remove(heading.as_str())
                    .or_else(|| left.remove(placed.as_str()))
                    .unwrap_or(0);
                (heading, grade)
            })
            .collect();
        let grades: Vec<u32> = hits.iter().map(|(_, grade)| *grade).collect();
        let all: Vec<u32> = wanted.into_values().collect();
        let score = Score::of(kind, text, &grades, &all);
        show(&score, &hits);
        scores.push(score);
    }
    scores
}
