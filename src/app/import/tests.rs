//! Imports between a library and files that are pretended.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;

use super::*;
use crate::notes::freshness::Rules;
use crate::notes::library::{Changed, Listing, Stat};
use crate::notes::services::Services;

const QUEUE: &str = "# キュー\n\n## 可視性タイムアウト\n\n受信したメッセージは、処理が終わるまで他の消費者から見えない。\n\n## 鍵\n\nAKIAABCDEFGHIJKLMNOP\n";
const OLD: &str = "# S3\n\n## 整合性\n\nS3 の上書きは結果整合性である。PUT の直後に GET すると、古い内容が返ることがある。消した直後の一覧にも、まだ残っていることがある。\n";

const RULES: &str = "
schema: 1
rules:
  - id: s3-consistency
    exam: [SAA]
    claim: 'S3 は結果整合性'
    now: '強い整合性'
    source: 'https://docs.aws.amazon.com/AmazonS3/'
    evidence: opened
    confidence: high
    match:
      - all: ['結果整合']
        example: '結果整合性'
";

/// Files that stand in memory, with the time at which each was written.
#[derive(Default)]
struct Shelf {
    files: BTreeMap<PathBuf, (Vec<u8>, i64)>,
    /// How often a file is still given that changes while it is read,
    restless: Cell<usize>,
    /// after having been read so many times.
    calm: usize,
}

/// Bytes that turn out to have changed at the end.
struct Restless(Vec<u8>, Cell<usize>);

impl Bytes for Restless {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let whole: Box<dyn Read> = Box::new(self.0.as_slice());
        let calm = self.1.get();
        self.1.set(calm.saturating_sub(1));
        Ok(if calm > 0 {
            whole
        } else {
            Box::new(whole.chain(Torn))
        })
    }
}

struct Torn;

impl Read for Torn {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other(Changed))
    }
}

impl Shelf {
    fn of(files: &[(&str, &str)]) -> Self {
        let mut shelf = Self::default();
        for (name, text) in files {
            shelf.write(name, text, 1);
        }
        shelf
    }

    fn write(&mut self, name: &str, text: &str, modified: i64) {
        let path = Path::new("/notes").join(name);
        self.files
            .insert(path, (text.as_bytes().to_vec(), modified));
    }
}

impl Files for Shelf {
    fn list(&self, path: &Path) -> Option<Listing> {
        let files: Vec<PathBuf> = self
            .files
            .keys()
            .filter(|file| file.starts_with(path))
            .cloned()
            .collect();
        (!files.is_empty()).then(|| Listing {
            files,
            skipped: Vec::new(),
        })
    }

    fn stat(&self, path: &Path) -> Option<Stat> {
        self.files.get(path).map(|(bytes, modified)| Stat {
            size: bytes.len() as u64,
            modified: *modified,
        })
    }

    fn read(&self, path: &Path) -> Result<(Box<dyn Bytes>, Stat), SkipReason> {
        let (bytes, _) = self.files.get(path).ok_or(SkipReason::Unreadable)?;
        let stat = self.stat(path).ok_or(SkipReason::Unreadable)?;
        let bytes = bytes.clone();
        let restless = self.restless.get();
        self.restless.set(restless.saturating_sub(1));
        Ok(if restless > 0 && bytes.len() > 3 {
            (Box::new(Restless(bytes, Cell::new(self.calm))), stat)
        } else {
            (Box::new(bytes), stat)
        })
    }
}

/// A library in memory.
#[derive(Default)]
struct Memory {
    entries: BTreeMap<PathBuf, Entry>,
    bytes: BTreeMap<String, Vec<u8>>,
    outlines: BTreeMap<PathBuf, (String, Vec<u8>)>,
    /// Files that were parsed since this was emptied: each leaves an outline.
    parsed: Vec<PathBuf>,
    /// Files that were put and are not durable yet.
    unkept: usize,
}

impl Library for Memory {
    fn entries(&self) -> Result<Vec<Entry>, PortError> {
        Ok(self.entries.values().cloned().collect())
    }

