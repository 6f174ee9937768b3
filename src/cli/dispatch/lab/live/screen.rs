//! What a watching person sees: events as they arrive, on stderr, and a way to leave.

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::wire::Interrupts;
use crate::cli::{Style, Ui};
use crate::lab::events::{News, ResourceFailure, Watcher};
use crate::lab::lease::Step;
use crate::lab::port::{Presence, StackEvent};
use crate::lab::status::ResourceStatus;
use crate::msg;
use crate::text;

/// Tells the news on stderr; with `--json`, nothing.
pub(super) struct Screen<'a> {
    ui: &'a mut Ui,
    interrupts: Interrupts,
    bar: Option<ProgressBar>,
    total: usize,
}

impl<'a> Screen<'a> {
    /// Begins to watch; `total` resources are expected.
    pub(super) fn new(ui: &'a mut Ui, total: usize) -> Self {
        let bar = (ui.shows_progress() && total > 0).then(|| {
            let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
            // The template is a constant; were it wrong, the default style would do.
            if let Ok(style) = ProgressStyle::with_template("  {bar:24} {pos}/{len}  {elapsed}") {
                bar.set_style(style);
            }
            bar
        });
        Self {
            ui,
            interrupts: Interrupts::watch(),
            bar,
            total,
        }
    }

    /// Gives the terminal back.
    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&mut self, line: &str) {
        if self.ui.options.json {
            return;
        }
        let line = text::neutralize(line);
        match &self.bar {
            Some(bar) => bar.println(line),
            // Whoever closed stderr does not want to be told.
            None => drop(self.ui.talk(&msg!("lab-line", line = line))),
        }
    }

    fn event(&mut self, event: &StackEvent) {
        let done = matches!(
            event.status,
            ResourceStatus::CreateComplete | ResourceStatus::DeleteComplete
        );
        let own = event.type_name == "AWS::CloudFormation::Stack";
        let (mark, style) = if event.status.is_failure() {
            ("×", Style::Bad)
        } else if done {
            ("✓", Style::Good)
        } else {
            ("…", Style::Dim)
        };
        // A second "in progress" only says that the id is known now.
        if !own && !done && !event.status.is_failure() && event.physical_id.is_some() {
            return;
        }
        let mark = self.ui.style(style, mark).to_string();
        let reason = event
            .reason
            .as_deref()
            .filter(|_| event.status.is_failure())
            .map(|reason| format!("  {reason}"))
            .unwrap_or_default();
        let line = format!(
            "  {mark} {}  {}  {}{reason}",
            event.status, event.logical_id, event.type_name
        );
        self.line(&line);
        if let Some(bar) = self.bar.as_ref().filter(|_| done && !own && self.total > 0) {
            bar.inc(1);
        }
    }

    fn failure(&mut self, failure: &ResourceFailure) {
        let words = failure
            .cause
            .and_then(|cause| self.ui.catalog().find(&format!("cause-{cause}")));
        let line = match words {
            Some(words) => format!(
                "  × {} ({}): {words}",
                failure.logical_id, failure.type_name
            ),
            None => format!(
                "  × {} ({}): {}",
                failure.logical_id, failure.type_name, failure.reason
            ),
        };
        self.line(&line);
    }
}

impl Watcher for Screen<'_> {
    fn tell(&mut self, news: News<'_>) {
        match news {
            News::Step(step) => {
                let told = match step {
                    Step::Proposing => Some(msg!("lab-step-proposing")),
                    Step::Executing => Some(msg!("lab-step-executing")),
                    Step::Arming => Some(msg!("lab-step-arming")),
                    Step::Declining => Some(msg!("lab-step-declining")),
                    Step::Deleting => Some(msg!("lab-step-deleting")),
                    Step::Proving => Some(msg!("lab-step-proving")),
                    Step::Opened
                    | Step::Clearing
                    | Step::Proposed
                    | Step::Live
                    | Step::Failed
                    | Step::Emptying
                    | Step::Blocked
                    | Step::Closed => None,
                };
                if let Some(message) = told {
                    let text = self.ui.text(&message);
                    self.line(&text);
                }
            }
            News::Event(event) => self.event(event),
            News::Clearing { stack, status } => {
                let text = self
                    .ui
                    .text(&msg!("lab-clearing", stack = stack, status = status));
                self.line(&text);
            }
            News::Emptying { bucket, objects } => {
                let text = self
                    .ui
                    .text(&msg!("lab-emptying", bucket = bucket, objects = objects));
                self.line(&text);
            }
            News::Retrying { failures } => {
                let text = self.ui.text(&msg!("lab-retrying"));
                self.line(&text);
                for failure in failures {
                    self.failure(failure);
                }
            }
            News::Waiting(error) => {
                let text = self.ui.text(&msg!(
                    "lab-waiting",
                    operation = error.operation,
                    code = &error.code
                ));
                self.line(&text);
            }
            News::Looked { resource, presence } => {
                let mark = match presence {
                    Presence::Absent => self.ui.style(Style::Good, "✓"),
                    Presence::Present => self.ui.style(Style::Bad, "×"),
                    Presence::Unknown(_) => self.ui.style(Style::Warn, "?"),
                };
                let line = format!("  {mark} {}  {}", resource.type_name, resource.physical_id);
                self.line(&line);
            }
        }
    }

    fn detach(&self) -> bool {
        self.interrupts.pressed()
    }
}
