//! Bytes of any kind: what is taken for a text whole is taken for the same text as it is read.

#![no_main]

use kumojuku::notes::decode::{Reader, decode, look};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let held = bytes.to_vec();
    match (decode(bytes), look(&held)) {
        (Ok(decoded), Ok(looked)) => {
            let mut reader = Reader::new(Box::new(bytes), looked.encoding);
            let mut text = String::new();
            while reader.read_text(&mut text).expect("memory is read") {}
            assert_eq!(text, decoded.text);
            assert_eq!(text.len(), looked.length);
        }
        (whole, read) => assert_eq!(whole.is_ok(), read.is_ok()),
    }
});
