//! A person's hands: nothing that is typed, pasted or interrupted loses a file, a setting or an order.

mod init;
mod owner;
mod schedule;
