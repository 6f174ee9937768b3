//! `help` and `completions`.

use crate::cli::args;
use crate::cli::parse;
use crate::cli::{CommandError, Context, Exit};
use crate::msg;
use crate::text;

/// Shows the help of the program or of one command.
pub(super) fn run(context: &mut Context, path: &[String]) -> Result<Exit, CommandError> {
    let mut tree = args::command(context.ui.catalog());
    tree.build();
    let mut command = &mut tree;
    for name in path {
        let folded = text::fold(&text::narrow(name));
        command = match command.find_subcommand_mut(&folded) {
            Some(sub) => sub,
            None => return Err(parse::unknown_command(name)),
        };
    }
    let help = command.render_help().to_string();
    context.ui.line(help.trim_end())?;
    if path.is_empty() {
        context.ui.say(&msg!("help-more"))?;
    }
    Ok(Exit::Done)
}

/// Prints a shell's completion script.
pub(super) fn completions(
    context: &mut Context,
    shell: clap_complete::Shell,
) -> Result<Exit, CommandError> {
    let mut tree = args::command(context.ui.catalog());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree, "juku", &mut script);
    context
        .ui
        .line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}
