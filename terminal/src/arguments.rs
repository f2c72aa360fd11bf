//! What can be asked on the command line.

#![allow(clippy::doc_markdown, reason = "the help is for terminals, not for rustdoc")]

mod bot;
mod broadcast;
mod community;

pub(crate) use bot::{Bot, RunBot};
pub(crate) use broadcast::Broadcast;
pub(crate) use community::{Community, NewCommunityProfile};

use crate::moment::{self, Granted, Moment};
use crate::retention;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sotto_client_sdk::SearchKind;
use sotto_client_sdk::protocol::{CoarseLocation, Retention};
use std::path::PathBuf;

/// End-to-end encrypted messages, in a terminal.
///
/// Register once, or log in with an account that you have:
///
///     sotto register ada --server https://sotto.example
///     sotto login ada --server https://sotto.example
///
/// Then talk:
///
///     sotto people grace          find somebody
///     sotto chat grace            talk: what you type is sent, what comes is shown
///     sotto send grace "Hello!"   send one message and be done
///     sotto chats                 all your chats
///     sotto search roses          find what was said
///     sotto notices               who has named you, answered you or reacted to you
///     sotto requests              who has written to you for the first time
///     sotto group create Gardeners --with grace
///     sotto chat '#Gardeners'     talk in a group
///     sotto community find choir  find what people are about, and where
///
/// Your keys and messages are kept on this machine, sealed with your password: each command asks for it. A script gives it as
/// SOTTO_PASSWORD, or as the first line of its input.
#[derive(Debug, Parser)]
#[command(
    name = "sotto",
    version,
    about,
    long_about,
    verbatim_doc_comment,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where things are.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// The server's address, like https://sotto.example; remembered once you have registered or logged in
    #[arg(long, global = true, env = "SOTTO_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,

    /// The folder with your keys, messages and settings; one account each
    #[arg(long, global = true, env = "SOTTO_DATA_DIR", value_name = "FOLDER")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Whether to log in at the server's OpenID provider first.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct AtProvider {
    /// Log in at the server's OpenID provider first, in a browser: it says who you are, and your keys stay sealed by your password
    #[arg(long)]
    pub(crate) oidc: bool,
    /// The browser is on another machine: paste the address at which it ends, where it finds nothing
    #[arg(long, requires = "oidc")]
    pub(crate) paste: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new account
    ///
    /// Shows a recovery code of 24 words: if you forget your password, `sotto login NAME --recovery` opens your account with it, so
    /// write it down.
    Register {
        /// Your name: 2 to 32 lower-case letters, digits, dots, dashes or underscores
        name: String,
        /// The invite code that you were given, where the server takes the invited alone
        #[arg(long, value_name = "CODE")]
        invite: Option<String>,
        #[command(flatten)]
        provider: AtProvider,
    },

    /// Log in with an account that you have
    ///
    /// This machine becomes one of your devices. Your history comes by itself while a command runs that stays connected, the latest first.
    Login {
        /// Your name
        #[arg(required_unless_present_any = ["code", "oidc"])]
        name: Option<String>,
        /// Use your recovery code, and choose a new password; SOTTO_RECOVERY_CODE gives it to a script
        #[arg(long)]
        recovery: bool,
        /// Use the code that `sotto devices link` shows on another device; - reads it from SOTTO_DEVICE_CODE, or asks for it
        #[arg(long, conflicts_with_all = ["name", "recovery"])]
        code: Option<String>,
        #[command(flatten)]
        provider: AtProvider,
    },

    /// Log out
    Logout {
        /// Delete everything that is stored here, keys and messages
        #[arg(long)]
        erase: bool,
        /// On all of your devices; each keeps what it has, sealed, until you log in there again. Whoever may know your password can log in
        /// again too: then change it first
        #[arg(long)]
        everywhere: bool,
    },

    /// Delete your account
    ///
    /// Your profile, your keys, your devices and all that the server has of you are deleted, and all that is stored here. Nobody gets
    /// your name again, not even you. What others have received from you stays with them. `sotto export` writes your history into a file
    /// before.
    DeleteAccount {
        /// Your name, so that it is no accident
        name: String,
    },

    /// Show your chats, the latest first
    Chats {
        /// Those that you have put away
        #[arg(long)]
        archived: bool,
    },

    /// Talk with somebody, or in a group
    ///
    /// Shows the last messages, then what comes; each line that you type is sent. Type /help for more, and end with Ctrl-D.
    /// From a pipe, sends each line and ends once the server has them all.
    Chat {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// How many earlier messages to show
        #[arg(long, default_value_t = 20, value_name = "COUNT")]
        last: usize,
        /// Go on showing what comes after the input has ended
        #[arg(long)]
        follow: bool,
    },

    /// Send one message, or files
    ///
    /// Ends once the server has it. If the server cannot be reached, the message is kept and goes out the next time; the exit
    /// code is then 75.
    Send {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// What to say; - reads it from the input. With a file, what is said about it
        #[arg(required_unless_present = "files")]
        text: Option<String>,
        /// A file to send; may be given several times. What cameras write into pictures, like where one was taken, is removed
        #[arg(long = "file", value_name = "PATH")]
        files: Vec<PathBuf>,
        /// How long it is kept: a time like 30m, 12h or 7d; or always; or fleeting, which is shown to whoever is there at this moment
        /// and kept nowhere. Without this it is kept as long as the chat's messages are
        #[arg(long, value_name = "TIME", value_parser = retention::parse)]
        keep: Option<Retention>,
    },

    /// Save a file that came in a chat
    ///
    /// The last one, or the last of a name. If it is cut off, the same command goes on where it was.
    Save {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// What the file is called
        #[arg(value_name = "FILE")]
        file: Option<String>,
        /// Where to: a folder, or a path where no file is
        #[arg(long, value_name = "PATH")]
        to: Option<PathBuf>,
    },

    /// Set how long the messages of a chat are kept
    ///
    /// Holds for everybody in the chat, and for what is said from now on without a time of its own. In a group the owner and the admins
    /// set it. Without a time, shows how it is.
    Keep {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// A time like 30m, 12h or 7d; or always; or fleeting
        #[arg(value_parser = retention::parse)]
        time: Option<Retention>,
    },

    /// Show earlier messages
    History {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// How many messages to show
        #[arg(long, default_value_t = 100, value_name = "COUNT")]
        last: usize,
    },

    /// Find messages by what they say
    ///
    /// All words have to be in a message, in whatever order, each anywhere, also within a word. Case and accents make no difference.
    /// What is to stand together is put into quotation marks, which the shell has to leave alone:
    ///
    ///     sotto search garden rose
    ///     sotto search '"rose garden"' --chat '#Gardeners'
    ///     sotto search --from grace --since 7d
    ///     sotto search --kind link --since 2026-11-01 --until 2026-11-15
    ///
    /// Looks through what is stored on this machine, and asks no server. What was deleted or has vanished is not found.
    #[command(verbatim_doc_comment)]
    Search(Search),

    /// Show the messages that you have starred, the latest starred first
    Starred {
        /// How many to show
        #[arg(long, default_value_t = 100, value_name = "COUNT")]
        count: usize,
    },

    /// Show who has named you, answered you or reacted to you, and what else has happened to your account
    ///
    /// The latest last; what is marked with * you had not seen yet.
    Notices {
        /// How many to show
        #[arg(long, default_value_t = 20, value_name = "COUNT")]
        count: usize,
    },

    /// Have a chat be silent on all of your devices
    ///
    /// It counts what is new, and calls for no attention. Nobody else is told.
    Mute {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// For how long: a time like 30m, 12h or 7d; or always
        #[arg(default_value = "always", value_parser = retention::parse_time)]
        time: Retention,
        /// Have it be silent no more
        #[arg(long, conflicts_with = "time")]
        off: bool,
    },

    /// Put a chat away on all of your devices, until the next message comes there
    Archive {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// Bring it back
        #[arg(long)]
        back: bool,
    },

    /// Make groups, find and join them, and look after them
    #[command(subcommand)]
    Group(Group),

    /// Found communities, find and join them, and look after them
    ///
    /// They are public: what people are about, and where.
    #[command(subcommand)]
    Community(Community),

    /// Read what is said to everyone on the server, or in a community, and say it
    ///
    /// In a broadcast a few write and everyone else reads. It is encrypted like any other group, and open to its whole audience.
    #[command(subcommand)]
    Broadcast(Broadcast),

    /// Find people by name, by what they say of themselves, or near a place
    ///
    ///     sotto people chess --near 48.1,11.6 --within 20
    ///
    /// A place goes to the server to a tenth of a degree (about 11 km), and is kept nowhere.
    #[command(verbatim_doc_comment)]
    People(People),

    /// Show what anyone can read about somebody, or change what they can read about you
    #[command(subcommand)]
    Profile(ProfileAction),

    /// Check that you talk to the right person
    ///
    /// Shows the safety number of your chat. Compare it with what the other person sees, by phone or face to face: if they
    /// are alike, nobody is in between. If their identity key has changed, this is where you accept it.
    Verify {
        /// The other person's name
        name: String,
        /// Accept a changed identity key without being asked
        #[arg(long)]
        accept: bool,
        /// Show a QR code that the other person's device can compare by itself
        #[arg(long)]
        qr: bool,
        /// Compare the code that the other person's device shows (`sotto verify --qr` there)
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// You have compared the number, and it is the same
        #[arg(long, conflicts_with = "code")]
        same: bool,
    },

    /// Show who has written to you for the first time and waits
    Requests,

    /// Take somebody's request: from then on it is a chat like any other
    Accept {
        /// The other person's name, or #TITLE of a group
        name: String,
    },

    /// Decline somebody's request
    ///
    /// The chat is not shown any more, whatever else is written there, and they are not told. A group is left.
    Decline {
        /// The other person's name, or #TITLE of a group
        name: String,
    },

    /// Block somebody: nothing more that they write to you is taken
    Block {
        /// The other person's name, or #TITLE of a group that somebody has added you to
        name: String,
    },

    /// Let somebody write to you again whom you have blocked
    Unblock {
        /// The other person's name
        name: String,
    },

    /// Show whom you have blocked
    Blocked,

    /// Report somebody, a group or a message to those who look after the server; `sotto community report` reports a community
    ///
    /// With --says, the newest message with these words in it that somebody has sent you there: they can read that message and what it
    /// said before, and the server checks that it was sent so. They can read nothing else of the chat. Who is reported is not told.
    Report {
        /// The other person's name, or #TITLE of a group
        name: String,
        /// Words of the message
        #[arg(long, value_name = "WORDS")]
        says: Option<String>,
        /// Why
        #[arg(long, value_enum, default_value_t = ReportedFor::Other)]
        reason: ReportedFor,
        /// What they should know beside it
        #[arg(long, value_name = "TEXT")]
        comment: Option<String>,
    },

    /// Show your devices, name or remove one, or let a new one in
    #[command(args_conflicts_with_subcommands = true)]
    Devices {
        /// The name or id of a device to remove: it is logged out at once, and reads nothing more
        #[arg(long, value_name = "DEVICE")]
        remove: Option<String>,
        #[command(subcommand)]
        action: Option<DeviceAction>,
    },

    /// Bring your history to the server's archive, and from it
    ///
    /// That happens by itself while a command runs that stays connected. The archive is sealed: the server cannot read it. A new device of
    /// yours has your history from there.
    Sync,

    /// Write your history into a file
    ///
    /// Without more, a file that only Sotto opens, with a passphrase of its own that you choose:
    /// `sotto import` reads it on any device of yours, also when the server's archive is lost. Keep
    /// the two apart. SOTTO_PASSPHRASE gives the passphrase to a script; so does the line of the
    /// input after the password.
    ///
    /// With --readable, a ZIP in the clear: pages for a browser (open index.html), JSON for programs,
    /// and the files that you have sent and received. Whoever has it can read it.
    ///
    ///     sotto export sotto-2026-11-23.sotto
    ///     sotto export --readable sotto-2026-11-23.zip
    ///
    /// Messages that vanish by themselves are in neither: a file cannot forget.
    #[command(verbatim_doc_comment)]
    Export {
        /// Where to: a path where no file is
        file: PathBuf,
        /// A ZIP that people and programs can read, in the clear
        #[arg(long)]
        readable: bool,
        /// Leave out the files that were sent and received
        #[arg(long, requires = "readable")]
        without_files: bool,
        /// Overwrite the file if there is one
        #[arg(long)]
        force: bool,
    },

    /// Read your history from a file that `sotto export` has written
    ///
    /// What this device does not have comes from it; what is here stays as it is. Reading a file twice changes nothing. The file has to be
    /// of the same account.
    Import {
        /// The file
        file: PathBuf,
    },

    /// Make bots, and run them: accounts that a program speaks for
    #[command(subcommand)]
    Bot(Bot),

    /// Show or set what others are told of you
    ///
    /// Holds for all of your devices. Who you are told of follows it: what you do not tell, you are not told either.
    Privacy(Privacy),

    /// Show who and where you are
    Whoami {
        /// Ask the server too which role you have there, and what it permits
        #[arg(long)]
        role: bool,
    },
}

