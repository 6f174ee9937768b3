//! Notes every few seconds that something still runs, so that its time is known even when the program is killed.
//!
//! A file of its own rather than a row in a database: nothing else is ever written by this thread, and a note that is
//! missed costs a few seconds of a clock and nothing more.

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;

use super::clock::Clock;
use super::files::{read_if_present, write_atomic};

/// Time between two notes.
const EVERY: Duration = Duration::from_secs(5);

/// While this lives, the moment is noted.
#[derive(Debug)]
pub struct Heartbeat {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    /// Begins to note the moment in a file.
    pub fn start(path: PathBuf, clock: Clock) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let beat = move || {
            loop {
                // Where it cannot be written the clock of a killed program loses what it lost before.
                drop(write_atomic(&path, clock.now().to_string().as_bytes()));
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().spawn(beat).ok();
        Self {
            stop: Some(stop),
            thread,
        }
    }

    /// Gives the moment noted last.
    pub fn last(path: &std::path::Path) -> Option<Timestamp> {
        read_if_present(path).ok()??.trim().parse().ok()
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to be waited for.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_is_noted_at_once_and_none_where_there_is_no_note() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pulse");
        assert_eq!(Heartbeat::last(&path), None);
        let now = Timestamp::from_second(1_000).unwrap();
        drop(Heartbeat::start(path.clone(), Clock::new(Some(now))));
        assert_eq!(Heartbeat::last(&path), Some(now));
        write_atomic(&path, b"no time").unwrap();
        assert_eq!(Heartbeat::last(&path), None);
    }
}
