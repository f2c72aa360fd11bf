//! A community near where this account's profile says that it is: whoever tells others where they are is told what begins there. The
//! device asks, so the server keeps nothing of who wants to know; and it asks for the place that the server shows to everyone anyway.

use super::{Done, Engine, Reply};
use crate::api::{Api, ApiError};
use crate::error::ClientError;
use crate::notices::{About, NoticeId};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError};
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, CommunityId, Seq, Timestamp};
use std::collections::BTreeSet;

/// Between two looks that nobody has asked for, in milliseconds.
const PAUSE_MS: u64 = 24 * 60 * 60 * 1000;
/// How near is near.
const WITHIN_KM: u16 = 50;
/// More at once are no news, but a list to read: it is on the page of communities.
const NOTED_AT_ONCE: usize = 10;

/// When this device has looked, and for what.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct LookedForCommunities {
    /// By this device's clock.
    at: Timestamp,
    /// Those that were founded later, by the server's clock, are new.
    since: Timestamp,
}

/// A community that was founded since the last look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCommunity {
    community: CommunityId,
    founded_at: Timestamp,
}

impl<P: Platform> Engine<P> {
    /// Looks, if a day is over. The first time there is nothing to be told: what was there before is on the page of communities.
    pub(super) async fn look_for_communities(&mut self) {
        let now = self.now();
        match self.looked_for_communities().await {
            // A clock that was set back does not put the next look off.
            Ok(Some(last)) if last.at <= now && now < last.at.plus_millis(PAUSE_MS) => {}
            Ok(Some(_)) if self.looks_for_communities => {}
            Ok(Some(last)) => self.start_look(last.since, None),
            Ok(None) => {
                let looked = LookedForCommunities { at: now, since: now };
                if self.put_look(looked, Changes::new()).await.is_err() {
                    self.store_failed();
                }
            }
            Err(_) => self.store_failed(),
        }
    }

    /// Looks now.
    pub(super) async fn look_for_communities_now(&mut self, reply: Reply<()>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        match self.looked_for_communities().await {
            Ok(last) => self.start_look(last.map_or(self.now(), |last| last.since), Some(reply)),
            Err(error) => reply.send(Err(error.into())),
        }
    }

    async fn looked_for_communities(&self) -> Result<Option<LookedForCommunities>, RecordsError> {
        let records = self.surroundings.records.clone();
        records.get(&record_key::looked_for_communities()).await
    }

    fn start_look(&mut self, since: Timestamp, reply: Option<Reply<()>>) {
        let Some(own) = self.me.as_ref().map(|me| me.account) else {
            if let Some(reply) = reply {
                reply.send(Err(ClientError::NotLoggedIn));
            }
            return;
        };
        // By a clock that was ahead nothing would be new.
        let since = since.min(self.now());
        let api = self.api.clone();
        self.looks_for_communities = true;
        self.start(async move {
            let result = found(&api, own, since).await;
            Done::CommunitiesFound { since, result, reply }
        });
    }

    /// What was founded is known, or not; then the next look will tell.
    pub(super) async fn communities_found(
        &mut self,
        since: Timestamp,
        result: Result<Option<Vec<NewCommunity>>, ApiError>,
        reply: Option<Reply<()>>,
    ) {
        self.looks_for_communities = false;
        let done = match result {
            Ok(Some(found)) => self.note_communities(since, &found).await,
            // Where somebody is who says so later, nothing is new by that.
            Ok(None) => self.note_communities(self.now(), &[]).await,
            Err(error) => Err(error.into()),
        };
        if let Some(reply) = reply {
            reply.send(done);
        }
    }

    async fn note_communities(
        &mut self,
        since: Timestamp,
        found: &[NewCommunity],
    ) -> Result<(), ClientError> {
        let (now, mut changes) = (self.now(), Changes::new());
        for new in found.iter().take(NOTED_AT_ONCE) {
            // A server that is ahead of its time gets no place before all others.
            let at = new.founded_at.min(now);
            let id = NoticeId::new(at, Seq::ZERO, *new.community.as_bytes());
            self.notices
                .add(id, About::Community(new.community), false, &mut changes);
        }
        let latest = found.iter().map(|new| new.founded_at).max();
        let since = latest.map_or(since, |latest| latest.max(since));
        let put = self
            .put_look(LookedForCommunities { at: now, since }, changes)
            .await;
        if let Err(error) = put {
            self.store_failed();
            return Err(error.into());
        }
        Ok(())
    }

    async fn put_look(
        &mut self,
        looked: LookedForCommunities,
        mut changes: Changes,
    ) -> Result<(), RecordsError> {
        changes.put(record_key::looked_for_communities(), &looked);
        self.flush(changes).await
    }
}

/// Communities near the account that were founded since, and that it is not in; `None` if its profile says no place.
async fn found<P: Platform>(
    api: &Api<P>,
    own: AccountId,
    since: Timestamp,
) -> Result<Option<Vec<NewCommunity>>, ApiError> {
    let Some(near) = api.profile(own).await?.location else {
        return Ok(None);
    };
    let new = api
        .new_communities(near, Some(WITHIN_KM), since)
        .await?
        .communities;
    if new.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let joined = api.joined_communities().await?.communities;
    let joined: BTreeSet<CommunityId> = joined.iter().map(|joined| joined.community.community).collect();
    let new = new.into_iter().filter(|new| !joined.contains(&new.community));
    let new = new.map(|new| NewCommunity {
        community: new.community,
        founded_at: new.created_at,
    });
    Ok(Some(new.collect()))
}
