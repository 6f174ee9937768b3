//! `sandbox`: start, status, env, stop.

use serde::Serialize;

use crate::app::sandbox::{self, SandboxReport};
use crate::cli::args::{SandboxAction, SandboxArgs, SandboxCurlArgs};
use crate::cli::wire::{Sandbox, SandboxError, Wire};
use crate::cli::{CommandError, Context, Exit, Ui};
use crate::lab::check::{self, TaskCalls as _};
use crate::lab::lab_file::HttpCall;
use crate::msg;

/// Runs an action.
pub(super) fn run(context: &mut Context, args: &SandboxArgs) -> Result<Exit, CommandError> {
    let Context { ui, wire } = context;
    let here = wire.sandbox();
    match args.action {
        SandboxAction::Start { port } => start(ui, wire, &here, port),
        SandboxAction::Status => status(ui, wire, &here),
        SandboxAction::Env => env(ui, wire, &here),
        SandboxAction::Curl(ref args) => curl(ui, wire, args),
        SandboxAction::Stop => stop(ui, wire, &here),
    }
}

fn report(wire: &Wire, here: &Sandbox) -> Result<SandboxReport, CommandError> {
    let running = here.running();
    let labs = match &running {
        None => Vec::new(),
        Some(instance) => {
            let ledger = wire.ledger()?;
            sandbox::living_at(ledger.as_ref(), &instance.endpoint)
                .map_err(super::lab::ledger_error)?
                .into_iter()
                .map(|lease| lease.terms.lab)
                .collect()
        }
    };
    Ok(SandboxReport {
        schema: 1,
        running: running.is_some(),
        installed: here.is_installed(),
        endpoint: running.as_ref().map(|instance| instance.endpoint.clone()),
        pid: running.as_ref().map(|instance| instance.pid),
        started_at: running.map(|instance| instance.started_at),
        log: here.log().display().to_string(),
        labs,
    })
}

fn start(
    ui: &mut Ui,
    wire: &Wire,
    here: &Sandbox,
    port: Option<u16>,
) -> Result<Exit, CommandError> {
    if let Some(instance) = here.running() {
        ui.talk(&msg!("sandbox-already", endpoint = &instance.endpoint))?;
        return status(ui, wire, here);
    }
    let path = wire.environment().get("PATH").unwrap_or_default();
    if !here.is_installed() {
        let folder = here.programs().display().to_string();
        if !ui.confirm(&msg!("sandbox-install-question", folder = folder))? {
            ui.talk(&msg!("sandbox-not-installed"))?;
            return Ok(Exit::No);
        }
        ui.talk(&msg!("sandbox-installing"))?;
        here.install(path).map_err(|error| in_words(&error))?;
    }
    let region = wire.settings().labs.region.clone();
    let started_at = wire.now().to_string();
    let instance = here
        .start(port, &region, path, &started_at)
        .map_err(|error| in_words(&error))?;
    if ui.options.json {
        ui.json(&report(wire, here)?)?;
    } else {
        ui.say(&msg!("sandbox-started", endpoint = &instance.endpoint))?;
        ui.talk(&msg!("sandbox-started-more"))?;
    }
    Ok(Exit::Done)
}

fn status(ui: &mut Ui, wire: &Wire, here: &Sandbox) -> Result<Exit, CommandError> {
    let report = report(wire, here)?;
    if ui.options.json {
        ui.json(&report)?;
    } else if let Some(endpoint) = &report.endpoint {
        ui.say(&msg!(
            "sandbox-running",
            endpoint = endpoint,
            pid = report.pid.unwrap_or_default(),
            log = &report.log
        ))?;
        if !report.labs.is_empty() {
            ui.say(&msg!("sandbox-labs", labs = report.labs.join(", ")))?;
        }
    } else {
        ui.say(&msg!("sandbox-not-running"))?;
    }
    Ok(if report.running { Exit::Done } else { Exit::No })
}