/// What is looked for.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Search {
    /// What it says; may be left out if anything else is given
    #[arg(value_name = "WORDS", required_unless_present_any = ["chat", "from", "since", "until", "kind"])]
    pub(crate) words: Vec<String>,
    /// In this chat: the other person's name, #TITLE of a group, or your own name for notes to yourself
    #[arg(long, value_name = "NAME")]
    pub(crate) chat: Option<String>,
    /// Written by this person; your own name for what you have written
    #[arg(long, value_name = "NAME")]
    pub(crate) from: Option<String>,
    /// From then on: a day like 2026-11-02, a time of it like 2026-11-02T18:30, or how long ago, like 7d or 12h
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(crate) since: Option<Moment>,
    /// Until then; a day is among it
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(crate) until: Option<Moment>,
    /// Of this kind
    #[arg(long, value_enum)]
    pub(crate) kind: Option<Kind>,
    /// How many messages to show at most, the latest
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    pub(crate) last: usize,
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Text
    Text,
    /// With an address of the web in it
    Link,
    /// A picture
    Image,
    /// A video
    Video,
    /// A voice note
    Voice,
    /// Any other file
    File,
}

impl From<Kind> for SearchKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Link => Self::Link,
            Kind::Image => Self::Image,
            Kind::Video => Self::Video,
            Kind::Voice => Self::Voice,
            Kind::File => Self::File,
        }
    }
}

