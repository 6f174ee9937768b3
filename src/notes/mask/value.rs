//! Whether a value reads like a secret, or like a word, a placeholder, a name or a piece of code.

use std::sync::LazyLock;

use regex::Regex;

use super::patterns::Strength;

/// Shortest password; what is shorter is a number or a word.
const PASSWORD: usize = 6;
/// Shortest token.
const TOKEN: usize = 12;

/// What stands where the reader's own secret would: variables, templates, functions of CloudFormation, words that
/// say so.
static PLACEHOLDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^[$%{\[<(&@]|\$\{|\$\(|\{\{|%\(|%s|\.\.\.|\*\*|●●|^![a-z]+$|^~?/|^\.{1,2}/|::|://|^arn:|",
        r"your|example|sample|dummy|placeholder|change.?me|replace|xxx|yyyy|^(?:var|local|self|this|process|os|env|config|event|params|module|data|ssm|secretsmanager|vault|file|kms|aws)[.:\[/]"
    ))
    .ok()
});

/// Words with digits that are no secrets: encodings, algorithms, types, services.
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:base-?(?:32|58|64)(?:string|encoded)?|sha-?\d+|md5|utf-?\d+|oauth-?\d?\.?\d?|aes-?\d+(?:-[a-z]+)?|rsa-?\d+|ed25519|hs\d+|rs\d+|u?int\d+|string\d*|argon2\w*|pbkdf2|route53|amazons3|x\.?509|pkcs\d+|saml ?2\.?0?|openid|varchar\d*|rfc\d+|http/\d.*|v\d+(?:\.\d+)*|ipv[46]|tls.?1\.\d|p12|\d+(?:px|gb|mb|kb|ms|min|hours?|days?|chars?|characters?|bytes?|bits?))$",
    )
    .ok()
});

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// Says whether a key is one of AWS's documentation, or masked already.
pub(super) fn is_documented(secret: &str) -> bool {
    secret.contains("EXAMPLE") || secret.contains('*')
}

/// Says whether a key has the letters of all kinds that a random one of forty has.
pub(super) fn is_mixed(secret: &str) -> bool {
    let kinds = Kinds::of(secret);
    kinds.upper >= 3 && kinds.lower >= 3 && kinds.digits >= 1
}

/// How many characters of each kind a value has.
#[derive(Debug, Default)]
struct Kinds {
    upper: usize,
    lower: usize,
    digits: usize,
    signs: usize,
}

impl Kinds {
    fn of(value: &str) -> Self {
        let mut kinds = Self::default();
        for c in value.chars() {
            match c {
                'A'..='Z' => kinds.upper += 1,
                'a'..='z' => kinds.lower += 1,
                '0'..='9' => kinds.digits += 1,
                _ => kinds.signs += 1,
            }
        }
        kinds
    }

    fn letters(&self) -> usize {
        self.upper + self.lower
    }

    fn count(&self) -> usize {
        [self.upper, self.lower, self.digits, self.signs]
            .iter()
            .filter(|n| **n > 0)
            .count()
    }
}

/// Says whether a value is the secret that its name promises.
pub(super) fn looks(value: &str, strength: Strength) -> bool {
    match strength {
        Strength::Password => is_password(value),
        Strength::Cell => is_strong(value),
        Strength::Token => is_token(value),
    }
}

/// Says whether a value that is called a password is one.
fn is_password(value: &str) -> bool {
    let kinds = Kinds::of(value);
    let length = value.chars().count();
    if length < PASSWORD || never(value) || pieces(value).is_some_and(|count| count >= 3) {
        return false;
    }
    // Signs that names do not have.
    let odd = value.contains(['!', '@', '#', '$', '%', '^', '&', '?', '+', '~']);
    let number = kinds.digits == length;
    number || (kinds.letters() > 0 && (kinds.digits > 0 || odd))
}

/// Says whether a value that only stands beside the word is a password beyond doubt.
fn is_strong(value: &str) -> bool {
    let kinds = Kinds::of(value);
    let mixed = kinds.count() >= 3 && kinds.digits > 0;
    value.chars().count() >= 8 && mixed && is_password(value) && pieces(value).is_none()
}

/// Says whether a value that is called a token or a key is one.
fn is_token(value: &str) -> bool {
    let kinds = Kinds::of(value);
    let random = kinds.digits >= 2 && kinds.letters() >= 2;
    value.chars().count() >= TOKEN && random && !never(value) && pieces(value).is_none()
}

fn never(value: &str) -> bool {
    let code = value.contains(['(', ')', '{', '}', '[', ']', '<', '>', ';']);
    let short_path = value.contains('/') && value.len() < 20;
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let day = digits >= 1
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || "-/.:~,%".contains(c))
        && digits < value.len();
    code || short_path
        || day
        || is_documented(value)
        || matches(&PLACEHOLDER, value)
        || matches(&WORD, value)
        || is_path_of_names(value)
        || value.chars().all(|c| value.starts_with(c))
}

/// Says whether a value is names joined by dots, as code has them: `config.db1.password`.
fn is_path_of_names(value: &str) -> bool {
    let mut parts = 0;
    let named = value.split('.').all(|part| {
        parts += 1;
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    // A signed token has dots too, but its parts are long.
    named && parts >= 2 && value.split('.').all(|part| part.len() < 24)
}

/// Counts the pieces of a name such as `app-db-2024`, each a word or a number; `None` when a piece is neither.
fn pieces(value: &str) -> Option<usize> {
    let mut count = 0;
    for piece in value.split(['-', '_', '/', '.', ':']) {
        let word = piece.chars().all(|c| c.is_ascii_lowercase())
            || piece.chars().all(|c| c.is_ascii_uppercase())
            || piece.chars().skip(1).all(|c| c.is_ascii_lowercase());
        let number = piece.len() <= 4 && piece.chars().all(|c| c.is_ascii_digit());
        if !(word || number) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

/// Says whether a value ends where it was cut: what goes on in Japanese or with a bracket was prose or code.
pub(super) fn ends_here(behind: &str) -> bool {
    let rest =
        behind.trim_start_matches(['"', '\'', '`', '」', '』', '*', ',', ';', '.', ':', '\\']);
    if rest.len() < behind.len() {
        return true;
    }
    ["です", "でし", "で、", "に", "を", "と", "。", "、"]
        .iter()
        .any(|particle| rest.starts_with(particle))
        || rest.chars().next().is_none_or(|c| {
            c.is_whitespace() || matches!(c, '|' | ')' | '）' | ']' | '}' | '<' | '&')
        })
}
