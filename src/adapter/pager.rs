//! The user's pager, for what may be longer than the screen.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Exit code of a shell that did not find the program.
const NOT_FOUND: i32 = 127;

/// Shows a text in a pager and waits until it is left; `false` when there is no such program.
///
/// `command` is what `$PAGER` holds, read by the shell as other programs do. `less_options` are given to `less`
/// where the user has set none: stay on the screen (`X`), end at once when all fits (`F`), let colours through (`R`).
pub fn show(command: &str, less_options: Option<&str>, text: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::piped());
    if let Some(options) = less_options {
        shell.env("LESS", options);
    }
    let Ok(mut child) = shell.spawn() else {
        return false;
    };
    if let Some(mut input) = child.stdin.take() {
        // Who leaves the pager early has seen enough: a closed pipe is no failure.
        drop(input.write_all(text.as_bytes()));
    }
    child
        .wait()
        .is_ok_and(|status| status.code() != Some(NOT_FOUND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_pager_is_told_and_an_early_end_is_none() {
        let text = "行\n".repeat(100_000);
        assert!(!show("no-such-pager-anywhere", None, &text));
        assert!(show("head -n 1 >/dev/null", None, &text));
        assert!(show("test \"$LESS\" = FRX", Some("FRX"), "x"));
    }
}
