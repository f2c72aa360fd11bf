//! Python programs that are installed once, each into an environment of its own in `target/tools`, at the versions that
//! stand here.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::{exists, note, program, run, succeeds};
use crate::{apt, paths};

/// A program of a Python package.
pub(crate) struct PythonTool {
    pub(crate) name: &'static str,
    /// As pip wants it: the package with its version.
    pub(crate) requirement: &'static str,
    pub(crate) program: &'static str,
    /// What needs it.
    pub(crate) purpose: &'static str,
}

/// An S3-compatible store in memory. Tests find it in `target/tools/moto`.
pub(crate) const MOTO: PythonTool = PythonTool {
    name: "moto",
    requirement: "moto[server]==5.2.5",
    program: "moto_server",
    purpose: "testing with S3",
};

/// Requests of every kind against an interface that is described in OpenAPI.
pub(crate) const SCHEMATHESIS: PythonTool = PythonTool {
    name: "schemathesis",
    requirement: "schemathesis==4.32.5",
    program: "schemathesis",
    purpose: "testing the REST interface against its description",
};

impl PythonTool {
    /// The program's path; installs it if it is not there in this version.
    pub(crate) fn path(&self) -> Result<PathBuf> {
        let folder = paths::target().join("tools").join(self.name);
        let installed = folder.join("bin").join(self.program);
        let stamp = folder.join("requirement");
        if installed.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|text| text == self.requirement) {
            return Ok(installed);
        }
        note(&format!("installing {} from PyPI once", self.requirement));
        self.install(&folder).with_context(|| {
            format!(
                "{} CANNOT BE INSTALLED HERE, and {} needs it",
                self.requirement, self.purpose
            )
        })?;
        std::fs::write(stamp, self.requirement)?;
        Ok(installed)
    }

    fn install(&self, folder: &PathBuf) -> Result<()> {
        // Debian's Python comes without what makes environments.
        if !exists("python3") || !succeeds(program("python3").args(["-c", "import ensurepip, venv"])) {
            apt::install(&["python3", "python3-venv"], self.purpose)?;
        }
        run(program("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        run(program(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg(self.requirement))
    }
}
