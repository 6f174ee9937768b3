//! Every environment variable the program looks at.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;

use super::Language;

/// The variables that have a meaning here; all others are left unread.
const KNOWN: &[&str] = &[
    "JUKU_HOME",
    "JUKU_NOW",
    "JUKU_SEED",
    "JUKU_LANG",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "TERM",
    "COLUMNS",
    "VISUAL",
    "EDITOR",
    "PAGER",
    "LESS",
    "AWS_ENDPOINT_URL",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "PATH",
];

/// Why a variable cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}=`{value}` is not {expected}")]
pub struct EnvironmentError {
    /// The variable's name.
    pub variable: &'static str,
    /// What it holds.
    pub value: String,
    /// What it should hold.
    pub expected: &'static str,
}

/// The environment as it was when the program started.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Reads the process's environment. Values that are not Unicode count as unset.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one reader of the environment"
    )]
    pub fn of_process() -> Self {
        let read = |name: &&str| {
            std::env::var(name)
                .ok()
                .map(|value| ((*name).to_owned(), value))
        };
        Self {
            variables: KNOWN.iter().filter_map(read).collect(),
        }
    }

    /// Makes an environment of given variables, for tests.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            variables: variables.into_iter().map(own).collect(),
        }
    }

    /// Gives a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(KNOWN.contains(&name), "`{name}` is not listed");
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Gives the fixed time of `JUKU_NOW` (RFC 3339), which tests set and real AWS refuses.
    ///
    /// # Errors
    /// When it holds no timestamp.
    pub fn fixed_now(&self) -> Result<Option<Timestamp>, EnvironmentError> {
        self.parsed("JUKU_NOW", "a timestamp such as 2026-11-21T09:00:00+09:00")
    }

    /// Gives the seed of `JUKU_SEED`, which makes shuffles repeatable.
    ///
    /// # Errors
    /// When it holds no whole number.
    pub fn seed(&self) -> Result<Option<u64>, EnvironmentError> {
        self.parsed("JUKU_SEED", "a whole number")
    }

    fn parsed<T: std::str::FromStr>(
        &self,
        variable: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, EnvironmentError> {
        let parse = |value: &str| {
            value.parse().map_err(|_| EnvironmentError {
                variable,
                value: value.to_owned(),
                expected,
            })
        };
        self.get(variable).map(parse).transpose()
    }

    /// Gives the language of `JUKU_LANG` or of the locale: Japanese where the locale is Japanese or says nothing.
    ///
    /// # Errors
    /// When `JUKU_LANG` is neither `ja` nor `en`.
    pub fn language(&self) -> Result<Option<Language>, EnvironmentError> {
        if let Some(value) = self.get("JUKU_LANG") {
            return Language::of_tag(value).map(Some).ok_or(EnvironmentError {
                variable: "JUKU_LANG",
                value: value.to_owned(),
                expected: "ja or en",
            });
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| self.get(name));
        Ok(locale.and_then(Language::of_tag))
    }

    /// Says whether to colour what goes to a stream, by `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR` and `TERM`.
    pub fn colored(&self, terminal: bool) -> bool {
        if self.get("NO_COLOR").is_some() {
            return false;
        }
        if self.get("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
            return true;
        }
        terminal && self.get("CLICOLOR") != Some("0") && self.get("TERM") != Some("dumb")
    }

    /// Gives the pager's command line, and the options to give `less` where the user has set none.
    pub fn pager(&self) -> (&str, Option<&'static str>) {
        let options = self.get("LESS").is_none().then_some("FRX");
        (self.get("PAGER").unwrap_or("less"), options)
    }

    /// Gives the sandbox endpoint of `AWS_ENDPOINT_URL`.
    ///
    /// # Errors
    /// When it names anything but this machine: the emulator is never reached over a network.
    pub fn sandbox_endpoint(&self) -> Result<Option<String>, EnvironmentError> {
        let Some(url) = self.get("AWS_ENDPOINT_URL") else {
            return Ok(None);
        };
        if is_loopback_url(url) {
            return Ok(Some(url.to_owned()));
        }
        Err(EnvironmentError {
            variable: "AWS_ENDPOINT_URL",
            value: url.to_owned(),
            expected: "a loopback address such as http://127.0.0.1:4566",
        })
    }
}

/// Says whether a URL's host is this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
fn is_loopback_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    if !matches!(scheme, "http" | "https") {
        return false;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A user part could hide the true host from a careless reader.
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_a_sandbox() {
        for good in [
            "http://127.0.0.1:4566",
            "http://localhost",
            "http://[::1]:80/x",
            "https://127.9.9.9",
        ] {
            assert!(is_loopback_url(good), "{good}");
        }
        for bad in [
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1@evil.example",
            "http://10.0.0.1",
            "127.0.0.1:4566",
            "ftp://127.0.0.1",
            "https://cloudformation.ap-northeast-1.amazonaws.com",
            "http://localhost@x",
        ] {
            assert!(!is_loopback_url(bad), "{bad}");
        }
    }

    #[test]
    fn the_locale_decides_the_language() {
        let language = |pairs: [(&str, &str); 2]| Environment::of(pairs).language().unwrap();
        assert_eq!(
            language([("LANG", "ja_JP.UTF-8"), ("JUKU_LANG", "en")]),
            Some(Language::English)
        );
        assert_eq!(
            language([("LANG", "en_US.UTF-8"), ("LC_ALL", "")]),
            Some(Language::English)
        );
        assert_eq!(language([("LANG", "C.UTF-8"), ("LC_ALL", "")]), None);
        assert!(Environment::of([("JUKU_LANG", "fr")]).language().is_err());
    }

    #[test]
    fn colour_follows_the_conventions() {
        assert!(!Environment::of([("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).colored(true));
        assert!(Environment::of([("CLICOLOR_FORCE", "1")]).colored(false));
        assert!(!Environment::of([("TERM", "dumb")]).colored(true));
    }
}
