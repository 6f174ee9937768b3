//! What a first look over a file's bytes finds out: which encoding they are in. They may come in pieces.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

use super::DecodeError;

/// How much of a file the detector looks at.
const SAMPLE: usize = 256 * 1024;

/// Escape sequences of ISO-2022-JP. They are seven-bit and therefore valid UTF-8.
const ESCAPES: [&[u8; 3]; 3] = [b"\x1b$B", b"\x1b$@", b"\x1b(J"];

/// Bytes looked at so far.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The first of them.
    sample: Vec<u8>,
    length: usize,
    /// True when there was more than white space.
    visible: bool,
    utf8: Utf8,
    escapes: Escapes,
}

impl Survey {
    /// Looks at the next piece.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let room = (SAMPLE - self.sample.len()).min(bytes.len());
        self.sample
            .extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.length += bytes.len();
        self.visible = self.visible || !bytes.iter().all(u8::is_ascii_whitespace);
        self.utf8.feed(bytes);
        self.escapes.feed(bytes);
    }

    /// Names the encoding when all was looked at.
    pub(super) fn encoding(mut self) -> Result<&'static Encoding, DecodeError> {
        if !self.visible {
            return Err(DecodeError::Empty);
        }
        if is_known_binary(&self.sample) {
            return Err(DecodeError::Binary);
        }
        self.utf8.end();
        self.detect().ok_or(DecodeError::Binary)
    }

    fn detect(&self) -> Option<&'static Encoding> {
        if let Some((encoding, _)) = Encoding::for_bom(&self.sample) {
            return Some(encoding);
        }
        let utf8 = self.utf8.is_likely();
        if !utf8 && let Some(encoding) = self.utf16_without_mark() {
            return Some(encoding);
        }
        if self.utf8.bad == 0 {
            return Some(if self.escapes.found {
                ISO_2022_JP
            } else {
                UTF_8
            });
        }
        let nuls = self.sample.iter().take(SAMPLE).filter(|b| **b == 0).count();
        if nuls * 20 > self.sample.len() {
            return None;
        }
        if utf8 {
            return Some(UTF_8);
        }
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
        detector.feed(&self.sample, self.sample.len() == self.length);
        Some(detector.guess(Some(b"jp"), chardetng::Utf8Detection::Allow))
    }

    /// Finds UTF-16 that lacks its mark: ASCII and line ends leave zeros in every other place.
    fn utf16_without_mark(&self) -> Option<&'static Encoding> {
        let sample = &self.sample;
        if sample.len() < 4 || !self.length.is_multiple_of(2) {
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

/// How much of the bytes is UTF-8.
#[derive(Debug, Default)]
struct Utf8 {
    /// Characters beyond ASCII.
    good: usize,
    /// Places that are broken.
    bad: usize,
    /// A character that was cut in half at the end of a piece.
    half: Vec<u8>,
}

impl Utf8 {
    fn feed(&mut self, bytes: &[u8]) {
        if self.half.is_empty() {
            self.count(bytes);
        } else {
            let mut joined = std::mem::take(&mut self.half);
            joined.extend_from_slice(bytes);
            self.count(&joined);
        }
    }

    fn count(&mut self, bytes: &[u8]) {
        if std::str::from_utf8(bytes).is_ok() {
            self.good += beyond_ascii(bytes);
            return;
        }
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.good += beyond_ascii(chunk.valid().as_bytes());
            let broken = chunk.invalid();
            let goes_on = || std::str::from_utf8(broken).is_err_and(|e| e.error_len().is_none());
            if chunks.peek().is_none() && goes_on() {
                self.half = broken.to_vec();
            } else if !broken.is_empty() {
                self.bad += 1;
            }
        }
    }

    fn end(&mut self) {
        self.bad += usize::from(!std::mem::take(&mut self.half).is_empty());
    }

    /// Says whether it is UTF-8 that ASCII is not, perhaps with a few broken places, such as a character cut in half
    /// or a lone surrogate.
    fn is_likely(&self) -> bool {
        self.good > 0 && self.bad * 5 <= self.good
    }
}

/// Counts the characters beyond ASCII of valid UTF-8 by their first bytes.
fn beyond_ascii(valid: &[u8]) -> usize {
    valid.iter().filter(|byte| **byte >= 0xc0).count()
}

/// Whether an escape sequence was there, perhaps across two pieces.
#[derive(Debug, Default)]
struct Escapes {
    found: bool,
    /// The last two bytes.
    tail: Vec<u8>,
}

impl Escapes {
    fn feed(&mut self, bytes: &[u8]) {
        let head = bytes.get(..2).unwrap_or(bytes);
        let seam = [self.tail.as_slice(), head].concat();
        self.found = self.found || has_escape(&seam) || has_escape(bytes);
        let end = if bytes.len() < 2 { &seam } else { bytes };
        self.tail = end
            .get(end.len().saturating_sub(2)..)
            .unwrap_or_default()
            .to_vec();
    }
}

fn has_escape(bytes: &[u8]) -> bool {
    bytes.contains(&b'\x1b') && bytes.windows(3).any(|w| ESCAPES.iter().any(|e| w == *e))
}
