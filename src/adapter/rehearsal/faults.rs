//! Killed and failed at every step: whatever happens to a run, one sweep leaves nothing.
//!
//! The machines run on the real engine and the real ledger, with a saboteur between them and both: at the n-th call it
//! fails the call before or after its effect, or kills the run on the spot. Seeds decide where, so a failure repeats.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::time::Duration;

use jiff::Timestamp;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::tests::{Bed, Folder, SITE, START, plan, request, target};
use crate::lab::arming::{Armed, Arming};
use crate::lab::events::Nobody;
use crate::lab::lease::{
    Closing, Lease, LeaseId, LeasedResource, NewLease, ResourceState, Step, Tier,
};
use crate::lab::lifecycle::{self, UpOutcome, UpRequest};
use crate::lab::port::{
    ApiError, ChangeSet, ChangeSetRef, ChangeSetRequest, Claim, Clock as _, Failure, Identity,
    Ledger, LedgerError, Output, Ports, Presence, ResourceApi, StackApi, StackEvent, StackResource,
    StackView,
};
use crate::lab::sweep::{self, SweepTarget};
use crate::lab::teardown;

/// What happens at the chosen call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The process dies before the call.
    KillBefore,
    /// The process dies after the call, before its answer.
    KillAfter,
    /// The call fails without effect.
    FailBefore,
    /// The call has its effect, and its answer is lost.
    LoseAnswer,
    /// The login runs out.
    Expire,
}

const FAULTS: [Fault; 5] = [
    Fault::KillBefore,
    Fault::KillAfter,
    Fault::FailBefore,
    Fault::LoseAnswer,
    Fault::Expire,
];

/// What a killed run unwinds with.
struct Killed;

/// Counts calls and strikes at one of them.
struct Saboteur {
    calls: Cell<u32>,
    strike: Cell<Option<(u32, Fault)>>,
    /// A login that ran out stays so until the next run.
    expired: Cell<bool>,
    /// Whether anything was built while no lease was open.
    unleased: RefCell<Option<String>>,
}

impl Saboteur {
    fn new(strike: Option<(u32, Fault)>) -> Self {
        Self {
            calls: Cell::new(0),
            strike: Cell::new(strike),
            expired: Cell::new(false),
            unleased: RefCell::new(None),
        }
    }

    fn call<T>(
        &self,
        operation: &'static str,
        call: impl FnOnce() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let error = |failure, code: &str| ApiError {
            operation,
            failure,
            code: code.to_owned(),
            message: "sabotage".to_owned(),
        };
        if self.expired.get() {
            return Err(error(Failure::Expired, "ExpiredToken"));
        }
        self.calls.set(self.calls.get() + 1);
        match self.strike.get() {
            Some((at, fault)) if at == self.calls.get() => match fault {
                Fault::KillBefore => panic_any(Killed),
                Fault::KillAfter => {
                    drop(call());
                    panic_any(Killed)
                }
                Fault::FailBefore => Err(error(Failure::Service, "InternalFailure")),
                Fault::LoseAnswer => {
                    drop(call());
                    Err(error(Failure::Network, "Unreachable"))
                }
                Fault::Expire => {
                    self.expired.set(true);
                    Err(error(Failure::Expired, "ExpiredToken"))
                }
            },
            _ => call(),
        }
    }

    /// The same between the machines and the ledger: there a call cannot expire, only be killed or fail.
    fn write<T>(&self, call: impl FnOnce() -> Result<T, LedgerError>) -> Result<T, LedgerError> {
        self.calls.set(self.calls.get() + 1);
        match self.strike.get() {
            Some((at, fault)) if at == self.calls.get() => match fault {
                Fault::KillBefore => panic_any(Killed),
                Fault::KillAfter => {
                    drop(call());
                    panic_any(Killed)
                }
                Fault::FailBefore | Fault::LoseAnswer | Fault::Expire => Err(LedgerError::Store {
                    operation: "writing",
                    source: "the disk is full".into(),
                }),
            },
            _ => call(),
        }
    }
}

/// The stacks of a bed, with the saboteur in between.
struct Stacks<'a>(&'a Bed, &'a Saboteur);

