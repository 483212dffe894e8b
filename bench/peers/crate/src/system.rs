// What the standard library does not tell of a process: its processor time and its memory.

use std::fs;

#[repr(C)]
struct TimeSpec {
    seconds: std::ffi::c_long,
    nanoseconds: std::ffi::c_long,
}

#[cfg(target_os = "macos")]
const PROCESS_CLOCK: i32 = 12;
#[cfg(not(target_os = "macos"))]
const PROCESS_CLOCK: i32 = 2;

#[cfg(unix)]
extern "C" {
    fn clock_gettime(clock: i32, time: *mut TimeSpec) -> i32;
}

/// Processor time of this process so far.
#[cfg(unix)]
pub fn cpu_nanoseconds() -> f64 {
    let mut time = TimeSpec {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the libc that std is linked with writes one timespec of its own layout.
    unsafe { clock_gettime(PROCESS_CLOCK, &mut time) };
    time.seconds as f64 * 1e9 + time.nanoseconds as f64
}

/// Processor time of this process so far; not known here.
#[cfg(not(unix))]
pub fn cpu_nanoseconds() -> f64 {
    0.0
}

/// Bytes of this process in memory: now, and at most since the last reset. Linux only.
pub fn memory() -> (Option<u64>, Option<u64>) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// Starts the measurement of the peak anew.
pub fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
