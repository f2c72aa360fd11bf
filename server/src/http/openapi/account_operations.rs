//! The operations on what an account keeps to itself: its private records, whom it blocks, and where its devices can be
//! woken.

use super::operations::Operation;
use super::schemas::Schemas;
use ProblemCode as P;
use sotto_protocol::rest::{block, notification, record};
use sotto_protocol::{AccountId, ProblemCode, RecordId};

pub(super) fn account_operations() -> Vec<Operation> {
    let of_record = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "id", "The record.", Schemas::of::<RecordId>)
    };
    let of_account = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "account", "The account.", Schemas::of::<AccountId>)
    };
    let (record_path, block_path) = ("/v1/record/{id}", "/v1/block/{account}");
    vec![
        of_record(Operation::new(
            "get",
            record_path,
            "readRecord",
            "A private record of one's own account, sealed",
        ))
        .answers::<record::Record>(200, "The record.")
        .fails(&[P::RecordNotFound]),
        of_record(Operation::new(
            "put",
            record_path,
            "writeRecord",
            "Replaces a private record of one's own account",
        ))
        .takes::<record::WriteRecord>()
        .answers::<record::RecordWritten>(200, "It is written.")
        .fails(&[P::StaleRecord, P::TooManyRecords]),
        Operation::new(
            "get",
            "/v1/block",
            "blockedAccounts",
            "Whom one's own account blocks",
        )
        .by_device()
        .answers::<block::Blocked>(200, "The accounts."),
        of_account(Operation::new("put", block_path, "block", "Blocks an account"))
            .answers_nothing(
                204,
                "Nothing more that it sends is accepted in the direct chat of the two.",
            )
            .fails(&[P::UserNotFound, P::TooManyBlocks]),
        of_account(Operation::new(
            "delete",
            block_path,
            "unblock",
            "Blocks an account no more",
        ))
        .answers_nothing(204, "It is not blocked."),
        Operation::new(
            "get",
            "/v1/notification/key",
            "notificationKey",
            "The server's public key for push services",
        )
        .by_device()
        .answers::<notification::NotificationKey>(200, "The key."),
        Operation::new(
            "get",
            "/v1/notification/subscription",
            "notificationSubscription",
            "Where this device can be woken, as far as the server knows",
        )
        .by_device()
        .answers::<notification::Subscription>(200, "The address, if there is one."),
        Operation::new(
            "put",
            "/v1/notification/subscription",
            "subscribeToNotifications",
            "Says where this device can be woken while it is not connected",
        )
        .by_device()
        .takes::<notification::PutSubscription>()
        .answers_nothing(204, "It is woken there from now on.")
        .fails(&[P::EndpointRefused]),
        Operation::new(
            "delete",
            "/v1/notification/subscription",
            "unsubscribeFromNotifications",
            "Lets this device be woken no more",
        )
        .by_device()
        .answers_nothing(204, "It is not woken."),
    ]
}
