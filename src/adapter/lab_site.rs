//! One place where labs are built, with everything behind the ports of `lab` wired together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::adapter::aws::calls::AwsCalls;
use crate::adapter::aws::clients::{Target, Wiring};
use crate::adapter::aws::leases::LeaseParameters;
use crate::adapter::aws::prices::AwsPriceList;
use crate::adapter::aws::resources::AwsResources;
use crate::adapter::aws::stacks::SdkStacks;
use crate::adapter::rehearsal::clock::RehearsalClock;
use crate::adapter::rehearsal::engine::Engine;
use crate::adapter::rehearsal::resources::RehearsedResources;
use crate::adapter::sandbox::resources::SandboxResources;
use crate::adapter::store::db::StoreError;
use crate::adapter::store::ledger::SqliteLedger;
use crate::lab::arming::Arming;
use crate::lab::lease::{Lease, Tier};
use crate::lab::port::{Ledger as _, Ports, ResourceApi};

/// Where labs are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this process.
    Rehearsal,
    /// In an emulator on this machine.
    Sandbox {
        /// Its loopback address.
        endpoint: String,
    },
    /// In a real account.
    Aws {
        /// The profile that was named.
        profile: String,
        /// The region of the bootstrap stack, where leases are armed.
        home: String,
    },
}

impl Place {
    /// Gives the tier.
    pub const fn tier(&self) -> Tier {
        match self {
            Self::Rehearsal => Tier::Rehearsal,
            Self::Sandbox { .. } => Tier::Sandbox,
            Self::Aws { .. } => Tier::Aws,
        }
    }

    /// Gives the endpoint, when there is one.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Rehearsal | Self::Aws { .. } => None,
            Self::Sandbox { endpoint } => Some(endpoint),
        }
    }

    /// Gives the profile, when there is one.
    pub fn profile(&self) -> Option<&str> {
        match self {
            Self::Rehearsal | Self::Sandbox { .. } => None,
            Self::Aws { profile, .. } => Some(profile),
        }
    }
}

/// The files that a site works with.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// The ledger.
    pub ledger: &'a Path,
    /// The folder of the ledger's locks.
    pub locks: &'a Path,
    /// The rehearsal's state.
    pub rehearsal: &'a Path,
}

/// A place with its adapters.
pub struct LabSite {
    stacks: SdkStacks,
    resources: Box<dyn ResourceApi>,
    arming: Option<LeaseParameters>,
    ledger: SqliteLedger,
    clock: Arc<RehearsalClock>,
    poll: Duration,
    engine: Option<Arc<Engine>>,
}

impl std::fmt::Debug for LabSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabSite")
            .field("poll", &self.poll)
            .finish_non_exhaustive()
    }
}

/// Why a site could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no means to wait for a network.
    #[error("cannot start the network runtime")]
    Runtime(#[from] std::io::Error),
}

/// Opens the AWS price list with the keys of a profile.
///
/// # Errors
/// When the system gives no means to wait for a network.
pub fn price_list(wiring: &Wiring) -> Result<AwsPriceList, SiteError> {
    Ok(AwsPriceList::new(wiring, runtime()?))
}

/// Gives the calls of tasks where a lease on AWS lives; the CLI is given `environment` and nothing else.
///
/// # Errors
/// When the system gives no means to wait for a network.
pub fn task_calls(
    lease: &Lease,
    environment: Vec<(&'static str, String)>,
) -> Result<AwsCalls, SiteError> {
    Ok(AwsCalls {
        profile: lease.terms.profile.clone().unwrap_or_default(),
        region: lease.terms.region.clone(),
        environment,
        wiring: Wiring::open(&lease.terms.region),
        runtime: runtime()?,
    })
}

/// Gives the wiring of a profile.
pub fn wiring_of(profile: &str, region: &str) -> Wiring {
    let target = Target::Aws {
        profile: profile.to_owned(),
    };
    Wiring::of(&target, region)
}

/// How long to wait between two looks at a stack of a real account; its calls are limited to a few a second.
const AWS_POLL: Duration = Duration::from_secs(3);

fn runtime() -> Result<Arc<tokio::runtime::Runtime>, SiteError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(Arc::new(runtime))
}

