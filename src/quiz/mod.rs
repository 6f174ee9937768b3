//! (area)
