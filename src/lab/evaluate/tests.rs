//! Functions, conditions, loops and order, each by a small template.

use std::fmt::Write as _;

use super::*;
use crate::lab::value::{Expression, Known};

fn template(text: &str) -> Template {
    Template::parse(text, "t").unwrap()
}

fn survey_of(text: &str) -> Survey {
    survey(&template(text), &Inputs::for_estimate("ap-northeast-1"))
}

/// Evaluates one value as the output of a stack with a bucket `B`; the findings must be none.
fn value(head: &str, written: &str) -> Value {
    let text = format!(
        "{head}\nResources:\n  B:\n    Type: AWS::S3::Bucket\nOutputs:\n  O:\n    Value: {written}\n"
    );
    let survey = survey_of(&text);
    assert!(
        survey.findings.is_empty(),
        "{written}: {:?}",
        survey.findings
    );
    survey.evaluated.outputs[0].value.clone()
}

fn text(head: &str, written: &str) -> String {
    let value = value(head, written);
    value.to_string()
}

const HEAD: &str = "Parameters:
  Env: {Type: String, Default: dev}
  List: {Type: CommaDelimitedList, Default: 'a, b,c'}
Mappings:
  Map: {dev: {size: small, zones: [x, y]}}
Conditions:
  Dev: !Equals [!Ref Env, dev]
  Prod: !Not [!Condition Dev]
  Either: !Or [!Condition Prod, !And [!Condition Dev, !Equals ['1', 1]]]";

#[test]
fn functions_give_what_cloudformation_gives() {
    for (written, wanted) in [
        ("!Ref Env", "dev"),
        ("!Ref AWS::Region", "ap-northeast-1"),
        (
            "!Sub '${Env}-${AWS::Partition}-${!Literal}'",
            "dev-aws-${Literal}",
        ),
        ("!Sub ['${X}${Env}', {X: !Join ['', [p, q]]}]", "pqdev"),
        ("!Join ['-', !Ref List]", "a-b-c"),
        ("!Join [',', [!Ref List, z]]", "a,b,c,z"),
        ("!Select [1, !Ref List]", "b"),
        ("!Select ['2', !Split ['/', a/b/c]]", "c"),
        ("!FindInMap [Map, !Ref Env, size]", "small"),
        ("!Select [0, !FindInMap [Map, dev, zones]]", "x"),
        ("!If [Dev, yes-it-is, no]", "yes-it-is"),
        ("!If [Prod, a, !If [Either, b, c]]", "b"),
        ("!Select [1, !GetAZs '']", "ap-northeast-1c"),
        (
            "{'Fn::Select': [0, {'Fn::GetAZs': us-east-1}]}",
            "us-east-1a",
        ),
        ("!Select [3, !Cidr [10.0.0.0/16, 4, 8]]", "10.0.3.0/24"),
        ("!Base64 hello", "aGVsbG8="),
        ("!Join ['', [a, !If [Prod, b, !Ref AWS::NoValue], c]]", "ac"),
        ("007", "007"),
        ("!Sub 'plain $HOME ${'", "plain $HOME ${"),
    ] {
        assert_eq!(text(HEAD, written), wanted, "{written}");
    }
}

#[test]
fn the_language_extensions_are_understood() {
    let head = format!("Transform: AWS::LanguageExtensions\n{HEAD}");
    for (written, wanted) in [
        ("!Sub ['${N}', {N: {'Fn::Length': !Ref List}}]", "3"),
        ("{'Fn::ToJsonString': {a: [1, true]}}", "{\"a\":[1,true]}"),
        (
            "{'Fn::FindInMap': [Map, prod, size, {DefaultValue: large}]}",
            "large",
        ),
    ] {
        assert_eq!(text(&head, written), wanted, "{written}");
    }
    let looped = survey_of(
        "Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Topics:
    - Name
    - [First, second-one]
    - Topic&{Name}:
        Type: AWS::SNS::Topic
        Properties:
          DisplayName: !Ref Name
          TopicName: !Sub 'x-${Name}'
",
    );
    assert!(looped.findings.is_empty(), "{:?}", looped.findings);
    let ids: Vec<_> = looped
        .evaluated
        .resources
        .iter()
        .map(|r| r.logical_id.as_str())
        .collect();
    assert_eq!(ids, ["TopicFirst", "Topicsecondone"]);
    let name = looped.evaluated.resources[1]
        .property(&["TopicName"])
        .unwrap();
    assert_eq!(name.as_text(), Some("x-second-one"));
}