    fn put(&mut self, entry: &Entry, bytes: &dyn Bytes, _: Timestamp) -> Result<(), PortError> {
        let bytes = bytes.whole().map_err(|source| PortError {
            path: entry.origin.clone(),
            operation: "reading",
            source: Box::new(source),
        })?;
        self.entries.insert(entry.origin.clone(), entry.clone());
        self.bytes.insert(entry.hash.clone(), bytes);
        self.unkept += 1;
        Ok(())
    }

    fn holds(&self, entry: &Entry) -> bool {
        let bytes = self.bytes.get(&entry.hash);
        bytes.is_some_and(|bytes| bytes.len() as u64 == entry.stat.size)
    }

    fn bytes(&self, hash: &str) -> Result<Option<Box<dyn Bytes>>, PortError> {
        let bytes = self.bytes.get(hash).cloned();
        Ok(bytes.map(|bytes| Box::new(bytes) as Box<dyn Bytes>))
    }

    fn outline(&self, origin: &Path, mark: &str) -> Result<Option<Vec<u8>>, PortError> {
        let kept = self.outlines.get(origin).filter(|(kept, _)| kept == mark);
        Ok(kept.map(|(_, outline)| outline.clone()))
    }

    fn put_outline(&mut self, origin: &Path, mark: &str, outline: &[u8]) -> Result<(), PortError> {
        let kept = (mark.to_owned(), outline.to_vec());
        self.outlines.insert(origin.to_owned(), kept);
        self.parsed.push(origin.to_owned());
        Ok(())
    }

    fn set_vanished(&mut self, origin: &Path, vanished: bool) -> Result<(), PortError> {
        if let Some(entry) = self.entries.get_mut(origin) {
            entry.vanished = vanished;
        }
        Ok(())
    }

    fn forget(&mut self, origins: &[PathBuf]) -> Result<(), PortError> {
        for origin in origins {
            self.entries.remove(origin);
            self.outlines.remove(origin);
        }
        Ok(())
    }

    fn keep(&mut self) -> Result<(), PortError> {
        self.unkept = 0;
        Ok(())
    }
}

/// Imports all of a shelf; gives the report, and how often what readers know was asked for.
fn run(library: &mut Memory, files: &Shelf, stamp: &str, dry_run: bool) -> (ImportReport, usize) {
    run_until(library, files, stamp, dry_run, usize::MAX)
}

/// Imports a shelf until so many files were looked at.
fn run_until(
    library: &mut Memory,
    files: &Shelf,
    stamp: &str,
    dry_run: bool,
    most: usize,
) -> (ImportReport, usize) {
    let looked = Cell::new(0);
    let stop = || looked.replace(looked.get() + 1) >= most;
    let asked = Cell::new(0);
    let knowledge = || {
        asked.set(asked.get() + 1);
        Ok(Knowledge {
            services: Services::from_yaml("services: []").unwrap(),
            rules: Rules::parse(RULES).unwrap(),
        })
    };
    library.parsed.clear();
    let mut ports = ImportPorts {
        library,
        files,
        knowledge: &knowledge,
        stamp,
        stop: &stop,
        now: Timestamp::UNIX_EPOCH,
    };
    let request = ImportRequest {
        paths: vec!["/notes".into()],
        dry_run,
    };
    let report = import(&mut ports, &request, &mut |_, _| {}).unwrap();
    (report, asked.get())
}

fn three() -> Shelf {
    let copy = OLD.replace("S3 の", "Ｓ３の");
    Shelf::of(&[
        ("a.md", QUEUE),
        ("b.md", OLD),
        ("c.md", &copy),
        ("d.md", " "),
    ])
}

#[test]
fn an_unchanged_file_is_not_parsed_again_and_told_of_as_before() {
    let (mut library, files) = (Memory::default(), three());
    let (first, _) = run(&mut library, &files, "s", false);
    assert_eq!(library.parsed.len(), 3);
    assert_eq!(
        (first.files, first.unchanged, first.secrets_masked),
        (3, 0, 1)
    );
    assert_eq!((first.stale, first.duplicates.len()), (2, 1));
    assert_eq!(first.skipped.len(), 1);
    let (again, asked) = run(&mut library, &files, "s", false);
    assert_eq!((asked, library.parsed.len()), (0, 0));
    assert_eq!(
        again,
        ImportReport {
            unchanged: 3,
            ..first.clone()
        }
    );
    let (dry, asked) = run(&mut library, &files, "s", true);
    assert_eq!(asked, 0);
    assert_eq!(
        dry,
        ImportReport {
            dry_run: true,
            ..again
        }
    );
}

