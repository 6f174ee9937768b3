//! The part of a passage that says most about a topic: whole lines and sentences, and what is judged is what is shown,
//! because a long text holds every word somewhere.

use std::collections::BTreeSet;

use super::topic::Topic;
use super::units::{Unit, units};
use super::word::Reading;

/// Share of the topic's weight without which a part is not about it; with the next ones chosen by reading what misses
/// bring out of real notes.
const LEAST: f64 = 0.3;
/// Score from which on a part helps.
const HELPS: f64 = 0.8;
/// The same for a part of a text without lines: neighbouring subjects run into each other there.
const HELPS_UNBROKEN: f64 = 0.85;
/// Weight of the lesson's words that counts as much as the whole topic.
const LESSON: f64 = 300.0;
/// Most that the lesson's words count.
const LESSON_MOST: f64 = 0.5;
/// Columns of a part: about five lines of a terminal.
const SHOWN: usize = 360;
/// Columns by which a part may grow at its end, and at its start, where lines belong together.
const DETAILS: usize = 120;
/// Columns up to which a line of a list is but a name, and up to which one is that has nothing of a sentence.
const BARE: usize = 16;
const NAME: usize = 40;
/// What stands in a line that says something about what it names.
const SAYS: &[char] = &[
    'は', 'が', 'を', 'で', 'に', ':', '：', '=', '→', '(', '（', '、', '。', '|',
];
/// Columns of a part of a text without lines.
const SHOWN_UNBROKEN: usize = 200;
/// Lines and sentences before a part that may tell what it is about.
const BEFORE: usize = 40;
/// Bytes from which on a line is more than a paragraph.
const UNBROKEN: usize = 2000;

/// A part of a passage that covers a topic.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// How well it covers the topic and the lesson.
    pub(super) score: f64,
    /// Its text, on one line.
    pub(super) text: String,
    /// Lines of the passage before it.
    pub(super) line: usize,
    /// True when it was cut out of a line without end.
    pub(super) unbroken: bool,
}

/// A passage in which parts are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage<'a> {
    /// Its title and headings.
    pub(super) heading: &'a str,
    /// Its text.
    pub(super) text: &'a str,
}

/// A stretch of units with what it covers.
struct Stretch {
    from: usize,
    to: usize,
    share: f64,
    unbroken: bool,
}

impl Passage<'_> {
    /// Finds the part that says most about a topic; `None` when none helps. `suits` says of what stands before a part,
    /// and of the part, whether it is about a service of the question.
    pub(super) fn best_part(
        &self,
        topic: &Topic,
        suits: &dyn Fn(&str, &str) -> bool,
    ) -> Option<Part> {
        let units = units(self.text);
        let reading = Reading::of(self.text);
        let stretches = self.stretches(topic, &units, &reading);
        if stretches.is_empty() {
            return None;
        }
        let lesson = by_unit(&units, topic.lesson_places(&reading));
        let parts = stretches.into_iter().filter_map(|stretch| {
            let weight = topic.lesson_weight(&union(lesson.get(stretch.from..stretch.to)?));
            let score = stretch.share + (weight / LESSON).min(LESSON_MOST);
            let helps = if stretch.unbroken {
                HELPS_UNBROKEN
            } else {
                HELPS
            };
            let shown = units.get(stretch.from..stretch.to)?;
            let (first, last) = (shown.first()?, shown.last()?);
            let part = self.text.get(first.start..last.end)?;
            (score >= helps && suits(&self.before(&units, stretch.from), part)).then(|| Part {
                score,
                text: one_line(self.text, shown),
                line: first.line,
                unbroken: stretch.unbroken,
            })
        });
        // Of two that cover the same the later one begins nearer to what matters.
        parts.reduce(|best, part| {
            let key = |part: &Part| (!part.unbroken, part.score);
            if key(&part) >= key(&best) { part } else { best }
        })
    }

    /// Gives what stands before a unit, line by line.
    fn before(&self, units: &[Unit], from: usize) -> String {
        let before = units.get(from.saturating_sub(BEFORE)..from);
        let pieces = before.unwrap_or_default().iter();
        let pieces = pieces.filter_map(|unit| self.text.get(unit.start..unit.end));
        pieces.collect::<Vec<_>>().join("\n")
    }

    /// Lists the stretches that begin with a word of the topic and cover enough of it.
    fn stretches(&self, topic: &Topic, units: &[Unit], reading: &Reading<'_>) -> Vec<Stretch> {
        let headed = topic.within(self.heading);
        let found = by_unit(units, topic.places(reading));
        let lines: Vec<usize> = self.text.split('\n').map(str::len).collect();
        let starts = (0..units.len()).filter(|at| found.get(*at).is_some_and(|f| !f.is_empty()));
        let stretches = starts.filter_map(|from| {
            let line = units.get(from)?.line;
            let unbroken = lines.get(line).is_some_and(|length| *length > UNBROKEN);
            let columns = if unbroken { SHOWN_UNBROKEN } else { SHOWN };
            let to = with_details(units, end(units, from, columns));
            let from = with_parent(units, from);
            let said = (from..to).filter(|at| !is_bare(self.text, units, *at));
            let said = said.filter_map(|at| found.get(at)).flatten().copied();
            let said: BTreeSet<usize> = said.collect();
            let all = said.union(&headed).copied().collect();
            let share = topic.share(&said, &all);
            (share >= LEAST).then_some(Stretch {
                from,
                to,
                share,
                unbroken,
            })
        });
        stretches.collect()
    }
}

