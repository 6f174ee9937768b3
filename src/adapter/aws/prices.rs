//! The AWS price list through the keys of a profile. It answers in few regions and knows the prices of all.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::clients::Wiring;
use super::json::{JsonClient, PRICING};
use crate::lab::cost::refresh::PriceList;
use crate::lab::port::{ApiError, Failure};

/// The region in which the list answers.
pub const REGION: &str = "us-east-1";

/// How often a question is asked that gets no answer.
const TRIES: u32 = 4;

/// The most pages of an answer that are read; a question that fits more is no question for one price.
const PAGES: u32 = 5;

/// The price list.
#[derive(Debug)]
pub struct AwsPriceList {
    client: JsonClient,
    wiring: Wiring,
    runtime: Arc<Runtime>,
}

impl AwsPriceList {
    /// Makes the client; calls block on the runtime.
    pub fn new(wiring: &Wiring, runtime: Arc<Runtime>) -> Self {
        let wiring = wiring.in_region(REGION);
        Self {
            client: JsonClient::new(PRICING, &wiring, Arc::clone(&runtime)),
            wiring,
            runtime,
        }
    }

    /// Asks again, after growing pauses, what got no answer.
    fn patiently(&self, body: &Value) -> Result<Value, ApiError> {
        let mut pause = std::time::Duration::from_millis(500);
        for _ in 1..TRIES {
            match self.client.call("GetProducts", body) {
                Err(error) if error.is_passing() => {
                    use aws_smithy_async::rt::sleep::AsyncSleep as _;
                    self.runtime.block_on(self.wiring.sleep.sleep(pause));
                    pause *= 2;
                }
                other => return other,
            }
        }
        self.client.call("GetProducts", body)
    }
}

impl PriceList for AwsPriceList {
    fn products(&self, service: &str, fields: &[(String, String)]) -> Result<Vec<Value>, ApiError> {
        let filters: Vec<Value> = fields
            .iter()
            .map(|(field, value)| json!({"Type": "TERM_MATCH", "Field": field, "Value": value}))
            .collect();
        let mut body = json!({
            "ServiceCode": service,
            "Filters": filters,
            "FormatVersion": "aws_v1",
            "MaxResults": 100,
        });
        let mut products = Vec::new();
        for _ in 0..PAGES {
            let page = self.patiently(&body)?;
            for text in page
                .get("PriceList")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                let product = serde_json::from_str(text).map_err(|error| ApiError {
                    operation: "GetProducts",
                    failure: Failure::Other,
                    code: "OddProduct".to_owned(),
                    message: error.to_string(),
                })?;
                products.push(product);
            }
            let next = page
                .get("NextToken")
                .and_then(Value::as_str)
                .filter(|token| !token.is_empty());
            match (next, body.as_object_mut()) {
                (Some(token), Some(fields)) => {
                    fields.insert("NextToken".to_owned(), Value::String(token.to_owned()));
                }
                _ => break,
            }
        }
        Ok(products)
    }
}
