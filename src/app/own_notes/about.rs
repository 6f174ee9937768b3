//! Which service a passage is about: the same word means another thing in another product.

use std::collections::BTreeSet;

use super::NoteQuery;
use crate::notes::services::Services;

/// Mentions in a passage that its title makes up for.
const TITLE: usize = 2;

/// The services about which a passage may help.
pub(super) struct Wanted<'a> {
    services: &'a Services,
    slugs: BTreeSet<String>,
    /// Those that the right answer brings in: it is no use to read on without any of them.
    new: BTreeSet<String>,
}

/// Where a passage stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    /// The document's title.
    pub(super) title: &'a str,
    /// The headings above it, from the outermost.
    pub(super) heading: &'a [String],
    /// What the section says before it.
    pub(super) before: &'a str,
}

impl<'a> Wanted<'a> {
    /// Wants the services of a question and those that its right answer names.
    pub(super) fn of(services: &'a Services, query: &NoteQuery<'_>, correct: &str) -> Self {
        let named = |text: &str| -> BTreeSet<String> {
            let found = services.mentions(text).into_keys();
            found.map(str::to_owned).collect()
        };
        let (right, asked) = (named(correct), named(query.stem));
        let main = |slug: &&String| query.services.contains(slug);
        Self {
            services,
            new: right.difference(&asked).filter(main).cloned().collect(),
            slugs: query.services.iter().cloned().chain(right).collect(),
        }
    }

    /// Says whether a passage is about one of them. The nearest heading that names services decides, the title after
    /// them; where these name none or the right ones, an own heading apart, the passage's own words must bear it out,
    /// or what stands before it.
    pub(super) fn is_about(&self, standing: Standing<'_>, text: &str) -> bool {
        if !self.brings_new(standing, text) {
            return false;
        }
        let heading = standing.heading.iter().rev().find_map(|h| self.any(h));
        if let Some(wanted) = heading {
            return wanted;
        }
        let title = self.any(standing.title);
        if title == Some(false) {
            return false;
        }
        let mentions = self.services.mentions(text);
        if !mentions.is_empty() {
            // A list of everything is about nothing.
            let count = |wanted: bool| -> usize {
                let counted = mentions
                    .iter()
                    .filter(|(slug, _)| self.slugs.contains(**slug) == wanted);
                counted.map(|(_, count)| count).sum()
            };
            let by_title = if title == Some(true) { TITLE } else { 0 };
            return count(true) + by_title >= count(false);
        }
        let mut lines = standing.before.lines().rev();
        lines
            .find_map(|line| self.any(line))
            .or(title)
            .unwrap_or(false)
    }

    /// Says whether a passage names a service that the right answer brings in, where it brings in one.
    fn brings_new(&self, standing: Standing<'_>, text: &str) -> bool {
        let headings = standing.heading.iter().map(String::as_str);
        let mut texts = headings.chain([standing.title, text]);
        self.new.is_empty()
            || texts.any(|text| {
                let here = self.services.mentions(text);
                self.new.iter().any(|slug| here.contains_key(slug.as_str()))
            })
    }

    /// Says whether a text names one of them; `None` when it names no service.
    fn any(&self, text: &str) -> Option<bool> {
        let mentions = self.services.mentions(text);
        let wanted = mentions.keys().any(|slug| self.slugs.contains(*slug));
        (!mentions.is_empty()).then_some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about((title, heading): (&str, &[&str]), before: &str, text: &str) -> bool {
        let services = Services::from_yaml(include_str!("../../../content/services.yaml")).unwrap();
        let heading: Vec<String> = heading.iter().map(|h| (*h).to_owned()).collect();
        let standing = Standing {
            title,
            heading: &heading,
            before,
        };
        let query = NoteQuery {
            services: &["ec2".to_owned()],
            stem: "SQS",
            ..NoteQuery::default()
        };
        Wanted::of(&services, &query, "SQS のキュー").is_about(standing, text)
    }

    #[test]
    fn the_nearest_heading_that_names_a_service_decides() {
        let ecs = ("EC2", ["EC2", "Amazon ECS"].as_slice());
        assert!(!about(ecs, "", "クラスターは EC2 の集まり"));
        assert!(about(("", &["EC2", "用語"]), "", "クラスター"));
        assert!(about(("", &["Amazon SQS"]), "", "Lambda からポーリング"));
    }

    #[test]
    fn a_service_that_the_right_answer_brings_in_must_be_named() {
        let services = Services::from_yaml(include_str!("../../../content/services.yaml")).unwrap();
        let query = NoteQuery {
            services: &["ec2".to_owned(), "elasticache".to_owned()],
            stem: "EC2 のメモリ",
            ..NoteQuery::default()
        };
        let wanted = Wanted::of(&services, &query, "ElastiCache に移す");
        let standing = Standing {
            title: "EC2",
            heading: &[],
            before: "",
        };
        assert!(!wanted.is_about(standing, "EC2 のセッション"));
        assert!(wanted.is_about(standing, "EC2 のセッションは ElastiCache に"));
    }

    #[test]
    fn without_a_heading_title_and_passage_must_agree() {
        let titled = |title| (title, [].as_slice());
        assert!(!about(titled("Lambda の学習"), "", "EC2 のクラスター"));
        assert!(about(titled("EC2 の学習"), "", "クラスター"));
        assert!(!about(
            titled("EC2 と Lambda"),
            "",
            "SES を使う。SES と RDS"
        ));
    }

    #[test]
    fn a_list_of_everything_is_about_nothing() {
        let untitled = ("試験メモ", [].as_slice());
        assert!(about(untitled, "", "SES と EC2"));
        assert!(!about(untitled, "", "Route 53、EC2、EFS、FSx"));
    }

    #[test]
    fn what_stands_before_tells_what_an_unnamed_passage_is_about() {
        let untitled = ("試験メモ", [].as_slice());
        assert!(about(untitled, "SES\nEC2 とは\n続き", "クラスター"));
        assert!(!about(untitled, "EC2 とは\nSES", "クラスター"));
        assert!(!about(untitled, "続き", "クラスター"));
    }
}
