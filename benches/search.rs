//! Measures import, index and search on made-up notes, beside SQLite's trigram index and a scan of all files.
//!
//! ```text
//! cargo bench --bench search -- [--megabytes 50] [--files 10000] [--queries 400]
//! ```
//!
//! Prints one table: seconds per megabyte of reading, cutting and indexing on one thread (freshness apart), size of the
//! index over size of the text, times of queries in a warm process, the time until one changed note among all is
//! findable, and the ratios to the peers. Figures and what they were taken on: docs/BENCHMARKS.md.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measuring program: it prints, reads the clock, and stops where something fails"
)]

#[path = "search/corpus.rs"]
mod corpus;

use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use kumojuku::adapter::files::walk::Disk;
use kumojuku::adapter::store::library::DiskLibrary;
use kumojuku::app::import::{ImportPorts, ImportRequest, import};
use kumojuku::app::index::{IndexPorts, Knowledge, update};
use kumojuku::notes::freshness::Rules;
use kumojuku::notes::services::Services;
use kumojuku::search::synonyms::Synonyms;
use kumojuku::search::{NoteIndex, Options, Query};

const NO_RULES: &str = "schema: 1\nrules: []\n";

struct Request {
    megabytes: usize,
    files: usize,
    queries: usize,
    peers: bool,
    /// Where everything stays, for looking at it afterwards.
    home: Option<PathBuf>,
}

fn main() {
    let mut request = Request {
        megabytes: 50,
        files: 10_000,
        queries: 400,
        peers: true,
        home: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|a| a.parse().ok()).unwrap_or(1);
        match argument.as_str() {
            "--megabytes" => request.megabytes = number(),
            "--files" => request.files = number(),
            "--queries" => request.queries = number(),
            "--no-peers" => request.peers = false,
            "--home" => request.home = arguments.next().map(PathBuf::from),
            _ => {}
        }
    }
    if let Some(home) = &request.home {
        return run(&request, home);
    }
    let home = tempfile::tempdir().unwrap();
    run(&request, home.path());
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn knowledge() -> Knowledge {
    let services = std::fs::read_to_string(root().join("content/services.yaml")).unwrap();
    Knowledge {
        services: Services::from_yaml(&services).unwrap(),
        rules: Rules::parse(NO_RULES).unwrap(),
    }
}

fn run(request: &Request, home: &Path) {
    let mut generator = corpus::Generator::new(&root().join("content"), 1);
    let folder = home.join("notes");
    let text = write(&mut generator, &folder, request);
    let megabytes = text as f64 / 1e6;
    println!("{megabytes:.1} MB of notes in {} files", request.files);

    let start = Instant::now();
    let mut library = DiskLibrary::open(&home.join("library.db"), &home.join("library")).unwrap();
    let mut ports = ImportPorts {
        library: &mut library,
        files: &Disk,
        knowledge: &|| Ok(knowledge()),
        stamp: "",
        stop: &|| false,
        now: Timestamp::UNIX_EPOCH,
    };
    let wanted = ImportRequest {
        paths: vec![folder.clone()],
        dry_run: false,
    };
    let report = import(&mut ports, &wanted, &mut |_, _| {}).unwrap();
    println!(
        "import          {:8.3} s  ({} sections)",
        start.elapsed().as_secs_f64(),
        report.sections
    );
    drop(library);

    let (start, busy) = (Instant::now(), processor_seconds());
    let indexed = bring_up_to_date(home);
    let (seconds, busy) = (start.elapsed().as_secs_f64(), processor_seconds() - busy);
    println!(
        "index           {seconds:8.3} s  {:.3} s/MB, {:.3} of one processor, {indexed} files",
        seconds / megabytes,
        busy / megabytes
    );
    let size = size_of(&home.join("index"));
    println!(
        "index on disk   {:8.1} MB {:.2} x text",
        size as f64 / 1e6,
        size as f64 / text as f64
    );

    let start = Instant::now();
    bring_up_to_date(home);
    println!(
        "nothing changed {:8.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let changed = folder.join("0/0.md");
    std::fs::write(&changed, generator.note(text / request.files)).unwrap();
    let start = Instant::now();
    let indexed = bring_up_to_date(home);
    println!(
        "one note again  {:8.1} ms ({indexed} file)",
        start.elapsed().as_secs_f64() * 1e3
    );

    let queries: Vec<String> = (0..request.queries).map(|_| generator.query()).collect();
    let map = |name: &str| {
        let text = std::fs::read_to_string(root().join("content").join(name)).unwrap();
        Synonyms::from_yaml(&text).unwrap()
    };
    let synonyms = map("synonyms.yaml").with(map("everyday.yaml"));
    let start = Instant::now();
    let (index, _) = NoteIndex::open(&home.join("index")).unwrap();
    let ask = |text: &String| {
        let query = Query::parse(text).unwrap();
        index
            .search(&query, &[], Some(&synonyms), Options { limit: 10 })
            .unwrap()
            .total
    };
    ask(&queries[0]);
    println!(
        "open and ask    {:8.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let own = times("search", &queries, |text| ask(text));
    if request.peers {
        peers(home, &folder, &queries, own);
    }
}

/// Writes the notes, a hundred to a folder; gives their bytes.
fn write(generator: &mut corpus::Generator, folder: &Path, request: &Request) -> usize {
    let each = request.megabytes * 1_000_000 / request.files;
    let mut bytes = 0;
    for number in 0..request.files {
        let place = folder.join((number / 100).to_string());
        std::fs::create_dir_all(&place).unwrap();
        let note = generator.note(each);
        bytes += note.len();
        std::fs::write(place.join(format!("{number}.md")), note).unwrap();
    }
    bytes
}

fn bring_up_to_date(home: &Path) -> usize {
    let mut library = DiskLibrary::open(&home.join("library.db"), &home.join("library")).unwrap();
    let (index, _) = NoteIndex::open(&home.join("index")).unwrap();
    let mut ports = IndexPorts {
        library: &mut library,
        files: &Disk,
        shelf: &[],
        index: &index,
        knowledge: &|| Ok(knowledge()),
        stamp: "bench",
        stop: &|| false,
        now: Timestamp::UNIX_EPOCH,
    };
    update(&mut ports, &mut |_, _| {}).unwrap().indexed
}

/// Seconds that all threads of this process have kept a processor busy: what a single thread would take, whatever else
/// runs on the machine. Zero where the system does not tell.
fn processor_seconds() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |field: usize| -> f64 {
        let value = after_name.split_whitespace().nth(field);
        value.and_then(|value| value.parse().ok()).unwrap_or(0.0)
    };
    // User and system time are the 14th and 15th field of the line, the 12th and 13th behind the name.
    (ticks(11) + ticks(12)) / TICKS
}

fn size_of(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok);
    files
        .filter_map(|entry| entry.metadata().ok())
        .filter(std::fs::Metadata::is_file)
        .map(|data| data.len())
        .sum()
}

