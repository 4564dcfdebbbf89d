//! Lists that come in pages: the one loop through them, whoever's list it is.
//!
//! A page may be empty and lead on; a page that leads back to one before it is an error, for the list would never end. A vendor forgets
//! the token of a page soon; the list is then read again from its first page.

use std::collections::HashSet;

use crate::jobs::Error;
use crate::{amazon, tiktok};

/// More pages than any list has; one that is longer goes round in circles.
const PAGES_MAX: usize = 10_000;

/// How often one list is read again from its first page because the vendor no longer knew the token of its next one.
const RESTARTS_MAX: usize = 2;

/// Reads a list page by page. `read` gets the token of a page, `None` for the first one, and returns the token of the next. Where it is
/// asked for the first page once more, what the pages before said comes again.
///
/// # Errors
/// What `read` returns, and [`Error::PagesInCircle`] with the name of the list.
pub(in crate::jobs) fn each_page(
    list: &'static str,
    mut read: impl FnMut(Option<&str>) -> Result<Option<String>, Error>,
) -> Result<(), Error> {
    let mut seen = HashSet::new();
    let mut page: Option<String> = None;
    let mut restarts = 0;
    for _ in 0..PAGES_MAX {
        match read(page.as_deref()) {
            Err(error) if page.is_some() && restarts < RESTARTS_MAX && may_be_a_dead_token(&error) => {
                log::info!("{list} are read again from the first page: {error}");
                restarts += 1;
                seen.clear();
                page = None;
            }
            Err(error) => return Err(error),
            Ok(None) => return Ok(()),
            Ok(Some(next)) if !seen.insert(next.clone()) => break,
            Ok(Some(next)) => page = Some(next),
        }
    }
    Err(Error::PagesInCircle(list))
}

/// No page of either vendor's says with which code a token ends that was good before; that the request is wrong can have no other
/// cause after its first page.
fn may_be_a_dead_token(error: &Error) -> bool {
    match error {
        Error::Tiktok(error) => matches!(
            error.class(),
            tiktok::Class::Input | tiktok::Class::NotFound | tiktok::Class::Other
        ),
        Error::Amazon(error) => matches!(error.kind(), amazon::Kind::InvalidInput | amazon::Kind::NotFound),
        _ => false,
    }
}
