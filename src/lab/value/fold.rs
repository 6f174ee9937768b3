//! Works a function out as soon as all its parts are plain, and keeps it as it is until then.

use super::{Expression, Known, Map, Value};

/// Why a function cannot work on the values it got.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// `Fn::Select` asks for an item that the list does not have.
    #[error("Fn::Select asks for item {index} of a list of {len}")]
    SelectOutOfRange {
        /// The index as written.
        index: String,
        /// How many items there are.
        len: usize,
    },
    /// A function got a value of another kind than it works on.
    #[error("{function} needs {needs}, got {got}")]
    WrongKind {
        /// The function's long name.
        function: &'static str,
        /// What it needs.
        needs: &'static str,
        /// What it got, as JSON, cut short.
        got: String,
    },
    /// The result would be longer than a whole template may be.
    #[error("{function} makes a text of {bytes} bytes")]
    TooLong {
        /// The function's long name.
        function: &'static str,
        /// How long it would be, at least.
        bytes: usize,
    },
    /// `Fn::Cidr` cannot cut that many blocks of that size.
    #[error("Fn::Cidr cannot cut {count} blocks of {bits} bits from {block}")]
    CidrDoesNotFit {
        /// The block to cut from.
        block: String,
        /// How many blocks were asked for.
        count: String,
        /// How many bits each should have.
        bits: String,
    },
}

/// Resolves a value: see [`Value::resolve`].
pub(super) fn resolve(value: &Value, known: &dyn Known) -> Result<Value, FoldError> {
    Ok(match value {
        Value::List(items) => Value::List(
            items
                .iter()
                .map(|item| resolve(item, known))
                .collect::<Result<_, _>>()?,
        ),
        Value::Map(map) => Value::Map(Map(map
            .0
            .iter()
            .map(|(key, value)| Ok((key.clone(), resolve(value, known)?)))
            .collect::<Result<_, FoldError>>()?)),
        Value::Runtime(expression) => resolve_expression(expression, known)?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    })
}

fn resolve_expression(expression: &Expression, known: &dyn Known) -> Result<Value, FoldError> {
    let go = |value: &Value| resolve(value, known);
    let stay = || Value::Runtime(Box::new(expression.clone()));
    match expression {
        Expression::Ref { logical_id } => Ok(known.reference(logical_id).unwrap_or_else(stay)),
        Expression::GetAtt {
            logical_id,
            attribute,
        } => {
            let attribute = go(attribute)?;
            Ok(attribute
                .as_text()
                .and_then(|attribute| known.attribute(logical_id, attribute))
                .unwrap_or_else(stay))
        }
        Expression::ImportValue { name } => {
            let name = go(name)?;
            Ok(name
                .as_text()
                .and_then(|name| known.import(name))
                .unwrap_or_else(|| Expression::ImportValue { name: name.clone() }.into()))
        }
        Expression::DynamicReference { reference } => {
            Ok(known.dynamic(reference).unwrap_or_else(stay))
        }
        Expression::Parameter { name, ssm_key } => Ok(known
            .parameter(name, ssm_key.as_deref())
            .unwrap_or_else(stay)),
        Expression::If {
            condition,
            then,
            otherwise,
        } => Ok(Expression::If {
            condition: condition.clone(),
            then: go(then)?,
            otherwise: go(otherwise)?,
        }
        .into()),
        Expression::FindInMap { .. }
        | Expression::Transform { .. }
        | Expression::StackOutput { .. }
        | Expression::Unknown { .. } => Ok(stay()),
        Expression::Concat { parts } => {
            concat(parts.iter().map(go).collect::<Result<Vec<_>, _>>()?)
        }
        Expression::Join { delimiter, items } => join(delimiter, go(items)?),
        Expression::Select { index, list } => select(go(index)?, go(list)?),
        Expression::Split { delimiter, text } => split(delimiter, go(text)?),
        Expression::Base64 { text } => base64(go(text)?),
        Expression::Cidr { block, count, bits } => cidr(go(block)?, go(count)?, go(bits)?),
        Expression::GetAzs { region } => Ok(Expression::GetAzs {
            region: go(region)?,
        }
        .into()),
        Expression::Length { list } => length(go(list)?),
        Expression::ToJsonString { value } => to_json_string(go(value)?),
    }
}

impl From<Expression> for Value {
    fn from(expression: Expression) -> Self {
        Self::Runtime(Box::new(expression))
    }
}

/// No text that a function makes is longer than a template may be: nested functions grow fast.
const MAX_TEXT: usize = 1_000_000;

fn bounded(function: &'static str, bytes: usize) -> Result<(), FoldError> {
    if bytes > MAX_TEXT {
        Err(FoldError::TooLong { function, bytes })
    } else {
        Ok(())
    }
}

fn wrong(function: &'static str, needs: &'static str, got: &Value) -> FoldError {
    let got = got.to_json().to_string();
    FoldError::WrongKind {
        function,
        needs,
        got: crate::text::cut_to_width(&got, 60),
    }
}

