//! The parameters of OPAQUE (RFC 9807), which client and server have to agree on. No secret is here.

use opaque_ke::errors::InternalError;
use opaque_ke::generic_array::{ArrayLength, GenericArray};
use opaque_ke::ksf::Ksf;
use opaque_ke::{CipherSuite, Ristretto255, TripleDh};

/// OPAQUE-3DH over ristretto255 with SHA-512 and [`Argon2id`] as the key stretching function.
pub struct OpaqueSuite;

impl CipherSuite for OpaqueSuite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_for_opaque::Sha512>;
    type Ksf = Argon2id;
}

/// Argon2id (RFC 9106) with 64 MiB, 3 passes and one lane: its second recommended option, at one lane because a
/// browser has one thread for it. The salt is all zeros, as RFC 9807, section 4.1.2 has it: the input is an OPRF
/// output, unique to the account and the server.
#[derive(Default)]
pub struct Argon2id;

/// The context that both sides put into the key exchange (RFC 9807, section 6.4.2).
pub const CONTEXT: &[u8] = b"sotto.v1";
/// The server's identity in the key exchange. The client's is the account's name; so is the credential identifier.
pub const SERVER_IDENTITY: &[u8] = b"sotto";

/// Memory in KiB.
pub const ARGON2ID_MEMORY_KIB: u32 = 64 * 1024;
/// Passes over the memory.
pub const ARGON2ID_PASSES: u32 = 3;
/// Lanes.
pub const ARGON2ID_LANES: u32 = 1;

impl Ksf for Argon2id {
    fn hash<L: ArrayLength<u8>>(
        &self,
        input: GenericArray<u8, L>,
    ) -> Result<GenericArray<u8, L>, InternalError> {
        let parameters = argon2::Params::new(ARGON2ID_MEMORY_KIB, ARGON2ID_PASSES, ARGON2ID_LANES, None)
            .map_err(|_| InternalError::KsfError)?;
        let mut output = GenericArray::default();
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
            .hash_password_into(&input, &[0; 16], &mut output)
            .map_err(|_| InternalError::KsfError)?;
        Ok(output)
    }
}

/// Bytes of the client's first registration message.
pub const REGISTRATION_REQUEST_BYTES: usize = 32;
/// Bytes of the record that the client uploads.
pub const REGISTRATION_UPLOAD_BYTES: usize = 192;
/// Bytes of the client's first login message.
pub const CREDENTIAL_REQUEST_BYTES: usize = 96;
/// Bytes of the client's last login message.
pub const CREDENTIAL_FINALIZATION_BYTES: usize = 64;
