//! The client's half of OPAQUE.

use super::{Answer, TestServer, random};
use opaque_ke::rand::{CryptoRng, Error, RngCore};
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialResponse, Identifiers, RegistrationResponse, Ristretto255,
    TripleDh,
};
use rand_core::Rng as _;
use sotto_protocol::AccountName;
use sotto_protocol::rest::auth::{
    FinishLogin, LoginStarted, RegistrationStarted, StartLogin, StartPassword, StartRegistration, Token,
};

/// `OpaqueSuite` with a key stretching function that does nothing. It is the client's alone, so that the server
/// cannot tell; and Argon2id for every person in every test would take most of their time.
pub(crate) struct QuickSuite;

impl CipherSuite for QuickSuite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_for_opaque::Sha512>;
    type Ksf = opaque_ke::ksf::Identity;
}

/// The operating system's randomness, for a library that knows `rand_core` 0.6.
struct OperatingSystem;

impl RngCore for OperatingSystem {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(random())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(random())
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
        server: Some(b"sotto"),
    }
}

/// Registers, up to the `RegistrationRecord` to upload.
pub(crate) async fn register<S: CipherSuite>(
    server: &TestServer,
    name: &AccountName,
    password: &[u8],
    bot: Option<&[u8]>,
) -> Vec<u8>
where
    ClientRegistration<S>: RegisterWith,
{
    ClientRegistration::<S>::register_with(server, name, password, bot).await
}

/// Sets a password anew, up to the `RegistrationRecord` to upload.
pub(crate) async fn set_password<S: CipherSuite>(
    server: &TestServer,
    name: &AccountName,
    password: &[u8],
    token: &Token,
) -> Vec<u8>
where
    ClientRegistration<S>: RegisterWith,
{
    ClientRegistration::<S>::set_password_with(server, name, password, token).await
}

/// The answer to the first message of a login.
pub(crate) async fn try_start<S: CipherSuite>(
    server: &TestServer,
    name: &AccountName,
    password: &[u8],
) -> Answer
where
    ClientLogin<S>: LogInWith,
{
    ClientLogin::<S>::start_with(server, name, password).await
}

/// What a login came to.
pub(crate) struct Attempt {
    /// For `POST /v1/auth/login/finish`.
    pub(crate) finish: FinishLogin,
    /// Whether the client knows that the password was right.
    pub(crate) proven: bool,
}

/// Logs in, up to the request that finishes it. A client that finds its password wrong sends nonsense.
pub(crate) async fn log_in<S: CipherSuite>(
    server: &TestServer,
    name: &AccountName,
    password: &[u8],
) -> Attempt
where
    ClientLogin<S>: LogInWith,
{
    ClientLogin::<S>::log_in_with(server, name, password).await
}

/// Written for each suite by a macro: the library's bounds do not carry over to a generic function.
pub(crate) trait RegisterWith {
    async fn register_with(
        server: &TestServer,
        name: &AccountName,
        password: &[u8],
        bot: Option<&[u8]>,
    ) -> Vec<u8>;
    async fn set_password_with(
        server: &TestServer,
        name: &AccountName,
        password: &[u8],
        token: &Token,
    ) -> Vec<u8>;
}

/// See [`RegisterWith`].
pub(crate) trait LogInWith {
    async fn log_in_with(server: &TestServer, name: &AccountName, password: &[u8]) -> Attempt;
    async fn start_with(server: &TestServer, name: &AccountName, password: &[u8]) -> Answer;
}

macro_rules! client {
    ($suite:ty) => {
        impl RegisterWith for ClientRegistration<$suite> {
            async fn register_with(
                server: &TestServer,
                name: &AccountName,
                password: &[u8],
                bot: Option<&[u8]>,
            ) -> Vec<u8> {
                let client = ClientRegistration::<$suite>::start(&mut OperatingSystem, password).unwrap();
                let request = client.message.serialize().to_vec().into();
                let name_wanted = name.clone();
                let started: RegistrationStarted = server
                    .post("/v1/auth/registration")
                    .json(&StartRegistration {
                        name: name_wanted,
                        request,
                        bot: bot.map(|admission| admission.to_vec().into()),
                    })
                    .await
                    .ok();
                let response = RegistrationResponse::deserialize(started.response.as_slice()).unwrap();
                let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
                let finished = client
                    .state
                    .finish(&mut OperatingSystem, password, response, parameters);
                finished.unwrap().message.serialize().to_vec()
            }

            async fn set_password_with(
                server: &TestServer,
                name: &AccountName,
                password: &[u8],
                token: &Token,
            ) -> Vec<u8> {
                let client = ClientRegistration::<$suite>::start(&mut OperatingSystem, password).unwrap();
                let request = client.message.serialize().to_vec().into();
                let started: RegistrationStarted = server
                    .post("/v1/auth/password")
                    .token(token)
                    .json(&StartPassword { request })
                    .await
                    .ok();
                let response = RegistrationResponse::deserialize(started.response.as_slice()).unwrap();
                let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
                let finished = client
                    .state
                    .finish(&mut OperatingSystem, password, response, parameters);
                finished.unwrap().message.serialize().to_vec()
            }
        }

        impl LogInWith for ClientLogin<$suite> {
            async fn start_with(server: &TestServer, name: &AccountName, password: &[u8]) -> Answer {
                let client = ClientLogin::<$suite>::start(&mut OperatingSystem, password).unwrap();
                let start = StartLogin {
                    name: name.clone(),
                    request: client.message.serialize().to_vec().into(),
                    captcha: None,
                };
                server.post("/v1/auth/login").json(&start).await
            }

            async fn log_in_with(server: &TestServer, name: &AccountName, password: &[u8]) -> Attempt {
                let client = ClientLogin::<$suite>::start(&mut OperatingSystem, password).unwrap();
                let request = client.message.serialize().to_vec().into();
                let started: LoginStarted = server
                    .post("/v1/auth/login")
                    .json(&StartLogin {
                        name: name.clone(),
                        request,
                        captcha: None,
                    })
                    .await
                    .ok();
                let response = CredentialResponse::deserialize(started.response.as_slice()).unwrap();
                let parameters = ClientLoginFinishParameters::new(Some(b"sotto.v1"), identifiers(name), None);
                let finished = client
                    .state
                    .finish(&mut OperatingSystem, password, response, parameters)
                    .ok();
                let proven = finished.is_some();
                let finalization =
                    finished.map_or_else(|| vec![7; 64], |login| login.message.serialize().to_vec());
                Attempt {
                    finish: FinishLogin {
                        login: started.login,
                        finalization: finalization.into(),
                    },
                    proven,
                }
            }
        }
    };
}

client!(QuickSuite);
client!(sotto_protocol::opaque::OpaqueSuite);
