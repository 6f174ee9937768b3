//! What a person at a terminal sees: the program on a pseudo-terminal, read back through a terminal emulator.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::sync::mpsc;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::env::TestEnv;

/// How long a screen may take to show what is awaited.
const PATIENCE: Duration = Duration::from_mins(1);
const ROWS: NonZero<u16> = NonZero::new(40).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

/// The program on a terminal of 80 columns.
pub struct Terminal {
    screen: vt100::Parser,
    keys: Box<dyn std::io::Write + Send>,
    output: mpsc::Receiver<Vec<u8>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
}

impl Terminal {
    pub fn open(env: &TestEnv, arguments: &[&str]) -> Self {
        Self::with(env, arguments, &[])
    }

    /// Opens it with further variables.
    pub fn with(env: &TestEnv, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows: ROWS.get(),
                cols: COLUMNS.get(),
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let prepared = env.command(arguments);
        let mut command = CommandBuilder::new(prepared.get_program());
        command.args(prepared.get_args());
        command.env_clear();
        for (name, value) in prepared.get_envs() {
            command.env(name, value.unwrap());
        }
        command.env("TERM", "xterm-256color");
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(env.home());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            // The master side lives here as long as there is something to read.
            let _master = pair.master;
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            keys,
            output,
            child,
        }
    }

    /// Types keys; `\r` is Enter.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub fn wait(&mut self, text: &str) -> String {
        self.wait_until(text, |contents| contents.contains(text))
    }

    /// Waits until the last line is an empty prompt: keys typed earlier would reach the terminal between two modes.
    #[track_caller]
    pub fn wait_prompt(&mut self) -> String {
        self.wait_until("an empty prompt", |contents| {
            contents.trim_end().lines().next_back() == Some("juku>")
        })
    }

    /// Waits until the last line is the prompt of a question: before, Ctrl-C would end the program as a signal.
    #[track_caller]
    fn wait_question(&mut self) {
        self.wait_until("a question", |contents| {
            contents.trim_end().lines().next_back() == Some("解答>")
        });
    }

    #[track_caller]
    fn wait_until(&mut self, awaited: &str, holds: impl Fn(&str) -> bool) -> String {
        loop {
            let contents = self.screen.screen().contents();
            if holds(&contents) {
                return contents;
            }
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(error) => panic!("`{awaited}` did not come ({error}):\n{contents}"),
            }
        }
    }

    /// Waits for the end and gives the exit code.
    #[track_caller]
    pub fn end(mut self) -> u32 {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.child.kill().unwrap();
                    panic!(
                        "the program did not end:\n{}",
                        self.screen.screen().contents()
                    );
                }
            }
        }
        self.child.wait().unwrap().exit_code()
    }
}

