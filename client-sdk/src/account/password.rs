//! Passwords as people type them.

use zeroize::Zeroizing;

/// The password in Unicode's normalization form C (UAX #15): keyboards differ in how they write "é", and OPAQUE compares
/// bytes. [`Client`](crate::Client) does this by itself; a passphrase for a store is the application's to normalize.
#[must_use]
#[cfg(not(target_family = "wasm"))]
pub fn normalized_password(typed: &str) -> Zeroizing<String> {
    use unicode_normalization::UnicodeNormalization as _;
    // Room for all of it at once: growing would leave copies behind that nobody wipes.
    let mut normalized = Zeroizing::new(String::with_capacity(typed.len() * 3));
    normalized.extend(typed.nfc());
    normalized
}

/// The password in Unicode's normalization form C (UAX #15): keyboards differ in how they write "é", and OPAQUE compares
/// bytes. [`Client`](crate::Client) does this by itself.
#[must_use]
#[cfg(target_family = "wasm")]
pub fn normalized_password(typed: &str) -> Zeroizing<String> {
    // The browser has Unicode's tables; no need to ship them.
    Zeroizing::new(js_sys::JsString::from(typed).normalize("NFC").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_same_however_its_accents_were_typed() {
        assert_eq!(*normalized_password("Cafe\u{301} Ko\u{308}ln"), "Café Köln");
        assert_eq!(
            normalized_password("Café Köln"),
            normalized_password("Cafe\u{301} Ko\u{308}ln")
        );
    }
}
