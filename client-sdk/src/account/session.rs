//! The session's tokens: kept in the store, renewed in time, and once for all who ask at the same time.

use super::record::SessionRecord;
use crate::api::{self, ApiError};
use crate::platform::{Clock, Method, Platform};
use crate::record_key;
use crate::store::{Changes, RecordsError};
use crate::surroundings::Surroundings;
use async_lock::Mutex;
use rand_chacha::ChaCha20Rng;
use sotto_protocol::rest::auth::{Refresh, SessionTokens, Token};
use sotto_protocol::{Ban, ProblemCode, Timestamp};
use std::sync::Arc;

/// How long before its end an access token is renewed, in milliseconds.
const RENEW_BEFORE_MS: u64 = 60_000;

/// The session of the account that is logged in, if one is.
pub(crate) struct Session<P: Platform> {
    surroundings: Arc<Surroundings<P>>,
    state: Mutex<State>,
    /// Told once when the server has ended the session, or has banned the account.
    ended: async_channel::Sender<Option<Ban>>,
}

struct State {
    tokens: Option<SessionRecord>,
    /// Renewed tokens that could not be written yet.
    unwritten: bool,
    rng: ChaCha20Rng,
}

/// Why there is no access token.
#[derive(Debug)]
pub(crate) enum SessionError {
    /// There is no session, or it is over.
    NotLoggedIn,
    /// The token could not be renewed now.
    Refresh(Box<ApiError>),
    /// The store failed.
    Store(RecordsError),
}

impl<P: Platform> Session<P> {
    /// The session that `tokens` belong to. The receiver hears of its end.
    pub(crate) fn new(
        surroundings: Arc<Surroundings<P>>,
        tokens: Option<SessionRecord>,
        rng: ChaCha20Rng,
    ) -> (Self, async_channel::Receiver<Option<Ban>>) {
        let (ended, on_end) = async_channel::bounded(1);
        let state = State {
            tokens,
            unwritten: false,
            rng,
        };
        let session = Self {
            surroundings,
            state: Mutex::new(state),
            ended,
        };
        (session, on_end)
    }

    /// Begins a session. The caller has written the same tokens to the store.
    pub(crate) async fn begin(&self, tokens: SessionRecord) {
        let mut state = self.state.lock().await;
        state.tokens = Some(tokens);
        state.unwritten = false;
    }

    /// Forgets the tokens. The caller deletes them from the store.
    pub(crate) async fn end(&self) {
        let mut state = self.state.lock().await;
        state.tokens = None;
        state.unwritten = false;
    }

    /// Tells the engine that the server has ended the session, or takes nothing more of a banned account.
    pub(crate) fn ended_by_server(&self, ban: Option<Ban>) {
        // A full channel holds the same news already.
        let _ = self.ended.try_send(ban);
    }

    /// An access token that is good for a while.
    pub(crate) async fn access_token(&self) -> Result<Token, SessionError> {
        let mut state = self.state.lock().await;
        let tokens = state.tokens.as_ref().ok_or(SessionError::NotLoggedIn)?;
        let now = self.surroundings.clock.now();
        if now.plus_millis(RENEW_BEFORE_MS) < tokens.expires_at {
            let token = tokens.access_token.clone();
            self.write(&mut state).await?;
            return Ok(token);
        }
        let (old, still_good) = (tokens.access_token.clone(), now < tokens.expires_at);
        match self.renew(&mut state).await {
            // The server cannot be reached: it will judge the old token itself.
            Err(SessionError::Refresh(_)) if still_good => Ok(old),
            renewed => renewed,
        }
    }

    /// An access token in place of `refused`, which the server finds expired.
    pub(crate) async fn renewed_token(&self, refused: &Token) -> Result<Token, SessionError> {
        let mut state = self.state.lock().await;
        match &state.tokens {
            None => Err(SessionError::NotLoggedIn),
            // Someone else has renewed it while this caller waited.
            Some(tokens) if tokens.access_token != *refused => Ok(tokens.access_token.clone()),
            Some(_) => self.renew(&mut state).await,
        }
    }

    async fn renew(&self, state: &mut State) -> Result<Token, SessionError> {
        let tokens = state.tokens.as_ref().ok_or(SessionError::NotLoggedIn)?;
        let body = Refresh {
            refresh_token: tokens.refresh_token.clone(),
        };
        let renewed = match self.refresh(&body).await {
            Ok(renewed) => renewed,
            Err(error) => {
                let over = matches!(
                    error.code(),
                    Some(ProblemCode::SessionEnded | ProblemCode::Unauthenticated)
                );
                if over {
                    state.tokens = None;
                    self.ended_by_server(None);
                    return Err(SessionError::NotLoggedIn);
                }
                if let Some(ban) = error.ban() {
                    self.ended_by_server(Some(ban));
                }
                return Err(SessionError::Refresh(Box::new(error)));
            }
        };
        let record = SessionRecord::new(renewed, self.surroundings.clock.now());
        let token = record.access_token.clone();
        state.tokens = Some(record);
        state.unwritten = true;
        // A crash before this is written is harmless: the server takes the old refresh token again until the new one was used.
        self.write(state).await?;
        Ok(token)
    }

    async fn refresh(&self, body: &Refresh) -> Result<SessionTokens, ApiError> {
        let request = api::json_request(Method::Post, "/v1/auth/refresh".to_owned(), Some(body))?;
        let answer = api::exchange(&self.surroundings, request).await?;
        api::decode_body(&answer)
    }

    async fn write(&self, state: &mut State) -> Result<(), SessionError> {
        let State {
            tokens: Some(tokens),
            unwritten: true,
            rng,
        } = &mut *state
        else {
            return Ok(());
        };
        let mut changes = Changes::new();
        changes.put(record_key::session(), tokens);
        let written = self.surroundings.records.apply(rng, changes);
        written.await.map_err(SessionError::Store)?;
        state.unwritten = false;
        Ok(())
    }
}

impl SessionRecord {
    /// The tokens as the server gave them at `now`.
    pub(crate) fn new(tokens: SessionTokens, now: Timestamp) -> Self {
        Self {
            access_token: tokens.access_token,
            expires_at: now.plus_seconds(tokens.expires_in),
            refresh_token: tokens.refresh_token,
        }
    }
}
