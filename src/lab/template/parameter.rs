//! A parameter as the template declares it.

use super::read::scalar;
use super::{Entry, Parameter, child};
use crate::lab::finding::Finding;
use crate::yaml::{Node, NodeKind};

/// Reads a parameter's declaration.
pub(super) fn parameter(entry: &Entry, findings: &mut Vec<Finding>) -> Parameter {
    let text = |name: &str| child(&entry.node, name).and_then(|(_, node)| list_text(node));
    let number = |name: &str| text(name).and_then(|text| text.trim().parse::<f64>().ok());
    let length = |name: &str| text(name).and_then(|text| text.trim().parse::<usize>().ok());
    let allowed_values = match child(&entry.node, "AllowedValues").map(|(_, node)| &node.kind) {
        Some(NodeKind::Sequence(items)) => items.iter().filter_map(list_text).collect(),
        _ => Vec::new(),
    };
    if let NodeKind::Mapping(entries) = &entry.node.kind {
        for (key, _) in entries {
            const KEYS: [&str; 11] = [
                "Type",
                "Default",
                "Description",
                "AllowedValues",
                "AllowedPattern",
                "ConstraintDescription",
                "MinLength",
                "MaxLength",
                "MinValue",
                "MaxValue",
                "NoEcho",
            ];
            if !KEYS.contains(&key.name.as_str()) {
                findings.push(
                    Finding::deny("parameter-attribute")
                        .on(&entry.name)
                        .at(key.place)
                        .with("attribute", &key.name),
                );
            }
        }
    }
    let type_name = text("Type").unwrap_or_default();
    if type_name.is_empty() {
        let finding = Finding::deny("parameter-type").on(&entry.name);
        findings.push(finding.at(entry.place).with("type", "-"));
    }
    Parameter {
        name: entry.name.clone(),
        place: entry.place,
        type_name,
        default: text("Default"),
        description: text("Description"),
        allowed_values,
        allowed_pattern: text("AllowedPattern"),
        constraint_description: text("ConstraintDescription"),
        min_length: length("MinLength"),
        max_length: length("MaxLength"),
        min_value: number("MinValue"),
        max_value: number("MaxValue"),
        no_echo: text("NoEcho")
            .is_some_and(|text| ["true", "yes", "1"].contains(&text.to_ascii_lowercase().as_str())),
    }
}

/// Gives a scalar's text, or a list's items with commas between, as a parameter's value is written.
///
/// A truth value without quotes is one, however it is spelt.
fn list_text(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Scalar { text, plain: true } if matches!(text.as_str(), "True" | "TRUE") => {
            Some("true".to_owned())
        }
        NodeKind::Scalar { text, plain: true } if matches!(text.as_str(), "False" | "FALSE") => {
            Some("false".to_owned())
        }
        NodeKind::Scalar { text, .. } => Some(text.clone()),
        NodeKind::Sequence(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(scalar).collect();
            texts.map(|texts| texts.join(","))
        }
        NodeKind::Mapping(_) => None,
    }
}
