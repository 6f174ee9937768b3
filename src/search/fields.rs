//! The fields of the index, and our analysis in the engine's terms.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::analysis;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) file: Field,
    pub(crate) content: Field,
    pub(crate) section: Field,
    pub(crate) ordinal: Field,
    pub(crate) document: Field,
    pub(crate) is_document: Field,
    pub(crate) band: Field,
    pub(crate) signature: Field,
    pub(crate) record: Field,
    pub(crate) text: Field,
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
    let indexed = |tokenizer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        )
    };
    let mut text = |name: &str, tokenizer: &str| builder.add_text_field(name, indexed(tokenizer));
    let words = [
        text("title_w", WORDS),
        text("heading_w", WORDS),
        text("all_w", WORDS),
    ];
    let bigrams = [
        text("title_b", BIGRAMS),
        text("heading_b", BIGRAMS),
        text("all_b", BIGRAMS),
    ];
    let fields = Fields {
        file: builder.add_u64_field("file", INDEXED | FAST),
        content: builder.add_u64_field("content", FAST),
        section: builder.add_u64_field("section", INDEXED | FAST),
        ordinal: builder.add_u64_field("ordinal", FAST),
        document: builder.add_u64_field("document", INDEXED),
        is_document: builder.add_u64_field("is_document", INDEXED),
        band: builder.add_u64_field("band", INDEXED),
        signature: builder.add_bytes_field("signature", STORED),
        record: builder.add_bytes_field("record", STORED),
        text: builder.add_text_field("text", STORED),
        scope: builder.add_u64_field("scope", INDEXED),
        exam: builder.add_text_field("exam", STRING),
        service: builder.add_text_field("service", STRING),
        date: builder.add_u64_field("date", INDEXED | FAST),
        words,
        bigrams,
    };
    (builder.build(), fields)
}

const WORDS: &str = "juku_words";
const BIGRAMS: &str = "juku_bigrams";

pub(super) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(WORDS, Analyzer(analysis::words));
    manager.register(BIGRAMS, Analyzer(analysis::bigrams));
    manager
}

/// Our analysis in tantivy's terms.
#[derive(Clone, Copy)]
struct Analyzer(fn(&str) -> Vec<analysis::Term>);

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Terms;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms {
        Terms {
            terms: (self.0)(text).into_iter(),
            token: Token::default(),
        }
    }
}

/// A stream over terms.
struct Terms {
    terms: std::vec::IntoIter<analysis::Term>,
    token: Token,
}

impl TokenStream for Terms {
    fn advance(&mut self) -> bool {
        match self.terms.next() {
            Some(term) => {
                self.token = Token {
                    offset_from: term.start,
                    offset_to: term.end,
                    position: term.position,
                    text: term.text,
                    position_length: 1,
                };
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