/// Who is looked for.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct People {
    /// Part of a name, or of what people say of themselves and of where they are
    #[arg(value_name = "TEXT", required_unless_present = "near")]
    pub(crate) text: Option<String>,
    /// Near this place, in degrees; the nearest come first
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) near: Option<CoarseLocation>,
    /// How near, in kilometres
    #[arg(long, value_name = "KM", requires = "near", value_parser = clap::value_parser!(u16).range(10..=500))]
    pub(crate) within: Option<u16>,
}

/// What can be done with profiles. They are public.
#[derive(Debug, Subcommand)]
pub(crate) enum ProfileAction {
    /// Show somebody's profile
    Show {
        /// Their name; yours, if it is left out
        name: Option<String>,
        /// Where to write their picture, a JPEG
        #[arg(long, value_name = "FILE")]
        save_picture: Option<PathBuf>,
    },

    /// Change your own profile
    ///
    /// Anyone can read it. What is not named stays as it is.
    Set(NewProfile),
}

/// What changes of one's own profile.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct NewProfile {
    /// How you want to be called
    #[arg(long, value_name = "NAME")]
    pub(crate) display_name: Option<String>,
    /// What you say about yourself
    #[arg(long, value_name = "TEXT")]
    pub(crate) about: Option<String>,
    /// Where you are, in your own words
    #[arg(long, value_name = "TEXT")]
    pub(crate) place: Option<String>,
    /// Roughly where you are, in degrees. Only a tenth of a degree (about 11 km) leaves this device. People near it find you
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) location: Option<CoarseLocation>,
    /// Do not say any more where you are
    #[arg(long, conflicts_with = "location")]
    pub(crate) no_location: bool,
    /// Whether searches find you. Whoever knows your name can write to you all the same
    #[arg(long, value_name = "TRUE|FALSE")]
    pub(crate) listed: Option<bool>,
    /// A JPEG, PNG, WebP or GIF file of at most 8 MiB; where and when it was taken is removed from it
    #[arg(long, value_name = "FILE")]
    pub(crate) picture: Option<PathBuf>,
    /// Take the picture away
    #[arg(long, conflicts_with = "picture")]
    pub(crate) no_picture: bool,
    /// A wide picture for the head of your profile, as with --picture
    #[arg(long, value_name = "FILE")]
    pub(crate) cover: Option<PathBuf>,
    /// Take the cover away
    #[arg(long, conflicts_with = "cover")]
    pub(crate) no_cover: bool,
}

