//! The command line's contract: exit codes, streams, errors.

use crate::env::TestEnv;

#[test]
fn an_unknown_command_names_the_nearest() {
    let run = TestEnv::new().juku(&["confg"]).expect(2);
    assert!(
        run.out.is_empty() && run.err.contains("`config`"),
        "{}",
        run.err
    );
}

#[test]
fn an_error_is_a_json_document_when_asked() {
    let run = TestEnv::new().juku(&["--json", "confg"]).expect(2);
    let document = run.json();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["error"]["code"], "unknown-command");
    assert!(run.err.is_empty(), "{}", run.err);
}

#[test]
fn broken_settings_name_their_place_and_stay_as_they_are() {
    let env = TestEnv::new();
    let path = env.write("juku/config/config.toml", "[study]\nretention = \"high\"\n");
    let run = env.juku(&["--json", "config", "show"]).expect(2);
    let error = &run.json()["error"];
    assert_eq!(error["line"], 2);
    assert_eq!(error["path"], path.display().to_string());
    env.juku(&["config", "set", "study.retention", "0.8"])
        .expect(2);
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        "[study]\nretention = \"high\"\n"
    );
}

#[test]
fn setting_a_key_keeps_the_users_comments() {
    let env = TestEnv::new();
    let path = env.write(
        "juku/config/config.toml",
        "# mine\n[study] # keep\nretention = 0.8\n",
    );
    env.juku(&["config", "set", "exam.date", "2026-12-20"])
        .expect(0);
    env.juku(&["config", "set", "study.retention", "2"])
        .expect(2);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(
        text.starts_with("# mine\n[study] # keep\nretention = 0.8\n"),
        "{text}"
    );
    assert!(text.contains("date = \"2026-12-20\""), "{text}");
}

#[test]
fn a_script_stops_at_the_first_failure() {
    let env = TestEnv::new();
    let run = env
        .juku_with(&[], "config path\nnonsense\nconfig path\n")
        .expect(2);
    assert_eq!(run.out.lines().count(), 1, "{}", run.out);
}

#[test]
fn a_data_folder_that_is_a_file_is_said_plainly() {
    let env = TestEnv::new();
    env.write("juku/data", "in the way");
    let run = env.juku(&["doctor"]).expect(1);
    assert!(run.out.contains("×"), "{}", run.out);
}

#[test]
fn a_damaged_database_is_reported_and_left_alone() {
    let env = TestEnv::new();
    let path = env.write("juku/data/study.db", "no database ".repeat(200));
    let run = env.juku(&["--json", "doctor"]).expect(1);
    assert_eq!(run.json()["ok"], false);
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        "no database ".repeat(200)
    );
}

#[test]
fn a_backup_comes_back() {
    let env = TestEnv::new();
    env.juku(&["config", "set", "exam.date", "2026-12-20"])
        .expect(0);
    env.juku(&["backup", "out/copy.zip"]).expect(0);
    env.juku(&["config", "set", "exam.date", "2026-12-24"])
        .expect(0);
    env.juku(&["--no-input", "restore", "out/copy.zip"])
        .expect(2);
    env.juku(&["--yes", "restore", "out/copy.zip"]).expect(0);
    let shown = env.juku(&["config", "show"]).expect(0).out;
    assert!(shown.contains("2026-12-20"), "{shown}");
    env.juku(&["--yes", "restore", "juku/config/config.toml"])
        .expect(4);
}

#[test]
fn a_history_that_is_empty_or_gone_is_no_fresh_start_while_there_is_a_copy() {
    let env = TestEnv::new();
    env.juku_with(&["quiz", "--count", "1"], "a\n").expect(0);
    let path = env.home().join("juku/data/study.db");
    for side in ["-wal", "-shm"] {
        drop(std::fs::remove_file(
            env.home().join(format!("juku/data/study.db{side}")),
        ));
    }
    std::fs::write(&path, "").unwrap();
    let error = env.juku(&["stats", "--json"]).expect(4).json();
    assert_eq!(error["error"]["code"], "store-lost");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0, "left alone");
    assert_eq!(
        env.juku(&["doctor", "--json"]).expect(1).json()["ok"],
        false
    );
    std::fs::remove_file(&path).unwrap();
    let error = env.juku(&["quiz", "--json"]).expect(4).json();
    assert!(!path.exists(), "nothing was begun");
    let hint = error["error"]["hint"].as_str().unwrap();
    let copy = hint.split("restore ").nth(1).unwrap();
    let copy = copy.split('`').next().unwrap();
    env.juku(&["--yes", "restore", copy]).expect(0);
    let stats = env.juku(&["stats", "--json"]).expect(0).json();
    assert_eq!(stats["reviews"], 1);
}

#[test]
fn a_damaged_history_is_put_back_from_the_copy_that_is_named() {
    let env = TestEnv::new();
    // Without any session there is no copy, and that is said.
    let path = env.write("juku/data/study.db", "no database ".repeat(200));
    let run = env.juku(&["stats", "--json"]).expect(4);
    assert!(run.out.contains("控えはまだありません"), "{}", run.out);
    std::fs::remove_file(&path).unwrap();
    env.juku_with(&["quiz", "--count", "1"], "a\n").expect(0);
    env.juku_with(&["quiz", "--count", "1"], "a\n").expect(0);
    std::fs::write(&path, "no database ".repeat(200)).unwrap();
    let error = env.juku(&["stats", "--json"]).expect(4).json();
    let hint = error["error"]["hint"].as_str().unwrap();
    let copy = hint.split('`').nth(1).unwrap();
    assert!(copy.contains("study-2026"), "{hint}");
    // Neither the damaged file nor the copy is lost.
    env.juku(&["--yes", "restore", copy]).expect(0);
    let reviews = env.juku(&["stats", "--json"]).expect(0).json()["reviews"].clone();
    assert_eq!(
        reviews, 1,
        "the copy of the day was taken after its first session"
    );
    let backups = path.parent().unwrap().join("backups");
    let kept = std::fs::read_dir(backups).unwrap().flatten();
    assert!(kept.into_iter().any(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with("before-restore-")
    }));
}