impl StackApi for Stacks<'_> {
    fn identity(&self) -> Result<Identity, ApiError> {
        self.1
            .call("GetCallerIdentity", || self.0.stacks.identity())
    }
    fn stack(&self, name_or_id: &str) -> Result<Option<StackView>, ApiError> {
        self.1
            .call("DescribeStacks", || self.0.stacks.stack(name_or_id))
    }
    fn our_stacks(&self) -> Result<Vec<StackView>, ApiError> {
        self.1.call("DescribeStacks", || self.0.stacks.our_stacks())
    }
    fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetRef, ApiError> {
        self.1.call("CreateChangeSet", || {
            self.0.stacks.create_change_set(request)
        })
    }
    fn change_set(&self, stack: &str, change_set: &str) -> Result<ChangeSet, ApiError> {
        self.1.call("DescribeChangeSet", || {
            self.0.stacks.change_set(stack, change_set)
        })
    }
    fn execute_change_set(
        &self,
        stack: &str,
        change_set: &str,
        token: &str,
    ) -> Result<(), ApiError> {
        self.1.call("ExecuteChangeSet", || {
            let open = self.0.ledger.leases(false).unwrap();
            let leased = open
                .iter()
                .any(|lease| lease.step == Step::Executing && lease.terms.id.0 == token);
            // Where it costs, the reaper must know the very stack and its end by now.
            let armed = self.0.records.is_none() || {
                let records = self.0.records.as_ref().unwrap().all().unwrap();
                open.iter().any(|lease| {
                    lease.terms.id.0 == token && records.contains(&Armed::of(lease, stack))
                })
            };
            if !leased || !armed {
                *self.1.unleased.borrow_mut() = Some(stack.to_owned());
            }
            self.0.stacks.execute_change_set(stack, change_set, token)
        })
    }
    fn delete_change_set(&self, stack: &str, change_set: &str) -> Result<(), ApiError> {
        self.1.call("DeleteChangeSet", || {
            self.0.stacks.delete_change_set(stack, change_set)
        })
    }
    fn delete_stack(&self, stack_id: &str, token: &str) -> Result<(), ApiError> {
        self.1.call("DeleteStack", || {
            self.0.stacks.delete_stack(stack_id, token)
        })
    }
    fn events(&self, stack_id: &str, after: Option<&str>) -> Result<Vec<StackEvent>, ApiError> {
        self.1.call("DescribeStackEvents", || {
            self.0.stacks.events(stack_id, after)
        })
    }
    fn resources(&self, stack_id: &str) -> Result<Vec<StackResource>, ApiError> {
        self.1
            .call("ListStackResources", || self.0.stacks.resources(stack_id))
    }
}

/// The resources of a bed, with the saboteur in between.
struct Resources<'a>(&'a Bed, &'a Saboteur);

impl ResourceApi for Resources<'_> {
    fn presence(&self, stack_id: &str, resource: &LeasedResource) -> Result<Presence, ApiError> {
        self.1
            .call("Describe", || self.0.resources.presence(stack_id, resource))
    }
    fn bucket_size(&self, bucket: &str) -> Result<u64, ApiError> {
        self.1.call("ListObjectVersions", || {
            self.0.resources.bucket_size(bucket)
        })
    }
    fn empty_bucket(&self, bucket: &str) -> Result<u64, ApiError> {
        self.1
            .call("DeleteObjects", || self.0.resources.empty_bucket(bucket))
    }
    fn log_group(&self, name: &str) -> Result<Presence, ApiError> {
        self.1
            .call("DescribeLogGroups", || self.0.resources.log_group(name))
    }
    fn delete_log_group(&self, name: &str) -> Result<(), ApiError> {
        self.1
            .call("DeleteLogGroup", || self.0.resources.delete_log_group(name))
    }
    fn must_be_seen(&self) -> bool {
        self.0.records.is_some()
    }
}

/// The reaper's records of a bed, with the saboteur in between.
struct Records<'a>(&'a Folder, &'a Saboteur);

impl Arming for Records<'_> {
    fn arm(&self, record: &Armed) -> Result<(), ApiError> {
        self.1.call("PutParameter", || self.0.arm(record))
    }
    fn armed(&self, lease: &LeaseId) -> Result<Option<Armed>, ApiError> {
        self.1.call("GetParameter", || self.0.armed(lease))
    }
    fn disarm(&self, lease: &LeaseId) -> Result<(), ApiError> {
        self.1.call("DeleteParameter", || self.0.disarm(lease))
    }
    fn all(&self) -> Result<Vec<Armed>, ApiError> {
        self.0.all()
    }
}

/// The ledger of a bed, with the saboteur in between: what is read is read, what is written may fail.
struct Books<'a>(&'a Bed, &'a Saboteur);

