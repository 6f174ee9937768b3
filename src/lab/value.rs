//! Values of an evaluated template: plain data, with typed nodes where only the built stack knows the answer.
//!
//! [`Value::resolve`] puts physical ids and attributes in as they become known and folds the functions around them
//! (`Fn::Join`, `Fn::Sub` …) as soon as all their parts are plain. The evaluator itself builds values through the
//! same folding, so a function behaves alike before and during a deployment.

use std::fmt;

pub(crate) mod fold;

pub use fold::FoldError;

/// A value of a property, output or condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// JSON null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number as it was written, so that `007` and `1.10` stay what they are.
    Number(String),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Self>),
    /// A mapping in the order of the template.
    Map(Map),
    /// Known only once resources exist.
    Runtime(Box<Expression>),
}

/// A mapping in the order of the template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Map(pub Vec<(String, Value)>);

/// Something that has to wait for the stack: a reference, or a function around one.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// `Ref` of a resource: its physical id.
    Ref {
        /// The logical id referred to.
        logical_id: String,
    },
    /// `Fn::GetAtt` of a resource.
    GetAtt {
        /// The logical id referred to.
        logical_id: String,
        /// The attribute, such as `Arn` or `Outputs.Url`; text unless it is itself computed.
        attribute: Value,
    },
    /// `Fn::ImportValue`: an export of another stack.
    ImportValue {
        /// The export's name.
        name: Value,
    },
    /// `Fn::GetStackOutput`: an output of another stack, perhaps of another region or account.
    StackOutput {
        /// `StackName`, `OutputName`, and what else was said.
        arguments: Value,
    },
    /// A `{{resolve:…}}` text, kept whole; the service fills it in.
    DynamicReference {
        /// The text with its braces.
        reference: String,
    },
    /// A parameter whose value is not known here: one of an SSM type, or one that was not given.
    Parameter {
        /// The parameter's name.
        name: String,
        /// The key in Parameter Store, for an SSM type.
        ssm_key: Option<String>,
    },
    /// A condition that hangs on a value not known here: `Fn::If` keeps both branches.
    If {
        /// The condition's name.
        condition: String,
        /// The value when true.
        then: Value,
        /// The value when false.
        otherwise: Value,
    },
    /// Pieces of text put together: `Fn::Sub`.
    Concat {
        /// The pieces, in order.
        parts: Vec<Value>,
    },
    /// `Fn::Join`.
    Join {
        /// What stands between the items.
        delimiter: String,
        /// The items, or one value that will be a list.
        items: Value,
    },
    /// `Fn::Select`.
    Select {
        /// Which item, from 0.
        index: Value,
        /// The list.
        list: Value,
    },
    /// `Fn::Split`.
    Split {
        /// What separates the pieces.
        delimiter: String,
        /// The text.
        text: Value,
    },
    /// `Fn::Base64`.
    Base64 {
        /// The text.
        text: Value,
    },
    /// `Fn::Cidr`.
    Cidr {
        /// The address block to cut from.
        block: Value,
        /// How many blocks.
        count: Value,
        /// How many bits of address each block leaves; 8 when `Null`.
        bits: Value,
    },
    /// `Fn::FindInMap` whose keys are not all known.
    FindInMap {
        /// The mapping's name.
        map: Value,
        /// The first key.
        top: Value,
        /// The second key.
        second: Value,
    },
    /// `Fn::GetAZs` of a region that is not known.
    GetAzs {
        /// The region.
        region: Value,
    },
    /// `Fn::Length`.
    Length {
        /// The list.
        list: Value,
    },
    /// `Fn::ToJsonString`.
    ToJsonString {
        /// The value to write as JSON.
        value: Value,
    },
    /// `Fn::Transform` inside a value: the result of a macro, which only AWS can run.
    Transform {
        /// The macro's name.
        name: String,
    },
    /// What stands for a function that could not be worked out, when that has been told already.
    Unknown {
        /// The function's name.
        function: String,
    },
}

/// Knows what the stack has built so far.
pub trait Known {
    /// Gives what `Ref` of a resource yields, once it exists.
    fn reference(&self, logical_id: &str) -> Option<Value>;
    /// Gives an attribute of a resource, once it exists.
    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<Value>;
    /// Gives an export of another stack.
    fn import(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }
    /// Gives what a `{{resolve:…}}` text stands for.
    fn dynamic(&self, reference: &str) -> Option<Value> {
        let _ = reference;
        None
    }
    /// Gives the value of a parameter of an SSM type.
    fn parameter(&self, name: &str, ssm_key: Option<&str>) -> Option<Value> {
        let _ = (name, ssm_key);
        None
    }
}

impl Value {
    /// Makes text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// Finds the value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// Follows keys down from mapping to mapping.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// Gives text, or the written form of a number or truth value, as CloudFormation compares and joins them.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Number(text) => Some(text),
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// Gives a truth value; the texts `true` and `false` count, in any case.
    pub fn as_bool(&self) -> Option<bool> {
        let text = self.as_text()?;
        if text.eq_ignore_ascii_case("true") {
            Some(true)
        } else if text.eq_ignore_ascii_case("false") {
            Some(false)
        } else {
            None
        }
    }

