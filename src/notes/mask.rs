//! Secrets that slipped into notes: found and masked, character for character, so that places stay exact.

use std::sync::LazyLock;

use regex::Regex;

use crate::notes::Document;

/// What counts as a secret; where a pattern has a group, only the group is masked.
static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // access key ids of users, roles, and other principals that sign requests
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        // a secret access key or session token behind its name
        r#"(?i)(?:secret[_ ]?(?:access)?[_ ]?key|session[_ ]?token)[^\n=:]{0,24}[=:]\s*["']?([A-Za-z0-9/+]{40,}={0,2})"#,
        r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
        r"\bgithub_pat_[A-Za-z0-9_]{40,}\b",
        r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
        r"hooks\.slack\.com/services/(T[A-Za-z0-9_]+/B[A-Za-z0-9_]+/[A-Za-z0-9]{16,})",
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(.+?)-----END [A-Z ]*PRIVATE KEY-----",
        r"[a-z][a-z0-9+.-]*://[^\s:/@]+:([^\s:/@<>\{\}\$\[\]\*]{6,})@[a-zA-Z0-9]",
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// Words by which a text that may hold a secret is known at once; the patterns are slow on long texts.
static HINTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"AKIA|ASIA|(?i:secret|session[_ ]?token)|gh[pousr]_|github_pat|xox[abprs]-|hooks\.slack|PRIVATE KEY|://[^\s/]+@").ok()
});

/// Masks the secrets in a text; gives the masked text and how many there were.
///
/// The first four characters stay, so that the owner knows which key it is. AWS's own documentation keys, which end
/// in `EXAMPLE` or `EXAMPLEKEY`, are no secrets.
pub fn mask(text: &str) -> Option<(String, usize)> {
    if !HINTS.as_ref().is_some_and(|hints| hints.is_match(text)) {
        return None;
    }
    let mut masked = text.to_owned();
    let mut count = 0;
    for pattern in PATTERNS.iter() {
        let mut next = String::with_capacity(masked.len());
        let mut from = 0;
        for captures in pattern.captures_iter(&masked) {
            let Some(found) = captures.get(1).or_else(|| captures.get(0)) else {
                continue;
            };
            if found.as_str().contains("EXAMPLE") || found.as_str().contains('*') {
                continue;
            }
            next.push_str(masked.get(from..found.start()).unwrap_or_default());
            next.push_str(&stars(found.as_str()));
            from = found.end();
            count += 1;
        }
        next.push_str(masked.get(from..).unwrap_or_default());
        masked = next;
    }
    (count > 0).then_some((masked, count))
}

fn stars(secret: &str) -> String {
    secret
        .chars()
        .enumerate()
        .map(|(at, c)| if at < 4 || c == '\n' { c } else { '*' })
        .collect()
}

/// Masks the secrets in every section of a document and counts them.
pub(crate) fn mask_document(document: &mut Document) {
    for section in &mut document.sections {
        if let Some((masked, count)) = mask(&section.text) {
            section.text = masked;
            document.secrets_masked += count;
        }
        for heading in &mut section.heading {
            if let Some((masked, _)) = mask(heading) {
                *heading = masked;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_place() {
        let text = "キーは AKIAABCDEFGHIJKLMNOP です\naws_secret_access_key = abcdefghijABCDEFGHIJ0123456789+/abcdefghij\n";
        let (masked, count) = mask(text).unwrap();
        assert_eq!(count, 2);
        assert!(masked.contains("AKIA****************") && !masked.contains("0123456789"));
        assert_eq!(masked.chars().count(), text.chars().count());
    }

    #[test]
    fn documentation_keys_and_placeholders_stay() {
        assert_eq!(mask("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(mask("postgres://user:<password>@host/db"), None);
        assert_eq!(mask("Secrets Manager の secret key: はここ"), None);
        assert!(mask("mysql://root:hunter22@db.example.com/app").is_some());
    }

    #[test]
    fn a_private_key_keeps_its_lines() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nxyz\n-----END RSA PRIVATE KEY-----";
        let (masked, _) = mask(text).unwrap();
        assert_eq!(masked.lines().count(), 4);
        assert!(!masked.contains("abc"));
    }
}
