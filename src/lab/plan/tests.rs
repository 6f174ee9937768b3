//! Plans of templates in different authors' styles, with prices worked out by hand from the price table.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Expected {
    region: String,
    verdict: Verdict,
    #[serde(default)]
    rules: Vec<String>,
    rows: Vec<(String, String, u32, f64)>,
    #[serde(default)]
    max_hourly: Option<f64>,
    #[serde(default)]
    unpriced: Vec<String>,
}

#[test]
fn hand_checked_prices_come_out() {
    let table = PriceTable::parse(include_str!("../../../content/prices.yaml")).unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plans");
    let mut count = 0;
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        let path = file.path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains(".expect.") {
            continue;
        }
        count += 1;
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(folder.join(format!("{stem}.expect.yaml"))).unwrap();
        let expected: Expected = crate::yaml::from_str(&expected).unwrap();
        let plan = Draft {
            name: &name,
            template_body: &std::fs::read_to_string(&path).unwrap(),
            inputs: Inputs::for_estimate(&expected.region),
            ttl: SignedDuration::from_hours(2),
            table: &table,
            policy: &Policy::default(),
            situation: &Situation::default(),
        }
        .plan();
        let told: Vec<String> = plan.findings.iter().map(ToString::to_string).collect();
        assert_eq!(plan.verdict(), expected.verdict, "{name}: {told:#?}");
        for rule in &expected.rules {
            assert!(
                plan.findings.iter().any(|f| f.rule == *rule),
                "{name}: {rule} in {told:#?}"
            );
        }
        assert_eq!(plan.estimate.unpriced, expected.unpriced, "{name}");
        let mut items: Vec<_> = plan.estimate.items.iter().collect();
        for (id, type_name, count, hourly) in &expected.rows {
            let wanted = MicroUsd::from_usd(*hourly);
            let at = items.iter().position(|item| {
                let close = item
                    .hourly
                    .is_some_and(|so| (so - wanted).micros().abs() <= 1);
                item.logical_id == *id
                    && item.type_name == *type_name
                    && item.count == *count
                    && close
            });
            let of: Vec<_> = items.iter().filter(|item| item.logical_id == *id).collect();
            items.remove(at.unwrap_or_else(|| {
                panic!("{name}: {id} {type_name} {count} {hourly} not in {of:#?}")
            }));
        }
        if let Some(most) = expected.max_hourly {
            let apart = (plan.estimate.max_hourly - MicroUsd::from_usd(most))
                .micros()
                .abs();
            assert!(apart <= 3, "{name}: {} at most", plan.estimate.max_hourly);
        }
    }
    assert!(count >= 6);
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
        which in 0_usize..6,
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
