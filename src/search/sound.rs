//! How a loan word sounds: `filter` and フィルター are one word in two scripts.
//!
//! The key of a word is its consonants, with what Japanese does not tell apart made one: l and r, v and b, and all
//! that hisses. Vowels are dropped (English spelling hardly tells them), a vowel at the beginning is marked. Written
//! by hand from how English words are taken over into katakana; no list of words is behind it.

/// Shortest key; shorter ones stand for too many words.
const SHORTEST: usize = 3;

/// Gives the key of a word in Latin letters or katakana; `None` for other words and for those too short.
///
/// The word is folded: lower case, half-width, katakana full-width with small kana and long-vowel marks as written.
pub(super) fn key(word: &str) -> Option<String> {
    key_of(&[word])
}

/// Gives the key of words that katakana writes as one: `port forwarding`, ポートフォワーディング.
pub(super) fn key_of(words: &[&str]) -> Option<String> {
    let mut key = String::new();
    for word in words {
        let letters: Vec<char> = word.chars().collect();
        let own = if letters.iter().all(char::is_ascii_lowercase) {
            english(&letters)
        } else if letters.iter().all(|c| matches!(c, 'ァ'..='ヺ' | 'ー')) {
            katakana(&letters)
        } else {
            return None;
        };
        // Only the first vowel of all is heard at a beginning.
        let own = own
            .strip_prefix(VOWEL)
            .filter(|_| !key.is_empty())
            .unwrap_or(&own);
        key.push_str(own);
    }
    (key.chars().count() >= SHORTEST).then_some(key)
}

/// Lists the words of a folded text that may be loan words, each as it is written.
pub(super) fn loan_words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, 'ァ'..='ヺ' | 'ー')))
        .flat_map(|run| {
            // EC2インスタンス: letters and katakana that touch are two words.
            let border = run.char_indices().find(|(_, c)| !c.is_ascii());
            let (letters, kana) = run.split_at(border.map_or(run.len(), |(at, _)| at));
            [letters, kana]
        })
        .filter(|word| word.len() >= SHORTEST)
}

/// Stands for a vowel at the beginning.
const VOWEL: char = '*';

const fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// Groups of letters that sound as one, the longer first; what they become, and how many letters they take.
const GROUPS: &[(&str, &str)] = &[
    ("ssion", "sn"),
    ("tion", "sn"),
    ("sion", "sn"),
    ("tial", "sr"),
    ("cial", "sr"),
    ("dge", "s"),
    ("tch", "t"),
    ("qu", "k"),
    ("ck", "k"),
    ("ph", "f"),
    ("gh", ""),
    ("wh", "w"),
    ("sh", "s"),
    ("th", "s"),
    ("ch", "t"),
];

/// Finds the group of letters that begins at a place; few letters begin one.
fn group_at(letters: &[char], index: usize) -> Option<&'static (&'static str, &'static str)> {
    let rest = letters.get(index..)?;
    if !matches!(rest.first()?, 's' | 't' | 'c' | 'd' | 'q' | 'p' | 'g' | 'w') {
        return None;
    }
    GROUPS.iter().find(|(group, _)| {
        let own = rest.iter().take(group.len()).copied();
        own.eq(group.chars())
    })
}

fn english(letters: &[char]) -> String {
    let mut key = String::new();
    let at = |index: usize| letters.get(index).copied();
    let mut index = match (at(0), at(1)) {
        (Some('w'), Some('r')) | (Some('k'), Some('n')) => 1,
        _ => 0,
    };
    while let Some(letter) = at(index) {
        if let Some((group, sound)) = group_at(letters, index) {
            key.push_str(sound);
            index += group.len();
            continue;
        }
        let (before, next) = (index.checked_sub(1).and_then(at), at(index + 1));
        let after_vowel = before.is_some_and(is_vowel);
        let before_vowel = next.is_some_and(|c| is_vowel(c) || c == 'y');
        let soft = matches!(next, Some('e' | 'i' | 'y'));
        // A silent e: `store`, `secure`.
        let closing = next == Some('e') && index + 2 == letters.len();
        let sound = match letter {
            _ if before == Some(letter) && !is_vowel(letter) => None,
            c if is_vowel(c) => (index == 0).then_some(VOWEL),
            'y' => (index == 0 && before_vowel).then_some('y'),
            'w' => (before_vowel || !after_vowel).then_some('w'),
            'r' if after_vowel && (!before_vowel || closing) => None,
            'l' | 'r' => Some('r'),
            'v' => Some('b'),
            'c' | 'g' if soft => Some('s'),
            'c' | 'q' => Some('k'),
            'j' | 'z' => Some('s'),
            'm' if matches!(next, Some('p' | 'b')) => Some('n'),
            'x' => {
                key.push('k');
                Some('s')
            }
            c => Some(c),
        };
        key.extend(sound);
        index += 1;
    }
    key
}

