//! The client's half of OPAQUE (RFC 9807), without stretching the password.

use opaque_ke::rand::{CryptoRng, Error, RngCore};
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, Identifiers, RegistrationResponse, Ristretto255,
    TripleDh,
};
use rand_core::Rng as _;
use sotto_protocol::AccountName;
use sotto_protocol::opaque::{CONTEXT, SERVER_IDENTITY};

/// `OpaqueSuite` with a key stretching function that does nothing. It is the client's alone: the server cannot tell.
struct QuickSuite;

impl CipherSuite for QuickSuite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_for_opaque::Sha512>;
    type Ksf = opaque_ke::ksf::Identity;
}

/// The operating system's randomness, for a library that knows `rand_core` 0.6.
struct OperatingSystem;

impl RngCore for OperatingSystem {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for OperatingSystem {}

fn identifiers(name: &AccountName) -> Identifiers<'_> {
    Identifiers {
        client: Some(name.as_str().as_bytes()),
        server: Some(SERVER_IDENTITY),
    }
}

/// A registration that waits for the server's answer.
pub(crate) struct Registration {
    state: ClientRegistration<QuickSuite>,
    password: Vec<u8>,
}

impl Registration {
    /// The `RegistrationRequest`, and what finishes it.
    pub(crate) fn start(password: &[u8]) -> (Vec<u8>, Self) {
        let started = ClientRegistration::<QuickSuite>::start(&mut OperatingSystem, password).unwrap();
        let registration = Self {
            state: started.state,
            password: password.to_vec(),
        };
        (started.message.serialize().to_vec(), registration)
    }

    /// The `RegistrationRecord` to upload.
    pub(crate) fn finish(self, name: &AccountName, response: &[u8]) -> Vec<u8> {
        let response = RegistrationResponse::deserialize(response).unwrap();
        let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
        let finished = self
            .state
            .finish(&mut OperatingSystem, &self.password, response, parameters);
        finished.unwrap().message.serialize().to_vec()
    }
}

/// A login that waits for the server's answer.
pub(crate) struct Login {
    state: ClientLogin<QuickSuite>,
    password: Vec<u8>,
}

impl Login {
    /// KE1, and what finishes it.
    pub(crate) fn start(password: &[u8]) -> (Vec<u8>, Self) {
        let started = ClientLogin::<QuickSuite>::start(&mut OperatingSystem, password).unwrap();
        let login = Self {
            state: started.state,
            password: password.to_vec(),
        };
        (started.message.serialize().to_vec(), login)
    }

    /// KE3.
    pub(crate) fn finish(self, name: &AccountName, response: &[u8]) -> Vec<u8> {
        let response = CredentialResponse::deserialize(response).unwrap();
        let parameters = ClientLoginFinishParameters::new(Some(CONTEXT), identifiers(name), None);
        let finished = self
            .state
            .finish(&mut OperatingSystem, &self.password, response, parameters);
        finished.unwrap().message.serialize().to_vec()
    }
}
