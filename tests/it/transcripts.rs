//! Transcripts: what is typed and what comes back, as text files in `transcripts/`.
//!
//! A line `$ juku …` runs the program on the home that the whole file shares; `< …` lines below it are its stdin;
//! then follow its stdout, its stderr with `! ` before each line, and `? N` when it ends with another code than 0.
//! In expected lines `[..]` stands for anything, and a line `...` for any number of lines. `@ TIME` moves the clock.
//! `JUKU_TRANSCRIPTS=overwrite cargo test transcripts` writes what came back into the files.

use std::fmt::Write as _;
use std::path::Path;

use crate::env::TestEnv;

struct Step {
    head: Vec<String>,
    expected: Vec<String>,
}

fn parse(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        let starts = line.starts_with("$ ")
            || line.starts_with("@ ")
            || line.starts_with('#')
            || line.is_empty();
        match steps.last_mut() {
            Some(step) if !starts && line.starts_with("< ") => step.head.push(line.to_owned()),
            Some(step) if !starts => step.expected.push(line.to_owned()),
            _ => steps.push(Step {
                head: vec![line.to_owned()],
                expected: Vec::new(),
            }),
        }
    }
    steps
}

fn run(env: &TestEnv, step: &Step) -> Vec<String> {
    let words = shlex::split(&step.head[0]).unwrap();
    assert_eq!(
        words[..2],
        ["$", "juku"],
        "a step runs `juku`: {:?}",
        step.head[0]
    );
    let arguments: Vec<&str> = words[2..].iter().map(String::as_str).collect();
    let stdin: String = step.head[1..].iter().fold(String::new(), |mut all, line| {
        writeln!(all, "{}", line.strip_prefix("< ").unwrap()).unwrap();
        all
    });
    let run = env.juku_with(&arguments, &stdin);
    // An empty line would end the step in the file.
    let shown = |line: &str| {
        if line.is_empty() {
            "·".to_owned()
        } else {
            line.to_owned()
        }
    };
    let mut lines: Vec<String> = run.out.lines().map(shown).collect();
    lines.extend(run.err.lines().map(|line| format!("! {line}")));
    if run.code != 0 {
        lines.push(format!("? {}", run.code));
    }
    let home = env.home().display().to_string();
    lines
        .into_iter()
        .map(|line| line.replace(&home, "[HOME]").trim_end().to_owned())
        .collect()
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn matches(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((any, rest)) if any == "..." => (0..=lines.len()).any(|n| matches(rest, &lines[n..])),
        Some((pattern, rest)) => lines
            .split_first()
            .is_some_and(|(line, others)| line_matches(pattern, line) && matches(rest, others)),
    }
}

fn play(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).unwrap();
    let overwrite = std::env::var_os("JUKU_TRANSCRIPTS").is_some_and(|value| value == "overwrite");
    let mut env = TestEnv::new();
    if path.file_stem().unwrap().to_string_lossy().ends_with("_en") {
        env = env.english();
    }
    let (mut played, mut wrong) = (String::new(), String::new());
    for step in parse(&text) {
        for line in &step.head {
            writeln!(played, "{line}").unwrap();
        }
        if let Some(now) = step.head[0].strip_prefix("@ ") {
            env.set_now(now);
        }
        if !step.head[0].starts_with("$ ") {
            continue;
        }
        let lines = run(&env, &step);
        let kept = if matches(&step.expected, &lines) {
            &step.expected
        } else {
            &lines
        };
        for line in kept {
            writeln!(played, "{line}").unwrap();
        }
        if !matches(&step.expected, &lines) {
            let (expected, got) = (step.expected.join("\n"), lines.join("\n"));
            writeln!(
                wrong,
                "{}\n--- expected\n{expected}\n--- got\n{got}\n",
                step.head.join("\n")
            )
            .unwrap();
        }
    }
    if overwrite {
        std::fs::File::create(path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, played.as_bytes()))
            .unwrap();
        return Ok(());
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n{wrong}", path.display()))
    }
}

#[test]
fn transcripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/transcripts");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let wrong: Vec<String> = paths.iter().filter_map(|path| play(path).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
