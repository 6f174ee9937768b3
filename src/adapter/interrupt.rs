//! Ctrl-C while something is watched: it asks the watcher to leave instead of ending the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static WATCHING: AtomicBool = AtomicBool::new(false);
static PRESSED: AtomicBool = AtomicBool::new(false);

/// While this lives, Ctrl-C only sets a flag.
#[derive(Debug)]
pub struct Interrupts(());

impl Interrupts {
    /// Begins to watch for Ctrl-C; where the system does not let us, Ctrl-C ends the program as before.
    pub fn watch() -> Self {
        static LISTENER: OnceLock<()> = OnceLock::new();
        LISTENER.get_or_init(|| drop(std::thread::Builder::new().spawn(listen)));
        PRESSED.store(false, Ordering::SeqCst);
        WATCHING.store(true, Ordering::SeqCst);
        Self(())
    }

    /// Says whether Ctrl-C was pressed since watching began.
    pub fn pressed(&self) -> bool {
        let Self(()) = self;
        PRESSED.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        WATCHING.store(false, Ordering::SeqCst);
    }
}

/// Waits for Ctrl-C for the rest of the process's life.
fn listen() {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return;
    };
    runtime.block_on(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            PRESSED.store(true, Ordering::SeqCst);
            if !WATCHING.load(Ordering::SeqCst) {
                leave();
            }
        }
    });
}

/// Ends the program as Ctrl-C does where nobody watches.
#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "the default of the signal that this listener replaced"
)]
fn leave() {
    std::process::exit(130);
}