impl Ledger for Books<'_> {
    fn open(&self, lease: &NewLease) -> Result<Lease, LedgerError> {
        self.1.write(|| self.0.ledger.open(lease))
    }
    fn claim(&self, lease: &LeaseId) -> Result<Box<dyn Claim>, LedgerError> {
        self.0.ledger.claim(lease)
    }
    fn step(&self, lease: &LeaseId, step: Step, at: Timestamp) -> Result<(), LedgerError> {
        self.1.write(|| self.0.ledger.step(lease, step, at))
    }
    fn stack(
        &self,
        lease: &LeaseId,
        stack_id: &str,
        change_set: Option<&str>,
    ) -> Result<(), LedgerError> {
        self.1
            .write(|| self.0.ledger.stack(lease, stack_id, change_set))
    }
    fn resource(&self, lease: &LeaseId, resource: &LeasedResource) -> Result<(), LedgerError> {
        self.1.write(|| self.0.ledger.resource(lease, resource))
    }
    fn settle(
        &self,
        lease: &LeaseId,
        resource: &LeasedResource,
        state: ResourceState,
    ) -> Result<(), LedgerError> {
        self.1
            .write(|| self.0.ledger.settle(lease, resource, state))
    }
    fn outputs(&self, lease: &LeaseId, outputs: &[Output]) -> Result<(), LedgerError> {
        self.1.write(|| self.0.ledger.outputs(lease, outputs))
    }
    fn extend(&self, lease: &LeaseId, expires_at: Timestamp) -> Result<(), LedgerError> {
        self.1.write(|| self.0.ledger.extend(lease, expires_at))
    }
    fn close(&self, lease: &LeaseId, closing: Closing, at: Timestamp) -> Result<(), LedgerError> {
        self.1.write(|| self.0.ledger.close(lease, closing, at))
    }
    fn lease(&self, lease: &LeaseId) -> Result<Lease, LedgerError> {
        self.0.ledger.lease(lease)
    }
    fn leases(&self, closed: bool) -> Result<Vec<Lease>, LedgerError> {
        self.0.ledger.leases(closed)
    }
    fn resources(&self, lease: &LeaseId) -> Result<Vec<LeasedResource>, LedgerError> {
        self.0.ledger.resources(lease)
    }
    fn bound(&self, tier: Tier, profile: &str) -> Result<Option<(String, String)>, LedgerError> {
        self.0.ledger.bound(tier, profile)
    }
    fn unbind(&self, tier: Tier, profile: &str) -> Result<(), LedgerError> {
        self.0.ledger.unbind(tier, profile)
    }
    fn bind(
        &self,
        tier: Tier,
        profile: &str,
        account: &str,
        region: &str,
    ) -> Result<(), LedgerError> {
        self.0.ledger.bind(tier, profile, account, region)
    }
}

/// What a run is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    /// Up and down.
    Whole,
    /// Up to the question, then no.
    Declined,
    /// Up fails by itself.
    Failing,
    /// Up, and down with a full bucket and something in the way.
    Stubborn,
}

const RUNS: [Run; 4] = [Run::Whole, Run::Declined, Run::Failing, Run::Stubborn];

/// A bed where nothing costs, or one of the way to AWS, with arming.
fn bed(home: &std::path::Path, tier: Tier) -> Bed {
    let bed = Bed::at(home, START.parse().unwrap());
    match tier {
        Tier::Rehearsal | Tier::Sandbox => bed,
        Tier::Aws => bed.with_records(home),
    }
}

/// Runs up and down with a saboteur; gives how many calls there were and whether the run was killed.
fn run(bed: &Bed, saboteur: &Saboteur, what: Run) -> (u32, bool) {
    let (stacks, resources, ledger) = (
        Stacks(bed, saboteur),
        Resources(bed, saboteur),
        Books(bed, saboteur),
    );
    let records = bed.records.as_ref().map(|folder| Records(folder, saboteur));
    let request = UpRequest {
        tier: if records.is_some() {
            Tier::Aws
        } else {
            Tier::Rehearsal
        },
        ..request()
    };
    let ports = Ports {
        stacks: &stacks,
        resources: &resources,
        ledger: &ledger,
        arming: records.as_ref().map(|records| records as &dyn Arming),
        clock: &*bed.clock,
        poll: Duration::from_millis(200),
    };
    let inject = |text: &str| bed.engine.inject(&text.parse().unwrap()).unwrap();
    match what {
        Run::Whole | Run::Declined => {}
        Run::Failing => inject("create-fails:Function"),
        Run::Stubborn => {
            inject("bucket-not-empty:Bucket:5");
            inject("delete-fails:Role:1");
        }
    }
    let killed = catch_unwind(AssertUnwindSafe(|| {
        let Ok(proposal) = lifecycle::propose(&ports, &plan(SITE), &request, &mut Nobody) else {
            return;
        };
        if what == Run::Declined {
            drop(lifecycle::decline(&ports, proposal, &mut Nobody));
            return;
        }
        if let Ok(UpOutcome::Live { lease, .. }) = lifecycle::execute(&ports, proposal, &mut Nobody)
        {
            drop(teardown::down(&ports, &lease.terms.id, &mut Nobody));
        }
    }));
    if let Err(panic) = &killed {
        assert!(panic.is::<Killed>(), "a panic of our own");
    }
    assert_eq!(*saboteur.unleased.borrow(), None, "built without a lease");
    (saboteur.calls.get(), killed.is_err())
}

