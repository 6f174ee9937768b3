//! Writes the XML answers of the query protocol.

/// An XML text under construction; closing tags come by themselves.
#[derive(Debug, Default)]
pub struct Xml {
    text: String,
}

impl Xml {
    /// Adds an element with text.
    pub fn leaf(&mut self, name: &str, text: impl AsRef<str>) -> &mut Self {
        self.open(name);
        escape(text.as_ref(), &mut self.text);
        self.close(name)
    }

    /// Adds an element with text when there is any.
    pub fn maybe(&mut self, name: &str, text: Option<impl AsRef<str>>) -> &mut Self {
        if let Some(text) = text {
            self.leaf(name, text);
        }
        self
    }

    /// Adds an element with elements in it.
    pub fn node(&mut self, name: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.open(name);
        fill(self);
        self.close(name)
    }

    /// Adds a list: an element with a `member` for each item.
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.node(name, |list| {
            for item in items {
                list.node("member", |member| fill(member, item));
            }
        })
    }

    /// Adds a list of texts.
    pub fn texts<T: AsRef<str>>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        self.node(name, |list| {
            for item in items {
                list.leaf("member", item);
            }
        })
    }

    /// Ends the text.
    pub fn finish(self) -> String {
        self.text
    }

    fn open(&mut self, name: &str) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push('>');
    }

    fn close(&mut self, name: &str) -> &mut Self {
        self.text.push_str("</");
        // A name may carry attributes (`Response xmlns="…"`); the closing tag does not.
        self.text.push_str(name.split(' ').next().unwrap_or(name));
        self.text.push('>');
        self
    }
}

/// Escapes text; characters that XML cannot hold become spaces.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_tags_are_closed() {
        let mut xml = Xml::default();
        xml.node("A xmlns=\"x\"", |a| {
            a.leaf("B", "<雲 & \u{1b}[31m>").texts("C", ["1", "2"]);
        });
        assert_eq!(
            xml.finish(),
            "<A xmlns=\"x\"><B>&lt;雲 &amp;  [31m&gt;</B><C><member>1</member><member>2</member></C></A>"
        );
    }
}
