//! Makes cargo build anew when a file of the bundled library changes: the library is embedded in the binary.

fn main() {
    for folder in ["content", "quizzes", "labs"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
