//! Ctrl-C while something is watched: it asks the watcher to leave instead of ending the program.

use std::convert::Infallible;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

static WATCHING: AtomicBool = AtomicBool::new(false);
static PRESSED: AtomicBool = AtomicBool::new(false);

/// While this lives, Ctrl-C only sets a flag.
#[derive(Debug)]
pub struct Interrupts(());

impl Interrupts {
    /// Begins to watch for Ctrl-C: what is pressed after the return is seen. Where the system does not let us, Ctrl-C
    /// ends the program as before.
    pub fn watch() -> Self {
        static LISTENER: OnceLock<()> = OnceLock::new();
        LISTENER.get_or_init(|| {
            let (listening, begun) = mpsc::channel();
            drop(std::thread::Builder::new().spawn(move || listen(listening)));
            // An error means that there is no listener, and nothing to wait for.
            begun.recv().unwrap_or_default();
        });
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

/// Waits for Ctrl-C for the rest of the process's life; says when it has begun to.
fn listen(listening: mpsc::Sender<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return;
    };
    let mut listening = Some(listening);
    runtime.block_on(async {
        loop {
            // Polled in this order: the signal is taken over before that is announced.
            let waited = tokio::select! {
                biased;
                waited = tokio::signal::ctrl_c() => waited,
                never = announce(&mut listening) => match never {},
            };
            if waited.is_err() {
                return;
            }
            PRESSED.store(true, Ordering::SeqCst);
            if !WATCHING.load(Ordering::SeqCst) {
                leave();
            }
        }
    });
}

/// Says once that the signal is listened to, and is never done.
async fn announce(listening: &mut Option<mpsc::Sender<()>>) -> Infallible {
    if let Some(listening) = listening.take() {
        // Whoever asked has not left: it waits for this.
        listening.send(()).unwrap_or_default();
    }
    std::future::pending().await
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
