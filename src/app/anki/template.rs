//! Renders an Anki card: its template with the note's fields put in, and the blanks of a cloze.

use std::collections::BTreeMap;

use crate::quiz::cloze::Cloze;

/// Puts fields into a template: `{{Field}}`, `{{filter:Field}}`, `{{#Field}}…{{/Field}}`, `{{^Field}}…{{/Field}}`.
///
/// The other side (`{{FrontSide}}`) and what is typed in (`{{type:Field}}`) give nothing.
pub fn render(template: &str, fields: &BTreeMap<&str, &str>) -> String {
    let filled = |name: &str| fields.get(name).is_some_and(|text| !text.trim().is_empty());
    let mut html = String::new();
    // Sections that are open, and whether each shows what is in it.
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut rest = template;
    loop {
        let shows = open.iter().all(|(_, shows)| *shows);
        let Some((before, tail)) = rest.split_once("{{") else {
            if shows {
                html.push_str(rest);
            }
            return html;
        };
        if shows {
            html.push_str(before);
        }
        let Some((tag, after)) = tail.split_once("}}") else {
            return html;
        };
        rest = after;
        let tag = tag.trim();
        if let Some(name) = tag.strip_prefix('#') {
            open.push((name.trim().to_owned(), filled(name.trim())));
        } else if let Some(name) = tag.strip_prefix('^') {
            open.push((name.trim().to_owned(), !filled(name.trim())));
        } else if let Some(name) = tag.strip_prefix('/') {
            if let Some(at) = open.iter().rposition(|(opened, _)| opened == name.trim()) {
                open.truncate(at);
            }
        } else if shows && !tag.starts_with("type:") {
            let name = tag.rsplit(':').next().unwrap_or(tag).trim();
            html.push_str(fields.get(name).copied().unwrap_or_default());
        }
    }
}

/// Lists the numbers of the blanks in a field, in order, each once.
pub fn blank_numbers(field: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = field
        .split("{{c")
        .skip(1)
        .filter_map(|tail| tail.split_once("::")?.0.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Makes our cloze of one number of a text (HTML already taken out): blanks of the other numbers are filled in, hints
/// are dropped.
///
/// Gives `None` where the number does not stand in the text, or a blank is empty.
pub fn cloze(text: &str, number: u32) -> Option<String> {
    let (cloze, rest) = blanks(text, number, 0);
    debug_assert!(rest.is_empty(), "the outermost level reads to the end");
    let cloze = cloze.trim().to_owned();
    Cloze::parse(&cloze).is_ok().then_some(cloze)
}

/// Deepest nesting of blanks that is read; Anki itself stops at eight.
const DEEPEST: usize = 8;

/// Reads up to the end of the text, or inside a blank up to its `}}`.
fn blanks(text: &str, number: u32, depth: usize) -> (String, &str) {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let start = rest.find("{{c");
        let end = rest.find("}}").filter(|_| depth > 0);
        match (start, end) {
            (start, Some(end)) if start.is_none_or(|start| end < start) => {
                let (inside, after) = rest.split_at(end);
                out.push_str(inside);
                return (out, after.strip_prefix("}}").unwrap_or(after));
            }
            (Some(start), _) => {
                let (before, tail) = rest.split_at(start);
                out.push_str(before);
                let opened = tail
                    .strip_prefix("{{c")
                    .and_then(|tail| tail.split_once("::"))
                    .and_then(|(n, inside)| Some((n.parse::<u32>().ok()?, inside)));
                let Some((found, inside)) = opened.filter(|_| depth < DEEPEST) else {
                    // No blank after all; its braces would be read as one of ours.
                    out.push_str("{ {c");
                    rest = tail.strip_prefix("{{c").unwrap_or_default();
                    continue;
                };
                let (answer, after) = blanks(inside, number, depth + 1);
                let answer = answer
                    .split("::")
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned();
                if found == number && !answer.contains("{{") {
                    // A bar would separate variants.
                    out.extend(["{{", &answer.replace('|', "｜"), "}}"]);
                } else {
                    out.push_str(&answer);
                }
                rest = after;
            }
            _ => {
                out.push_str(rest);
                return (out, "");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_sections_and_filters_are_put_in() {
        let fields = BTreeMap::from([("Front", "表"), ("Back", "裏"), ("Extra", " ")]);
        let rendered = |template: &str| render(template, &fields);
        assert_eq!(rendered("{{Front}}-{{hint:text:Back}}"), "表-裏");
        assert_eq!(
            rendered("{{#Extra}}x{{Front}}{{/Extra}}{{^Extra}}y{{/Extra}}"),
            "y"
        );
        assert_eq!(
            rendered("{{FrontSide}}<hr>{{type:Back}}{{Nowhere}}z{{"),
            "<hr>z"
        );
    }

    #[test]
    fn one_number_is_asked_and_the_others_are_filled_in() {
        let text = "既定は{{c1::4 日::何日}}、最大は{{c2::14 日}}、{{c1::SQS}}";
        assert_eq!(blank_numbers(text), [1, 2]);
        assert_eq!(
            cloze(text, 1).unwrap(),
            "既定は{{4 日}}、最大は14 日、{{SQS}}"
        );
        assert_eq!(cloze(text, 2).unwrap(), "既定は4 日、最大は{{14 日}}、SQS");
        assert_eq!(cloze(text, 3), None);
        assert_eq!(
            cloze("{{c1::外 {{c2::内}} 側}}", 2).unwrap(),
            "外 {{内}} 側"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(\\{\\{c1::|\\{\\{c2::|\\}\\}|::|\\{|\\}|雲|a|\\{\\{#A\\}\\}|\\{\\{/A\\}\\}){0,20}") {
            for number in blank_numbers(&text) {
                if let Some(cloze) = cloze(&text, number) {
                    prop_assert!(Cloze::parse(&cloze).is_ok());
                }
            }
            render(&text, &BTreeMap::from([("A", "x")]));
        }
    }
}
