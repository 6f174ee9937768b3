//! What a missed question is about, as weighted words.
//!
//! A word weighs the square of its rarity in the library: a passage that shares 「設定」 and 「利用」 with a question says
//! nothing about it, one that shares 「オブジェクトロック」 does. Words of the right answer that the question itself does
//! not say are *new*: a passage that has none of them only repeats what the learner has just read. Around the topic
//! stands the *lesson*, the words of the section that teaches it: of two passages that name the answer, the one that
//! also speaks of what the lesson speaks of explains it.

use std::collections::BTreeSet;

use super::NoteQuery;
use super::word::{Reading, Word, words};
use crate::search::synonyms::Synonyms;

/// Rarity from which on a word tells something: it stands in less than about a twelfth of the library.
const TELLING: f64 = 2.5;
/// Telling words that a passage must hold, its headings included.
const TELLING_WORDS: usize = 2;
/// Weight of what the question and the section that teaches it have in common, beside what is right.
const CONTEXT: f64 = 0.25;
/// What the weight of a word that is no term of the field counts.
const PLAIN: f64 = 0.5;
/// Words that make up a topic: a long explanation names much that is not the point.
const WORDS: usize = 10;
/// Words of a lesson.
const LESSON_WORDS: usize = 60;
/// Words to search for.
const SEARCHED: usize = 12;

/// What a missed question is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Topic {
    /// The heaviest words first.
    words: Vec<Weighted>,
    total: f64,
    /// All words by which to search.
    search: String,
    lesson: Vec<Weighted>,
}

#[derive(Debug, Clone, PartialEq)]
struct Weighted {
    word: Word,
    weight: f64,
    /// It says something about the topic.
    telling: bool,
    /// The question does not say it.
    new: bool,
}

impl Topic {
    /// Works out the topic of one right answer; `rarity` tells how rare a word is in the library, from 0 upwards.
    pub(super) fn of(
        query: &NoteQuery<'_>,
        correct: &str,
        synonyms: &Synonyms,
        rarity: &dyn Fn(&str) -> f64,
    ) -> Self {
        let stem = Reading::of(query.stem);
        let right = Reading::of(correct);
        let why = Reading::of(query.why);
        let heading = Reading::of(query.taught_heading);
        let taught = Reading::of(query.taught);
        let nothing_taught = query.taught.is_empty();
        let rarity = |word: &Word| {
            let names = word.names.iter().map(|name| rarity(name));
            names.fold(f64::INFINITY, f64::min)
        };
        let weigh = |word: Word| {
            // What the right answer names and neither its reason nor the section that teaches it takes up is part of
            // the question's story.
            let taken_up = nothing_taught || taught.has(&word) || why.has(&word);
            let share = if heading.has(&word) || (right.has(&word) && taken_up) {
                1.0
            } else if taught.has(&word) || right.has(&word) {
                CONTEXT
            } else {
                return None;
            };
            let rarity = rarity(&word);
            Some(Weighted {
                weight: share * weight(&word, rarity),
                telling: share >= 1.0 && rarity >= TELLING && word.is_term(),
                new: !stem.has(&word),
                word,
            })
        };
        let asked = format!("{correct}\n{}\n{}", query.why, query.stem);
        let asked: Vec<Word> = words(&asked, synonyms).into_values().collect();
        let weighed = asked.iter().filter_map(|word| {
            let mut one = weigh(word.clone())?;
            if asked.iter().any(|other| word.is_part_of(other)) {
                // The longer word is what the question is about.
                one.weight *= CONTEXT;
                one.telling = false;
            }
            Some(one)
        });
        let mut topic = heaviest(weighed.collect(), SEARCHED);
        let names = topic
            .iter()
            .filter_map(|one| one.word.names.last().cloned());
        let search = names.collect::<Vec<_>>().join(" ");
        topic.truncate(WORDS);
        let lesson = format!("{correct}\n{}\n{}", query.why, query.taught);
        let lesson = words(&lesson, synonyms).into_values().map(|word| {
            let rarity = rarity(&word);
            Weighted {
                weight: weight(&word, rarity),
                telling: rarity >= TELLING,
                new: false,
                word,
            }
        });
        Self {
            total: topic.iter().map(|one| one.weight).sum(),
            words: topic,
            search,
            lesson: heaviest(lesson.collect(), LESSON_WORDS),
        }
    }

    /// Gives the most telling words, to search for.
    pub(super) fn search_words(&self) -> &str {
        &self.search
    }

