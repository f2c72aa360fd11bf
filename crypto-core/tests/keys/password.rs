//! OPAQUE from both sides, the server's being `opaque-ke` with the parameters of the protocol crate.

use crate::rng;
use opaque_ke::rand::{CryptoRng, Error, RngCore};
use opaque_ke::{
    CredentialFinalization, CredentialRequest, Identifiers, RegistrationRequest, RegistrationUpload,
    ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup,
};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng as _;
use sotto_crypto_core::password::{ExportKey, LoggedIn, Login, PASSWORD_BYTES, PasswordError, Registration};
use sotto_protocol::AccountName;
use sotto_protocol::opaque::{
    CONTEXT, CREDENTIAL_FINALIZATION_BYTES, CREDENTIAL_REQUEST_BYTES, OpaqueSuite,
    REGISTRATION_REQUEST_BYTES, REGISTRATION_UPLOAD_BYTES, SERVER_IDENTITY,
};

const PASSWORD: &[u8] = "correct horse battery ståple".as_bytes();

/// The generator of the tests as the trait of the server's `opaque-ke`.
struct ServerRng(ChaCha20Rng);

impl RngCore for ServerRng {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for ServerRng {}

/// A server with the record of one account.
struct Server {
    setup: ServerSetup<OpaqueSuite>,
    rng: ServerRng,
    name: AccountName,
    record: Option<Vec<u8>>,
}

impl Server {
    fn new(seed: u64, name: &str) -> Self {
        let mut rng = ServerRng(rng(seed));
        Self {
            setup: ServerSetup::new(&mut rng),
            rng,
            name: name.parse().unwrap(),
            record: None,
        }
    }

    fn register(&mut self, request: &[u8]) -> Vec<u8> {
        let request = RegistrationRequest::deserialize(request).unwrap();
        let started =
            ServerRegistration::<OpaqueSuite>::start(&self.setup, request, self.name.as_str().as_bytes());
        started.unwrap().message.serialize().to_vec()
    }

    fn store(&mut self, upload: &[u8]) {
        let upload = RegistrationUpload::<OpaqueSuite>::deserialize(upload).unwrap();
        self.record = Some(ServerRegistration::finish(upload).serialize().to_vec());
    }

    fn log_in(&mut self, request: &[u8]) -> (ServerLogin<OpaqueSuite>, Vec<u8>) {
        let record = self
            .record
            .as_ref()
            .map(|record| ServerRegistration::deserialize(record).unwrap());
        let started = ServerLogin::start(
            &mut self.rng,
            &self.setup,
            record,
            CredentialRequest::deserialize(request).unwrap(),
            self.name.as_str().as_bytes(),
            parameters(&self.name),
        )
        .unwrap();
        (started.state, started.message.serialize().to_vec())
    }