impl LabSite {
    /// Wires a place together; `fixed` is the moment of a test's clock.
    ///
    /// # Errors
    /// When a database cannot be opened.
    pub fn open(
        place: &Place,
        region: &str,
        files: Files<'_>,
        fixed: Option<Timestamp>,
    ) -> Result<Self, SiteError> {
        let ledger = || SqliteLedger::open(files.ledger, files.locks);
        match place {
            Place::Rehearsal => {
                let runtime = runtime()?;
                let clock =
                    Arc::new(fixed.map_or_else(RehearsalClock::real, RehearsalClock::simulated));
                let engine = Arc::new(Engine::open(files.rehearsal, Arc::clone(&clock))?);
                let wiring = Wiring::of(&Target::Rehearsal(Arc::clone(&engine)), region);
                let stacks = SdkStacks::new(&wiring, runtime);
                Ok(Self {
                    resources: Box::new(RehearsedResources::new(
                        stacks.clone(),
                        Arc::clone(&engine),
                    )),
                    stacks,
                    arming: None,
                    ledger: ledger()?,
                    clock,
                    poll: Duration::from_millis(40),
                    engine: Some(engine),
                })
            }
            Place::Sandbox { endpoint } => {
                let runtime = runtime()?;
                let target = Target::Sandbox {
                    endpoint: endpoint.clone(),
                };
                let wiring = Wiring::of(&target, region);
                Ok(Self {
                    resources: Box::new(SandboxResources::new(
                        &wiring,
                        endpoint,
                        region,
                        Arc::clone(&runtime),
                    )),
                    stacks: SdkStacks::new(&wiring, runtime),
                    arming: None,
                    ledger: ledger()?,
                    // An emulator's time is the real one, whatever a test's clock says.
                    clock: Arc::new(RehearsalClock::real()),
                    poll: Duration::from_millis(250),
                    engine: None,
                })
            }
            Place::Aws { profile, home } => {
                // Money runs by the real time, whatever a test's clock says.
                let clock = Arc::new(RehearsalClock::real());
                Self::on_aws(&wiring_of(profile, region), home, files, clock)
            }
        }
    }

    /// Wires a real account together; leases are armed in the `home` region.
    ///
    /// # Errors
    /// When a database cannot be opened.
    pub fn on_aws(
        wiring: &Wiring,
        home: &str,
        files: Files<'_>,
        clock: Arc<RehearsalClock>,
    ) -> Result<Self, SiteError> {
        let runtime = runtime()?;
        Ok(Self {
            resources: Box::new(AwsResources::new(wiring, Arc::clone(&runtime))),
            stacks: SdkStacks::new(wiring, Arc::clone(&runtime)),
            arming: Some(LeaseParameters::new(&wiring.in_region(home), runtime)),
            ledger: SqliteLedger::open(files.ledger, files.locks)?,
            clock,
            poll: AWS_POLL,
            engine: None,
        })
    }

    /// Gives the ports.
    pub fn ports(&self) -> Ports<'_> {
        Ports {
            stacks: &self.stacks,
            resources: &*self.resources,
            arming: self.arming.as_ref().map(|arming| arming as &dyn Arming),
            ledger: &self.ledger,
            clock: &*self.clock,
            poll: self.poll,
        }
    }

    /// Gives the engine, in a rehearsal.
    pub fn engine(&self) -> Option<&Arc<Engine>> {
        self.engine.as_ref()
    }

    /// Says whether any lease of the ledger is open; for warnings at start and exit.
    pub fn has_open_leases(&self) -> bool {
        self.ledger.leases(false).is_ok_and(|open| !open.is_empty())
    }
}
