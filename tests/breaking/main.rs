//! Breaking the program everywhere: killed at named points and at system calls, in storms of faults, two at a time. Whatever
//! happens, one order is created once and none is forgotten.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests fail and talk as tests do"
)]

mod bench;
#[cfg(feature = "crash-points")]
mod crash_matrix;
mod life;
#[path = "../road/road.rs"]
#[expect(dead_code, reason = "the road's own tests use all of it")]
mod road;
mod stop;
mod storm;
mod suspended;
mod sweep;
mod together;