/// Puts pieces of text together, for `Fn::Sub`.
pub(crate) fn concat(parts: Vec<Value>) -> Result<Value, FoldError> {
    let mut merged: Vec<Value> = Vec::new();
    let mut bytes = 0_usize;
    for part in parts {
        bytes = bytes.saturating_add(part.as_text().map_or(0, str::len));
        bounded("Fn::Sub", bytes)?;
        match (merged.last_mut(), part) {
            (_, Value::List(items)) if !items.iter().any(Value::is_runtime) => {
                // A list parameter inside a text reads as its items with commas between.
                let texts: Vec<&str> = items.iter().filter_map(Value::as_text).collect();
                push_text(&mut merged, &texts.join(","));
            }
            (_, part @ (Value::List(_) | Value::Map(_))) => {
                return Err(wrong("Fn::Sub", "text", &part));
            }
            (_, Value::Runtime(inner)) => match *inner {
                Expression::Concat { parts } => merged.extend(parts),
                other => merged.push(other.into()),
            },
            (_, plain) => push_text(&mut merged, plain.as_text().unwrap_or_default()),
        }
    }
    Ok(match merged.as_mut_slice() {
        [] => Value::text(""),
        [Value::String(text)] => Value::String(std::mem::take(text)),
        _ => Expression::Concat { parts: merged }.into(),
    })
}

fn push_text(merged: &mut Vec<Value>, text: &str) {
    match merged.last_mut() {
        Some(Value::String(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => merged.push(Value::text(text)),
    }
}

/// Joins items, for `Fn::Join`.
pub(crate) fn join(delimiter: &str, items: Value) -> Result<Value, FoldError> {
    let Value::List(list) = items else {
        return match items {
            Value::Runtime(_) => Ok(Expression::Join {
                delimiter: delimiter.to_owned(),
                items,
            }
            .into()),
            other => Err(wrong("Fn::Join", "a list", &other)),
        };
    };
    let mut pieces = Vec::with_capacity(list.len());
    let mut waits = false;
    for item in &list {
        match item {
            Value::Runtime(_) => waits = true,
            Value::List(inner) => {
                // A list within the list, such as a list parameter, is joined in place.
                waits |= inner.iter().any(Value::is_runtime);
                pieces.extend(inner.iter().filter_map(Value::as_text));
            }
            Value::Map(_) => return Err(wrong("Fn::Join", "texts", item)),
            plain => pieces.push(plain.as_text().unwrap_or_default()),
        }
    }
    if waits {
        return Ok(Expression::Join {
            delimiter: delimiter.to_owned(),
            items: Value::List(list),
        }
        .into());
    }
    let between = delimiter
        .len()
        .saturating_mul(pieces.len().saturating_sub(1));
    let bytes = pieces.iter().map(|piece| piece.len()).sum::<usize>();
    bounded("Fn::Join", bytes.saturating_add(between))?;
    Ok(Value::String(pieces.join(delimiter)))
}

/// Picks an item, for `Fn::Select`.
pub(crate) fn select(index: Value, list: Value) -> Result<Value, FoldError> {
    if matches!(index, Value::Runtime(_)) || matches!(list, Value::Runtime(_)) {
        return Ok(Expression::Select { index, list }.into());
    }
    let Value::List(items) = list else {
        return Err(wrong("Fn::Select", "a list", &list));
    };
    let len = items.len();
    let position: Option<usize> = index.as_text().and_then(|text| text.trim().parse().ok());
    let Some(position) = position else {
        return Err(wrong("Fn::Select", "an index", &index));
    };
    items
        .into_iter()
        .nth(position)
        .ok_or_else(|| FoldError::SelectOutOfRange {
            index: position.to_string(),
            len,
        })
}

/// Cuts text into a list, for `Fn::Split`.
pub(crate) fn split(delimiter: &str, text: Value) -> Result<Value, FoldError> {
    match text {
        Value::Runtime(_) => Ok(Expression::Split {
            delimiter: delimiter.to_owned(),
            text,
        }
        .into()),
        plain => match plain.as_text() {
            Some(whole) if delimiter.is_empty() => Ok(Value::List(vec![Value::text(whole)])),
            Some(whole) => Ok(Value::List(
                whole.split(delimiter).map(Value::text).collect(),
            )),
            None => Err(wrong("Fn::Split", "text", &plain)),
        },
    }
}

/// Encodes text, for `Fn::Base64`.
pub(crate) fn base64(text: Value) -> Result<Value, FoldError> {
    match text {
        Value::Runtime(_) => Ok(Expression::Base64 { text }.into()),
        plain => match plain.as_text() {
            Some(text) => {
                bounded("Fn::Base64", text.len())?;
                Ok(Value::String(encode_base64(text.as_bytes())))
            }
            None => Err(wrong("Fn::Base64", "text", &plain)),
        },
    }
}

fn encode_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|i| chunk.get(i).copied().unwrap_or(0));
        let word = u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c);
        for (i, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            if i <= chunk.len() {
                encoded.push(char::from(LETTERS[(word >> shift & 63) as usize]));
            } else {
                encoded.push('=');
            }
        }
    }
    encoded
}

