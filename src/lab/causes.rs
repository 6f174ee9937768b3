//! The cause dictionary: which known cause a service's words stand for.
//!
//! The data say how to recognise a cause; its explanation and what to do about it stand with all other words in
//! `cli::lang`, under `cause-ID` and `cause-ID-do`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::yaml::{self, YamlError};

const DATA: &str = include_str!("causes.yaml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cause {
    id: String,
    #[serde(default)]
    types: Vec<String>,
    words: Vec<Vec<String>>,
}

impl Cause {
    fn fits(&self, type_name: &str, reason: &str) -> bool {
        let right_type =
            self.types.is_empty() || self.types.iter().any(|begin| type_name.starts_with(begin));
        right_type
            && self
                .words
                .iter()
                .any(|all| all.iter().all(|word| reason.contains(word.as_str())))
    }
}

fn causes() -> Result<&'static [Cause], &'static YamlError> {
    static CAUSES: OnceLock<Result<Vec<Cause>, YamlError>> = OnceLock::new();
    CAUSES
        .get_or_init(|| yaml::from_str(DATA))
        .as_ref()
        .map(Vec::as_slice)
}

/// Finds the cause that a reason stands for; the more specific of two is the one with a type, then the longer words.
pub fn explain(type_name: &str, reason: &str) -> Option<&'static str> {
    let reason = reason.to_lowercase();
    let fitting = |cause: &&Cause| cause.fits(type_name, &reason);
    let weight = |cause: &&Cause| {
        let longest = cause
            .words
            .iter()
            .filter(|all| all.iter().all(|word| reason.contains(word.as_str())))
            .map(|all| all.iter().map(String::len).sum::<usize>())
            .max()
            .unwrap_or(0);
        (!cause.types.is_empty(), longest)
    };
    causes()
        .ok()?
        .iter()
        .rev()
        .filter(fitting)
        .max_by_key(weight)
        .map(|cause| cause.id.as_str())
}

/// Lists the ids of all causes.
pub fn ids() -> impl Iterator<Item = &'static str> {
    causes()
        .unwrap_or_default()
        .iter()
        .map(|cause| cause.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_find_their_cause() {
        let cases = [
            (
                "AWS::S3::Bucket",
                "The bucket you tried to delete is not empty (Service: S3)",
                "bucket-not-empty",
            ),
            (
                "AWS::IAM::Role",
                "my-role already exists in stack x",
                "name-taken",
            ),
            (
                "AWS::Lambda::Function",
                "The role defined for the function cannot be assumed by Lambda.",
                "role-not-ready",
            ),
            (
                "AWS::EC2::VPC",
                "resource vpc-1 has a dependent object (Service: Ec2, Status Code: 400)",
                "dependency-violation",
            ),
            (
                "AWS::EC2::Instance",
                "You have requested more vCPU capacity than your current vCPU limit of 5",
                "vcpu-limit",
            ),
            (
                "AWS::S3::BucketPolicy",
                "API: s3:PutBucketPolicy User: x is not authorized to perform: s3:PutBucketPolicy \
                 because public policies are prevented by the BlockPublicPolicy setting",
                "public-access-blocked",
            ),
        ];
        for (type_name, reason, id) in cases {
            assert_eq!(explain(type_name, reason), Some(id), "{reason}");
        }
        assert_eq!(explain("AWS::S3::Bucket", "something never heard of"), None);
        assert!(ids().count() > 30);
    }
}
