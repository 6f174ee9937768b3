//! `lab listen`: the rehearsal on a loopback port, for the user's own `aws cloudformation`.

use serde::Serialize;

use crate::cli::args::LabListenArgs;
use crate::cli::wire::Interrupts;
use crate::cli::{CommandError, Context, Exit};
use crate::msg;

#[derive(Serialize)]
struct ListenReport {
    schema: u32,
    endpoint: String,
}

/// Answers until Ctrl-C; the stacks are those of `lab up` without options.
pub(super) fn run(context: &mut Context, args: &LabListenArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let port = args.port.unwrap_or(0);
    let listener = wire.rehearsal_listener(port)?;
    let address = listener.address().map_err(|error| taken(port, &error))?;
    let endpoint = format!("http://{address}");
    // Before anything says that Ctrl-C ends it.
    let interrupts = Interrupts::watch();
    if ui.options.json {
        ui.json(&ListenReport {
            schema: 1,
            endpoint,
        })?;
    } else {
        let region = &wire.settings().labs.region;
        for line in [
            "unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN".to_owned(),
            format!("export AWS_ENDPOINT_URL_CLOUDFORMATION={endpoint}"),
            format!("export AWS_ENDPOINT_URL_STS={endpoint}"),
            "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test".to_owned(),
            format!("export AWS_DEFAULT_REGION={region}"),
        ] {
            ui.line(line)?;
        }
        ui.talk(&msg!("listen-on", endpoint = &endpoint))?;
    }
    ui.flush()?;
    listener
        .serve(|| interrupts.pressed())
        .map_err(|error| taken(port, &error))?;
    Ok(Exit::Done)
}

fn taken(port: u16, error: &std::io::Error) -> CommandError {
    CommandError::failed(msg!("sandbox-port-taken", port = u32::from(port)))
        .because(error)
        .hint(msg!("sandbox-port-taken-hint"))
}