/// Lists for each unit the words that begin in it.
fn by_unit(units: &[Unit], places: Vec<(usize, usize)>) -> Vec<BTreeSet<usize>> {
    let mut found = vec![BTreeSet::new(); units.len()];
    for (place, word) in places {
        let unit = units.partition_point(|unit| unit.start <= place);
        if let Some(here) = unit.checked_sub(1).and_then(|unit| found.get_mut(unit)) {
            here.insert(word);
        }
    }
    found
}

fn union(sets: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    sets.iter().flatten().copied().collect()
}

/// Finds where a part that begins with a unit ends: before it takes more columns than are shown.
fn end(units: &[Unit], from: usize, columns: usize) -> usize {
    let mut used = 0;
    let rest = units.get(from..).unwrap_or_default();
    let fits = rest.iter().take_while(|unit| {
        used += unit.columns + 1;
        used <= columns
    });
    from + fits.count().max(1)
}

/// Says whether a line is one of a list that only names something: short, with nothing below it that explains it.
fn is_bare(text: &str, units: &[Unit], at: usize) -> bool {
    let piece = |unit: &Unit| text.get(unit.start..unit.end).unwrap_or_default();
    let only_names = |unit: &Unit| unit.columns <= NAME && !piece(unit).contains(SAYS);
    let Some(unit) = units.get(at) else {
        return false;
    };
    let next = units.get(at + 1);
    let listed = unit.indent > 0 || piece(unit).starts_with(['•', '・', '-', '*', '+']);
    if listed {
        let short = unit.columns <= BARE || only_names(unit);
        return short && next.is_none_or(|next| next.indent <= unit.indent);
    }
    // Without marks and indents a heading looks the same; a name is followed by the next name.
    only_names(unit) && next.is_some_and(|next| next.line > unit.line && only_names(next))
}

/// Moves a part's end past the lines that explain its last one: those indented deeper, up to a few.
fn with_details(units: &[Unit], end: usize) -> usize {
    let last = end.checked_sub(1).and_then(|at| units.get(at));
    let Some(last) = last else { return end };
    let rest = units.get(end..).unwrap_or_default();
    let mut used = 0;
    let details = rest.iter().take_while(|unit| {
        used += unit.columns;
        unit.indent > last.indent && used <= DETAILS
    });
    end + details.count()
}

/// Moves a part's start to the line above it that it belongs to: the one indented less.
fn with_parent(units: &[Unit], from: usize) -> usize {
    let above = from.checked_sub(1);
    let belongs = above.and_then(|above| {
        let (above, first) = (units.get(above)?, units.get(from)?);
        Some(above.indent < first.indent && above.columns <= DETAILS)
    });
    if belongs == Some(true) {
        from - 1
    } else {
        from
    }
}

