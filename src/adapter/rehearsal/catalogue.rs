//! What the rehearsal knows of resource types: identifiers, attributes, looks and usual times, all as data.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::yaml::{self, YamlError};

const TYPES: &str = include_str!("types.yaml");
const SHAPES: &str = include_str!("shapes.yaml");

/// What the resource schema says of a type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    /// The property or attribute that identifies the resource; several for composed ids.
    id: Vec<String>,
    /// Read-only attributes, nested ones with `/`.
    attrs: Vec<String>,
    /// Properties that must be there.
    need: Vec<String>,
    /// Whether `Fn::GetAtt` may ask for every property too.
    #[serde(default)]
    open: bool,
}

/// What ids and attributes look like.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(default = "usual_seconds")]
    secs: u32,
    delete: Option<u32>,
    #[serde(default)]
    attrs: BTreeMap<String, String>,
}

fn usual_seconds() -> u32 {
    5
}

/// All known types.
#[derive(Debug, Default)]
pub struct Catalogue {
    schemas: BTreeMap<String, Schema>,
    shapes: BTreeMap<String, Shape>,
}

/// One known type.
#[derive(Debug, Clone, Copy)]
pub struct KnownType<'a> {
    name: &'a str,
    schema: Option<&'a Schema>,
    shape: Option<&'a Shape>,
}

/// What the fillers of a shape are filled with.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// The stack's ARN; ids differ between stacks, and are the same when the stack is looked at again.
    pub stack_id: &'a str,
    /// The stack's name.
    pub stack: &'a str,
    /// The resource's logical id.
    pub logical_id: &'a str,
    /// The region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    /// The resolved properties.
    pub properties: &'a serde_json::Value,
    /// The physical id, when attributes are filled.
    pub physical_id: &'a str,
}

impl Catalogue {
    /// Gives the bundled catalogue.
    ///
    /// # Errors
    /// When the bundled data cannot be read; a test makes sure that they can.
    pub fn bundled() -> Result<&'static Self, &'static YamlError> {
        static BUNDLED: OnceLock<Result<Catalogue, YamlError>> = OnceLock::new();
        BUNDLED
            .get_or_init(|| {
                Ok(Self {
                    schemas: yaml::from_str(TYPES)?,
                    shapes: yaml::from_str(SHAPES)?,
                })
            })
            .as_ref()
    }

    /// Finds a type by name; `Custom::…` counts as known, since it is the template's own function that answers.
    pub fn find<'a>(&'a self, name: &'a str) -> Option<KnownType<'a>> {
        let schema = self.schemas.get(name);
        let custom = name.starts_with("Custom::") || name == "AWS::CloudFormation::CustomResource";
        (schema.is_some() || custom).then(|| KnownType {
            name,
            schema,
            shape: self.shapes.get(name),
        })
    }

    /// Lists the names of all known types.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.schemas.keys().map(String::as_str)
    }
}