/// What others are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Args)]
pub(crate) struct Privacy {
    /// That a message has arrived
    #[arg(long, value_name = "TRUE|FALSE")]
    pub(crate) delivery: Option<bool>,
    /// That you have read it
    #[arg(long, value_name = "TRUE|FALSE")]
    pub(crate) read: Option<bool>,
    /// That you are writing
    #[arg(long, value_name = "TRUE|FALSE")]
    pub(crate) typing: Option<bool>,
    /// That you are there, and when you were; only those you talk with alone
    #[arg(long, value_name = "TRUE|FALSE")]
    pub(crate) presence: Option<bool>,
}

/// What can be done with devices. A device is named by its name, or by its id.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceAction {
    /// Show a code that logs in a new device
    Link,

    /// Give a device another name, for your devices to see
    Rename {
        /// The device
        device: String,
        /// Its name from now on
        name: String,
    },

    /// Say that you have compared a device's code on both, and that it is the same
    Confirm {
        /// The device
        device: String,
    },
}

/// What can be done with groups. A group is named by its title, or by its id.
#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Make a group, which you own
    Create {
        /// What it is called
        title: String,
        /// What it is about
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
        /// Who is in it from the beginning; may be given several times
        #[arg(long, value_name = "NAME")]
        with: Vec<String>,
        /// How others get in
        #[arg(long, value_enum, default_value_t = Joining::Members)]
        joining: Joining,
        /// Let anyone find it: the server then knows its title
        #[arg(long)]
        listed: bool,
        /// How long its messages are kept that say nothing else: a time like 30m, 12h or 7d; or always; or fleeting. `sotto keep`
        /// changes it
        #[arg(long, value_name = "TIME", value_parser = retention::parse, default_value = "always")]
        keep: Retention,
        /// The community that it is of, for good: only who is in that comes in. Its id, or its title if you are in it
        #[arg(long, value_name = "COMMUNITY")]
        community: Option<String>,
        /// For up to 2,000 members' devices instead of 256. Such a group is NOT protected against a later quantum computer, and
        /// never will be
        #[arg(long)]
        large: bool,
    },

    /// Show a group and who is in it
    Show {
        /// The group
        group: String,
    },

    /// Add people
    Add {
        /// The group
        group: String,
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },

    /// Remove people
    Remove {
        /// The group
        group: String,
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
        /// Do not let them in again
        #[arg(long)]
        ban: bool,
    },

    /// Give somebody another role
    ///
    /// The owner alone appoints admins. Whoever makes another the owner becomes an admin.
    Role {
        /// The group
        group: String,
        /// Whose role
        name: String,
        /// The role
        #[arg(value_enum)]
        role: RoleName,
    },

    /// Change how others get in, what they see, or whether anyone can find the group
    Set {
        /// The group
        group: String,
        /// How others get in
        #[arg(long, value_enum)]
        joining: Option<Joining>,
        /// Whether anyone can find it
        #[arg(long)]
        listed: Option<bool>,
        /// What newcomers see of what was said before they came: nothing; everything; or what was said since a day like 2026-11-02.
        /// Whoever wrote under another rule has not reckoned with it, and every member sees the change. What disappears is never given
        /// on, and what is given is a member's word
        #[arg(long, value_name = "SINCE", value_parser = moment::parse_granted)]
        history: Option<Granted>,
    },

    /// Change what a group is called, and what it is about
    Rename {
        /// The group
        group: String,
        /// What it is called from now on
        title: String,
        /// What it is about
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
    },

    /// Give a group a picture, save the one that it has to a file, or take it away
    Picture {
        /// The group
        group: String,
        /// A JPEG, PNG or WebP file of at most 256 KiB; where and when it was taken is removed from it
        #[arg(long, value_name = "FILE", conflicts_with_all = ["save", "none"])]
        set: Option<PathBuf>,
        /// Where to write the picture that the group has
        #[arg(long, value_name = "FILE", required_unless_present_any = ["set", "none"], conflicts_with = "none")]
        save: Option<PathBuf>,
        /// Take the picture away
        #[arg(long)]
        none: bool,
    },

    /// Leave a group
    Leave {
        /// The group
        group: String,
    },

    /// Delete a group for everyone, as its owner
    Delete {
        /// The group
        group: String,
    },

    #[command(flatten)]
    Admission(Admission),
}

