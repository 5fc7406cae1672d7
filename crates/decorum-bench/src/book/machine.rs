//! Where it was measured: what speed depends on, and nothing that tells whose machine it is.

use std::fs;

use serde::{Deserialize, Serialize};

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_gb: u64,
    system: String,
}

impl Machine {
    /// This one.
    pub(crate) fn this() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim());
            value.unwrap_or("unknown").to_owned()
        };
        let kb = field(&read("/proc/meminfo"), "MemTotal");
        let kb: u64 = kb.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default();
        let release = read("/proc/sys/kernel/osrelease");
        let release: Vec<&str> = release.trim().splitn(3, '.').take(2).collect();
        Self {
            processor: field(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gb: kb.div_ceil(1024 * 1024),
            system: format!("{} {}", std::env::consts::OS, release.join(".")),
        }
    }

    /// In one sentence.
    pub(super) fn sentence(&self) -> String {
        let Self { processor, cores, memory_gb, system } = self;
        format!("{cores} cores ({processor}), {memory_gb} GB of memory, {system}")
    }
}
