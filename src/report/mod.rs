//! Read models and renderings.
