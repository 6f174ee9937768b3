//! Plans of templates in different authors' styles, with prices worked out by hand from the price table.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::*;
use crate::lab::finding::Severity;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    region: String,
    verdict: Verdict,
    /// All codes that deny; empty where the verdict is no denial or the older files do not say.
    #[serde(default)]
    denies: Vec<String>,
    /// Codes that are among the findings.
    #[serde(default)]
    rules: Vec<String>,
    /// Every row that costs something: id, type, how many, what all of them cost an hour.
    rows: Vec<(String, String, u32, f64)>,
    #[serde(default)]
    hourly: Option<f64>,
    #[serde(default)]
    max_hourly: Option<f64>,
    #[serde(default)]
    unpriced: Vec<String>,
}

/// Where a plan is not what was worked out by hand.
fn differences(name: &str, template_body: &str, expected: &Expected) -> Vec<String> {
    let table = PriceTable::parse(include_str!("../../../content/prices.yaml")).unwrap();
    let plan = Draft {
        name,
        template_body,
        inputs: Inputs::for_estimate(&expected.region),
        ttl: SignedDuration::from_hours(2),
        table: &table,
        policy: &Policy::default(),
        situation: &Situation::default(),
    }
    .plan();
    let mut wrong = Vec::new();
    let told: Vec<String> = plan.findings.iter().map(ToString::to_string).collect();
    if plan.verdict() != expected.verdict {
        wrong.push(format!("{:?} for {told:#?}", plan.verdict()));
    }
    for rule in &expected.rules {
        if !plan.findings.iter().any(|finding| finding.rule == *rule) {
            wrong.push(format!("{rule} is not in {told:#?}"));
        }
    }
    let denied: BTreeSet<&str> = plan
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Deny)
        .map(|finding| &*finding.rule)
        .collect();
    let wanted: BTreeSet<&str> = expected.denies.iter().map(String::as_str).collect();
    if !wanted.is_empty() && denied != wanted {
        wrong.push(format!("denied for {denied:?}: {told:#?}"));
    }
    if plan.estimate.unpriced != expected.unpriced {
        wrong.push(format!("unpriced: {:?}", plan.estimate.unpriced));
    }
    let far = |so: MicroUsd, wanted: f64, most: i64| {
        (so - MicroUsd::from_usd(wanted)).micros().abs() > most
    };
    let mut left: Vec<_> = plan
        .estimate
        .items
        .iter()
        .filter(|item| item.hourly.is_some_and(|so| so.micros() > 0))
        .collect();
    for (id, type_name, count, hourly) in &expected.rows {
        let at = left.iter().position(|item| {
            item.logical_id == *id
                && item.type_name == *type_name
                && item.count == *count
                && item.hourly.is_some_and(|so| !far(so, *hourly, 1))
        });
        match at {
            Some(at) => drop(left.remove(at)),
            None => wrong.push(format!("no row {id} {type_name} {count} {hourly}")),
        }
    }
    for item in left {
        wrong.push(format!(
            "a row that nobody worked out: {} {} {} {:?}",
            item.logical_id, item.type_name, item.count, item.hourly
        ));
    }
    if expected
        .hourly
        .is_some_and(|sum| far(plan.estimate.hourly, sum, 5))
    {
        wrong.push(format!("{} an hour", plan.estimate.hourly));
    }
    if expected
        .max_hourly
        .is_some_and(|most| far(plan.estimate.max_hourly, most, 5))
    {
        wrong.push(format!("{} at most", plan.estimate.max_hourly));
    }
    wrong
}

#[test]
fn hand_checked_prices_come_out() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plans");
    let (mut count, mut refused, mut wrong) = (0, 0, Vec::new());
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        let path = file.path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains(".expect.") {
            continue;
        }
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(folder.join(format!("{stem}.expect.yaml"))).unwrap();
        let expected: Expected = crate::yaml::from_str(&expected).unwrap();
        let body = std::fs::read_to_string(&path).unwrap();
        count += 1;
        refused += u32::from(expected.verdict == Verdict::Deny);
        let found = differences(&name, &body, &expected);
        wrong.extend(found.into_iter().map(|one| format!("{name}: {one}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        count >= 29 && refused >= 3,
        "{count} templates, {refused} refused"
    );
}

#[test]
fn every_public_type_is_known_or_named() {
    let table = PriceTable::parse(include_str!("../../../content/prices.yaml")).unwrap();
    for type_name in [
        "AWS::EC2::VPC",
        "AWS::CDK::Metadata",
        "Alexa::ASK::Skill",
        "AWS::IAM::Role",
    ] {
        assert_eq!(
            table.kind(type_name),
            crate::lab::cost::table::TypeKind::Free,
            "{type_name}"
        );
    }
}

fn fixtures() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plans");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|f| f.path())
        .collect();
    files.sort();
    files
        .iter()
        .filter(|path| !path.to_string_lossy().contains(".expect."))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

proptest::proptest! {
    /// Whatever happens to a template, there is a plan, and no sum is without its rows.
    #[test]
    fn a_damaged_template_still_gives_a_plan(
        which in 0_usize..29,
        cuts in proptest::collection::vec((0_usize..120, 0_usize..4, "[\\[\\]{}:,!&*# a-zA-Z\"'-]{0,6}"), 1..4),
    ) {
        let texts = fixtures();
        let table = PriceTable::parse(include_str!("../../../content/prices.yaml")).unwrap();
        let mut lines: Vec<String> = texts[which % texts.len()].lines().map(str::to_owned).collect();
        for (at, kind, noise) in cuts {
            let at = at % lines.len();
            match kind {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, noise),
                2 => lines[at].push_str(&noise),
                _ => lines.swap(at, 0),
            }
            if lines.is_empty() {
                break;
            }
        }
        let plan = Draft {
            name: "damaged",
            template_body: &lines.join("\n"),
            inputs: Inputs::for_estimate("ap-northeast-1"),
            ttl: SignedDuration::from_hours(2),
            table: &table,
            policy: &Policy::default(),
            situation: &Situation::default(),
        }
        .plan();
        let sum: MicroUsd = plan.estimate.items.iter().filter_map(|item| item.hourly).sum();
        proptest::prop_assert_eq!(sum, plan.estimate.hourly);
        for item in plan.estimate.items.iter().filter(|item| item.hourly.is_none()) {
            proptest::prop_assert!(plan.estimate.unpriced.contains(&item.logical_id));
        }
    }
}
