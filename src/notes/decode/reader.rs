//! Text out of a file that is decoded as it is read, and what it has to be like to count as a note.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

use super::DecodeError;
use super::survey::Survey;
use crate::notes::library::Bytes;

/// Bytes that are read at once.
const PIECE: usize = 128 * 1024;

/// Why a file gives no text.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// It is none.
    #[error(transparent)]
    NoText(#[from] DecodeError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// What a look at a file finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How it is encoded.
    pub encoding: &'static Encoding,
    /// Bytes of its text.
    pub length: usize,
}

/// Finds out how a file is encoded and whether that makes a text: reads it twice, and holds none of it.
///
/// # Errors
/// When the file is empty, binary, or cannot be read.
pub fn look(bytes: &dyn Bytes) -> Result<Look, LookError> {
    let mut survey = Survey::default();
    let mut source = bytes.open()?;
    let mut piece = vec![0; PIECE];
    loop {
        match read(&mut *source, &mut piece)? {
            [] => break,
            read => survey.feed(read),
        }
    }
    drop(source);
    let encoding = survey.encoding()?;
    let mut reader = Reader::new(bytes.open()?, encoding);
    let (mut looks, mut text) = (Looks::default(), String::new());
    let mut length = 0;
    while reader.read_text(&mut text)? {
        looks.feed(&text);
        length += text.len();
        text.clear();
    }
    looks.verdict()?;
    Ok(Look { encoding, length })
}

/// Fills a buffer with what there is; nothing at the end.
fn read<'a>(source: &mut dyn Read, piece: &'a mut [u8]) -> io::Result<&'a [u8]> {
    loop {
        match source.read(piece) {
            Ok(count) => return Ok(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Decodes a file as it is read.
pub struct Reader<'a> {
    source: Box<dyn Read + 'a>,
    decoder: Decoder,
    piece: Vec<u8>,
    ended: bool,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("encoding", &self.decoder.encoding())
            .finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    /// Begins to decode.
    pub fn new(source: Box<dyn Read + 'a>, encoding: &'static Encoding) -> Self {
        Self {
            source,
            decoder: encoding.new_decoder(),
            piece: vec![0; PIECE],
            ended: false,
        }
    }

    /// Adds the next piece to a text, as [`super::decode`] would have it; `false` when there was none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_text(&mut self, text: &mut String) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let bytes = read(&mut *self.source, &mut self.piece)?;
        self.ended = bytes.is_empty();
        append(&mut self.decoder, bytes, self.ended, text);
        Ok(true)
    }
}

/// Decodes a piece of a file to the end of a text.
pub(super) fn append(decoder: &mut Decoder, bytes: &[u8], last: bool, text: &mut String) {
    let before = text.len();
    let mut rest = bytes;
    loop {
        text.reserve(decoder.max_utf8_buffer_length(rest.len()).unwrap_or(PIECE));
        let (result, taken, _) = decoder.decode_to_string(rest, text, last);
        rest = rest.get(taken..).unwrap_or_default();
        if result == CoderResult::InputEmpty {
            break;
        }
    }
    // What shows a NUL as nothing would join the words around it.
    if text.get(before..).is_some_and(|piece| piece.contains('\0')) {
        let piece = text.split_off(before);
        text.push_str(&piece.replace('\0', " "));
    }
}

/// What a decoded text looks like.
#[derive(Debug, Default)]
pub(super) struct Looks {
    length: usize,
    pub(super) replaced: usize,
    controls: usize,
    visible: bool,
}

impl Looks {
    /// Looks at the next piece.
    pub(super) fn feed(&mut self, text: &str) {
        for c in text.chars() {
            self.length += 1;
            self.replaced += usize::from(c == '\u{fffd}');
            self.controls += usize::from(is_strange(c));
            self.visible = self.visible || !(c.is_whitespace() || c == '\u{feff}');
        }
    }

    /// Says whether it is a text.
    pub(super) fn verdict(&self) -> Result<(), DecodeError> {
        // A few broken places are a damaged note; one in ten is no text at all.
        let most = self.length.max(1);
        if self.replaced * 10 > most || self.controls * 10 > most {
            Err(DecodeError::Binary)
        } else if self.visible {
            Ok(())
        } else {
            Err(DecodeError::Empty)
        }
    }
}

fn is_strange(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{1b}')
}
