//! CloudFormation's quotas for a template: counts, names and sizes.

use crate::lab::finding::Finding;
use crate::lab::template::{Entry, Template};

/// The largest template that fits into a request; larger ones go by S3.
pub(crate) const INLINE_BYTES: usize = 51_200;
const MAX_RESOURCES: usize = 500;
const MAX_PARAMETERS: usize = 200;
const MAX_MAPPINGS: usize = 200;
const MAX_OUTPUTS: usize = 200;
const MAX_NAME: usize = 255;

/// Checks what the text and its sections show.
pub(super) fn of_template(template: &Template, findings: &mut Vec<Finding>) {
    if template.bytes > INLINE_BYTES {
        findings.push(
            Finding::note("needs-s3")
                .with("bytes", template.bytes)
                .with("limit", INLINE_BYTES),
        );
    }
    count(
        "Parameters",
        template.parameters.len(),
        MAX_PARAMETERS,
        findings,
    );
    count("Mappings", template.mappings.len(), MAX_MAPPINGS, findings);
    for parameter in &template.parameters {
        if !is_name(&parameter.name) {
            findings.push(bad_name("Parameters", &parameter.name).at(parameter.place));
        }
    }
}

/// Checks the resources after loops were unrolled.
pub(super) fn of_resources(entries: &[Entry], findings: &mut Vec<Finding>) {
    count("Resources", entries.len(), MAX_RESOURCES, findings);
    names("Resources", entries, findings);
}

/// Checks the outputs after loops were unrolled.
pub(super) fn of_outputs(entries: &[Entry], findings: &mut Vec<Finding>) {
    count("Outputs", entries.len(), MAX_OUTPUTS, findings);
    names("Outputs", entries, findings);
}

fn count(section: &str, count: usize, limit: usize, findings: &mut Vec<Finding>) {
    if count > limit {
        findings.push(
            Finding::deny("too-many")
                .with("section", section)
                .with("count", count)
                .with("limit", limit),
        );
    }
}

fn names(section: &str, entries: &[Entry], findings: &mut Vec<Finding>) {
    for entry in entries {
        if !is_name(&entry.name) {
            findings.push(bad_name(section, &entry.name).at(entry.place));
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn bad_name(section: &str, name: &str) -> Finding {
    Finding::deny("bad-name")
        .on(crate::text::cut_to_width(name, 60))
        .with("section", section)
}
