//! The report of `quality`: measures by kind of query, with an interval, against floors.

use std::collections::BTreeMap;

use crate::judged::Score;

/// Prints the measures by kind of query and says whether the floors hold.
pub(crate) fn report(scores: &[Score], floors: [Option<f64>; 3]) -> bool {
    let mut kinds: BTreeMap<&str, Vec<&Score>> = BTreeMap::new();
    for score in scores {
        kinds.entry(&score.kind).or_default().push(score);
    }
    println!(
        "{:8} {:>4} {:>8} {:>8} {:>8}",
        "", "n", "nDCG@10", "MRR@10", "Rec@10"
    );
    for (kind, of_kind) in &kinds {
        print_row(kind, of_kind);
    }
    let all: Vec<&Score> = scores.iter().collect();
    let means = print_row("all", &all);
    let (low, high) = interval(&all);
    println!("         nDCG@10 90% interval {low:.3}-{high:.3} (bootstrap over queries)");
    let worst = scores
        .iter()
        .filter(|s| s.ndcg < 0.6)
        .map(|s| s.query.as_str())
        .collect::<Vec<_>>();
    if !worst.is_empty() {
        println!("         below .6: {}", worst.join(" | "));
    }
    let good = means
        .iter()
        .zip(floors)
        .all(|(mean, floor)| floor.is_none_or(|floor| *mean >= floor));
    if !good {
        println!("         below the floor {floors:?}");
    }
    good
}

fn print_row(name: &str, scores: &[&Score]) -> [f64; 3] {
    let mean = |f: &dyn Fn(&Score) -> f64| {
        scores.iter().map(|s| f(s)).sum::<f64>() / scores.len().max(1) as f64
    };
    let means = [mean(&|s| s.ndcg), mean(&|s| s.mrr), mean(&|s| s.recall)];
    println!(
        "{name:8} {:4} {:8.4} {:8.4} {:8.4}",
        scores.len(),
        means[0],
        means[1],
        means[2]
    );
    means
}

/// Bootstrap over queries with a fixed sequence, so that the same run prints the same interval.
fn interval(scores: &[&Score]) -> (f64, f64) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut means: Vec<f64> = (0..2000)
        .map(|_| {
            let sum: f64 = (0..scores.len())
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    scores
                        .get((state % scores.len().max(1) as u64) as usize)
                        .map_or(0.0, |s| s.ndcg)
                })
                .sum();
            sum / scores.len().max(1) as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (
        means.get(100).copied().unwrap_or(0.0),
        means.get(1899).copied().unwrap_or(0.0),
    )
}
