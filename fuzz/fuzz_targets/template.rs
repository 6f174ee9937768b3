//! Templates of any kind: one that is read or an error, and never a panic, nor without end.

#![no_main]

use kumojuku::lab::template::Template;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(template) = Template::parse(text, "template.yaml") {
        assert!(!template.resources.is_empty());
    }
});