    /// Gives a number, also when it was written as text.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::String(text) | Self::Number(text) => {
                text.trim().parse().ok().filter(|n: &f64| n.is_finite())
            }
            _ => None,
        }
    }

    /// Gives the items of a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Gives the entries of a mapping.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Says whether anything in it has to wait for the stack.
    pub fn is_runtime(&self) -> bool {
        match self {
            Self::Runtime(_) => true,
            Self::List(items) => items.iter().any(Self::is_runtime),
            Self::Map(map) => map.0.iter().any(|(_, value)| value.is_runtime()),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => false,
        }
    }

    /// Puts in what is known and folds the functions around it; what is not known stays.
    ///
    /// # Errors
    /// When a function cannot work on the values it gets, such as `Fn::Select` beyond its list.
    pub fn resolve(&self, known: &dyn Known) -> Result<Self, FoldError> {
        fold::resolve(self, known)
    }

    /// Writes it as JSON; what has to wait is written as the function it came from.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(truth) => Json::Bool(*truth),
            Self::Number(text) => text
                .parse::<serde_json::Number>()
                .map_or_else(|_| Json::String(text.clone()), Json::Number),
            Self::String(text) => Json::String(text.clone()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(map) => Json::Object(
                map.0
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_json()))
                    .collect(),
            ),
            Self::Runtime(expression) => expression.to_json(),
        }
    }

    /// Calls back for every resource this value waits for, with the attribute when it is one.
    pub fn each_reference<'a>(&'a self, found: &mut dyn FnMut(&'a str, Option<&'a str>)) {
        match self {
            Self::List(items) => items.iter().for_each(|item| item.each_reference(found)),
            Self::Map(map) => {
                for (_, value) in &map.0 {
                    value.each_reference(found);
                }
            }
            Self::Runtime(expression) => expression.each_reference(found),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => {}
        }
    }
}

impl Map {
    /// Finds the value under a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// Puts a value under a key, replacing what was there.
    pub fn set(&mut self, key: &str, value: Value) {
        match self.0.iter_mut().find(|(name, _)| name == key) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Bool(*truth),
            Json::Number(number) => Self::Number(number.to_string()),
            Json::String(text) => Self::String(text.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Json::Object(map) => Self::Map(Map(map
                .iter()
                .map(|(key, value)| (key.clone(), Self::from(value)))
                .collect())),
        }
    }
}

impl fmt::Display for Value {
    /// Shows text as it is and everything else as JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_text() {
            Some(text) => f.write_str(text),
            None => write!(f, "{}", self.to_json()),
        }
    }
}

impl Expression {
    /// Gives the function's parts that are values themselves.
    fn parts(&self) -> Vec<&Value> {
        match self {
            Self::Ref { .. }
            | Self::DynamicReference { .. }
            | Self::Parameter { .. }
            | Self::Transform { .. }
            | Self::Unknown { .. } => Vec::new(),
            Self::GetAtt { attribute, .. } => vec![attribute],
            Self::ImportValue { name } => vec![name],
            Self::StackOutput { arguments } => vec![arguments],
            Self::If {
                then, otherwise, ..
            } => vec![then, otherwise],
            Self::Concat { parts } => parts.iter().collect(),
            Self::Join { items, .. } => vec![items],
            Self::Select { index, list } => vec![index, list],
            Self::Split { text, .. } | Self::Base64 { text } => vec![text],
            Self::Cidr { block, count, bits } => vec![block, count, bits],
            Self::FindInMap { map, top, second } => vec![map, top, second],
            Self::GetAzs { region } => vec![region],
            Self::Length { list } => vec![list],
            Self::ToJsonString { value } => vec![value],
        }
    }

    fn each_reference<'a>(&'a self, found: &mut dyn FnMut(&'a str, Option<&'a str>)) {
        match self {
            Self::Ref { logical_id } => found(logical_id, None),
            Self::GetAtt {
                logical_id,
                attribute,
            } => found(logical_id, Some(attribute.as_text().unwrap_or_default())),
            _ => {}
        }
        for part in self.parts() {
            part.each_reference(found);
        }
    }

    /// Writes the function in its long form.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Ref { logical_id } => json!({ "Ref": logical_id }),
            Self::GetAtt {
                logical_id,
                attribute,
            } => json!({ "Fn::GetAtt": [logical_id, attribute.to_json()] }),
            Self::ImportValue { name } => json!({ "Fn::ImportValue": name.to_json() }),
            Self::StackOutput { arguments } => {
                json!({ "Fn::GetStackOutput": arguments.to_json() })
            }
            Self::DynamicReference { reference } => json!(reference),
            Self::Parameter { name, .. } => json!({ "Ref": name }),
            Self::If {
                condition,
                then,
                otherwise,
            } => json!({ "Fn::If": [condition, then.to_json(), otherwise.to_json()] }),
            Self::Concat { parts } => {
                json!({ "Fn::Join": ["", parts.iter().map(Value::to_json).collect::<Vec<_>>()] })
            }
            Self::Join { delimiter, items } => json!({ "Fn::Join": [delimiter, items.to_json()] }),
            Self::Select { index, list } => {
                json!({ "Fn::Select": [index.to_json(), list.to_json()] })
            }
            Self::Split { delimiter, text } => json!({ "Fn::Split": [delimiter, text.to_json()] }),
            Self::Base64 { text } => json!({ "Fn::Base64": text.to_json() }),
            Self::Cidr { block, count, bits } => {
                json!({ "Fn::Cidr": [block.to_json(), count.to_json(), bits.to_json()] })
            }
            Self::FindInMap { map, top, second } => {
                json!({ "Fn::FindInMap": [map.to_json(), top.to_json(), second.to_json()] })
            }
            Self::GetAzs { region } => json!({ "Fn::GetAZs": region.to_json() }),
            Self::Length { list } => json!({ "Fn::Length": list.to_json() }),
            Self::ToJsonString { value } => json!({ "Fn::ToJsonString": value.to_json() }),
            Self::Transform { name } => json!({ "Fn::Transform": { "Name": name } }),
            Self::Unknown { function } => json!({ function: null }),
        }
    }
}
