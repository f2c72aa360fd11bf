//! The contract suite: what every backend of the store traits has to do. Written once; a backend runs it by
//! implementing [`Backend`] and calling [`contract`].

pub(crate) mod accounts;
pub(crate) mod administration;
pub(crate) mod archive_claims;
pub(crate) mod archives;
pub(crate) mod blobs;
pub(crate) mod blocks;
pub(crate) mod bots;
pub(crate) mod broadcasts;
pub(crate) mod captchas;
pub(crate) mod chat_index;
pub(crate) mod communities;
pub(crate) mod community_search;
pub(crate) mod device_links;
pub(crate) mod devices;
pub(crate) mod fixture;
pub(crate) mod groups;
pub(crate) mod invites;
pub(crate) mod key_packages;
pub(crate) mod log_append;
pub(crate) mod log_commit;
pub(crate) mod log_deletion;
pub(crate) mod log_erasure;
pub(crate) mod log_findings;
pub(crate) mod log_full;
pub(crate) mod log_group;
pub(crate) mod log_group_model;
pub(crate) mod log_invitation;
pub(crate) mod log_model;
pub(crate) mod log_read;
pub(crate) mod log_reversal;
pub(crate) mod log_silence;
pub(crate) mod notifications;
pub(crate) mod oidc;
pub(crate) mod overview;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod pictures;
pub(crate) mod public_keys;
pub(crate) mod records;
pub(crate) mod reports;
pub(crate) mod sessions;
pub(crate) mod versions;

use super::{
    AccountStore, AdminStore, ArchiveStore, BanStore, BlobStore, BotStore, BroadcastStore, CaptchaStore,
    ChatIndex, CommunityMembershipStore, CommunityStore, DeviceLinkStore, DeviceStore, InviteStore,
    KeyPackageStore, LogStore, NotificationStore, OidcStore, OverviewStore, PasskeyStore, PictureStore,
    RecordStore, ReportStore, RoleStore, SecretStore, SessionStore, VersionStore,
};

/// A fresh installation of a backend, with one log shard.
pub(crate) trait Backend: Sized + Send {
    type Accounts: AccountStore
        + RoleStore
        + BanStore
        + AdminStore
        + OverviewStore
        + PictureStore
        + CommunityStore
        + CommunityMembershipStore
        + DeviceStore
        + DeviceLinkStore
        + PasskeyStore
        + OidcStore
        + InviteStore
        + BotStore
        + BroadcastStore
        + CaptchaStore
        + SessionStore
        + KeyPackageStore
        + SecretStore
        + RecordStore
        + ReportStore
        + ChatIndex
        + BlobStore
        + ArchiveStore
        + NotificationStore
        + VersionStore
        + Clone;
    type Log: LogStore;

    fn open() -> impl Future<Output = Self> + Send;
    fn accounts(&self) -> &Self::Accounts;
    fn log(&self) -> &Self::Log;
    /// Closes everything and opens it again, as after a restart.
    fn reopen(self) -> impl Future<Output = Self> + Send;
}

