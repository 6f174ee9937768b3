//! Text dumps of web pages: digests of many articles, single pages, study logs; nothing is marked up.
//!
//! The splitter rests on structure, not on one site: lines that end every article come again and again, a first line
//! may say how many articles there are, gutters count their code lines, a heading is a short line that stands alone,
//! or one of many that stand right above their paragraphs.
//! `articles` cuts a file into articles, `title` finds the title of each, `clean` tells what each line is, `headings`
//! cuts an article into sections with the help of `evidence`.

mod articles;
mod boilerplate;
mod clean;
mod evidence;
mod headings;
mod title;

use std::collections::HashMap;

use jiff::civil::Date;

use crate::notes::document::{SectionIds, document_id, title_place};
use crate::notes::{Document, Line, LineRange, NoteFile, Section, lines};
pub(super) use articles::find_date;
use clean::Kept;
use headings::Cut;

/// Says whether a line is one of those with which pages of many sites end.
pub(super) fn ends_article(line: &str) -> bool {
    boilerplate::is_share(line)
}

/// Reads a dump into its articles.
pub fn parse(file: &NoteFile) -> Vec<Document> {
    let all = lines(&file.text);
    documents(file, articles::split(&all), date_of(file, &all))
}

/// Reads a later part of a dump, at whose beginning nothing says how many articles there are.
pub(super) fn parse_rest(file: &NoteFile) -> Vec<Document> {
    documents(file, articles::split_rest(&lines(&file.text)), None)
}

fn documents(
    file: &NoteFile,
    articles: Vec<articles::Article<'_>>,
    date: Option<Date>,
) -> Vec<Document> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    articles
        .into_iter()
        .filter_map(|article| {
            let title = article
                .title
                .clone()
                .unwrap_or_else(|| fallback_title(file, &article.body));
            let ordinal = seen.entry(title.clone()).or_insert(0);
            let document = document(file, title, *ordinal, &article, date)?;
            *ordinal += 1;
            Some(document)
        })
        .collect()
}

/// Makes the document of one article; `None` when nothing is left of it after cleaning.
fn document(
    file: &NoteFile,
    title: String,
    ordinal: usize,
    article: &articles::Article<'_>,
    date: Option<Date>,
) -> Option<Document> {
    let id = document_id(&file.identity, &title, ordinal);
    let kept = clean::clean(&article.body);
    let mut ids = SectionIds::new(&id);
    let mut sections: Vec<Section> = headings::cut(&kept)
        .into_iter()
        .filter_map(|cut| {
            let heading: Vec<String> = cut.path.clone();
            let (text, line_numbers) = text_of(&kept, &cut)?;
            Some(Section {
                id: ids.next(&heading, None),
                document: id.clone(),
                title: title.clone(),
                heading,
                lines: LineRange {
                    first: *line_numbers.first()?,
                    last: *line_numbers.last()?,
                },
                text,
                line_numbers,
                column: 0,
                services: Vec::new(),
                stale: Vec::new(),
            })
        })
        .collect();
    if sections.is_empty() {
        // A title without a text is still something one may look for.
        let line = article.title_line?;
        sections.push(Section {
            id: ids.next(&[], None),
            document: id.clone(),
            title: title.clone(),
            heading: Vec::new(),
            lines: LineRange {
                first: line.number,
                last: line.number,
            },
            text: line.text.trim().to_owned(),
            line_numbers: vec![line.number],
            column: 0,
            services: Vec::new(),
            stale: Vec::new(),
        });
    }
    let title_at = article
        .title_line
        .map_or((article.lines.first, 0), |line| title_place(&title, &line));
    Some(Document {
        id,
        title,
        title_at,
        path: file.path.clone(),
        lines: article.lines,
        scope: file.scope,
        sections,
        keywords: Vec::new(),
        services: Vec::new(),
        exams: Vec::new(),
        date: article.date.or(date),
        secrets_masked: 0,
    })
}

/// Joins the kept lines of a cut, one blank line at most between two, none around.
fn text_of(kept: &[Kept<'_>], cut: &Cut) -> Option<(String, Vec<usize>)> {
    let lines = kept.get(cut.first..cut.end)?;
    let mut texts: Vec<&str> = Vec::with_capacity(lines.len());
    let mut numbers = Vec::with_capacity(lines.len());
    for line in lines {
        let blank = line.is_blank();
        if blank && texts.last().is_none_or(|last| last.is_empty()) {
            continue;
        }
        texts.push(if blank { "" } else { line.line.text });
        numbers.push(line.line.number);
    }
    while texts.last().is_some_and(|last| last.is_empty()) {
        texts.pop();
        numbers.pop();
    }
    (!texts.is_empty()).then(|| (texts.join("\n"), numbers))
}

/// Takes the first words of the text where no line could be a title, else the file's name.
fn fallback_title(file: &NoteFile, body: &[Line<'_>]) -> String {
    let first = body
        .iter()
        .map(|line| line.text.trim())
        .find(|text| !text.is_empty());
    match first {
        Some(text) if text.chars().count() <= 60 => text.to_owned(),
        Some(text) => text.chars().take(40).chain(['…']).collect(),
        None => file
            .path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default(),
    }
}

/// Finds the day of a dump: in its first lines, else in the file's name.
fn date_of(file: &NoteFile, lines: &[Line<'_>]) -> Option<Date> {
    let head = lines.iter().filter(|l| !l.text.trim().is_empty()).take(3);
    let name = file
        .path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned());
    head.filter(|line| line.text.chars().count() <= 120)
        .find_map(|line| articles::find_date(line.text))
        .or_else(|| articles::find_date(&name?))
}

#[cfg(test)]
mod tests;
