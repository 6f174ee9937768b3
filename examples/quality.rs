//! Measures search quality on documents and judged queries, over the import, index and search that the program uses.
//!
//! ```text
//! cargo run --release --example quality -- --documents DIR --queries FILE --qrels FILE
//!     [--sections FILE] [--corpus FILE] [--groups FILE] [--no-synonyms] [--per-query] [--run FILE]
//!     [--floor 0.93] [--floor-mrr 0.9] [--floor-recall 0.95] [--articles FILE=N]…
//! cargo run --release --example quality -- --own [--per-query] [--floor 0.9]
//! ```
//!
//! Judgments name sections of a corpus that was cut by somebody else; a hit counts as the section whose text it shares
//! most with (multiset of character 3-grams), found again at least by 0.30. Gains are 2^grade-1, the ideal runs over
//! groups of duplicates, a second hit on one section holds its rank and gains nothing. Exit code 1 below a floor.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a report is what this program is for"
)]

#[path = "../tests/it/judged.rs"]
mod judged;
#[path = "quality/report.rs"]
mod report;
#[path = "quality/stale.rs"]
mod stale;
#[path = "quality/taken.rs"]
mod taken;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use judged::Score;
use kumojuku::app::import::ImportReport;
use kumojuku::search::NoteIndex;
use serde::Deserialize;
use taken::Taken;
use unicode_normalization::UnicodeNormalization as _;

type Failure = Box<dyn std::error::Error>;

/// What the command line asks for.
#[derive(Debug, Default)]
struct Request {
    documents: PathBuf,
    queries: PathBuf,
    qrels: PathBuf,
    corpus: Option<PathBuf>,
    groups: Option<PathBuf>,
    /// Judge our own notes instead.
    own: bool,
    synonyms: bool,
    per_query: bool,
    run: Option<PathBuf>,
    sections: Option<PathBuf>,
    floors: [Option<f64>; 3],
    articles: Vec<(String, usize)>,
}

/// A judged section of the corpus.
#[derive(Debug, Deserialize)]
struct Judged {
    id: String,
    seed: String,
    article_title: String,
    heading_path: Vec<String>,
    text: String,
}

