//! The server's half of OPAQUE (RFC 9807). It learns neither the password nor anything that it could be tried against
//! without also having the setup, and cannot tell a wrong password from an unknown name; nor can whoever asks.

use super::randomness::OldGeneration;
use opaque_ke::{
    CredentialFinalization, CredentialRequest, Identifiers, RegistrationRequest, RegistrationUpload,
    ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup,
};
use rand_core::CryptoRng;
use sotto_protocol::AccountName;
use sotto_protocol::opaque::{
    CREDENTIAL_FINALIZATION_BYTES, CREDENTIAL_REQUEST_BYTES, OpaqueSuite, REGISTRATION_REQUEST_BYTES,
    REGISTRATION_UPLOAD_BYTES,
};
use zeroize::Zeroizing;

const CONTEXT: &[u8] = b"sotto.v1";
const SERVER: &[u8] = b"sotto";

/// The bytes are no OPAQUE message of the kind that belongs here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an OPAQUE message of this kind")]
pub(crate) struct MalformedOpaqueMessage;

/// The password was wrong, or there is no such account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the login is not proven")]
pub(crate) struct WrongCredentials;

/// What [`OpaqueServer::start_login`] gives.
pub(crate) struct LoginStart {
    /// KE2, for the client.
    pub(crate) response: Vec<u8>,
    /// What [`OpaqueServer::finish_login`] needs: for this server's eyes alone.
    pub(crate) state: Zeroizing<Vec<u8>>,
}

/// The server's half of OPAQUE, with its long-term secrets: the OPRF seed and the AKE key pair.
pub(crate) struct OpaqueServer {
    setup: ServerSetup<OpaqueSuite>,
}

impl OpaqueServer {
    /// Makes new long-term secrets. Every record depends on them: who loses them loses every account's login.
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Zeroizing<Vec<u8>> {
        let setup = ServerSetup::<OpaqueSuite>::new(&mut OldGeneration(rng));
        Zeroizing::new(setup.serialize().to_vec())
    }

    /// The server with the secrets that [`Self::generate`] made.
    pub(crate) fn new(secrets: &[u8]) -> Result<Self, MalformedOpaqueMessage> {
        let setup = ServerSetup::deserialize(secrets).map_err(|_| MalformedOpaqueMessage)?;
        Ok(Self { setup })
    }

    /// Answers a `RegistrationRequest` with a `RegistrationResponse`. It keeps nothing.
    pub(crate) fn start_registration(
        &self,
        name: &AccountName,
        request: &[u8],
    ) -> Result<Vec<u8>, MalformedOpaqueMessage> {
        let request = exactly(request, REGISTRATION_REQUEST_BYTES)?;
        let request = RegistrationRequest::deserialize(request).map_err(|_| MalformedOpaqueMessage)?;
        let started =
            ServerRegistration::<OpaqueSuite>::start(&self.setup, request, name.as_str().as_bytes())
                .map_err(|_| MalformedOpaqueMessage)?;
        Ok(started.message.serialize().to_vec())
    }

    /// The record to keep of a `RegistrationRecord` that a client uploads.
    pub(crate) fn finish_registration(upload: &[u8]) -> Result<Vec<u8>, MalformedOpaqueMessage> {
        let upload = exactly(upload, REGISTRATION_UPLOAD_BYTES)?;
        let upload =
            RegistrationUpload::<OpaqueSuite>::deserialize(upload).map_err(|_| MalformedOpaqueMessage)?;
        Ok(ServerRegistration::finish(upload).serialize().to_vec())
    }

    /// Answers KE1 with KE2. Without a `record` it does the same with a made-up one (RFC 9807, section 10.9): the answer
    /// looks alike and takes as long, and no password finishes the login.
    pub(crate) fn start_login(
        &self,
        rng: &mut impl CryptoRng,
        name: &AccountName,
        record: Option<&[u8]>,
        request: &[u8],
    ) -> Result<LoginStart, MalformedOpaqueMessage> {
        let request = exactly(request, CREDENTIAL_REQUEST_BYTES)?;
        let request = CredentialRequest::deserialize(request).map_err(|_| MalformedOpaqueMessage)?;
        let record = record
            .map(ServerRegistration::<OpaqueSuite>::deserialize)
            .transpose()
            .map_err(|_| MalformedOpaqueMessage)?;
        let started = ServerLogin::start(
            &mut OldGeneration(rng),
            &self.setup,
            record,
            request,
            name.as_str().as_bytes(),
            parameters(name),
        )
        .map_err(|_| MalformedOpaqueMessage)?;
        Ok(LoginStart {
            response: started.message.serialize().to_vec(),
            state: Zeroizing::new(started.state.serialize().to_vec()),
        })
    }

