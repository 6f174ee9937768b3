//! Search quality on dumps and notes of our own, with judged queries and floors.
//!
//! The documents are written for this test in the shapes people keep: a digest with share lines, a study log without
//! markup, Markdown with tables, nested lists and diagrams. A query is judged by the headings a reader would want.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kumojuku::notes::services::Services;
use kumojuku::notes::{Document, Kind, NoteFile, Scope, decode, parse};
use kumojuku::search::synonyms::Synonyms;
use kumojuku::search::{FileKey, NoteIndex, Options, Query};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn documents() -> Vec<(String, Vec<Document>)> {
    let services = Services::from_yaml(&read(&root().join("content/services.yaml"))).unwrap();
    ["digest.txt", "log.txt", "network.md", "serverless.md"]
        .into_iter()
        .map(|name| {
            let path = root().join("tests/fixtures/search").join(name);
            let text = decode::decode(&std::fs::read(&path).unwrap()).unwrap().text;
            let extension = path.extension().unwrap().to_string_lossy().into_owned();
            let file = NoteFile {
                identity: name.to_owned(),
                scope: Scope::Mine,
                kind: Kind::of(&extension, &text),
                text,
                named: false,
                path,
            };
            (name.to_owned(), parse(&file, &services))
        })
        .collect()
}

fn index(folder: &Path) -> NoteIndex {
    let (index, _) = NoteIndex::open(folder).unwrap();
    let mut update = index.begin().unwrap().unwrap();
    for (name, documents) in documents() {
        update.add(FileKey::of(&name), 1, &documents).unwrap();
    }
    update.commit().unwrap();
    index
}

/// Mean reciprocal rank of the first wanted passage, by kind of query and over all.
fn measure(index: &NoteIndex, synonyms: Option<&Synonyms>) -> BTreeMap<String, (f64, usize)> {
    let mut sums: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    let queries = read(&root().join("tests/fixtures/search/queries.tsv"));
    for line in queries.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [kind, text, wanted] = columns.as_slice() else {
            panic!("a line of the queries has another shape: {line}");
        };
        let query = Query::parse(text).unwrap();
        let found = index
            .search(&query, &[], synonyms, Options { limit: 10 })
            .unwrap();
        let rank = found.hits.iter().position(|hit| {
            let heading = hit.section.heading.last().map_or("", String::as_str);
            wanted.split('|').any(|wanted| wanted == heading)
        });
        let score = rank.map_or(0.0, |rank| {
            1.0 / f64::from(u32::try_from(rank).unwrap() + 1)
        });
        for key in [*kind, "all"] {
            let sum = sums.entry(key.to_owned()).or_default();
            sum.0 += score;
            sum.1 += 1;
        }
    }
    sums
}

#[test]
fn our_own_queries_find_what_a_reader_wants() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let synonyms = Synonyms::from_yaml(&read(&root().join("content/synonyms.yaml"))).unwrap();
    let sums = measure(&index, Some(&synonyms));
    let mean = |kind: &str| sums[kind].0 / f64::from(u32::try_from(sums[kind].1).unwrap());
    assert!(sums["all"].1 >= 40);
    for (kind, floor) in [
        ("all", 0.90),
        ("kw", 0.90),
        ("nl", 0.75),
        ("en", 0.85),
        ("var", 0.85),
        ("typo", 0.85),
        ("code", 0.90),
    ] {
        assert!(mean(kind) >= floor, "{kind}: {:.3} < {floor}", mean(kind));
    }
    let without = measure(&index, None);
    let bare = without["all"].0 / f64::from(u32::try_from(without["all"].1).unwrap());
    assert!(
        (0.6..=mean("all")).contains(&bare),
        "without synonyms: {bare:.3}"
    );
}

#[test]
fn the_digest_is_cut_as_a_reader_would() {
    let all = documents();
    let (_, digest) = &all[0];
    assert_eq!(digest.len(), 5);
    let headings: Vec<String> = digest[0]
        .sections
        .iter()
        .filter_map(|s| s.heading.last().cloned())
        .collect();
    assert_eq!(
        headings,
        ["やりたいこと", "仕組み", "関数の中身", "つまずいたところ"]
    );
    let (_, log) = &all[1];
    assert_eq!(log.len(), 1);
    assert!(log[0].sections.len() >= 12);
}

#[test]
fn filters_phrases_and_exclusions_hold() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let search = |text: &str| {
        let query = Query::parse(text).unwrap();
        index
            .search(&query, &[], None, Options { limit: 20 })
            .unwrap()
            .hits
    };
    assert!(
        search("「可視性タイムアウト」")
            .iter()
            .all(|hit| hit.text.contains("可視性タイムアウト"))
    );
    assert!(
        !search("キュー -FIFO")
            .iter()
            .any(|hit| hit.text.contains("FIFO"))
    );
    let dated = search("サブネット before:2024-01-01");
    assert!(
        !dated
            .iter()
            .any(|hit| hit.section.path.ends_with("network.md"))
    );
    assert!(
        search("in:network NAT")
            .iter()
            .all(|hit| hit.section.path.ends_with("network.md"))
    );
    assert!(search("in:bundled NAT").is_empty());
    // One character is a query, too.
    assert!(!search("鍵").is_empty());
}

#[test]
fn the_same_hits_come_in_the_same_order() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (index(a.path()), index(b.path()));
    let ids = |index: &NoteIndex, text: &str| {
        let query = Query::parse(text).unwrap();
        let found = index
            .search(&query, &[], None, Options { limit: 20 })
            .unwrap();
        found
            .hits
            .into_iter()
            .map(|hit| hit.section.id)
            .collect::<Vec<_>>()
    };
    for text in ["Lambda", "キュー", "料金"] {
        assert_eq!(ids(&first, text), ids(&second, text));
    }
}

#[test]
fn an_update_replaces_what_changed_and_a_crash_leaves_the_last_commit() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let before = index.files().unwrap();
    // Begun and dropped: as after a crash.
    let mut update = index.begin().unwrap().unwrap();
    update.remove(FileKey::of("digest.txt"));
    drop(update);
    index.refresh().unwrap();
    assert_eq!(index.files().unwrap(), before);
    let mut update = index.begin().unwrap().unwrap();
    assert!(index.begin().unwrap().is_none(), "one writer at a time");
    update.remove(FileKey::of("digest.txt"));
    update.commit().unwrap();
    assert_eq!(index.files().unwrap().len(), before.len() - 1);
    assert_eq!(index.documents().unwrap().len(), 3);
}

#[test]
fn a_damaged_index_is_emptied_and_another_version_too() {
    let folder = tempfile::tempdir().unwrap();
    drop(index(folder.path()));
    std::fs::write(folder.path().join("meta.json"), b"{").unwrap();
    let (index, opened) = NoteIndex::open(folder.path()).unwrap();
    assert_eq!(opened, kumojuku::search::Opened::Emptied);
    assert!(index.files().unwrap().is_empty());
}
