//! What a check of a task may call, who calls for it, and how the answer is judged.

use std::collections::BTreeMap;

use crate::lab::lab_file::{AwsCheck, Check, HttpCall};

/// What `${Name}` stands for: parameters, outputs, and answers that a solution has kept.
pub type Values = BTreeMap<String, String>;

/// Calls that only read, besides those whose name begins with get, list, describe or head.
const READING: [&str; 12] = [
    "receive-message",
    "query",
    "scan",
    "batch-get-item",
    "filter-log-events",
    "lookup-events",
    "simulate-principal-policy",
    "simulate-custom-policy",
    "test-invoke-method",
    "validate-template",
    "ls",
    "invoke",
];

/// Says whether a call of the `aws` CLI (service, operation, …) only reads.
pub fn is_reading(call: &[String]) -> bool {
    let operation = call.get(1).map_or("", String::as_str);
    let begins = [
        "get-",
        "list-",
        "describe-",
        "head-",
        "admin-get-",
        "admin-list-",
    ];
    begins.iter().any(|begin| operation.starts_with(begin)) || READING.contains(&operation)
}

/// Why a call brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct CallError {
    /// What the tool or the network said.
    pub words: String,
}

/// Runs the calls of tasks where a lab lives.
pub trait TaskCalls {
    /// Runs the `aws` CLI with arguments and gives what it wrote.
    ///
    /// # Errors
    /// When it cannot be run or refuses; its words are the reason.
    fn aws(&self, arguments: &[String]) -> Result<String, CallError>;
    /// Sends an HTTP request and gives status and body.
    ///
    /// # Errors
    /// When nobody answers.
    fn http(&self, call: &HttpCall) -> Result<(u16, String), CallError>;
}

/// Puts outputs and parameters into a text; substitution stays inside one argument.
pub fn fill(text: &str, values: &Values) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&format!("${{{name}}}"), value);
    }
    filled
}

/// Puts outputs and parameters into all parts of a request.
pub fn fill_http(call: &HttpCall, values: &Values) -> HttpCall {
    let mut call = call.clone();
    call.url = fill(&call.url, values);
    call.body = call.body.map(|body| fill(&body, values));
    call.contains = call.contains.map(|text| fill(&text, values));
    for value in call.headers.values_mut() {
        *value = fill(value, values);
    }
    call
}

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Whether what was expected holds.
    pub done: bool,
    /// What must hold.
    pub expected: String,
    /// What was found, or why nothing was.
    pub found: String,
}

/// Runs a check and judges the answer; a call that does more than read is not made.
///
/// Of several parts, the first that does not hold is told.
pub fn judge(check: &Check, values: &Values, calls: &dyn TaskCalls) -> Judgement {
    let mut last = Judgement {
        done: false,
        expected: String::new(),
        found: String::new(),
    };
    for part in check.parts() {
        last = match part {
            Check::Aws(aws) => judge_aws(aws, values, calls),
            Check::Http(http) => judge_http(&fill_http(&http.http, values), calls),
            Check::All(_) => continue,
        };
        if !last.done {
            break;
        }
    }
    last
}

fn judge_aws(check: &AwsCheck, values: &Values, calls: &dyn TaskCalls) -> Judgement {
    let arguments: Vec<String> = check.call.iter().map(|one| fill(one, values)).collect();
    let expected = fill(&check.expect, values);
    let (done, found) = if is_reading(&arguments) {
        match calls.aws(&arguments) {
            Ok(answer) => holds(&expected, &answer),
            Err(error) => (false, error.words),
        }
    } else {
        (false, arguments.join(" "))
    };
    Judgement {
        done,
        expected,
        found,
    }
}

fn judge_http(call: &HttpCall, calls: &dyn TaskCalls) -> Judgement {
    let wanted = call.contains.as_deref().unwrap_or_default();
    let (done, found) = match calls.http(call) {
        Ok((status, body)) => (
            status == call.status && body.contains(wanted),
            format!("{status} {body}"),
        ),
        Err(error) => (false, error.words),
    };
    Judgement {
        done,
        expected: format!("{} {wanted}", call.status).trim_end().to_owned(),
        found,
    }
}

/// Picks a part of a JSON answer by a `JMESPath` expression: a text as it is, anything else as JSON.
///
/// # Errors
/// When the answer is no JSON, the expression is wrong, or there is nothing there.
pub fn pick(query: &str, answer: &str) -> Result<String, String> {
    let data = jmespath::Variable::from_json(answer)?;
    let found = jmespath::compile(query)
        .and_then(|query| query.search(data))
        .map_err(|error| error.to_string())?;
    if found.is_null() {
        return Err(format!("`{query}`: null"));
    }
    Ok(found
        .as_string()
        .cloned()
        .unwrap_or_else(|| found.to_string()))
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
        let values = Values::from([("Bucket".to_owned(), "b; rm -rf /".to_owned())]);
        assert_eq!(fill("s3://${Bucket}/x", &values), "s3://b; rm -rf //x");
        assert_eq!(fill("${Other}", &values), "${Other}");
    }
}
