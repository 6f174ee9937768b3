//! The machines of `lab` on the rehearsal, through the SDK: the whole way, and what goes wrong on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::clock::RehearsalClock;
use super::engine::{ACCOUNT, Engine};
use super::resources::RehearsedResources;
use crate::adapter::aws::clients::{Target, Wiring};
use crate::adapter::aws::stacks::SdkStacks;
use crate::adapter::store::ledger::SqliteLedger;
use crate::lab::arming::{Armed, Arming};
use crate::lab::cost::CostEstimate;
use crate::lab::evaluate::{Inputs, evaluate};
use crate::lab::events::{News, Nobody, Watcher};
use crate::lab::guard::{ApprovedPlan, Consent, approve};
use crate::lab::lease::{Closing, LeaseId, Step, Tier};
use crate::lab::lifecycle::{self, UpError, UpOutcome, UpRequest};
use crate::lab::plan::Plan;
use crate::lab::port::{
    ApiError, Clock as _, Failure, Ledger as _, LedgerError, Ports, StackApi as _,
};
use crate::lab::sweep::{self, SweepTarget, Swept};
use crate::lab::teardown;
use crate::lab::template::Template;
use crate::money::MicroUsd;

/// A home with a rehearsal in it.
pub(crate) struct Bed {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<RehearsalClock>,
    pub(crate) stacks: SdkStacks,
    pub(crate) resources: RehearsedResources<SdkStacks>,
    pub(crate) ledger: SqliteLedger,
    /// Where leases are armed, on the way to AWS.
    pub(crate) records: Option<Folder>,
}

/// The reaper's records as files, which outlive a run that is killed.
pub(crate) struct Folder(PathBuf);

impl Folder {
    fn file(&self, lease: &LeaseId) -> PathBuf {
        self.0.join(&lease.0)
    }
}

impl Arming for Folder {
    fn arm(&self, record: &Armed) -> Result<(), ApiError> {
        let json = serde_json::to_vec(record).unwrap();
        crate::adapter::files::write_atomic(&self.file(&record.lease), &json).unwrap();
        Ok(())
    }

    fn armed(&self, lease: &LeaseId) -> Result<Option<Armed>, ApiError> {
        let text = std::fs::read(self.file(lease)).ok();
        Ok(text.map(|text| serde_json::from_slice(&text).unwrap()))
    }

    fn disarm(&self, lease: &LeaseId) -> Result<(), ApiError> {
        drop(std::fs::remove_file(self.file(lease)));
        Ok(())
    }

    fn all(&self) -> Result<Vec<Armed>, ApiError> {
        let files = std::fs::read_dir(&self.0).unwrap().flatten();
        let ids = files.map(|file| LeaseId(file.file_name().into_string().unwrap()));
        Ok(ids.filter_map(|id| self.armed(&id).unwrap()).collect())
    }
}

pub(crate) const START: &str = "2026-11-21T00:00:00Z";

impl Bed {
    pub(crate) fn at(home: &Path, now: Timestamp) -> Self {
        let clock = Arc::new(RehearsalClock::simulated(now));
        let engine =
            Arc::new(Engine::open(&home.join("rehearsal.db"), Arc::clone(&clock)).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let wiring = Wiring::of(&Target::Rehearsal(Arc::clone(&engine)), "ap-northeast-1");
        let stacks = SdkStacks::new(&wiring, Arc::new(runtime));
        Self {
            resources: RehearsedResources::new(stacks.clone(), Arc::clone(&engine)),
            ledger: SqliteLedger::open(&home.join("ledger.db"), &home.join("locks")).unwrap(),
            stacks,
            engine,
            clock,
            records: None,
        }
    }

    /// The same bed on the way to AWS.
    pub(crate) fn with_records(mut self, home: &Path) -> Self {
        let folder = home.join("armed");
        std::fs::create_dir_all(&folder).unwrap();
        self.records = Some(Folder(folder));
        self
    }

    fn new(home: &Path) -> Self {
        Self::at(home, START.parse().unwrap())
    }

    pub(crate) fn ports(&self) -> Ports<'_> {
        Ports {
            stacks: &self.stacks,
            resources: &self.resources,
            ledger: &self.ledger,
            arming: self.records.as_ref().map(|records| records as &dyn Arming),
            clock: &*self.clock,
            poll: Duration::from_millis(50),
        }
    }

