//! Bounds on everything that a stranger can send, in one place.

/// Devices of an account.
pub const DEVICES_PER_ACCOUNT: usize = 32;
/// Bytes of an encoded device list.
pub const DEVICE_LIST_BYTES: usize = 2048;
/// Bytes of a device's name in UTF-8.
pub const DEVICE_NAME_BYTES: usize = 64;
/// Bytes of a device's name, padded and sealed.
pub const SEALED_DEVICE_NAME_BYTES: usize = 192;
/// How long an offer of an old device to let a new one in is good, in milliseconds.
pub const DEVICE_LINK_MILLIS: u64 = 5 * 60 * 1000;
/// Passkeys of an account.
pub const PASSKEYS_PER_ACCOUNT: usize = 16;
/// Bytes of the id that an authenticator gives a passkey, as the standard bounds it.
pub const CREDENTIAL_ID_BYTES: usize = 1023;
/// Bytes of a passkey's public key: several times what RSA with 4096 bits takes.
pub const PASSKEY_KEY_BYTES: usize = 2048;
/// How long there is to use a passkey, or to make one, in milliseconds: it may be on a telephone in another room.
pub const PASSKEY_MILLIS: u32 = 5 * 60 * 1000;
/// Milliseconds that there are to log in at an OpenID provider, and then to use what that gives.
pub const OIDC_MILLIS: u32 = 10 * 60 * 1000;
/// Bytes of an account's display name in UTF-8.
pub const DISPLAY_NAME_BYTES: usize = 128;
/// Bytes of what an account says about itself in UTF-8.
pub const ABOUT_BYTES: usize = 2048;
/// Bytes of where an account says that it is, in UTF-8.
pub const PLACE_BYTES: usize = 128;
/// Bytes of a picture that is sent for a profile. What is kept of it is made anew and smaller.
pub const PROFILE_IMAGE_BYTES: usize = 8 * 1024 * 1024;
/// Pixels of a picture that is sent for a profile: those of most phones.
pub const PROFILE_IMAGE_PIXELS: u64 = 25_000_000;
/// Width and height of a profile's picture.
pub const PICTURE_PIXELS: u32 = 512;
/// Width and height of a profile's picture where many are shown.
pub const SMALL_PICTURE_PIXELS: u32 = 96;
/// Width and height of the picture at the head of a profile.
pub const COVER_PIXELS: (u32, u32) = (1500, 500);
/// Bytes of what somebody says about themselves that a search shows.
pub const ABOUT_SHOWN_BYTES: usize = 280;
/// Kilometres within which people can be looked for.
pub const WITHIN_KM: u16 = 500;
/// Bytes of a community's title in UTF-8.
pub const COMMUNITY_TITLE_BYTES: usize = 128;
/// Bytes of what a community says about itself in UTF-8.
pub const COMMUNITY_DESCRIPTION_BYTES: usize = 2048;
/// Topics of a community.
pub const COMMUNITY_TOPICS: usize = 5;
/// Topics that a server offers.
pub const TOPICS: usize = 100;
/// Bytes of a topic in UTF-8.
pub const TOPIC_BYTES: usize = 64;
/// Communities whose founder an account is.
pub const COMMUNITIES_FOUNDED: u64 = 20;
/// Communities that an account is in.
pub const COMMUNITIES_JOINED: u64 = 200;
/// Moderators of a community.
pub const COMMUNITY_MODERATORS: u64 = 50;
/// Accounts that are banned from a community.
pub const COMMUNITY_BANS: u64 = 500;
/// Members of a community in one page.
pub const COMMUNITY_MEMBERS_READ: u16 = 200;
/// How long ago a community can have been founded that is asked for as a new one: 30 days.
pub const COMMUNITY_NEW_MILLIS: u64 = 30 * 24 * 60 * 60 * 1000;
/// Bytes of one sealed copy of the account's root.
pub const VAULT_BYTES: usize = 1024;

/// Bytes of why somebody who administers has done something, in UTF-8. Of a ban the banned account reads it.
pub const ADMIN_REASON_BYTES: usize = 1024;
/// Roles of a server, the three that every server has among them.
pub const ROLES: u64 = 32;
/// Invites that a server keeps.
pub const INVITES: u64 = 10_000;
/// Bots of a server, those that were revoked among them.
pub const BOTS: u64 = 10_000;
/// Longest time for which an invite to the server is good: ten years.
pub const INVITE_SECONDS_MAX: u32 = 3653 * 24 * 60 * 60;
/// Characters of an invite's note.
pub const INVITE_NOTE_CHARACTERS: usize = 200;
/// Accounts in one page for those who administer.
pub const ACCOUNTS_LISTED: u16 = 200;
/// Acts in one page of the audit log.
pub const ACTS_READ: u16 = 200;

