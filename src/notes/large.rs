//! Files of many megabytes are read in parts, so that neither they nor what is made of them stand in memory all at once.
//!
//! A part ends where a reader would turn a page: before a main heading of Markdown, behind the lines that end an
//! article of a dump. Parts are cut from the beginning on, so that what is added at the end of a file leaves them alone.

use std::io;

use super::decode::Reader;
use super::document::TELLING;
use super::dump;
use super::{Document, Kind, LineRange};

/// Bytes from which on a file is read in parts.
pub const LARGE: usize = 16 * 1024 * 1024;
/// Bytes from which on a part ends at the next border. What is made of a part takes some twenty times its size.
pub(super) const AIM: usize = 2 * 1024 * 1024;

/// The text of a file, read as it is needed.
#[derive(Debug)]
pub struct NoteText<'a> {
    /// What was read.
    buffer: String,
    /// Where in it what was not handed on yet begins.
    at: usize,
    /// What is still to be read.
    more: Option<Reader<'a>>,
    /// True when it is read in parts.
    large: bool,
    lines_before: usize,
    /// True when the last part was handed on.
    ended: bool,
}

/// A piece of a file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    /// Lines of the file before it.
    pub(super) lines_before: usize,
}

impl<'a> NoteText<'a> {
    /// Begins to read a text of so many bytes; one that is not large is read whole.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn reading(reader: Reader<'a>, length: usize) -> io::Result<Self> {
        let mut text = Self {
            more: Some(reader),
            large: length > LARGE,
            ..Self::whole(String::new())
        };
        if !text.large {
            text.fill(usize::MAX)?;
        }
        Ok(text)
    }

    /// Takes a text that stands in memory.
    pub(super) fn whole(text: String) -> Self {
        Self {
            large: text.len() > LARGE,
            buffer: text,
            at: 0,
            more: None,
            lines_before: 0,
            ended: false,
        }
    }

    /// Decides how the text is read, as [`Kind::of`] does.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn kind(&mut self, extension: &str) -> io::Result<Kind> {
        while self.more.is_some() && self.rest().matches('\n').count() < TELLING {
            self.fill(self.rest().len() + AIM)?;
        }
        Ok(Kind::of(extension, self.rest()))
    }

    /// Says whether the text is read in parts.
    pub(super) fn is_large(&self) -> bool {
        self.large
    }

    /// Gives a text that is not large.
    pub(super) fn into_whole(self) -> String {
        self.buffer
    }

    /// Gives the next part, of about so many bytes; together the parts are the text.
    pub(super) fn next_part(&mut self, kind: Kind, aim: usize) -> io::Result<Option<Part>> {
        if self.ended {
            return Ok(None);
        }
        // Mostly enough to see where a part ends.
        self.fill(2 * aim + aim / 2)?;
        let (end, lines) = loop {
            let (rest, all) = (self.rest(), self.more.is_none());
            let border = if rest.len() > aim {
                end_of_part(rest, all, kind, aim)
            } else {
                None
            };
            match border {
                Some(border) => break border,
                None if all => {
                    let end = rest.len();
                    self.ended = true;
                    break (end, 0);
                }
                None => {
                    let more = 2 * rest.len();
                    self.fill(more)?;
                }
            }
        };
        let part = Part {
            text: self.rest().get(..end).unwrap_or_default().to_owned(),
            lines_before: self.lines_before,
        };
        self.at += end;
        self.lines_before += lines;
        Ok(Some(part))
    }

    fn rest(&self) -> &str {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// Reads until more than so many bytes are there, or all.
    fn fill(&mut self, bytes: usize) -> io::Result<()> {
        while self.rest().len() <= bytes
            && let Some(reader) = &mut self.more
        {
            self.buffer.drain(..std::mem::take(&mut self.at));
            if !reader.read_text(&mut self.buffer)? {
                self.more = None;
            }
        }
        Ok(())
    }
}

/// Finds where a part ends, and its number of lines; `None` where that is not to be seen in the text, which may be the
/// beginning of one or `all` of it. The longer the part has become, the less a border must be.
fn end_of_part(text: &str, all: bool, kind: Kind, aim: usize) -> Option<(usize, usize)> {
    let (mut at, mut lines) = (0, 0);
    let mut fence = false;
    let mut before = "";
    for line in text.split_inclusive('\n') {
        if !all && !line.ends_with('\n') {
            return None;
        }
        let line_text = line.trim_end();
        if at >= aim && !(fence && at < 3 * aim) {
            let border = match kind {
                Kind::Markdown => line_text.starts_with("# ") || line_text.starts_with("## "),
                Kind::Dump => dump::ends_article(before) && !dump::ends_article(line_text),
            };
            let gap = before.is_empty() && !line_text.is_empty();
            if border || (gap && at >= aim + aim / 2) || at >= 2 * aim {
                return Some((at, lines));
            }
        }
        let mark = line_text.trim_start();
        fence ^= kind == Kind::Markdown && (mark.starts_with("```") || mark.starts_with("~~~"));
        before = line_text;
        at += line.len();
        lines += 1;
    }
    None
}

