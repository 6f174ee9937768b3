//! Every rule by data: `tests/fixtures/guard/<code>/` holds a template that the rule passes and one that it finds.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Consent, Finding, Policy, Refused, Situation, Verdict, approve};
use crate::lab::cost::PriceTable;
use crate::lab::evaluate::Inputs;
use crate::lab::plan::{Draft, Plan};

fn table() -> &'static PriceTable {
    static TABLE: std::sync::OnceLock<PriceTable> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| PriceTable::parse(include_str!("../../../content/prices.yaml")).unwrap())
}

fn plan(template: &str, region: &str, policy: &Policy) -> Plan {
    Draft {
        name: "t",
        template_body: template,
        inputs: Inputs::for_estimate(region),
        ttl: SignedDuration::from_hours(3),
        table: table(),
        policy,
        situation: &Situation::default(),
    }
    .plan()
}

#[test]
fn each_rule_finds_one_template_and_passes_the_other() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/guard");
    let mut faults = Vec::new();
    for rule in std::fs::read_dir(folder).unwrap().flatten() {
        let code = rule.file_name().into_string().unwrap();
        for (file, wanted) in [("allowed.yaml", false), ("denied.yaml", true)] {
            let text = std::fs::read_to_string(rule.path().join(file)).unwrap();
            let plan = plan(&text, "ap-northeast-1", &Policy::default());
            let found = plan.findings.iter().any(|finding| finding.rule == code);
            if found != wanted {
                let all: Vec<String> = plan.findings.iter().map(ToString::to_string).collect();
                faults.push(format!("{code}/{file}: {all:#?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_rules_doc_names_every_fixture() {
    let doc = include_str!("../../../docs/GUARD-RULES.md");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/guard");
    for rule in std::fs::read_dir(folder).unwrap().flatten() {
        let code = rule.file_name().into_string().unwrap();
        assert!(doc.contains(&format!("`{code}`")), "{code}");
    }
}

const NAT: &str = "Resources:\n  Nat:\n    Type: AWS::EC2::NatGateway\n    Properties: {SubnetId: s, AllocationId: a}\n";

#[test]
fn allowing_a_type_turns_a_no_into_a_question() {
    let mut policy = Policy::default();
    let denied = plan(NAT, "ap-northeast-1", &policy);
    assert_eq!(denied.verdict(), Verdict::Deny);
    assert!(matches!(
        approve(denied, Consent::Given),
        Err(Refused::Denied { .. })
    ));
    policy.allowed_types = BTreeSet::from(["AWS::EC2::NatGateway".to_owned()]);
    let asked = plan(NAT, "ap-northeast-1", &policy);
    assert_eq!(asked.verdict(), Verdict::Confirm);
    assert!(matches!(
        approve(asked.clone(), Consent::Withheld),
        Err(Refused::NeedsConsent { .. })
    ));
    assert!(approve(asked, Consent::Given).is_ok());
}

#[test]
fn the_month_is_projected_over_live_labs() {
    let small = "Resources:\n  Web:\n    Type: AWS::EC2::Instance\n    Properties: {InstanceType: t3.micro}\n";
    let draft = |live: f64| {
        Draft {
            name: "t",
            template_body: small,
            inputs: Inputs::for_estimate("us-east-1"),
            ttl: SignedDuration::from_hours(2),
            table: table(),
            policy: &Policy::default(),
            situation: &Situation {
                month_projected: crate::money::MicroUsd::from_usd(live),
                root_credentials: false,
            },
        }
        .plan()
    };
    assert_eq!(draft(9.9).verdict(), Verdict::Allow);
    assert_eq!(draft(9.99).verdict(), Verdict::Deny);
}

#[test]
fn a_region_without_prices_asks() {
    let text = "Resources:\n  Ip:\n    Type: AWS::EC2::EIP\n";
    let plan = plan(text, "sa-east-1", &Policy::default());
    assert_eq!(plan.verdict(), Verdict::Confirm);
    assert_eq!(plan.estimate.unpriced, ["Ip"]);
}

#[test]
fn findings_come_heaviest_first_and_say_where() {
    let text = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n  Odd:\n    Type: AWS::No::Such\n";
    let plan = plan(text, "ap-northeast-1", &Policy::default());
    let first: &Finding = &plan.findings[0];
    assert_eq!((first.rule.as_str(), first.line), ("unknown-type", Some(4)));
}
