//! How far the learner is: what is stored of studying, and what follows from it.
//!
//! [`store::StudyStore`] is the port to the study database. From what it gives, `readiness` estimates the chance to
//! pass, `retention` compares recall with what was predicted, `forecast` counts what comes due, and `plan` lays out
//! the days up to the exam. What labs leave is in `practice`.

pub mod deck;
pub mod forecast;
pub mod plan;
pub mod practice;
pub mod readiness;
pub mod retention;
pub mod store;
