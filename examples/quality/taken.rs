//! Notes taken in as the program takes them: imported into a home of their own, indexed, and searched there.
//!
//! The bundled library stays out, so that it neither helps nor hinders.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use kumojuku::adapter::files::walk::Disk;
use kumojuku::adapter::store::library::DiskLibrary;
use kumojuku::app::import::{ImportPorts, ImportReport, ImportRequest, import};
use kumojuku::app::index::{IndexPorts, Knowledge, update};
use kumojuku::app::search::{HitReport, SearchRequest, search};
use kumojuku::notes::freshness::Rules;
use kumojuku::notes::library::PortError;
use kumojuku::notes::services::Services;
use kumojuku::search::NoteIndex;
use kumojuku::search::synonyms::Synonyms;

use crate::{Failure, judged};

/// Imported notes, ready to be asked.
pub(crate) struct Taken {
    /// What the import said.
    pub(crate) report: ImportReport,
    /// The index over them.
    pub(crate) index: NoteIndex,
    synonyms: Synonyms,
    services: Services,
    _home: tempfile::TempDir,
}

impl Taken {
    /// Takes in files and folders.
    pub(crate) fn of(paths: Vec<PathBuf>) -> Result<Self, Failure> {
        let home = tempfile::tempdir()?;
        let place = |name: &str| home.path().join(name);
        let mut library = DiskLibrary::open(&place("library.db"), &place("library"))?;
        let mut ports = ImportPorts {
            library: &mut library,
            files: &Disk,
            knowledge: &knowledge,
            stamp: "quality",
            stop: &|| false,
            now: Timestamp::UNIX_EPOCH,
        };
        let request = ImportRequest {
            paths,
            dry_run: false,
        };
        let report = import(&mut ports, &request, &mut |_, _| {})?;
        for skipped in &report.skipped {
            println!(
                "passed over {}: {:?}",
                skipped.path.display(),
                skipped.reason
            );
        }
        let (index, _) = NoteIndex::open(&place("index"))?;
        let mut ports = IndexPorts {
            library: &mut library,
            files: &Disk,
            shelf: &[],
            index: &index,
            knowledge: &knowledge,
            stamp: "quality",
            stop: &|| false,
            now: Timestamp::UNIX_EPOCH,
        };
        update(&mut ports, &mut |_, _| {})?;
        Ok(Self {
            report,
            index,
            synonyms: judged::synonyms(),
            services: knowledge()?.services,
            _home: home,
        })
    }

    /// Asks a query as one types it.
    pub(crate) fn ask(
        &self,
        query: &str,
        limit: usize,
        synonyms: bool,
    ) -> Result<Vec<HitReport>, Failure> {
        let request = SearchRequest {
            query: query.to_owned(),
            limit,
            no_synonyms: !synonyms,
            ..SearchRequest::default()
        };
        let found = search(&self.index, &self.synonyms, &self.services, &request, &|| 0)?;
        Ok(found.hits)
    }
}

fn knowledge() -> Result<Knowledge, PortError> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let text =
        |name: &str| std::fs::read_to_string(place.join(name)).map_err(|e| failed(&place, e));
    Ok(Knowledge {
        services: Services::from_yaml(&text("services.yaml")?).map_err(|e| failed(&place, e))?,
        rules: Rules::parse(&text("freshness.yaml")?).map_err(|e| failed(&place, e))?,
    })
}

fn failed(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> PortError {
    PortError {
        path: path.to_owned(),
        operation: "reading",
        source: Box::new(error),
    }
}
