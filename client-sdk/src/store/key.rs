//! Keys of records: a kind, then ids and numbers in the order in which they sort.

/// Builds a key. Its parts have a fixed length, so that a key of fewer parts is a prefix of those with more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKey(Vec<u8>);

impl RecordKey {
    /// A key that begins with `kind`.
    #[must_use]
    pub fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    /// Appends an id.
    #[must_use]
    pub fn id(mut self, id: &[u8; 16]) -> Self {
        self.0.extend_from_slice(id);
        self
    }

    /// Appends a number, big-endian: the order of keys is then the order of numbers.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends bytes. Only as the last part, or all of one length: they carry no end of their own.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The key's bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for RecordKey {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<RecordKey> for Vec<u8> {
    fn from(key: RecordKey) -> Self {
        key.0
    }
}
