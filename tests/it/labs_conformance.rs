//! The same scenarios on the rehearsal and on the emulator, and the list of where they differ (docs/TIERS.md).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kumojuku::adapter::aws::clients::{Target, Wiring};
use kumojuku::adapter::aws::stacks::SdkStacks;
use kumojuku::adapter::rehearsal::clock::RehearsalClock;
use kumojuku::adapter::rehearsal::engine::Engine;
use kumojuku::lab::port::{
    ApiError, ChangeSetKind, ChangeSetRequest, ChangeSetState, Clock as _, StackApi, StackName,
};
use kumojuku::lab::status::{ResourceStatus, StackStatus};

use crate::emulator::{Emulator, aws};

/// A tier, as far as scenarios need it.
struct Tier<'a> {
    stacks: &'a dyn StackApi,
    clock: &'a RehearsalClock,
    /// Puts something into a bucket.
    fill: &'a dyn Fn(&str),
}

impl Tier<'_> {
    fn propose(&self, name: &str, template: &str, parameters: &[(&str, &str)]) -> Told {
        let set = format!("{name}-set");
        self.propose_set(ChangeSetKind::Create, name, &set, template, parameters)
    }

    fn propose_set(
        &self,
        kind: ChangeSetKind,
        name: &str,
        set: &str,
        template: &str,
        parameters: &[(&str, &str)],
    ) -> Told {
        let request = ChangeSetRequest {
            kind,
            stack: StackName::of(name),
            name: set.to_owned(),
            template: template.to_owned(),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            capabilities: Vec::new(),
            tags: vec![("juku-lease".to_owned(), name.to_owned())],
            role: None,
        };
        let made = self
            .stacks
            .create_change_set(&request)
            .map_err(|error| told(&error))?;
        for _ in 0..50 {
            let set = self
                .stacks
                .change_set(&made.stack_id, &made.change_set_id)
                .map_err(|error| told(&error))?;
            match set.state {
                ChangeSetState::Pending => self.clock.wait(Duration::from_secs(1)),
                ChangeSetState::Ready | ChangeSetState::Done => {
                    return Ok((made.stack_id, made.change_set_id));
                }
                ChangeSetState::Failed => return Err("change set fails".to_owned()),
            }
        }
        Err("never ready".to_owned())
    }

    /// Builds a stack and gives its ARN and last state.
    fn build(&self, name: &str, template: &str) -> Result<(String, StackStatus), String> {
        let (stack, set) = self.propose(name, template, &[])?;
        self.stacks
            .execute_change_set(&stack, &set, "token")
            .map_err(|error| told(&error))?;
        Ok((stack.clone(), self.settle(&stack)))
    }

    /// Updates a stack by a change set and gives its last state and its resources.
    fn update(&self, name: &str, set: &str, template: &str) -> Result<String, String> {
        let (stack, set) = self.propose_set(ChangeSetKind::Update, name, set, template, &[])?;
        self.stacks
            .execute_change_set(&stack, &set, &format!("{name}-update"))
            .map_err(|error| told(&error))?;
        let status = self.settle(&stack);
        let resources = self
            .stacks
            .resources(&stack)
            .map_err(|error| told(&error))?;
        let mut there: Vec<String> = resources
            .into_iter()
            .filter(|one| one.status != ResourceStatus::DeleteComplete)
            .map(|one| one.logical_id)
            .collect();
        there.sort();
        Ok(format!("{status} with {}", there.join(" ")))
    }

    fn settle(&self, stack: &str) -> StackStatus {
        for _ in 0..100 {
            self.clock.wait(Duration::from_secs(5));
            match self.stacks.stack(stack).unwrap() {
                None => return StackStatus::Unknown("not there".to_owned()),
                Some(view) if view.status.is_moving() => {}
                Some(view) => return view.status,
            }
        }
        panic!("{stack} does not settle");
    }
}

type Told = Result<(String, String), String>;

fn told(error: &ApiError) -> String {
    format!("{:?}", error.failure)
}

fn word<T>(result: Result<T, String>) -> String {
    result.map_or_else(|error| error, |_| "accepted".to_owned())
}

const TOPIC: &str = "Resources: {T: {Type: AWS::SNS::Topic}}";
const ROLE: &str = "Resources: {R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}}}";
const PATTERN: &str = "
Parameters: {P: {Type: String, AllowedPattern: '[a-z]+'}}
Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref P}}}";