    /// Checks KE3: whether the client had the password.
    pub(crate) fn finish_login(
        name: &AccountName,
        state: &[u8],
        finalization: &[u8],
    ) -> Result<(), WrongCredentials> {
        let finalization =
            exactly(finalization, CREDENTIAL_FINALIZATION_BYTES).map_err(|_| WrongCredentials)?;
        let finalization = CredentialFinalization::deserialize(finalization).map_err(|_| WrongCredentials)?;
        ServerLogin::<OpaqueSuite>::deserialize(state)
            .and_then(|login| login.finish(finalization, parameters(name)))
            .map(drop)
            .map_err(|_| WrongCredentials)
    }
}

fn parameters(name: &AccountName) -> ServerLoginParameters<'static, '_> {
    ServerLoginParameters {
        context: Some(CONTEXT),
        identifiers: Identifiers {
            client: Some(name.as_str().as_bytes()),
            server: Some(SERVER),
        },
    }
}

/// The library ignores what follows a message; we do not.
fn exactly(bytes: &[u8], length: usize) -> Result<&[u8], MalformedOpaqueMessage> {
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(MalformedOpaqueMessage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opaque_ke::{
        ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
        CredentialResponse, RegistrationResponse,
    };

    struct Fixture {
        server: OpaqueServer,
        name: AccountName,
        record: Vec<u8>,
    }

    fn rng() -> OperatingSystemRngForTests {
        rand_core::UnwrapErr(getrandom::SysRng)
    }
    type OperatingSystemRngForTests = super::super::OperatingSystemRng;

    fn identifiers(name: &AccountName) -> Identifiers<'_> {
        Identifiers {
            client: Some(name.as_str().as_bytes()),
            server: Some(SERVER),
        }
    }

    fn registered(password: &[u8]) -> Fixture {
        let server = OpaqueServer::new(&OpaqueServer::generate(&mut rng())).unwrap();
        let name: AccountName = "alice".parse().unwrap();
        let mut rng = rng();
        let mut rng = OldGeneration(&mut rng);
        let client = ClientRegistration::<OpaqueSuite>::start(&mut rng, password).unwrap();
        let response = server
            .start_registration(&name, &client.message.serialize())
            .unwrap();
        let upload = client
            .state
            .finish(
                &mut rng,
                password,
                RegistrationResponse::deserialize(&response).unwrap(),
                ClientRegistrationFinishParameters::new(identifiers(&name), None),
            )
            .unwrap()
            .message
            .serialize();
        let record = OpaqueServer::finish_registration(&upload).unwrap();
        Fixture { server, name, record }
    }

    #[test]
    fn the_right_password_proves_itself_and_another_cannot() {
        let Fixture { server, name, record } = registered(b"correct horse");
        let mut os = rng();
        for (password, right) in [(&b"correct horse"[..], true), (b"battery staple", false)] {
            let client = ClientLogin::<OpaqueSuite>::start(&mut OldGeneration(&mut os), password).unwrap();
            let started = server
                .start_login(&mut rng(), &name, Some(&record), &client.message.serialize())
                .unwrap();
            let finished = client.state.finish(
                &mut OldGeneration(&mut os),
                password,
                CredentialResponse::deserialize(&started.response).unwrap(),
                ClientLoginFinishParameters::new(Some(CONTEXT), identifiers(&name), None),
            );
            assert_eq!(finished.is_ok(), right);
            if let Ok(finished) = finished {
                let finalization = finished.message.serialize();
                assert_eq!(
                    OpaqueServer::finish_login(&name, &started.state, &finalization),
                    Ok(())
                );
                let mut forged = finalization;
                forged[0] ^= 1;
                assert_eq!(
                    OpaqueServer::finish_login(&name, &started.state, &forged),
                    Err(WrongCredentials)
                );
            }
        }
    }

    #[test]
    fn an_unknown_name_is_answered_like_a_known_one() {
        let Fixture { server, name, record } = registered(b"correct horse");
        let client = ClientLogin::<OpaqueSuite>::start(&mut OldGeneration(&mut rng()), b"guess").unwrap();
        let request = client.message.serialize();
        let known = server
            .start_login(&mut rng(), &name, Some(&record), &request)
            .unwrap();
        let unknown = server.start_login(&mut rng(), &name, None, &request).unwrap();
        assert_eq!(known.response.len(), unknown.response.len());
        assert_eq!(known.state.len(), unknown.state.len());
        // The first 32 bytes are the OPRF's answer, which depends on the name alone.
        assert_eq!(known.response[..32], unknown.response[..32]);
    }

    #[test]
    fn messages_of_another_length_are_refused() {
        let Fixture { server, name, .. } = registered(b"x");
        for length in [0, 31, 33, 95, 97, 191, 193, 4096] {
            let bytes = vec![1; length];
            assert!(server.start_registration(&name, &bytes).is_err());
            assert!(server.start_login(&mut rng(), &name, None, &bytes).is_err());
            assert!(OpaqueServer::finish_registration(&bytes).is_err());
            assert!(OpaqueServer::finish_login(&name, &bytes, &bytes).is_err());
        }
    }
}
