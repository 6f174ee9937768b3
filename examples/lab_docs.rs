//! Writes what the labs' documents take from the estimator: the cost block of each README, and docs/LABS.md.
//!
//! `cargo run --example lab_docs`, after a change of a template, a price or a task.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a developer's program: it stops at the first file it cannot read or write"
)]

#[path = "lab_docs/table.rs"]
mod table;

use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let labs = table::read(root);
    for lab in &labs {
        let wanted = lab.wanted_readme();
        if wanted != lab.readme {
            std::fs::write(&lab.readme_path, wanted).unwrap();
            eprintln!("{}", lab.readme_path.display());
        }
    }
    std::fs::write(root.join("docs/LABS.md"), table::labs_document(&labs)).unwrap();
}
