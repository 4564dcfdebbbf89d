//! TikTok Shop's API.
