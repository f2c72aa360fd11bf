//! Names of nodes.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

/// One run of a node: random, new at each start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct NodeId([u8; 16]);

impl NodeId {
    /// Bytes of an id.
    pub(super) const LENGTH: usize = 16;

    /// A new one.
    pub(super) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; Self::LENGTH];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    pub(super) const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.to_string();
        write!(f, "NodeId({}…)", text.get(..8).unwrap_or_default())
    }
}

/// A known node's place in this node's tables. It is used again when the node is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(pub(super) u16);

/// When a connection began, by the clock that the nodes keep together: of two connections of a device the one with the
/// later stamp stays, and every node comes to the same conclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConnectionStamp {
    /// Milliseconds, see [`super::clock`].
    pub(super) at: u64,
    /// Decides between two of the same millisecond.
    pub(super) node: NodeId,
}
