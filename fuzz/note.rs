//! What has to hold of every note, whatever is in it.

use std::sync::LazyLock;

use kumojuku::notes::services::Services;
use kumojuku::notes::{Kind, NoteFile, Scope, lines, parse};

static SERVICES: LazyLock<Services> = LazyLock::new(|| {
    let services = Services::from_yaml(include_str!("../content/services.yaml"));
    services.expect("the list is sound")
});

/// Parses a text; each section has to stand where it says.
pub fn check(kind: Kind, text: &str) {
    let file = NoteFile {
        path: "note".into(),
        identity: "note".to_owned(),
        scope: Scope::Mine,
        kind,
        text: text.to_owned(),
        named: false,
    };
    let last = lines(text).len();
    for document in parse(&file, &SERVICES) {
        assert!(document.lines.first >= 1 && document.lines.last <= last);
        assert!(!document.sections.is_empty());
        for section in &document.sections {
            assert_eq!(section.text.split('\n').count(), section.line_numbers.len());
            assert!(section.line_numbers.is_sorted());
            assert!(section.lines.first <= section.lines.last && section.lines.last <= last);
        }
    }
}
