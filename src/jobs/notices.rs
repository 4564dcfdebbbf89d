//! What a run learns in the middle of a call.

use std::sync::{Arc, Mutex};

/// What a person should know and no order stands for, as it turns up in the middle of a call.
pub(super) type Notices = Arc<Mutex<Vec<String>>>;