#[derive(Serialize)]
struct EnvReport {
    schema: u32,
    env: Vec<(&'static str, String)>,
}

fn env(ui: &mut Ui, wire: &Wire, here: &Sandbox) -> Result<Exit, CommandError> {
    let Some(instance) = here.running() else {
        return Err(CommandError::failed(msg!("sandbox-not-running"))
            .hint(msg!("sandbox-not-running-hint")));
    };
    let region = wire.settings().labs.region.clone();
    let path = wire.environment().get("PATH").unwrap_or_default();
    let env = vec![
        ("AWS_ENDPOINT_URL", instance.endpoint),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_DEFAULT_REGION", region.clone()),
        ("AWS_REGION", region),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("PATH", format!("{}:{path}", here.programs().display())),
    ];
    if ui.options.json {
        ui.json(&EnvReport { schema: 1, env })?;
        return Ok(Exit::Done);
    }
    // A profile or session of a real account must not mix with the dummy keys.
    ui.line("unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN")?;
    for (name, value) in env {
        let quoted = shlex::try_quote(&value).unwrap_or_else(|_| "''".into());
        ui.line(format!("export {name}={quoted}"))?;
    }
    // Version 1 of the CLI ignores the variable for some services (SQS, EMR, RDS in one region) and would leave this
    // machine; named on the command line the endpoint holds for all.
    ui.line(r#"aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }"#)?;
    Ok(Exit::Done)
}

/// Sends a request to an address that a lab gave out. Names of AWS are never looked up: it goes to the emulator.
fn curl(ui: &mut Ui, wire: &Wire, args: &SandboxCurlArgs) -> Result<Exit, CommandError> {
    let named = wire.environment().sandbox_endpoint()?;
    let endpoint = named.or_else(|| wire.sandbox_endpoint()).ok_or_else(|| {
        CommandError::failed(msg!("sandbox-not-running")).hint(msg!("sandbox-not-running-hint"))
    })?;
    let body = match args.data.as_deref() {
        Some(data) => match data.strip_prefix('@') {
            Some(file) => wire.read(std::path::Path::new(file))?,
            None => Some(data.to_owned()),
        },
        None => None,
    };
    let default_method = if body.is_some() { "POST" } else { "GET" };
    let mut call = HttpCall::get(args.url.clone());
    call.method = args
        .request
        .clone()
        .unwrap_or_else(|| default_method.to_owned());
    call.body = body;
    for header in &args.headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| CommandError::usage(msg!("sandbox-curl-header", given = header)))?;
        call.headers
            .insert(name.trim().to_owned(), value.trim().to_owned());
    }
    let calls = wire.sandbox_calls_at(endpoint, &wire.settings().labs.region);
    let (status, answer) = calls
        .http(&call)
        .map_err(|error| CommandError::failed(msg!("sandbox-curl-silent")).because(&error))?;
    ui.talk(&msg!("sandbox-curl-status", status = u32::from(status)))?;
    let shown = match &args.query {
        None => answer,
        Some(query) => check::pick(query, &answer)
            .map_err(|reason| CommandError::failed(msg!("sandbox-curl-query", reason = reason)))?,
    };
    if ui.options.json {
        ui.json(&CurlReport {
            schema: 1,
            status,
            body: shown,
        })?;
    } else {
        for line in shown.lines() {
            ui.line(crate::text::neutralize(line))?;
        }
    }
    Ok(if status < 400 { Exit::Done } else { Exit::No })
}

#[derive(Serialize)]
struct CurlReport {
    schema: u32,
    status: u16,
    body: String,
}

fn stop(ui: &mut Ui, wire: &Wire, here: &Sandbox) -> Result<Exit, CommandError> {
    let report = report(wire, here)?;
    let Some(endpoint) = report.endpoint else {
        ui.talk(&msg!("sandbox-not-running"))?;
        return Ok(Exit::Done);
    };
    if !report.labs.is_empty() {
        let question = msg!("sandbox-stop-question", labs = report.labs.join(", "));
        if !ui.confirm(&question)? {
            ui.talk(&msg!("sandbox-goes-on", labs = report.labs.join(", ")))?;
            return Ok(Exit::No);
        }
    }
    here.stop().map_err(|error| in_words(&error))?;
    let ledger = wire.ledger()?;
    let closed = sandbox::close_vanished(ledger.as_ref(), &endpoint, wire.now())
        .map_err(super::lab::ledger_error)?;
    for lab in closed {
        ui.talk(&msg!("lab-vanished", lab = lab))?;
    }
    ui.talk(&msg!("sandbox-stopped"))?;
    Ok(Exit::Done)
}

/// Turns an error of the sandbox into words.
fn in_words(error: &SandboxError) -> CommandError {
    match error {
        SandboxError::NoPython { .. } => CommandError::failed(msg!("sandbox-no-python"))
            .because(error)
            .hint(msg!("sandbox-no-python-hint")),
        SandboxError::Install { .. } => CommandError::failed(msg!("sandbox-install-failed"))
            .because(error)
            .hint(msg!("sandbox-install-failed-hint")),
        SandboxError::PortTaken { port } => {
            CommandError::failed(msg!("sandbox-port-taken", port = u32::from(*port)))
                .hint(msg!("sandbox-port-taken-hint"))
        }
        SandboxError::Silent { log } => CommandError::failed(msg!("sandbox-silent")).path(log),
        SandboxError::Stuck { pid } => CommandError::failed(msg!("sandbox-stuck", pid = *pid)),
        SandboxError::File { path, .. } => CommandError::failed(msg!("file-failed"))
            .path(path)
            .because(error),
    }
}