    /// Numbers the words that a text has.
    pub(super) fn within(&self, text: &str) -> BTreeSet<usize> {
        let reading = Reading::of(text);
        let words = self.words.iter().enumerate();
        let had = words.filter(|(_, one)| reading.has(&one.word));
        had.map(|(at, _)| at).collect()
    }

    /// Finds where a text has the words, with their numbers.
    pub(super) fn places(&self, reading: &Reading<'_>) -> Vec<(usize, usize)> {
        places(&self.words, reading)
    }

    /// Finds where a text has the words of the lesson, with their numbers.
    pub(super) fn lesson_places(&self, reading: &Reading<'_>) -> Vec<(usize, usize)> {
        places(&self.lesson, reading)
    }

    /// Gives the share of the topic that a passage covers, from 0 to 1: `said` are the words about which it says
    /// something, `all` those of its headings as well. 0 when they tell too little or nothing new.
    pub(super) fn share(&self, said: &BTreeSet<usize>, all: &BTreeSet<usize>) -> f64 {
        let pick = |set: &BTreeSet<usize>| -> Vec<&Weighted> {
            set.iter().filter_map(|at| self.words.get(*at)).collect()
        };
        let new = pick(said).iter().any(|one| one.new && one.telling);
        let all = pick(all);
        let telling = all.iter().filter(|one| one.telling).count();
        if self.total <= 0.0 || telling < TELLING_WORDS || !new {
            return 0.0;
        }
        all.iter().map(|one| one.weight).sum::<f64>() / self.total
    }

    /// Gives the weight of some words of the lesson.
    pub(super) fn lesson_weight(&self, words: &BTreeSet<usize>) -> f64 {
        let words = words.iter().filter_map(|at| self.lesson.get(*at));
        words.map(|one| one.weight).sum()
    }
}

fn weight(word: &Word, rarity: f64) -> f64 {
    rarity * rarity * if word.is_term() { 1.0 } else { PLAIN }
}

fn heaviest(mut words: Vec<Weighted>, most: usize) -> Vec<Weighted> {
    words.sort_by(|a, b| {
        b.weight
            .total_cmp(&a.weight)
            .then_with(|| a.word.name.cmp(&b.word.name))
    });
    words.truncate(most);
    words
}

fn places(words: &[Weighted], reading: &Reading<'_>) -> Vec<(usize, usize)> {
    let words = words.iter().enumerate();
    let places = words.flat_map(|(at, one)| {
        let places = reading.places(&one.word).into_iter();
        places.map(move |place| (place, at))
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(taught: &str) -> Topic {
        let query = NoteQuery {
            stem: "注文の表に ORDER-ID を書く。",
            why: "索引はあとから足せる。",
            taught_heading: "グローバルセカンダリインデックス",
            taught,
            ..NoteQuery::default()
        };
        let correct = "グローバルセカンダリインデックスのソートキーを CUSTOMER-NAME にする";
        Topic::of(&query, correct, &Synonyms::default(), &|_| 4.0)
    }

    #[test]
    fn sample_names_of_a_question_do_not_make_its_topic() {
        let found: BTreeSet<usize> =
            topic("グローバルセカンダリインデックスのソートキー").within("CUSTOMER-NAME");
        assert_eq!(
            found,
            BTreeSet::from([2]),
            "it weighs less than the index and its key"
        );
        let unknown = topic("");
        assert_eq!(
            unknown.within("CUSTOMER-NAME"),
            BTreeSet::from([0]),
            "nothing tells it from a term"
        );
    }

    #[test]
    fn a_part_of_a_longer_word_tells_nothing_by_itself() {
        let query = NoteQuery {
            stem: "ログアウトのあとも使えた。",
            taught: "アクセストークンとトークン",
            ..NoteQuery::default()
        };
        let correct = "アクセストークンの期限を短くし、トークンを失効させる";
        let topic = Topic::of(&query, correct, &Synonyms::default(), &|_| 4.0);
        let tells = |text: &str| {
            let within = topic.within(text);
            let telling = within.iter().filter_map(|at| topic.words.get(*at));
            telling.filter(|one| one.telling).count()
        };
        assert_eq!((tells("トークン"), tells("アクセストークン")), (0, 1));
    }

    #[test]
    fn a_passage_must_say_something_new() {
        let topic = topic("グローバルセカンダリインデックスのソートキーと ORDER-ID、索引");
        let all: BTreeSet<usize> = (0..10).collect();
        assert!(topic.share(&all, &all) > 0.9);
        assert!(topic.share(&BTreeSet::new(), &all).abs() < f64::EPSILON);
    }
}
