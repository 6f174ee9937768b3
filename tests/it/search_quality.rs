//! Search quality on dumps and notes of our own, with judged queries and floors.
//!
//! The documents are written for this test in the shapes people keep: a digest with share lines, a study log without
//! markup, Markdown with tables, nested lists and diagrams. A query is judged by the headings a reader would want.

use std::path::Path;

use kumojuku::notes::Document;
use kumojuku::search::{FileKey, NoteIndex, Options, Query};

use crate::judged::{self, Score, fixtures, mean};

fn documents() -> Vec<(String, Vec<Document>)> {
    judged::documents(&fixtures(), 1)
}

fn index(folder: &Path) -> NoteIndex {
    let (index, _) = NoteIndex::open(&folder.join("index")).unwrap();
    let mut update = index.begin().unwrap().unwrap();
    for (name, documents) in documents() {
        update.add(FileKey::of(&name), 1, &documents).unwrap();
    }
    update.commit().unwrap();
    index
}

#[test]
fn our_own_queries_find_what_a_reader_wants() {
    let folder = tempfile::tempdir().unwrap();
    let own = judged::index(&folder.path().join("own")).unwrap();
    let other = judged::other_index(&folder.path().join("other")).unwrap();
    let synonyms = judged::synonyms();
    let scores = |set: &str, map| -> Vec<Score> {
        let queries = std::fs::read_to_string(fixtures().join(set)).unwrap();
        let index = if set.starts_with("other") {
            &other
        } else {
            &own
        };
        judged::measure(index, &queries, map, |_, _| {})
    };
    for (set, floor, bare_floor, kinds) in [
        (
            "queries.tsv",
            0.94,
            0.87,
            [0.95, 0.90, 0.95, 0.82, 0.95, 0.95],
        ),
        (
            "fresh/queries.tsv",
            0.84,
            0.74,
            [0.85, 0.68, 0.95, 0.68, 0.95, 0.95],
        ),
        (
            "other/queries.tsv",
            0.77,
            0.70,
            [0.87, 0.47, 0.63, 0.83, 0.83, 0.92],
        ),
    ] {
        let with = scores(set, Some(&synonyms));
        let bare = scores(set, None);
        assert!(with.len() >= 40);
        let all = mean(&with, "all", |s| s.mrr);
        let ndcg = mean(&with, "all", |s| s.ndcg);
        assert!(all >= floor && ndcg >= floor, "{set}: {all:.3} {ndcg:.3}");
        for (kind, floor) in ["kw", "nl", "en", "var", "typo", "code"]
            .into_iter()
            .zip(kinds)
        {
            let mrr = mean(&with, kind, |s| s.mrr);
            assert!(mrr >= floor, "{set} {kind}: {mrr:.3} < {floor}");
        }
        let bare = mean(&bare, "all", |s| s.mrr);
        assert!(
            (bare_floor..=all).contains(&bare),
            "{set} without synonyms: {bare:.3}"
        );
    }
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
    std::fs::write(folder.path().join("index/meta.json"), b"{").unwrap();
    let (index, opened) = NoteIndex::open(&folder.path().join("index")).unwrap();
    assert_eq!(opened, kumojuku::search::Opened::Emptied);
    assert!(index.files().unwrap().is_empty());
}

#[test]
fn what_stands_beside_the_notes_does_not_make_their_words_rarer() {
    let folder = tempfile::tempdir().unwrap();
    let alone = index(&folder.path().join("alone"));
    let beside = index(&folder.path().join("beside"));
    let mut update = beside.begin().unwrap().unwrap();
    for (name, mut documents) in judged::documents(&fixtures().join("other"), usize::MAX) {
        for document in &mut documents {
            document.scope = kumojuku::notes::Scope::Bundled;
        }
        let key = FileKey::of(&format!("bundled/{name}"));
        update.add(key, 1, &documents).unwrap();
    }
    update.commit().unwrap();
    let queries = std::fs::read_to_string(fixtures().join("queries.tsv")).unwrap();
    for query in queries.lines().filter_map(|line| line.split('\t').nth(1)) {
        let query = Query::parse(&format!("{query} in:mine")).unwrap();
        let hits = |index: &NoteIndex| -> Vec<_> {
            let options = Options { limit: 3 };
            let found = index.search(&query, &[], None, options).unwrap();
            found.hits.into_iter().map(|hit| hit.section.id).collect()
        };
        assert_eq!(hits(&beside), hits(&alone), "{query:?}");
    }
}

#[test]
fn names_are_found_as_people_type_them() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let first = |query: &str| {
        let query = Query::parse(query).unwrap();
        let found = index.search(&query, &[], None, Options { limit: 1 });
        let hit = found.unwrap().hits.into_iter().next();
        hit.map_or_else(String::new, |hit| hit.text)
    };
    assert!(first("cloud front").contains("CloudFront"));
    // Any other gateway is none for NAT.
    assert!(first("NATゲートウェイ").contains("NAT"));
    assert_eq!(first("カード"), "", "かどうか is no card");
}

/// Cuts pieces of so many letters out of a text's lines, each at a stride.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let letters: Vec<char> = line.chars().collect();
        let (length, start) = (4 + at % 9, at * 3 % 7);
        for piece in letters.get(start..).unwrap_or_default().chunks(length + 5) {
            let piece: String = piece.iter().take(length).collect();
            pieces.push(piece.trim().to_owned());
        }
    }
    pieces
}

#[test]
fn a_phrase_finds_the_passages_that_hold_it_and_no_other() {
    use kumojuku::search::analysis::Comparable;
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let found = |query: &str| {
        let query = Query::parse(query).unwrap();
        let options = Options { limit: 500 };
        index.search(&query, &[], None, options).unwrap().hits
    };
    let holds = |text: &str, phrase: &[char]| !Comparable::of(text).find(phrase).is_empty();
    let mut asked = 0;
    for (_, documents) in documents() {
        for section in documents.iter().flat_map(|document| &document.sections) {
            for piece in pieces(&section.text) {
                let phrase = Comparable::of(&piece).chars;
                let quotes = piece.contains(['「', '」', '『', '』', '"', '“', '”']);
                let letters = piece.chars().filter(|c| c.is_alphanumeric()).count();
                if quotes || letters < 3 || !holds(&section.text, &phrase) {
                    continue;
                }
                asked += 1;
                let hits = found(&format!("「{piece}」"));
                let all = |hit: &kumojuku::search::Hit| {
                    let heading = hit.section.heading.join("\n");
                    format!("{}\n{heading}\n{}", hit.section.title, hit.text)
                };
                assert!(hits.iter().all(|hit| holds(&all(hit), &phrase)), "{piece}");
                let own = |hit: &kumojuku::search::Hit| {
                    hit.section.id == section.id || hit.duplicates.contains(&section.id)
                };
                assert!(hits.iter().any(own), "{piece} is not found");
            }
        }
    }
    assert!(asked > 100, "{asked}");
    let rest = found("バケット -「S3 バケット」");
    assert!(!rest.is_empty());
    assert!(
        rest.iter()
            .all(|hit| !holds(&hit.text, &Comparable::of("S3 バケット").chars))
    );
}
