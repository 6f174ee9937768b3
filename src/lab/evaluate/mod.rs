//! Turns a template and its parameters into the resources that would be built, in the order of their dependencies.

use std::collections::BTreeMap;

use crate::lab::finding::{Finding, Place, Severity};
use crate::lab::template::Template;
use crate::lab::value::Value;

mod capabilities;
mod functions;
mod limits;
mod loops;
mod order;
mod parameters;
mod regions;
mod sam;
mod survey;

/// What an evaluation is given besides the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Values for parameters, by name; lists with commas.
    pub parameters: BTreeMap<String, String>,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`.
    pub account: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// `AWS::StackId`.
    pub stack_id: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::NotificationARNs`.
    pub notification_arns: Vec<String>,
}

impl Inputs {
    /// Gives inputs for an estimate: a made-up account and stack in a region, all parameters at their defaults.
    pub fn for_estimate(region: &str) -> Self {
        let account = "123456789012";
        let china = region.starts_with("cn-");
        let partition = if china {
            "aws-cn"
        } else if region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        };
        Self {
            parameters: BTreeMap::new(),
            region: region.to_owned(),
            account: account.to_owned(),
            stack_name: "juku-plan".to_owned(),
            stack_id: format!(
                "arn:{partition}:cloudformation:{region}:{account}:stack/juku-plan/00000000-0000-0000-0000-000000000000"
            ),
            partition: partition.to_owned(),
            url_suffix: if china {
                "amazonaws.com.cn"
            } else {
                "amazonaws.com"
            }
            .to_owned(),
            notification_arns: Vec::new(),
        }
    }
}

/// What a template would build.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluated {
    /// The resources whose conditions hold, each after those it depends on.
    pub resources: Vec<Resource>,
    /// The outputs whose conditions hold.
    pub outputs: Vec<Output>,
    /// The capabilities that a deployment must acknowledge.
    pub capabilities: Vec<Capability>,
    /// The parameters' values as used; those of `NoEcho` parameters are masked.
    pub parameters: BTreeMap<String, ParameterValue>,
    /// The conditions' values; `None` where one hangs on something not known here.
    pub conditions: BTreeMap<String, Option<bool>>,
}

/// A resource of the stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its logical id.
    pub logical_id: String,
    /// Its type, such as `AWS::S3::Bucket`.
    pub type_name: String,
    /// Its properties; always a [`Value::Map`] unless the whole is a runtime value.
    pub properties: Value,
    /// The logical ids it depends on, explicitly or by reference, without repeats, in order of appearance.
    pub depends_on: Vec<String>,
    /// What happens to it when it leaves the stack.
    pub deletion_policy: DeletionPolicy,
    /// Whether the template says so itself, or it is the type's default.
    pub deletion_policy_is_explicit: bool,
    /// `UpdateReplacePolicy`.
    pub update_replace_policy: DeletionPolicy,
    /// `CreationPolicy`.
    pub creation_policy: Option<Value>,
    /// `UpdatePolicy`.
    pub update_policy: Option<Value>,
    /// `Metadata`.
    pub metadata: Option<Value>,
    /// The resource of the template that SAM made this one from, when it did.
    pub generated_from: Option<String>,
    /// Where its logical id stands in the template.
    pub place: Place,
    /// Places of its properties, by their paths: `SecurityGroupIngress[0].CidrIp`.
    pub places: BTreeMap<String, Place>,
}

impl Resource {
    /// Finds a property by its keys.
    pub fn property(&self, path: &[&str]) -> Option<&Value> {
        self.properties.at(path)
    }

    /// Finds the place of a property, or the nearest that is known.
    pub fn place_of(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return *place;
            }
            match path.rfind(['.', '[']).and_then(|cut| path.get(..cut)) {
                Some(shorter) => path = shorter,
                None => return self.place,
            }
        }
    }
}

impl Resource {
    /// Says whether it is a database that gets a public address: by its own word, else when no subnet group takes it
    /// out of the default VPC. Members of clusters and read replicas go by their own word alone.
    pub fn is_public_database(&self) -> bool {
        if self.type_name != "AWS::RDS::DBInstance" {
            return false;
        }
        match self.property(&["PubliclyAccessible"]) {
            Some(public) => public.as_bool() == Some(true),
            None => [
                "DBSubnetGroupName",
                "DBClusterIdentifier",
                "SourceDBInstanceIdentifier",
            ]
            .iter()
            .all(|name| self.property(&[name]).is_none()),
        }
    }
}

/// What happens to a resource when it leaves the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeletionPolicy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays.
    Retain,
    /// It stays, except when its very creation failed.
    RetainExceptOnCreate,
    /// A snapshot of it stays.
    Snapshot,
}

/// An output of the stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Its logical id.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// `Description`.
    pub description: Option<String>,
    /// The name under which it is exported.
    pub export: Option<Value>,
    /// Where its name stands in the template.
    pub place: Place,
}

/// What a deployment must acknowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// The stack makes IAM resources.
    Iam,
    /// The stack makes IAM resources with names of its own.
    NamedIam,
    /// The template uses macros.
    AutoExpand,
}

impl Capability {
    /// Gives the name that the API uses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Iam => "CAPABILITY_IAM",
            Self::NamedIam => "CAPABILITY_NAMED_IAM",
            Self::AutoExpand => "CAPABILITY_AUTO_EXPAND",
        }
    }
}

/// The value of a parameter as used.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterValue {
    /// The value; `****` for a `NoEcho` parameter.
    pub shown: String,
    /// Whether it came from the inputs, not from the default.
    pub given: bool,
    /// Whether it is hidden.
    pub no_echo: bool,
}

/// An evaluation that goes on after the first thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// What could be evaluated.
    pub evaluated: Evaluated,
    /// What is wrong or worth knowing.
    pub findings: Vec<Finding>,
}

/// Evaluates a template as far as it goes, for a plan that shows prices and faults together.
pub fn survey(template: &Template, inputs: &Inputs) -> Survey {
    survey::run(template, inputs)
}

/// Evaluates a template that is to be deployed.
///
/// # Errors
/// All findings that deny: cycles, unknown references, parameters that break their constraints …
pub fn evaluate(template: &Template, inputs: &Inputs) -> Result<Evaluated, Vec<Finding>> {
    let survey = survey(template, inputs);
    let wrong: Vec<Finding> = survey
        .findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Deny)
        .collect();
    if wrong.is_empty() {
        Ok(survey.evaluated)
    } else {
        Err(wrong)
    }
}

#[cfg(test)]
mod tests;
