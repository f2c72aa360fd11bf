//! A walk through every page of the web app, for people to look at.

use std::env;
use std::path::{self, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::command::{cargo, heading, note, run};
use crate::{browser, npm, paths, wasm, web};

/// Names a server that is built already, with the web app in it.
const SERVER: &str = "SOTTO_SERVER_BIN";

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// In which browsers; in all of them if none is named
    #[arg(value_enum)]
    browsers: Vec<Browser>,

    /// Where the pictures go, into a folder for each browser [default: target/tour]
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,

    #[command(flatten)]
    wasm: wasm::Arguments,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Browser {
    /// Debian's Chromium, or $CHROMIUM
    Chromium,
    /// Debian's Firefox ESR, or $FIREFOX
    Firefox,
}

impl Browser {
    const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    /// As the script calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    /// By which variable the script finds it.
    const fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMIUM",
            Self::Firefox => "FIREFOX",
        }
    }

    fn program(self) -> Result<PathBuf> {
        match self {
            Self::Chromium => browser::chromium(),
            Self::Firefox => browser::firefox(),
        }
    }
}

/// Takes the tour, setting up first what it needs.
pub(crate) fn tour(arguments: &Arguments) -> Result<()> {
    let browsers = if arguments.browsers.is_empty() {
        Browser::ALL.as_slice()
    } else {
        &arguments.browsers
    };
    let server = server(arguments)?;
    let tests = paths::browser_tests();
    npm::install(&tests)?;
    heading("The tour");
    // npm runs the script in another folder.
    let pictures = match &arguments.pictures {
        Some(folder) => path::absolute(folder)?,
        None => paths::target().join("tour"),
    };
    let mut script = npm::npm(&tests);
    script.args(["run", "--silent", "tour", "--"]);
    for browser in browsers {
        script
            .arg(browser.name())
            .env(browser.variable(), browser.program()?);
    }
    run(script.arg("--pictures").arg(&pictures).env(SERVER, server))?;
    note(&format!("look at the pictures in {}", pictures.display()));
    Ok(())
}

/// The server: the one that is named, or one that is built now, with the web app of this checkout.
fn server(arguments: &Arguments) -> Result<PathBuf> {
    if let Some(named) = env::var_os(SERVER) {
        return Ok(path::absolute(named)?);
    }
    web::build(&arguments.wasm)?;
    heading("The server");
    run(cargo().args(["build", "--package", "sotto-server"]))?;
    Ok(paths::built("dev").join("sotto-server"))
}
