//! When a card comes back: FSRS-6 memory states, ratings, due days, the review log and its replay.
//!
//! The log is the only truth of studying. A [`CardHistory`] is what folding a card's log entries gives; it is kept
//! beside the log as a cache, and folding again gives the same. Nothing here knows a question's text, the clock, or
//! where the log is stored: days, seeds and settings are handed in.

pub mod due;
pub mod gain;
pub mod history;
pub mod log;
pub mod memory;
pub mod optimise;
pub mod rating;

pub use due::{DuePolicy, fuzz_range};
pub use history::{CardHistory, FirstExposure};
pub use log::{AnswerEntry, DeviceId, Event, Graded, LogEntry, ReviewId, Source, Step};
pub use memory::{DesiredRetention, MemoryState, Scheduler, SchedulerError};
pub use rating::{Rating, Recall};
