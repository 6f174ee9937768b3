//! Cards from a table: CSV, TSV, and the text files that Anki writes, with its `#separator:` and other head lines.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::template::blank_numbers;
use crate::progress::deck::{DeckCard, DeckName, DeckNote, NoteType, Package, Place, Template};
use crate::quiz::markup::{escape, looks_like_html};

/// Numbers of the two note types that rows become.
const BASIC: i64 = 1;
const CLOZE: i64 = 2;
/// The note type of a row that is not to be taken: none in the package.
const NONE: i64 = 0;

/// A table as a package, with where its rows stand.
#[derive(Debug)]
pub struct Table {
    /// The rows as notes.
    pub package: Package,
    /// The line of each note by its guid, from 1.
    pub lines: HashMap<String, u64>,
    /// The guid of the row in which a quotation is never closed; it swallows all that follows.
    pub open: Option<String>,
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// No row holds anything.
    #[error("no row is in it")]
    Empty,
    /// A row is not well formed.
    #[error("line {line} is no row")]
    Row {
        /// The line, from 1.
        line: u64,
        /// The reader's reason.
        source: csv::Error,
    },
    /// A head line says something that is not known.
    #[error("line {line} cannot be read: `{given}`")]
    Head {
        /// The line, from 1.
        line: usize,
        /// What it says.
        given: String,
    },
}

/// What the head lines say; columns count from 0.
#[derive(Debug, Default)]
struct Head {
    separator: Option<u8>,
    html: Option<bool>,
    tags: Vec<String>,
    guid: Option<usize>,
    deck: Option<usize>,
    tags_column: Option<usize>,
    /// Columns that are no field.
    other: BTreeSet<usize>,
    deck_name: Option<String>,
    lines: usize,
}

impl Head {
    fn read(text: &str) -> Result<Self, TableError> {
        let mut head = Self::default();
        for line in text.lines() {
            let Some((name, value)) = line.strip_prefix('#').and_then(|l| l.split_once(':')) else {
                break;
            };
            head.lines += 1;
            let bad = |line: usize| TableError::Head {
                line,
                given: value.to_owned(),
            };
            let column = |line: usize| {
                let number = value.trim().parse::<usize>().ok();
                number
                    .and_then(|n| n.checked_sub(1))
                    .ok_or_else(|| bad(line))
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "separator" => {
                    head.separator = Some(separator(value).ok_or_else(|| bad(head.lines))?);
                }
                "html" => head.html = Some(value.trim().eq_ignore_ascii_case("true")),
                "tags" => head.tags = value.split_whitespace().map(str::to_owned).collect(),
                "deck" => head.deck_name = Some(value.trim().to_owned()),
                "guid column" => head.guid = Some(column(head.lines)?),
                "deck column" => head.deck = Some(column(head.lines)?),
                "tags column" => head.tags_column = Some(column(head.lines)?),
                "notetype column" => {
                    head.other.insert(column(head.lines)?);
                }
                _ => {}
            }
        }
        head.other.extend(
            [head.guid, head.deck, head.tags_column]
                .into_iter()
                .flatten(),
        );
        Ok(head)
    }
}

/// Reads a separator by Anki's name for it, or as itself.
fn separator(value: &str) -> Option<u8> {
    match value.trim().to_ascii_lowercase().as_str() {
        "comma" => Some(b','),
        "semicolon" => Some(b';'),
        "tab" | "\\t" => Some(b'\t'),
        "space" => Some(b' '),
        "pipe" => Some(b'|'),
        "colon" => Some(b':'),
        _ => {
            let value = value.trim_matches(['\r', '\n']);
            let mut bytes = value.bytes();
            match (bytes.next(), bytes.next()) {
                (Some(byte), None) if byte.is_ascii() => Some(byte),
                _ => None,
            }
        }
    }
}

/// Says whether a text has head lines of Anki's.
pub fn has_head(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    [
        "#separator:",
        "#html:",
        "#guid column:",
        "#tags column:",
        "#columns:",
    ]
    .iter()
    .any(|head| text.starts_with(head))
}

