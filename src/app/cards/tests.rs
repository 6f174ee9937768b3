use super::*;
use crate::exam::Exam;
use crate::notes::{DocumentId, LineRange, SectionId};
use crate::quiz::{CardBody, Evidence, Level};

const NOTE: &str = "sqs.md";

/// Notes of one file with one section.
fn notes(text: &str) -> OwnNotes {
    let count = text.lines().count();
    let lines = LineRange {
        first: 1,
        last: count.max(1),
    };
    let section = Section {
        id: SectionId("d#s".to_owned()),
        document: DocumentId("d".to_owned()),
        title: "まとめ".to_owned(),
        heading: vec!["まとめ".to_owned()],
        lines,
        text: text.to_owned(),
        line_numbers: (1..=count).collect(),
        column: 0,
        services: vec!["sqs".to_owned()],
        stale: Vec::new(),
    };
    let document = Document {
        keywords: Vec::new(),
        id: DocumentId("d".to_owned()),
        title: "まとめ".to_owned(),
        title_at: (1, 0),
        path: PathBuf::from(NOTE),
        lines,
        scope: Scope::Mine,
        sections: vec![section],
        services: vec!["sqs".to_owned()],
        exams: Vec::new(),
        date: None,
        secrets_masked: 0,
    };
    let mut notes = OwnNotes::default();
    notes.lines.insert(NOTE.to_owned(), hashes_of(text));
    notes.documents.push(document);
    notes
}

/// The candidate of a line whose text holds a word, kept as a card.
fn keep(notes: &OwnNotes, word: &str) -> Card {
    let holds = |p: &&Proposed| format!("{:?}", p.candidate.proposal).contains(word);
    let found = notes.proposed().iter().find(holds);
    let found = found.unwrap_or_else(|| panic!("{word}: {:?}", notes.proposed()));
    card(&found.id.0, notes, word)
}

/// The same under a name that it has from before.
fn card(id: &str, notes: &OwnNotes, word: &str) -> Card {
    let holds = |p: &&Proposed| format!("{:?}", p.candidate.proposal).contains(word);
    let found = notes.proposed().iter().find(holds).unwrap();
    let body = match &found.candidate.proposal {
        Proposal::Card { front, back } => CardBody::Card {
            front: front.clone(),
            back: back.clone(),
        },
        Proposal::Cloze(text) => CardBody::Cloze(Cloze::parse(text).unwrap()),
    };
    Card {
        id: CardId(id.to_owned()),
        exam: Exam::Saa,
        task: std::collections::BTreeMap::new(),
        services: Vec::new(),
        level: Level::Recall,
        body,
        notes: Vec::new(),
        labs: Vec::new(),
        sources: Vec::new(),
        evidence: Evidence::Memory,
        checked: jiff::civil::date(2026, 11, 1),
        from: Some(Trace {
            note: NOTE.to_owned(),
            line: found.candidate.line,
            hash: Trace::hash_of(&found.candidate.text),
        }),
        path: String::new(),
        line: 1,
    }
}

/// What would be offered: the question, and the card it replaces.
fn offered(notes: &OwnNotes, cards: &[Card]) -> Vec<(String, Option<String>)> {
    let kept = Kept::of(notes, cards);
    let open = (0..)
        .zip(notes.proposed())
        .filter(|(at, p)| !kept.has(*at, p));
    open.map(|(at, p)| {
        let said = match &p.candidate.proposal {
            Proposal::Card { front, back } => format!("{front} = {back}"),
            Proposal::Cloze(text) => text.clone(),
        };
        (said, kept.replaced(at).map(|id| id.0.clone()))
    })
    .collect()
}

const TABLE: &str =
    "\n| 種類 | 耐久性 | 取り出し |\n|---|---|---|\n| 標準クラス | イレブンナイン | すぐ |\n";

#[test]
fn history_goes_to_the_card_that_asks_the_same_not_to_the_one_on_the_line() {
    let first = notes(&format!(
        "# まとめ\n\n- SQS のメッセージは最大 256 KB\n{TABLE}"
    ));
    let cards = [
        keep(&first, "256 KB"),
        keep(&first, "イレブンナイン"),
        keep(&first, "すぐ"),
    ];
    // One cell and the number change, and four lines come in above.
    let second = notes(&format!(
        "# まとめ\n\n- a\n- b\n- c\n- d\n- SQS のメッセージは最大 1 MiB\n{}",
        TABLE.replace("すぐ", "数分後")
    ));
    let (sqs, gone) = (cards[0].id.0.clone(), cards[2].id.0.clone());
    let found = offered(&second, &cards);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].1, Some(sqs), "{found:?}");
    assert_eq!(found[1].1, Some(gone), "{found:?}");
    // The other cell stands there as before: its card follows the line and is not flagged.
    assert_eq!(second.state(&cards[1]), Some(TraceState::Same { line: 11 }));
    let moves = moved(&second, &cards);
    assert_eq!(moves.len(), 1);
    assert_eq!((moves[0].0, moves[0].1.line), (&cards[1], 11));
}

#[test]
fn in_doubt_a_candidate_is_a_new_card_and_the_old_one_stays_flagged() {
    let first = notes("- S3 のオブジェクトは最大 5 TB\n");
    let s3 = [keep(&first, "5 TB")];
    // Another sentence has taken the line, of another service or of another limit.
    for text in [
        "- SQS のメッセージは最大 256 KB\n",
        "- S3 のオブジェクトは最小 1 KB\n",
    ] {
        let now = notes(text);
        let found = offered(&now, &s3);
        assert_eq!((found.len(), &found[0].1), (1, &None), "{text}");
        assert_eq!(now.state(&s3[0]), Some(TraceState::Changed), "{text}");
    }
    // Words around it may change.
    let now = notes("x\n\n- S3 のオブジェクトは、最大で 50 TB\n");
    assert_eq!(offered(&now, &s3)[0].1, Some(s3[0].id.0.clone()));
}

#[test]
fn what_a_kept_card_asks_is_not_offered_again_after_an_update() {
    let now = notes(TABLE);
    // Taken over from another text, so that its name is not the one of today's text.
    let cards = [card("note-0123456789ab", &now, "すぐ")];
    let found = offered(&now, &cards);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.contains("イレブンナイン"), "{found:?}");
    // Edited while it was kept: the line is still its own.
    let mut edited = keep(&now, "すぐ");
    edited.body = CardBody::Card {
        front: "すぐに取り出せるのは".to_owned(),
        back: "すぐ".to_owned(),
    };
    assert_eq!(offered(&now, &[edited.clone()]).len(), 1);
    let other = notes(&TABLE.replace("イレブンナイン", "99.999999999%"));
    assert_eq!(other.state(&edited), Some(TraceState::Same { line: 4 }));
}

#[test]
fn of_equal_lines_the_nearest_is_the_cards_own() {
    let text =
        "- 可視性タイムアウト\n  - デフォルト: 30 秒\n\n\n- 待機時間\n  - デフォルト: 30 秒\n";
    let now = notes(text);
    let cards = [keep(&now, "待機時間")];
    assert_eq!(now.state(&cards[0]), Some(TraceState::Same { line: 6 }));
    let found = offered(&now, &cards);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.contains("可視性タイムアウト"), "{found:?}");
}
