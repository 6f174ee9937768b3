//! The rules, by what they protect: money, known types, exposure, traces, identity, the way back.

use super::{Case, Finding};

mod exposure;
mod identity;
mod money;
mod traces;
mod types;
mod way_back;

/// A rule: looks at a case and adds its findings.
pub(super) type Rule = fn(&Case<'_>, &mut Vec<Finding>);

/// All rules, in the order their findings are told.
pub(super) const ALL: &[Rule] = &[
    money::lab_budget,
    money::month_budget,
    money::time_to_live,
    money::unpriced,
    money::recollected,
    money::traps,
    types::unknown,
    types::denied,
    types::closed,
    types::sizes,
    types::tenancy,
    types::unseen,
    types::local,
    exposure::admin_ports,
    exposure::buckets,
    exposure::databases,
    exposure::function_urls,
    identity::root,
    identity::capabilities,
    identity::users,
    identity::administrators,
    identity::open_trust,
    identity::key_pairs,
    identity::literal_secrets,
    traces::deletion_policies,
    traces::keys,
    traces::function_logs,
    way_back::protection,
];
