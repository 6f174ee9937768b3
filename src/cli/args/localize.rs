//! Puts the help texts of a language into the command tree.

use clap::Command;

use crate::cli::lang::Catalog;

/// Fills in help texts and headings.
pub fn localize(command: Command, catalog: &Catalog) -> Command {
    fill(command, "cmd", catalog)
}

fn fill(mut command: Command, key: &str, catalog: &Catalog) -> Command {
    let word = |key: &str| catalog.find(key).unwrap_or_default();
    command = command
        .about(word(key))
        .help_template(format!(
            "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
            word("help-usage")
        ))
        .subcommand_help_heading(word("help-commands"))
        .subcommand_value_name(word("help-command"))
        .disable_help_subcommand(true);
    let arguments: Vec<_> = command
        .get_arguments()
        .map(|argument| argument.get_id().clone())
        .collect();
    for id in arguments {
        let (own, common) = (
            format!("{key}-{}", argument_key(id.as_str())),
            argument_key(id.as_str()),
        );
        let heading = word("help-options");
        let positionals = word("help-arguments");
        command = command.mut_arg(id, |argument| {
            let heading = if argument.is_positional() {
                positionals
            } else {
                heading
            };
            let text = catalog
                .find(&own)
                .or_else(|| catalog.find(&format!("cmd-{common}")));
            argument
                .help(text.unwrap_or_default())
                .help_heading(heading)
        });
    }
    let help = word("cmd-help-flag");
    let (heading, short_only) = (word("help-options"), command.get_name().to_owned());
    command = command.disable_help_flag(true).arg(
        clap::Arg::new("help-flag")
            .short('h')
            .long("help")
            .action(clap::ArgAction::Help)
            .help(help)
            .help_heading(heading.clone()),
    );
    if short_only == "juku" {
        let version = word("cmd-version-flag");
        command = command.disable_version_flag(true).arg(
            clap::Arg::new("version-flag")
                .short('V')
                .long("version")
                .action(clap::ArgAction::Version)
                .help(version)
                .help_heading(heading),
        );
    }
    let names: Vec<_> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        let sub_key = format!("{key}-{name}");
        command = command.mut_subcommand(name, |sub| fill(sub, &sub_key, catalog));
    }
    command
}

fn argument_key(id: &str) -> String {
    id.replace('_', "-")
}

/// Lists the keys that a command tree needs; options of every command need one key only.
#[cfg(test)]
pub(super) fn keys(command: &Command) -> Vec<String> {
    fn walk(command: &Command, key: &str, keys: &mut Vec<String>) {
        keys.push(key.to_owned());
        for argument in command
            .get_arguments()
            .filter(|a| !matches!(a.get_id().as_str(), "help" | "version"))
        {
            let id = argument_key(argument.get_id().as_str());
            keys.push(if argument.is_global_set() {
                format!("cmd-{id}")
            } else {
                format!("{key}-{id}")
            });
        }
        for sub in command.get_subcommands() {
            walk(sub, &format!("{key}-{}", sub.get_name()), keys);
        }
    }
    let mut keys = Vec::new();
    walk(command, "cmd", &mut keys);
    keys
}
