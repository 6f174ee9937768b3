//! The steps of a solution as lines for a POSIX shell, to read, to type, and to copy.
//!
//! What is known (outputs, parameters) is filled in; what an earlier step captures becomes a variable of the shell.

use std::collections::BTreeSet;

use super::check::{Values, fill};
use super::lab_file::{HttpCall, Step};

/// The command that sends a request to the sandbox, as `curl` would.
const REQUEST: &str = "juku sandbox curl";

/// Writes the steps that solve a task, those before the first marker included; `None` stands for all steps.
pub fn script(steps: &[Step], task: Option<&str>, values: &Values) -> Vec<String> {
    let mut lines = Vec::new();
    let mut captured = BTreeSet::new();
    let mut mine = true;
    for step in steps {
        if let Step::For(marker) = step {
            mine = task.is_none_or(|task| marker.tasks.iter().any(|one| one == task));
        } else if mine {
            lines.extend(line(step, values, &captured));
        }
        if let Some(name) = step.captures() {
            captured.insert(name);
        }
    }
    lines
}

fn line(step: &Step, values: &Values, captured: &BTreeSet<&str>) -> Option<String> {
    let quote = |text: &str| quoted(&fill(text, values), captured);
    let aws = |call: &[String]| {
        let words: Vec<String> = call.iter().map(|one| quote(one)).collect();
        format!("aws {}", words.join(" "))
    };
    Some(match step {
        Step::Aws(call) => aws(call),
        Step::Capture(step) => {
            let query = quote(step.query.as_deref().unwrap_or("@"));
            let call = format!("{} --query {query} --output text", aws(&step.call));
            assigned(step.capture.as_deref(), &call)
        }
        Step::File(step) => here_document(&step.file, &fill(&step.content, values), captured),
        Step::Http(step) => {
            let query = step.query.as_deref().map(|query| ("--query", query));
            assigned(step.capture.as_deref(), &request(&step.http, query, &quote))
        }
        Step::Wait(step) => format!("sleep {}", step.wait),
        Step::For(_) => return None,
    })
}

fn assigned(name: Option<&str>, call: &str) -> String {
    match name {
        Some(name) => format!("{name}=$({call})"),
        None => call.to_owned(),
    }
}

fn request(call: &HttpCall, query: Option<(&str, &str)>, quote: &dyn Fn(&str) -> String) -> String {
    let mut words = vec![REQUEST.to_owned()];
    if call.method != "GET" {
        words.push(format!("-X {}", call.method));
    }
    for (name, value) in &call.headers {
        words.push(format!("-H {}", quote(&format!("{name}: {value}"))));
    }
    if let Some(body) = &call.body {
        words.push(format!("-d {}", quote(body)));
    }
    if let Some((option, query)) = query {
        words.push(format!("{option} {}", quote(query)));
    }
    words.push(quote(&call.url));
    words.join(" ")
}

fn here_document(name: &str, content: &str, captured: &BTreeSet<&str>) -> String {
    let end = if content.ends_with('\n') { "" } else { "\n" };
    if holds_variable(content, captured) {
        let body = escaped(content, captured, &['\\', '`']);
        format!("cat > {name} <<EOF\n{body}{end}EOF")
    } else {
        format!("cat > {name} <<'EOF'\n{content}{end}EOF")
    }
}

fn holds_variable(text: &str, captured: &BTreeSet<&str>) -> bool {
    captured
        .iter()
        .any(|name| text.contains(&format!("${{{name}}}")))
}

/// Quotes a word; variables inside it stay variables.
fn quoted(word: &str, captured: &BTreeSet<&str>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if holds_variable(word, captured) {
        format!("\"{}\"", escaped(word, captured, &['\\', '`', '"']))
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Escapes what a shell would read inside double quotes, but not the variables.
fn escaped(text: &str, captured: &BTreeSet<&str>, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let variable = captured
            .iter()
            .map(|name| format!("${{{name}}}"))
            .find(|variable| rest.starts_with(variable.as_str()));
        if let Some(variable) = variable {
            out.push_str(&variable);
            rest = rest.strip_prefix(variable.as_str()).unwrap_or_default();
            continue;
        }
        if c == '$' || special.contains(&c) {
            out.push('\\');
        }
        out.push(c);
        rest = rest.strip_prefix(c).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml;

    fn steps(text: &str) -> Vec<Step> {
        yaml::from_str(text).unwrap()
    }

    #[test]
    fn a_task_s_steps_come_with_what_precedes_all_tasks() {
        let steps = steps(
            r#"
- [s3api, put-bucket-versioning, --bucket, "${Bucket}"]
- {for: [one]}
- {capture: Id, call: [sqs, create-queue, --queue-name, "a b"], query: "QueueUrl"}
- {for: [two, three]}
- [sqs, send-message, --queue-url, "${Id}", --message-body, '{"price":"$5"}']
- {http: {method: POST, url: "${Url}/x", headers: {a: b c}, body: "{}"}}
"#,
        );
        let values = Values::from([
            ("Bucket".to_owned(), "b1".to_owned()),
            ("Url".to_owned(), "http://127.0.0.1/v1".to_owned()),
        ]);
        assert_eq!(
            script(&steps, Some("one"), &values),
            [
                "aws s3api put-bucket-versioning --bucket b1",
                "Id=$(aws sqs create-queue --queue-name 'a b' --query QueueUrl --output text)",
            ]
        );
        assert_eq!(
            script(&steps, Some("three"), &values)[1..],
            [
                "aws sqs send-message --queue-url \"${Id}\" --message-body '{\"price\":\"$5\"}'",
                "juku sandbox curl -X POST -H 'a: b c' -d '{}' http://127.0.0.1/v1/x",
            ]
        );
        assert_eq!(script(&steps, None, &values).len(), 4);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn a_shell_reads_back_the_word_that_was_meant(word in "[ -~あ\n]{0,20}", with in proptest::bool::ANY) {
            let captured = BTreeSet::from(["Id"]);
            let word = if with { format!("{word}${{Id}}{word}") } else { word };
            let line = format!("Id='v w'; printf %s {}", quoted(&word, &captured));
            let said = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
            let meant = word.replace("${Id}", "v w");
            prop_assert_eq!(String::from_utf8(said.stdout).unwrap(), meant);
        }
    }
}
