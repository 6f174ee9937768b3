//! `lab list`, `show`, `params` and `plan` from outside: documents, exit codes, any template.

use crate::env::TestEnv;

const WEB: &str = "Parameters:
  Size: {Type: String, Default: t3.micro, AllowedValues: [t3.micro, t3.small]}
Resources:
  Web:
    Type: AWS::EC2::Instance
    Properties: {InstanceType: !Ref Size, ImageId: ami-1}
";

#[test]
fn a_plan_is_one_document_with_the_agreed_fields() {
    let env = TestEnv::new();
    let path = env.write("web.yaml", WEB);
    let path = path.display().to_string();
    let run = env
        .juku(&["lab", "plan", &path, "--region", "us-east-1", "--json"])
        .expect(0);
    let plan = run.json();
    assert_eq!(plan["schema"], 1);
    assert_eq!(plan["verdict"], "allow");
    assert_eq!(plan["region"], "us-east-1");
    let rows = plan["resources"].as_array().unwrap();
    assert_eq!(rows[0]["logical_id"], "Web");
    assert_eq!(rows[0]["type"], "AWS::EC2::Instance");
    assert_eq!(rows[0]["hourly_usd"], 0.0104);
    assert_eq!(rows[0]["monthly_usd"], 7.592);
    assert_eq!(rows[0]["price_as_of"], "2026-07-20");
    assert_eq!(rows[0]["confidence"], "high");
    assert!(rows[1..].iter().all(|row| row["implied"] == true) && rows.len() == 3);
    for field in [
        "hourly_usd",
        "max_hourly_usd",
        "ttl_hours",
        "ttl_usd",
        "forgotten_30d_usd",
    ] {
        assert!(plan[field].is_number(), "{field}");
    }
    assert!(plan["unpriced"].as_array().unwrap().is_empty());
}

#[test]
fn parameters_and_regions_change_the_price() {
    let env = TestEnv::new();
    let path = env.write("web.yaml", WEB).display().to_string();
    let price = |arguments: &[&str]| {
        let all = [&["lab", "plan", path.as_str(), "--json"], arguments].concat();
        let run = env.juku(&all).expect(0);
        run.json()["resources"][0]["hourly_usd"].clone()
    };
    assert_eq!(price(&[]), 0.0136);
    assert_eq!(price(&["--param", "Size=t3.small"]), 0.0272);
    assert_eq!(price(&["--region", "sa-east-1"]), serde_json::Value::Null);
}

#[test]
fn a_wrong_template_is_a_denied_plan_that_says_where() {
    let env = TestEnv::new();
    for (text, rule, line) in [
        (
            "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    DependsOn: B\n  B:\n    Type: AWS::SNS::Topic\n    DependsOn: A\n",
            "cycle",
            2,
        ),
        (
            "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Ref Nobody\n",
            "unknown-reference",
            5,
        ),
        (
            "Resources:\n  A:\n    Type: AWS::SNS::Tropic\n",
            "unknown-type",
            2,
        ),
        ("Resources:\n\tA: 1\n", "template-tab", 2),
        ("", "template-empty", 1),
    ] {
        let path = env.write("wrong.yaml", text).display().to_string();
        let run = env.juku(&["lab", "plan", &path, "--json"]).expect(3);
        let plan = run.json();
        assert_eq!(plan["verdict"], "deny", "{rule}");
        let finding = &plan["findings"][0];
        assert_eq!(finding["rule"], rule);
        assert_eq!(finding["line"], line, "{rule}");
        assert_eq!(finding["severity"], "deny");
        assert!(!finding["message"].as_str().unwrap().contains("finding-"));
        assert!(!finding["instead"].as_str().unwrap().contains("finding-"));
    }
    let path = env.write("web.yaml", WEB).display().to_string();
    let run = env
        .juku(&["lab", "plan", &path, "--param", "Size=huge", "--json"])
        .expect(3);
    assert_eq!(run.json()["findings"][0]["rule"], "parameter-value");
}

#[test]
fn a_huge_text_is_refused_at_once() {
    let env = TestEnv::new();
    let path = env.write("huge.yaml", "Resources: x\n".repeat(800_000));
    let path = path.display().to_string();
    let run = env.juku(&["lab", "plan", &path, "--json"]).expect(3);
    assert_eq!(run.json()["findings"][0]["rule"], "template-too-large");
}

