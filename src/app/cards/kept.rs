//! Which candidate is which kept card: by what is asked, never by where it stands.
//!
//! A card's history is worth more than a tidy list. A candidate takes over a card only where both ask the same thing; in
//! doubt it is a new card, and the old one stays flagged. The line serves to choose between equals, nothing else.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{OwnNotes, TraceState, id_of};
use crate::notes::candidates::{Candidate, Proposal, Rule};
use crate::quiz::cloze::{Cloze, Piece};
use crate::quiz::{Card, CardBody, CardId, Trace};
use crate::text;

/// Share of the content words that two sentences with the same names and limits must have in common, in thousandths.
const SAME_SENTENCE: usize = 800;
/// Words that say which limit a sentence states: 「最大」 and 「既定」 of one thing are two cards.
const LIMITS: [&str; 13] = [
    "最大",
    "最小",
    "最長",
    "最短",
    "最高",
    "最低",
    "上限",
    "下限",
    "既定",
    "デフォルト",
    "default",
    "可用性",
    "耐久性",
];

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("[0-9][0-9.,]*").ok());
/// Runs of one script, without the particles between them.
static CONTENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("[a-z][a-z0-9_-]*|[ァ-ヴー]+|[一-龠々]+").ok());

/// A candidate with its place among the notes.
#[derive(Debug)]
pub(super) struct Proposed {
    /// Index of its document.
    pub(super) document: usize,
    /// Index of its section in the document.
    pub(super) section: usize,
    /// The note, as traces name it.
    pub(super) note: String,
    /// The id that it would have as a new card.
    pub(super) id: CardId,
    /// What was found.
    pub(super) candidate: Candidate,
    said: Said,
}

impl Proposed {
    pub(super) fn new(
        (document, section): (usize, usize),
        note: &str,
        candidate: Candidate,
    ) -> Self {
        let id = match &candidate.proposal {
            Proposal::Card { front, back } => id_of(note, front, back),
            Proposal::Cloze(text) => id_of(note, text, ""),
        };
        Self {
            document,
            section,
            note: note.to_owned(),
            id,
            said: Said::of_proposal(&candidate.proposal),
            candidate,
        }
    }

    fn hash(&self) -> String {
        Trace::hash_of(&self.candidate.text)
    }

    /// Says whether a card began as this candidate with another answer, whatever its text was made into since.
    fn began(&self, card: &Card) -> bool {
        let begun = match (&self.candidate.proposal, &card.body) {
            (Proposal::Card { front, .. }, CardBody::Card { back, .. }) => {
                id_of(&self.note, front, back)
            }
            (Proposal::Cloze(text), CardBody::Cloze(cloze)) => {
                let Some(answer) = cloze.blanks().next().and_then(<[String]>::first) else {
                    return false;
                };
                let Some((before, rest)) = text.split_once("{{") else {
                    return false;
                };
                let after = rest.split_once("}}").map_or("", |(_, after)| after);
                let text = format!("{before}{{{{{answer}}}}}{after}");
                id_of(&self.note, &text, "")
            }
            (Proposal::Card { .. } | Proposal::Cloze(_), _) => return false,
        };
        begun == card.id || self.id == card.id
    }
}

/// What is asked and what is to be recalled, without what spelling varies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    cloze: bool,
    front: String,
    back: String,
}

impl Said {
    fn of_proposal(proposal: &Proposal) -> Self {
        match proposal {
            Proposal::Card { front, back } => Self::flash(front, back),
            Proposal::Cloze(text) => Cloze::parse(text).map_or_else(
                |_| Self {
                    cloze: true,
                    front: squeeze(text),
                    back: String::new(),
                },
                |cloze| Self::sentence(&cloze),
            ),
        }
    }

    fn of_card(card: &Card) -> Option<Self> {
        match &card.body {
            CardBody::Card { front, back } => Some(Self::flash(front, back)),
            CardBody::Cloze(cloze) => Some(Self::sentence(cloze)),
            CardBody::Single { .. } | CardBody::Multiple { .. } => None,
        }
    }

    fn flash(front: &str, back: &str) -> Self {
        Self {
            cloze: false,
            front: squeeze(front),
            back: squeeze(back),
        }
    }

