//! The forms of secrets, and the names before those that have none.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What is a secret by its form; where a pattern has a group, only the group is masked. `\b` is a border of ASCII
/// words: Japanese stands right beside them.
pub(super) static TOKENS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // access key ids of users, roles, and other principals that sign requests
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        // a secret access key or session token behind its name
        r#"(?i)(?:secret[_ -]?(?:access)?[_ -]?key|session[_ -]?token)[^\n=:]{0,24}[=:]\s*["']?([A-Za-z0-9/+]{40,}={0,2})"#,
        r"X-Amz-(?:Signature|Security-Token)=([^&\s<>{}$*]{16,})",
        // code hosts and registries
        r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
        r"\bgithub_pat_[A-Za-z0-9_]{40,}\b",
        r"\bglpat-[A-Za-z0-9_-]{20,}",
        r"\bnpm_[A-Za-z0-9]{36,}\b",
        r"\bpypi-AgE[A-Za-z0-9_-]{40,}",
        // chat, payment, mail
        r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
        r"\bxapp-\d-[A-Za-z0-9-]{10,}",
        r"hooks\.slack\.com/services/(T[A-Za-z0-9_]+/B[A-Za-z0-9_]+/[A-Za-z0-9]{16,})",
        r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}\b",
        r"\bwhsec_[A-Za-z0-9+/=]{24,}",
        r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        // models and clouds
        r"\bsk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{16,}",
        r"\bsk-[A-Za-z0-9]{40,}\b",
        r"\bhf_[A-Za-z0-9]{34,}\b",
        r"\bAIza[0-9A-Za-z_-]{35}",
        r"\bGOCSPX-[0-9A-Za-z_-]{20,}",
        // signed statements about somebody
        r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        // a password in an address, with or without a user
        r"\b[a-z][a-z0-9+.-]*://[^\s:/@]*:([^\s:/@<>\{\}\$\[\]\*]{6,})@[a-zA-Z0-9]",
    ]
    .iter()
    .filter_map(|pattern| regex(pattern))
    .collect()
});

/// Words by which a text that may hold a secret is known at once; the patterns are slow on long texts.
static HINTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"AKIA|ASIA|ＡＫＩＡ|ＡＳＩＡ|(?i:secret|pass|pwd|pw|token|api.?key|bearer|authorization|curl|mysql|x-amz-)|",
        r"シークレット|パスワード|パスフレーズ|トークン|暗証|(?i:API)キー|ＡＰＩキー|[Ａ-Ｚａ-ｚ]{4}|",
        r"gh[pousr]_|github_pat|glpat-|npm_|pypi-|xox[abeprs]-|xapp-|hooks\.slack|k_live_|k_test_|whsec_|SG\.|sk-|hf_|AIza|GOCSPX|eyJ|",
        r"PRIVATE KEY|://[^\s/]*@"
    ))
});

/// What a secret access key and a session token are called.
static KEY_NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)secret[_ -]?(?:access)?[_ -]?key|session[_ -]?token|シークレット(?:アクセス)?・?キー|セッション・?トークン|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    )
});

/// What may be a secret access key: as long as one, and nothing of its letters beside it.
static KEYS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?:^|[^A-Za-z0-9/+=_.-]|[A-Za-z_]=)([A-Za-z0-9/+]{40}|[A-Za-z0-9/+]{100,}={0,2})(?:$|[^A-Za-z0-9/+=_.-])",
    )
});

/// Tokens that are no secrets.
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)(?:next|start|starting|page|pagination|continuation|request|client|idempotency|task|update|lock|change|csrf|sequence)[_ -]?token$",
    )
});

/// How much a value must look like a secret, given what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// It is called a password and assigned.
    Password,
    /// It stands beside the word password, in a table or a sentence.
    Cell,
    /// It is called a token or a key.
    Token,
}

/// A value behind a name.
pub(super) struct Named {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// What it must look like.
    pub(super) strength: Strength,
}

