//! The whole way to a real account and back, command by command, on a pretended one.

use std::ffi::OsString;

use crate::cli::lang::Catalog;
use crate::cli::wire::{ACCOUNT, FakeAws, Wire};
use crate::cli::{Context, Exit, Ui};
use crate::config::{Environment, Language};
use crate::lab::port::Clock as _;

/// A home and an account.
struct Desk {
    home: tempfile::TempDir,
    aws: FakeAws,
}

/// What a command left behind.
struct Ran {
    exit: Exit,
    out: String,
    talk: String,
}

impl Ran {
    #[track_caller]
    fn expect(self, exit: Exit) -> Self {
        assert_eq!(self.exit, exit, "\n{}\n{}", self.out, self.talk);
        self
    }

    #[track_caller]
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let now = Self::wire_of(&home).now();
        Self {
            aws: FakeAws::at(home.path(), now),
            home,
        }
    }

    /// A desk with a bootstrap stack in the account.
    fn ready() -> Self {
        let desk = Self::new();
        desk.run("lab bootstrap --profile p --account-digits 3333 --yes", "")
            .expect(Exit::Done);
        desk
    }

    fn wire_of(home: &tempfile::TempDir) -> Wire {
        let path = home.path().to_str().unwrap();
        Wire::new(Environment::of([("JUKU_HOME", path)])).unwrap()
    }

    fn run(&self, line: &str, answers: &str) -> Ran {
        let (ui, out, talk) = Ui::recorded(Catalog::new(Language::English), answers);
        let wire = Self::wire_of(&self.home).with_aws(self.aws.clone());
        let words = line.split(' ').map(OsString::from).collect();
        let exit = crate::cli::run(&mut Context { ui, wire }, words);
        Ran {
            exit,
            out: out.text(),
            talk: talk.text(),
        }
    }

    fn write(&self, path: &std::path::Path, text: &str) {
        Self::wire_of(&self.home)
            .write(path, text.as_bytes())
            .unwrap();
    }

    /// The places of operations in the order of calls.
    #[track_caller]
    fn order(&self, operations: &[&str]) {
        let calls = self.aws.calls();
        let mut rest = calls.iter();
        for wanted in operations {
            assert!(
                rest.any(|call| call == wanted),
                "{wanted} not in order: {calls:?}"
            );
        }
    }

    fn made_anything(&self) -> bool {
        self.aws
            .calls()
            .iter()
            .any(|call| call == "CreateChangeSet" || call == "PutParameter")
    }
}

const UP: &str = "lab up sqs-lambda-dlq --profile p --json --yes";

#[test]
fn nothing_is_built_where_nothing_would_end_it() {
    let desk = Desk::new();
    let ran = desk.run(UP, "").expect(Exit::Refused);
    assert!(ran.out.contains("lab-no-bootstrap"), "{}", ran.out);
    assert!(!desk.made_anything());
}

#[test]
fn a_bootstrap_stack_is_shown_confirmed_and_made_once() {
    let desk = Desk::new();
    // The digits are asked for even with --yes, and wrong ones end it.
    let wrong = desk.run("lab bootstrap --profile p --yes", "1234\n");
    wrong.expect(Exit::Refused);
    desk.run("lab bootstrap --profile p --yes", "")
        .expect(Exit::Refused);
    desk.run("lab bootstrap --profile p --yes --no-input", "")
        .expect(Exit::Usage);
    assert!(!desk.made_anything());
    let no = desk
        .run("lab bootstrap --profile p", "3333\nn\n")
        .expect(Exit::No);
    assert!(no.talk.contains("11112222****"), "{}", no.talk);
    assert!(no.talk.contains("AWS::Scheduler::Schedule"), "{}", no.talk);
    assert!(no.talk.contains("$0.0"), "the standing cost: {}", no.talk);
    let ready = desk
        .run(
            "lab bootstrap --profile p --json --yes --account-digits 3333",
            "",
        )
        .expect(Exit::Done)
        .json();
    assert_eq!(ready["status"], "ready");
    assert!(
        ready["lab_role"]
            .as_str()
            .unwrap()
            .starts_with("arn:aws:iam::")
    );
    let made = |desk: &Desk| {
        let calls = desk.aws.calls();
        calls
            .iter()
            .filter(|call| *call == "ExecuteChangeSet")
            .count()
    };
    assert_eq!(made(&desk), 1);
    desk.run("lab bootstrap --profile p --yes --account-digits 3333", "")
        .expect(Exit::Done);
    assert_eq!(made(&desk), 1);
    // In the ledger's binding, another region is refused as long as it stands.
    desk.run("lab bootstrap --profile p --region us-east-1", "3333\n")
        .expect(Exit::Refused);
}

