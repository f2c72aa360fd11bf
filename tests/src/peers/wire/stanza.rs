//! As much of XML as the streams of two servers need: where a stanza ends, and what an attribute says.
//!
//! Both servers escape `<` and `>` wherever they do not mean markup, and no stanza here has another of its own name inside.

/// The first stanza of `input`, and how many bytes it and what is before it take. The stream's own opening tag and the XML
/// declaration count as stanzas. `None` if it is not all there.
pub(super) fn first(input: &[u8]) -> Option<(&[u8], usize)> {
    let begin = memchr::memchr(b'<', input)?;
    let stanza = input.get(begin..)?;
    let tag_end = memchr::memchr(b'>', stanza)? + 1;
    let tag = stanza.get(..tag_end)?;
    let name = name(tag);
    let is_whole =
        tag.ends_with(b"/>") || tag.starts_with(b"<?") || tag.starts_with(b"</") || name == b"stream:stream";
    if is_whole {
        return Some((tag, begin + tag_end));
    }
    let closing = [b"</", name, b">"].concat();
    let end = memchr::memmem::find(stanza, &closing)? + closing.len();
    Some((stanza.get(..end)?, begin + end))
}

/// The name of a stanza.
pub(super) fn name(stanza: &[u8]) -> &[u8] {
    let name = stanza.get(1..).unwrap_or_default();
    let end = name
        .iter()
        .position(|byte| matches!(byte, b' ' | b'>' | b'/' | b'\n' | b'\t'))
        .unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

/// The value of the first attribute with this name, given with the space before it and the `=` after it.
pub(super) fn attribute<'a>(stanza: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let begin = memchr::memmem::find(stanza, name)? + name.len();
    let (&quote, value) = stanza.get(begin..)?.split_first()?;
    value.get(..memchr::memchr(quote, value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas_are_found_one_after_the_other_and_not_before_they_are_whole() {
        let stream = b"<?xml version='1.0'?><stream:stream a='b'><stream:features><x/></stream:features> <iq id=\"1\"/>";
        let expected: [&[u8]; 4] = [
            b"<?xml version='1.0'?>",
            b"<stream:stream a='b'>",
            b"<stream:features><x/></stream:features>",
            b"<iq id=\"1\"/>",
        ];
        let mut used = 0;
        for expected in expected {
            let (stanza, length) = first(&stream[used..]).unwrap();
            assert_eq!(stanza, expected);
            used += length;
        }
        assert_eq!(used, stream.len());
        let features = b"<stream:features><x/></stream:features>";
        assert!((0..features.len()).all(|cut| first(&features[..cut]).is_none()));
    }

    #[test]
    fn an_attribute_is_read_whatever_its_quotes() {
        let stanza = b"<message from='a@b/c' id=\"17\"/>";
        assert_eq!(attribute(stanza, b" id="), Some(b"17".as_slice()));
        assert_eq!(attribute(stanza, b" from="), Some(b"a@b/c".as_slice()));
        assert_eq!(attribute(stanza, b" to="), None);
        assert_eq!(name(stanza), b"message");
    }
}
