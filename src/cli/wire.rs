//! The composition root: the one place that knows which adapter stands behind which port.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::error::CommandError;
use crate::adapter::anki;
use crate::adapter::clock::Clock;
use crate::adapter::files::bundle::Bundle;
use crate::adapter::files::walk::Disk;
use crate::adapter::files::{self, FileError};
use crate::adapter::heartbeat::Heartbeat;
use crate::adapter::lab_site::{self, SiteError};
use crate::adapter::rehearsal::clock::RehearsalClock;
use crate::adapter::rehearsal::engine::Engine;
use crate::adapter::rehearsal::inject::{BadInjection, Injection};
use crate::adapter::rehearsal::listener::Listener;
use crate::adapter::sandbox::calls::SandboxCalls;
use crate::adapter::store::archive::{self, ArchiveError};
use crate::adapter::store::db::StoreError;
use crate::adapter::store::ledger::SqliteLedger;
use crate::adapter::store::library::DiskLibrary;
use crate::adapter::store::study::StudyDb;
use crate::config::{Environment, Paths, Settings};
use crate::lab::check::TaskCalls;
use crate::lab::cost::refresh::PriceList;
use crate::lab::lease::{Lease, Tier};
use crate::lab::port::Ledger;
use crate::msg;
use crate::notes::library::{Files, Library};
use crate::progress::deck::Package;
use crate::progress::store::{RecordError, StudyStore};
use crate::time::StudyDay;

pub(super) use crate::adapter::anki::AnkiError;
#[cfg(test)]
pub(super) use crate::adapter::aws::fake::{ACCOUNT, FakeAws};
pub(super) use crate::adapter::files::bundle::{LibraryFile, Shelf};
pub(super) use crate::adapter::interrupt::Interrupts;
pub(super) use crate::adapter::lab_site::{LabSite, Place};
pub(super) use crate::adapter::sandbox::process::{Sandbox, SandboxError};

/// Settings, places and adapters of one run. Stores are opened when first needed.
#[derive(Debug)]
pub struct Wire {
    environment: Environment,
    paths: Paths,
    settings: Settings,
    clock: Clock,
    seed: Option<u64>,
    bundle: Bundle,
    #[cfg(test)]
    aws: Option<FakeAws>,
}

impl Wire {
    /// Reads the settings and finds the library.
    ///
    /// # Errors
    /// When no home is known, or a setting or variable is wrong.
    pub fn new(environment: Environment) -> Result<Self, CommandError> {
        let paths = Paths::of(&environment)?;
        let clock = Clock::new(environment.fixed_now()?);
        let seed = environment.seed()?;
        let settings = read_settings(&paths)?;
        let bundle = Bundle::find(paths.own_library());
        Ok(Self {
            environment,
            paths,
            settings,
            clock,
            seed,
            bundle,
            #[cfg(test)]
            aws: None,
        })
    }

    /// Puts a pretended account where the real one is reached; only tests are built with this.
    #[cfg(test)]
    pub(super) fn with_aws(mut self, aws: FakeAws) -> Self {
        self.aws = Some(aws);
        self
    }

    /// Gives the checked settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Reads the settings again after they were changed.
    ///
    /// # Errors
    /// When a setting is wrong.
    pub fn reload_settings(&mut self) -> Result<(), CommandError> {
        self.settings = read_settings(&self.paths)?;
        Ok(())
    }

    /// Gives the places.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Gives the environment as it was at start.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Gives the moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Gives the local time zone.
    pub fn zone(&self) -> &TimeZone {
        self.clock.zone()
    }