#[test]
fn a_lab_is_armed_before_it_is_built_and_gone_at_the_end() {
    let desk = Desk::ready();
    let up = desk.run(UP, "").expect(Exit::Done).json();
    assert_eq!(
        (&up["status"], &up["tier"]),
        (&"live".into(), &"aws".into())
    );
    desk.order(&[
        "CreateChangeSet",
        "CreateChangeSet",
        "PutParameter",
        "GetParameter",
        "ExecuteChangeSet",
        "GetResource",
    ]);
    let armed = |desk: &Desk| {
        let parameters = desk.aws.parameters();
        assert_eq!(parameters.len(), 1, "{parameters:?}");
        let (name, value) = parameters.into_iter().next().unwrap();
        assert_eq!(
            name,
            format!("/juku/leases/{}", up["lease"].as_str().unwrap())
        );
        serde_json::from_str::<serde_json::Value>(&value).unwrap()
    };
    let first = armed(&desk);
    assert!(
        first["stack_id"]
            .as_str()
            .unwrap()
            .contains("stack/juku-sqs-lambda-dlq/")
    );
    let status = desk.run("lab status --json", "").expect(Exit::Done).json();
    let live = &status["labs"][0];
    assert_eq!(
        (&live["tier"], &live["account"]),
        (&"aws".into(), &ACCOUNT.into())
    );
    assert!(live["hourly_usd"].as_f64().unwrap() > 0.0);

    desk.run("lab extend sqs-lambda-dlq 30m", "")
        .expect(Exit::Done);
    assert!(armed(&desk)["expires_at"].as_str() > first["expires_at"].as_str());
    desk.run(
        "lab bootstrap --profile p --remove --yes --account-digits 3333",
        "",
    )
    .expect(Exit::Refused);

    let down = desk
        .run("lab down sqs-lambda-dlq --json", "")
        .expect(Exit::Done)
        .json();
    let report = &down["labs"][0];
    assert!(
        report["closing"].as_str().unwrap().starts_with("gone"),
        "{report}"
    );
    assert!(report["gone"].as_u64().unwrap() >= 3, "{report}");
    assert!(desk.aws.parameters().is_empty());
    desk.run(
        "lab bootstrap --profile p --remove --yes --account-digits 3333",
        "",
    )
    .expect(Exit::Done);
    desk.run(UP, "").expect(Exit::Refused);
}

#[test]
fn a_lab_that_cannot_be_armed_is_not_built() {
    let desk = Desk::ready();
    let before = desk.aws.calls().len();
    desk.aws.refuse("PutParameter", "AccessDeniedException");
    let ran = desk.run(UP, "").expect(Exit::Failed);
    assert!(ran.out.contains("AccessDeniedException"), "{}", ran.out);
    let calls = desk.aws.calls().split_off(before);
    assert!(!calls.contains(&"ExecuteChangeSet".to_owned()), "{calls:?}");
    let all = desk.run("lab status --all --json", "").json();
    assert_eq!(all["labs"][0]["status"], "never-built");
    assert!(desk.aws.parameters().is_empty());
}

#[test]
fn root_another_account_and_old_keys_are_refused() {
    let desk = Desk::ready();
    desk.aws.sign_in(&format!("arn:aws:iam::{ACCOUNT}:root"));
    let root = desk.run(UP, "").expect(Exit::Refused);
    assert!(root.out.contains("root-credentials"), "{}", root.out);
    desk.run("lab bootstrap --profile q --yes --account-digits 3333", "")
        .expect(Exit::Refused);
    desk.aws.refuse("GetCallerIdentity", "ExpiredToken");
    let old = desk.run(UP, "").expect(Exit::Failed);
    assert!(old.out.contains("ExpiredToken"), "{}", old.out);
}

#[test]
fn another_region_is_asked_for_and_ended_from_the_same_home() {
    let desk = Desk::ready();
    let there = format!("{UP} --region us-east-1");
    desk.run(&there, "").expect(Exit::Refused);
    desk.run(&there, "3333\n").expect(Exit::Done);
    let value = desk.aws.parameters().into_values().next().unwrap();
    assert!(
        value.contains("arn:aws:cloudformation:us-east-1:"),
        "{value}"
    );
    // Past its time, a sweep with the profile takes it down; one without leaves it alone and says so.
    let all = desk.run("lab sweep", "").expect(Exit::Done);
    assert!(all.talk.contains("--profile p"), "{}", all.talk);
    desk.aws.clock().wait(std::time::Duration::from_hours(30));
    let swept = desk
        .run("lab sweep --profile p --json", "")
        .expect(Exit::Done)
        .json();
    assert_eq!(swept["swept"][0]["did"], "taken-down", "{swept}");
    assert!(desk.aws.parameters().is_empty());
}

