//! From text to [`Template`]: parser limits, long forms, and the sections.

use std::collections::BTreeMap;

use super::parameter::parameter;
use super::{Entry, Format, NoTemplate, Template, TemplateError, child, json};
use crate::lab::finding::{Finding, Place};
use crate::yaml::{self, Key, Node, NodeError, NodeKind};

/// CloudFormation's limit for a template by S3, in bytes.
pub(super) const MAX_BYTES: usize = 1_000_000;
/// Deeper than any template that was seen (36 levels), and shallow enough for recursion.
const MAX_DEPTH: usize = 100;
/// A template of the largest size has some 300,000 values.
const MAX_NODES: usize = 500_000;

/// The short forms that stand for `Fn::…`.
const FUNCTIONS: [&str; 26] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "ForEach",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "GetStackOutput",
    // Of the section Rules alone.
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "RefAll",
    "ValueOf",
    "ValueOfAll",
];

/// Reads a template.
pub(super) fn template(text: &str, name: &str) -> Result<Template, TemplateError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return Err(TemplateError::TooLarge {
            bytes: text.len(),
            limit: MAX_BYTES,
        });
    }
    let mut findings = Vec::new();
    let (mut root, format) = parse(text, &mut findings)?;
    let mut places = Places {
        findings: &mut findings,
    };
    places.write_out(&mut root);
    sections(text, name, root, format, findings)
}

fn parse(text: &str, findings: &mut Vec<Finding>) -> Result<(Node, Format), TemplateError> {
    let looks_like_json = text.trim_start().starts_with('{');
    let json_error = if looks_like_json {
        match json::parse(text, MAX_DEPTH) {
            Ok(node) => return Ok((node, Format::Json)),
            Err(json::JsonError::TooDeep { place }) => {
                return Err(TemplateError::TooDeep {
                    place,
                    limit: MAX_DEPTH,
                });
            }
            // A flow mapping of YAML also begins with a brace.
            Err(json::JsonError::Syntax { message, place }) => {
                Some(TemplateError::Syntax { message, place })
            }
        }
    } else {
        None
    };
    match yaml::parse_nodes(text, MAX_DEPTH, MAX_NODES) {
        Ok(document) => {
            if let Some(place) = document.first_alias {
                findings.push(Finding::deny("yaml-alias").at(place));
            }
            if let Some(place) = document.second_document {
                findings.push(Finding::deny("second-document").at(place));
            }
            Ok((document.root, Format::Yaml))
        }
        Err(error) => Err(json_error.unwrap_or_else(|| yaml_error(text, error))),
    }
}

fn yaml_error(text: &str, error: NodeError) -> TemplateError {
    match error {
        NodeError::Syntax(error) => {
            let tab = text
                .lines()
                .take(error.line + 1)
                .enumerate()
                .find(|(index, line)| {
                    let indent = line.split(|c: char| !c.is_whitespace()).next();
                    let indented = indent.is_some_and(|indent| indent.contains('\t'))
                        && !line.trim().is_empty();
                    let after_sign = line.contains(":\t") || line.contains("-\t");
                    indented || (index + 1 == error.line && after_sign)
                });
            match tab {
                Some((index, line)) => TemplateError::Tab {
                    place: Place {
                        line: index + 1,
                        column: 1 + line.chars().take_while(|c| *c != '\t').count(),
                    },
                },
                None => TemplateError::Syntax {
                    message: error.message,
                    place: Place {
                        line: error.line,
                        column: error.column,
                    },
                },
            }
        }
        NodeError::TooDeep { place, limit } => TemplateError::TooDeep { place, limit },
        NodeError::TooMany { place, limit } => TemplateError::TooMany { place, limit },
        NodeError::KeyIsNoText { place } => TemplateError::KeyIsNoText { place },
    }
}

/// Writes short forms out and finds repeated keys on the way.
struct Places<'a> {
    findings: &'a mut Vec<Finding>,
}