    fn sentence(cloze: &Cloze) -> Self {
        let shown = cloze.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Blank(_) => "____",
        });
        let answers = cloze.blanks().filter_map(<[String]>::first);
        Self {
            cloze: true,
            front: squeeze(&shown.collect::<String>()),
            back: squeeze(&answers.cloned().collect::<Vec<_>>().join("|")),
        }
    }

    /// Says how surely another text asks the same; `None` where it may ask something else.
    fn likeness(&self, other: &Self) -> Option<u32> {
        const SURE: u32 = 1_000;
        if self.cloze != other.cloze {
            return None;
        }
        if self.front == other.front {
            return Some(SURE);
        }
        if self.cloze {
            let (one, two) = (numberless(&self.front), numberless(&other.front));
            if one == two {
                return Some(SURE - 1);
            }
            return sentences(&one, &two);
        }
        // A heading that was renamed leaves term, row and column; a heading of another thing does not.
        let (path, asked) = parted(&self.front);
        let (other_path, other_asked) = parted(&other.front);
        let related = path.is_empty()
            || other_path.is_empty()
            || path.contains(other_path)
            || other_path.contains(path);
        (asked == other_asked && related).then_some(SURE - 2)
    }
}

/// Parts what a front asks from the headings before it.
fn parted(front: &str) -> (&str, &str) {
    let (path, asked) = front.rsplit_once('›').unwrap_or(("", front));
    let ends = ["とは", "は", "→"];
    let term = ends.iter().find_map(|end| asked.strip_suffix(end));
    (path, term.unwrap_or(asked))
}

/// Compares two sentences with their blanks, in thousandths.
fn sentences(one: &str, two: &str) -> Option<u32> {
    let limits = |text: &str| LIMITS.map(|word| text.contains(word));
    let words = |text| -> Option<Vec<&str>> {
        Some(
            CONTENT
                .as_ref()?
                .find_iter(text)
                .map(|m| m.as_str())
                .collect(),
        )
    };
    let (first, second) = (words(one)?, words(two)?);
    let latin = |words: &[&str]| -> BTreeSet<String> {
        let latin = words.iter().filter(|word| word.is_ascii());
        latin.map(|word| (*word).to_owned()).collect()
    };
    // The first word is what the sentence is about.
    if limits(one) != limits(two)
        || latin(&first) != latin(&second)
        || first.first() != second.first()
        || first.is_empty()
    {
        return None;
    }
    let mut rest = second.clone();
    let common = first.iter().filter(|word| {
        let at = rest.iter().position(|other| other == *word);
        at.map(|at| rest.remove(at)).is_some()
    });
    let common = common.count();
    let share = 2_000 * common / (first.len() + second.len());
    // Below what is certain, and above nothing.
    (share >= SAME_SENTENCE).then(|| u32::try_from(share.min(990)).unwrap_or(0))
}

fn numberless(text: &str) -> String {
    NUMBER.as_ref().map_or_else(
        || text.to_owned(),
        |number| number.replace_all(text, "#").into_owned(),
    )
}

fn squeeze(text: &str) -> String {
    let folded = text::fold(text);
    folded.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What became of a card's line.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// It stands here, with this hash.
    Here(usize, String),
    Changed,
    Gone,
}

impl Place {
    pub(super) fn state(&self) -> TraceState {
        match self {
            Self::Here(line, _) => TraceState::Same { line: *line },
            Self::Changed => TraceState::Changed,
            Self::Gone => TraceState::Gone,
        }
    }
}

/// Finds the place of a card: where a line still asks what it asks, else where its line stands unchanged.
pub(super) fn place(notes: &OwnNotes, card: &Card, trace: &Trace) -> Place {
    let Some(lines) = notes.lines.get(&trace.note) else {
        return Place::Gone;
    };
    let said = Said::of_card(card);
    let asks = |proposed: &&Proposed| {
        said.as_ref().is_some_and(|said| {
            proposed.said == *said
                // Its wording was edited when it was kept; what is to be recalled still stands there.
                || proposed.id == card.id && proposed.said.back == said.back
        })
    };
    let nearest = |line: usize| line.abs_diff(trace.line);
    let asking = notes.proposed_in(&trace.note).filter(asks).min_by_key(|p| {
        let other = p.hash() != trace.hash;
        (other, nearest(p.candidate.line))
    });
    if let Some(found) = asking {
        return Place::Here(found.candidate.line, found.hash());
    }
    let same = lines.get(&trace.hash).into_iter().flatten();
    same.min_by_key(|line| nearest(**line))
        .map_or(Place::Changed, |line| {
            Place::Here(*line, trace.hash.clone())
        })
}

