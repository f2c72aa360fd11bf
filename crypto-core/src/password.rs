//! The client's side of OPAQUE (RFC 9807): the password never leaves the device, and the server never learns what it
//! seals.

use crate::{Label, Secret};
use core::fmt;
use opaque_ke::errors::{InternalError, ProtocolError};
use opaque_ke::generic_array::GenericArray;
use opaque_ke::generic_array::typenum::U64;
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, Identifiers, RegistrationResponse,
};
use rand_core::CryptoRng;
use sotto_protocol::AccountName;
use sotto_protocol::opaque::{CONTEXT, OpaqueSuite, SERVER_IDENTITY};
use zeroize::Zeroize;

/// Bytes of the longest password.
pub const PASSWORD_BYTES: usize = 1024;

/// A step of registration or login failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The password is empty, or longer than [`PASSWORD_BYTES`]: choose another.
    #[error("a password has 1 to {PASSWORD_BYTES} bytes")]
    Length,
    /// The password is another, the account does not exist, or the server is not the one that the account registered
    /// with: OPAQUE tells nobody which.
    #[error("wrong name or password")]
    WrongPassword,
    /// The server's answer is none: it, or something in between, is broken.
    #[error("the server's answer cannot be read")]
    MalformedResponse,
    /// The computation itself failed: this machine has not the 64 MiB that stretching a password takes.
    #[error("the password could not be stretched: not enough memory")]
    OutOfMemory,
}

/// A registration that waits for the server's answer.
pub struct Registration(ClientRegistration<OpaqueSuite>);

/// A finished registration.
pub struct Registered {
    /// OPAQUE `RegistrationRecord`, for the server.
    pub upload: Vec<u8>,
    /// Seals the vault.
    pub export_key: ExportKey,
}

impl Registration {
    /// Begins a registration, and gives the OPAQUE `RegistrationRequest` for the server.
    ///
    /// `password` is UTF-8. The caller has brought it into Unicode's form C: keyboards differ in how they write "é", and
    /// the bytes decide.
    pub fn start(rng: &mut impl CryptoRng, password: &[u8]) -> Result<(Self, Vec<u8>), PasswordError> {
        check_length(password)?;
        let started = ClientRegistration::start(&mut OpaqueRng(rng), password)?;
        Ok((Self(started.state), started.message.serialize().to_vec()))
    }

    /// Finishes it with the server's OPAQUE `RegistrationResponse`. Takes 64 MiB and some tenths of a second.
    pub fn finish(
        self,
        rng: &mut impl CryptoRng,
        password: &[u8],
        name: &AccountName,
        response: &[u8],
    ) -> Result<Registered, PasswordError> {
        let response = RegistrationResponse::deserialize(response)?;
        let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
        let mut finished = self
            .0
            .finish(&mut OpaqueRng(rng), password, response, parameters)?;
        Ok(Registered {
            upload: finished.message.serialize().to_vec(),
            export_key: ExportKey::take(&mut finished.export_key),
        })
    }
}

/// A login that waits for the server's answer.
pub struct Login(ClientLogin<OpaqueSuite>);

/// A login that the client has finished: the server has shown that it holds the account's record.
pub struct LoggedIn {
    /// OPAQUE KE3, for the server.
    pub finalization: Vec<u8>,
    /// Opens the vault.
    pub export_key: ExportKey,
}

impl Login {
    /// Begins a login, and gives the OPAQUE KE1 for the server. `password` as for [`Registration::start`].
    pub fn start(rng: &mut impl CryptoRng, password: &[u8]) -> Result<(Self, Vec<u8>), PasswordError> {
        check_length(password)?;
        let started = ClientLogin::start(&mut OpaqueRng(rng), password)?;
        Ok((Self(started.state), started.message.serialize().to_vec()))
    }

    /// Finishes it with the server's OPAQUE KE2. Takes 64 MiB and some tenths of a second.
    pub fn finish(
        self,
        rng: &mut impl CryptoRng,
        password: &[u8],
        name: &AccountName,
        response: &[u8],
    ) -> Result<LoggedIn, PasswordError> {
        let response = CredentialResponse::deserialize(response)?;
        let parameters = ClientLoginFinishParameters::new(Some(CONTEXT), identifiers(name), None);
        let mut finished = self
            .0
            .finish(&mut OpaqueRng(rng), password, response, parameters)?;
        // Sessions have tokens; OPAQUE's own session key has no use here.
        finished.session_key.as_mut_slice().zeroize();
        Ok(LoggedIn {
            finalization: finished.message.serialize().to_vec(),
            export_key: ExportKey::take(&mut finished.export_key),
        })
    }
}

/// What OPAQUE gives to a client that knows the password, and to nobody else: it seals the vault.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportKey(pub(crate) Secret<64>);

impl ExportKey {
    fn take(key: &mut GenericArray<u8, U64>) -> Self {
        let taken = Secret::filled(|secret| secret.copy_from_slice(key));
        key.as_mut_slice().zeroize();
        Self(taken)
    }

    /// Seals the account's root.
    pub(crate) fn sealing_key(&self) -> Secret<32> {
        Label::VaultByPassword.derive(&self.0)
    }
}

fn check_length(password: &[u8]) -> Result<(), PasswordError> {
    if (1..=PASSWORD_BYTES).contains(&password.len()) {
        Ok(())
    } else {
        Err(PasswordError::Length)
    }
}

fn identifiers(name: &AccountName) -> Identifiers<'_> {
    Identifiers {
        client: Some(name.as_str().as_bytes()),
        server: Some(SERVER_IDENTITY),
    }
}

impl From<ProtocolError> for PasswordError {
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::InvalidLoginError => Self::WrongPassword,
            // Lengths are checked before: what can fail in the key stretching is getting its memory.
            ProtocolError::LibraryError(InternalError::KsfError) => Self::OutOfMemory,
            ProtocolError::LibraryError(
                InternalError::HashToScalar
                | InternalError::HkdfError
                | InternalError::HmacError
                | InternalError::SealOpenHmacError
                | InternalError::IncompatibleEnvelopeModeError
                | InternalError::OprfError(_)
                | InternalError::OprfInternalError(_),
            )
            | ProtocolError::SerializationError
            | ProtocolError::SizeError { .. }
            | ProtocolError::ReflectedValueError => Self::MalformedResponse,
            ProtocolError::Custom(never) => match never {},
        }
    }
}

/// Our generator as the older trait that `opaque-ke` asks for.
struct OpaqueRng<'a, R>(&'a mut R);

impl<R: CryptoRng> opaque_ke::rand::RngCore for OpaqueRng<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), opaque_ke::rand::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng> opaque_ke::rand::CryptoRng for OpaqueRng<'_, R> {}

macro_rules! debug_as_name {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}
debug_as_name!(Registration, Registered, Login, LoggedIn, ExportKey);