/// Times every query and prints the spread; gives the median in milliseconds.
fn times(name: &str, queries: &[String], mut ask: impl FnMut(&String) -> usize) -> f64 {
    let mut all: Vec<f64> = queries
        .iter()
        .map(|query| {
            let start = Instant::now();
            std::hint::black_box(ask(query));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
    println!(
        "{name:15} {:8.2} ms p50 {:8.2} p90 {:8.2} p99 {:8.2} most",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
    at(0.5)
}

/// The same queries to SQLite's trigram index over sections of the same size, and to a scan of all files.
fn peers(home: &Path, folder: &Path, queries: &[String], own: f64) {
    let database = home.join("peer.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection
        .execute_batch("CREATE VIRTUAL TABLE note USING fts5(text, tokenize='trigram'); BEGIN")
        .unwrap();
    let start = Instant::now();
    let mut texts = Vec::new();
    for entry in walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
    {
        if entry.file_type().is_file() {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            for section in text.split("\n## ") {
                connection
                    .execute("INSERT INTO note VALUES (?1)", [section])
                    .unwrap();
            }
            texts.push(text);
        }
    }
    connection.execute_batch("COMMIT").unwrap();
    let bytes: usize = texts.iter().map(String::len).sum();
    println!(
        "FTS5 index      {:8.3} s  {:.3} s/MB, {:.2} x text",
        start.elapsed().as_secs_f64(),
        start.elapsed().as_secs_f64() / bytes as f64 * 1e6,
        size_of(&database) as f64 / bytes as f64
    );
    let mut statement = connection
        .prepare("SELECT snippet(note, 0, '[', ']', '…', 20) FROM note WHERE note MATCH ?1 ORDER BY bm25(note) LIMIT 10")
        .unwrap();
    let fts = times("FTS5 trigram", queries, |text| {
        let words: Vec<String> = text.split(' ').map(|word| format!("\"{word}\"")).collect();
        let rows = statement
            .query_map([words.join(" OR ")], |row| row.get::<_, String>(0))
            .unwrap();
        rows.count()
    });
    let scan = times("scan of all", &queries[..queries.len().min(40)], |text| {
        let words: Vec<&str> = text.split(' ').collect();
        let lines = texts.iter().flat_map(|text| text.lines());
        lines
            .filter(|line| words.iter().all(|word| line.contains(word)))
            .count()
    });
    println!(
        "ratio of medians: FTS5 / own {:.2}, scan / own {:.2}",
        fts / own,
        scan / own
    );
}