/// Counts items, for `Fn::Length`.
pub(crate) fn length(list: Value) -> Result<Value, FoldError> {
    match list {
        Value::Runtime(_) => Ok(Expression::Length { list }.into()),
        Value::List(items) => Ok(Value::Number(items.len().to_string())),
        other => Err(wrong("Fn::Length", "a list", &other)),
    }
}

/// Writes JSON, for `Fn::ToJsonString`.
pub(crate) fn to_json_string(value: Value) -> Result<Value, FoldError> {
    if value.is_runtime() {
        return Ok(Expression::ToJsonString { value }.into());
    }
    let text = value.to_json().to_string();
    bounded("Fn::ToJsonString", text.len())?;
    Ok(Value::String(text))
}

/// Cuts an address block into smaller ones, for `Fn::Cidr`; `bits` of `Null` means 8.
pub(crate) fn cidr(block: Value, count: Value, bits: Value) -> Result<Value, FoldError> {
    if [&block, &count, &bits]
        .iter()
        .any(|part| matches!(part, Value::Runtime(_)))
    {
        return Ok(Expression::Cidr { block, count, bits }.into());
    }
    let does_not_fit = || FoldError::CidrDoesNotFit {
        block: block.to_string(),
        count: count.to_string(),
        bits: bits.as_text().unwrap_or("8").to_owned(),
    };
    let whole = |value: &Value| value.as_text().and_then(|t| t.trim().parse::<u32>().ok());
    let text = block.as_text().ok_or_else(does_not_fit)?;
    let (address, prefix) = text.trim().split_once('/').ok_or_else(does_not_fit)?;
    let prefix: u32 = prefix.parse().map_err(|_| does_not_fit())?;
    let wanted = whole(&count).filter(|n| (1..=256).contains(n));
    let wanted = wanted.ok_or_else(does_not_fit)?;
    let bits_of_each = match &bits {
        Value::Null => 8,
        given => whole(given).ok_or_else(does_not_fit)?,
    };
    let address: std::net::IpAddr = address.parse().map_err(|_| does_not_fit())?;
    let (base, width) = match address {
        std::net::IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        std::net::IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let room = width - prefix.min(width);
    if prefix > width || bits_of_each == 0 || bits_of_each > room || room == 128 {
        return Err(does_not_fit());
    }
    let blocks = 1_u128 << (room - bits_of_each).min(127);
    if u128::from(wanted) > blocks {
        return Err(does_not_fit());
    }
    let start = base >> room << room;
    let each = (0..wanted).map(|i| {
        let at = start + (u128::from(i) << bits_of_each);
        let address = match address {
            std::net::IpAddr::V4(_) => u32::try_from(at)
                .map(|v4| std::net::Ipv4Addr::from(v4).to_string())
                .unwrap_or_default(),
            std::net::IpAddr::V6(_) => std::net::Ipv6Addr::from(at).to_string(),
        };
        Value::String(format!("{address}/{}", width - bits_of_each))
    });
    Ok(Value::List(each.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_standard_one() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("雲", "6Zuy"),
        ] {
            assert_eq!(encode_base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn blocks_are_cut_in_order() {
        let text = |v: &str| Value::text(v);
        assert_eq!(
            cidr(text("10.0.0.0/16"), text("3"), text("8")).unwrap(),
            Value::List(vec![
                text("10.0.0.0/24"),
                text("10.0.1.0/24"),
                text("10.0.2.0/24")
            ])
        );
        assert!(cidr(text("10.0.0.0/24"), text("2"), text("8")).is_err());
        assert!(cidr(text("::/0"), text("1"), text("64")).is_err());
        let six = cidr(text("2001:db8::/56"), text("2"), text("64")).unwrap();
        assert_eq!(six.as_list().unwrap()[1], text("2001:db8:0:1::/64"));
    }

    #[test]
    fn a_text_around_a_reference_waits_and_then_folds() {
        struct Built;
        impl Known for Built {
            fn reference(&self, logical_id: &str) -> Option<Value> {
                (logical_id == "Bucket").then(|| Value::text("my-bucket"))
            }
            fn attribute(&self, _: &str, _: &str) -> Option<Value> {
                None
            }
        }
        let bucket: Value = Expression::Ref {
            logical_id: "Bucket".into(),
        }
        .into();
        let waiting = concat(vec![Value::text("s3://"), bucket, Value::text("/x")]).unwrap();
        assert!(waiting.is_runtime());
        assert_eq!(
            waiting.resolve(&Built).unwrap(),
            Value::text("s3://my-bucket/x")
        );
    }
}
