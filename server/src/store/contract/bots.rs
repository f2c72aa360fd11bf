//! The contract of [`crate::store::BotStore`], and of the accounts that are created with a bot's token.

use super::Backend;
use super::administration::{act, by, has_role};
use super::fixture::*;
use crate::store::{
    AccountStore, Actor, BanStore, BotStore, CreateAccountError, NewAccount, NewChange, PerformError,
    SessionId, SessionStore,
};
use sotto_protocol::BotTokenHash;
use sotto_protocol::rest::admin::{AdminChange, Bot};

const TOKEN: BotTokenHash = BotTokenHash::from_bytes([1; 32]);
const OTHER: BotTokenHash = BotTokenHash::from_bytes([2; 32]);

fn makes(bot: Person, token: BotTokenHash) -> NewChange {
    NewChange::CreateBot {
        bot: bot.name(),
        token,
    }
}

fn revokes(bot: Person) -> NewChange {
    NewChange::RevokeBot { bot: bot.name() }
}

/// A registration with a bot's token.
fn with(bot: Person, token: BotTokenHash) -> NewAccount {
    NewAccount {
        bot: Some(token),
        ..bot.registration()
    }
}

async fn bots<B: Backend>(backend: &B) -> Vec<Bot> {
    backend.accounts().bots(NOW).await.unwrap()
}

pub(crate) async fn a_bot_is_registered_once_with_its_token_and_its_name_is_kept_for_it<B: Backend>(
    backend: B,
) {
    let accounts = backend.accounts();
    ALICE.registers(&backend).await;
    let refused = act(&backend, by(ALICE), makes(BOB, TOKEN)).await;
    assert!(matches!(refused, Err(PerformError::Forbidden)));
    has_role(&backend, ALICE, "administrator").await;
    let refused = act(&backend, by(ALICE), makes(ALICE, TOKEN)).await;
    assert!(matches!(refused, Err(PerformError::NameTaken)));
    act(&backend, Actor::CommandLine, makes(BOB, OTHER))
        .await
        .unwrap();
    // The first token was lost.
    act(&backend, by(ALICE), makes(BOB, TOKEN)).await.unwrap();
    let awaits = async |who: Person, token| accounts.awaits_bot(&who.name(), token).await.unwrap();
    assert!(awaits(BOB, TOKEN).await && !awaits(BOB, OTHER).await && !awaits(EVE, TOKEN).await);

    let person = accounts.create_account(BOB.registration()).await;
    assert!(matches!(person, Err(CreateAccountError::NameTaken)));
    for wrong in [with(BOB, OTHER), with(EVE, TOKEN)] {
        let refused = accounts.create_account(wrong).await;
        assert!(matches!(refused, Err(CreateAccountError::BotTokenInvalid)));
    }
    accounts.create_account(with(BOB, TOKEN)).await.unwrap();
    assert!(!awaits(BOB, TOKEN).await);
    let user = accounts.account(BOB.account()).await.unwrap().unwrap();
    assert!(user.bot && !user.listed);
    assert!(!accounts.account(ALICE.account()).await.unwrap().unwrap().bot);
    let session = async |who: Person| {
        accounts
            .session(SessionId([who.0; 16]), NOW)
            .await
            .unwrap()
            .unwrap()
    };
    assert!(session(BOB).await.is_bot && !session(ALICE).await.is_bot);
    let again = act(&backend, by(ALICE), makes(BOB, OTHER)).await;
    assert!(matches!(again, Err(PerformError::NameTaken)));
    let bot = Bot {
        name: BOB.name(),
        account: Some(BOB.account()),
        made_at: NOW,
        made_by: Some(ALICE.account()),
        banned: false,
    };
    assert_eq!(bots(&backend).await, [bot]);
    assert!(accounts.delete_account(BOB.account(), NOW).await.unwrap());
    assert_eq!(bots(&backend).await, []);
}

pub(crate) async fn a_revoked_bot_is_banned_and_one_that_was_never_registered_is_forgotten<B: Backend>(
    backend: B,
) {
    let accounts = backend.accounts();
    for bot in [BOB, EVE] {
        act(&backend, Actor::CommandLine, makes(bot, TOKEN))
            .await
            .unwrap();
    }
    accounts.create_account(with(BOB, TOKEN)).await.unwrap();
    let done = act(&backend, Actor::CommandLine, revokes(BOB))
        .await
        .unwrap()
        .unwrap();
    let change = AdminChange::BotRevoked {
        bot: BOB.name(),
        subject: Some(BOB.named()),
    };
    assert_eq!(done.change, change);
    let ban = accounts.ban_of(BOB.account(), NOW).await.unwrap().unwrap();
    assert_eq!((ban.reason.as_str(), ban.until), ("because", None));
    assert!(bots(&backend).await[0].banned);
    assert_eq!(
        act(&backend, Actor::CommandLine, revokes(BOB)).await.unwrap(),
        None
    );

    act(&backend, Actor::CommandLine, revokes(EVE)).await.unwrap();
    let gone = act(&backend, Actor::CommandLine, revokes(EVE)).await;
    assert!(matches!(gone, Err(PerformError::BotNotFound)));
    let refused = accounts.create_account(with(EVE, TOKEN)).await;
    assert!(matches!(refused, Err(CreateAccountError::BotTokenInvalid)));
    EVE.registers(&backend).await;
}
