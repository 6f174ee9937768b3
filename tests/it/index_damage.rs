//! The index is a cache: whatever happens to its files, the next search finds what it found before.

use std::path::{Path, PathBuf};

use kumojuku::search::{FileKey, NoteIndex, Opened, Options, Query};

use crate::env::TestEnv;
use crate::judged::{documents, fixtures};

fn fill(index: &NoteIndex) {
    let mut update = index.begin().unwrap().unwrap();
    for (name, documents) in documents(&fixtures(), 1) {
        update.add(FileKey::of(&name), 1, &documents).unwrap();
    }
    update.commit().unwrap();
}

fn ask(index: &NoteIndex) -> Vec<String> {
    let query = Query::parse("可視性タイムアウト キュー").unwrap();
    let found = index
        .search(&query, &[], None, Options { limit: 5 })
        .unwrap();
    found
        .hits
        .into_iter()
        .map(|hit| hit.section.id.to_string())
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn overwrite(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

/// A way in which a file comes to harm: its name, and what does it to the path of a file that held the bytes.
type Damage = (&'static str, fn(&Path, &[u8]));

fn damages() -> Vec<Damage> {
    vec![
        ("gone", |path, _| std::fs::remove_file(path).unwrap()),
        ("empty", |path, _| overwrite(path, b"")),
        ("shorter than its own footer", |path, _| {
            overwrite(path, b"garbage");
        }),
        ("cut in half", |path, bytes| {
            overwrite(path, &bytes[..bytes.len() / 2]);
        }),
        ("garbage", |path, bytes| {
            let noise = (0_u8..=255).cycle().take(bytes.len());
            overwrite(
                path,
                &noise.map(|n| n.wrapping_mul(151)).collect::<Vec<u8>>(),
            );
        }),
        ("one bit", |path, bytes| {
            let mut bytes = bytes.to_vec();
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte ^= 4;
            }
            overwrite(path, &bytes);
        }),
    ]
}

#[test]
fn damage_to_any_file_is_healed_without_a_word() {
    let home = tempfile::tempdir().unwrap();
    let whole = home.path().join("index");
    let (index, _) = NoteIndex::open(&whole).unwrap();
    fill(&index);
    let expected = ask(&index);
    drop(index);
    assert!(expected.len() >= 2);
    let names = files(&whole);
    assert!(names.len() >= 8, "{names:?}");
    for file in &names {
        for (how, damage) in damages() {
            let place = tempfile::tempdir().unwrap();
            let copy = place.path().join("index");
            std::fs::create_dir(&copy).unwrap();
            for file in &names {
                std::fs::copy(file, copy.join(file.file_name().unwrap())).unwrap();
            }
            // A copy has other times than the original: only the checksums can tell that it is sound.
            assert_eq!(NoteIndex::open(&copy).unwrap().1, Opened::Ready);
            let victim = copy.join(file.file_name().unwrap());
            if victim.exists() {
                damage(&victim, &std::fs::read(file).unwrap());
            }
            let (index, opened) = NoteIndex::open(&copy).unwrap();
            if opened != Opened::Ready {
                fill(&index);
            }
            assert_eq!(ask(&index), expected, "{}: {how}", file.display());
        }
    }
}

#[test]
fn many_at_once_on_an_empty_home_make_one_index() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("index");
    std::thread::scope(|scope| {
        let work = |number: usize| {
            let path = &path;
            move || {
                for round in 0..3 {
                    let (index, opened) = NoteIndex::open(path).unwrap();
                    assert_ne!(opened, Opened::Emptied, "{number}/{round}");
                    if let Some(update) = index.begin().unwrap() {
                        drop(update);
                    }
                    index.refresh().unwrap();
                    index.files().unwrap();
                }
            }
        };
        for number in 0..4 {
            scope.spawn(work(number));
        }
    });
    let (index, opened) = NoteIndex::open(&path).unwrap();
    assert_eq!(opened, Opened::Ready);
    fill(&index);
    assert!(!ask(&index).is_empty());
}

#[test]
fn the_program_searches_on_with_a_damaged_index() {
    let env = TestEnv::new();
    let note = env.write("notes/a.md", "# 鍵\n\n## 回転\n\n鍵を毎年取り替える。\n");
    env.juku(&["import", note.to_str().unwrap()]).expect(0);
    let search = || {
        let run = env
            .juku(&["--json", "search", "鍵を取り替える", "--in", "mine"])
            .expect(0);
        assert!(run.err.is_empty(), "{}", run.err);
        run.json()["hits"][0]["id"].clone()
    };
    let before = search();
    let folder = env.home().join("juku/cache/index");
    for file in files(&folder) {
        if file.extension().is_some_and(|e| e == "store") {
            overwrite(&file, b"garbage");
        }
    }
    assert_eq!(search(), before);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, b"a file where the folder should be").unwrap();
    assert_eq!(search(), before);
}
