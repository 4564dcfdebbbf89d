//! Stand-ins for both vendors.