    fn up(&self, plan: &ApprovedPlan) -> Result<UpOutcome, UpError> {
        let ports = self.ports();
        let proposal = lifecycle::propose(&ports, plan, &request(), &mut Nobody)?;
        lifecycle::execute(&ports, proposal, &mut Nobody)
    }

    fn inject(&self, what: &str) {
        self.engine.inject(&what.parse().unwrap()).unwrap();
    }
}

pub(crate) fn request() -> UpRequest {
    UpRequest {
        lab: "demo".to_owned(),
        tier: Tier::Rehearsal,
        account: ACCOUNT.to_owned(),
        profile: None,
        endpoint: None,
        cap: MicroUsd::from_usd(1.0),
        role: None,
    }
}

pub(crate) fn plan(template_body: &str) -> ApprovedPlan {
    let template = Template::parse(template_body, "demo").unwrap();
    let mut inputs = Inputs::for_estimate("ap-northeast-1");
    inputs.parameters = BTreeMap::new();
    let evaluated = evaluate(&template, &inputs).unwrap();
    let plan = Plan {
        name: "demo".to_owned(),
        template_body: template_body.to_owned(),
        inputs,
        ttl: SignedDuration::from_hours(2),
        evaluated,
        estimate: CostEstimate::default(),
        findings: Vec::new(),
    };
    approve(plan, Consent::Given).unwrap()
}

pub(crate) const SITE: &str = "
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: 'x'}
      Role: !GetAtt Role.Arn
      Environment: {Variables: {BUCKET: !Ref Bucket}}
Outputs:
  BucketName: {Value: !Ref Bucket}
  FunctionArn: {Value: !GetAtt Function.Arn}
";

#[derive(Default)]
struct Told(Vec<String>);

impl Watcher for Told {
    fn tell(&mut self, news: News<'_>) {
        self.0.push(match news {
            News::Step(step) => step.as_str().to_owned(),
            News::Event(event) => format!("{} {}", event.logical_id, event.status),
            other => format!("{other:?}"),
        });
    }
}

#[test]
fn up_and_down_through_the_sdk() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    let ports = bed.ports();
    assert_eq!(bed.stacks.identity().unwrap().account, ACCOUNT);
    let mut told = Told::default();
    let proposal = lifecycle::propose(&ports, &plan(SITE), &request(), &mut told).unwrap();
    let mut changes: Vec<&str> = proposal
        .change_set
        .changes
        .iter()
        .map(|change| change.logical_id.as_str())
        .collect();
    changes.sort_unstable();
    assert_eq!(changes, ["Bucket", "Function", "Role"]);
    let outcome = lifecycle::execute(&ports, proposal, &mut told).unwrap();
    let UpOutcome::Live { lease, outputs } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(lease.step, Step::Live);
    assert!(
        outputs[0].value.starts_with("juku-demo-bucket-"),
        "{outputs:?}"
    );
    assert!(
        outputs[1]
            .value
            .starts_with("arn:aws:lambda:ap-northeast-1:000000000000:function:juku-demo-Function-")
    );
    assert_eq!(bed.ledger.resources(&lease.terms.id).unwrap().len(), 3);
    assert!(
        told.0.contains(&"Function CREATE_COMPLETE".to_owned()),
        "{:?}",
        told.0
    );
    assert!(matches!(
        bed.up(&plan(SITE)),
        Err(UpError::AlreadyLive { .. })
    ));
    let report = teardown::down(&ports, &lease.terms.id, &mut told).unwrap();
    assert_eq!(report.closing, Some(Closing::Gone), "{report:?}");
    assert_eq!(report.gone, 3);
    assert!(bed.stacks.our_stacks().unwrap().is_empty());
    assert!(bed.ledger.leases(false).unwrap().is_empty());
    let steps: Vec<&String> = told.0.iter().filter(|t| Step::parse(t).is_some()).collect();
    assert_eq!(
        steps,
        [
            "proposing",
            "proposed",
            "executing",
            "live",
            "deleting",
            "proving"
        ]
    );
}