/// How people get into groups.
#[derive(Debug, Subcommand)]
pub(crate) enum Admission {
    /// Find groups that anyone can find
    Find {
        /// Part of a title or description
        #[arg(default_value = "")]
        query: String,
    },

    /// Join a group that is open, or that you have an invite link to
    Join {
        /// Its id, as `sotto group find` shows it, or the link; put a link in quotes
        #[arg(value_name = "ID|LINK")]
        group: String,
    },

    /// Make, show and revoke invite links
    ///
    /// Whoever has such a link can join the group, whatever its rules for joining say, until the link is over, used up or
    /// revoked. The owner and the admins make them:
    ///
    ///     sotto group invite create Gardeners --days 2 --uses 5
    ///     sotto group invite list Gardeners
    #[command(subcommand, verbatim_doc_comment)]
    Invite(Invite),

    /// Ask to be let into a group
    Ask {
        /// Its id, as `sotto group find` shows it, or as a member tells it
        group: String,
        /// Ask no more
        #[arg(long)]
        withdraw: bool,
    },

    /// Show who asks to be let into a group
    Requests {
        /// The group
        group: String,
    },

    /// Approve that somebody who has asked is let in
    Approve {
        /// The group
        group: String,
        /// Who has asked
        name: String,
    },

    /// Refuse somebody who has asked
    Decline {
        /// The group
        group: String,
        /// Who has asked
        name: String,
    },
}