impl Places<'_> {
    fn write_out(&mut self, node: &mut Node) {
        match &mut node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => {
                for item in items {
                    self.write_out(item);
                }
            }
            NodeKind::Mapping(entries) => {
                self.repeated_keys(entries);
                for (_, value) in entries {
                    self.write_out(value);
                }
            }
        }
        let Some(tag) = node.tag.take() else {
            if matches!(&node.kind, NodeKind::Scalar { text, plain: true }
                if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
            {
                self.findings
                    .push(Finding::deny("null-value").at(node.place));
            }
            return;
        };
        let long = match tag.as_str() {
            "Ref" | "Condition" => tag.clone(),
            tag if FUNCTIONS.contains(&tag) => format!("Fn::{tag}"),
            _ => {
                let suggestion = crate::text::nearest(&tag, FUNCTIONS).unwrap_or("Ref");
                self.findings.push(
                    Finding::deny("unknown-function")
                        .at(node.place)
                        .with("function", format!("!{tag}"))
                        .with("nearest", format!("!{suggestion}")),
                );
                return;
            }
        };
        if tag == "GetAtt" {
            split_attribute(node);
        }
        let place = node.place;
        let inner = Node {
            place,
            tag: None,
            kind: std::mem::replace(&mut node.kind, NodeKind::Sequence(Vec::new())),
        };
        node.kind = NodeKind::Mapping(vec![(Key { place, name: long }, inner)]);
    }

    fn repeated_keys(&mut self, entries: &[(Key, Node)]) {
        let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
        for (key, _) in entries {
            if let Some(first) = seen.insert(&key.name, key.place) {
                self.findings.push(
                    Finding::deny("duplicate-key")
                        .at(key.place)
                        .with("key", &key.name)
                        .with("first", first.line),
                );
            }
        }
    }
}

/// Turns `A.B.C` of a short `!GetAtt` into `[A, B.C]`.
fn split_attribute(node: &mut Node) {
    if let NodeKind::Scalar { text, .. } = &node.kind {
        let scalar = |text: &str| Node {
            place: node.place,
            tag: None,
            kind: NodeKind::Scalar {
                text: text.to_owned(),
                plain: false,
            },
        };
        if let Some((id, attribute)) = text.split_once('.') {
            node.kind = NodeKind::Sequence(vec![scalar(id), scalar(attribute)]);
        }
    }
}

fn sections(
    text: &str,
    name: &str,
    root: Node,
    format: Format,
    mut findings: Vec<Finding>,
) -> Result<Template, TemplateError> {
    let no = |what, place| TemplateError::NoTemplate { what, place };
    let root_place = root.place;
    let entries = match root.kind {
        NodeKind::Mapping(entries) => entries,
        NodeKind::Scalar { text, .. } if text.trim().is_empty() => {
            return Err(no(NoTemplate::Empty, root_place));
        }
        NodeKind::Scalar { .. } | NodeKind::Sequence(_) => {
            return Err(no(NoTemplate::NotAMapping, root_place));
        }
    };
    let mut template = Template {
        name: name.to_owned(),
        format,
        bytes: text.len(),
        description: None,
        transforms: Vec::new(),
        parameters: Vec::new(),
        mappings: Vec::new(),
        conditions: Vec::new(),
        rules: Vec::new(),
        resources: Vec::new(),
        outputs: Vec::new(),
        globals: None,
        findings: Vec::new(),
    };
    for (key, node) in entries {
        let odd = |findings: &mut Vec<Finding>| {
            findings.push(
                Finding::deny("odd-section")
                    .at(key.place)
                    .with("section", &key.name),
            );
        };
        let list = |findings: &mut Vec<Finding>| named(&key, node.clone(), findings);
        match key.name.as_str() {
            "AWSTemplateFormatVersion" => match scalar(&node) {
                Some("2010-09-09") => {}
                _ => odd(&mut findings),
            },
            "Description" => match scalar(&node) {
                Some(text) => {
                    if text.len() > 1024 {
                        let length = text.len();
                        let finding = Finding::deny("description-too-long").at(key.place);
                        findings.push(finding.with("length", length).with("limit", 1024));
                    }
                    template.description = Some(text.to_owned());
                }
                None => odd(&mut findings),
            },
            "Metadata" | "Hooks" => {}
            "Transform" => transforms(&node, &mut template.transforms),
            "Parameters" => {
                for entry in list(&mut findings) {
                    template.parameters.push(parameter(&entry, &mut findings));
                }
            }
            "Mappings" => template.mappings = list(&mut findings),
            "Conditions" => template.conditions = list(&mut findings),
            "Rules" => template.rules = list(&mut findings),
            "Resources" => template.resources = list(&mut findings),
            "Outputs" => template.outputs = list(&mut findings),
            "Globals" => template.globals = Some(node),
            _ => {
                const SECTIONS: [&str; 11] = [
                    "AWSTemplateFormatVersion",
                    "Description",
                    "Metadata",
                    "Parameters",
                    "Rules",
                    "Mappings",
                    "Conditions",
                    "Transform",
                    "Resources",
                    "Outputs",
                    "Globals",
                ];
                let nearest = crate::text::nearest(&key.name, SECTIONS).unwrap_or("Metadata");
                findings.push(
                    Finding::deny("unknown-section")
                        .at(key.place)
                        .with("section", &key.name)
                        .with("nearest", nearest),
                );
            }
        }
    }
    if template.resources.is_empty() {
        return Err(no(NoTemplate::NoResources, root_place));
    }
    template.findings = findings;
    Ok(template)
}

