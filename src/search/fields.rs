//! The fields of the index, and our analysis in the engine's terms.

use std::collections::HashSet;

use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::analysis;
use super::fold::folded;
use super::sound;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) file: Field,
    /// The file's key once more, where `content` stands.
    pub(crate) origin: Field,
    pub(crate) content: Field,
    pub(crate) section: Field,
    pub(crate) ordinal: Field,
    pub(crate) document: Field,
    pub(crate) is_document: Field,
    pub(crate) band: Field,
    pub(crate) signature: Field,
    pub(crate) record: Field,
    pub(crate) text: Field,
    /// What stands above a piece of a table or list, where the piece begins in its middle.
    pub(crate) context: Field,
    /// How loan words sound, each with its spelling behind the key.
    pub(crate) sound: Field,
    pub(crate) scope: Field,
    pub(crate) exam: Field,
    pub(crate) service: Field,
    pub(crate) date: Field,
    /// Words of title, heading path, and everything.
    pub(crate) words: [Field; 3],
    /// Bigrams of the same.
    pub(crate) bigrams: [Field; 3],
}

pub(super) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let mut text = |name: &str, option| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(TERMS)
            .set_fieldnorms(name != SOUND)
            .set_index_option(option);
        builder.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
    };
    // Positions take a third of an index; only the order of bigrams in the whole text is ever asked for. In titles and
    // headings a word stands once.
    let (listed, counted, placed) = (
        IndexRecordOption::Basic,
        IndexRecordOption::WithFreqs,
        IndexRecordOption::WithFreqsAndPositions,
    );
    let words = [
        text("title_w", listed),
        text("heading_w", listed),
        text("all_w", counted),
    ];
    let bigrams = [
        text("title_b", listed),
        text("heading_b", listed),
        text("all_b", placed),
    ];
    let sound = text(SOUND, listed);
    // Keys and filters find and do not score: how long their field is need not be kept.
    let key = NumericOptions::default().set_indexed();
    let column = key.clone().set_fast();
    let slug = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(SLUGS)
            .set_index_option(listed)
            .set_fieldnorms(false),
    );
    let fields = Fields {
        sound,
        file: builder.add_u64_field("file", key.clone()),
        origin: builder.add_u64_field("origin", FAST),
        content: builder.add_u64_field("content", FAST),
        section: builder.add_u64_field("section", column.clone()),
        ordinal: builder.add_u64_field("ordinal", FAST),
        document: builder.add_u64_field("document", key.clone()),
        is_document: builder.add_u64_field("is_document", key.clone()),
        band: builder.add_u64_field("band", key.clone()),
        signature: builder.add_bytes_field("signature", STORED),
        record: builder.add_bytes_field("record", STORED),
        text: builder.add_text_field("text", STORED),
        context: builder.add_text_field("context", STORED),
        scope: builder.add_u64_field("scope", key.clone()),
        exam: builder.add_text_field("exam", slug.clone()),
        service: builder.add_text_field("service", slug.clone()),
        date: builder.add_u64_field("date", column.clone()),
        words,
        bigrams,
    };
    (builder.build(), fields)
}

const TERMS: &str = "juku_terms";
/// The engine's own tokenizer for texts that are one term.
const SLUGS: &str = "raw";
const SOUND: &str = "sound";
/// Stands between terms that are handed to the engine; no term holds it.
const BETWEEN: char = '\u{1}';

/// Stands between the key of a sound and a spelling.
pub(super) const SPELLED: char = '\u{2}';

/// Terms of a text, ready for the engine: the same text need not be cut twice.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    pub(super) words: String,
    pub(super) bigrams: String,
    pub(super) sounds: String,
}

impl Terms {
    /// Cuts a text into words and bigrams.
    pub(super) fn of(text: &str) -> Self {
        let folded = folded(text);
        let mut terms = Self::default();
        analysis::each_word(&folded, &mut |word| push(&mut terms.words, word.text));
        let mut position = 0;
        analysis::each_bigram(&folded, &mut |letters, at| {
            // An empty term is a gap over which no phrase reaches.
            terms
                .bigrams
                .extend(std::iter::repeat_n(BETWEEN, at - position));
            terms
                .bigrams
                .extend(letters.iter().map(|letter| letter.folded));
            terms.bigrams.push(BETWEEN);
            position = at + 1;
        });
        for word in sound::loan_words(&folded) {
            if let Some(key) = sound::key(word) {
                terms.sounds.push_str(&key);
                terms.sounds.push(SPELLED);
                push(&mut terms.sounds, word);
            }
        }
        terms
    }

    /// Gives the sounds that were not heard before, and remembers them.
    pub(super) fn new_sounds(&self, heard: &mut HashSet<String>) -> String {
        let mut new = String::new();
        for sound in self.sounds.split_terminator(BETWEEN) {
            if !sound.is_empty() && !heard.contains(sound) {
                push(&mut new, sound);
                heard.insert(sound.to_owned());
            }
        }
        new
    }

    /// Puts the terms of another text behind, with a gap between.
    pub(super) fn append(&mut self, other: &Self) {
        for (own, other) in [
            (&mut self.words, &other.words),
            (&mut self.bigrams, &other.bigrams),
            (&mut self.sounds, &other.sounds),
        ] {
            if !other.is_empty() {
                push(own, "");
                own.push_str(other);
            }
        }
    }
}

fn push(terms: &mut String, term: &str) {
    terms.push_str(term);
    terms.push(BETWEEN);
}

pub(super) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(TERMS, Split);
    manager
}

/// Takes [`Terms`] apart again.
#[derive(Clone, Copy)]
struct Split;

impl Tokenizer for Split {
    type TokenStream<'a> = SplitTerms<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> SplitTerms<'a> {
        SplitTerms {
            rest: text,
            next: 0,
            token: Token::default(),
        }
    }
}

/// A stream over terms.
struct SplitTerms<'a> {
    rest: &'a str,
    next: usize,
    token: Token,
}

impl TokenStream for SplitTerms<'_> {
    fn advance(&mut self) -> bool {
        while let Some((term, rest)) = self.rest.split_once(BETWEEN) {
            self.rest = rest;
            self.token.position = self.next;
            self.next += 1;
            if !term.is_empty() {
                self.token.text.clear();
                self.token.text.push_str(term);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
