//! What another member can put into a message: no panic, and what is read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sotto_crypto_core::Content;

fuzz_target!(|data: &[u8]| {
    if let Ok(content) = Content::decode(data) {
        let encoded = content.encode().expect("what was read is not too long");
        assert_eq!(Content::decode(&encoded), Ok(content));
    }
});
