//! The contract of [`crate::store::ArchiveStore`]: claims.

use super::Backend;
use super::archives::{does, is_stale, write};
use super::fixture::*;
use crate::store::{ArchiveClaimed, ArchiveStore as _, ArchiveWrite, NewArchiveClaim};
use sotto_protocol::{ChatId, DeviceAddress, Timestamp, limits};

/// Claims chat 1's archive, or another's, for some seconds from a time on.
pub(super) async fn claims(
    backend: &impl Backend,
    by: DeviceAddress,
    of: ChatId,
    at: Timestamp,
    seconds: u32,
) -> ArchiveClaimed {
    let claim = NewArchiveClaim {
        by,
        chat: of,
        at,
        until: at.plus_seconds(seconds),
    };
    backend.accounts().claim_archive(claim).await.unwrap()
}

pub(super) fn held(by: DeviceAddress, until: Timestamp) -> ArchiveClaimed {
    ArchiveClaimed::Held { by: by.device, until }
}

pub(crate) async fn a_claim_is_held_by_one_device_until_it_ends<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let (phone, laptop) = (ALICE.device(1), ALICE.device(2));
    let end = NOW.plus_seconds(60);
    assert_eq!(claims(&backend, phone, chat(1), NOW, 60).await, held(phone, end));
    assert_eq!(claims(&backend, laptop, chat(1), NOW, 60).await, held(phone, end));
    // It is for one chat and one account.
    assert_eq!(
        claims(&backend, laptop, chat(2), NOW, 60).await,
        held(laptop, end)
    );
    assert_eq!(
        claims(&backend, BOB.device(1), chat(1), NOW, 60).await,
        held(BOB.device(1), end)
    );
    // Whoever holds it may hold it longer.
    let later = NOW.plus_seconds(59);
    let longer = later.plus_seconds(60);
    assert_eq!(
        claims(&backend, phone, chat(1), later, 60).await,
        held(phone, longer)
    );
    let backend = backend.reopen().await;
    assert_eq!(
        claims(&backend, laptop, chat(1), end, 60).await,
        held(phone, longer)
    );
    // A lost one ends by itself.
    let taken = longer.plus_seconds(10);
    assert_eq!(
        claims(&backend, laptop, chat(1), longer, 10).await,
        held(laptop, taken)
    );
    // Given back, it is free.
    assert_eq!(
        claims(&backend, phone, chat(1), longer, 0).await,
        held(laptop, taken)
    );
    assert_eq!(
        claims(&backend, laptop, chat(1), longer, 0).await,
        held(laptop, longer)
    );
    assert_eq!(
        claims(&backend, phone, chat(1), longer, 10).await,
        held(phone, taken)
    );
    let nobody = claims(&backend, EVE.device(1), chat(1), NOW, 10).await;
    assert_eq!(nobody, ArchiveClaimed::AccountNotFound);
}

pub(crate) async fn a_write_of_the_holder_releases_its_claim<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let (phone, laptop) = (ALICE.device(1), ALICE.device(2));
    let end = NOW.plus_seconds(60);
    claims(&backend, phone, chat(1), NOW, 60).await;
    // The claim is a courtesy: who does not hold it writes all the same, and releases nothing.
    let releasing = |write| ArchiveWrite {
        releases: true,
        ..write
    };
    assert_eq!(does(&backend, releasing(write(0, "one").by(laptop))).await, 1);
    assert_eq!(does(&backend, write(1, "two")).await, 2);
    assert_eq!(claims(&backend, laptop, chat(1), NOW, 60).await, held(phone, end));
    // What was not written releases nothing either.
    assert_eq!(is_stale(&backend, releasing(write(0, "late"))).await, 2);
    assert_eq!(claims(&backend, laptop, chat(1), NOW, 60).await, held(phone, end));
    assert_eq!(does(&backend, releasing(write(2, "three"))).await, 3);
    assert_eq!(
        claims(&backend, laptop, chat(1), NOW, 60).await,
        held(laptop, end)
    );
}

pub(crate) async fn an_account_claims_so_many_archives_and_no_more<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let of = |number: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        ChatId::from_bytes(bytes)
    };
    let by = ALICE.device(1);
    for number in 0..limits::ARCHIVE_CLAIMS {
        let until = NOW.plus_seconds(60 + number % 2);
        let claimed = claims(&backend, by, of(number), NOW, 60 + number % 2).await;
        assert_eq!(claimed, held(by, until));
    }
    let another = of(limits::ARCHIVE_CLAIMS);
    let until = NOW.plus_seconds(60);
    let refused = claims(&backend, by, another, NOW, 60).await;
    assert_eq!(refused, ArchiveClaimed::TooMany { until });
    let again = claims(&backend, by, of(0), NOW, 60).await;
    assert_eq!(again, held(by, until), "one that it has already");
    let bobs = claims(&backend, BOB.device(1), another, NOW, 60).await;
    assert_eq!(bobs, held(BOB.device(1), until));
    let later = claims(&backend, by, another, until, 60).await;
    assert_eq!(later, held(by, until.plus_seconds(60)));
}