/// Bytes of the text of a message in UTF-8.
pub const TEXT_BYTES: usize = 64 * 1024;
/// Bytes of the beginning of a message that another one answers.
pub const QUOTE_BYTES: usize = 256;
/// Mentions in one message.
pub const MENTIONS: usize = 64;
/// Bytes of a reaction to a message.
pub const REACTION_BYTES: usize = 64;
/// Bytes of a file's name in UTF-8.
pub const FILE_NAME_BYTES: usize = 255;
/// Bytes of a media type.
pub const MEDIA_TYPE_BYTES: usize = 127;
/// Bytes of what is said about a file in UTF-8.
pub const CAPTION_BYTES: usize = 8 * 1024;
/// Bytes of the small picture that stands for a file.
pub const THUMBNAIL_BYTES: usize = 24 * 1024;
/// Levels that show how loud a voice note is.
pub const WAVEFORM_LEVELS: usize = 64;
/// Bytes of an entry's payload that is no Commit: the longest text, padded and sealed.
pub const PAYLOAD_BYTES: usize = 128 * 1024;
/// Bytes of a Commit, a Welcome or a GroupInfo. The largest chats need most of it: a GroupInfo holds the whole tree, and the
/// Welcome of a batch holds the GroupInfo. [`crate::GroupSize`] says how many devices that allows.
pub const HANDSHAKE_BYTES: usize = 1024 * 1024;
/// Bytes of a message of somebody who may not speak in a broadcast: that they leave, or ask for what was said before. Nobody shows what
/// else they say, so nothing longer is kept.
pub const UNHEARD_BYTES: usize = 4 * 1024;
/// Devices in a chat with [`crate::Suite::XWing`], of which each takes up to 2.95 KB of the tree.
pub const HYBRID_CHAT_DEVICES: usize = 256;
/// Devices in a chat with [`crate::Suite::X25519`], of which each takes up to 470 bytes of the tree.
pub const LARGE_GROUP_DEVICES: usize = 2_000;
/// Bytes of a signal or a marker.
pub const SIGNAL_BYTES: usize = 1024;
/// Bytes of a WebSocket message: a Commit with its Welcome and GroupInfo.
pub const FRAME_BYTES: usize = 3 * HANDSHAKE_BYTES + 16 * 1024;
/// Bytes of a REST body: as a frame, in base64url.
pub const BODY_BYTES: usize = FRAME_BYTES / 3 * 4 + 4096;

/// Bytes of a KeyPackage.
pub const KEY_PACKAGE_BYTES: usize = 8 * 1024;
/// KeyPackages of one device and suite on the server.
pub const KEY_PACKAGES_PER_DEVICE: usize = 200;
/// KeyPackages in one publication.
pub const KEY_PACKAGES_PER_REQUEST: usize = 100;

/// KeyPackages of a device and suite that strangers leave alone, if there is a last resort for them.
pub const KEY_PACKAGES_RESERVED: u32 = 10;
/// Milliseconds after which the server hands a KeyPackage out no more: a week before nobody may use it any more.
pub const KEY_PACKAGE_SHELF_MILLIS: u64 = 83 * 24 * 60 * 60 * 1000;

/// Bytes of a private record of an account, sealed.
pub const ACCOUNT_RECORD_BYTES: usize = 64 * 1024;
/// Private records of an account.
pub const RECORDS_PER_ACCOUNT: usize = 16;
/// Accounts that an account blocks.
pub const BLOCKED_ACCOUNTS: usize = 2_000;

/// Bytes of the index of a chat's archive, sealed.
pub const ARCHIVE_INDEX_BYTES: usize = 256 * 1024;
/// Bytes of a segment of an archive, sealed.
pub const SEGMENT_BYTES: usize = 256 * 1024;
/// Segments that one write adds to an archive; all together have to fit into [`BODY_BYTES`].
pub const SEGMENTS_ADDED: usize = 32;
/// Segments that one write removes from an archive.
pub const SEGMENTS_REMOVED: usize = 512;
/// Segments that one request reads.
pub const SEGMENTS_READ: usize = 32;
/// Archives in one page.
pub const ARCHIVES_READ: u16 = 100;
/// Longest time for which a device claims an archive.
pub const ARCHIVE_CLAIM_SECONDS_MAX: u32 = 120;
/// Archives that an account's devices claim at a time.
pub const ARCHIVE_CLAIMS: u32 = 1_000;
/// How much later than [`RETENTION_SECONDS_MAX`] from now a segment may end: clocks differ.
pub const SEGMENT_END_SLACK_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// Bytes of the address of a subscription to wake-ups.
pub const PUSH_ENDPOINT_BYTES: usize = 1024;
/// Chats for which a device is not woken.
pub const QUIET_CHATS: usize = 1_000;