/// Reads a table; `comma` says whether fields are separated by commas where no head line says.
///
/// # Errors
/// When no row holds anything, or a row or head line is not well formed.
pub fn read(text: &str, comma: bool) -> Result<Table, TableError> {
    let text = text.trim_start_matches('\u{feff}');
    let head = Head::read(text)?;
    let body: String = text.split_inclusive('\n').skip(head.lines).collect();
    let otherwise = if comma { b',' } else { b'\t' };
    let delimiter = head.separator.unwrap_or(otherwise);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter)
        .from_reader(body.as_bytes());
    let mut package = empty();
    let (mut lines, mut open, mut last) = (HashMap::new(), None, 0);
    for row in reader.records() {
        let row = row.map_err(|source| TableError::Row {
            line: source.position().map_or(0, csv::Position::line) + head.lines as u64,
            source,
        })?;
        let before = package.notes.len();
        push(&mut package, &head, &row);
        let Some(note) = package.notes.get(before) else {
            continue;
        };
        if let Some(position) = row.position() {
            let start = usize::try_from(position.byte()).unwrap_or(0);
            let (skipped, bytes) = unread(body.get(start..).unwrap_or_default());
            let line = position.line() + skipped + head.lines as u64;
            lines.entry(note.guid.clone()).or_insert(line);
            last = start + bytes;
        }
    }
    // Only the last row can be open: it goes on to the end of the text.
    let tail = body.as_bytes().get(last..).unwrap_or_default();
    if ends_open(tail, delimiter)
        && let Some(note) = package.notes.last_mut()
    {
        note.note_type = NONE;
        open = Some(note.guid.clone());
    }
    if package.notes.is_empty() {
        return Err(TableError::Empty);
    }
    Ok(Table {
        package,
        lines,
        open,
    })
}

/// Counts the lines, and their bytes, that the reader passes over before a row: remarks and blank ones.
fn unread(text: &str) -> (u64, usize) {
    let passed =
        |line: &&str| line.starts_with('#') || line.trim_end_matches(['\r', '\n']).is_empty();
    text.split_inclusive('\n')
        .take_while(passed)
        .fold((0, 0), |(lines, bytes), line| {
            (lines + 1, bytes + line.len())
        })
}

/// Says whether a quotation is open where a row ends. One opens at the beginning of a field only.
fn ends_open(row: &[u8], delimiter: u8) -> bool {
    let (mut inside, mut begins) = (false, true);
    for byte in row {
        match (inside, *byte) {
            (false, b'"') if begins => inside = true,
            // Doubled, it opens again at once.
            (true, b'"') => {
                inside = false;
                begins = true;
                continue;
            }
            (true | false, _) => {}
        }
        begins = matches!(byte, b'\n' | b'\r') || *byte == delimiter;
    }
    inside
}

fn empty() -> Package {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let template = |front: &str, back: &str| {
        vec![Template {
            name: String::new(),
            front: front.to_owned(),
            back: back.to_owned(),
        }]
    };
    Package {
        created: Timestamp::UNIX_EPOCH,
        minutes_west: 0,
        rollover: 4,
        retention: 0.9,
        parameters: Vec::new(),
        note_types: vec![
            NoteType {
                id: BASIC,
                name: String::new(),
                cloze: false,
                fields: names(&["Front", "Back"]),
                templates: template("{{Front}}", "{{Back}}"),
            },
            NoteType {
                id: CLOZE,
                name: String::new(),
                cloze: true,
                fields: names(&["Front", "Back"]),
                templates: template("{{cloze:Front}}", "{{cloze:Front}}"),
            },
        ],
        decks: Vec::new(),
        notes: Vec::new(),
        cards: Vec::new(),
        reviews: Vec::new(),
    }
}

