use super::super::wire::{PASSWORD, user};
use super::postgres::Postgres;
use super::{Place, Program, free_address, launch, wait_until_says};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where ejabberd archives messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Archive {
    Off,
    /// In the database that is part of Erlang.
    Mnesia,
    Sqlite,
    Postgres,
}

/// Where Debian keeps ejabberd's schema of PostgreSQL.
const SCHEMA: &str = "/usr/share/ejabberd/sql/pg.sql";
/// Where Debian keeps ejabberd.
const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu";

/// Starts ejabberd with accounts `u0`, `u1`, …, and its database before it, on the same cores.
///
/// Erlang is started as ejabberd's own script does it, but for the node's name, which nobody asks for here.
pub(crate) fn start(place: &Place, archive: Archive) -> Result<Program> {
    let mut program = Program {
        address: free_address()?,
        children: Vec::new(),
        folder: place.folder()?,
    };
    let folder = program.folder.path().to_owned();
    let database = match archive {
        Archive::Off | Archive::Mnesia => String::new(),
        Archive::Sqlite => format!(
            "sql_type: sqlite\nsql_database: \"{}/archive.sqlite\"\n",
            folder.display()
        ),
        Archive::Postgres => {
            let (postgres, child) = Postgres::start(&folder, &place.cores)?;
            program.children.push(child);
            postgres.load(Path::new(SCHEMA))?;
            format!(
                "sql_type: pgsql\nsql_server: \"127.0.0.1\"\nsql_port: {}\nsql_database: postgres\n\
                 sql_username: postgres\nsql_password: \"\"\n",
                postgres.port()
            )
        }
    };
    let config = folder.join("ejabberd.yml");
    std::fs::write(&config, configuration(program.address.port(), archive, &database))?;
    let register = format!(
        "[ok = ejabberd_auth:try_register(list_to_binary(\"{}\" ++ integer_to_list(N)), <<\"localhost\">>, \
         <<\"{PASSWORD}\">>) || N <- lists:seq(0, {})], io:format(\"all accounts are there~n\").",
        user(0).trim_end_matches('0'),
        place.accounts.saturating_sub(1)
    );
    let mut command = Command::new("erl");
    command
        .args(["-noinput", "+K", "true", "+P", "250000", "-mnesia", "dir"])
        .arg(format!("\"{}\"", folder.join("mnesia").display()))
        .args(["-s", "ejabberd", "-eval", &register])
        .env("ERL_LIBS", LIBRARIES)
        .env("HOME", &folder)
        .env("EJABBERD_CONFIG_PATH", &config)
        .env("EJABBERD_LOG_PATH", folder.join("ejabberd.log"))
        .env("ERL_CRASH_DUMP", folder.join("crash.dump"))
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    program.children.push(launch(&mut command, &place.cores)?);
    if let Some(child) = program.children.last_mut()
        && let Err(error) = wait_until_says(child, "all accounts are there")
    {
        let log = std::fs::read_to_string(folder.join("ejabberd.log")).unwrap_or_default();
        bail!("{error}\n{log}");
    }
    Ok(program)
}

fn configuration(port: u16, archive: Archive, database: &str) -> String {
    let archiving = match archive {
        Archive::Off => "{}",
        Archive::Mnesia => "{ mod_mam: { default: always, db_type: mnesia } }",
        Archive::Sqlite | Archive::Postgres => "{ mod_mam: { default: always, db_type: sql } }",
    };
    format!(
        "hosts: [localhost]\n\
         loglevel: error\n\
         listen:\n  -\n    port: {port}\n    ip: \"127.0.0.1\"\n    module: ejabberd_c2s\n    \
         access: c2s\n    shaper: none\n    starttls: false\n    backlog: 1024\n\
         access_rules:\n  c2s:\n    - allow\n\
         auth_method: [internal]\n\
         auth_password_format: plain\n\
         {database}\
         modules: {archiving}\n"
    )
}