/// Devices that one Commit adds.
pub const ADDED_DEVICES: usize = 128;
/// Devices that one Commit removes.
pub const REMOVED_DEVICES: usize = 128;
/// Bytes of what a Commit brings along to show that it is allowed.
pub const EVIDENCE_BYTES: usize = 64 * 1024;
/// Members whose approval a newcomer can need.
pub const APPROVERS: u8 = 32;
/// Owner and admins of a group.
pub const OFFICES: usize = 64;
/// Accounts that are banned from a group.
pub const BANNED_ACCOUNTS: usize = 256;
/// How many revisions later a group's profile can be than the one that it replaces: whoever keeps it may have missed some. Nobody
/// takes one that is further ahead, as after the last number that there is there could be no other.
pub const PROFILE_REVISIONS_MISSED: u64 = 1_000;
/// Requests to be let into a group that wait.
pub const JOIN_REQUESTS: usize = 100;
/// Invite links of a group that work at a time.
pub const INVITATIONS: usize = 16;
/// Accounts that can come into a group by one invite link.
pub const INVITATION_USES: u32 = 1_000;
/// Longest time for which an invite link works: 90 days.
pub const INVITATION_SECONDS_MAX: u32 = 90 * 24 * 60 * 60;
/// Bytes of an invite link.
pub const INVITE_LINK_BYTES: usize = 2048;
/// Bytes of a group's title in UTF-8.
pub const TITLE_BYTES: usize = 128;
/// Bytes of a group's description in UTF-8.
pub const DESCRIPTION_BYTES: usize = 2048;
/// Bytes of the picture of a group.
pub const PICTURE_BYTES: usize = 256 * 1024;
/// The last Commits of a chat that can be taken back.
pub const REVERSIBLE_COMMITS: u64 = 1024;
/// So often an account of whose Commits one was taken back may have an external Commit of it taken back, before it can join no
/// more alone.
pub const REFUSED_JOINS: u8 = 3;
/// Entries that a sender may not have read when it sends: among so many the server looks whether it has the message already.
pub const UNREAD_ENTRIES: u64 = 1_000;
/// Entries that one request deletes.
pub const DELETIONS: usize = 100;
/// Entries in one page.
pub const PAGE_ENTRIES: u16 = 200;
/// Bytes of payload in one page: a page ends with the entry that passes it.
pub const PAGE_BYTES: usize = 1024 * 1024;
/// Results of one search.
pub const SEARCH_RESULTS: u16 = 50;
/// Bytes of a search query in UTF-8.
pub const SEARCH_QUERY_BYTES: usize = 128;

/// Bytes of the name of a server in UTF-8.
pub const SITE_NAME_BYTES: usize = 64;
/// Blocks and inlines of an operator's text that stand in each other.
pub const SITE_TEXT_DEPTH: usize = 16;
/// Items in one page of the news.
pub const NEWS_READ: u16 = 50;

/// Numbers that a proof of work may have to try: minutes. A client tries no more.
pub const CAPTCHA_NUMBER: u64 = 100_000_000;
/// Characters of the solution of a captcha.
pub const CAPTCHA_SOLUTION_BYTES: usize = 1024;

/// Bytes of any number that counts a blob's: as many as JSON's readers hold exactly.
pub const BLOB_BYTES_REPRESENTABLE: u64 = (1 << 53) - 1;

/// Messages that one report shows: the one that it is about, and edits of it.
pub const REPORTED_MESSAGES: usize = 8;
/// Bytes of what who reports something says of it in UTF-8.
pub const REPORT_COMMENT_BYTES: usize = 2048;
/// Reports in one page.
pub const REPORTS_READ: u16 = 100;

/// Longest timed retention: a year.
pub const RETENTION_SECONDS_MAX: u32 = 365 * 24 * 60 * 60;
/// Frames that a connection may have in flight without an answer.
pub const FRAMES_IN_FLIGHT: usize = 256;
