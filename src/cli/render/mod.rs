//! Reports as text. One file per command; JSON needs none, the reports serialise themselves.
