//! As much of protocol buffers as the newer collections need: a field's number or bytes on the first level.

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A number.
    Number(u64),
    /// A text or a nested message.
    Bytes(&'a [u8]),
}

/// Finds the last value of a field; `None` when it is absent or the message is damaged before it.
pub(super) fn field(message: &[u8], wanted: u64) -> Option<Value<'_>> {
    let mut rest = message;
    let mut found = None;
    while !rest.is_empty() {
        let Some((number, value, after)) = next(rest) else {
            break;
        };
        if number == wanted {
            found = value;
        }
        rest = after;
    }
    found
}

/// Gives a field's number.
pub(super) fn number(message: &[u8], wanted: u64) -> u64 {
    match field(message, wanted) {
        Some(Value::Number(number)) => number,
        Some(Value::Bytes(_)) | None => 0,
    }
}

/// Gives a field's text.
pub(super) fn text(message: &[u8], wanted: u64) -> String {
    match field(message, wanted) {
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(Value::Number(_)) | None => String::new(),
    }
}

type Field<'a> = (u64, Option<Value<'a>>, &'a [u8]);

fn next(message: &[u8]) -> Option<Field<'_>> {
    let (key, rest) = varint(message)?;
    let (value, rest) = match key & 7 {
        0 => {
            let (number, rest) = varint(rest)?;
            (Some(Value::Number(number)), rest)
        }
        1 => (None, rest.get(8..)?),
        2 => {
            let (length, rest) = varint(rest)?;
            let length = usize::try_from(length).ok()?;
            (Some(Value::Bytes(rest.get(..length)?)), rest.get(length..)?)
        }
        5 => (None, rest.get(4..)?),
        _ => return None,
    };
    Some((key >> 3, value, rest))
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f).checked_shl(u32::try_from(at).ok()? * 7)?;
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_and_texts_are_found() {
        // 1: 300, 2: "ab", 3: fixed32
        let message = [8, 0xac, 2, 18, 2, b'a', b'b', 29, 1, 2, 3, 4];
        assert_eq!(number(&message, 1), 300);
        assert_eq!(text(&message, 2), "ab");
        assert_eq!(field(&message, 4), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            field(&bytes, 1);
        }
    }
}
