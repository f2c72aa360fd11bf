//! Whatever is typed where 24 words belong.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sotto_crypto_core::RecoveryCode;

fuzz_target!(|text: &str| {
    if let Ok(code) = text.parse::<RecoveryCode>() {
        assert!(code.words().parse() == Ok(code));
    }
});
