//! Where everything lives: one folder under `JUKU_HOME`, or the XDG folders.

use std::path::{Path, PathBuf};

use super::Environment;

/// Why no place for the program's files could be found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathsError {
    /// Neither `JUKU_HOME` nor `HOME` is set.
    #[error("neither JUKU_HOME nor HOME is set")]
    NoHome,
}

/// The four folders and the files in them. Nothing is created here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    data: PathBuf,
    cache: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// Resolves the folders from the environment.
    ///
    /// # Errors
    /// When no home is known.
    pub fn of(environment: &Environment) -> Result<Self, PathsError> {
        if let Some(home) = environment.get("JUKU_HOME") {
            return Ok(Self::under(Path::new(home)));
        }
        let home = || {
            environment
                .get("HOME")
                .map(PathBuf::from)
                .ok_or(PathsError::NoHome)
        };
        // The XDG specification: a relative path in these variables is invalid and ignored.
        let folder = |variable, default: &str| match environment.get(variable).map(Path::new) {
            Some(path) if path.is_absolute() => Ok(path.join("juku")),
            _ => Ok(home()?.join(default).join("juku")),
        };
        Ok(Self {
            config: folder("XDG_CONFIG_HOME", ".config")?,
            data: folder("XDG_DATA_HOME", ".local/share")?,
            cache: folder("XDG_CACHE_HOME", ".cache")?,
            state: folder("XDG_STATE_HOME", ".local/state")?,
        })
    }

    /// Puts all four folders under one.
    pub fn under(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            data: home.join("data"),
            cache: home.join("cache"),
            state: home.join("state"),
        }
    }

    /// The settings file.
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The folder of the settings file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The folder of everything that must not be lost.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The user's own `content/`, `quizzes/` and `labs/`.
    pub fn own_library(&self) -> &Path {
        &self.data
    }

    /// Where imported notes are copied to.
    pub fn imports(&self) -> PathBuf {
        self.data.join("library")
    }

    /// The manifest of imported notes.
    pub fn library_db(&self) -> PathBuf {
        self.data.join("library.db")
    }

    /// The study history.
    pub fn study_db(&self) -> PathBuf {
        self.data.join("study.db")
    }

    /// The lab ledger.
    pub fn ledger_db(&self) -> PathBuf {
        self.data.join("ledger.db")
    }

    /// Prices read from the AWS price list, over those of the library.
    pub fn prices(&self) -> PathBuf {
        self.data.join("prices-refreshed.yaml")
    }

    /// Thinned copies of the databases above.
    pub fn backups(&self) -> PathBuf {
        self.data.join("backups")
    }

    /// The sandbox's virtual environment, log and pid file.
    pub fn sandbox(&self) -> PathBuf {
        self.data.join("sandbox")
    }

    /// The search index, a cache.
    pub fn index(&self) -> PathBuf {
        self.cache.join("index")
    }

    /// The rules of outdated facts, read and checked: a cache.
    pub fn rules(&self) -> PathBuf {
        self.cache.join("freshness.json")
    }

    /// The map of synonyms, read and folded: a cache.
    pub fn synonyms(&self) -> PathBuf {
        self.cache.join("synonyms.json")
    }

    /// The folder of everything that can be rebuilt.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The rehearsal engine's stacks.
    pub fn rehearsal_db(&self) -> PathBuf {
        self.state.join("rehearsal.db")
    }

    /// The REPL's history.
    pub fn history(&self) -> PathBuf {
        self.state.join("history")
    }

    /// The hits that `open N` refers to.
    pub fn last_search(&self) -> PathBuf {
        self.state.join("last-search.json")
    }

    /// The folder of what is remembered between runs but may be lost.
    pub fn state(&self) -> &Path {
        &self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_home_or_xdg() {
        let one = Paths::of(&Environment::of([("JUKU_HOME", "/h"), ("HOME", "/u")])).unwrap();
        assert_eq!(one.study_db(), Path::new("/h/data/study.db"));
        let xdg = Paths::of(&Environment::of([
            ("HOME", "/u"),
            ("XDG_DATA_HOME", "/d"),
            ("XDG_CACHE_HOME", "rel"),
        ]));
        let xdg = xdg.unwrap();
        assert_eq!(xdg.study_db(), Path::new("/d/juku/study.db"));
        assert_eq!(xdg.index(), Path::new("/u/.cache/juku/index"));
        assert_eq!(Paths::of(&Environment::default()), Err(PathsError::NoHome));
    }
}
