//! The bundled library: `content/`, `quizzes/` and `labs/`.
//!
//! In a checkout it is read from disk, so that an edit shows at once; an installed `juku` carries a copy of the files
//! inside the binary. The user's own library of the same three folders lies over it: a file with the same path
//! below its folder replaces the bundled one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::FileError;

static CONTENT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/content");
static QUIZZES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/quizzes");
static LABS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/labs");

/// One of the library's three folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Notes and the data beside them.
    Content,
    /// Question banks.
    Quizzes,
    /// Practice labs.
    Labs,
}

impl Shelf {
    /// Gives the folder's name.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Quizzes => "quizzes",
            Self::Labs => "labs",
        }
    }

    fn embedded(self) -> &'static Dir<'static> {
        match self {
            Self::Content => &CONTENT,
            Self::Quizzes => &QUIZZES,
            Self::Labs => &LABS,
        }
    }
}

/// A file of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryFile {
    /// Its path below the shelf's folder, with `/` between parts.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// True when it is the user's own.
    pub own: bool,
    /// Where it is on disk; `None` for one inside the binary.
    pub path: Option<PathBuf>,
}

impl LibraryFile {
    /// Gives the path to show: the one on disk, or `<shelf>/<name>`.
    pub fn shown_path(&self, kind: Shelf) -> PathBuf {
        self.path
            .clone()
            .unwrap_or_else(|| Path::new(kind.folder()).join(&self.name))
    }
}

/// The library as it lies on disk or in the binary, with the user's own over it.
#[derive(Debug, Clone)]
pub struct Bundle {
    checkout: Option<PathBuf>,
    own: PathBuf,
}

impl Bundle {
    /// Finds the bundled library of the running program; `own` is the folder of the user's own one.
    pub fn find(own: &Path) -> Self {
        Self {
            checkout: std::env::current_exe()
                .ok()
                .and_then(|exe| checkout_of(&exe)),
            own: own.to_owned(),
        }
    }

    /// Reads all files of a shelf, sorted by name.
    ///
    /// # Errors
    /// When a folder or file that is there cannot be read.
    pub fn files(&self, kind: Shelf) -> Result<Vec<LibraryFile>, FileError> {
        let mut files = BTreeMap::new();
        match &self.checkout {
            Some(root) => walk(&root.join(kind.folder()), false, &mut files)?,
            None => embedded(kind.embedded(), &mut files),
        }
        walk(&self.own.join(kind.folder()), true, &mut files)?;
        Ok(files.into_values().collect())
    }

    /// Gives a mark of a shelf's files by path, size and time of change, without reading them; it differs when a file
    /// was added, removed or changed.
    ///
    /// # Errors
    /// When a folder that is there cannot be read.
    pub fn stamp(&self, kind: Shelf) -> Result<String, FileError> {
        let mut hasher = blake3::Hasher::new();
        match &self.checkout {
            Some(root) => stamp(&root.join(kind.folder()), &mut hasher)?,
            // Files inside the binary change with the program, whose build this is a mark of.
            None => count(kind.embedded(), &mut hasher),
        }
        stamp(&self.own.join(kind.folder()), &mut hasher)?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Reads one file of a shelf, the user's own first.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn file(&self, kind: Shelf, name: &str) -> Result<Option<LibraryFile>, FileError> {
        let roots = [(Some(&self.own), true), (self.checkout.as_ref(), false)];
        for (root, own) in roots
            .into_iter()
            .filter_map(|(root, own)| Some((root?, own)))
        {
            let path = root.join(kind.folder()).join(name);
            match std::fs::read(&path) {
                Ok(bytes) => {
                    return Ok(Some(LibraryFile {
                        name: name.to_owned(),
                        bytes,
                        own,
                        path: Some(path),
                    }));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(FileError::at(&path, "reading")(error)),
            }
        }
        let inside = || {
            let bytes = kind.embedded().get_file(name)?.contents().to_vec();
            Some(LibraryFile {
                name: name.to_owned(),
                bytes,
                own: false,
                path: None,
            })
        };
        Ok(if self.checkout.is_none() {
            inside()
        } else {
            None
        })
    }
}

fn stamp(root: &Path, hasher: &mut blake3::Hasher) -> Result<(), FileError> {
    if !root.exists() {
        return Ok(());
    }
    for entry in walkdir::WalkDir::new(root)
        .follow_links(false)
        .sort_by_file_name()
    {
        let failed = |error: walkdir::Error| FileError {
            path: error.path().unwrap_or(root).to_owned(),
            operation: "reading",
            source: error.into(),
        };
        let entry = entry.map_err(failed)?;
        if !entry.file_type().is_file() {
            continue;
        }
        let about = entry.metadata().map_err(failed)?;
        let changed = about
            .modified()
            .ok()
            .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos());
        hasher.update(entry.path().to_string_lossy().as_bytes());
        hasher.update(&about.len().to_le_bytes());
        hasher.update(&changed.to_le_bytes());
    }
    Ok(())
}