#[test]
fn what_the_stack_knows_is_put_in_later() {
    struct Built;
    impl Known for Built {
        fn reference(&self, logical_id: &str) -> Option<Value> {
            (logical_id == "B").then(|| Value::text("my-bucket"))
        }
        fn attribute(&self, logical_id: &str, attribute: &str) -> Option<Value> {
            (logical_id == "B" && attribute == "Arn").then(|| Value::text("arn:aws:s3:::my-bucket"))
        }
        fn import(&self, name: &str) -> Option<Value> {
            (name == "dev-vpc").then(|| Value::text("vpc-1,vpc-2"))
        }
        fn dynamic(&self, reference: &str) -> Option<Value> {
            reference
                .starts_with("{{resolve:ssm:")
                .then(|| Value::text("secret"))
        }
    }
    for (written, wanted) in [
        ("!Sub 's3://${B}/x'", "s3://my-bucket/x"),
        ("!Select [5, !Split [':', !GetAtt B.Arn]]", "my-bucket"),
        ("!Join ['', ['a=', '{{resolve:ssm:/x:1}}']]", "a=secret"),
        (
            "!Sub 'a={{resolve:ssm:/x}}-${B.Arn}'",
            "a=secret-arn:aws:s3:::my-bucket",
        ),
        (
            "!Select [1, !Split [',', !ImportValue {'Fn::Sub': '${Env}-vpc'}]]",
            "vpc-2",
        ),
        ("!Base64 {Ref: B}", "bXktYnVja2V0"),
    ] {
        let waiting = value(HEAD, written);
        assert!(waiting.is_runtime(), "{written}");
        let known = waiting.resolve(&Built).unwrap();
        assert_eq!(known.as_text(), Some(wanted), "{written}");
    }
}

#[test]
fn resources_come_after_what_they_need() {
    let survey = survey_of(
        "Resources:
  Third: {Type: AWS::SNS::Topic, DependsOn: Second}
  Second: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub '${First.TopicName}'}}
  First: {Type: AWS::SNS::Topic}
  Meta: {Type: AWS::SNS::Topic, Metadata: {x: !Ref Last}}
  Last: {Type: AWS::SNS::Topic}
",
    );
    let ids: Vec<_> = survey
        .evaluated
        .resources
        .iter()
        .map(|r| r.logical_id.as_str())
        .collect();
    assert_eq!(ids, ["First", "Second", "Third", "Last", "Meta"]);
    assert_eq!(survey.evaluated.resources[2].depends_on, ["Second"]);
}

#[test]
fn a_cycle_is_shown_with_its_path() {
    let survey = survey_of(
        "Resources:
  A: {Type: AWS::SNS::Topic, DependsOn: B}
  B: {Type: AWS::SNS::Topic, DependsOn: C}
  C: {Type: AWS::SNS::Topic, DependsOn: A}
",
    );
    let cycle = survey.findings.iter().find(|f| f.rule == "cycle").unwrap();
    assert_eq!(cycle.values["path"], "A → B → C → A");
    assert_eq!(survey.evaluated.resources.len(), 3);
}

#[test]
fn conditions_leave_resources_out() {
    let survey = survey_of(
        "Conditions: {Never: !Equals [a, b]}
Resources:
  Here: {Type: AWS::SNS::Topic, DependsOn: Gone}
  Gone: {Type: AWS::SNS::Topic, Condition: Never}
Outputs:
  Gone: {Condition: Never, Value: !Ref Gone}
",
    );
    assert!(survey.findings.is_empty(), "{:?}", survey.findings);
    assert_eq!(survey.evaluated.resources.len(), 1);
    assert!(survey.evaluated.outputs.is_empty());
}

