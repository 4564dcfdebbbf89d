//! `[serve]`: where the page is shown.

use url::Url;

use super::error::{Error, Problem};
use super::section::Section;
use super::web;

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeSettings {
    /// Where a reverse proxy shows it; without one only this machine gets in.
    pub public_url: Option<Url>,
}

impl ServeSettings {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Error> {
        let public_url = match section.text("public_url")? {
            Some((text, origin)) => {
                let refused = |problem| section.refusal("public_url", origin.clone(), problem);
                Some(web::base_url(&text).and_then(at_its_root).map_err(refused)?)
            }
            None => None,
        };
        section.finish()?;
        Ok(Self { public_url })
    }
}

/// The page's addresses begin at the root of a host of its own: under a path it would share cookies with its neighbours.
fn at_its_root(url: Url) -> Result<Url, Problem> {
    match url.path() {
        "/" => Ok(url),
        _ => Err(Problem::PathInUrl),
    }
}
