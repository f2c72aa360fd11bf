//! Programs from Debian's packages.

use anyhow::{Result, bail};

use crate::command::{exists, note, output, program, run, succeeds};

/// Installs packages if this is Debian (or a relative) and root's rights can be had without a question.
/// `purpose` says what needs them.
pub(crate) fn install(packages: &[&str], purpose: &str) -> Result<()> {
    let list = packages.join(" ");
    if !exists("apt-get") {
        bail!("{purpose} needs these programs, named here as Debian names them: {list}. Please install them");
    }
    let by_hand = format!("{purpose} needs: sudo apt-get install --no-install-recommends {list}");
    let prefix: &[&str] = if output(program("id").arg("-u"))?.trim() == "0" {
        &[]
    } else if succeeds(program("sudo").args(["-n", "true"])) {
        &["sudo", "-n"]
    } else {
        bail!("{by_hand}");
    };
    note(&format!(
        "{purpose} needs {list}: installing from Debian's packages"
    ));
    let apt_get = |arguments: &[&str]| {
        let mut words = prefix
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let mut command = program(words.next().unwrap_or("env"));
        command.args(words).args(arguments);
        run(&mut command)
    };
    let install = |quiet: &str| {
        let mut arguments = vec!["install", "-y", quiet, "--no-install-recommends"];
        arguments.extend(packages);
        apt_get(&arguments)
    };
    // The lists of a fresh machine are empty or old.
    if apt_get(&["update", "-qq"]).and_then(|()| install("-qq")).is_err() {
        bail!("the packages could not be installed. {by_hand}");
    }
    Ok(())
}
