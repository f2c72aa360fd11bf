//! Disks that are full or broken.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A small disk of its own, which can be filled.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts a disk of so many MiB over a folder. Only root may.
    pub fn mount(folder: &Path, mebibytes: usize) -> Result<Self, String> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={mebibytes}m,mode=0777"))
            .arg("sotto-small-disk")
            .arg(folder)
            .stderr(Stdio::null())
            .status();
        match mounted {
            Ok(status) if status.success() => Ok(Self {
                folder: folder.to_owned(),
            }),
            _ => Err("a small disk cannot be mounted here: this needs root".to_owned()),
        }
    }

    /// Leaves no room on it.
    pub fn fill(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        // Block by block, so that the last piece of room goes too.
        for block in [vec![0; 1024 * 1024], vec![0; 4096]] {
            while ballast.write_all(&block).is_ok() {}
        }
    }

    /// Makes room on it.
    pub fn clear(&self) {
        let _ = fs::remove_file(self.ballast());
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

/// A disk under one process that fails now and then: its writes and syncs return `EIO`, as those of a dying disk.
#[derive(Debug)]
pub struct FailingDisk {
    tracer: tokio::process::Child,
}

impl FailingDisk {
    /// Lets the process's writes or syncs fail: of each so many calls, one.
    pub fn under(pid: u32, calls: &str, one_in: usize) -> Result<Self, String> {
        let tracer = tokio::process::Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e"])
            .arg(format!("trace={calls}"))
            .arg("-e")
            .arg(format!("inject={calls}:error=EIO:when=1+{one_in}"))
            .args(["-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let tracer = tracer.map_err(|error| format!("strace: {error}"))?;
        Ok(Self { tracer })
    }

    /// The disk is whole again.
    pub async fn repair(mut self) {
        if let Some(pid) = self.tracer.id() {
            super::program::send_signal("INT", pid).await;
        }
        let _ = self.tracer.wait().await;
    }
}
