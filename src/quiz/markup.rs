//! Flash cards of other programs are HTML: the text of such a field, and such a field of a text.

/// The text of a field, and what it named that is no text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// The text, its lines as the browser would break them.
    pub text: String,
    /// Names of pictures and sounds.
    pub media: Vec<String>,
}

/// Writes a text as HTML.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\n' => html.push_str("<br>"),
            c => html.push(c),
        }
    }
    html
}

/// Says whether a text looks like HTML: a tag or an entity stands in it.
pub fn looks_like_html(text: &str) -> bool {
    let tags = [
        "<br", "<div", "<p>", "<b>", "<i>", "<u>", "<ul", "<ol", "<li", "<img", "<span", "</",
        "&nbsp;", "&lt;", "&gt;", "&amp;",
    ];
    let folded = text.to_ascii_lowercase();
    tags.iter().any(|tag| folded.contains(tag))
}

/// Takes the text out of HTML. Scripts, styles and comments are dropped; blocks and list items begin lines; a
/// picture's alternative text stays in square brackets.
pub fn strip(html: &str) -> Plain {
    let mut plain = Plain::default();
    let mut rest = html;
    while let Some((before, tail)) = rest.split_once('<') {
        push_text(&mut plain.text, before);
        if let Some(after) = tail.strip_prefix("!--") {
            rest = after.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        // A less-than sign that begins no tag is text.
        let begins = tail.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let Some((tag, after)) = tail.split_once('>').filter(|_| begins) else {
            plain.text.push('<');
            rest = tail;
            continue;
        };
        rest = after;
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        match name.as_str() {
            "script" | "style" if !tag.starts_with('/') => {
                let end = format!("</{name}");
                rest = split_after(rest, &end).map_or("", |after| {
                    after.split_once('>').map_or("", |(_, rest)| rest)
                });
            }
            "img" => picture(&mut plain, tag),
            "br" => plain.text.push('\n'),
            "li" if !tag.starts_with('/') => {
                new_line(&mut plain.text);
                plain.text.push('・');
            }
            "div" | "p" | "tr" | "ul" | "ol" | "li" | "hr" | "table" | "blockquote" | "pre"
            | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => new_line(&mut plain.text),
            "td" | "th" if tag.starts_with('/') => plain.text.push(' '),
            _ => {}
        }
    }
    push_text(&mut plain.text, rest);
    take_sounds(&mut plain);
    plain.text = tidy(&plain.text);
    plain
}

/// Gives what follows a text, found without regard to case.
fn split_after<'t>(text: &'t str, wanted: &str) -> Option<&'t str> {
    let at = text.to_ascii_lowercase().find(wanted)?;
    text.get(at + wanted.len()..)
}

fn new_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn picture(plain: &mut Plain, tag: &str) {
    let source = attribute(tag, "src").unwrap_or_default();
    if let Some(alt) = attribute(tag, "alt").filter(|alt| !alt.trim().is_empty()) {
        plain.text.push('[');
        push_text(&mut plain.text, &alt);
        plain.text.push(']');
    }
    if !source.is_empty() {
        plain.media.push(source);
    }
}

/// Reads an attribute of a tag, quoted or not.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = split_after(tag, &format!("{name}="))?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let end = |c: char| quote.map_or(c.is_whitespace() || c == '/', |q| c == q);
    let inside = value.strip_prefix(['"', '\'']).unwrap_or(value);
    Some(inside.split(end).next().unwrap_or_default().to_owned())
}

/// Takes `[sound:x.mp3]` out of a text.
fn take_sounds(plain: &mut Plain) {
    let text = std::mem::take(&mut plain.text);
    let mut rest = text.as_str();
    while let Some((before, tail)) = rest.split_once("[sound:") {
        plain.text.push_str(before);
        let (name, after) = tail.split_once(']').unwrap_or((tail, ""));
        plain.media.push(name.to_owned());
        rest = after;
    }
    plain.text.push_str(rest);
}

/// Drops spaces at the ends of lines and more than one empty line in a row.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

/// Appends text with its entities read.
fn push_text(text: &mut String, html: &str) {
    let mut rest = html;
    while let Some((before, tail)) = rest.split_once('&') {
        text.push_str(before);
        // The longest entity read here has eight characters.
        let entity = tail.split_once(';').filter(|(name, _)| name.len() <= 8);
        let read = entity.and_then(|(name, after)| Some((entity_char(name)?, after)));
        let (c, after) = read.unwrap_or(('&', tail));
        text.push(c);
        rest = after;
    }
    text.push_str(rest);
}

fn entity_char(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "hellip" => '…',
        "rarr" => '→',
        "larr" => '←',
        "times" => '×',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_media_and_lines_come_out() {
        let plain = strip(
            "<div>SQS の<b>既定</b>は&nbsp;4&#26085;</div><ul><li>a &lt; b<LI>c</ul><img alt='図' src=\"x y.png\">\
             [sound:s.mp3]<script>var a = '<b>';</script><!-- <p> -->1 < 2 &unknown; 終",
        );
        assert_eq!(
            plain.text,
            "SQS の既定は 4日\n・a < b\n・c\n[図]1 < 2 &unknown; 終"
        );
        assert_eq!(plain.media, ["x y.png", "s.mp3"]);
    }

    proptest! {
        #[test]
        fn what_was_escaped_is_read_back(text in "[a-c<>&;雲 \"'/!-]{0,40}") {
            let tidy: Vec<&str> = text.trim().lines().map(str::trim).collect();
            prop_assert_eq!(strip(&escape(&text)).text, tidy.join("\n"));
        }

        #[test]
        fn any_html_is_read_without_panic(html in "(<|>|/|li|img src=|'|\"|&|#x|;|!--|script|雲|\\[sound:|\\]| ){0,40}") {
            strip(&html);
        }
    }
}