/// Moves the places of a part's document to where they are in the file.
pub(super) fn shift(document: &mut Document, lines: usize) {
    let moved = |range: &mut LineRange| {
        range.first += lines;
        range.last += lines;
    };
    moved(&mut document.lines);
    for section in &mut document.sections {
        moved(&mut section.lines);
        for number in &mut section.line_numbers {
            *number += lines;
        }
    }
}

#[cfg(test)]
pub(super) fn cut(text: &str, kind: Kind, aim: usize) -> Vec<Part> {
    parts(NoteText::whole(text.to_owned()), kind, aim)
}

#[cfg(test)]
fn parts(mut text: NoteText<'_>, kind: Kind, aim: usize) -> Vec<Part> {
    std::iter::from_fn(|| text.next_part(kind, aim).unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;
    use crate::notes::decode::{self, look};
    use crate::notes::library::Bytes;

    /// Bytes that come a few at a time.
    struct Drops(Vec<u8>, usize);

    struct Drop<'a>(&'a [u8], usize);

    impl Bytes for Drops {
        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(Drop(&self.0, self.1)))
        }
    }

    impl Read for Drop<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(to.len());
            self.0.read(&mut to[..most])
        }
    }

    fn texts(parts: &[Part]) -> Vec<String> {
        parts.iter().map(|part| part.text.clone()).collect()
    }

    #[test]
    fn parts_end_before_headings_and_behind_articles() {
        let note = "# 一\n\n本文\n\n## 二\n\n```\n# no heading\n```\n本文\n\n## 三\n\n本文\n";
        let parts = cut(note, Kind::Markdown, 30);
        assert_eq!(
            texts(&parts),
            [
                "# 一\n\n本文\n\n## 二\n\n```\n# no heading\n```\n本文\n\n",
                "## 三\n\n本文\n"
            ]
        );
        assert_eq!(parts[1].lines_before, 11);
        let share = "このエントリーをはてなブックマークに追加\nQiitaで続きを読む\n";
        let dump = format!("一\n本文\n{share}二\n本文\n{share}");
        let parts = cut(&dump, Kind::Dump, 60);
        assert_eq!(parts.len(), 2);
        assert!(parts[1].text.starts_with("二\n"));
    }

    #[test]
    fn two_thousand_lines_decide_how_a_large_text_is_read() {
        let line = format!("{}\n", "長い行".repeat(4000));
        let text = format!("{}\n# 一\n\n## 二\n\n本文\n", line.repeat(600));
        let bytes = text.clone().into_bytes();
        let look = look(&bytes).unwrap();
        let reader = Reader::new(bytes.open().unwrap(), look.encoding);
        let mut read = NoteText::reading(reader, look.length);
        let read = read.as_mut().unwrap();
        assert!(read.is_large() && read.more.is_some());
        assert_eq!(read.kind("").unwrap(), Kind::of("", &text));
        assert_eq!(texts(&parts_of(read)).concat(), text);
    }

    fn parts_of(text: &mut NoteText<'_>) -> Vec<Part> {
        std::iter::from_fn(|| text.next_part(Kind::Markdown, AIM).unwrap()).collect()
    }

    proptest! {
        #[test]
        fn parts_are_the_text_and_know_their_lines(
            text in "([a#雲 ]{0,6}\r?\n|```\n|\n){0,60}[a]{0,3}", markdown: bool, aim in 1_usize..40
        ) {
            let kind = if markdown { Kind::Markdown } else { Kind::Dump };
            let parts = cut(&text, kind, aim);
            prop_assert_eq!(texts(&parts).concat(), text.clone());
            let mut before = 0;
            for part in parts {
                prop_assert_eq!(part.lines_before, before);
                before += part.text.matches('\n').count();
            }
        }

        #[test]
        fn a_text_read_in_drops_has_the_parts_of_the_whole(
            text in "([a#雲 ]{0,6}\r?\n|```\n|\n|[a雲]{0,90}\n){0,60}[a]{0,3}", markdown: bool,
            aim in 1_usize..40, drop in 1_usize..9, encoding in 0_usize..4
        ) {
            let kind = if markdown { Kind::Markdown } else { Kind::Dump };
            let bytes = match encoding {
                0 => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
                1 => encoding_rs::EUC_JP.encode(&text).0.into_owned(),
                2 => [0xfe_u8, 0xff].into_iter()
                    .chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
                _ => text.into_bytes(),
            };
            if let Ok(decoded) = decode::decode(&bytes) {
                let drops = Drops(bytes, drop);
                let reader = Reader::new(drops.open().unwrap(), look(&drops).unwrap().encoding);
                let mut read = NoteText::whole(String::new());
                read.more = Some(reader);
                prop_assert_eq!(parts(read, kind, aim), cut(&decoded.text, kind, aim));
            }
        }
    }
}