#[test]
fn the_prompt_answers_completes_and_leaves() {
    let env = TestEnv::new();
    let mut terminal = Terminal::open(&env, &[]);
    terminal.wait_prompt();
    terminal.keys("doc\t");
    terminal.wait("juku> doctor");
    terminal.keys("\x15config path\r");
    terminal.wait("config.toml");
    terminal.wait_prompt();
    terminal.keys("\x04");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_mistyped_command_is_not_searched_for() {
    let env = TestEnv::new();
    let mut terminal = Terminal::open(&env, &[]);
    terminal.wait_prompt();
    terminal.keys("confg\r");
    terminal.wait("`config`");
    terminal.wait_prompt();
    terminal.keys("quit\r");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn ctrl_c_ends_the_listening_rehearsal_and_not_the_prompt() {
    let env = TestEnv::new();
    let mut terminal = Terminal::open(&env, &[]);
    terminal.wait_prompt();
    terminal.keys("lab listen\r");
    // The last line of what is told stands at the start of a line when the port listens.
    terminal.wait("Ctrl-C");
    terminal.keys("\x03");
    terminal.wait_prompt();
    terminal.keys("quit\r");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn ctrl_c_ends_an_import_and_the_same_command_goes_on() {
    let env = TestEnv::new();
    let text = "## 可視性タイムアウト\n\n受信したメッセージは、処理が終わるまで見えない。\n\n";
    for number in 0..400 {
        let note = format!("# 記録 {number}\n\n{}", text.repeat(40));
        env.write(&format!("notes/{number:03}.md"), note);
    }
    let mut terminal = Terminal::open(&env, &["import", "notes"]);
    // The bar is drawn before the first file is looked at.
    terminal.wait("/400");
    terminal.keys("\x03");
    terminal.wait("中断しました");
    assert_eq!(terminal.end(), 130);
    let mut terminal = Terminal::open(&env, &[]);
    terminal.wait_prompt();
    terminal.keys("import notes\r");
    terminal.wait("/400");
    terminal.keys("\x03");
    terminal.wait("中断しました");
    terminal.wait_prompt();
    terminal.keys("import notes\r");
    terminal.wait("400 ファイルから記事 400 件");
    terminal.wait_prompt();
    terminal.keys("quit\r");
    assert_eq!(terminal.end(), 0);
    // The library's list counts the sections in the index.
    let list = env.juku(&["notes", "list", "--json"]).expect(0).json();
    let notes = list["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 400);
    assert!(notes.iter().all(|note| note["sections"].as_u64() > Some(0)));
}

#[test]
fn candidates_are_kept_skipped_edited_and_left_one_key_each() {
    let env = TestEnv::new();
    let note = env.write(
        "notes/sqs.md",
        "# SQS まとめ\n\n## キュー\n\n\
         - 遅延キュー：届いてもしばらく見せないキュー\n\
         - 可視性タイムアウト：受信した消費者だけに見せる時間\n\
         - ロングポーリング：届くまで待つ受信のしかた\n\
         - デッドレターキュー：処理に失敗したメッセージの置き場\n",
    );
    env.juku(&["import", note.to_str().unwrap()]).expect(0);
    let mut terminal = Terminal::open(&env, &["card", "suggest", "--exam", "SAA"]);
    terminal.wait("1/4");
    terminal.keys("y\r");
    terminal.wait("2/4");
    terminal.keys("n\r");
    terminal.wait("3/4");
    // A slip of the finger asks again instead of ending the review.
    terminal.keys("z\r");
    terminal.wait("`z`");
    terminal.keys("=ロングポーリングとは | 最長 20 秒まで待つ受信のしかた\r");
    terminal.wait("4/4");
    terminal.keys("q\r");
    let screen = terminal.wait("notes/saa.yaml");
    assert!(
        screen.contains("採用 2 · とばした 1 · 二度と出さない 0 · 残り 1"),
        "{screen}"
    );
    assert_eq!(terminal.end(), 0);
    let list = env.juku(&["card", "list", "--json"]).expect(0).json();
    let questions: Vec<&str> = list["cards"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|card| card["question"].as_str())
        .collect();
    assert_eq!(
        questions,
        ["キュー › 遅延キュー は", "ロングポーリングとは"]
    );
}

/// A home with one question whose right option is first in the file.
fn one_question() -> TestEnv {
    let env = TestEnv::new();
    let bank = include_str!("../fixtures/quizzes/valid/saa-sample.yaml")
        .replace("[sqs, lambda]", "[fixture]")
        .replace("[vpc]", "[fixture]")
        .replace("[sqs]", "[fixture]");
    let end = bank.match_indices("\n  - id:").nth(1).unwrap().0;
    env.write("juku/data/quizzes/saa/sample.yaml", &bank[..end]);
    env
}

/// Gives the letter under which an option is shown.
fn letter_of(terminal: &mut Terminal, option: &str) -> String {
    terminal.wait("解答>");
    let shown = terminal.wait(option);
    let line = shown.lines().find(|line| line.contains(option)).unwrap();
    line.trim_start().chars().take(1).collect()
}

#[test]
fn at_the_cause_of_a_miss_words_keep_their_meaning_and_nothing_is_swallowed() {
    let env = one_question();
    let quiz = ["quiz", "--service", "fixture"];
    let mut terminal = Terminal::open(&env, &quiz);
    let wrong = letter_of(&mut terminal, "Amazon CloudFront");
    terminal.keys(&format!("{wrong}\r"));
    terminal.wait("まちがえた原因は？");
    terminal.keys("a?\r");
    terminal.wait("`a?` は原因ではありません");
    terminal.keys("u\r");
    terminal.wait("の最後の解答を取り消しました");
    terminal.wait_question();
    terminal.keys("\x03");
    assert_eq!(terminal.end(), 130);
    let stats = env.juku(&["stats", "--json"]).expect(0).json();
    assert_eq!(stats["reviews"], 0);
    // Once more, and left by Ctrl-C where the cause is asked.
    let mut terminal = Terminal::open(&env, &quiz);
    let wrong = letter_of(&mut terminal, "Amazon CloudFront");
    terminal.keys(&format!("{wrong}\r"));
    terminal.wait("まちがえた原因は？");
    terminal.keys("\x03");
    assert_eq!(terminal.end(), 130);
    let stats = env.juku(&["stats", "--json"]).expect(0).json();
    assert_eq!(stats["reviews"], 1);
}

#[test]
fn an_edited_question_is_read_again_and_a_wrong_editor_leaves_it_open() {
    let env = one_question();
    let quiz = ["quiz", "--service", "fixture"];
    let mut terminal = Terminal::with(&env, &quiz, &[("EDITOR", "no-such-editor")]);
    terminal.wait("解答>");
    terminal.keys("edit\r");
    terminal.wait("`no-such-editor` を開けません");
    terminal.keys("quit\r");
    assert_eq!(terminal.end(), 0);
    // The editor gets `+line path`; this one changes the question.
    let editor = env.write("editor", "sed -i s/出荷サービス/配送サービス/ \"$2\"\n");
    let editor = format!("sh {}", editor.display());
    let mut terminal = Terminal::with(&env, &quiz, &[("EDITOR", &editor)]);
    terminal.wait("出荷サービス");
    terminal.keys("edit\r");
    terminal.wait("配送サービス");
    terminal.keys("quit\r");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn no_line_of_a_session_is_wider_than_the_terminal() {
    let env = one_question();
    let quiz = ["quiz", "--service", "fixture"];
    let mut terminal = Terminal::open(&env, &quiz);
    // A line that the terminal breaks itself would go on at the next line's start; ours ends before the edge.
    terminal.wait("終了");
    let wrong = letter_of(&mut terminal, "Amazon CloudFront");
    terminal.keys(&format!("{wrong}\r"));
    let shown = terminal.wait("まちがえた原因は？");
    assert!(!shown.contains("| ---"), "{shown}");
    terminal.keys("quit\r");
    assert_eq!(terminal.end(), 0);
    let stats = env
        .command(["stats"])
        .env("COLUMNS", "60")
        .output()
        .unwrap();
    let out = String::from_utf8(stats.stdout).unwrap();
    let wide: Vec<&str> = out
        .lines()
        .filter(|line| unicode_width::UnicodeWidthStr::width(*line) > 60)
        .collect();
    assert!(wide.is_empty(), "{wide:?}");
}
