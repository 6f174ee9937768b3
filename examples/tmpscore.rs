//! tmp
fn main() {
    let rules = kumojuku::notes::freshness::Rules::parse(
        &std::fs::read_to_string("content/freshness.yaml").unwrap(),
    )
    .unwrap();
    let t0 = std::time::Instant::now();
    let mut bytes = 0;
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        bytes += text.len();
        let mut lines: Vec<&str> = text.lines().collect();
        if path.ends_with(".md") && lines.first() == Some(&"---") {
            let end = lines.iter().skip(1).position(|l| *l == "---").unwrap_or(0) + 2;
            for l in &mut lines[..end] {
                *l = "";
            }
        }
        for f in rules.check("", 1, &lines) {
            println!(
                "{path}\t{}\t{}\t{}\t{}\t{}",
                f.line,
                f.line_end,
                f.column,
                rules.rules()[f.rule].id,
                lines[f.line - 1]
                    .chars()
                    .skip(f.column.saturating_sub(30))
                    .take(110)
                    .collect::<String>()
            );
        }
    }
    eprintln!("{} bytes {:?}", bytes, t0.elapsed());
}
