//! Notes: from files to documents and sections.

pub mod freshness;