impl KnownType<'_> {
    /// Gives the usual time to create one, in seconds.
    pub fn seconds(&self) -> u32 {
        self.shape.map_or_else(usual_seconds, |shape| shape.secs)
    }

    /// Gives the usual time to delete one, in seconds.
    pub fn delete_seconds(&self) -> u32 {
        self.shape
            .and_then(|shape| shape.delete)
            .unwrap_or_else(|| (self.seconds() / 2).max(2))
    }

    /// Lists the required properties that are not given.
    pub fn missing<'b>(
        &'b self,
        properties: &'b serde_json::Value,
    ) -> impl Iterator<Item = &'b str> {
        self.schema
            .into_iter()
            .flat_map(|schema| &schema.need)
            .map(String::as_str)
            .filter(move |name| properties.get(name).is_none())
    }

    /// Says whether `Fn::GetAtt` may ask for an attribute.
    pub fn has_attribute(&self, attribute: &str) -> bool {
        let Some(schema) = self.schema else {
            return true;
        };
        let nested = attribute.replace('.', "/");
        schema.open
            || schema.attrs.contains(&nested)
            || self
                .shape
                .is_some_and(|shape| shape.attrs.contains_key(attribute))
    }

    /// Says which capability the type asks for: named IAM resources ask for more.
    pub fn capability(&self, properties: &serde_json::Value) -> Option<&'static str> {
        let named = match self.name {
            "AWS::IAM::Role" => "RoleName",
            "AWS::IAM::User" => "UserName",
            "AWS::IAM::Group" => "GroupName",
            "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
            "AWS::IAM::InstanceProfile" => "InstanceProfileName",
            "AWS::IAM::Policy" | "AWS::IAM::AccessKey" | "AWS::IAM::UserToGroupAddition" => {
                return Some("CAPABILITY_IAM");
            }
            _ => return None,
        };
        Some(if properties.get(named).is_some() {
            "CAPABILITY_NAMED_IAM"
        } else {
            "CAPABILITY_IAM"
        })
    }

    /// Gives the property by which the template may name the resource.
    pub fn name_property(&self) -> Option<&str> {
        self.schema.and_then(|schema| match schema.id.as_slice() {
            [only] if !schema.attrs.contains(only) => Some(only.as_str()),
            _ => None,
        })
    }

    /// Makes the physical id.
    pub fn physical_id(&self, filling: &Filling<'_>) -> String {
        let pattern = self
            .shape
            .map_or("{name}", |shape| shape.reference.as_str());
        self.fill(pattern, filling)
    }

    /// Makes an attribute's value; `None` when the type has none of that name.
    pub fn attribute(&self, attribute: &str, filling: &Filling<'_>) -> Option<String> {
        if let Some(pattern) = self.shape.and_then(|shape| shape.attrs.get(attribute)) {
            return Some(self.fill(pattern, filling));
        }
        if !self.has_attribute(attribute) {
            return None;
        }
        let given = attribute
            .split('.')
            .try_fold(filling.properties, |value, key| value.get(key));
        if let Some(given) = given {
            return Some(text_of(given));
        }
        Some(self.guess(attribute, filling))
    }

    /// Makes up a value for an attribute that the shapes do not describe, by the ending of its name.
    fn guess(&self, attribute: &str, filling: &Filling<'_>) -> String {
        let physical = filling.physical_id;
        let mut parts = self.name.split("::").skip(1);
        let service = parts.next().unwrap_or("service").to_lowercase();
        let kind = parts.next().unwrap_or("resource").to_lowercase();
        let last = attribute.rsplit('.').next().unwrap_or(attribute);
        if last.ends_with("Arn") || last.ends_with("ARN") {
            if physical.starts_with("arn:") {
                return physical.to_owned();
            }
            let (region, account) = (filling.region, filling.account);
            return format!("arn:aws:{service}:{region}:{account}:{kind}/{physical}");
        }
        match last {
            "Id" | "Name" => physical.to_owned(),
            "Port" => "443".to_owned(),
            _ => self.fill(&format!("{}-{{h8}}", last.to_lowercase()), filling),
        }
    }

    fn fill(&self, pattern: &str, filling: &Filling<'_>) -> String {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((filler, after)) = after.split_once('}') else {
                return out + after;
            };
            out.push_str(&self.filler(filler, filling));
            rest = after;
        }
        out + rest
    }

    fn filler(&self, filler: &str, filling: &Filling<'_>) -> String {
        let digest = || {
            blake3::Hasher::new()
                .update(filling.stack_id.as_bytes())
                .update(b"\0")
                .update(filling.logical_id.as_bytes())
                .update(b"\0")
                .update(filler.as_bytes())
                .finalize()
        };
        match filler {
            "name" => self.name_of(filling),
            "lname" => self.name_of(filling).to_lowercase(),
            "ref" => filling.physical_id.to_owned(),
            "region" => filling.region.to_owned(),
            "account" => filling.account.to_owned(),
            "stack" => filling.stack.to_owned(),
            "logical" => filling.logical_id.to_owned(),
            "uuid" => uuid_of(digest().as_bytes()),
            _ => {
                if let Some(property) = filler.strip_prefix("P:") {
                    let name = property.trim_end_matches(['/', '|']);
                    let sign = property.trim_start_matches(name);
                    let value = filling.properties.get(name).map(text_of);
                    return value.map_or_else(String::new, |value| format!("{value}{sign}"));
                }
                let mut letters = filler.chars();
                let alphabet: &[u8] = match letters.next() {
                    Some('h') => b"0123456789abcdef",
                    Some('d') => b"123456789",
                    Some('A') => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                    _ => b"abcdefghijklmnopqrstuvwxyz0123456789",
                };
                let length: usize = letters.as_str().parse().unwrap_or(8);
                spell(digest().as_bytes(), alphabet, length)
            }
        }
    }

    /// Gives the name from the template, or the one that CloudFormation would make up.
    fn name_of(&self, filling: &Filling<'_>) -> String {
        let given = self
            .name_property()
            .and_then(|property| filling.properties.get(property))
            .map(text_of)
            .filter(|text| !text.is_empty());
        given.unwrap_or_else(|| {
            let tail = self.filler("A12", filling);
            format!("{}-{}-{tail}", filling.stack, filling.logical_id)
        })
    }
}