#[test]
fn a_condition_on_something_unknown_keeps_both_sides() {
    let survey = survey_of(
        "Parameters: {Image: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}}
Conditions: {Own: !Equals [!Ref Image, none]}
Resources:
  T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !If [Own, a, b]}}
  U: {Type: AWS::SNS::Topic, Condition: Own}
",
    );
    assert_eq!(survey.evaluated.conditions["Own"], None);
    assert_eq!(survey.evaluated.resources.len(), 2);
    let name = survey.evaluated.resources[0]
        .property(&["DisplayName"])
        .unwrap();
    assert!(matches!(name, Value::Runtime(e) if matches!(**e, Expression::If { .. })));
}

#[test]
fn hidden_parameters_appear_nowhere() {
    let mut inputs = Inputs::for_estimate("ap-northeast-1");
    inputs
        .parameters
        .insert("Password".to_owned(), "hunter2!".to_owned());
    let template = template(
        "Parameters: {Password: {Type: String, NoEcho: true, MinLength: 20}}
Resources: {T: {Type: AWS::SNS::Topic}}
",
    );
    let survey = survey(&template, &inputs);
    let told = format!("{:?} {:?}", survey.findings, survey.evaluated.parameters);
    assert!(!told.contains("hunter2"), "{told}");
    assert_eq!(survey.findings[0].rule, "parameter-value");
}

#[test]
fn findings_say_where() {
    let survey = survey_of(
        "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Ref Nobody\n",
    );
    let finding = &survey.findings[0];
    assert_eq!(
        (finding.rule.as_str(), finding.line),
        ("unknown-reference", Some(5))
    );
    assert_eq!(finding.resource.as_deref(), Some("A"));
    assert!(
        evaluate(
            &template("Resources: {A: {Type: x, DependsOn: B}}"),
            &Inputs::for_estimate("x")
        )
        .is_err()
    );
}

#[test]
fn capabilities_are_those_of_cloudformation() {
    let of = |properties: &str| {
        survey_of(&format!(
            "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties: {{{properties}}}\n"
        ))
        .evaluated
        .capabilities
    };
    assert_eq!(of(""), [Capability::Iam]);
    assert_eq!(of("RoleName: x"), [Capability::NamedIam]);
}

#[test]
fn sam_makes_what_the_macro_makes() {
    let survey = survey_of(
        "Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, MemorySize: 256, Tags: {a: '1'}}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      InlineCode: pass
      MemorySize: 512
      Tags: {b: '2'}
      AutoPublishAlias: live
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
Outputs:
  Url: {Value: !Sub 'https://${ServerlessRestApi}/${ServerlessRestApi.RootResourceId}'}
  Role: {Value: !GetAtt FnRole.Arn}
  Version: {Value: !Ref Fn.Version}
",
    );
    let wrong: Vec<_> = survey
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Deny)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let of = |id: &str| {
        survey
            .evaluated
            .resources
            .iter()
            .find(|r| r.logical_id == id)
    };
    for (id, type_name) in [
        ("Fn", "AWS::Lambda::Function"),
        ("FnRole", "AWS::IAM::Role"),
        ("FnVersion", "AWS::Lambda::Version"),
        ("FnAliaslive", "AWS::Lambda::Alias"),
        ("FnTick", "AWS::Events::Rule"),
        ("FnGetPermissionProd", "AWS::Lambda::Permission"),
        ("ServerlessRestApi", "AWS::ApiGateway::RestApi"),
        ("ServerlessRestApiProdStage", "AWS::ApiGateway::Stage"),
    ] {
        assert_eq!(
            of(id).map(|r| r.type_name.as_str()),
            Some(type_name),
            "{id}"
        );
    }
    let memory = of("Fn").unwrap().property(&["MemorySize"]).unwrap();
    assert_eq!(memory.as_number(), Some(512.0));
}

