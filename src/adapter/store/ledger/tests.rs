//! What the ledger keeps, and who may work on it.

use super::*;

fn terms(id: &str) -> NewLease {
    let at: Timestamp = "2026-11-21T02:15:00Z".parse().unwrap();
    NewLease {
        id: LeaseId(id.to_owned()),
        lab: "demo".to_owned(),
        stack: StackName::of("demo"),
        tier: Tier::Rehearsal,
        account: "000000000000".to_owned(),
        region: "ap-northeast-1".to_owned(),
        opened_at: at,
        expires_at: at,
        hourly: MicroUsd::from_usd(0.01),
        cap: MicroUsd::from_usd(1.0),
        profile: None,
        endpoint: None,
        instance: None,
        template_hash: "x".to_owned(),
    }
}

#[test]
fn what_is_written_is_read_by_the_next_process() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let at: Timestamp = "2026-11-21T02:16:00Z".parse().unwrap();
    let id = LeaseId("demo-1".to_owned());
    let bucket = LeasedResource {
        logical_id: "B".to_owned(),
        type_name: "AWS::S3::Bucket".to_owned(),
        physical_id: "juku-demo-b".to_owned(),
        state: ResourceState::Known,
    };
    let ledger = SqliteLedger::open(&path, dir.path()).unwrap();
    ledger.open(&terms("demo-1")).unwrap();
    assert!(matches!(
        ledger.open(&terms("demo-2")),
        Err(LedgerError::AlreadyOpen { lease, .. }) if lease == id
    ));
    ledger.step(&id, Step::Executing, at).unwrap();
    ledger.stack(&id, "arn:x", Some("arn:c")).unwrap();
    ledger.stack(&id, "arn:x", None).unwrap();
    ledger.resource(&id, &bucket).unwrap();
    ledger.settle(&id, &bucket, ResourceState::Gone).unwrap();
    drop(ledger);
    let ledger = SqliteLedger::open(&path, dir.path()).unwrap();
    let lease = ledger.lease(&id).unwrap();
    assert_eq!(lease.step, Step::Executing);
    assert_eq!(lease.change_set.as_deref(), Some("arn:c"));
    assert_eq!(ledger.resources(&id).unwrap()[0].state, ResourceState::Gone);
    ledger.close(&id, Closing::Gone, at).unwrap();
    assert!(ledger.leases(false).unwrap().is_empty());
    assert_eq!(
        ledger.leases(true).unwrap()[0].closing,
        Some((Closing::Gone, at))
    );
    ledger.open(&terms("demo-2")).unwrap();
}

#[test]
fn two_processes_do_not_work_on_one_lease() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let one = SqliteLedger::open(&path, &dir.path().join("locks")).unwrap();
    let two = SqliteLedger::open(&path, &dir.path().join("locks")).unwrap();
    let id = one.open(&terms("demo-1")).unwrap().terms.id;
    let claim = one.claim(&id).unwrap();
    assert!(matches!(two.claim(&id), Err(LedgerError::Busy { .. })));
    drop(claim);
    assert!(two.claim(&id).is_ok());
}