/// Templates that are out to exhaust the reader: refused by name with the line, by `plan` and by `params`.
#[test]
fn hostile_templates_are_refused_with_their_line() {
    let env = TestEnv::new();
    let deep = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    let steps: Vec<String> = (1..10)
        .map(|i| {
            format!(
                "a{i}: &a{i} [{}]\n",
                vec![format!("*a{}", i - 1); 10].join(",")
            )
        })
        .collect();
    let chain: Vec<String> = (1..200)
        .map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1))
        .collect();
    for (name, text, rule, line) in [
        ("deep.yaml", format!("A: 1\nResources: {}\n", deep("[", "]")), "template-too-deep", 2),
        ("maps.yaml", format!("A: 1\nResources: {}\n", deep("{a: ", "}")), "template-too-deep", 2),
        ("dashes.yaml", format!("Resources:\n{}x\n", "- ".repeat(10_000)), "template-too-deep", 2),
        ("open.yaml", format!("Resources:\n  {}\n", "[".repeat(10_000)), "template-too-deep", 2),
        ("deep.json", format!("{{\n\"Resources\": {}}}", deep("[", "]")), "template-too-deep", 2),
        ("maps.json", format!("{{\n\"Resources\": {}}}", deep("{\"a\":", "}")), "template-too-deep", 2),
        ("bomb.yaml", format!("a0: &a0 [x,x,x,x,x]\n{}Resources: *a9\n", steps.concat()), "template-too-many", 6),
        ("chain.yaml", format!("a0: &a0 x\n{}Resources: *a199\n", chain.concat()), "template-too-deep", 101),
        (
            "long.yaml",
            format!("x: &x {}\nResources: [{}]\n", "y".repeat(100_000), vec!["*x"; 5000].join(",")),
            "template-too-many",
            2,
        ),
        ("keys.yaml", "Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SNS::Topic}\n".into(), "duplicate-key", 3),
        ("keys.json", "{\"Resources\":{\n\"A\":{\"Type\":\"AWS::SNS::Topic\"},\n\"A\":{\"Type\":\"AWS::SNS::Topic\"}}}".into(), "duplicate-key", 3),
        ("tab.yaml", "Resources:\n  A:\n    Type:\tAWS::SNS::Topic\n".into(), "template-tab", 3),
        ("flow.yaml", "Resources:\n  A: {Type: AWS::SNS::Topic,\n\tMetadata: {}}\n".into(), "template-tab", 3),
        ("cut.json", "{\"Resources\":\n{\"A\":{\"Type\":".into(), "template-syntax", 2),
        ("nul.yaml", "Resources:\n  A: \0\n".into(), "template-syntax", 2),
    ] {
        let path = env.write(name, text).display().to_string();
        let plan = env.juku(&["lab", "plan", &path, "--json"]).expect(3).json();
        let finding = &plan["findings"][0];
        assert_eq!((&finding["rule"], &finding["line"]), (&rule.into(), &line.into()), "{name}");
        let run = env.juku(&["lab", "params", &path, "--json"]);
        // Repeated keys are no matter of parameters.
        assert!(matches!((run.code, rule), (4, _) | (0, "duplicate-key")), "{name}: {}", run.code);
    }
}

#[test]
fn every_bundled_lab_is_listed_shown_and_planned() {
    let env = TestEnv::new();
    let list = env.juku(&["lab", "list", "--json"]).expect(0).json();
    let labs = list["labs"].as_array().unwrap();
    assert!(!labs.is_empty() && list["unreadable"].as_array().unwrap().is_empty());
    for lab in labs {
        let id = lab["id"].as_str().unwrap();
        let plan = env.juku(&["lab", "plan", id, "--json"]).expect(0).json();
        assert_ne!(plan["verdict"], "deny", "{id}");
        let shown = env.juku(&["lab", "show", id, "--json"]).expect(0).json();
        assert!(!shown["guide"].as_str().unwrap().is_empty(), "{id}");
    }
}

#[test]
fn parameters_of_any_template_are_listed_with_their_prices() {
    let env = TestEnv::new();
    let path = env.write("web.yaml", WEB).display().to_string();
    let run = env.juku(&["lab", "params", &path, "--json"]).expect(0);
    let row = &run.json()["parameters"][0];
    assert_eq!(row["name"], "Size");
    assert_eq!(row["default"], "t3.micro");
    assert_eq!(row["allowed"], serde_json::json!(["t3.micro", "t3.small"]));
    assert!(row["hourly_usd_by_value"]["t3.small"].is_number());
    env.juku(&["lab", "params", "no-such-lab"]).expect(2);
}

#[test]
fn the_words_come_in_both_languages() {
    let nat = "Resources:\n  Nat:\n    Type: AWS::EC2::NatGateway\n    Properties: {SubnetId: s, AllocationId: a}\n";
    let japanese = TestEnv::new();
    let path = japanese.write("nat.yaml", nat).display().to_string();
    let run = japanese.juku(&["lab", "plan", &path]).expect(3);
    assert!(run.out.contains("判定: 拒否"), "{}", run.out);
    let english = TestEnv::new().english();
    let run = english.juku(&["lab", "plan", &path]).expect(3);
    assert!(run.out.contains("Verdict: denied"), "{}", run.out);
    assert!(run.out.contains("gateway VPC endpoint"), "{}", run.out);
}