fn count(dir: &Dir<'static>, hasher: &mut blake3::Hasher) {
    for file in dir.files() {
        hasher.update(file.path().to_string_lossy().as_bytes());
        hasher.update(file.contents());
    }
    for sub in dir.dirs() {
        count(sub, hasher);
    }
}

/// Finds the checkout that a program under its `target/` folder was built from.
fn checkout_of(exe: &Path) -> Option<PathBuf> {
    let is_checkout = |folder: &&Path| {
        folder.join("Cargo.toml").is_file()
            && [Shelf::Content, Shelf::Quizzes, Shelf::Labs]
                .iter()
                .all(|s| folder.join(s.folder()).is_dir())
    };
    exe.ancestors().find(is_checkout).map(Path::to_owned)
}

fn walk(
    root: &Path,
    own: bool,
    files: &mut BTreeMap<String, LibraryFile>,
) -> Result<(), FileError> {
    if !root.exists() {
        return Ok(());
    }
    for entry in walkdir::WalkDir::new(root)
        .follow_links(false)
        .sort_by_file_name()
    {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(root).to_owned();
            FileError {
                path,
                operation: "reading",
                source: error.into(),
            }
        })?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !entry.file_type().is_file() || hidden {
            continue;
        }
        let path = entry.into_path();
        let bytes = std::fs::read(&path).map_err(FileError::at(&path, "reading"))?;
        let below = path.strip_prefix(root).unwrap_or(&path);
        let name = below
            .iter()
            .map(|part| part.to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        files.insert(
            name.clone(),
            LibraryFile {
                name,
                bytes,
                own,
                path: Some(path),
            },
        );
    }
    Ok(())
}

fn embedded(dir: &Dir<'static>, files: &mut BTreeMap<String, LibraryFile>) {
    for file in dir.files() {
        let name = file.path().to_string_lossy().replace('\\', "/");
        let bytes = file.contents().to_vec();
        files.insert(
            name.clone(),
            LibraryFile {
                name,
                bytes,
                own: false,
                path: None,
            },
        );
    }
    for sub in dir.dirs() {
        embedded(sub, files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_file_replaces_the_bundled_one() {
        let own = tempfile::tempdir().unwrap();
        let bundle = Bundle {
            checkout: None,
            own: own.path().to_owned(),
        };
        let bundled = bundle
            .file(Shelf::Content, "blueprint.yaml")
            .unwrap()
            .unwrap();
        assert!(!bundled.own && bundled.path.is_none());
        super::super::write_atomic(&own.path().join("content/blueprint.yaml"), b"mine").unwrap();
        let mine = bundle
            .file(Shelf::Content, "blueprint.yaml")
            .unwrap()
            .unwrap();
        assert_eq!(
            (mine.own, mine.bytes.as_slice()),
            (true, b"mine".as_slice())
        );
        let all = bundle.files(Shelf::Content).unwrap();
        assert_eq!(all.iter().filter(|f| f.name == "blueprint.yaml").count(), 1);
    }

    #[test]
    fn a_checkout_and_the_binary_hold_the_same_names() {
        let names = |checkout| {
            let bundle = Bundle {
                checkout,
                own: PathBuf::from("/nonexistent"),
            };
            let files = bundle.files(Shelf::Content).unwrap();
            files.into_iter().map(|f| f.name).collect::<Vec<_>>()
        };
        assert_eq!(
            names(Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")))),
            names(None)
        );
    }
}
