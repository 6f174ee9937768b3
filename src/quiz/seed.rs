//! Chance derived from identity: the same names always give the same order.
//!
//! Orders come from sorting by hash rather than from a generator, so that they depend neither on a library's
//! shuffling algorithm nor on the order in which items were read, and adding one item moves no two others.

/// Hashes some names into a number; the parts are kept apart, so that `["ab", "c"]` differs from `["a", "bc"]`.
pub fn rank(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let mut first = [0_u8; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}

/// Puts items into the order that a seed gives their names.
pub fn order<T>(items: &mut [T], seed: &str, name: impl Fn(&T) -> &str) {
    items.sort_by_cached_key(|item| (rank(&[seed, name(item)]), name(item).to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_apart() {
        assert_ne!(rank(&["ab", "c"]), rank(&["a", "bc"]));
        assert_eq!(rank(&["ab", "c"]), rank(&["ab", "c"]));
    }

    #[test]
    fn an_order_is_stable_and_differs_by_seed() {
        let names: Vec<String> = (0..20).map(|i| format!("n{i}")).collect();
        let ordered = |seed: &str| {
            let mut names = names.clone();
            order(&mut names, seed, |n| n);
            names
        };
        assert_eq!(ordered("1"), ordered("1"));
        assert_ne!(ordered("1"), ordered("2"));
    }
}