/// The cards that were taken from notes before, laid beside the candidates.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    /// What the cards ask, whichever note they are from.
    asked: BTreeSet<Said>,
    /// Candidates, by index, on the line of a card that asks them in other words.
    settled: HashSet<usize>,
    /// Candidates, by index, that are the new text of a card.
    replaced: HashMap<usize, &'a CardId>,
}

impl<'a> Kept<'a> {
    pub(super) fn of(notes: &OwnNotes, cards: &'a [Card]) -> Self {
        let proposed = notes.proposed();
        let mut kept = Self {
            asked: cards.iter().filter_map(Said::of_card).collect(),
            settled: HashSet::new(),
            replaced: HashMap::new(),
        };
        let mut at: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, found) in proposed.iter().enumerate() {
            at.entry(&found.note).or_default().push(index);
        }
        let mut changed: Vec<(&Card, &Trace, Said)> = Vec::new();
        for card in cards {
            let (Some(trace), Some(said)) = (&card.from, Said::of_card(card)) else {
                continue;
            };
            let indices = at.get(trace.note.as_str()).map_or(&[][..], Vec::as_slice);
            match place(notes, card, trace) {
                Place::Here(line, _) => {
                    let here = |index: &&usize| {
                        let found = proposed.get(**index);
                        found.is_some_and(|found| found.candidate.line == line)
                    };
                    let row: Vec<usize> = indices.iter().filter(here).copied().collect();
                    kept.settle(proposed, &row, card, &said);
                }
                Place::Changed => changed.push((card, trace, said)),
                Place::Gone => {}
            }
        }
        kept.replace(proposed, &at, &changed);
        kept
    }

    /// Settles the candidates of a line that one of its cards asks. A row of a table gives several cards, each by itself.
    fn settle(&mut self, proposed: &[Proposed], line: &[usize], card: &Card, said: &Said) {
        let found = |index: &usize| proposed.get(*index);
        let own = line.iter().any(|i| {
            found(i).is_some_and(|p| p.said.front == said.front && p.said.cloze == said.cloze)
        });
        for index in line {
            let Some(candidate) = found(index) else {
                continue;
            };
            let asks = candidate.candidate.rule != Rule::Cell
                || candidate.id == card.id
                || candidate.said.front == said.front
                || !own && candidate.said.back == said.back;
            if asks {
                self.settled.insert(*index);
            }
        }
    }

    /// Finds for each card whose line has changed the candidate that asks the same, surest first.
    fn replace(
        &mut self,
        proposed: &[Proposed],
        at: &BTreeMap<&str, Vec<usize>>,
        changed: &[(&'a Card, &'a Trace, Said)],
    ) {
        const BEGAN: u32 = 2_000;
        let mut pairs = Vec::new();
        for (number, (card, trace, said)) in changed.iter().enumerate() {
            for index in at.get(trace.note.as_str()).into_iter().flatten() {
                let Some(found) = proposed.get(*index) else {
                    continue;
                };
                if self.has(*index, found) {
                    continue;
                }
                let likeness = if found.began(card) {
                    Some(BEGAN)
                } else {
                    said.likeness(&found.said)
                };
                if let Some(likeness) = likeness {
                    let distance = found.candidate.line.abs_diff(trace.line);
                    pairs.push((Reverse(likeness), distance, number, *index));
                }
            }
        }
        pairs.sort_unstable();
        let mut taken = HashSet::new();
        for (_, _, number, index) in pairs {
            if taken.contains(&number) || self.replaced.contains_key(&index) {
                continue;
            }
            if let Some((card, _, _)) = changed.get(number) {
                taken.insert(number);
                self.replaced.insert(index, &card.id);
            }
        }
    }

    /// Says whether a candidate is a card already.
    pub(super) fn has(&self, index: usize, proposed: &Proposed) -> bool {
        self.settled.contains(&index) || self.asked.contains(&proposed.said)
    }

    /// Gives the card whose new text a candidate is.
    pub(super) fn replaced(&self, index: usize) -> Option<&'a CardId> {
        self.replaced.get(&index).copied()
    }
}
