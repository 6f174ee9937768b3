//! What passes between program and person: data to stdout, talk to stderr, questions and answers.

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal as _, Write};
use std::rc::Rc;

use colored::{Color, ColoredString, Colorize as _};
use serde::Serialize;
use serde_json::ser::Formatter;

use super::args::Globals;
use super::error::{CommandError, Exit};
use super::lang::{Catalog, Message};
use crate::config::Environment;
use crate::msg;
use crate::text;

/// Meanings that text can have; the terminal decides how they look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A heading.
    Title,
    /// What matched a query.
    Match,
    /// Done, right, allowed.
    Good,
    /// Wrong, refused, failed.
    Bad,
    /// Wants attention: a warning, an outdated fact, a confirmation.
    Warn,
    /// Of less interest: paths, ids, hints.
    Dim,
}

/// What came back from a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A line, without its end.
    Line(String),
    /// The input has ended (Ctrl-D, or the script is over).
    End,
    /// Ctrl-C.
    Interrupted,
}

/// Where answers come from.
enum Input {
    /// A person at a terminal, with line editing.
    Terminal(Box<rustyline::DefaultEditor>),
    /// Lines of a script or pipe.
    Lines(Box<dyn BufRead>),
}

/// The two streams, the words, and the person.
pub struct Ui {
    out: Box<dyn Write>,
    talk: Box<dyn Write>,
    input: Input,
    catalog: Catalog,
    width: usize,
    terminal_out: bool,
    terminal_talk: bool,
    /// The options that hold for every command.
    pub options: Globals,
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui")
            .field("options", &self.options)
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

/// Columns assumed where the terminal does not tell.
const DEFAULT_WIDTH: usize = 80;

impl Ui {
    /// Takes the process's streams.
    ///
    /// # Errors
    /// When the terminal cannot be read from.
    pub fn of_process(environment: &Environment, catalog: Catalog) -> Result<Self, CommandError> {
        let terminal_out = io::stdout().is_terminal();
        let terminal_talk = io::stderr().is_terminal();
        colored::control::set_override(environment.colored(terminal_out));
        let input = if io::stdin().is_terminal() {
            let editor = rustyline::DefaultEditor::new()
                .map_err(|error| CommandError::failed(msg!("no-terminal")).because(&error))?;
            Input::Terminal(Box::new(editor))
        } else {
            Input::Lines(Box::new(io::stdin().lock()))
        };
        let columns = environment
            .get("COLUMNS")
            .and_then(|columns| columns.parse().ok());
        let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width = columns.or_else(|| if terminal_out { measured() } else { None });
        Ok(Self {
            out: Box::new(io::BufWriter::new(io::stdout())),
            talk: Box::new(io::stderr()),
            input,
            catalog,
            width: width.unwrap_or(DEFAULT_WIDTH).clamp(20, 400),
            terminal_out,
            terminal_talk,
            options: Globals::default(),
        })
    }

    /// Gives the words.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Changes the language.
    pub fn set_catalog(&mut self, catalog: Catalog) {
        self.catalog = catalog;
    }

    /// Gives the text of a message.
    pub fn text(&self, message: &Message) -> String {
        self.catalog.text(message)
    }

    /// Gives the terminal's columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Says whether stdout is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.terminal_out
    }

    /// Says whether stderr is a terminal, so that progress may be drawn there.
    pub fn shows_progress(&self) -> bool {
        self.terminal_talk && !self.options.json
    }

    /// Says whether a person at a terminal answers.
    pub fn is_interactive(&self) -> bool {
        matches!(self.input, Input::Terminal(_))
    }

    /// Gives a text its meaning's looks.
    pub fn style(&self, style: Style, text: impl Display) -> ColoredString {
        let text = text.to_string();
        match style {
            Style::Title => text.bold(),
            Style::Match => text.color(Color::Yellow).bold(),
            Style::Good => text.color(Color::Green),
            Style::Bad => text.color(Color::Red),
            Style::Warn => text.color(Color::Yellow),
            Style::Dim => text.dimmed(),
        }
    }

