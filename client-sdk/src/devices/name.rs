//! Names that applications propose for their device.

use sotto_protocol::limits::DEVICE_NAME_BYTES;

/// The name as it can be kept: without control characters and white space around it, and not too long. `None` if nothing is left.
pub(crate) fn usable_name(proposed: &str) -> Option<String> {
    let mut name = String::new();
    for character in proposed
        .trim()
        .chars()
        .filter(|character| !character.is_control())
    {
        if name.len() + character.len_utf8() > DEVICE_NAME_BYTES {
            break;
        }
        name.push(character);
    }
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_between_characters_and_loses_what_cannot_be_shown() {
        assert_eq!(
            usable_name(" Firefox on\u{1b} Linux\n"),
            Some("Firefox on Linux".to_owned())
        );
        assert_eq!(usable_name(" \n"), None);
        let long = "ü".repeat(40);
        assert_eq!(usable_name(&long), Some("ü".repeat(32)));
        assert_eq!(usable_name(&format!("a{long}")).map(|name| name.len()), Some(63));
    }
}