#[test]
fn a_sweep_writes_a_record_again_that_somebody_removed() {
    let desk = Desk::ready();
    desk.run(UP, "").expect(Exit::Done);
    let before = desk.aws.parameters();
    desk.aws.forget_parameters();
    desk.run("lab sweep --profile p", "").expect(Exit::Done);
    assert_eq!(desk.aws.parameters(), before);
}

/// A product as the price list gives it.
fn product(
    service: &str,
    family: &str,
    fields: &serde_json::Value,
    unit: &str,
    usd: &str,
) -> serde_json::Value {
    let price = serde_json::json!({"unit": unit, "beginRange": "0", "pricePerUnit": {"USD": usd}});
    serde_json::json!({
        "serviceCode": service,
        "product": {"productFamily": family, "attributes": fields},
        "terms": {"OnDemand": {"T": {"priceDimensions": {"D": price}}}},
    })
}

#[test]
fn prices_that_were_read_are_planned_with() {
    let desk = Desk::new();
    let template = desk.home.path().join("nat.yaml");
    let text = "Resources: {N: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: s, ConnectivityType: private}}}";
    desk.write(&template, text);
    let plan = |desk: &Desk| {
        let line = format!("lab plan {} --region eu-west-1 --json", template.display());
        desk.run(&line, "").json()
    };
    assert_eq!(plan(&desk)["unpriced"][0], "N");
    // A list that sells nothing changes nothing.
    let refresh = "prices refresh --profile p --region eu-west-1 --json";
    desk.run(refresh, "").expect(Exit::No);
    let fields = serde_json::json!({"regionCode": "eu-west-1", "usagetype": "EU-NatGateway-Hours"});
    desk.aws.sell(product(
        "AmazonEC2",
        "NAT Gateway",
        &fields,
        "Hrs",
        "0.0480000000",
    ));
    let report = desk.run(refresh, "").expect(Exit::Done).json();
    assert_eq!(report["read"], 1, "{report}");
    assert_eq!(report["changed"][0]["key"], "nat");
    assert_eq!(report["changed"][0]["before"], serde_json::Value::Null);
    let plan = plan(&desk);
    let row = &plan["resources"][0];
    assert_eq!(row["hourly_usd"], 0.048, "{plan}");
    assert_eq!(
        (&row["price_as_of"], &row["confidence"]),
        (&report["as_of"], &"high".into())
    );
    // The same again: nothing is new.
    let again = desk.run(refresh, "").expect(Exit::Done).json();
    assert_eq!(again["changed"].as_array().unwrap().len(), 0, "{again}");
    desk.aws.refuse("GetProducts", "AccessDeniedException");
    desk.run(refresh, "").expect(Exit::Failed);
    assert_eq!(self::refreshed(&desk), 1);
}