#[test]
fn a_no_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    let ports = bed.ports();
    let proposal = lifecycle::propose(&ports, &plan(SITE), &request(), &mut Nobody).unwrap();
    assert_eq!(bed.stacks.our_stacks().unwrap().len(), 1);
    lifecycle::decline(&ports, proposal, &mut Nobody).unwrap();
    assert!(bed.stacks.our_stacks().unwrap().is_empty());
    let closed = bed.ledger.leases(true).unwrap();
    assert_eq!(
        closed[0].closing.map(|(how, _)| how),
        Some(Closing::Declined)
    );
}

#[test]
fn a_failed_creation_is_explained_and_cleared_away() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    bed.inject("name-taken:Role");
    let outcome = bed.up(&plan(SITE)).unwrap();
    let UpOutcome::Failed {
        failures, teardown, ..
    } = outcome
    else {
        panic!("{outcome:?}");
    };
    let root = failures.root().unwrap();
    assert_eq!(
        (root.logical_id.as_str(), root.cause),
        ("Role", Some("name-taken"))
    );
    assert_eq!(teardown.closing, Some(Closing::Gone));
    assert!(bed.stacks.our_stacks().unwrap().is_empty());
    assert!(matches!(bed.up(&plan(SITE)), Ok(UpOutcome::Live { .. })));
}

#[test]
fn a_full_bucket_is_emptied_after_saying_so() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    bed.inject("bucket-not-empty:Bucket:7");
    let Ok(UpOutcome::Live { lease, .. }) = bed.up(&plan(SITE)) else {
        panic!();
    };
    let mut told = Told::default();
    let report = teardown::down(&bed.ports(), &lease.terms.id, &mut told).unwrap();
    assert_eq!(report.closing, Some(Closing::Gone));
    assert_eq!(report.emptied.len(), 1);
    assert_eq!(report.emptied[0].1, 7);
    assert!(
        told.0.iter().any(|t| t.contains("Emptying")),
        "{:?}",
        told.0
    );
}

#[test]
fn an_answer_that_comes_too_late_builds_nothing() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path()).with_records(home.path());
    let ports = bed.ports();
    let request = UpRequest {
        tier: Tier::Aws,
        ..request()
    };
    let proposal = lifecycle::propose(&ports, &plan(SITE), &request, &mut Nobody).unwrap();
    bed.clock.wait(Duration::from_hours(3));
    let late = lifecycle::execute(&ports, proposal, &mut Nobody);
    assert!(matches!(late, Err(UpError::Over { .. })), "{late:?}");
    assert!(bed.stacks.our_stacks().unwrap().is_empty());
    assert!(bed.ledger.leases(false).unwrap().is_empty());
    assert_eq!(ports.arming.unwrap().all().unwrap(), []);
}

#[test]
fn where_it_costs_nothing_is_built_without_a_reaper() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    let ports = bed.ports();
    let request = UpRequest {
        tier: Tier::Aws,
        ..request()
    };
    let proposal = lifecycle::propose(&ports, &plan(SITE), &request, &mut Nobody).unwrap();
    let unarmed = lifecycle::execute(&ports, proposal, &mut Nobody);
    assert!(
        matches!(unarmed, Err(UpError::NotArmed { .. })),
        "{unarmed:?}"
    );
    assert!(bed.stacks.our_stacks().unwrap().is_empty());
    assert!(bed.ledger.leases(false).unwrap().is_empty());
}

#[test]
fn what_cannot_be_deleted_is_named_and_tried_again_later() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    bed.inject("delete-fails:Role:6");
    let Ok(UpOutcome::Live { lease, .. }) = bed.up(&plan(SITE)) else {
        panic!();
    };
    let id = lease.terms.id;
    let report = teardown::down(&bed.ports(), &id, &mut Nobody).unwrap();
    assert_eq!(report.closing, None);
    assert_eq!(report.leftovers.len(), 1, "{report:?}");
    assert_eq!(report.leftovers[0].logical_id, "Role");
    assert_eq!(report.failures[0].cause, Some("dependency-violation"));
    assert_eq!(bed.ledger.lease(&id).unwrap().step, Step::Blocked);
    let report = teardown::down(&bed.ports(), &id, &mut Nobody).unwrap();
    assert_eq!(report.closing, Some(Closing::Gone));
}

