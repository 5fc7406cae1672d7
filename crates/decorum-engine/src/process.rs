//! Who we are, and whether somebody else is still alive.
//!
//! A worker that died need not be waited for if its death can be *proven*. On one machine it
//! can: a process is named by host boot, pid namespace, pid and start time. The same boot and
//! namespace without that process means dead. Anything else (another machine, another
//! container) proves nothing, and its leases are waited out.

use std::fs;

use decorum_core::Holder;

/// This process as a holder of claims and leases. `worker` tells apart the workers in it.
pub fn this_process(worker: &str) -> Holder {
    let pid = std::process::id();
    let name = match (boot_id(), pid_namespace(), stat(pid)) {
        (Some(boot), Some(ns), Some(stat)) => {
            format!("{boot}/{ns}/{pid}/{}/{worker}", stat.started)
        }
        // Without /proc nobody can prove our death; a unique name keeps us apart.
        _ => format!("unknown/{}/{pid}/0/{worker}", uuid::Uuid::now_v7()),
    };
    name.parse().unwrap_or_else(|_| fallback())
}

/// The holder for another worker in the process that `holder` names. What is known of the one, such
/// as that it is gone, is known of both.
pub fn beside(holder: &Holder, worker: &str) -> Holder {
    let process = holder.as_str().rsplit_once('/').map_or(holder.as_str(), |(process, _)| process);
    format!("{process}/{worker}").parse().unwrap_or_else(|_| fallback())
}

fn fallback() -> Holder {
    // A worker name too long for a holder: keep the process apart by id alone.
    let name = uuid::Uuid::now_v7().to_string();
    match name.parse() {
        Ok(holder) => holder,
        Err(_) => std::process::abort(),
    }
}

/// Whether the process behind `holder` is certainly gone.
pub fn is_gone(holder: &Holder) -> bool {
    let mut parts = holder.as_str().split('/');
    let mut next = || parts.next().unwrap_or_default();
    let (boot, ns, pid, start) = (next(), next(), next(), next());
    let Ok(pid) = pid.parse::<u32>() else { return false };
    if boot_id().as_deref() != Some(boot) || pid_namespace().as_deref() != Some(ns) {
        return false;
    }
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let Some(raw) = raw else { return false };
    // A /proc that hides other users' processes must not make them look dead, so the kernel is
    // asked first.
    if rustix::process::test_kill_process(raw) == Err(rustix::io::Errno::SRCH) {
        return true;
    }
    match stat(pid) {
        Some(Stat { state, started }) => matches!(state.as_str(), "Z" | "X") || started != start,
        None => false,
    }
}

pub(crate) fn boot_id() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

/// `pid:[4026531836]` reduced to its number.
fn pid_namespace() -> Option<String> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(link.to_str()?.chars().filter(char::is_ascii_digit).collect())
}

struct Stat {
    /// Field 3 of proc(5): `Z` and `X` are dead, although their entry is still there.
    state: String,
    /// Field 22: start time in clock ticks since boot.
    started: String,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command, in parentheses, may itself contain spaces and parentheses.
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_whitespace();
    let state = fields.next()?.to_owned();
    Some(Stat { state, started: fields.nth(18)?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_a_worker_is_another_of_the_same_process() {
        let run = this_process("run");
        let other = beside(&run, "w.1");
        let process = |holder: &Holder| holder.as_str().rsplit_once('/').map(|(p, _)| p.to_owned());
        assert_eq!(process(&other), process(&run));
        assert!(other.as_str().ends_with("/w.1"));
        assert!(!is_gone(&other), "we live");
    }
}
