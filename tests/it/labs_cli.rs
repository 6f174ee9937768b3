//! The real AWS CLI against the rehearsal on loopback.

use std::sync::Arc;

use kumojuku::adapter::rehearsal::clock::RehearsalClock;
use kumojuku::adapter::rehearsal::engine::Engine;
use kumojuku::adapter::rehearsal::listener::Listener;

use crate::emulator::aws;

use crate::env::TestEnv;

/// `lab listen`, while it runs.
struct Listening(std::process::Child);

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn lab_listen_shows_the_stacks_of_lab_up_to_the_real_aws_command() {
    let env = TestEnv::new();
    env.juku(&["lab", "up", "sns-fanout", "--yes"]).expect(0);
    let mut command = env.command(["lab", "listen", "--json"]);
    let mut child = command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = child.stdout.take().unwrap();
    let _listening = Listening(child);
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let endpoint = told["endpoint"].as_str().unwrap();
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");
    let stacks = aws(endpoint, env.home(), &["cloudformation", "describe-stacks"]);
    assert_eq!(stacks["Stacks"][0]["StackName"], "juku-sns-fanout");
    assert_eq!(stacks["Stacks"][0]["StackStatus"], "CREATE_COMPLETE");
}

const TEMPLATE: &str = "Resources: {Q: {Type: AWS::SQS::Queue}}\nOutputs: {Url: {Value: !Ref Q}}";

#[test]
fn the_real_aws_command_works_on_the_rehearsal() {
    let home = tempfile::tempdir().unwrap();
    let clock = Arc::new(RehearsalClock::real());
    let engine = Arc::new(Engine::open(&home.path().join("rehearsal.db"), clock).unwrap());
    let listener = Listener::bind(0, engine).unwrap();
    let address = listener.address().unwrap();
    assert!(address.ip().is_loopback());
    std::thread::spawn(move || listener.serve(|| false));
    let endpoint = format!("http://{address}");
    let call = |arguments: &[&str]| aws(&endpoint, home.path(), arguments);
    let who = call(&["sts", "get-caller-identity"]);
    assert_eq!(who["Account"], "000000000000");
    let name = ["--stack-name", "by-hand"];
    let with = |first: &[&'static str], more: &[&'static str]| -> Vec<&str> {
        [first, name.as_slice(), more].concat()
    };
    call(&with(
        &["cloudformation", "create-stack"],
        &["--template-body", TEMPLATE],
    ));
    // The command's own waiters pause for 30 seconds; each call takes long enough for the rehearsal to go on.
    let settled = |stacks: &serde_json::Value| {
        let status = stacks["Stacks"][0]["StackStatus"].as_str();
        status.is_none_or(|status| !status.ends_with("_IN_PROGRESS"))
    };
    let look = || {
        std::iter::repeat_with(|| call(&["cloudformation", "describe-stacks"]))
            .take(30)
            .find(settled)
            .unwrap()
    };
    let stacks = look();
    let stack = &stacks["Stacks"][0];
    assert_eq!(stack["StackStatus"], "CREATE_COMPLETE");
    let url = stack["Outputs"][0]["OutputValue"].as_str().unwrap();
    assert!(url.starts_with("https://sqs.ap-northeast-1.amazonaws.com/000000000000/by-hand-Q-"));
    let events = call(&with(&["cloudformation", "describe-stack-events"], &[]));
    assert!(events["StackEvents"].as_array().unwrap().len() >= 4);
    call(&with(&["cloudformation", "delete-stack"], &[]));
    let left = look();
    assert_eq!(left["Stacks"].as_array().unwrap().len(), 0);
}
