//! Checks a lab's tasks: runs each task's reading call where the lab lives and judges the answer.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lab::check::{TaskCalls, is_reading};
use crate::lab::lab_file::{Check, Lab};
use crate::lab::lease::Lease;

/// How the tasks stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The version of this document's form.
    pub schema: u32,
    /// The lab.
    pub lab: String,
    /// Where.
    pub tier: &'static str,
    /// How many tasks are done.
    pub done: usize,
    /// One entry for each task.
    pub tasks: Vec<TaskReport>,
}

/// How one task stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskReport {
    /// The task.
    pub id: String,
    /// What to do.
    pub text: String,
    /// Whether it is done.
    pub done: bool,
    /// What must hold.
    pub expected: String,
    /// What was found, or why nothing was.
    pub found: String,
    /// A push in the right direction.
    pub hint: Option<String>,
    /// What is different on a tier.
    pub remark: Option<String>,
    /// The cards it practises.
    pub cards: Vec<String>,
}

/// The most of an answer that is shown, in characters.
const SHOWN: usize = 300;

/// Checks all tasks, or the one that is named.
pub fn check(lab: &Lab, lease: &Lease, task: Option<&str>, calls: &dyn TaskCalls) -> CheckReport {
    let mut values: BTreeMap<&str, &str> = lab
        .parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for output in &lease.outputs {
        values.insert(&output.key, &output.value);
    }
    let tasks: Vec<TaskReport> = lab
        .tasks
        .iter()
        .filter(|one| task.is_none_or(|wanted| wanted == one.id))
        .map(|one| {
            let (done, expected, found) = judge(&one.check, &values, calls);
            TaskReport {
                id: one.id.clone(),
                text: one.text.clone(),
                done,
                expected,
                found: found.chars().take(SHOWN).collect(),
                hint: one.hint.clone(),
                remark: one.remark.clone(),
                cards: one.cards.clone(),
            }
        })
        .collect();
    CheckReport {
        schema: 1,
        lab: lease.terms.lab.clone(),
        tier: lease.terms.tier.as_str(),
        done: tasks.iter().filter(|one| one.done).count(),
        tasks,
    }
}

/// Puts outputs and parameters into a text; substitution stays inside one argument.
fn fill(text: &str, values: &BTreeMap<&str, &str>) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("${{{name}}}"), value);
    }
    filled
}

fn judge(
    check: &Check,
    values: &BTreeMap<&str, &str>,
    calls: &dyn TaskCalls,
) -> (bool, String, String) {
    match check {
        Check::Aws(aws) => {
            let arguments: Vec<String> = aws.call.iter().map(|one| fill(one, values)).collect();
            let expected = fill(&aws.expect, values);
            if !is_reading(&arguments) {
                return (false, expected, arguments.join(" "));
            }
            match calls.aws(&arguments) {
                Ok(answer) => {
                    let (done, found) = holds(&expected, &answer);
                    (done, expected, found)
                }
                Err(error) => (false, expected, error.words),
            }
        }
        Check::Http(http) => {
            let mut call = http.http.clone();
            call.url = fill(&call.url, values);
            call.body = call.body.map(|body| fill(&body, values));
            call.contains = call.contains.map(|text| fill(&text, values));
            for value in call.headers.values_mut() {
                *value = fill(value, values);
            }
            let expected = match &call.contains {
                Some(text) => format!("{} {text}", call.status),
                None => call.status.to_string(),
            };
            match calls.http(&call) {
                Ok((status, body)) => {
                    let contains = call
                        .contains
                        .as_ref()
                        .is_none_or(|text| body.contains(text.as_str()));
                    let done = status == call.status && contains;
                    (done, expected, format!("{status} {body}"))
                }
                Err(error) => (false, expected, error.words),
            }
        }
    }
}

/// Judges an answer by a `JMESPath` expression; an empty answer counts as an empty document.
fn holds(expression: &str, answer: &str) -> (bool, String) {
    let text = if answer.trim().is_empty() {
        "{}"
    } else {
        answer
    };
    let found: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let judged = jmespath::compile(expression)
        .map_err(|error| error.to_string())
        .and_then(|compiled| {
            let data = jmespath::Variable::from_json(text)?;
            compiled.search(data).map_err(|error| error.to_string())
        });
    match judged {
        Ok(value) => (value.is_truthy(), found),
        Err(error) => (false, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_by_expression() {
        assert!(holds("Status == 'Enabled'", r#"{"Status":"Enabled"}"#).0);
        assert!(!holds("Status == 'Enabled'", "").0);
        assert!(!holds("length(", "{}").0);
        let (done, found) = holds(
            "length(Versions || `[]`) >= `2`",
            "{\n \"Versions\": [1]\n}",
        );
        assert!(!done);
        assert_eq!(found, "{ \"Versions\": [1] }");
    }

    #[test]
    fn outputs_fill_arguments_without_a_shell() {
        let values = BTreeMap::from([("Bucket", "b; rm -rf /")]);
        assert_eq!(fill("s3://${Bucket}/x", &values), "s3://b; rm -rf //x");
        assert_eq!(fill("${Other}", &values), "${Other}");
    }
}
