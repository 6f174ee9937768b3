//! Records of leases for the reaper, as standard parameters of Systems Manager, which cost nothing.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::clients::Wiring;
use super::json::{JsonClient, SSM};
use crate::lab::arming::{Armed, Arming};
use crate::lab::lease::LeaseId;
use crate::lab::port::{ApiError, Failure};

/// Where the records are, in the region of the bootstrap stack.
const PATH: &str = "/juku/leases/";

/// Records in one account and region.
#[derive(Debug)]
pub struct LeaseParameters {
    ssm: JsonClient,
}

impl LeaseParameters {
    /// Makes the client; the wiring is that of the bootstrap stack's region.
    pub fn new(wiring: &Wiring, runtime: Arc<Runtime>) -> Self {
        Self {
            ssm: JsonClient::new(SSM, wiring, runtime),
        }
    }
}

fn name(lease: &LeaseId) -> String {
    format!("{PATH}{lease}")
}

fn odd(operation: &'static str, message: impl Into<String>) -> ApiError {
    ApiError {
        operation,
        failure: Failure::Other,
        code: "OddRecord".to_owned(),
        message: message.into(),
    }
}

fn record(operation: &'static str, parameter: &Value) -> Result<Armed, ApiError> {
    let text = parameter
        .get("Value")
        .and_then(Value::as_str)
        .ok_or_else(|| odd(operation, "a parameter without a value"))?;
    serde_json::from_str(text).map_err(|error| odd(operation, error.to_string()))
}

impl Arming for LeaseParameters {
    fn arm(&self, record: &Armed) -> Result<(), ApiError> {
        let value = serde_json::to_string(record)
            .map_err(|error| odd("PutParameter", error.to_string()))?;
        let body = json!({
            "Name": name(&record.lease),
            "Description": "juku: the reaper deletes this stack when its time is over",
            "Type": "String",
            "Tier": "Standard",
            "Value": value,
            "Overwrite": true,
        });
        self.ssm.call("PutParameter", &body).map(drop)
    }

    fn armed(&self, lease: &LeaseId) -> Result<Option<Armed>, ApiError> {
        const READING: &str = "GetParameter";
        match self.ssm.call(READING, &json!({"Name": name(lease)})) {
            Ok(answer) => {
                let parameter = answer.get("Parameter").unwrap_or(&Value::Null);
                record(READING, parameter).map(Some)
            }
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn disarm(&self, lease: &LeaseId) -> Result<(), ApiError> {
        match self
            .ssm
            .call("DeleteParameter", &json!({"Name": name(lease)}))
        {
            Err(error) if !error.is_missing() => Err(error),
            _ => Ok(()),
        }
    }

    fn all(&self) -> Result<Vec<Armed>, ApiError> {
        const LISTING: &str = "GetParametersByPath";
        let mut records = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut body = json!({"Path": PATH, "MaxResults": 10});
            if let (Some(fields), Some(token)) = (body.as_object_mut(), next) {
                fields.insert("NextToken".to_owned(), Value::String(token));
            }
            let page = self.ssm.call(LISTING, &body)?;
            for parameter in page
                .get("Parameters")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                records.push(record(LISTING, parameter)?);
            }
            next = page
                .get("NextToken")
                .and_then(Value::as_str)
                .filter(|token| !token.is_empty())
                .map(str::to_owned);
            if next.is_none() {
                return Ok(records);
            }
        }
    }
}