#[test]
fn throttling_is_waited_out_and_an_expired_login_stops() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    bed.inject("throttle:DescribeStackEvents:9");
    let Ok(UpOutcome::Live { lease, .. }) = bed.up(&plan(SITE)) else {
        panic!();
    };
    bed.inject("expired-token:DeleteStack");
    let id = lease.terms.id;
    let error = teardown::down(&bed.ports(), &id, &mut Nobody).unwrap_err();
    assert!(
        matches!(error, UpError::Api(ref e) if e.failure == Failure::Expired),
        "{error}"
    );
    let report = teardown::down(&bed.ports(), &id, &mut Nobody).unwrap();
    assert_eq!(report.closing, Some(Closing::Gone));
}

#[test]
fn a_refused_template_leaves_no_lease_open() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    let unknown = "Resources: {A: {Type: AWS::Made::Up}}";
    let error = bed.up(&plan(unknown)).unwrap_err();
    assert!(
        matches!(error, UpError::Refused { ref reason } if reason.contains("AWS::Made::Up")),
        "{error}"
    );
    assert!(bed.ledger.leases(false).unwrap().is_empty());
    assert!(bed.stacks.our_stacks().unwrap().is_empty());
}

#[test]
fn two_terminals_do_not_work_on_one_lab() {
    let home = tempfile::tempdir().unwrap();
    let one = Bed::new(home.path());
    let two = Bed::new(home.path());
    let proposal = lifecycle::propose(&one.ports(), &plan(SITE), &request(), &mut Nobody).unwrap();
    assert!(matches!(
        two.up(&plan(SITE)),
        Err(UpError::Ledger(LedgerError::Busy { .. }))
    ));
    lifecycle::decline(&one.ports(), proposal, &mut Nobody).unwrap();
}

pub(crate) fn target() -> SweepTarget {
    SweepTarget {
        profile: None,
        tier: Tier::Rehearsal,
        account: ACCOUNT.to_owned(),
        region: "ap-northeast-1".to_owned(),
        endpoint: None,
    }
}

#[test]
fn a_sweep_takes_down_what_is_over_and_leaves_what_is_not() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    let Ok(UpOutcome::Live { lease, .. }) = bed.up(&plan(SITE)) else {
        panic!();
    };
    let swept = sweep::sweep(&bed.ports(), &target(), false, &mut Nobody).unwrap();
    assert!(
        matches!(swept.as_slice(), [Swept::Left { .. }]),
        "{swept:?}"
    );
    bed.clock.wait(Duration::from_hours(3));
    let swept = sweep::sweep(&bed.ports(), &target(), false, &mut Nobody).unwrap();
    assert!(
        matches!(swept.as_slice(), [Swept::TakenDown { report }] if report.closing == Some(Closing::Gone)),
        "{swept:?}"
    );
    assert!(bed.ledger.lease(&lease.terms.id).unwrap().closing.is_some());
}

#[test]
fn a_stack_without_a_lease_is_found_by_its_tags() {
    let home = tempfile::tempdir().unwrap();
    let bed = Bed::new(home.path());
    assert!(matches!(bed.up(&plan(SITE)), Ok(UpOutcome::Live { .. })));
    // The home is lost, the account is not.
    std::fs::remove_file(home.path().join("ledger.db")).unwrap();
    for tail in ["ledger.db-wal", "ledger.db-shm"] {
        drop(std::fs::remove_file(home.path().join(tail)));
    }
    let bed = Bed::new(home.path());
    bed.clock.wait(Duration::from_mins(1));
    let swept = sweep::sweep(&bed.ports(), &target(), false, &mut Nobody).unwrap();
    assert!(
        matches!(swept.as_slice(), [Swept::Orphan { .. }]),
        "{swept:?}"
    );
    bed.clock.wait(Duration::from_hours(3));
    let swept = sweep::sweep(&bed.ports(), &target(), false, &mut Nobody).unwrap();
    assert!(
        matches!(swept.as_slice(), [Swept::TakenDown { .. }]),
        "{swept:?}"
    );
    assert!(bed.stacks.our_stacks().unwrap().is_empty());
}
