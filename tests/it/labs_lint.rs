//! Every bundled template, and that of the bootstrap stack, passes cfn-lint, warnings included.

use std::path::Path;
use std::process::Command;

use crate::python_env;

#[test]
fn every_template_passes_cfn_lint() {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let mut templates: Vec<_> = std::fs::read_dir(labs)
        .unwrap()
        .flatten()
        .map(|lab| lab.path().join("template.yaml"))
        .collect();
    templates.retain(|template| template.exists());
    templates.sort();
    assert!(!templates.is_empty());
    let own = tempfile::tempdir().unwrap();
    let bootstrap = own.path().join("bootstrap.yaml");
    std::fs::write(&bootstrap, kumojuku::lab::bootstrap::template()).unwrap();
    templates.push(bootstrap);
    let output = Command::new(python_env::programs().join("cfn-lint"))
        .args(["--regions", "ap-northeast-1", "us-east-1", "--"])
        .args(&templates)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
