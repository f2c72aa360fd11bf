//! Whatever is pasted where an invite link belongs, and what a Commit says that shows its use.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sotto_crypto_core::InviteLink;
use sotto_protocol::{ChatRules, Evidence, binary};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        read(text);
    }
    // The text of these bytes: what comes after the base64url is reached at once.
    read(&binary::encode(data));
    if let Ok(evidence) = Evidence::decode(data) {
        assert_eq!(evidence.encode(), data);
    }
    if let Ok(rules) = ChatRules::decode(data) {
        assert_eq!(rules.encode().as_deref(), Ok(data));
    }
});

/// What is read as a link is read so from its one text alone, and leads where that says.
fn read(text: &str) {
    if let Ok(link) = InviteLink::decode(text) {
        assert_eq!(link.encode().as_str(), text);
    }
}
