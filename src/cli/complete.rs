//! Completion at the prompt: commands and their Japanese names, options, ids and paths.

use rustyline::completion::{Candidate as _, FilenameCompleter, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context as LineContext, Helper};

use super::Context;
use super::args;
use crate::text;

/// Knows what can stand where.
pub(super) struct Completer {
    tree: clap::Command,
    ids: Vec<String>,
    files: FilenameCompleter,
}

impl Completer {
    /// Takes the command tree, and the ids of labs and notes that are there now.
    pub(super) fn new(context: &Context) -> Self {
        let mut tree = args::command(context.ui.catalog());
        tree.build();
        Self {
            tree,
            ids: ids(context),
            files: FilenameCompleter::new(),
        }
    }

    /// Gives the candidates for the last word of a line, with the byte offset where that word begins.
    fn candidates(&self, line: &str) -> (usize, Vec<String>) {
        let start = line.rfind([' ', '\u{3000}']).map_or(0, |at| {
            at + if line.get(at..at + 1) == Some(" ") {
                1
            } else {
                3
            }
        });
        let (before, word) = (
            line.get(..start).unwrap_or_default(),
            line.get(start..).unwrap_or_default(),
        );
        let word = text::fold(&text::narrow(word));
        let mut level = &self.tree;
        for part in before.split_whitespace() {
            let part = text::fold(&text::narrow(part));
            match level.find_subcommand(&part) {
                Some(sub) => level = sub,
                None => break,
            }
        }
        let mut names: Vec<String> = if word.starts_with('-') {
            level
                .get_arguments()
                .filter_map(|arg| arg.get_long())
                .map(|long| format!("--{long}"))
                .collect()
        } else {
            let subs = level.get_subcommands();
            let subs = subs
                .flat_map(|sub| std::iter::once(sub.get_name()).chain(sub.get_visible_aliases()));
            let takes_value = level.get_positionals().next().is_some();
            let ids = self
                .ids
                .iter()
                .filter(|_| takes_value && !word.is_empty())
                .map(String::as_str);
            subs.chain(ids).map(str::to_owned).collect()
        };
        names.retain(|name| text::fold(name).starts_with(&word));
        names.sort();
        names.dedup();
        (start, names)
    }
}

/// Collects the ids of labs and bundled notes; completion does without what cannot be read.
fn ids(context: &Context) -> Vec<String> {
    use super::wire::Shelf;
    let names = |shelf| {
        let files = context.wire.library(shelf).unwrap_or_default();
        files.into_iter().map(|file| file.name)
    };
    let labs =
        names(Shelf::Labs).filter_map(|name| name.strip_suffix("/lab.yaml").map(str::to_owned));
    let notes = names(Shelf::Content).filter_map(|name| {
        name.rsplit('/')
            .next()
            .and_then(|file| file.strip_suffix(".md"))
            .map(str::to_owned)
    });
    labs.chain(notes).collect()
}

impl rustyline::completion::Completer for Completer {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        context: &LineContext<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..position).unwrap_or(line);
        let (start, names) = self.candidates(before);
        let mut pairs: Vec<Pair> = names
            .into_iter()
            .map(|name| Pair {
                display: name.clone(),
                replacement: format!("{name} "),
            })
            .collect();
        if pairs.is_empty() {
            let (start, mut files) = self.files.complete(line, position, context)?;
            files.sort_by(|a, b| a.display().cmp(b.display()));
            return Ok((start, files));
        }
        pairs.dedup_by(|a, b| a.replacement == b.replacement);
        Ok((start, pairs))
    }
}

impl Hinter for Completer {
    type Hint = String;
}
impl Highlighter for Completer {}
impl Validator for Completer {}
impl Helper for Completer {}