/// Spells bytes in an alphabet; the bytes repeat when more letters are asked for.
fn spell(bytes: &[u8], alphabet: &[u8], length: usize) -> String {
    bytes
        .iter()
        .cycle()
        .take(length)
        .filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len()))
        .map(|letter| char::from(*letter))
        .collect()
}

/// Writes the first sixteen bytes as a UUID.
pub fn uuid_of(bytes: &[u8]) -> String {
    let hex = blake3::Hash::from_bytes({
        let mut whole = [0; 32];
        for (to, from) in whole.iter_mut().zip(bytes) {
            *to = *from;
        }
        whole
    })
    .to_hex();
    let mut out = String::new();
    for (i, c) in hex.chars().take(32).enumerate() {
        if matches!(i, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(c);
    }
    out
}

/// Gives text as it is and other values as JSON.
pub fn text_of(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filling<'a>(
        logical_id: &'a str,
        properties: &'a serde_json::Value,
        physical_id: &'a str,
    ) -> Filling<'a> {
        Filling {
            stack_id: "arn:aws:cloudformation:x",
            stack: "juku-demo",
            logical_id,
            region: "ap-northeast-1",
            account: "000000000000",
            properties,
            physical_id,
        }
    }

    #[test]
    fn every_shape_belongs_to_a_known_type_and_every_attribute_is_one() {
        let catalogue = Catalogue::bundled().unwrap();
        assert!(catalogue.names().count() > 200);
        for (name, shape) in &catalogue.shapes {
            let schema = catalogue.schemas.get(name).expect(name);
            for attribute in shape.attrs.keys() {
                let property = attribute.replace('.', "/");
                assert!(
                    schema.open
                        || schema.attrs.contains(&property)
                        || schema.id.contains(&property),
                    "{name}.{attribute} is no attribute"
                );
            }
        }
    }

    #[test]
    fn ids_look_like_the_type_s_and_are_the_same_again() {
        let catalogue = Catalogue::bundled().unwrap();
        let none = json!({});
        let vpc = catalogue.find("AWS::EC2::VPC").unwrap();
        let id = vpc.physical_id(&filling("Vpc", &none, ""));
        assert!(id.starts_with("vpc-") && id.len() == 21, "{id}");
        assert_eq!(id, vpc.physical_id(&filling("Vpc", &none, "")));
        assert_ne!(id, vpc.physical_id(&filling("Other", &none, "")));
        let bucket = catalogue.find("AWS::S3::Bucket").unwrap();
        let id = bucket.physical_id(&filling("SiteBucket", &none, ""));
        assert!(id.starts_with("juku-demo-sitebucket-"), "{id}");
        let named = json!({"BucketName": "mine"});
        assert_eq!(bucket.physical_id(&filling("B", &named, "")), "mine");
        assert_eq!(
            bucket.attribute("Arn", &filling("B", &named, "mine")),
            Some("arn:aws:s3:::mine".to_owned())
        );
        assert_eq!(
            bucket.attribute("Nope", &filling("B", &named, "mine")),
            None
        );
    }

    #[test]
    fn iam_asks_for_its_capability() {
        let catalogue = Catalogue::bundled().unwrap();
        let role = catalogue.find("AWS::IAM::Role").unwrap();
        assert_eq!(role.capability(&json!({})), Some("CAPABILITY_IAM"));
        assert_eq!(
            role.capability(&json!({"RoleName": "x"})),
            Some("CAPABILITY_NAMED_IAM")
        );
    }
}