fn katakana(letters: &[char]) -> String {
    let mut key = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let next = letters.get(index + 1);
        let small = matches!(next, Some('ァ' | 'ィ' | 'ェ' | 'ォ'));
        let sound = match letter {
            'ウ' if small => Some('w'),
            'ア' | 'イ' | 'ウ' | 'エ' | 'オ' => (index == 0).then_some(VOWEL),
            'カ' | 'キ' | 'ク' | 'ケ' | 'コ' => Some('k'),
            'ガ' | 'ギ' | 'グ' | 'ゲ' | 'ゴ' => Some('g'),
            'サ' | 'シ' | 'ス' | 'セ' | 'ソ' | 'ザ' | 'ジ' | 'ズ' | 'ゼ' | 'ゾ' => {
                Some('s')
            }
            'タ' | 'チ' | 'ツ' | 'テ' | 'ト' => Some('t'),
            'ダ' | 'ヂ' | 'ヅ' | 'デ' | 'ド' => Some('d'),
            'ナ' | 'ニ' | 'ヌ' | 'ネ' | 'ノ' | 'ン' => Some('n'),
            'フ' => Some('f'),
            'ハ' | 'ヒ' | 'ヘ' | 'ホ' => Some('h'),
            'バ' | 'ビ' | 'ブ' | 'ベ' | 'ボ' | 'ヴ' => Some('b'),
            'パ' | 'ピ' | 'プ' | 'ペ' | 'ポ' => Some('p'),
            'マ' | 'ミ' | 'ム' | 'メ' | 'モ' => Some('m'),
            'ヤ' | 'ユ' | 'ヨ' => (index == 0).then_some('y'),
            'ラ' | 'リ' | 'ル' | 'レ' | 'ロ' => Some('r'),
            'ワ' | 'ヲ' => Some('w'),
            _ => None,
        };
        key.extend(sound);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_in_two_scripts_has_one_key() {
        for (english, katakana) in [
            ("filter", "フィルター"),
            ("filter", "フィルタ"),
            ("metrics", "メトリクス"),
            ("intelligent", "インテリジェント"),
            ("tiering", "ティアリング"),
            ("forwarding", "フォワーディング"),
            ("boundary", "バウンダリ"),
            ("permission", "パーミッション"),
            ("authorizer", "オーソライザー"),
            ("synthetics", "シンセティックス"),
            ("snowball", "スノーボール"),
            ("throttling", "スロットリング"),
            ("compliance", "コンプライアンス"),
            ("governance", "ガバナンス"),
            ("template", "テンプレート"),
            ("snapshot", "スナップショット"),
            ("streaming", "ストリーミング"),
            ("sharding", "シャーディング"),
            ("failover", "フェイルオーバー"),
            ("index", "インデックス"),
            ("proxy", "プロキシ"),
            ("window", "ウィンドウ"),
            ("gateway", "ゲートウェイ"),
            ("storage", "ストレージ"),
            ("bridge", "ブリッジ"),
            ("subscription", "サブスクリプション"),
            ("replication", "レプリケーション"),
            ("console", "コンソール"),
            ("endpoint", "エンドポイント"),
            ("cluster", "クラスター"),
        ] {
            assert_eq!(key(english), key(katakana), "{english} {katakana}");
            assert!(key(english).is_some(), "{english}");
        }
    }

    #[test]
    fn every_group_begins_with_a_letter_that_is_looked_for() {
        for entry in GROUPS {
            let letters: Vec<char> = entry.0.chars().collect();
            assert_eq!(group_at(&letters, 0), Some(entry), "{}", entry.0);
        }
    }

    #[test]
    fn words_that_katakana_joins_and_words_in_a_text() {
        assert_eq!(
            key_of(&["port", "forwarding"]),
            key("ポートフォワーディング")
        );
        assert_eq!(key_of(&["event", "owner"]), key("イベントオーナー"));
        let words: Vec<&str> = loan_words("ec2のsnapshotとec2インスタンス、data_key").collect();
        assert_eq!(
            words,
            ["ec2", "snapshot", "ec2", "インスタンス", "data", "key"]
        );
    }

    #[test]
    fn other_words_and_short_ones_have_none() {
        for word in ["s3", "設定", "キー", "data", "ログ", "ec2-user", ""] {
            assert_eq!(key(word), None, "{word}");
        }
        assert_ne!(key("alarm"), key("リプレイ"));
        assert_ne!(key("region"), key("リソース"));
    }
}