fn push(package: &mut Package, head: &Head, row: &csv::StringRecord) {
    let at = |column: Option<usize>| column.and_then(|column| row.get(column)).unwrap_or("");
    let fields: Vec<&str> = (0..)
        .zip(row.iter())
        .filter(|(column, _)| !head.other.contains(column))
        .map(|(_, field)| field)
        .collect();
    let Some(first) = fields.first().filter(|field| !field.trim().is_empty()) else {
        return;
    };
    let html = head
        .html
        .unwrap_or_else(|| fields.iter().any(|field| looks_like_html(field)));
    let id = i64::try_from(package.notes.len() + 1).unwrap_or(i64::MAX);
    let guid = match at(head.guid).trim() {
        // Without a guid a note is known by its first field, as in Anki.
        "" => format!("table:{first}"),
        guid => guid.to_owned(),
    };
    let numbers = blank_numbers(first);
    let deck = match (at(head.deck).trim(), &head.deck_name) {
        ("", Some(name)) => name.clone(),
        (name, _) => name.to_owned(),
    };
    let tags = at(head.tags_column).split_whitespace().map(str::to_owned);
    package.notes.push(DeckNote {
        id,
        guid,
        note_type: if numbers.is_empty() { BASIC } else { CLOZE },
        fields: fields
            .iter()
            .map(|field| {
                if html {
                    (*field).to_owned()
                } else {
                    escape(field)
                }
            })
            .collect(),
        tags: tags.chain(head.tags.iter().cloned()).collect(),
    });
    let deck = deck_number(&mut package.decks, deck);
    let ords: Vec<u32> = if numbers.is_empty() {
        vec![0]
    } else {
        numbers.iter().map(|n| n.saturating_sub(1)).collect()
    };
    for ord in ords {
        let id = i64::try_from(package.cards.len() + 1).unwrap_or(i64::MAX);
        package.cards.push(DeckCard {
            id,
            note: i64::try_from(package.notes.len()).unwrap_or(i64::MAX),
            deck,
            template: ord,
            place: Place::New(0),
            suspended: false,
            flagged: false,
            reps: 0,
            lapses: 0,
            memory: None,
            last: None,
        });
    }
}

fn deck_number(decks: &mut Vec<DeckName>, name: String) -> i64 {
    if let Some(deck) = decks.iter().find(|deck| deck.name == name) {
        return deck.id;
    }
    let id = i64::try_from(decks.len() + 1).unwrap_or(i64::MAX);
    decks.push(DeckName { id, name });
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ankis_own_text_export_is_read() {
        let text = "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n\
                    g1\tBasic\tAWS::SAA\t表<br>二\t\"裏\n続き\"\tSAA s3\n";
        let package = read(text, false).unwrap().package;
        let note = &package.notes[0];
        assert_eq!(
            (note.guid.as_str(), note.fields.as_slice(), note.tags.len()),
            ("g1", &["表<br>二".to_owned(), "裏\n続き".to_owned()][..], 2)
        );
        assert_eq!(package.decks[0].name, "AWS::SAA");
    }

    #[test]
    fn a_plain_table_is_text_and_a_cloze_makes_a_card_for_each_number() {
        let package = read("a < b,裏\n{{c1::x}}と{{c2::y}}\n,空\n", true)
            .unwrap()
            .package;
        assert_eq!(package.notes[0].fields, ["a &lt; b", "裏"]);
        let ords: Vec<u32> = package.cards.iter().map(|card| card.template).collect();
        assert_eq!(ords, [0, 0, 1]);
        assert!(package.notes[1].guid.starts_with("table:"));
    }

    #[test]
    fn a_row_with_an_open_quotation_is_known_by_its_line() {
        for (text, line) in [
            ("\"表,裏\n", 1),
            ("a,b\nc,\"裏\nd,e\n", 2),
            ("a,\"b\n\"\"c\"\n表,\"裏", 3),
            ("a,b\n\n#\"x\n表,\"裏", 4),
        ] {
            let table = read(text, true).unwrap();
            let open = table.open.as_ref().unwrap();
            assert_eq!(table.lines[open], line, "{text}");
            let note = table
                .package
                .notes
                .iter()
                .find(|n| n.guid == *open)
                .unwrap();
            assert_eq!(note.note_type, NONE, "{text}");
        }
        for whole in ["a,\"b\"\n", "a,\"b \"\"c\"\"\"\n", "a,5\" 円盤\n"] {
            assert_eq!(read(whole, true).unwrap().open, None, "{whole}");
        }
    }

    #[test]
    fn faults_are_named() {
        assert!(matches!(read("\n\n", true), Err(TableError::Empty)));
        let head = read("#separator:tab\n#guid column:x\n", true);
        assert!(matches!(head, Err(TableError::Head { line: 2, .. })));
    }
}
