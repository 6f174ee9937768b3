//! How much of a concept a text holds, and how near to each other concepts stand.

use super::analysis::{Comparable, Needle, STEM_MARK};
use super::concept::Form;
use super::fold::is_kanji;
use super::rank::Weighed;

/// How much of a verb is there when it stands in another form.
const STEM: f32 = 0.7;
/// Characters within which words belong together.
const WINDOW: usize = 150;
/// Places of one spelling that are looked at.
const PLACES: usize = 20;

/// All spellings of a concept, corrections included.
pub(super) fn spellings(weighed: &Weighed) -> Vec<Needle> {
    let concept = &weighed.concept;
    let forms = std::iter::once(&concept.own).chain(&concept.others);
    let mut all: Vec<Needle> = forms.map(|form| form.needle.clone()).collect();
    let corrections = weighed.corrections.iter();
    all.extend(corrections.map(|word| Form::kept(word).needle));
    // 間違った and 間違える meet in 間違.
    let own = &concept.own.needle.chars;
    let kanji: Vec<char> = own.iter().copied().take_while(|c| is_kanji(*c)).collect();
    if kanji.len() >= 2 && kanji.len() < own.len() {
        all.push(Needle {
            chars: kanji,
            katakana: false,
            long: Vec::new(),
        });
    }
    all.retain(|spelling| !spelling.chars.is_empty());
    all
}

/// How much of a concept a text holds: all of it in one spelling, or part of its bigrams.
#[expect(clippy::cast_precision_loss, reason = "a query has few bigrams")]
pub(super) fn presence(text: &Comparable, weighed: &Weighed, spellings: &[Needle]) -> f32 {
    if spellings
        .iter()
        .any(|spelling| !text.find_word(spelling).is_empty())
    {
        return 1.0;
    }
    if has_stem(text, &weighed.concept.own.words) {
        return STEM;
    }
    let own = &weighed.concept.own;
    if own.bigrams.len() < 2 {
        return 0.0;
    }
    let held = |terms: &[&String]| {
        let there = |term: &&&String| !text.find(&term.chars().collect::<Vec<char>>()).is_empty();
        terms.iter().filter(there).count() as f32 / terms.len() as f32
    };
    let letters = held(&own.bigrams.iter().collect::<Vec<_>>());
    let latin: Vec<&String> = own.words.iter().filter(|word| word.is_ascii()).collect();
    // Of NATゲートウェイ half is NAT: any other gateway is not it.
    let share = if latin.is_empty() {
        letters
    } else {
        letters.midpoint(held(&latin))
    };
    share * share
}

/// Says whether a text has a verb or adjective in another form: 消せない asks for 消す, not for 解消.
fn has_stem(text: &Comparable, words: &[String]) -> bool {
    words
        .iter()
        .filter_map(|word| word.strip_suffix(STEM_MARK))
        .any(|stem| {
            let stem: Vec<char> = stem.chars().collect();
            text.find(&stem).into_iter().any(|(start, end)| {
                let letter = |at: Option<usize>| at.and_then(|at| text.chars.get(at)).copied();
                let inside = letter(start.checked_sub(1)).is_some_and(is_kanji);
                // Kana of a comparable text are katakana.
                !inside && letter(Some(end)).is_some_and(|c| matches!(c, 'ァ'..='ヺ'))
            })
        })
}

/// The greatest weight of concepts that a text holds within [`WINDOW`] characters of each other.
pub(super) fn nearness(text: &Comparable, needles: &[Vec<Needle>], weights: &[f32]) -> f32 {
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (concept, spellings) in needles.iter().enumerate() {
        for spelling in spellings {
            let found = text.find_word(spelling).into_iter().take(PLACES);
            places.extend(found.map(|(start, _)| (start, concept)));
        }
    }
    places.sort_unstable();
    let mut counts = vec![0_usize; weights.len()];
    let mut first = places.iter();
    let mut best = 0.0_f32;
    for (end, concept) in &places {
        if let Some(count) = counts.get_mut(*concept) {
            *count += 1;
        }
        while let Some((_, left)) = first.as_slice().first().filter(|(at, _)| end - at > WINDOW) {
            if let Some(count) = counts.get_mut(*left) {
                *count -= 1;
            }
            first.next();
        }
        let held = counts.iter().zip(weights).filter(|(count, _)| **count > 0);
        best = best.max(held.map(|(_, weight)| weight).sum());
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_far_apart_are_not_near() {
        let needles: Vec<Vec<Needle>> = ["lambda", "料金"]
            .iter()
            .map(|word| vec![Needle::of(word)])
            .collect();
        let near = |text: &str| nearness(&Comparable::of(text), &needles, &[2.0, 3.0]);
        let filler = "あ".repeat(WINDOW);
        assert!((near("Lambda の料金") - 5.0).abs() < 1e-6);
        assert!((near(&format!("Lambda {filler} 料金")) - 3.0).abs() < 1e-6);
        assert!((near(&format!("料金 {filler} Lambda の料金")) - 5.0).abs() < 1e-6);
        assert!(near("S3").abs() < 1e-6);
    }
}