    /// Gives the seed that tests set.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Reads all files of a shelf of the library.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn library(&self, kind: Shelf) -> Result<Vec<LibraryFile>, CommandError> {
        Ok(self.bundle.files(kind)?)
    }

    /// Gives a mark of a shelf's files that differs when one was changed, without reading them.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn library_stamp(&self, kind: Shelf) -> Result<String, CommandError> {
        Ok(self.bundle.stamp(kind)?)
    }

    /// Reads one file of the library.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn library_file(
        &self,
        kind: Shelf,
        name: &str,
    ) -> Result<Option<LibraryFile>, CommandError> {
        Ok(self.bundle.file(kind, name)?)
    }

    /// Writes a private file whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &std::path::Path, bytes: &[u8]) -> Result<(), CommandError> {
        Ok(files::write_atomic(path, bytes)?)
    }

    /// Reads a text file, or `None` where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self, path: &std::path::Path) -> Result<Option<String>, CommandError> {
        Ok(files::read_if_present(path)?)
    }

    /// Reads a file's bytes, or `None` where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read_bytes(&self, path: &std::path::Path) -> Result<Option<Vec<u8>>, CommandError> {
        Ok(files::read_bytes_if_present(path)?)
    }

    /// Names a new archive in the folder of copies, by the moment.
    pub fn new_backup_path(&self) -> PathBuf {
        self.dated_copy("juku")
    }

    fn dated_copy(&self, name: &str) -> PathBuf {
        let moment = self
            .now()
            .to_zoned(self.zone().clone())
            .strftime("%Y%m%d-%H%M%S")
            .to_string();
        self.paths.backups().join(format!("{name}-{moment}.zip"))
    }

    /// Copies all of the user's data and settings into an archive; gives the number of files.
    ///
    /// # Errors
    /// When something cannot be read or the archive not be written.
    pub fn backup(&self, archive: &std::path::Path) -> Result<usize, CommandError> {
        let skip = [self.paths.backups(), self.paths.sandbox()];
        archive::write(archive, &self.archived_folders(), &skip)
            .map_err(|error| self.archive_error(error))
    }

    /// Puts an archive, or a snapshot of the study database, back; gives the number of files.
    ///
    /// # Errors
    /// When the copy is damaged or a file cannot be written.
    pub fn restore(&self, copy: &std::path::Path) -> Result<usize, CommandError> {
        let done = if archive::is_snapshot(copy) {
            archive::read_snapshot(copy, &self.paths.study_db()).map(|()| 1)
        } else {
            archive::read(copy, &self.archived_folders())
        };
        done.map_err(|error| self.archive_error(error))
    }

    /// Copies all that a restore replaces, damaged or not; gives the archive, or `None` where there was nothing.
    ///
    /// # Errors
    /// When something cannot be read or the archive not be written.
    pub fn set_aside(&self) -> Result<Option<PathBuf>, CommandError> {
        let archive = self.dated_copy("before-restore");
        let skip = [self.paths.backups(), self.paths.sandbox()];
        let files = archive::set_aside(&archive, &self.archived_folders(), &skip)
            .map_err(|error| self.archive_error(error))?;
        Ok((files > 0).then_some(archive))
    }

    /// Takes the day's snapshot of the study database unless there is one, and thins the older ones.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn snapshot_study(&self, day: StudyDay) -> Result<(), CommandError> {
        archive::snapshot(&self.paths.study_db(), &self.paths.backups(), day.0)
            .map_err(|error| self.archive_error(error))
    }

    fn archived_folders(&self) -> [(&'static str, &std::path::Path); 2] {
        [("data", self.paths.data()), ("config", self.paths.config())]
    }

    fn archive_error(&self, error: ArchiveError) -> CommandError {
        match error {
            ArchiveError::File(error) => error.into(),
            ArchiveError::Store(error) => self.store_error(error),
            ArchiveError::Zip { ref path, .. } => CommandError::failed(msg!("bad-archive"))
                .path(path.clone())
                .because(&error),
            ArchiveError::Unsafe { path, name } => {
                CommandError::failed(msg!("unsafe-archive", name = name)).path(path)
            }
        }
    }

    /// Checks the databases that exist: path, and what is wrong if anything is.
    pub fn check_databases(&self) -> Vec<(PathBuf, Option<CommandError>)> {
        let files = [
            self.paths.study_db(),
            self.paths.ledger_db(),
            self.paths.library_db(),
        ];
        let check = |path: PathBuf| {
            let result = crate::adapter::store::db::check_file(&path);
            (path, result.err().map(|error| self.store_error(error)))
        };
        let lost = self.study_lost().map(|error| {
            let path = self.paths.study_db();
            (path, Some(self.store_error(error)))
        });
        let gone = lost.is_some();
        files
            .into_iter()
            .filter(|path| path.exists() && !(gone && *path == self.paths.study_db()))
            .map(check)
            .chain(lost)
            .collect()
    }

    /// Says whether the study database is gone while copies of it are kept.
    fn study_lost(&self) -> Option<StoreError> {
        let path = self.paths.study_db();
        let copy = archive::lost(&self.paths.backups(), &path)?;
        Some(StoreError::Lost { path, copy })
    }

    /// Opens the study database, making it as needed.
    ///
    /// # Errors
    /// When it cannot be made or opened, is damaged or lost, or was written by a newer version.
    pub fn study(&self) -> Result<Box<dyn StudyStore>, CommandError> {
        let path = self.paths.study_db();
        if let Some(lost) = self.study_lost() {
            return Err(self.store_error(lost));
        }
        match StudyDb::open(&path) {
            Ok(db) => Ok(Box::new(db)),
            Err(error) => Err(self.store_error(error)),
        }
    }

    fn exam_pulse_path(&self) -> PathBuf {
        self.paths.state().join("exam-pulse")
    }

    /// Notes from now on that a mock exam is being sat.
    pub fn exam_pulse(&self) -> Heartbeat {
        Heartbeat::start(self.exam_pulse_path(), self.clock.clone())
    }

    /// Gives the last moment at which a mock exam was being sat.
    pub fn last_exam_pulse(&self) -> Option<Timestamp> {
        Heartbeat::last(&self.exam_pulse_path())
    }

    /// Names a file of the user's own question library.
    pub fn own_bank_path(&self, name: &str) -> PathBuf {
        self.paths.own_library().join("quizzes").join(name)
    }

    /// Writes an Anki package into bytes.
    ///
    /// # Errors
    /// When the temporary database cannot be written.
    pub fn pack_anki(&self, package: &Package) -> Result<Vec<u8>, AnkiError> {
        anki::write(package)
    }

    /// Reads an Anki package.
    ///
    /// # Errors
    /// When it is none, newer than known, or damaged.
    pub fn unpack_anki(&self, bytes: &[u8]) -> Result<Package, AnkiError> {
        anki::read(bytes)
    }

    /// Opens the library of imported notes, making it as needed.
    ///
    /// # Errors
    /// When the database is damaged, newer, or cannot be made.
    pub fn note_library(&self) -> Result<Box<dyn Library>, CommandError> {
        match DiskLibrary::open(&self.paths.library_db(), &self.paths.imports()) {
            Ok(library) => Ok(Box::new(library)),
            Err(error) => Err(self.store_error(error)),
        }
    }

    /// Shows a text in the user's pager; `false` when there is none.
    pub fn page(&self, text: &str) -> bool {
        let (command, options) = self.environment.pager();
        crate::adapter::pager::show(command, options, text)
    }

    /// Gives the user's files.
    pub fn files(&self) -> Box<dyn Files> {
        Box::new(Disk)
    }

    /// Gives the absolute form under which an imported file is known.
    pub fn absolute(&self, path: &std::path::Path) -> PathBuf {
        crate::adapter::files::walk::absolute(path)
    }

    /// Turns an error of the study database into words.
    pub fn record_error(&self, error: RecordError) -> CommandError {
        match error.source.downcast::<StoreError>() {
            Ok(store) => self.store_error(*store),
            Err(source) => CommandError::failed(msg!("store-failed"))
                .path(self.paths.study_db())
                .because(source.as_ref()),
        }
    }

    /// Opens the lab ledger.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn ledger(&self) -> Result<Box<dyn Ledger>, CommandError> {
        SqliteLedger::open(&self.paths.ledger_db(), &self.locks())
            .map(|ledger| Box::new(ledger) as Box<dyn Ledger>)
            .map_err(|error| self.store_error(error))
    }

    /// Wires a place where labs are built.
    ///
    /// # Errors
    /// When a database cannot be opened.
    pub fn lab_site(&self, place: &Place, region: &str) -> Result<LabSite, CommandError> {
        let (ledger, rehearsal, locks) = (
            self.paths.ledger_db(),
            self.paths.rehearsal_db(),
            self.locks(),
        );
        let files = lab_site::Files {
            ledger: &ledger,
            locks: &locks,
            rehearsal: &rehearsal,
        };
        #[cfg(test)]
        if let (Place::Aws { home, .. }, Some(aws)) = (place, &self.aws) {
            let wiring = aws.wiring(region);
            return LabSite::on_aws(&wiring, home, files, aws.clock())
                .map_err(|error| CommandError::failed(msg!("no-runtime")).because(&error));
        }
        let fixed = self.clock.is_fixed().then(|| self.clock.now());
        LabSite::open(place, region, files, fixed).map_err(|error| match error {
            SiteError::Store(error) => self.store_error(error),
            SiteError::Runtime(error) => CommandError::failed(msg!("no-runtime")).because(&error),
        })
    }

    /// Opens the AWS price list with the keys of a profile.
    ///
    /// # Errors
    /// When the system gives no means to wait for a network.
    pub fn price_list(&self, profile: &str) -> Result<Box<dyn PriceList>, CommandError> {
        let region = crate::adapter::aws::prices::REGION;
        #[cfg(test)]
        let wiring = match &self.aws {
            Some(aws) => aws.wiring(region),
            None => lab_site::wiring_of(profile, region),
        };
        #[cfg(not(test))]
        let wiring = lab_site::wiring_of(profile, region);
        match lab_site::price_list(&wiring) {
            Ok(list) => Ok(Box::new(list)),
            Err(error) => Err(CommandError::failed(msg!("no-runtime")).because(&error)),
        }
    }

    /// Has the rehearsal listen on a port of this machine; 0 takes a free one.
    ///
    /// # Errors
    /// When the rehearsal's state cannot be opened or the port is taken.
    pub fn rehearsal_listener(&self, port: u16) -> Result<Listener, CommandError> {
        let clock = if self.clock.is_fixed() {
            RehearsalClock::simulated(self.clock.now())
        } else {
            RehearsalClock::real()
        };
        let engine = Engine::open(&self.paths.rehearsal_db(), Arc::new(clock))
            .map_err(|error| self.store_error(error))?;
        Listener::bind(port, Arc::new(engine)).map_err(|error| {
            CommandError::failed(msg!("sandbox-port-taken", port = u32::from(port)))
                .because(&error)
                .hint(msg!("sandbox-port-taken-hint"))
        })
    }

    fn locks(&self) -> PathBuf {
        self.paths.state().join("locks")
    }

    /// Gives the sandbox.
    pub fn sandbox(&self) -> Sandbox {
        Sandbox::at(self.paths.sandbox())
    }

    /// Gives the calls of tasks where a lease lives.
    ///
    /// # Errors
    /// When the system gives no means to wait for a network.
    pub fn task_calls(&self, lease: &Lease) -> Result<Box<dyn TaskCalls>, CommandError> {
        if lease.terms.tier != Tier::Aws {
            return Ok(Box::new(self.sandbox_calls(lease)));
        }
        let given = [
            "PATH",
            "HOME",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
        ];
        let environment = given
            .into_iter()
            .filter_map(|name| Some((name, self.environment.get(name)?.to_owned())))
            .collect();
        match lab_site::task_calls(lease, environment) {
            Ok(calls) => Ok(Box::new(calls)),
            Err(error) => Err(CommandError::failed(msg!("no-runtime")).because(&error)),
        }
    }

    /// Gives the calls of tasks where a lease of the sandbox lives.
    pub fn sandbox_calls(&self, lease: &Lease) -> SandboxCalls {
        let endpoint = lease.terms.endpoint.clone().unwrap_or_default();
        self.sandbox_calls_at(endpoint, &lease.terms.region)
    }

    /// Gives the calls at an address of the sandbox.
    pub fn sandbox_calls_at(&self, endpoint: String, region: &str) -> SandboxCalls {
        let path = self.environment.get("PATH").unwrap_or_default();
        SandboxCalls {
            endpoint,
            region: region.to_owned(),
            path: format!("{}:{path}", self.sandbox().programs().display()),
            home: self.paths.sandbox(),
        }
    }

    /// Says whether a program is to be found where programs are looked for.
    pub fn finds_program(&self, name: &str) -> bool {
        let path = self.environment.get("PATH").unwrap_or_default();
        std::env::split_paths(path).any(|folder| folder.join(name).is_file())
    }

    /// Says whether anything listens at a sandbox's address.
    pub fn sandbox_listens(&self, endpoint: &str) -> bool {
        crate::adapter::sandbox::http::listens(endpoint)
    }

    /// Gives the address of the running sandbox.
    pub fn sandbox_endpoint(&self) -> Option<String> {
        self.sandbox().running().map(|instance| instance.endpoint)
    }

    /// Turns a store's error into words, naming the latest copy.
    pub fn store_error(&self, error: StoreError) -> CommandError {
        match error {
            StoreError::Newer { path, found, known } => {
                CommandError::failed(msg!("store-newer", found = found, known = known))
                    .path(path)
                    .hint(msg!("store-newer-hint"))
            }
            StoreError::Lost { path, copy } => CommandError::failed(msg!("store-lost"))
                .path(path)
                .hint(msg!("store-lost-hint", copy = &copy)),
            StoreError::Damaged { ref path, .. } => CommandError::failed(msg!("store-damaged"))
                .path(path.clone())
                .because(&error)
                .hint(match archive::newest(&self.paths.backups(), path) {
                    Some(copy) => msg!("store-damaged-copy", copy = &copy),
                    None => msg!("store-damaged-no-copy"),
                }),
            StoreError::Create { ref path, .. } => CommandError::failed(msg!("file-failed"))
                .path(path.clone())
                .because(&error)
                .hint(msg!("home-readonly-hint")),
            StoreError::Sqlite { ref path, .. } => CommandError::failed(msg!("store-failed"))
                .path(path.clone())
                .because(&error),
        }
    }
}

/// Reads a failure to inject into a rehearsal.
///
/// # Errors
/// When the text is none.
pub(super) fn injection(text: &str) -> Result<Injection, BadInjection> {
    text.parse()
}

fn read_settings(paths: &Paths) -> Result<Settings, CommandError> {
    let path = paths.settings();
    match files::read_if_present(&path)? {
        Some(text) => Settings::parse(&text).map_err(|error| CommandError::from(error).path(path)),
        None => Ok(Settings::default()),
    }
}

impl From<FileError> for CommandError {
    fn from(error: FileError) -> Self {
        let read_only = matches!(
            error.source.kind(),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
        ) && error.operation == "writing";
        let hint = if read_only {
            msg!("home-readonly-hint")
        } else {
            msg!("file-failed-hint")
        };
        Self::failed(msg!("file-failed"))
            .path(error.path.clone())
            .because(&error)
            .hint(hint)
    }
}