/// Writes units on one line.
fn one_line(text: &str, units: &[Unit]) -> String {
    let pieces = units
        .iter()
        .filter_map(|unit| text.get(unit.start..unit.end));
    let words: Vec<&str> = pieces.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::own_notes::NoteQuery;
    use crate::search::synonyms::Synonyms;

    const LESSON: &str = "オブジェクトロックのコンプライアンスモードでは、保持期間の間だれも消せない。ガバナンスモードと違う。";

    fn topic(stem: &str, correct: &str) -> Topic {
        let query = NoteQuery {
            stem,
            taught: LESSON,
            ..NoteQuery::default()
        };
        let common = ["設定", "有効", "利用", "要件"];
        Topic::of(&query, correct, &Synonyms::default(), &|word| {
            if common.contains(&word) { 0.5 } else { 4.0 }
        })
    }

    fn best(text: &str) -> Option<Part> {
        let topic = topic(
            "誰も消せないように保つ。",
            "オブジェクトロックをコンプライアンスモードで有効にする",
        );
        let passage = Passage { heading: "", text };
        passage.best_part(&topic, &|_, part| !part.contains("EBS"))
    }

    #[test]
    fn a_common_word_makes_no_part_one_about_the_miss() {
        assert_eq!(best("S3 を有効にする。要件に合う。"), None);
        assert!(best("オブジェクトロックにはコンプライアンスモードがある").is_some());
        assert_eq!(
            best("EBS のオブジェクトロックとコンプライアンスモード"),
            None,
            "about another service"
        );
    }

    #[test]
    fn what_the_question_says_itself_is_nothing_new() {
        let stem = "オブジェクトロックのコンプライアンスモードを有効にした。";
        let topic = topic(stem, "オブジェクトロックをガバナンスモードにする");
        let part = |text| Passage { heading: "", text }.best_part(&topic, &|_, _| true);
        assert_eq!(part("オブジェクトロックとコンプライアンスモード"), None);
        assert!(part("オブジェクトロックにはガバナンスモードもある").is_some());
    }

    #[test]
    fn a_part_begins_at_what_matters_and_names_its_line() {
        let text = format!(
            "{}オブジェクトロック\nコンプライアンスモードでは保持期間の間は消せない\n{}",
            "ほかの行です\n".repeat(40),
            "後ろの行です\n".repeat(40)
        );
        let part = best(&text).unwrap();
        assert_eq!(part.line, 40);
        assert!(part.text.starts_with("オブジェクトロック コンプライアンス"));
        assert!(crate::text::width(&part.text) <= SHOWN);
    }

    #[test]
    fn lines_that_belong_together_stay_together() {
        let text =
            "  • 保護\n    • オブジェクトロックのコンプライアンスモード\n    • 消せない\n  • ほか";
        let part = best(text).unwrap();
        assert_eq!((part.line, part.text.contains("• 保護 •")), (0, true));
        let units = units("• 一\n  • 二\n    • 三\n  • 四");
        assert_eq!(with_details(&units, 2), 3);
        assert_eq!(with_parent(&units, 3), 3, "its parent stands further up");
    }

    #[test]
    fn a_name_in_a_list_explains_nothing() {
        let text = "  • SSE-KMS\n  • 暗号化\n    • 既定で有効\n  • CSE を使う場合は鍵を自分で持つ";
        let units = units(text);
        let bare: Vec<bool> = (0..4).map(|at| is_bare(text, &units, at)).collect();
        assert_eq!(bare, [true, false, true, false]);
        let text = "• ストレージの自動スケーリング\n• 停止してから取得する設定が要る\n指標の一覧\n平均 CPU 使用率\n説明は別にある";
        let units = self::units(text);
        let bare: Vec<bool> = (0..5).map(|at| is_bare(text, &units, at)).collect();
        assert_eq!(bare, [true, false, true, false, false]);
    }

    #[test]
    fn a_line_without_end_must_say_more() {
        let said = "オブジェクトロックを使う。";
        let topic = topic(
            "消せないように保つ。",
            "オブジェクトロックとガバナンスモードとコンプライアンスモード",
        );
        let part = |text: &str| Passage { heading: "", text }.best_part(&topic, &|_, _| true);
        let whole = format!(
            "{}オブジェクトロックとガバナンスモードとコンプライアンスモードの違い。{}",
            "別の話。".repeat(200),
            "続き。".repeat(200)
        );
        let found = part(&whole).unwrap();
        assert!(found.unbroken && crate::text::width(&found.text) <= SHOWN_UNBROKEN);
        assert_eq!(part(&format!("{}{said}", "別の話。".repeat(200))), None);
    }
}
