//! Vendors that announce a rate which no test reaches: to wait for one's turn is tested where pacing is.

use mcf_connector::sandbox::{Operation, RateLimit, World};

/// Sets it for every operation.
pub fn unhurried(world: &mut World) {
    let fast = RateLimit {
        per_second: 1000.0,
        burst: 1000.0,
    };
    for operation in Operation::ALL {
        world.rates.set(*operation, fast);
    }
}
