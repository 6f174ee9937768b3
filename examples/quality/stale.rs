//! Recall of outdated claims that somebody listed, and random flags to be judged by reading.
//!
//! ```text
//! cargo run --release --example quality -- --stale FILE --documents DIR [--sample N] [--seed N] [--floor-stale 0.95]
//! ```
//!
//! `FILE` is YAML: `claims`, each with `id`, `seed` (how the document's file name begins), `lines` (`12` or `12-15`)
//! and `claim`. A claim counts as found when a flag overlaps its lines in the same document.

use std::path::{Path, PathBuf};
use std::time::Instant;

use kumojuku::notes::freshness::Rules;
use kumojuku::notes::services::Services;
use kumojuku::notes::{Kind, NoteFile, Scope, Stale, decode, mark_stale, parse};
use rand::SeedableRng as _;
use rand::seq::IndexedRandom as _;
use serde::Deserialize;

use crate::Failure;

#[derive(Deserialize)]
struct Listed {
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    id: String,
    seed: String,
    lines: serde_yaml::Value,
    #[serde(rename = "claim")]
    says: String,
}

impl Claim {
    /// Gives the first and the last line.
    fn range(&self) -> Option<(usize, usize)> {
        let text = match &self.lines {
            serde_yaml::Value::Number(line) => line.to_string(),
            other => other.as_str()?.to_owned(),
        };
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
    }
}

/// A document with what was found in it.
struct Judged {
    name: String,
    lines: Vec<String>,
    stale: Vec<Stale>,
}

/// Measures when `--stale` is among the arguments; says whether the floor holds.
///
/// # Errors
/// When an argument or a file is wrong.
pub(crate) fn asked() -> Result<Option<bool>, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|given| given == name)?;
        arguments.get(at + 1).cloned()
    };
    let Some(list) = value("--stale") else {
        return Ok(None);
    };
    let documents = value("--documents").ok_or("--documents is missing")?;
    let sample = value("--sample").map_or(Ok(0), |n| n.parse::<usize>())?;
    let seed = value("--seed").map_or(Ok(1), |n| n.parse::<u64>())?;
    let floor = value("--floor-stale").map_or(Ok(0.0), |n| n.parse::<f64>())?;
    let listed: Listed = serde_yaml::from_str(&std::fs::read_to_string(list)?)?;
    let judged = judge(Path::new(&documents))?;
    let recall = recall(&listed.claims, &judged);
    show_sample(&judged, sample, seed);
    Ok(Some(recall >= floor))
}

fn judge(folder: &Path) -> Result<Vec<Judged>, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let rules = Rules::parse(&std::fs::read_to_string(root.join("freshness.yaml"))?)?;
    let services = Services::from_yaml(&std::fs::read_to_string(root.join("services.yaml"))?)?;
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let mut judged = Vec::new();
    for path in paths {
        let Ok(decoded) = decode::decode(&std::fs::read(&path)?) else {
            continue;
        };
        let extension = path.extension().map(|e| e.to_string_lossy().into_owned());
        let lines = decoded.text.lines().map(str::to_owned).collect();
        let file = NoteFile {
            identity: path.display().to_string(),
            scope: Scope::Mine,
            kind: Kind::of(&extension.unwrap_or_default(), &decoded.text),
            text: decoded.text,
            named: false,
            path: path.clone(),
        };
        let mut articles = parse(&file, &services);
        #[expect(
            clippy::disallowed_methods,
            reason = "a measurement needs the real clock"
        )]
        let start = Instant::now();
        let stale: Vec<Stale> = articles
            .iter_mut()
            .flat_map(|article| {
                mark_stale(article, &rules);
                article
                    .sections
                    .iter()
                    .flat_map(|section| section.stale.clone())
            })
            .collect();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        println!(
            "{name}: {} flags, {:.2} MB/s",
            stale.len(),
            file.text.len() as f64 / start.elapsed().as_secs_f64() / 1e6
        );
        judged.push(Judged { name, lines, stale });
    }
    Ok(judged)
}

fn recall(claims: &[Claim], judged: &[Judged]) -> f64 {
    let found = |claim: &Claim| {
        let Some((first, last)) = claim.range() else {
            return false;
        };
        judged
            .iter()
            .filter(|document| document.name.starts_with(&claim.seed))
            .flat_map(|document| &document.stale)
            .any(|stale| stale.lines.first <= last && stale.lines.last >= first)
    };
    let missed: Vec<&Claim> = claims.iter().filter(|claim| !found(claim)).collect();
    for claim in &missed {
        println!("missed {}: {}", claim.id, claim.says);
    }
    let there = claims.len() - missed.len();
    let recall = there as f64 / claims.len().max(1) as f64;
    println!(
        "outdated claims found: {there} of {} ({recall:.3})",
        claims.len()
    );
    recall
}

/// Prints random flags with their text; whether they are right is for a reader to say.
fn show_sample(judged: &[Judged], count: usize, seed: u64) {
    let all: Vec<(&Judged, &Stale)> = judged
        .iter()
        .flat_map(|document| document.stale.iter().map(move |stale| (document, stale)))
        .collect();
    let mut chance = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    for (document, stale) in all.sample(&mut chance, count) {
        let text = document.lines.get(stale.lines.first - 1);
        let text: String = text
            .map(|line| {
                line.chars()
                    .skip(stale.column.saturating_sub(20))
                    .take(120)
                    .collect()
            })
            .unwrap_or_default();
        println!(
            "{}:{}-{} {} | {} | {}",
            document.name,
            stale.lines.first,
            stale.lines.last,
            stale.rule,
            text.trim(),
            stale.now
        );
    }
}