/// Plays every scenario; gives what happened by its name.
fn play(tier: &Tier<'_>) -> BTreeMap<&'static str, String> {
    let mut seen = BTreeMap::new();
    let (stack, set) = tier.propose("review", TOPIC, &[]).unwrap();
    let view = tier.stacks.stack(&stack).unwrap().unwrap();
    let tags = if view.tag("juku-lease").is_some() {
        "with tags"
    } else {
        "without tags"
    };
    seen.insert("a stack under review", format!("{} {tags}", view.status));
    seen.insert(
        "a change set of the same name",
        word(tier.propose("review", TOPIC, &[])),
    );
    let execute = || {
        tier.stacks
            .execute_change_set(&stack, &set, "t")
            .map_err(|error| told(&error))
    };
    execute().unwrap();
    tier.settle(&stack);
    seen.insert("a change set executed again", word(execute()));
    tier.stacks.delete_stack(&stack, "d").unwrap();
    seen.insert(
        "a deleted stack by its ARN",
        tier.settle(&stack).to_string(),
    );
    let missing = tier.stacks.stack("juku-nothing").unwrap();
    seen.insert(
        "a stack that never was",
        missing.map_or("not there", |_| "there").to_owned(),
    );
    seen.insert(
        "a role without CAPABILITY_IAM",
        word(tier.propose("role", ROLE, &[])),
    );
    seen.insert(
        "a parameter without a value",
        word(tier.propose("lacks", PATTERN, &[])),
    );
    seen.insert(
        "a parameter that breaks its pattern",
        word(tier.propose("breaks", PATTERN, &[("P", "1")])),
    );
    let unknown = "Resources: {X: {Type: AWS::Nope::Thing}}";
    seen.insert(
        "a type that nobody knows",
        outcome(tier.build("unknown", unknown)),
    );
    let twice = "Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: juku-twice}}, B: {Type: AWS::S3::Bucket, DependsOn: A, Properties: {BucketName: juku-twice}}}";
    seen.insert(
        "a bucket name taken twice",
        outcome(tier.build("twice", twice)),
    );
    let named = "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: juku-elsewhere}}}";
    tier.build("has-bucket", named).unwrap();
    seen.insert(
        "a bucket name of another stack",
        outcome(tier.build("wants-bucket", named)),
    );
    let named = "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: juku-elsewhere}}}";
    tier.build("has-queue", named).unwrap();
    seen.insert(
        "a queue name of another stack",
        outcome(tier.build("wants-queue", named)),
    );
    tier.build(
        "grows",
        "Resources: {A: {Type: AWS::SNS::Topic}, B: {Type: AWS::SNS::Topic}}",
    )
    .unwrap();
    let grown = "Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: a}}, C: {Type: AWS::SQS::Queue}}";
    seen.insert(
        "an update by change set",
        tier.update("grows", "second", grown)
            .unwrap_or_else(|error| error),
    );
    seen.insert(
        "an update that changes nothing",
        tier.update("grows", "third", grown)
            .unwrap_or_else(|error| error),
    );
    let machine = "Resources: {E: {Type: AWS::EC2::EIP}}";
    seen.insert(
        "an elastic IP address",
        outcome(tier.build("address", machine)),
    );
    let (full, _) = tier
        .build("full", "Resources: {Bucket: {Type: AWS::S3::Bucket}}")
        .unwrap();
    let listed = tier.stacks.resources(&full).unwrap();
    (tier.fill)(listed[0].physical_id.as_deref().unwrap());
    tier.stacks.delete_stack(&full, "d").unwrap();
    seen.insert(
        "deletion with a full bucket",
        tier.settle(&full).to_string(),
    );
    seen
}

fn outcome(built: Result<(String, StackStatus), String>) -> String {
    built.map_or_else(|error| error, |(_, status)| status.to_string())
}

fn stacks(target: &Target) -> SdkStacks {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    SdkStacks::new(&Wiring::of(target, "ap-northeast-1"), Arc::new(runtime))
}

fn rehearsed() -> BTreeMap<&'static str, String> {
    let home = tempfile::tempdir().unwrap();
    let clock = Arc::new(RehearsalClock::simulated(jiff::Timestamp::now()));
    let engine = Engine::open(&home.path().join("r.db"), Arc::clone(&clock)).unwrap();
    let engine = Arc::new(engine);
    // Nothing writes into a rehearsed bucket: what is in it at the end is said at the start.
    engine
        .inject(&"bucket-not-empty:Bucket:1".parse().unwrap())
        .unwrap();
    play(&Tier {
        stacks: &stacks(&Target::Rehearsal(Arc::clone(&engine))),
        clock: &clock,
        fill: &|_| {},
    })
}

fn emulated() -> BTreeMap<&'static str, String> {
    let emulator = Emulator::start();
    let home = tempfile::tempdir().unwrap();
    let clock = RehearsalClock::simulated(jiff::Timestamp::now());
    let target = Target::Sandbox {
        endpoint: emulator.endpoint.clone(),
    };
    play(&Tier {
        stacks: &stacks(&target),
        clock: &clock,
        fill: &|bucket| {
            let put = ["s3api", "put-object", "--bucket", bucket, "--key", "k"];
            aws(&emulator.endpoint, home.path(), &put);
        },
    })
}

/// Reads the rows of the table in docs/TIERS.md: scenario, rehearsal, sandbox.
fn documented() -> Vec<[String; 3]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/TIERS.md");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| {
            line.starts_with("| a ") || line.starts_with("| an ") || line.starts_with("| deletion ")
        })
        .map(|line| {
            let cells: Vec<&str> = line
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect();
            [cells[1], cells[2], cells[3]].map(str::to_owned)
        })
        .collect()
}

#[test]
fn the_tiers_differ_as_written_and_not_otherwise() {
    let (rehearsed, emulated) = (rehearsed(), emulated());
    let seen: Vec<[String; 3]> = rehearsed
        .iter()
        .map(|(scenario, here)| {
            [
                (*scenario).to_owned(),
                here.clone(),
                emulated[scenario].clone(),
            ]
        })
        .collect();
    let mut written = documented();
    written.sort();
    assert_eq!(seen, written, "docs/TIERS.md should say\n{seen:#?}");
}