/// Makes a test of each function of the suite for a backend.
macro_rules! contract {
    ($backend:ty: $($module:ident { $($test:ident),+ $(,)? })+) => {$(
        mod $module {
            use super::*;
            $(
                #[tokio::test]
                async fn $test() {
                    $crate::store::contract::$module::$test(<$backend as $crate::store::contract::Backend>::open().await).await;
                }
            )+
        }
    )+};
    ($backend:ty) => {
        $crate::store::contract::contract! { $backend:
            accounts {
                an_account_is_found_by_name_and_by_id,
                a_name_an_account_id_and_a_device_id_are_given_out_once,
                a_failed_creation_leaves_nothing,
                a_profile_changes_only_where_it_says,
                a_login_is_answered_by_the_last_password_and_the_one_recovery_code,
                a_deleted_account_leaves_a_name_that_nobody_can_take,
                a_server_secret_is_made_once,
            }
            administration {
                every_account_is_a_member_until_it_is_given_another_role,
                what_is_done_is_written_down_and_what_is_so_already_is_not,
                what_is_refused_is_neither_done_nor_written_down,
                nobody_gives_or_takes_what_they_may_not_do,
                the_last_administrator_stays,
                of_administrators_who_leave_at_once_one_stays,
                a_ban_holds_for_sessions_until_it_ends_or_is_lifted,
                a_role_is_deleted_when_nobody_has_it,
                what_was_done_to_a_deleted_account_stays_written_down,
            }
            overview {
                an_account_is_shown_with_its_role_its_ban_and_what_it_has,
                accounts_are_listed_by_name_and_found_by_what_applies,
            }
            captchas {
                a_captcha_is_spent_once,
                a_captcha_makes_one_account_and_is_no_good_for_anything_else,
                of_many_who_race_with_one_captcha_one_gets_an_account,
                an_account_that_is_not_created_spends_no_captcha,
                captchas_are_forgotten_when_their_time_is_over,
            }
            invites {
                invites_are_listed_with_the_latest_first,
                only_who_may_makes_and_ends_invites,
                an_invite_makes_as_many_accounts_as_it_has_uses,
                of_many_who_race_for_one_use_one_gets_it,
                an_account_that_is_not_created_uses_no_invite,
                an_invite_that_is_unknown_over_or_revoked_makes_no_account,
                invites_are_forgotten_when_their_time_is_over,
            }
            broadcasts {
                a_community_has_the_broadcast_that_its_moderators_say,
                the_broadcast_of_a_server_is_set_by_who_may_and_written_down,
            }
            bots {
                a_bot_is_registered_once_with_its_token_and_its_name_is_kept_for_it,
                a_revoked_bot_is_banned_and_one_that_was_never_registered_is_forgotten,
            }
            blobs {
                a_blob_is_whole_with_its_last_byte_and_its_retention_begins_then,
                a_repeated_creation_gets_the_same_blob,
                an_allowance_is_kept_to_the_byte,
                bytes_are_added_at_the_offset_alone,
                a_longer_object_replaces_the_shorter_one_of_its_segment,
                of_concurrent_uploaders_one_advances,
                a_deleted_blob_condemns_its_objects,
                blobs_end_at_their_time,
                the_blobs_of_a_deleted_account_go_with_it,
                objects_are_known_or_unnamed,
                what_is_stored_is_counted_through_random_histories,
            }
            archive_claims {
                a_claim_is_held_by_one_device_until_it_ends,
                a_write_of_the_holder_releases_its_claim,
                an_account_claims_so_many_archives_and_no_more,
            }
            archives {
                an_archive_is_replaced_by_its_next_revision,
                a_repetition_of_the_last_write_is_done_already,
                a_write_adds_and_removes_all_or_nothing,
                of_concurrent_writers_of_an_archive_one_replaces,
                segments_are_read_in_the_order_of_the_question,
                a_page_of_segments_ends_with_the_one_that_passes_its_bytes,
                archives_are_listed_the_latest_first,
                a_page_of_archives_ends_with_the_one_that_passes_its_bytes,
                a_timed_segment_is_given_out_until_its_end_and_no_longer,
                a_segment_that_is_over_already_is_not_kept,
                an_archive_allowance_is_kept_to_the_byte,
                who_has_more_than_it_may_can_have_less,
                a_deleted_archive_takes_nothing_else_along,
                the_archives_of_a_deleted_account_go_with_it,
                what_is_archived_is_counted_through_random_histories,
            }
            communities {
                a_community_is_founded_once_and_read_as_it_says,
                a_community_changes_only_where_it_says,
                a_communitys_pictures_are_replaced_and_go_with_it,
                who_joins_is_a_member_until_they_leave,
                members_come_by_what_they_are_and_when_they_came,
                the_founder_makes_moderators_and_hands_over,
                who_is_more_removes_and_bans_who_is_less,
                an_account_founds_so_many_communities_and_no_more,
                a_founder_who_is_deleted_leaves_the_community_to_who_is_most,
                who_handles_reports_deletes_a_community_and_it_is_written_down,
            }
            community_search {
                communities_that_fit_a_text_best_come_first,
                communities_are_found_by_topic_with_a_text_and_a_place_or_without,
                what_a_community_says_no_more_is_not_found,
                a_text_of_communities_is_found_whether_many_have_it_or_few,
                new_communities_near_a_place_come_the_latest_first,
            }
            devices {
                a_new_device_enrols_with_the_next_list,
                a_list_that_does_not_follow_is_refused,
                an_enrolled_device_returns_without_a_list,
                an_enrolment_whose_answer_was_lost_is_repeated,
                a_device_id_belongs_to_one_key_of_one_account,
                an_account_has_a_bounded_number_of_devices,
                a_removed_device_is_gone_with_its_sessions_and_key_packages,
                a_removed_device_is_departing_until_forgotten,
                a_device_has_the_name_that_its_account_gave_it_last,
                the_time_a_device_was_seen_is_kept_to_the_hour,
            }
            device_links {
                a_link_is_taken_once_and_in_time,
                an_account_has_one_link_and_the_last_counts,
                a_link_ends_with_the_device_that_offered_it,
                a_link_is_withdrawn_by_its_own_account,
            }
            oidc {
                a_subject_and_an_account_are_linked_with_one_each,
                a_subject_registers_one_account_and_no_other_after_it,
                of_many_who_race_with_one_subject_one_gets_an_account,
            }
            passkeys {
                an_account_adds_renames_and_removes_its_passkeys,
                a_passkey_is_one_accounts_and_an_account_has_so_many_and_no_more,
                a_counter_counts_on_or_stays_nothing,
                passkeys_go_with_their_account_and_stay_when_its_sessions_end,
            }
            sessions {
                a_session_lasts_until_it_expires_or_is_ended,
                all_sessions_of_an_account_end_at_once_and_those_of_others_do_not,
                a_new_session_of_a_device_ends_the_one_before,
                a_refresh_token_is_replaced_by_its_successor,
                a_token_whose_successor_was_lost_is_taken_again,
                a_token_that_comes_again_after_its_successor_was_used_ends_the_session,
                a_token_that_a_lost_answer_carried_ends_the_session_once_it_was_replaced,
                a_login_is_spent_once_until_it_is_purged,
            }
            key_packages {
                the_stock_counts_by_suite,
                key_packages_are_claimed_oldest_first_then_the_last_resort,
                strangers_leave_some_of_the_stock_alone,
                a_crowd_of_strangers_gets_the_last_resort,
                whoever_is_blocked_finds_no_key_package,
                what_is_too_old_is_neither_counted_nor_handed_out,
                the_calling_device_is_left_out,
                a_full_stock_takes_nothing,
                concurrent_claims_never_get_the_same_key_package,
            }
            blocks {
                an_account_blocks_and_unblocks,
                blocks_go_with_either_account,
                whoever_blocks_is_unwelcome_to_be_brought_in_unless_it_asked,
            }
            notifications {
                a_subscription_is_replaced_by_the_devices_next,
                a_subscription_is_forgotten_unless_it_is_another_by_now,
                a_subscription_ends_with_its_session_its_device_and_its_account,
                a_new_login_of_the_device_has_no_subscription_yet,
            }
            public_keys {
                keys_are_known_while_their_devices_and_accounts_are_there,
            }
            people {
                those_who_fit_a_text_best_come_first,
                texts_of_all_scripts_and_lengths_are_found_without_regard_to_case,
                a_search_takes_no_character_for_a_wildcard,
                what_a_profile_says_no_more_is_not_found,
                who_is_not_listed_or_deleted_is_not_found,
                people_near_a_place_come_by_distance_and_then_by_name,
                a_text_and_a_place_are_looked_for_together,
                the_pages_of_a_search_have_everyone_once,
                a_text_is_found_whether_many_have_it_or_few,
            }
            pictures {
                a_picture_is_there_until_it_is_replaced_or_removed,
                pictures_go_with_their_account,
            }
            records {
                a_record_is_replaced_by_its_next_revision,
                of_concurrent_writers_one_replaces,
                an_account_has_so_many_records_and_no_more,
            }
            reports {
                a_report_is_read_as_it_was_kept,
                an_account_reports_the_same_once,
                open_reports_are_listed_with_the_oldest_first_and_handled_ones_with_the_latest,
                a_report_is_handled_once_and_forgotten_later,
                nobody_sees_or_handles_what_was_reported_of_them,
                the_names_of_accounts_are_known_as_long_as_these_are_there,
            }
            log_silence {
                what_a_silenced_account_sends_is_refused,
                only_a_party_of_a_chat_is_silenced,
                a_commit_against_which_something_was_found_is_refused,
            }
            chat_index {
                the_chats_that_an_account_begins_are_counted,
                a_pair_is_reserved_once,
                the_creator_may_come_again,
                a_chat_id_belongs_to_one_pair,
                both_accounts_have_to_exist,
                new_chats_go_to_the_shard_with_the_fewest,
                a_reservation_without_a_chat_can_be_taken_over,
                a_confirmed_chat_cannot_be_taken_over,
                notes_are_reserved_once,
                a_group_id_is_reserved_once,
                a_deletion_is_known_until_it_is_concluded_and_the_id_stays_taken,
            }
            groups {
                a_profile_is_replaced_by_a_later_one,
                a_group_that_has_no_profile_takes_any_revision,
                a_search_finds_what_titles_and_descriptions_contain,
                the_pages_of_a_search_for_groups_have_each_once,
                requests_wait_in_their_order_until_they_are_forgotten,
                so_many_requests_wait_and_no_more,
                old_requests_are_purged_and_those_of_a_deleted_account_go,
                a_deleted_group_has_neither_profile_nor_requests,
            }
            log_append {
                positions_run_from_one_without_gaps,
                a_retry_gets_the_same_answer,
                a_retry_gets_the_same_answer_after_the_epoch_has_moved_on,
                a_retry_in_the_same_batch_is_a_duplicate,
                a_retry_is_recognised_however_much_came_between,
                a_message_is_not_looked_for_in_what_its_sender_has_read,
                a_sender_that_has_read_too_little_is_to_catch_up,
                a_sender_that_has_read_a_longer_log_is_not_believed,
                a_batch_of_one_chat_that_is_written_twice_is_there_once,
                the_same_id_of_another_device_is_another_message,
                a_refused_submission_spoils_no_other,
                only_members_can_send,
                only_the_current_epoch_can_be_sent_in,
                a_fleeting_message_leaves_no_trace,
                what_was_written_is_there_after_a_restart,
            }
            log_commit {
                one_commit_is_accepted_in_an_epoch,
                later_submissions_of_a_batch_see_the_commit,
                an_added_device_gets_a_welcome_and_begins_after_the_commit,
                only_devices_of_the_two_accounts_can_be_added,
                a_device_removes_devices_of_its_own_account_alone,
                a_removed_device_can_neither_send_nor_read,
                a_commit_with_a_welcome_for_nobody_or_without_one_is_refused,
                a_device_of_a_party_joins_by_external_commit,
                a_stranger_cannot_join_by_external_commit,
                a_device_that_lost_its_state_comes_back_by_external_commit,
                a_device_that_departs_is_out_of_every_chat,
                a_false_claim_to_a_device_does_not_stand_in_its_way,
            }
            log_full {
                a_chat_takes_devices_until_it_is_full,
                a_large_group_takes_more_than_another,
                a_chat_keeps_its_suite,
            }
            log_group {
                a_group_is_created_with_its_members_as_parties,
                a_group_that_has_changed_since_is_the_same_creation,
                notes_have_one_party,
                a_newcomer_becomes_a_party_and_is_none_after_its_last_leaf,
                only_those_whom_the_rules_allow_add,
                an_admin_removes_another_account_as_a_whole,
                rules_change_by_those_who_may,
                an_approval_counts_if_a_member_gave_it,
                anyone_joins_an_open_group_and_nobody_a_closed_one,
                a_banned_account_joins_no_open_group,
                the_leaf_of_a_departed_device_is_removed_by_a_member_of_its_account,
                who_has_left_gets_and_reads_nothing_and_its_leaves_are_removed_later,
                an_account_leaves_in_the_epoch_that_it_names,
                who_has_left_comes_back_by_a_new_leaf,
                a_group_says_how_many_are_in_it_and_that_it_is_one,
                a_commit_adds_and_removes_many,
            }
            log_findings {
                an_office_is_given_to_no_stranger_and_kept_by_who_became_one,
                an_approval_of_an_unknown_device_does_not_count,
                a_departure_of_an_unknown_device_counts_once_its_account_gets_nothing,
            }
            log_invitation {
                an_invitation_lets_so_many_accounts_in_and_no_more,
                an_account_that_comes_again_uses_an_invitation_once,
                an_invitation_that_is_over_or_unknown_lets_nobody_in,
                a_banned_account_comes_in_by_no_invitation,
                a_revoked_invitation_lets_nobody_in_and_its_uses_are_forgotten,
                a_use_is_given_back_with_the_commit_that_spent_it,
                a_use_of_an_earlier_stay_stays_used,
            }
            log_group_model {
                random_changes_leave_the_members_of_a_simple_model,
            }
            log_deletion {
                of_a_deleted_group_nothing_is_left,
                other_chats_stay_when_a_group_is_deleted,
                a_deleted_group_can_never_be_created_again,
                a_chat_after_a_deleted_one_has_none_of_its_entries,
            }
            log_erasure {
                a_message_that_its_account_deletes_is_an_empty_position,
                a_repeat_changes_nothing,
                another_accounts_message_keeps_all_that_are_named,
                the_owner_and_the_admins_of_a_group_delete_anybodys,
                what_is_not_there_is_passed_over,
                a_commit_is_never_deleted,
                a_timed_message_is_deleted_before_its_time,
                what_is_over_is_nobodys_to_refuse,
                a_retry_of_a_deleted_message_gets_its_position,
                only_who_is_in_a_chat_deletes,
                what_was_deleted_is_taken_back_with_the_commit_before_it,
                a_deletion_survives_a_restart,
            }
            log_read {
                a_chat_is_created_once,
                a_fenced_chat_can_never_be_created,
                pages_go_both_ways,
                a_page_ends_with_the_entry_that_passes_its_bytes,
                only_members_can_read,
                the_group_info_is_for_the_two_accounts,
                cursors_move_on_and_never_back_nor_beyond_the_log,
                a_welcome_stays_until_it_is_acknowledged,
                standings_and_welcomes_come_in_pages,
                a_marker_is_replaced_by_the_next,
                no_page_of_standings_has_many_more_bytes_of_markers_than_a_page,
                expired_entries_leave_an_empty_position,
                peers_are_those_who_share_a_chat,
                chats_that_have_grown_are_found_with_their_members,
            }
            log_reversal {
                a_commit_is_taken_back_with_all_that_came_after_it,
                members_parties_and_cursors_are_what_they_were,
                a_row_of_commits_is_taken_back_to_the_first,
                what_another_has_built_on_needs_more_who_object,
                objections_are_kept_until_there_are_enough,
                only_another_members_objection_counts,
                the_committer_commits_no_more_until_it_is_added_anew,
                who_departed_or_left_meanwhile_stays_out,
                what_was_taken_back_is_no_duplicate,
                a_commit_that_was_followed_by_too_many_is_final,
                a_reversal_survives_a_restart,
                an_account_joins_alone_a_few_times_after_its_commits_were_taken_back,
            }
            versions {
                a_profile_has_another_version_after_each_change,
                a_community_has_another_version_after_each_change,
                a_group_has_another_version_after_each_commit_and_departure,
            }
            log_model {
                random_submissions_have_the_outcomes_of_a_simple_model,
            }
        }
    };
}
pub(crate) use contract;
