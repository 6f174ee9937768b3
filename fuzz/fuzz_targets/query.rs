//! Queries of any kind, asked of an index that holds a few notes.

#![no_main]

use std::cell::OnceCell;

use kumojuku::notes::services::Services;
use kumojuku::notes::{Kind, NoteFile, Scope, parse};
use kumojuku::search::synonyms::Synonyms;
use kumojuku::search::{FileKey, NoteIndex, Options, Query};
use libfuzzer_sys::fuzz_target;

const NOTE: &str = "# キュー\n\n## 可視性タイムアウト\n\nSQS の可視性タイムアウトは 30 秒。filter と projection-expression。\n\n## 踏み台\n\nSession Manager で EC2 に入る。\n";

struct Notes {
    index: NoteIndex,
    synonyms: Synonyms,
}

impl Notes {
    fn new() -> Self {
        let place = std::env::temp_dir().join(format!("juku-fuzz-{}", std::process::id()));
        let (index, _) = NoteIndex::open(&place).expect("the index is made");
        let file = NoteFile {
            path: "note.md".into(),
            identity: "note".to_owned(),
            scope: Scope::Mine,
            kind: Kind::Markdown,
            text: NOTE.to_owned(),
            named: false,
        };
        let services = Services::from_yaml("services: []").expect("the list is sound");
        let mut update = index.begin().expect("it is writable").expect("it is ours");
        update
            .add(FileKey::of("note"), 1, &parse(&file, &services))
            .expect("it takes a note");
        update.commit().expect("it keeps a note");
        let synonyms = Synonyms::from_yaml(include_str!("../../content/synonyms.yaml"));
        Self {
            index,
            synonyms: synonyms.expect("the map is sound"),
        }
    }
}

thread_local! {
    static NOTES: OnceCell<Notes> = const { OnceCell::new() };
}

fuzz_target!(|text: &str| {
    let Ok(query) = Query::parse(text) else {
        return;
    };
    NOTES.with(|notes| {
        let notes = notes.get_or_init(Notes::new);
        let found = notes
            .index
            .search(&query, &[], Some(&notes.synonyms), Options { limit: 10 })
            .expect("the index answers");
        assert!(found.hits.len() <= 10);
    });
});