    /// Writes a line of data to stdout. The caller has neutralised what came from outside.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn line(&mut self, line: impl Display) -> Result<(), CommandError> {
        writeln!(self.out, "{line}").map_err(|error| output_error(&error))
    }

    /// Writes a message as a line of data to stdout.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn say(&mut self, message: &Message) -> Result<(), CommandError> {
        let text = text::neutralize(&self.text(message));
        self.line(text)
    }

    /// Writes a message to stderr.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn talk(&mut self, message: &Message) -> Result<(), CommandError> {
        self.out.flush().map_err(|error| output_error(&error))?;
        let text = text::neutralize(&self.text(message));
        writeln!(self.talk, "{text}").map_err(|error| output_error(&error))
    }

    /// Writes a message to stderr, broken into lines that fit the terminal.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn talk_wrapped(&mut self, message: &Message) -> Result<(), CommandError> {
        self.out.flush().map_err(|error| output_error(&error))?;
        let text = text::neutralize(&self.text(message));
        for line in text::wrap(&text, self.width) {
            writeln!(self.talk, "{line}").map_err(|error| output_error(&error))?;
        }
        Ok(())
    }

    /// Writes a report as one JSON line to stdout.
    ///
    /// # Errors
    /// When nobody reads any more, or the report cannot be written as JSON.
    pub fn json<T: Serialize>(&mut self, report: &T) -> Result<(), CommandError> {
        let mut writer = serde_json::Serializer::with_formatter(&mut self.out, Inert);
        report
            .serialize(&mut writer)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(self.out))
            .and_then(|()| self.out.flush())
            .map_err(|error| output_error(&error))
    }

    /// Collects what `work` writes to stdout, colours included, instead of showing it.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn collect(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), CommandError>,
    ) -> Result<String, CommandError> {
        self.flush()?;
        let collected = Collected::default();
        let out = std::mem::replace(&mut self.out, Box::new(collected.clone()));
        let result = work(self);
        self.out = out;
        result.map(|()| String::from_utf8_lossy(&collected.0.borrow()).into_owned())
    }

    /// Shows an error: as text on stderr, or as a JSON document on stdout with `--json`.
    pub fn error(&mut self, error: &CommandError) {
        let shown = if self.options.json {
            self.json(&error.json(&self.catalog)).is_ok()
        } else {
            let text = error.text(&self.catalog);
            self.out
                .flush()
                .and_then(|()| writeln!(self.talk, "{text}"))
                .is_ok()
        };
        // Where even that fails there is nobody left to tell; the exit code still says it.
        let _ = shown;
    }

    /// Hands over what is buffered.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn flush(&mut self) -> Result<(), CommandError> {
        self.out.flush().map_err(|error| output_error(&error))
    }

    /// Asks for a line. A script's line is taken without showing the prompt.
    ///
    /// # Errors
    /// With `--no-input` (exit 2), or when the input cannot be read.
    pub fn ask(&mut self, prompt: &str) -> Result<Reply, CommandError> {
        if self.options.no_input {
            return Err(CommandError::usage(msg!("no-input")).hint(msg!("no-input-hint")));
        }
        self.flush()?;
        match &mut self.input {
            Input::Terminal(editor) => match editor.readline(prompt) {
                Ok(line) => Ok(Reply::Line(line)),
                Err(rustyline::error::ReadlineError::Eof) => Ok(Reply::End),
                Err(rustyline::error::ReadlineError::Interrupted) => Ok(Reply::Interrupted),
                Err(error) => Err(CommandError::failed(msg!("no-terminal")).because(&error)),
            },
            Input::Lines(lines) => next_line(lines),
        }
    }

    /// Takes the next line of a script that holds a command; the end is `None`.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub fn script_line(&mut self) -> Result<Option<String>, CommandError> {
        match &mut self.input {
            Input::Terminal(_) => Ok(None),
            Input::Lines(lines) => match next_line(lines)? {
                Reply::Line(line) => Ok(Some(line)),
                Reply::End | Reply::Interrupted => Ok(None),
            },
        }
    }

    /// Asks a yes-or-no question; with `--yes` it is not asked.
    ///
    /// # Errors
    /// As [`Ui::ask`]; Ctrl-C is an error of its own (exit 130).
    pub fn confirm(&mut self, question: &Message) -> Result<bool, CommandError> {
        if self.options.yes {
            return Ok(true);
        }
        let prompt = format!("{} [y/N] ", text::neutralize(&self.text(question)));
        match self.ask(&prompt)? {
            Reply::Line(line) => Ok(matches!(
                text::fold(line.trim()).as_str(),
                "y" | "yes" | "はい"
            )),
            Reply::End => Ok(false),
            Reply::Interrupted => Err(CommandError::new(Exit::Interrupted, msg!("interrupted"))),
        }
    }
}

/// A stream that keeps what is written.
#[derive(Debug, Clone, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// JSON in whose strings nothing drives a terminal that it is shown on; a reader of JSON gets them as they were.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        for piece in fragment.split_inclusive(text::drives_terminal) {
            let sign = piece
                .chars()
                .next_back()
                .filter(|c| text::drives_terminal(*c));
            let plain = sign.map_or(piece, |sign| piece.trim_end_matches(sign));
            writer.write_all(plain.as_bytes())?;
            if let Some(sign) = sign {
                write!(writer, "\\u{:04x}", u32::from(sign))?;
            }
        }
        Ok(())
    }
}

/// Reads one line as UTF-8; broken bytes become replacement characters rather than an end of the script.
fn next_line(lines: &mut dyn BufRead) -> Result<Reply, CommandError> {
    let mut bytes = Vec::new();
    let count = lines
        .read_until(b'\n', &mut bytes)
        .map_err(|error| CommandError::failed(msg!("no-terminal")).because(&error))?;
    if count == 0 {
        return Ok(Reply::End);
    }
    let line = String::from_utf8_lossy(&bytes);
    Ok(Reply::Line(line.trim_end_matches(['\n', '\r']).to_owned()))
}

/// A closed pipe (`juku … | head`) is no failure worth a word; anything else is.
fn output_error(error: &io::Error) -> CommandError {
    CommandError::failed(msg!("output-closed")).because(error)
}

/// What was written to the streams of [`Ui::recorded`].
#[cfg(test)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Record(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

#[cfg(test)]
impl Record {
    /// Gives what was written so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[cfg(test)]
impl Write for Record {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
impl Ui {
    /// Takes answers from a text and keeps what is written, for tests of commands inside the process.
    pub(crate) fn recorded(catalog: Catalog, answers: &str) -> (Self, Record, Record) {
        let (out, talk) = (Record::default(), Record::default());
        let ui = Self {
            out: Box::new(out.clone()),
            talk: Box::new(talk.clone()),
            input: Input::Lines(Box::new(io::Cursor::new(answers.to_owned()))),
            catalog,
            width: DEFAULT_WIDTH,
            terminal_out: false,
            terminal_talk: false,
            options: Globals::default(),
        };
        (ui, out, talk)
    }
}
