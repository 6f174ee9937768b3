//! What the labs' documents say about cost is what the estimator says, and every lab the documents ask for is there.

#[path = "../../examples/lab_docs/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use kumojuku::money::MicroUsd;

/// The labs that the source articles and the study log ask for, by the articles.
const ASKED_FOR: &[(&str, &[&str])] = &[
    ("billing-alarm-budget", &["000-01", "001-09"]),
    ("serverless-url-shortener", &["000-03", "000-08", "004-14"]),
    ("session-manager-rds", &["000-04", "002-15"]),
    ("drift-import", &["000-06"]),
    ("ecs-fargate-alb", &["000-07"]),
    ("s3-presigned-secrets", &["000-12"]),
    ("ebs-gp3-resize", &["001-05", "004-16"]),
    ("nat-instance", &["001-08"]),
    ("rest-api-translate", &["001-11"]),
    ("alb-ec2-acm", &["001-14"]),
    ("cognito-identity-trust", &["001-18"]),
    ("vpc-public-private", &["001-19"]),
    ("s3-cloudfront-oac", &["002-01"]),
    ("forward-proxy", &["002-04"]),
    ("route53-health-sns", &["002-05"]),
    ("dynamodb-keys-batch", &["002-08", "004-17"]),
    ("alarm-autoscaling", &["002-11", "004-12"]),
    ("vpc-lambda-endpoints", &["002-17"]),
    ("eventbridge-schedule", &["002-18"]),
    ("appsync-dynamodb", &["004-02"]),
    ("cicd-pipeline", &["004-04"]),
    ("status-check-recovery", &["004-08"]),
    ("rds-multiaz-failover", &["004-09"]),
    ("route-failover-lambda", &["004-10"]),
    ("http-api-openapi", &["004-11"]),
    ("s3-user-policy", &["003-01"]),
    ("kms-envelope", &["003-01"]),
    ("sqs-lambda-dlq", &["003-01"]),
    ("kinesis-shards", &["003-01"]),
    ("xray-tracing", &["003-01"]),
];

#[test]
fn documents_state_what_the_estimator_says_and_no_lab_is_dear() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let labs = table::read(root);
    for lab in &labs {
        let path = lab.readme_path.display();
        assert_eq!(
            lab.readme,
            lab.wanted_readme(),
            "{path}: `cargo run --example lab_docs`"
        );
        assert!(
            lab.plan.ttl_cost() <= MicroUsd::from_usd(0.5),
            "{}: {}",
            lab.lab.id,
            lab.plan.ttl_cost()
        );
        for part in [
            "## 手順",
            "## 構成図",
            "## 料金の罠",
            "## 試験での問われ方",
            "## 後片付け",
        ] {
            assert!(lab.readme.contains(part), "{path}: {part}");
        }
    }
    let document = std::fs::read_to_string(root.join("docs/LABS.md")).unwrap_or_default();
    assert_eq!(
        document,
        table::labs_document(&labs),
        "`cargo run --example lab_docs`"
    );
}

#[test]
fn every_lab_that_an_article_asks_for_is_there() {
    let labs = table::read(Path::new(env!("CARGO_MANIFEST_DIR")));
    for (id, articles) in ASKED_FOR {
        let found = labs.iter().find(|lab| lab.lab.id.as_str() == *id);
        let lab = found.unwrap_or_else(|| panic!("{id}"));
        for article in *articles {
            assert!(
                lab.lab.articles.iter().any(|one| one == article),
                "{id}: {article}"
            );
        }
    }
}

/// What a task names for studying is there: cards of the bank, sections of notes.
#[test]
fn every_card_and_section_that_a_task_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = |folder: &str, extension: &str| -> Vec<(String, String)> {
        let files = walkdir::WalkDir::new(root.join(folder))
            .into_iter()
            .flatten();
        let wanted = files.filter(|file| file.path().extension().is_some_and(|e| e == extension));
        let read = wanted.map(|file| {
            let stem = file
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (stem, std::fs::read_to_string(file.path()).unwrap())
        });
        read.collect()
    };
    let banks = texts("quizzes", "yaml");
    let cards: BTreeSet<&str> = banks
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.trim_start().strip_prefix("- id: "))
        .map(|id| id.split_whitespace().next().unwrap_or_default())
        .collect();
    let notes = texts("content", "md");
    let sections: BTreeSet<String> = notes
        .iter()
        .flat_map(|(note, text)| {
            let anchors = text.split("{#").skip(1);
            anchors.map(move |rest| format!("{note}#{}", rest.split('}').next().unwrap()))
        })
        .collect();
    let mut missing = Vec::new();
    for lab in table::read(root) {
        for task in &lab.lab.tasks {
            let cards = task
                .cards
                .iter()
                .filter(|card| !cards.contains(card.as_str()));
            let gone = task.notes.iter().filter(|note| !sections.contains(*note));
            missing.extend(
                cards
                    .chain(gone)
                    .map(|one| format!("{}: {}: {one}", lab.lab.id, task.id)),
            );
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