/// A hit as the scorer sees it.
#[derive(Debug, Clone)]
struct Result {
    seed: String,
    title: String,
    text: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("quality: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> std::result::Result<bool, Failure> {
    if let Some(holds) = stale::asked()? {
        return Ok(holds);
    }
    let request = request()?;
    if request.own {
        return own(&request);
    }
    let notes = Taken::of(vec![request.documents.clone()])?;
    if let Some(path) = &request.sections {
        write_sections(path, &notes.index)?;
    }
    let mut good = articles_agree(&request, &notes.report);
    let corpus = Corpus::read(&request)?;
    let qrels = read_qrels(&request.qrels)?;
    let mut scores = Vec::new();
    let mut dump = String::new();
    for line in std::fs::read_to_string(&request.queries)?.lines() {
        let mut columns = line.split('\t');
        let (Some(id), Some(kind), Some(text)) = (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let hits = notes.ask(&format!("in:mine {text}"), 30, request.synonyms)?;
        let results: Vec<Result> = hits
            .into_iter()
            .map(|hit| Result {
                seed: name_of(&hit.path),
                title: hit.title,
                text: hit.text,
            })
            .collect();
        for (rank, result) in results.iter().enumerate() {
            let entry = serde_json::json!({"qid": id, "rank": rank + 1, "seed": result.seed, "title": result.title, "text": result.text});
            writeln!(dump, "{entry}")?;
        }
        let matched: Vec<Option<String>> =
            results.iter().map(|result| corpus.find(result)).collect();
        let empty = HashMap::new();
        let score = corpus.score(kind, text, &matched, qrels.get(id).unwrap_or(&empty));
        if request.per_query {
            println!(
                "{id} {kind:5} {:.3} {:.2} {:.2} {text}",
                score.ndcg, score.mrr, score.recall
            );
            let wanted = qrels.get(id).unwrap_or(&empty);
            for (rank, section) in matched.iter().take(10).enumerate() {
                let section = section.as_deref().unwrap_or("-");
                let grade = wanted
                    .get(section)
                    .or_else(|| wanted.get(corpus.group(section)));
                println!(
                    "      {:2} {section:14} {}",
                    rank + 1,
                    grade.map_or_else(String::new, u32::to_string)
                );
            }
        }
        scores.push(score);
    }
    if let Some(path) = &request.run {
        std::io::Write::write_all(&mut std::fs::File::create(path)?, dump.as_bytes())?;
    }
    good &= report::report(&scores, request.floors);
    Ok(good)
}

/// Measures the judged queries over notes in this repository, all sets, with and without synonyms; the floors hold for
/// the fresh set and that of another author, with synonyms.
fn own(request: &Request) -> std::result::Result<bool, Failure> {
    let mut own = judged::files(&judged::fixtures(), 1);
    own.extend(judged::files(&judged::fixtures().join("fresh"), 1));
    let own = Taken::of(own)?;
    let other = Taken::of(judged::files(&judged::fixtures().join("other"), usize::MAX))?;
    let mut good = true;
    for set in ["queries.tsv", "fresh/queries.tsv", "other/queries.tsv"] {
        let notes = if set.starts_with("other") {
            &other
        } else {
            &own
        };
        let queries = std::fs::read_to_string(judged::fixtures().join(set))?;
        for synonyms in [false, true] {
            let with = if synonyms { "with" } else { "without" };
            println!("{set}, {with} synonyms");
            let ask = |query: &str| {
                let hits = notes
                    .ask(query, judged::DEPTH, synonyms)
                    .unwrap_or_default();
                hits.into_iter()
                    .map(|hit| (hit.path, hit.heading))
                    .collect()
            };
            let scores = judged::measure_by(&queries, ask, |score, hits| {
                if request.per_query {
                    show_hits(score, hits);
                }
            });
            let held = set != "queries.tsv" && synonyms;
            let floors = if held { request.floors } else { [None; 3] };
            good &= report::report(&scores, floors);
        }
    }
    Ok(good)
}

fn show_hits(score: &Score, hits: &[(String, u32)]) {
    println!("{:.3} {:4} {}", score.ndcg, score.kind, score.query);
    if score.ndcg < 0.99 {
        for (heading, grade) in hits.iter().take(6) {
            println!("        {grade} {heading}");
        }
    }
}

fn request() -> std::result::Result<Request, Failure> {
    let mut request = Request {
        synonyms: true,
        ..Request::default()
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--documents" => request.documents = value()?.into(),
            "--queries" => request.queries = value()?.into(),
            "--qrels" => request.qrels = value()?.into(),
            "--corpus" => request.corpus = Some(value()?.into()),
            "--groups" => request.groups = Some(value()?.into()),
            "--run" => request.run = Some(value()?.into()),
            "--sections" => request.sections = Some(value()?.into()),
            "--own" => request.own = true,
            "--no-synonyms" => request.synonyms = false,
            "--per-query" => request.per_query = true,
            "--floor" => request.floors[0] = Some(value()?.parse()?),
            "--floor-mrr" => request.floors[1] = Some(value()?.parse()?),
            "--floor-recall" => request.floors[2] = Some(value()?.parse()?),
            "--articles" => {
                let given = value()?;
                let (file, count) = given.split_once('=').ok_or("--articles takes FILE=N")?;
                request.articles.push((file.to_owned(), count.parse()?));
            }
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    Ok(request)
}

/// Writes all sections as JSON lines, for comparing how files were cut.
fn write_sections(path: &Path, index: &NoteIndex) -> std::result::Result<(), Failure> {
    let mut lines = String::new();
    for document in index.documents()? {
        for record in index.sections_of(&document.id)? {
            let text = index.section(&record.id)?.map(|(_, text)| text);
            let entry = serde_json::json!({"seed": name_of(&record.path), "title": record.title, "heading": record.heading, "text": text, "line": record.lines.first, "line_end": record.lines.last});
            writeln!(lines, "{entry}")?;
        }
    }
    std::io::Write::write_all(&mut std::fs::File::create(path)?, lines.as_bytes())?;
    Ok(())
}

fn name_of(path: &Path) -> String {
    let name = path.file_name();
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Compares the number of articles per file with what was expected.
fn articles_agree(request: &Request, report: &ImportReport) -> bool {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for document in &report.documents {
        let count = counts.entry(name_of(&document.path)).or_default();
        count.0 += 1;
        count.1 += document.sections;
    }
    for (name, (articles, sections)) in &counts {
        println!("{articles:5} articles {sections:6} sections  {name}");
    }
    let mut good = true;
    for (file, expected) in &request.articles {
        let found: usize = counts
            .iter()
            .filter(|(name, _)| name.starts_with(file))
            .map(|(_, (n, _))| n)
            .sum();
        if found != *expected {
            println!("{file}: {found} articles, expected {expected}");
            good = false;
        }
    }
    good
}

/// Multiset of character n-grams.
type Grams = HashMap<String, usize>;

fn grams(text: &str, n: usize) -> Grams {
    let letters: Vec<char> = normal(text).chars().collect();
    let mut grams = Grams::new();
    let count = letters.len().saturating_sub(n - 1).max(1);
    for at in 0..count {
        let end = (at + n).min(letters.len());
        let gram: String = letters.get(at..end).unwrap_or_default().iter().collect();
        *grams.entry(gram).or_insert(0) += 1;
    }
    grams
}

fn normal(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

fn size(grams: &Grams) -> f64 {
    grams.values().sum::<usize>() as f64
}

fn shared(a: &Grams, b: &Grams) -> f64 {
    a.iter()
        .map(|(gram, count)| (*count).min(b.get(gram).copied().unwrap_or(0)))
        .sum::<usize>() as f64
}

/// The judged sections, ready to be matched.
struct Corpus {
    sections: Vec<Judged>,
    texts: Vec<Grams>,
    titles: Vec<(String, Grams)>,
    groups: HashMap<String, String>,
}

impl Corpus {
    fn read(request: &Request) -> std::result::Result<Self, Failure> {
        let beside = |name: &str| request.qrels.with_file_name(name);
        let corpus = request
            .corpus
            .clone()
            .unwrap_or_else(|| beside("corpus.jsonl"));
        let groups = request
            .groups
            .clone()
            .unwrap_or_else(|| beside("dup_groups.json"));
        let sections: Vec<Judged> = std::fs::read_to_string(corpus)?
            .lines()
            .map(serde_json::from_str)
            .collect::<std::result::Result<_, _>>()?;
        let lists: Vec<Vec<String>> = serde_json::from_str(&std::fs::read_to_string(groups)?)?;
        let mut groups = HashMap::new();
        for list in &lists {
            for member in list {
                groups.insert(member.clone(), list.first().cloned().unwrap_or_default());
            }
        }
        let texts = sections
            .iter()
            .map(|s| grams(&format!("{} {}", s.heading_path.join(" "), s.text), 3))
            .collect();
        let titles = sections
            .iter()
            .map(|s| (normal(&s.article_title), grams(&s.article_title, 2)))
            .collect();
        Ok(Self {
            sections,
            texts,
            titles,
            groups,
        })
    }

    fn group<'a>(&'a self, id: &'a str) -> &'a str {
        self.groups.get(id).map_or(id, String::as_str)
    }

    /// Finds the judged section that a result shows.
    fn find(&self, result: &Result) -> Option<String> {
        let seed: String = result.seed.chars().take(3).collect();
        let of_seed: Vec<usize> = (0..self.sections.len())
            .filter(|i| self.sections[*i].seed.starts_with(&seed))
            .collect();
        let all: Vec<usize> = if of_seed.is_empty() {
            (0..self.sections.len()).collect()
        } else {
            of_seed
        };
        let title = normal(&result.title);
        let title_grams = grams(&result.title, 2);
        let by = |test: &dyn Fn(&(String, Grams)) -> bool| -> Vec<usize> {
            all.iter()
                .copied()
                .filter(|i| test(&self.titles[*i]))
                .collect()
        };
        let mut candidates = by(&|(other, _)| *other == title);
        if candidates.is_empty() {
            candidates =
                by(&|(other, _)| title.contains(other.as_str()) || other.contains(title.as_str()));
        }
        if candidates.is_empty() {
            candidates = by(&|(_, other)| {
                2.0 * shared(other, &title_grams) / (size(&title_grams) + size(other)) >= 0.8
            });
        }
        if candidates.is_empty() {
            candidates = all;
        }
        let own = grams(&format!(" {}", result.text), 3);
        let mut best: Option<(f64, f64, usize, f64)> = None;
        for i in candidates {
            let common = shared(&own, &self.texts[i]);
            let (a, b) = (size(&own), size(&self.texts[i]));
            let overlap = common / a.min(b).max(1.0);
            let union = common / (a + b - common).max(1.0);
            let score = f64::midpoint(overlap, union);
            if best.is_none_or(|(s, c, ..)| (score, common) > (s, c)) {
                best = Some((score, common, i, overlap));
            }
        }
        best.filter(|(score, _, _, overlap)| *score > 0.0 && *overlap >= 0.30)
            .map(|(_, _, i, _)| self.sections[i].id.clone())
    }

    fn score(
        &self,
        kind: &str,
        query: &str,
        run: &[Option<String>],
        qrels: &HashMap<String, u32>,
    ) -> Score {
        let mut wanted: HashMap<&str, u32> = HashMap::new();
        for (id, grade) in qrels {
            let best = wanted.entry(self.group(id)).or_insert(0);
            *best = (*best).max(*grade);
        }
        let grouped: HashSet<&str> = self.groups.values().map(String::as_str).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut grades: Vec<u32> = Vec::new();
        for id in run {
            let group = id.as_deref().map(|id| self.group(id));
            match group {
                Some(group) if seen.contains(group) => {
                    if grouped.contains(group) {
                        continue;
                    }
                    grades.push(0);
                }
                Some(group) => {
                    grades.push(wanted.get(group).copied().unwrap_or(0));
                    seen.insert(group);
                }
                None => grades.push(0),
            }
            if grades.len() >= 10 {
                break;
            }
        }
        let all: Vec<u32> = wanted.into_values().collect();
        Score::of(kind, query, &grades, &all)
    }
}

fn read_qrels(path: &Path) -> std::result::Result<HashMap<String, HashMap<String, u32>>, Failure> {
    let mut qrels: HashMap<String, HashMap<String, u32>> = HashMap::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        if let [query, _, section, grade] = columns.as_slice() {
            qrels
                .entry((*query).to_owned())
                .or_default()
                .insert((*section).to_owned(), grade.parse()?);
        }
    }
    Ok(qrels)
}
