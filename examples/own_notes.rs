//! Shows what a miss brings out of a learner's notes, to be judged by reading.
//!
//! ```text
//! cargo run --example own_notes -- DOCUMENTS [COUNT] [SEED]
//! ```
//!
//! Takes COUNT choice questions of the bundled bank by chance (100, seed 1), looks for each in DOCUMENTS as a session
//! does after a wrong answer, and prints question, right answer and the first passage, then the counts.

#![expect(clippy::print_stdout, reason = "a report is what this program is for")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use kumojuku::app::own_notes::{IndexFinder, NoteFinder as _, NoteQuery, cut_section};
use kumojuku::notes::services::Services;
use kumojuku::notes::{Kind, NoteFile, Scope, decode, parse};
use kumojuku::search::synonyms::Synonyms;
use kumojuku::search::{FileKey, NoteIndex};
use rand::SeedableRng as _;
use rand::seq::IndexedRandom as _;
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let documents = arguments.next().ok_or("DOCUMENTS is missing")?;
    let count: usize = arguments.next().map_or(Ok(100), |given| given.parse())?;
    let seed: u64 = arguments.next().map_or(Ok(1), |given| given.parse())?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let content = |name: &str| std::fs::read_to_string(root.join("content").join(name));
    let services = Services::from_yaml(&content("services.yaml")?)?;
    let synonyms = Synonyms::from_yaml(&content("synonyms.yaml")?)?
        .with(Synonyms::from_yaml(&content("everyday.yaml")?)?);
    let folder = tempfile::tempdir()?;
    let (index, _) = NoteIndex::open(folder.path())?;
    fill(&index, &services, Path::new(&documents), root)?;
    let finder = IndexFinder {
        index: &index,
        synonyms: &synonyms,
        services: &services,
    };
    let questions = questions(root)?;
    let notes = bundled_notes(root);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let (mut asked, mut shown) = (0, 0);
    for question in questions.sample(&mut random, count) {
        asked += 1;
        let right = right(question, "text");
        let taught = question["notes"][0].as_str().and_then(|name| {
            let (note, _) = name.split_once('#')?;
            cut_section(name, &std::fs::read_to_string(notes.get(note)?).ok()?)
        });
        let slugs = question["services"].as_array();
        let slugs: Vec<String> = slugs
            .into_iter()
            .flatten()
            .filter_map(|slug| slug.as_str().map(str::to_owned))
            .collect();
        let passages = finder.passages(&NoteQuery {
            services: &slugs,
            stem: question["stem"].as_str().unwrap_or_default(),
            correct: &right,
            why: &self::right(question, "why").join(" "),
            taught_heading: taught.as_ref().map_or("", |one| one.title.as_str()),
            taught: taught.as_ref().map_or("", |one| one.text.as_str()),
            limit: 2,
        });
        let Some(passage) = passages.unwrap_or_default().into_iter().next() else {
            continue;
        };
        shown += 1;
        println!(
            "--- {shown} {}\nQ {}\nA {}\nP {} › {} ({}:{})\n  {}",
            question["id"].as_str().unwrap_or_default(),
            question["stem"].as_str().unwrap_or_default(),
            right.join(" / "),
            passage.title,
            passage.heading.join(" › "),
            passage.path,
            passage.line,
            passage.snippet
        );
    }
    println!("{asked} misses, a passage shown for {shown}");
    Ok(())
}

/// Indexes the documents as the learner's own, and the bundled notes beside them.
fn fill(index: &NoteIndex, services: &Services, mine: &Path, root: &Path) -> Result<(), Failure> {
    let mut update = index.begin()?.ok_or("the index is busy")?;
    let mine = walkdir::WalkDir::new(mine)
        .into_iter()
        .map(|file| (Scope::Mine, file));
    let bundled = walkdir::WalkDir::new(root.join("content"))
        .into_iter()
        .map(|file| (Scope::Bundled, file));
    for (scope, file) in mine.chain(bundled) {
        let path = file?.into_path();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if !matches!(&*extension, "md" | "txt") {
            continue;
        }
        let text = decode::decode(&std::fs::read(&path)?)?.text;
        let identity = path.display().to_string();
        let file = NoteFile {
            kind: Kind::of(&extension, &text),
            identity: identity.clone(),
            scope,
            text,
            named: scope == Scope::Bundled,
            path: path.clone(),
        };
        update.add(FileKey::of(&identity), 1, &parse(&file, services))?;
    }
    Ok(update.commit()?)
}

/// Finds the file of each bundled note, by the note's name.
fn bundled_notes(root: &Path) -> HashMap<String, PathBuf> {
    let files = walkdir::WalkDir::new(root.join("content"));
    let paths = files
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path);
    let named = paths.filter_map(|path| {
        let name = path.file_stem()?.to_str()?.to_owned();
        path.is_file().then_some((name, path))
    });
    named.collect()
}

fn questions(root: &Path) -> Result<Vec<Value>, Failure> {
    let mut questions = Vec::new();
    let files = walkdir::WalkDir::new(root.join("quizzes")).sort_by_file_name();
    for file in files {
        let file = file?;
        if !file.file_type().is_file() {
            continue;
        }
        let bank: Value = serde_yaml::from_str(&std::fs::read_to_string(file.path())?)?;
        let items = bank["questions"].as_array().cloned().unwrap_or_default();
        questions.extend(items.into_iter().filter(|item| item["options"].is_array()));
    }
    Ok(questions)
}

/// Gives a field of the right options.
fn right(question: &Value, field: &str) -> Vec<String> {
    let options = question["options"].as_array();
    let right = options
        .into_iter()
        .flatten()
        .filter(|option| option["correct"] == true);
    let texts = right.map(|option| option[field].as_str().unwrap_or_default());
    texts.map(str::to_owned).collect()
}