/// Reads a section that maps names to parts; a repeated name keeps its last part, as CloudFormation does.
fn named(section: &Key, node: Node, findings: &mut Vec<Finding>) -> Vec<Entry> {
    match node.kind {
        NodeKind::Mapping(entries) => {
            let mut list: Vec<Entry> = Vec::with_capacity(entries.len());
            let mut at: BTreeMap<String, usize> = BTreeMap::new();
            for (key, node) in entries {
                let entry = Entry {
                    name: key.name,
                    place: key.place,
                    node,
                };
                if let Some(slot) = at.get(&entry.name).and_then(|index| list.get_mut(*index)) {
                    *slot = entry;
                } else {
                    at.insert(entry.name.clone(), list.len());
                    list.push(entry);
                }
            }
            list
        }
        NodeKind::Scalar { text, plain: true } if text.is_empty() || text == "null" => Vec::new(),
        NodeKind::Scalar { .. } | NodeKind::Sequence(_) => {
            findings.push(
                Finding::deny("odd-section")
                    .at(section.place)
                    .with("section", &section.name),
            );
            Vec::new()
        }
    }
}

/// Gives the text of a scalar.
pub(super) fn scalar(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { text, .. } => Some(text),
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
    }
}

fn transforms(node: &Node, found: &mut Vec<(String, Place)>) {
    match &node.kind {
        NodeKind::Scalar { text, .. } => found.push((text.clone(), node.place)),
        NodeKind::Sequence(items) => {
            for item in items {
                transforms(item, found);
            }
        }
        NodeKind::Mapping(_) => {
            if let Some((_, name)) = child(node, "Name") {
                transforms(name, found);
            } else if let Some((_, inner)) = child(node, "Fn::Transform") {
                transforms(inner, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n";

    /// Takes places and quotes out of a node.
    fn clear(node: &mut Node) {
        node.place = Place { line: 0, column: 0 };
        match &mut node.kind {
            NodeKind::Scalar { plain, .. } => *plain = false,
            NodeKind::Sequence(items) => items.iter_mut().for_each(clear),
            NodeKind::Mapping(entries) => {
                for (key, node) in entries {
                    key.place = Place { line: 0, column: 0 };
                    clear(node);
                }
            }
        }
    }

    #[test]
    fn short_and_long_forms_are_one() {
        let short = "Resources:\n  A:\n    P: !Sub '${B}'\n    Q: !GetAtt B.C.D\n";
        let long = r#"{"Resources":{"A":{"P":{"Fn::Sub":"${B}"},"Q":{"Fn::GetAtt":["B","C.D"]}}}}"#;
        let strip = |text| {
            let template = Template::parse(text, "t").unwrap();
            let mut node = template.resources[0].node.clone();
            clear(&mut node);
            node
        };
        assert_eq!(strip(short), strip(long));
    }

    #[test]
    fn what_is_no_template_says_why() {
        let error = |text: &str| Template::parse(text, "t").unwrap_err();
        assert!(matches!(error(""), TemplateError::NoTemplate { .. }));
        assert!(matches!(error("[]"), TemplateError::NoTemplate { .. }));
        assert!(matches!(error("a: 1"), TemplateError::NoTemplate { .. }));
        assert!(matches!(
            error("Resources:\n\tA:\n\t\tType: x\n"),
            TemplateError::Tab {
                place: Place { line: 2, column: 1 }
            }
        ));
        assert!(matches!(error("{\"a\": "), TemplateError::Syntax { .. }));
        assert!(matches!(
            error(&" ".repeat(MAX_BYTES + 1)),
            TemplateError::TooLarge { .. }
        ));
        assert!(matches!(
            error(&"[".repeat(100_000)),
            TemplateError::TooDeep { .. }
        ));
    }

    #[test]
    fn repeated_keys_and_unknown_sections_are_found() {
        let text = format!("{SMALL}    Type: x\nResource: {{}}\n");
        let template = Template::parse(&text, "t").unwrap();
        let rules: Vec<_> = template
            .findings
            .iter()
            .map(|f| (f.rule.as_str(), f.line))
            .collect();
        assert_eq!(
            rules,
            [("duplicate-key", Some(4)), ("unknown-section", Some(5))]
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_brings_it_down(text in "(?s)[ -~\t\n\u{feff}雲]{0,80}") {
            drop(Template::parse(&text, "t"));
            drop(Template::parse(&format!("{SMALL}{text}"), "t"));
        }
    }
}
