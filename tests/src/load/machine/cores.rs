//! Which cores a thread, and what it starts, may run on.

use anyhow::{Context as _, Result, bail};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::fmt;
use std::str::FromStr;

/// Cores by their numbers: `0`, `0-3`, `0,2,4-7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cores(Vec<usize>);

impl Cores {
    /// Those that this thread may run on.
    pub(crate) fn available() -> Result<Self> {
        let set = sched_getaffinity(None).context("the cores of this process cannot be read")?;
        Ok(Self(
            (0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect(),
        ))
    }

    /// The first half of them, at least one, and the rest; of a single one both are that.
    pub(crate) fn halves(&self) -> (Self, Self) {
        let (first, rest) = self.0.split_at(self.0.len().div_ceil(2));
        let rest = if rest.is_empty() { first } else { rest };
        (Self(first.to_vec()), Self(rest.to_vec()))
    }

    /// All but those; if none is left, all.
    pub(crate) fn without(&self, others: &Self) -> Self {
        let rest: Vec<_> = self
            .0
            .iter()
            .copied()
            .filter(|core| !others.0.contains(core))
            .collect();
        if rest.is_empty() { self.clone() } else { Self(rest) }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Self {
        Self(self.0.iter().copied().take(1).collect())
    }

    /// Each of them alone.
    pub(crate) fn singles(&self) -> impl Iterator<Item = Self> {
        self.0.iter().map(|&core| Self(vec![core]))
    }

    /// Binds the calling thread to them, and with it all threads and processes that it starts.
    pub(crate) fn bind(&self) -> Result<()> {
        let mut set = CpuSet::new();
        for &core in &self.0 {
            if core >= CpuSet::MAX_CPU {
                bail!("there is no core {core}");
            }
            set.set(core);
        }
        sched_setaffinity(None, &set).with_context(|| format!("cannot run on the cores {self}"))
    }
}

impl FromStr for Cores {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.trim()
                .parse::<usize>()
                .map_err(|_| format!("{text:?} is no core"))
        };
        let mut cores = Vec::new();
        for part in text.split(',') {
            match part.split_once('-') {
                Some((first, last)) => cores.extend(number(first)?..=number(last)?),
                None => cores.push(number(part)?),
            }
        }
        cores.sort_unstable();
        cores.dedup();
        if cores.is_empty() {
            return Err("at least one core".to_owned());
        }
        Ok(Self(cores))
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&numbers.join(","))
    }
}

/// Does something on these cores: what it starts stays there, this thread comes back.
pub(crate) fn with_affinity<T>(cores: &Cores, action: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = Cores::available()?;
    cores.bind()?;
    let done = action();
    before.bind()?;
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_read_and_divided() {
        let cores: Cores = "0,2-4".parse().unwrap();
        assert_eq!(cores.to_string(), "0,2,3,4");
        assert_eq!(cores.without(&"0-2".parse().unwrap()).to_string(), "3,4");
        let (server, load) = cores.halves();
        assert_eq!(
            (server.to_string(), load.to_string()),
            ("0,2".to_owned(), "3,4".to_owned())
        );
        let (server, load) = Cores(vec![5]).halves();
        assert_eq!(server, load);
        assert!("".parse::<Cores>().is_err());
        assert!("a-b".parse::<Cores>().is_err());
    }
}
