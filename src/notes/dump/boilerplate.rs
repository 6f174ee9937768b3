//! Lines that belong to a web page and not to its article: share buttons, navigation, picture names, bare links.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::fold;

/// Longest share or navigation line, in characters; a longer one is a sentence about sharing.
const SHORT: usize = 48;

/// Compiles an expression of this folder; one that does not compile never matches, which the tests would show.
pub(super) fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// Says whether a text matches.
pub(super) fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// Words of share buttons and "read on" links, folded, in the languages in which pages carry them.
static SHARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"はてなブックマーク|はてブ|ブックマークに追加|で続きを読む|^続きを(読む|見る|みる)|記事の続き|",
        r"シェアする|でシェア|をシェア|^シェア$|共有する|で共有|^共有$|ツイートする|^ツイート$|をツイート|ポストする|^ポスト$|",
        r"lineで送る|pocketに保存|urlをコピー|リンクをコピー|いいね ?[!！]? ?\d*$|^スキ ?\d*$|",
        r"^元記事(を|へ|は|:|$)|^この記事を(読む|共有|シェア|ツイート|ストック)|記事を読む$|もっと(読む|見る)$|^全文を読む|",
        r"^read (more|the (full|original|rest)|on )|^continue reading|^keep reading|^permalink$|^share( this| on|:|$)|^tweet( this)?$|",
        r"^(post|save|send|add|share|pin) (this |it )?(to|on|via|with) |^like ?\d*$|^\d+ (likes?|comments?|shares?|claps?|views?)$|",
        r"^view (on|original|source)|^open in (the )?(browser|app)|^original (article|post)|^source article|",
        r"^(facebook|twitter|linkedin|reddit|hatena|pocket|line|x|feedly|email|print)$|",
        r"^auf .* teilen$|^weiterlesen|^lire la suite|^partager|^seguir leyendo|^compartir|^leer más|",
        r"공유하기|계속 읽기|继续阅读|阅读(全文|更多|原文)|^分享|分享到|繼續閱讀"
    ))
});

/// Navigation: back to the top, skip to the content, site menus.
static NAVIGATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^(コンテンツ|本文|メインコンテンツ)(に|へ)(スキップ|移動|飛ぶ)|^skip to (main )?content|^(▲|△|↑|⬆|↟|^)? ?",
        r"(この)?(ページ(の)?(上部|先頭|トップ|top)(へ|に)?(移動|戻る)?|先頭へ戻る|トップ(へ|に)戻る|上に戻る|目次(へ|に)(戻る)?|back to (the )?top|to the top|return to top)$|",
        r"^(広告|sponsored|advertisement|スポンサーリンク|プロモーション)$"
    ))
});

static IMAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^(f:id:\S+:(plain|image|w\d+|h\d+|left|right)\S*|!?\[?[^。、]{1,100}\.(png|jpe?g|gif|svg|webp|bmp|heic|avif|tiff?)\]?|(image|img|画像|図) ?\d{0,3}|(スクリーンショット|screen ?shot) \d{4}.{0,30}|[\w-]+-\d{2,4}x\d{2,4})$",
    )
});

static DOMAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i)^([a-z0-9-]+\.)+(com|jp|org|net|io|dev|tech|me|info|app|edu|gov|blog|site|cloud|ai)$",
    )
});

/// Strips what a list puts before a line.
pub(crate) fn without_bullet(text: &str) -> &str {
    text.trim()
        .trim_start_matches([
            '•', '*', '-', '・', '‣', '●', '○', '▪', '–', '>', '»', '[', '→',
        ])
        .trim_end_matches([']', '»', '>'])
        .trim()
}

/// Says whether a line is a share button or a "read on" link.
pub(crate) fn is_share(text: &str) -> bool {
    let bare = without_bullet(text);
    let length = bare.chars().count();
    (1..=SHORT).contains(&length)
        && !bare.ends_with('。')
        && matches(
            &SHARE,
            fold(bare).trim_end_matches(['.', '…', '→', '»', ' ']),
        )
}

/// Says whether a line is navigation of the page.
pub(crate) fn is_navigation(text: &str) -> bool {
    let bare = text.trim();
    bare.chars().count() <= SHORT && !bare.is_empty() && matches(&NAVIGATION, &fold(bare))
}

/// Says whether a line is nothing but the name of a picture.
pub(crate) fn is_image(text: &str) -> bool {
    let bare = text.trim();
    bare.chars().count() <= 110 && !bare.contains("://") && matches(&IMAGE, bare)
}

/// Says whether a line is nothing but a host name, as link cards leave behind.
pub(crate) fn is_domain(text: &str) -> bool {
    let bare = text.trim();
    bare.len() <= 60 && matches(&DOMAIN, bare)
}

/// Says whether a line is a rule of `-`, `=`, `*` or box signs.
pub(crate) fn is_rule(text: &str) -> bool {
    let bare: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let first = bare.first().copied().unwrap_or(' ');
    bare.len() >= 3 && "-=*_~#─━═—–＝－＊～・".contains(first) && bare.iter().all(|c| *c == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_lines_of_many_sites() {
        for line in [
            "  • このエントリーをはてなブックマークに追加",
            "  • Qiitaで続きを読む",
            "この記事をシェア",
            "Share on Twitter",
            "Read more »",
            "Continue reading…",
            "- ツイートする",
            "いいね！ 12",
        ] {
            assert!(is_share(line), "{line}");
        }
        for line in [
            "S3 バケットを別アカウントと共有する方法をまとめる。",
            "Read Replica",
            "Xへの移行",
            "続きを書きました",
        ] {
            assert!(!is_share(line), "{line}");
        }
    }

    #[test]
    fn navigation_images_domains_and_rules() {
        assert!(is_navigation("▲ ページの上部へ移動"));
        assert!(is_navigation("コンテンツにスキップ") && is_navigation("Skip to content"));
        assert!(!is_navigation("目次") && !is_navigation("ページネーション"));
        assert!(
            is_image("スクリーンショット 2021-01-19 17.48.29.png")
                && is_image("f:id:a:20200621160338p:plain")
        );
        assert!(!is_image("image.png を S3 に置く") && !is_image("https://example.com/a.png"));
        assert!(is_domain("docs.aws.amazon.com") && !is_domain("index.js"));
        assert!(is_rule("-----") && is_rule("━━━━") && !is_rule("--x--"));
    }
}