/// Names and what may stand between them and the value; the group is the value.
static NAMED: LazyLock<Vec<(Strength, Regex)>> = LazyLock::new(|| {
    const VALUE: &str = r#"["'`「『]?([!#-&*-+\--:=-~]+)"#;
    let password =
        "(?:pass(?:word|wd|phrase|code)|pwd|pgpass|パスワード|パスフレーズ|暗証番号)[0-9]{0,2}";
    // The word behind a colon is a part of an ARN.
    let token = "(?:^|[^:/.])(?:api[_ -]?(?:key|token|secret)|APIキー|APIトークン|(?:access|auth|refresh|id|bearer|bot|deploy|personal|client|app|webhook|signing|jwt|shared)[_ -]?(?:token|secret)|アクセストークン|シークレット|token|トークン|secret|encryption[_ -]?key|account[_ -]?key)";
    [
        (
            Strength::Password,
            format!(r#"(?i){password}["'`*]{{0,3}} *(?::|=|=>|:=) *{VALUE}"#),
        ),
        (
            Strength::Password,
            format!(r"(?i)--(?:[a-z-]*-)?(?:password|passwd|passphrase)[= ] *{VALUE}"),
        ),
        (
            Strength::Password,
            r#"\bcurl\b.*?\s(?:-u|--user)[ =]?["']?[^\s:"'$<{]+:([^\s"'$<{]{4,})"#.to_owned(),
        ),
        (
            Strength::Password,
            r#"\bmysql(?:dump|admin)?\b.*?\s-p([^\s"'$<{-][^\s"'$<{]{5,})"#.to_owned(),
        ),
        (
            Strength::Cell,
            format!(r#"(?i){password}["'`*]{{0,3}} *(?:\||は|,|\t|が| ) *{VALUE}"#),
        ),
        (
            Strength::Cell,
            format!(r#"(?i)\b(?:pw|pass)["'`*]{{0,3}} *(?::|=|\||は) *{VALUE}"#),
        ),
        (
            Strength::Token,
            format!(r#"(?i){token}["'`*]{{0,3}} *(?::|=|=>|:=|\||は) *{VALUE}"#),
        ),
        (
            Strength::Token,
            format!(
                r#"(?i)\bauthorization["']? *[:=] *["']?(?:bearer|basic|token|apikey) +{VALUE}"#
            ),
        ),
        (Strength::Token, format!(r"\b[Bb]earer +{VALUE}")),
        (
            Strength::Token,
            format!(r#"(?i)\bx-(?:api-key|auth-token|vault-token)["']? *: *{VALUE}"#),
        ),
    ]
    .into_iter()
    .filter_map(|(strength, pattern)| Some((strength, regex(&pattern)?)))
    .collect()
});

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&pattern.replace(r"\b", r"(?-u:\b)")).ok()
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// Says whether a text may hold a secret at all.
pub(super) fn may_hold(text: &str) -> bool {
    matches(&HINTS, text)
}

/// Says whether a line names a secret access key or session token, or holds the key's id.
pub(super) fn names_key(text: &str) -> bool {
    matches(&KEY_NAMES, text)
}

/// Finds what is as long as a secret access key or a session token.
pub(super) fn secret_keys(text: &str) -> impl Iterator<Item = Range<usize>> {
    let found = KEYS.iter().flat_map(move |keys| keys.captures_iter(text));
    found.filter_map(|captures| Some(captures.get(1)?.range()))
}

/// Says whether the name before a value is that of a mark in a list or of a request: no secret hangs on it.
fn leads_on(text: &str, value: usize) -> bool {
    let name = text.get(..value).unwrap_or_default().trim_end();
    let name = name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    matches(&MARKS, name)
}

/// Finds the values behind names.
pub(super) fn named(text: &str) -> impl Iterator<Item = Named> {
    NAMED.iter().flat_map(move |(strength, pattern)| {
        pattern.captures_iter(text).filter_map(move |captures| {
            let whole = captures.get(1)?;
            if *strength == Strength::Token && leads_on(text, whole.start()) {
                return None;
            }
            let trimmed = whole.as_str().trim_end_matches([',', ';', '.', ':', '\\']);
            Some(Named {
                range: whole.start()..whole.start() + trimmed.len(),
                strength: *strength,
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!((TOKENS.len(), NAMED.len()), (21, 10));
        assert!(HINTS.is_some() && KEY_NAMES.is_some() && KEYS.is_some() && MARKS.is_some());
    }
}
