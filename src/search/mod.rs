//! Search: sections in, hits out, whichever way the words were typed.
//!
//! `analysis` makes terms, `synonyms` knows what is called by several names, `query` reads what the user typed,
//! `index` keeps the terms on disk (tantivy), `rank` finds and orders, `snippet` shows what matched. Nothing here
//! knows where notes come from.

pub mod analysis;
mod build;
mod chunk;
mod concept;
mod exact;
mod fields;
mod fold;
mod fuzzy;
mod index;
mod loan;
mod look;
mod presence;
mod query;
mod rank;
mod record;
mod seal;
pub mod snippet;
mod sound;
mod statistics;
pub mod synonyms;
mod twins;
mod update;

pub use index::{FileKey, IndexError, NoteIndex, Opened};
pub use query::{Filters, Place, Query, QueryError};
pub use rank::{Found, Hit, Options};
pub use record::{DocumentRecord, SectionRecord};
pub use update::Update;
