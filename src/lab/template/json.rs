//! Reads JSON into the same nodes as YAML.
//!
//! YAML's grammar takes most JSON, but not tabs between values or escapes in surrogate pairs, both common in
//! templates that tools wrote; and JSON's readers give values no places. So this one reads JSON itself: strict
//! but for raw control characters in strings, which CloudFormation takes as well.

use crate::yaml::{Key, Node, NodeKind, Place};

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JsonError {
    /// Something else was found than the grammar allows.
    Syntax { message: String, place: Place },
    /// Nested deeper than allowed.
    TooDeep { place: Place },
}

/// Reads a text that holds one JSON value.
pub(super) fn parse(text: &str, max_depth: usize) -> Result<Node, JsonError> {
    let mut reader = Reader {
        chars: text.chars().peekable(),
        place: Place { line: 1, column: 1 },
        depth: 0,
        max_depth,
    };
    let node = reader.value()?;
    reader.skip_space();
    match reader.chars.peek() {
        None => Ok(node),
        Some(_) => Err(reader.unexpected("the end of the text")),
    }
}

struct Reader<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    place: Place,
    depth: usize,
    max_depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.chars.next()?;
        if c == '\n' {
            self.place.line += 1;
            self.place.column = 1;
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    fn skip_space(&mut self) {
        while self
            .chars
            .next_if(|c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{feff}'))
            .map(|c| {
                if c == '\n' {
                    self.place.line += 1;
                    self.place.column = 1;
                } else {
                    self.place.column += 1;
                }
            })
            .is_some()
        {}
    }

    fn unexpected(&mut self, wanted: &str) -> JsonError {
        let found = self
            .chars
            .peek()
            .map_or_else(|| "the end of the text".to_owned(), |c| format!("`{c}`"));
        JsonError::Syntax {
            message: format!("expected {wanted}, found {found}"),
            place: self.place,
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), JsonError> {
        self.skip_space();
        if self.chars.peek() == Some(&wanted) {
            self.next();
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{wanted}`")))
        }
    }

    fn value(&mut self) -> Result<Node, JsonError> {
        self.skip_space();
        let place = self.place;
        let kind = match self.chars.peek() {
            Some('{') => self.nested(Self::object)?,
            Some('[') => self.nested(Self::array)?,
            Some('"') => NodeKind::Scalar {
                text: self.string()?,
                plain: false,
            },
            Some(c) if c.is_ascii_alphanumeric() || *c == '-' => {
                let mut text = String::new();
                while let Some(c) = self
                    .chars
                    .next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))
                {
                    text.push(c);
                    self.place.column += 1;
                }
                let known = matches!(text.as_str(), "true" | "false" | "null")
                    || text.parse::<f64>().is_ok_and(f64::is_finite);
                if !known {
                    return Err(JsonError::Syntax {
                        message: format!("`{text}` is no JSON value"),
                        place,
                    });
                }
                NodeKind::Scalar { text, plain: true }
            }
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node {
            place,
            tag: None,
            kind,
        })
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<NodeKind, JsonError>,
    ) -> Result<NodeKind, JsonError> {
        if self.depth >= self.max_depth {
            return Err(JsonError::TooDeep { place: self.place });
        }
        self.depth += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    fn object(&mut self) -> Result<NodeKind, JsonError> {
        self.expect('{')?;
        let mut entries = Vec::new();
        self.skip_space();
        if self.chars.peek() == Some(&'}') {
            self.next();
            return Ok(NodeKind::Mapping(entries));
        }
        loop {
            self.skip_space();
            let place = self.place;
            if self.chars.peek() != Some(&'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let name = self.string()?;
            self.expect(':')?;
            let value = self.value()?;
            entries.push((Key { place, name }, value));
            self.skip_space();
            match self.chars.peek() {
                Some(',') => {
                    self.next();
                }
                Some('}') => {
                    self.next();
                    return Ok(NodeKind::Mapping(entries));
                }
                _ => return Err(self.unexpected("`,` or `}`")),
            }
        }
    }

    fn array(&mut self) -> Result<NodeKind, JsonError> {
        self.expect('[')?;
        let mut items = Vec::new();
        self.skip_space();
        if self.chars.peek() == Some(&']') {
            self.next();
            return Ok(NodeKind::Sequence(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            match self.chars.peek() {
                Some(',') => {
                    self.next();
                }
                Some(']') => {
                    self.next();
                    return Ok(NodeKind::Sequence(items));
                }
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.next(); // the opening quote
        let mut text = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => {
                    let c = self.escape()?;
                    text.push(c);
                }
                Some(c) => text.push(c),
                None => return Err(self.unexpected("a closing `\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let place = self.place;
        let bad = |message: &str| JsonError::Syntax {
            message: message.to_owned(),
            place,
        };
        Ok(match self.next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let high = self.four_digits()?;
                let code = if (0xd800..0xdc00).contains(&high) {
                    if self.next() != Some('\\') || self.next() != Some('u') {
                        return Err(bad("half of a surrogate pair"));
                    }
                    let low = self.four_digits()?;
                    0x1_0000 + ((high - 0xd800) << 10) + (low & 0x3ff)
                } else {
                    high
                };
                char::from_u32(code).ok_or_else(|| bad("half of a surrogate pair"))?
            }
            _ => return Err(bad("an escape that JSON does not know")),
        })
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            match self.chars.peek().and_then(|c| c.to_digit(16)) {
                Some(digit) => {
                    code = code * 16 + digit;
                    self.next();
                }
                None => return Err(self.unexpected("four hexadecimal digits")),
            }
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let node = parse("{\n\t\"a\": [1, \"\\ud83d\\ude00\"]\n}", 10).unwrap();
        let NodeKind::Mapping(entries) = node.kind else {
            panic!()
        };
        assert_eq!(entries[0].0.place, Place { line: 2, column: 2 });
        let NodeKind::Sequence(items) = &entries[0].1.kind else {
            panic!()
        };
        assert_eq!(
            items[1].kind,
            NodeKind::Scalar {
                text: "😀".to_owned(),
                plain: false
            }
        );
    }

    #[test]
    fn what_is_no_json_is_named() {
        for bad in [
            "{",
            "{\"a\":1,}",
            "[1 2]",
            "\"a",
            "{'a':1}",
            "nul",
            "{} x",
            "\"\\u12\"",
        ] {
            assert!(
                matches!(parse(bad, 10), Err(JsonError::Syntax { .. })),
                "{bad}"
            );
        }
        let deep = "[".repeat(1000);
        assert!(matches!(parse(&deep, 100), Err(JsonError::TooDeep { .. })));
    }

    proptest::proptest! {
        #[test]
        fn what_serde_reads_we_read(text in "[\\[\\]{}\",:a1 \\\\u.e-]{0,24}") {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            proptest::prop_assert!(!theirs || parse(&text, 50).is_ok(), "{text}");
        }
    }
}