/// Another process, later, when every lease is over: one sweep, and nothing may be left.
fn sweep_and_check(home: &std::path::Path, tier: Tier, reaped: bool, told: &str) {
    let bed = bed(home, tier);
    bed.engine.clear_injections().unwrap();
    bed.clock.wait(Duration::from_hours(5));
    let mut ports = bed.ports();
    ports.poll = Duration::from_millis(200);
    if reaped {
        reap(&bed);
    }
    let target = SweepTarget { tier, ..target() };
    let swept = sweep::sweep(&ports, &target, false, &mut Nobody).unwrap();
    let open = bed.ledger.leases(false).unwrap();
    assert!(
        open.is_empty(),
        "{told}: open leases {open:#?} after {swept:#?}"
    );
    let stacks = bed.stacks.our_stacks().unwrap();
    assert!(
        stacks.is_empty(),
        "{told}: stacks {stacks:#?} after {swept:#?}"
    );
    if let Some(records) = &bed.records {
        assert_eq!(records.all().unwrap(), [], "{told}: armed after {swept:#?}");
    }
    for lease in bed.ledger.leases(true).unwrap() {
        for resource in bed.ledger.resources(&lease.terms.id).unwrap() {
            assert_ne!(resource.state, ResourceState::Left, "{told}: {resource:?}");
        }
    }
}

/// Does what the reaper does: each stack whose record is over goes, and its record after it.
fn reap(bed: &Bed) {
    for record in bed
        .records
        .iter()
        .flat_map(|records| records.all().unwrap())
    {
        assert!(record.expires_at <= bed.clock.now(), "{record:?}");
        bed.stacks.delete_stack(&record.stack_id, "reaper").unwrap();
        bed.clock.wait(Duration::from_mins(15));
        bed.records.as_ref().unwrap().disarm(&record.lease).unwrap();
    }
}

/// Strikes at call `at` of a run, sweeps, checks.
fn strike(tier: Tier, what: Run, at: u32, fault: Fault) {
    let home = tempfile::tempdir().unwrap();
    let bed = bed(home.path(), tier);
    let saboteur = Saboteur::new(Some((at, fault)));
    let (_, killed) = run(&bed, &saboteur, what);
    let kills = matches!(fault, Fault::KillBefore | Fault::KillAfter);
    assert_eq!(
        killed, kills,
        "{tier} {what:?} {fault:?} at call {at} did not strike"
    );
    drop(bed);
    let told = format!("{tier} {what:?} {fault:?} at call {at}");
    // Every other time the reaper comes before the sweep.
    sweep_and_check(home.path(), tier, at.is_multiple_of(2), &told);
}

/// How many calls a run makes that nobody disturbs.
fn length(tier: Tier, what: Run) -> u32 {
    let home = tempfile::tempdir().unwrap();
    let bed = bed(home.path(), tier);
    let (calls, killed) = run(&bed, &Saboteur::new(None), what);
    assert!(!killed && calls > 10, "{what:?}: {calls} calls");
    assert!(bed.ledger.leases(false).unwrap().is_empty(), "{what:?}");
    calls
}

/// Quiet while runs are killed on purpose.
fn quietly(work: impl FnOnce()) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.payload().is::<Killed>() {
            before(info);
        }
    }));
    work();
}

/// How many runs go on at a time: each has a home of its own and mostly waits for its disk.
const AT_A_TIME: usize = 8;

/// Kills every run of a tier at every call, then strikes by chance until there were enough runs.
fn all_strikes(tier: Tier, enough: usize) {
    quietly(|| {
        let lengths = RUNS.map(|what| length(tier, what));
        let mut strikes = Vec::new();
        for (what, calls) in RUNS.into_iter().zip(lengths) {
            for at in 1..=calls {
                strikes.push((what, at, Fault::KillBefore));
                strikes.push((what, at, Fault::KillAfter));
            }
        }
        let mut chance = ChaCha8Rng::seed_from_u64(20_261_121);
        while strikes.len() < enough {
            let n = chance.random_range(0..RUNS.len());
            let at = chance.random_range(1..=lengths[n]);
            strikes.push((RUNS[n], at, FAULTS[chance.random_range(0..FAULTS.len())]));
        }
        std::thread::scope(|scope| {
            for share in strikes.chunks(strikes.len().div_ceil(AT_A_TIME)) {
                scope.spawn(move || {
                    for &(what, at, fault) in share {
                        strike(tier, what, at, fault);
                    }
                });
            }
        });
    });
}

#[test]
fn one_sweep_leaves_nothing_whatever_struck_wherever() {
    all_strikes(Tier::Rehearsal, 1000);
}

/// The same with a reaper to be told: nothing is built that it does not know, and no record is left.
#[test]
fn one_sweep_leaves_nothing_on_the_way_to_aws_either() {
    all_strikes(Tier::Aws, 1000);
}
