use std::io::{Cursor, Write as _};

use jiff::Timestamp;

use super::*;
use crate::progress::deck::{
    DeckCard, DeckName, DeckNote, DeckReview, NoteType, Package, Place, ReviewKind, Template,
};
use crate::schedule::{MemoryState, Rating};

fn package() -> Package {
    Package {
        created: Timestamp::from_second(1_750_000_000).unwrap(),
        minutes_west: -540,
        rollover: 4,
        retention: 0.9,
        parameters: Vec::new(),
        note_types: vec![NoteType {
            id: 7,
            name: "T".to_owned(),
            cloze: false,
            fields: vec!["Front".to_owned(), "Back".to_owned()],
            templates: vec![Template {
                name: "Card 1".to_owned(),
                front: "{{Front}}".to_owned(),
                back: "{{Back}}".to_owned(),
            }],
        }],
        decks: vec![DeckName {
            id: 9,
            name: "juku::SAA".to_owned(),
        }],
        notes: vec![DeckNote {
            id: 11,
            guid: "juku:a-1".to_owned(),
            note_type: 7,
            fields: vec!["表".to_owned(), "裏".to_owned()],
            tags: vec!["SAA".to_owned(), "service::s3".to_owned()],
        }],
        cards: vec![DeckCard {
            id: 12,
            note: 11,
            deck: 9,
            template: 0,
            place: Place::Review {
                due: 5,
                interval: 3,
            },
            suspended: true,
            flagged: true,
            reps: 2,
            lapses: 1,
            memory: Some(MemoryState {
                stability: 3.25,
                difficulty: 5.5,
            }),
            last: Some(Timestamp::from_second(1_750_100_000).unwrap()),
        }],
        reviews: vec![DeckReview {
            id: 1_750_000_000_123,
            card: 12,
            rating: Some(Rating::Good),
            interval: 3,
            last_interval: 0,
            factor: 600,
            millis: 4000,
            kind: ReviewKind::Learn,
        }],
    }
}

#[test]
fn what_is_written_is_read_back() {
    let written = package();
    let read = read(&write(&written).unwrap()).unwrap();
    assert_eq!(read.notes, written.notes);
    assert_eq!(read.cards, written.cards);
    assert_eq!(read.reviews, written.reviews);
    assert_eq!(read.note_types, written.note_types);
    assert!(read.decks.contains(&written.decks[0]));
    assert_eq!(read.created, written.created);
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn what_is_no_package_is_refused_with_its_reason() {
    assert!(matches!(read(b"PKnothing"), Err(AnkiError::Zip { .. })));
    assert!(matches!(
        read(&zip_of(&[("x", b"y")])),
        Err(AnkiError::NoCollection)
    ));
    assert!(matches!(
        read(&zip_of(&[("meta", b"\x08\x09"), ("collection.anki2", b"")])),
        Err(AnkiError::Newer { found: 9 })
    ));
    assert!(matches!(
        read(&zip_of(&[("collection.anki2", b"no database at all")])),
        Err(AnkiError::Database { .. })
    ));
    assert!(matches!(
        read(&zip_of(&[("collection.anki21b", b"no zstd")])),
        Err(AnkiError::Unpack { .. })
    ));
}
