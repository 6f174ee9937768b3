//! From bytes to text: byte order marks, UTF-8, UTF-16, and the Japanese legacy encodings by detection.

mod reader;
mod survey;

use self::reader::Looks;
use self::survey::Survey;

pub use self::reader::{Look, LookError, Reader, look};

/// A decoded text and how it was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text; byte sequences that mean nothing became U+FFFD, NUL became a space.
    pub text: String,
    /// Name of the encoding, such as `UTF-8` or `Shift_JIS`.
    pub encoding: &'static str,
    /// How many places could not be decoded.
    pub replaced: usize,
}

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// The bytes are a picture, an archive, a program.
    #[error("the file is binary")]
    Binary,
}

/// Decodes a file that stands in memory; [`look`] and [`Reader`] do the same to one that does not.
///
/// # Errors
/// When the file is empty or binary.
pub fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let mut survey = Survey::default();
    survey.feed(bytes);
    let (text, used, _) = survey.encoding()?.decode(bytes);
    let text = if text.contains('\0') {
        text.replace('\0', " ")
    } else {
        text.into_owned()
    };
    let mut looks = Looks::default();
    looks.feed(&text);
    looks.verdict()?;
    Ok(Decoded {
        text,
        encoding: used.name(),
        replaced: looks.replaced,
    })
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "踏み台サーバー経由で接続する。\nＥＣ２と ﾗﾑﾀﾞ、①から②へ。\nSQS の可視性タイムアウトは 30 秒\n";

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|u| {
                if little {
                    u.to_le_bytes()
                } else {
                    u.to_be_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn every_encoding_of_the_promise() {
        let plain = TEXT.replace('①', "1").replace('②', "2");
        let cases: Vec<(&str, Vec<u8>, &str)> = vec![
            ("UTF-8", TEXT.as_bytes().to_vec(), TEXT),
            ("UTF-8", [b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), TEXT),
            (
                "UTF-16LE",
                [vec![0xff, 0xfe], utf16(TEXT, true)].concat(),
                TEXT,
            ),
            (
                "UTF-16BE",
                [vec![0xfe, 0xff], utf16(TEXT, false)].concat(),
                TEXT,
            ),
            ("UTF-16LE", utf16(TEXT, true), TEXT),
            ("UTF-16BE", utf16(TEXT, false), TEXT),
            ("Shift_JIS", SHIFT_JIS.encode(TEXT).0.into_owned(), TEXT),
            ("EUC-JP", EUC_JP.encode(TEXT).0.into_owned(), TEXT),
            (
                "ISO-2022-JP",
                ISO_2022_JP
                    .encode(&plain.replace("ﾗﾑﾀﾞ", "ラムダ"))
                    .0
                    .into_owned(),
                &plain.replace("ﾗﾑﾀﾞ", "ラムダ"),
            ),
        ]
        .into_iter()
        .map(|(a, b, c)| (a, b, Box::leak(c.to_owned().into_boxed_str()) as &str))
        .collect();
        for (name, bytes, expected) in cases {
            let decoded = decode(&bytes).unwrap();
            assert_eq!((decoded.encoding, decoded.text.as_str()), (name, expected));
        }
    }

    #[test]
    fn damaged_text_stays_text() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.truncate(bytes.len() - 3);
        bytes.extend(b"\xe8\xb8\n\xed\xa0\x80 half a surrogate\n\0nul\n");
        let decoded = decode(&bytes).unwrap();
        assert_eq!(decoded.encoding, "UTF-8");
        assert!(decoded.replaced > 0 && !decoded.text.contains('\0'));
    }

    #[test]
    fn half_a_surrogate_in_utf16_is_one_damaged_place() {
        let mut bytes = [vec![0xff, 0xfe], utf16(TEXT, true)].concat();
        bytes.extend([0x3d, 0xd8]);
        bytes.extend(utf16("続き\r\n\u{202e}逆\u{1b}[31m", true));
        let decoded = decode(&bytes).unwrap();
        assert_eq!((decoded.encoding, decoded.replaced), ("UTF-16LE", 1));
        assert!(decoded.text.contains("\u{fffd}続き\r\n"));
        // Odd in length: the last byte is half a unit.
        bytes.push(0x30);
        assert!(decode(&bytes).is_ok());
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(decode(b""), Err(DecodeError::Empty));
        assert_eq!(decode(b" \r\n\t\n"), Err(DecodeError::Empty));
        assert_eq!(decode(b"\x89PNG\r\n\x1a\n\0\0"), Err(DecodeError::Binary));
        let noise: Vec<u8> = (0..4096_u32)
            .map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[2])
            .collect();
        assert_eq!(decode(&noise), Err(DecodeError::Binary));
    }

    #[test]
    fn an_escape_and_a_character_across_pieces_are_seen() {
        for bytes in [b"abc\x1b$B%F\x1b(J".to_vec(), TEXT.as_bytes().to_vec()] {
            for at in 1..bytes.len() {
                let (mut whole, mut pieces) = (Survey::default(), Survey::default());
                whole.feed(&bytes);
                pieces.feed(&bytes[..at]);
                pieces.feed(b"");
                pieces.feed(&bytes[at..]);
                assert_eq!(pieces.encoding(), whole.encoding());
            }
        }
    }

    proptest! {
        #[test]
        fn pieces_are_in_the_encoding_of_the_whole(
            pieces in proptest::collection::vec(
                prop_oneof![
                    proptest::collection::vec(any::<u8>(), 0..6),
                    "[a-z雲\u{1b}$B(J]{0,5}".prop_map(String::into_bytes),
                ],
                0..12,
            )
        ) {
            let (mut whole, mut piecemeal) = (Survey::default(), Survey::default());
            whole.feed(&pieces.concat());
            for piece in &pieces {
                piecemeal.feed(piece);
            }
            prop_assert_eq!(piecemeal.encoding(), whole.encoding());
            prop_assert_eq!(look(&pieces.concat()).is_ok(), decode(&pieces.concat()).is_ok());
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            drop(decode(&bytes));
        }
    }
}
