//! From bytes to text: byte order marks, UTF-8, UTF-16, and the Japanese legacy encodings by detection.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

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

/// How much of a file the detector looks at.
const SAMPLE: usize = 256 * 1024;

/// Decodes a file.
///
/// # Errors
/// When the file is empty or binary.
pub fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(DecodeError::Empty);
    }
    if is_known_binary(bytes) {
        return Err(DecodeError::Binary);
    }
    let encoding = detect(bytes).ok_or(DecodeError::Binary)?;
    let (text, used, _) = encoding.decode(bytes);
    let text = if text.contains('\0') {
        text.replace('\0', " ")
    } else {
        text.into_owned()
    };
    let replaced = text.matches('\u{fffd}').count();
    let length = text.chars().count().max(1);
    // A few broken places are a damaged note; one in ten is no text at all.
    if replaced * 10 > length || controls(&text) * 10 > length {
        return Err(DecodeError::Binary);
    }
    if text
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .is_empty()
    {
        return Err(DecodeError::Empty);
    }
    Ok(Decoded {
        text,
        encoding: used.name(),
        replaced,
    })
}

fn controls(text: &str) -> usize {
    text.chars()
        .filter(|c| {
            c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{1b}')
        })
        .count()
}

/// Recognises formats by their first bytes, so that text inside them is not taken for a note.
fn is_known_binary(bytes: &[u8]) -> bool {
    const MAGIC: &[&[u8]] = &[
        b"%PDF-",
        b"PK\x03\x04",
        b"\x89PNG",
        b"GIF8",
        b"\xff\xd8\xff",
        b"\x1f\x8b",
        b"\x7fELF",
        b"MZ\x90",
        b"SQLite format 3\0",
        b"BZh",
        b"\xfd7zXZ",
        b"7z\xbc\xaf",
        b"\xd0\xcf\x11\xe0",
    ];
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
}

fn detect(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let valid = std::str::from_utf8(bytes);
    let utf8 = match valid {
        Ok(text) => !text.is_ascii(),
        Err(_) => mostly_utf8(bytes),
    };
    if !utf8 && let Some(encoding) = utf16_without_mark(bytes) {
        return Some(encoding);
    }
    if valid.is_ok() {
        // ISO-2022-JP is seven-bit and therefore valid UTF-8: its escape sequences tell it apart.
        let escapes: [&[u8]; 3] = [b"\x1b$B", b"\x1b$@", b"\x1b(J"];
        let found = bytes.contains(&b'\x1b') && escapes.iter().any(|e| contains(bytes, e));
        return Some(if found { ISO_2022_JP } else { UTF_8 });
    }
    let nuls = bytes.iter().take(SAMPLE).filter(|b| **b == 0).count();
    if nuls * 20 > bytes.len().min(SAMPLE) {
        return None;
    }
    if utf8 {
        return Some(UTF_8);
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(sample, sample.len() == bytes.len());
    Some(detector.guess(Some(b"jp"), chardetng::Utf8Detection::Allow))
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Finds UTF-16 that lacks its mark: ASCII and line ends leave zeros in every other place.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    if sample.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |from: usize| {
        sample
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let half = sample.len() / 2;
    // Japanese text has few ASCII letters, but line ends and spaces are enough to tell the byte order.
    let enough = (half / 50).max(1);
    let encoding = if odd >= enough && even * 8 < odd {
        UTF_16LE
    } else if even >= enough && odd * 8 < even {
        UTF_16BE
    } else {
        return None;
    };
    let (text, broken) = encoding.decode_without_bom_handling(sample);
    let strange = text
        .chars()
        .filter(|c| (c.is_control() && !c.is_whitespace()) || *c == '\u{fffd}')
        .count();
    let odd_cut = usize::from(broken);
    (strange <= odd_cut + text.chars().count() / 50).then_some(encoding)
}

/// Says whether a text is UTF-8 with a few broken places, such as a character cut in half or a lone surrogate.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && bad * 5 <= good
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, SHIFT_JIS};
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

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            drop(decode(&bytes));
        }
    }
}
