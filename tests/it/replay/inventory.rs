//! What exists in an emulator, asked at its services.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::emulator::{DUMMY_KEYS, Emulator};
use crate::python_env;

const PROGRAM: &str = include_str!("inventory.py");

/// The names of what exists, by service and list.
pub type Inventory = BTreeMap<String, BTreeSet<String>>;

/// Takes inventories of one emulator.
pub struct Inventories {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Inventories {
    pub fn of(emulator: &Emulator) -> Self {
        let mut child = Command::new(python_env::programs().join("python"))
            .args(["-c", PROGRAM, &emulator.endpoint])
            .env_clear()
            .env("HOME", emulator.home())
            .envs(DUMMY_KEYS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    /// Lists what exists in a region.
    pub fn take(&mut self, region: &str) -> Inventory {
        writeln!(self.input, "{}", serde_json::json!({ "region": region })).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("inventory: {error}: {line}"))
    }
}

impl Drop for Inventories {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Names what is there now and was not before.
pub fn added(before: &Inventory, now: &Inventory) -> Vec<String> {
    let none = BTreeSet::new();
    let names = now.iter().flat_map(|(list, names)| {
        let old = before.get(list).unwrap_or(&none);
        names
            .difference(old)
            .map(move |name| format!("{list}: {name}"))
    });
    names.collect()
}
