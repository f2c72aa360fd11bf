//! `GET /v1/chat/{id}/group-info`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path, Query};
use axum::extract::State;
use sotto_protocol::rest::chat::{GroupInfo, ReadGroupInfo};
use sotto_protocol::{ChatId, InvitationUse};

/// What a device needs to join by external Commit: of a member account, or with an invite link.
pub(crate) async fn group_info<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Query(ReadGroupInfo {
        invitation,
        device_key,
        signature,
    }): Query<ReadGroupInfo>,
) -> Result<Json<GroupInfo>, HttpProblem> {
    let group_info = match (invitation, device_key, signature) {
        (None, None, None) => app.delivery.group_info(caller.address, chat).await?,
        (Some(invitation), Some(device_key), Some(signature)) => {
            let used = InvitationUse {
                invitation,
                device_key,
                signature,
            };
            app.delivery
                .invited_group_info(caller.address, chat, used)
                .await?
        }
        _ => {
            return Err(HttpProblem::invalid_request(
                "invitation, device_key, signature: all of them or none",
            ));
        }
    };
    Ok(Json(group_info))
}
