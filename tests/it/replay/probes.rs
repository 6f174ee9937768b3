//! The probes that prove a teardown, tried on what is there.

use kumojuku::adapter::aws::clients::{Target, Wiring};
use kumojuku::adapter::sandbox::resources::SandboxResources;
use kumojuku::adapter::store::ledger::SqliteLedger;
use kumojuku::lab::port::{Ledger as _, Presence, ResourceApi as _};

use crate::emulator::Emulator;
use crate::env::TestEnv;

/// A probe that finds nothing proves nothing, unless it finds what is there: lists what it does not.
pub fn unseen_of(env: &TestEnv, emulator: &Emulator, lease: &str, region: &str) -> Vec<String> {
    let data = env.home().join("juku").join("data").join("ledger.db");
    let ledger = SqliteLedger::open(&data, env.home()).unwrap();
    let id = kumojuku::lab::lease::LeaseId(lease.to_owned());
    let target = Target::Sandbox {
        endpoint: emulator.endpoint.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let wiring = Wiring::of(&target, region);
    let resources = SandboxResources::new(
        &wiring,
        &emulator.endpoint,
        region,
        std::sync::Arc::new(runtime),
    );
    let known = ledger.resources(&id).unwrap();
    assert!(!known.is_empty(), "{lease}");
    known
        .into_iter()
        .filter(|resource| !SandboxResources::goes_with_another(&resource.type_name))
        .filter(|resource| resources.presence("", resource).unwrap() == Presence::Absent)
        .map(|resource| format!("{lease}: {} {}", resource.type_name, resource.physical_id))
        .collect()
}