#[test]
fn what_grows_without_end_is_stopped() {
    let mut nested = "x".repeat(1000);
    for _ in 0..25 {
        nested = format!("{{'Fn::Join': ['', [{nested}, {{'Fn::Base64': abc}}]]}}");
    }
    drop(survey_of(&format!(
        "Resources: {{T: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: {nested}}}}}}}"
    )));
    let long = "y".repeat(50_000);
    let many = vec!["''"; 20_000].join(",");
    let survey = survey_of(&format!(
        "Resources: {{T: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: !Join ['{long}', [{many}]]}}}}}}"
    ));
    let rules: Vec<_> = survey.findings.iter().map(|f| f.rule.as_str()).collect();
    assert!(rules.contains(&"function-argument"), "{rules:?}");
    let mut chain = String::new();
    for i in 1..3000 {
        writeln!(chain, "  C{i}: !Not [!Condition C{}]", i + 1).unwrap();
    }
    let survey = survey_of(&format!(
        "Conditions:\n{chain}  C3000: !Equals [a, b]\nResources: {{T: {{Type: AWS::SNS::Topic}}}}\n"
    ));
    assert!(survey.findings.iter().any(|f| f.rule == "condition-chain"));
    let loops = "Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::A:
    - A
    - !Split [',', !Join [',', [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z]]]
    - Fn::ForEach::B:
        - B
        - !Split [',', !Join [',', [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z]]]
        - Fn::ForEach::C:
            - C
            - !Split [',', !Join [',', [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z]]]
            - 'T${A}${B}${C}': {Type: AWS::SNS::Topic}
";
    assert!(
        survey_of(loops)
            .findings
            .iter()
            .any(|f| f.rule == "too-many")
    );
}

proptest::proptest! {
    #[test]
    fn no_value_brings_it_down(written in "[\\[\\]{}!:,'a-zA-Z0-9 $.-]{0,60}") {
        if let Ok(template) = Template::parse(&format!("Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties: {written}\n"), "t") {
            drop(survey(&template, &Inputs::for_estimate("ap-northeast-1")));
        }
    }
}

/// Evaluates one value of a topic; gives the codes of what was found.
fn codes(transform: &str, written: &str) -> Vec<String> {
    let text = format!(
        "Transform: [{transform}]\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: {written}\n"
    );
    let found = survey_of(&text).findings;
    found.iter().map(|finding| finding.rule.clone()).collect()
}

#[test]
fn one_fault_is_told_once_and_by_its_own_name() {
    for (written, wanted) in [
        ("!Base64 {'Fn::Sub': {'Fn::Transform': {Name: M}}}", "macro"),
        ("!Join ['', [!Base64 [a]]]", "function-argument"),
        (
            "!Sub ['${X}', {X: !FindInMap [No, a, b]}]",
            "unknown-mapping",
        ),
        ("!Join [',', !Nonsense [a]]", "unknown-function"),
        ("!GetStackOutput {StackName: s}", "function-form"),
        ("!ImportValue [a]", "function-form"),
        ("!ImportValue {'Fn::ImportValue': a}", "function-form"),
        ("!Contains [[a], a]", "unknown-function"),
    ] {
        assert_eq!(codes("", written), [wanted], "{written}");
    }
    let output = "!Sub ['${X}', {X: {'Fn::GetStackOutput': {StackName: s, OutputName: o, Region: us-east-1}}}]";
    assert!(codes("", output).is_empty());
}

#[test]
fn policies_are_text_unless_the_language_is_extended() {
    let of = |transform: &str, policy: &str| -> Vec<String> {
        let text = format!(
            "Transform: [{transform}]\nParameters:\n  P: {{Type: String, Default: Retain}}\n  Q: {{Type: String}}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: {policy}\n"
        );
        let found = survey_of(&text).findings;
        let codes = found.iter().map(|finding| finding.rule.clone());
        codes.filter(|code| code != "parameter-missing").collect()
    };
    assert_eq!(of("", "!Ref P"), ["needs-language-extensions"]);
    assert!(of("AWS::LanguageExtensions", "!Ref P").is_empty());
    assert!(of("AWS::LanguageExtensions", "!Ref Q").is_empty());
    assert_eq!(of("", "Keep"), ["deletion-policy"]);
}

#[test]
fn numbers_are_read_as_yaml_1_1_writes_them() {
    for (written, wanted) in [
        ("0x10", "16"),
        ("010", "010"),
        ("1e3", "1e3"),
        ("'0x10'", "0x10"),
    ] {
        assert_eq!(text(HEAD, written), wanted);
    }
}