/// Invite links.
#[derive(Debug, Subcommand)]
pub(crate) enum Invite {
    /// Make a link, and show it with a QR code
    ///
    /// Give it to those alone whom you want in the group: whoever else gets hold of it can join too. It is shown once.
    Create {
        /// The group
        group: String,
        /// For how many days it works, 90 at most
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=90))]
        days: u8,
        /// How many people can join by it, 1,000 at most
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
        uses: u32,
        /// Show the link alone
        #[arg(long)]
        no_qr: bool,
    },

    /// Show which links work
    List {
        /// The group
        group: String,
    },

    /// Make a link useless
    Revoke {
        /// The group
        group: String,
        /// The link as `sotto group invite list` names it, or the beginning of that
        link: String,
    },
}

/// How others get into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Joining {
    /// Every member can add people
    Members,
    /// Admins add people
    Admins,
    /// People ask, and an admin approves
    AdminApproves,
    /// People ask, and a member approves
    MemberApproves,
    /// People ask, and two members approve
    TwoApprove,
    /// Anyone can join
    Open,
}

/// A role in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Like everyone else
    Member,
    /// Adds and removes people, and changes the group
    Admin,
    /// Appoints admins, and can delete the group
    Owner,
}

/// Why something is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportedFor {
    /// Advertisements that nobody has asked for
    Spam,
    /// Fraud, or somebody who says to be somebody else
    Fraud,
    /// Somebody is insulted, followed or put under pressure
    Harassment,
    /// Hate of a group of people
    Hate,
    /// A threat, or a call for violence
    Violence,
    /// Sexual content that nobody has asked for
    Sexual,
    /// Sexual abuse of children
    ChildAbuse,
    /// Somebody may hurt themselves
    SelfHarm,
    /// Something else that the law forbids
    Illegal,
    /// Something else
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn every_command_says_what_it_takes_without_contradiction() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_chat_is_muted_for_good_for_a_time_or_not_any_more() {
        let time =
            |arguments: &[&str]| match Arguments::try_parse_from(arguments).map(|parsed| parsed.command) {
                Ok(Command::Mute { time, off, .. }) => Ok((time, off)),
                other => Err(format!("{other:?}")),
            };
        let eight_hours = Retention::For { seconds: 28_800 };
        assert_eq!(time(&["sotto", "mute", "ada"]), Ok((Retention::Keep, false)));
        assert_eq!(
            time(&["sotto", "mute", "ada", "always"]),
            Ok((Retention::Keep, false))
        );
        assert_eq!(time(&["sotto", "mute", "ada", "8h"]), Ok((eight_hours, false)));
        assert_eq!(
            time(&["sotto", "mute", "ada", "--off"]),
            Ok((Retention::Keep, true))
        );
        assert!(time(&["sotto", "mute", "ada", "fleeting"]).is_err());
        assert!(time(&["sotto", "mute", "ada", "8h", "--off"]).is_err());
    }

    #[test]
    fn a_search_says_words_or_something_else() {
        for good in [
            &["sotto", "search", "red", "roses"][..],
            &["sotto", "search", "\"red roses\"", "--chat", "#Gardeners"],
            &["sotto", "search", "--from", "grace", "--since", "7d"],
            &["sotto", "search", "--kind", "link"],
        ] {
            assert!(Arguments::try_parse_from(good).is_ok(), "{good:?}");
        }
        for bad in [
            &["sotto", "search"][..],
            &["sotto", "search", "--last", "5"],
            &["sotto", "search", "roses", "--since", "spring"],
        ] {
            assert!(Arguments::try_parse_from(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn people_are_looked_for_by_a_text_or_a_place_and_a_profile_is_set_in_parts() {
        for good in [
            &["sotto", "people", "ada"][..],
            &["sotto", "people", "--near", "-33.9,151.2"],
            &[
                "sotto",
                "people",
                "chess",
                "--near",
                "48.1,11.6",
                "--within",
                "20",
            ],
            &["sotto", "profile", "show"],
            &[
                "sotto",
                "profile",
                "set",
                "--place",
                "",
                "--no-location",
                "--listed",
                "false",
            ],
        ] {
            assert!(Arguments::try_parse_from(good).is_ok(), "{good:?}");
        }
        for bad in [
            &["sotto", "people"][..],
            &["sotto", "people", "ada", "--within", "20"],
            &["sotto", "people", "--near", "Munich"],
            &["sotto", "profile", "set"],
            &["sotto", "profile", "set", "--location", "48,11", "--no-location"],
        ] {
            assert!(Arguments::try_parse_from(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn devices_are_listed_removed_or_linked_and_one_at_a_time() {
        for good in [
            &["sotto", "devices"][..],
            &["sotto", "devices", "link"],
            &["sotto", "devices", "--remove", "phone"],
            &["sotto", "devices", "rename", "phone", "Old phone"],
            &["sotto", "login", "--code", "-"],
            &["sotto", "login", "ada", "--recovery"],
        ] {
            assert!(Arguments::try_parse_from(good).is_ok(), "{good:?}");
        }
        for bad in [
            &["sotto", "devices", "--remove", "phone", "link"][..],
            &["sotto", "login"],
            &["sotto", "login", "ada", "--code", "-"],
        ] {
            assert!(Arguments::try_parse_from(bad).is_err(), "{bad:?}");
        }
    }
}
