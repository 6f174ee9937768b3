//! The query protocol: a form body with dotted names, as CloudFormation and STS speak it.

use std::collections::BTreeMap;

/// The parameters of one request, by their dotted names (`Parameters.member.1.ParameterKey`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads a form body; of a repeated name the last counts.
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// Gives a parameter; an empty one counts as given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Reads a truth value, false when it is not given.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    /// Gives the items of a list of texts (`Capabilities.member.N`), in order.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.items(name)
            .into_iter()
            .filter_map(|mut item| item.remove(""))
            .collect()
    }

    /// Gives the items of a list of structures (`Tags.member.N.Key`), in order, each by field name.
    pub fn items(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let prefix = format!("{name}.member.");
        let mut items: BTreeMap<u32, BTreeMap<String, String>> = BTreeMap::new();
        for (key, value) in &self.0 {
            let Some(rest) = key.strip_prefix(&prefix) else {
                continue;
            };
            let (index, field) = rest.split_once('.').unwrap_or((rest, ""));
            if let Ok(index) = index.parse() {
                items
                    .entry(index)
                    .or_default()
                    .insert(field.to_owned(), value.clone());
            }
        }
        items.into_values().collect()
    }

    /// Gives a list of pairs, such as tags, by the names of its two fields.
    pub fn pairs(&self, name: &str, key: &str, value: &str) -> Vec<(String, String)> {
        self.items(name)
            .into_iter()
            .filter_map(|mut item| {
                Some((item.remove(key)?, item.remove(value).unwrap_or_default()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_come_in_order_of_their_numbers() {
        let params = Params::parse(
            b"Tags.member.10.Key=j&Tags.member.10.Value=10&Tags.member.2.Key=b&Tags.member.2.Value=\
              %E9%9B%B2&Capabilities.member.1=CAPABILITY_IAM",
        );
        assert_eq!(
            params.pairs("Tags", "Key", "Value"),
            [("b".into(), "雲".into()), ("j".into(), "10".into())]
        );
        assert_eq!(params.list("Capabilities"), ["CAPABILITY_IAM"]);
    }

    proptest! {
        #[test]
        fn no_body_is_too_odd(body: Vec<u8>) {
            let params = Params::parse(&body);
            prop_assert!(params.items("Tags").len() <= body.len());
        }
    }
}