#[test]
fn a_changed_file_is_parsed_alone() {
    let (mut library, mut files) = (Memory::default(), three());
    run(&mut library, &files, "s", false);
    // Of the same size and time: the content decides.
    files.write("a.md", &QUEUE.replace("キュー", "鍵の束"), 1);
    let (report, _) = run(&mut library, &files, "s", false);
    assert_eq!(library.parsed, [PathBuf::from("/notes/a.md")]);
    assert_eq!(report.documents[0].title, "鍵の束");
    assert_eq!((report.files, report.unchanged), (3, 2));
    // Written again with what it held: nothing to parse, and the new time is remembered.
    files.write("b.md", OLD, 2);
    let (report, asked) = run(&mut library, &files, "s", false);
    assert_eq!((asked, report.unchanged), (0, 2));
    assert_eq!(library.entries[Path::new("/notes/b.md")].stat.modified, 2);
    let (report, _) = run(&mut library, &files, "s", false);
    assert_eq!(report.unchanged, 3);
}

#[test]
fn what_readers_know_decides_whether_a_file_is_looked_at_anew() {
    let (mut library, files) = (Memory::default(), three());
    let (first, _) = run(&mut library, &files, "rules of May", false);
    let (again, asked) = run(&mut library, &files, "rules of June", false);
    assert_eq!((asked, library.parsed.len(), again.unchanged), (1, 3, 3));
    assert_eq!(again.documents, first.documents);
    // What another version wrote down has another mark; what is damaged is no outline.
    for (mark, outline) in library.outlines.values_mut() {
        assert_ne!(*mark, Outline::mark("hash", "rules of June"));
        outline.truncate(outline.len() - 2);
    }
    let (again, _) = run(&mut library, &files, "rules of June", false);
    assert_eq!(
        (library.parsed.len(), again.documents),
        (3, first.documents)
    );
}

#[test]
fn a_dry_run_keeps_nothing() {
    let (mut library, files) = (Memory::default(), three());
    let (dry, _) = run(&mut library, &files, "s", true);
    assert_eq!((dry.files, library.entries.len()), (3, 0));
    assert!(library.outlines.is_empty());
}

#[test]
fn a_stopped_import_keeps_what_was_taken_and_the_next_goes_on() {
    let (mut library, files) = (Memory::default(), three());
    let (report, _) = run_until(&mut library, &files, "s", false, 2);
    assert_eq!((report.files, report.found, report.left), (2, 4, 2));
    assert_eq!((library.entries.len(), library.unkept), (2, 0));
    let (rest, _) = run(&mut library, &files, "s", false);
    assert_eq!((rest.files, rest.unchanged, rest.left), (3, 2, 0));
    assert_eq!(library.parsed, [PathBuf::from("/notes/c.md")]);
    let (whole, _) = run(&mut Memory::default(), &files, "s", false);
    assert_eq!(rest.duplicates, whole.duplicates);
    assert_eq!(rest.documents, whole.documents);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_again_once() {
    // It is read to be hashed, to see its encoding, to see that it is a text, to be parsed, and to be copied.
    for calm in 0..5 {
        let mut files = Shelf::of(&[("a.md", QUEUE)]);
        files.calm = calm;
        files.restless.set(1);
        let mut library = Memory::default();
        let (report, _) = run(&mut library, &files, "s", false);
        assert_eq!(
            (report.files, report.articles, report.skipped),
            (1, 1, vec![])
        );
        files.restless.set(2);
        let mut library = Memory::default();
        let (report, _) = run(&mut library, &files, "s", false);
        assert_eq!((report.files, report.articles), (0, 0), "{calm}");
        let reasons: Vec<SkipReason> = report.skipped.iter().map(|s| s.reason).collect();
        assert_eq!(reasons, [SkipReason::Changing]);
        assert!(library.entries.is_empty() && library.outlines.is_empty());
    }
}