    fn finishes(&self, state: ServerLogin<OpaqueSuite>, finalization: &[u8]) -> bool {
        let finalization = CredentialFinalization::deserialize(finalization).unwrap();
        state.finish(finalization, parameters(&self.name)).is_ok()
    }
}

fn parameters(name: &AccountName) -> ServerLoginParameters<'_, '_> {
    ServerLoginParameters {
        context: Some(CONTEXT),
        identifiers: Identifiers {
            client: Some(name.as_str().as_bytes()),
            server: Some(SERVER_IDENTITY),
        },
    }
}

fn register(server: &mut Server, password: &[u8]) -> ExportKey {
    let mut rng = rng(1);
    let (registration, request) = Registration::start(&mut rng, password).unwrap();
    assert_eq!(request.len(), REGISTRATION_REQUEST_BYTES);
    let response = server.register(&request);
    let registered = registration
        .finish(&mut rng, password, &server.name, &response)
        .unwrap();
    assert_eq!(registered.upload.len(), REGISTRATION_UPLOAD_BYTES);
    server.store(&registered.upload);
    registered.export_key
}

fn log_in(server: &mut Server, password: &[u8], as_name: &str) -> Result<(LoggedIn, bool), PasswordError> {
    let mut rng = rng(2);
    let (login, request) = Login::start(&mut rng, password)?;
    assert_eq!(request.len(), CREDENTIAL_REQUEST_BYTES);
    let (state, response) = server.log_in(&request);
    let logged_in = login.finish(&mut rng, password, &as_name.parse().unwrap(), &response)?;
    assert_eq!(logged_in.finalization.len(), CREDENTIAL_FINALIZATION_BYTES);
    let accepted = server.finishes(state, &logged_in.finalization);
    Ok((logged_in, accepted))
}

#[test]
fn the_right_password_logs_in_and_gives_the_export_key_of_the_registration() {
    let mut server = Server::new(3, "alice");
    let registered = register(&mut server, PASSWORD);
    let (logged_in, accepted) = log_in(&mut server, PASSWORD, "alice").unwrap();
    assert!(accepted);
    assert!(logged_in.export_key == registered);
}

#[test]
fn a_wrong_password_an_unknown_name_and_another_accounts_record_are_told_from_each_other_by_nobody() {
    let mut server = Server::new(3, "alice");
    let unknown = log_in(&mut server, PASSWORD, "alice").unwrap_err();
    register(&mut server, PASSWORD);
    let wrong = log_in(&mut server, b"correct horse battery stable", "alice").unwrap_err();
    let other_name = log_in(&mut server, PASSWORD, "mallory").unwrap_err();
    assert_eq!([unknown, wrong, other_name], [PasswordError::WrongPassword; 3]);
}

#[test]
fn a_server_that_has_the_record_but_not_the_key_is_not_believed() {
    let mut server = Server::new(3, "alice");
    register(&mut server, PASSWORD);
    let mut thief = Server::new(4, "alice");
    thief.record.clone_from(&server.record);
    let refused = log_in(&mut thief, PASSWORD, "alice").unwrap_err();
    assert_eq!(refused, PasswordError::WrongPassword);
}

#[test]
fn an_answer_that_is_cut_or_reflects_the_request_is_malformed() {
    let mut server = Server::new(3, "alice");
    let name = server.name.clone();
    let mut rng = rng(1);
    let start = |rng: &mut ChaCha20Rng| Registration::start(rng, PASSWORD).unwrap();

    let (_, request) = start(&mut rng);
    let response = server.register(&request);
    for length in 0..response.len() {
        let (registration, _) = start(&mut rng);
        let refused = registration.finish(&mut rng, PASSWORD, &name, &response[..length]);
        assert_eq!(refused.unwrap_err(), PasswordError::MalformedResponse);
    }

    // The server sends the client's blinded element back: the password would not be mixed with the server's key.
    let (registration, request) = start(&mut rng);
    let reflected = [&request[..], &response[request.len()..]].concat();
    let refused = registration.finish(&mut rng, PASSWORD, &name, &reflected);
    assert_eq!(refused.unwrap_err(), PasswordError::MalformedResponse);

    for length in [0, 1, 64, 319] {
        let (login, _) = Login::start(&mut rng, PASSWORD).unwrap();
        let refused = login.finish(&mut rng, PASSWORD, &name, &vec![0x11; length]);
        assert_eq!(refused.unwrap_err(), PasswordError::MalformedResponse);
    }
}

#[test]
fn an_empty_or_endless_password_is_refused_before_anything_is_sent() {
    for password in [vec![], vec![b'a'; PASSWORD_BYTES + 1]] {
        let registration = Registration::start(&mut rng(1), &password);
        assert_eq!(registration.unwrap_err(), PasswordError::Length);
        assert_eq!(
            Login::start(&mut rng(1), &password).unwrap_err(),
            PasswordError::Length
        );
    }
    assert!(Registration::start(&mut rng(1), &[b'a'; PASSWORD_BYTES]).is_ok());
}