/// How many prices the overlay holds.
fn refreshed(desk: &Desk) -> usize {
    let path = desk.home.path().join("data").join("prices-refreshed.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    text.matches("usd:").count()
}

#[test]
fn a_full_bucket_is_emptied_and_what_stays_has_its_price() {
    let desk = Desk::ready();
    let inject = |what: &str| desk.aws.engine().inject(&what.parse().unwrap()).unwrap();
    inject("bucket-not-empty:SiteBucket:5");
    desk.run("lab up s3-static-site --profile p --yes", "")
        .expect(Exit::Done);
    let down = desk
        .run("lab down s3-static-site --json", "")
        .expect(Exit::Done)
        .json();
    assert_eq!(down["labs"][0]["emptied"][0][1], 5, "{down}");

    inject("delete-fails:DataVolume:6");
    desk.run("lab up ebs-gp3-resize --profile p --yes", "")
        .expect(Exit::Done);
    let down = desk
        .run("lab down ebs-gp3-resize --json", "")
        .expect(Exit::Failed)
        .json();
    let report = &down["labs"][0];
    assert_eq!(report["closing"], serde_json::Value::Null);
    let volume = report["leftovers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|left| left["logical_id"] == "DataVolume")
        .unwrap_or_else(|| panic!("{report}"));
    assert!(volume["monthly_usd"].as_f64().unwrap() > 0.0, "{report}");
    assert_eq!(desk.aws.parameters().len(), 1, "the reaper goes on");
    desk.run("lab down ebs-gp3-resize", "").expect(Exit::Done);
    assert!(desk.aws.parameters().is_empty());
}

#[test]
fn a_second_home_finds_the_bootstrap_stack_and_asks_once() {
    let first = Desk::ready();
    let second = Desk {
        home: tempfile::tempdir().unwrap(),
        aws: first.aws.clone(),
    };
    second.run(UP, "9999\n").expect(Exit::Refused);
    second
        .run(&format!("{UP} --no-input"), "")
        .expect(Exit::Usage);
    second.run(UP, "３３３３\n").expect(Exit::Done);
    second.run("lab down sqs-lambda-dlq", "").expect(Exit::Done);
    second.run(UP, "").expect(Exit::Done);
    // The first home knows nothing of that lease; the account does.
    first
        .run(
            "lab bootstrap --profile p --remove --yes --account-digits 3333",
            "",
        )
        .expect(Exit::Refused);
    first.run(UP, "").expect(Exit::Failed);
    let swept = first.run("lab sweep --profile p --json", "").json();
    assert_eq!(swept["swept"][0]["did"], "orphan", "{swept}");
}

impl Desk {
    /// A desk with a bootstrap stack that an older version made.
    fn outdated() -> Self {
        let desk = Self::new();
        let old = crate::lab::bootstrap::template()
            .replace("Value: \"1\"", "Value: \"0\"")
            .replace("Timeout: 300", "Timeout: 60");
        desk.aws
            .make_stack("kumojuku-bootstrap", &old, ("juku-bootstrap", "0"));
        desk
    }

    fn renewals(&self) -> usize {
        let calls = self.aws.calls();
        let made = calls.iter().filter(|call| *call == "ExecuteChangeSet");
        made.count()
    }
}

#[test]
fn an_older_bootstrap_stack_is_brought_up_to_date_after_a_yes() {
    let desk = Desk::outdated();
    let refused = desk.run(UP, "").expect(Exit::Refused);
    assert!(
        refused.out.contains("lab-bootstrap-outdated"),
        "{}",
        refused.out
    );
    // The digits are asked for here as well, and a no leaves the stack as it was.
    desk.run("lab bootstrap --profile p --yes", "1234\n")
        .expect(Exit::Refused);
    let no = desk
        .run("lab bootstrap --profile p", "3333\nn\n")
        .expect(Exit::No);
    assert!(no.talk.contains("Modify Reaper"), "{}", no.talk);
    assert!(!no.talk.contains("LabRole"), "{}", no.talk);
    assert!(no.talk.contains("Nothing was changed"), "{}", no.talk);
    assert_eq!(desk.renewals(), 0);
    desk.run(UP, "").expect(Exit::Refused);
    let ready = desk
        .run(
            "lab bootstrap --profile p --json --yes --account-digits 3333",
            "",
        )
        .expect(Exit::Done)
        .json();
    assert_eq!(ready["status"], "ready");
    assert!(ready["lab_role"].as_str().unwrap().contains(":role/"));
    assert_eq!(desk.renewals(), 1);
    assert!(!desk.aws.calls().contains(&"DeleteStack".to_owned()));
    desk.run(UP, "").expect(Exit::Done);
    desk.run("lab down sqs-lambda-dlq", "").expect(Exit::Done);
}

#[test]
fn an_update_that_fails_leaves_the_older_stack_standing() {
    let desk = Desk::outdated();
    let fault = "create-fails:Reaper".parse().unwrap();
    desk.aws.engine().inject(&fault).unwrap();
    let line = "lab bootstrap --profile p --yes --account-digits 3333";
    let failed = desk.run(line, "").expect(Exit::Failed);
    assert!(
        failed.talk.contains("put it back as it was"),
        "{}",
        failed.talk
    );
    assert!(failed.talk.contains("Reaper"), "{}", failed.talk);
    assert!(!desk.aws.calls().contains(&"DeleteStack".to_owned()));
    // The next try goes through.
    desk.run(line, "").expect(Exit::Done);
    assert_eq!(desk.renewals(), 2);
}

#[test]
fn no_update_while_a_lab_may_be_alive() {
    let desk = Desk::outdated();
    desk.aws.make_stack(
        "juku-demo",
        "Resources: {T: {Type: AWS::SNS::Topic}}",
        ("juku-lease", "elsewhere"),
    );
    let line = "lab bootstrap --profile p --yes --account-digits 3333";
    let refused = desk.run(line, "").expect(Exit::Refused);
    assert!(refused.talk.contains("juku-demo"), "{}", refused.talk);
    assert_eq!(desk.renewals(), 0);
}
