//! Cutting listings into pages with opaque tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One page of a listing.
#[derive(Debug, PartialEq)]
pub(super) struct Page<Item> {
    /// The entries of this page.
    pub(super) items: Vec<Item>,
    /// The token of the next page, if there is one.
    pub(super) next: Option<String>,
}

/// Every token ends so, to hold the characters that a client may fail to encode.
const TAIL: &str = "+Zk/9Q==";

/// Cuts the page that a token names out of a listing; without a token, the first one.
///
/// With `empty_page`, the first page is followed by an empty one that has a token. Returns nothing for a token that was not made here.
pub(super) fn cut<Item>(
    listing: Vec<Item>,
    token: Option<&str>,
    page_size: usize,
    empty_page: bool,
) -> Option<Page<Item>> {
    let (start, empty) = match token {
        None | Some("") => (0, false),
        Some(token) => read_token(token)?,
    };
    let end = if empty { start } else { start + page_size };
    let more = listing.len() > end;
    let next_is_empty = empty_page && start == 0 && !empty;
    Some(Page {
        items: listing.into_iter().skip(start).take(end - start).collect(),
        next: more.then(|| make_token(end, next_is_empty)),
    })
}

fn make_token(start: usize, empty: bool) -> String {
    let kind = if empty { "empty" } else { "page" };
    format!("{}{TAIL}", STANDARD.encode(format!("{kind}:{start}")))
}

fn read_token(token: &str) -> Option<(usize, bool)> {
    let bytes = STANDARD.decode(token.strip_suffix(TAIL)?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (kind, start) = text.split_once(':')?;
    Some((start.parse().ok()?, kind == "empty"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_everything_once_with_an_empty_one_between() {
        let mut token = None;
        let mut sizes = Vec::new();
        let mut seen = Vec::new();
        loop {
            let page = cut((0..5).collect(), token.as_deref(), 2, true).expect("our own token");
            sizes.push(page.items.len());
            seen.extend(page.items);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!((sizes, seen), (vec![2, 0, 2, 1], vec![0, 1, 2, 3, 4]), "E07");
    }

    #[test]
    fn a_token_that_lost_its_plus_is_not_a_token() {
        let page = cut(vec![1, 2], None, 1, false).expect("the first page");
        let broken = page.next.expect("a second page").replace('+', " ");
        assert_eq!(cut(vec![1, 2], Some(&broken), 1, false), None);
    }
}
