//! `mcf auth tiktok|amazon`.

use serde_json::{Value, json};

use super::answer;
use crate::cli::arguments::{Auth, AuthAmazon, AuthTiktok};
use crate::cli::context::Context;
use crate::cli::{Exit, Failure, hidden};
use crate::config::Settings;
use crate::domain::consent::{Fault, Junk, Pasted, read_amazon, read_tiktok, scopes};
use crate::domain::fulfillment::Marketplace;
use crate::domain::shop::Shop;
use crate::jobs::Session;
use crate::jobs::consent::{self, AmazonGrant, Error, Link, TiktokGrant};
use crate::report::SCHEMA;
use crate::store::ShopAct;

pub fn run(context: &Context, command: &Auth) -> Result<Exit, Failure> {
    match command {
        Auth::Tiktok(arguments) => tiktok(context, arguments),
        Auth::Amazon(arguments) => amazon(context, arguments),
    }
}

/// What is known of a vendor's consent before and after it was given.
struct Telling<'a> {
    context: &'a Context,
    vendor: &'static str,
    links: Vec<Link>,
}

impl Telling<'_> {
    /// Returns the call of this command.
    fn again(&self) -> String {
        self.context.command(&format!("auth {}", self.vendor))
    }

    fn document(&self, more: Value) -> Value {
        let url = |link: &Link| link.url.to_string();
        let links = self.links.iter();
        let links = links.map(|link| json!({"market": link.market, "url": url(link)}));
        let mut document = json!({
            "schema": SCHEMA, "vendor": self.vendor, "link": self.links.first().map(url),
            "links": links.collect::<Vec<_>>(),
        });
        if let (Value::Object(fields), Value::Object(more)) = (&mut document, more) {
            fields.extend(more);
        }
        document
    }

    /// Shows what to open: data for a person, talk beside a document.
    fn show_links(&self, steps: &str) {
        let mut text = format!("{steps}\n");
        for link in &self.links {
            let market = match link.market {
                Some("US") => "US shops: ",
                Some(_) => "other shops: ",
                None => "",
            };
            text += &format!("  {market}{}\n", link.url);
        }
        if self.context.output.json {
            self.context.output.talk(text.trim_end());
        } else {
            self.context.output.data(&text);
        }
    }

    /// Ends a dry run.
    fn dry(&self, database: &std::path::Path) -> Exit {
        let text = format!(
            "dry run: nothing is read, asked or stored; the tokens would lie sealed in {}",
            database.display()
        );
        let document = json!({"dryRun": true, "stored": false});
        answer::show(self.context, &self.document(document), &text);
        Exit::Done
    }

    /// Ends a run that failed: the document names the link, too.
    fn failed(&self, failure: Failure) -> Result<Exit, Failure> {
        if !self.context.output.json {
            return Err(failure);
        }
        let document = self.document(json!({"dryRun": false, "stored": false}));
        answer::show(self.context, &answer::with_error(&document, Some(&failure)), "");
        self.context.output.explain(&failure);
        Ok(failure.exit)
    }

    fn junk(&self, junk: Junk) -> Failure {
        let again = self.again();
        let help = match junk {
            Junk::Denied => format!("open the link once more and agree, then: {again}"),
            _ => format!("open the link and agree, then paste the whole address that the browser was sent to: {again}"),
        };
        Failure::person(junk.to_string(), help)
    }

    fn refused(&self, error: Error) -> Failure {
        let again = self.again();
        let message = error.to_string();
        let refused = |help: String| Failure {
            exit: Exit::CredentialsRefused,
            ..Failure::person(message.clone(), help)
        };
        match error {
            Error::State(_) => Failure::person(
                message,
                format!("open the link that this command prints, and paste the address it leads to: {again}"),
            ),
            Error::Code {
                fault: Fault::Foreign, ..
            } => refused(format!(
                "the link must be that of the configured app: open the one that this command prints: {again}"
            )),
            Error::Code { .. } => refused(format!(
                "open the link once more, agree, and paste the new address within 30 minutes: {again}"
            )),
            Error::OtherShop { wanted, .. } => refused(format!(
                "agree as the owner of shop {wanted}, or correct tiktok.shop_id; then: {again}"
            )),
            Error::OtherSeller { wanted, .. } => refused(format!(
                "agree as seller {wanted}, or correct amazon.seller_id; then: {again}"
            )),
            Error::OtherAccount(other) => Failure::unusable(
                message,
                format!(
                    "put the former {} back, or give the other account a database of its own: mcf auth amazon --db OTHER.db",
                    other.key()
                ),
            ),
            Error::Job(error) => self.troubled(error.into()),
        }
    }

    /// After an unclear end nobody knows whether the code is used up.
    fn troubled(&self, failure: Failure) -> Failure {
        match failure.exit {
            Exit::VendorUnavailable => Failure {
                help: Some(format!(
                    "try again; where the code is used up by then, open the link once more: {}",
                    self.again()
                )),
                ..failure
            },
            _ => failure,
        }
    }

    /// Shows what is stored.
    fn done(&self, document: Value, lines: &[String]) {
        answer::show(self.context, &self.document(document), &lines.join("\n"));
        let next = self.context.command(&format!("check {}", self.vendor));
        self.context.output.talk(&format!("next: {next}"));
    }
}

fn tiktok(context: &Context, arguments: &AuthTiktok) -> Result<Exit, Failure> {
    const STEPS: &str = "1. Open this link as the shop's owner and agree:";
    const PASTE: &str =
        "2. Paste the code, or the whole address that the browser was sent to (it is not shown), and press Enter:";
    let settings = context.settings()?;
    let telling = Telling {
        context,
        vendor: "tiktok",
        links: consent::tiktok_links(&settings, arguments.service_id.as_deref(), context.now())?,
    };
    let session = session(context, settings)?;
    telling.show_links(STEPS);
    if arguments.service_id.is_none() {
        context.output.talk(
            "   Where TikTok does not know the link: copy the app's own from Partner Center, or give its service id: --service-id ID",
        );
    }
    if arguments.dry_run {
        return Ok(telling.dry(session.store.path()));
    }
    let asked = hidden::line(context, PASTE)?;
    let granted = read_tiktok(&asked)
        .map_err(|junk| telling.junk(junk))
        .and_then(|pasted| match pasted {
            Pasted::Code(code) => consent::tiktok(&session, &code).map_err(|error| telling.refused(error)),
            Pasted::RefreshToken(_) => Err(telling.junk(Junk::Neither)),
        });
    match granted {
        Ok(granted) => {
            note_consent(context, &session, "TikTok")?;
            told_of_tiktok(&telling, &session, granted)
        }
        Err(failure) => telling.failed(failure),
    }
}

fn session(context: &Context, settings: Settings) -> Result<Session, Failure> {
    let store = context.store(&settings)?;
    Ok(context.surroundings.session(settings, store, None, false)?)
}

fn note_consent(context: &Context, session: &Session, vendor: &str) -> Result<(), Failure> {
    let said = format!("{vendor}'s consent was brought by {}", answer::user(context));
    Ok(session.store.note_shop(ShopAct::ConsentGiven, &said, context.now())?)
}

fn told_of_tiktok(telling: &Telling<'_>, session: &Session, granted: TiktokGrant) -> Result<Exit, Failure> {
    let TiktokGrant { tokens, shops } = granted;
    let missing = scopes::missing(&tokens.scopes).unwrap_or_default();
    for missing in &missing {
        telling.context.output.talk(&format!(
            "warning: the consent lacks the scope {} ({}): add it to the app in Partner Center, then once more: {}",
            missing.scope,
            missing.stops,
            telling.again()
        ));
    }
    let shops = match shops {
        Ok(shops) => shops,
        Err(error) => {
            let failure = Failure::from(error);
            let message = format!(
                "the tokens are stored, but the shops can't be read: {}",
                failure.message
            );
            return telling.failed(Failure { message, ..failure });
        }
    };
    let configured = session.settings.tiktok.shop_id.as_deref();
    let lines: Vec<String> = shops.iter().map(|shop| format!("shop_id = {:?}", shop.id)).collect();
    let end = tokens.refresh_expires_at;
    let document = json!({
        "dryRun": false, "stored": true, "consentEndsAt": end, "configLines": lines,
        "missingScopes": missing.iter().map(|missing| missing.scope).collect::<Vec<_>>(),
        "shops": shops.iter().map(|shop| json!({"id": shop.id, "name": shop.name, "region": shop.region})).collect::<Vec<_>>(),
    });
    let until = end.map_or_else(String::new, |end| format!(" until {}", end.date_naive()));
    let mut text = vec![format!(
        "the tokens are stored, sealed; mcf renews them by itself{until}"
    )];
    text.extend(shops.iter().map(shop_line));
    text.push(match configured {
        Some(id) => format!("tiktok.shop_id names shop {id} already"),
        None => to_write(session, "[tiktok]", &lines),
    });
    telling.done(document, &text);
    Ok(Exit::Done)
}

fn shop_line(shop: &Shop) -> String {
    format!("shop {}  {}  {}", shop.id, shop.name, shop.region)
}

fn to_write(session: &Session, table: &str, lines: &[String]) -> String {
    let file = session.settings.file.as_deref();
    let file = file.map_or_else(|| "config.toml".to_owned(), |file| file.display().to_string());
    let one = if lines.len() > 1 { "one of these" } else { "this line" };
    format!("write {one} into {table} of {file}:\n  {}", lines.join("\n  "))
}

fn amazon(context: &Context, arguments: &AuthAmazon) -> Result<Exit, Failure> {
    const OWN_APP: &str = "1. In Seller Central, Apps and Services > Develop Apps, choose Authorize at your app and copy the refresh token.\n   \
         (For a link in its place write amazon.application_id into the configuration.)";
    const STEPS: &str = "1. Open this link as the seller and agree, or copy the refresh token from Seller Central, Develop Apps, Authorize:";
    const PASTE: &str = "2. Paste the refresh token, or the whole address that the browser was sent to (it is not shown), and press Enter:";
    let settings = context.settings()?;
    let links: Vec<Link> = consent::amazon_link(&settings, context.now())?.into_iter().collect();
    let telling = Telling {
        context,
        vendor: "amazon",
        links,
    };
    let session = session(context, settings)?;
    telling.show_links(if telling.links.is_empty() { OWN_APP } else { STEPS });
    if arguments.dry_run {
        return Ok(telling.dry(session.store.path()));
    }
    let asked = hidden::line(context, PASTE)?;
    let granted = read_amazon(&asked)
        .map_err(|junk| telling.junk(junk))
        .and_then(|pasted| consent::amazon(&session, &pasted).map_err(|error| telling.refused(error)));
    match granted {
        Ok(granted) => {
            note_consent(context, &session, "Amazon")?;
            told_of_amazon(&telling, &session, granted)
        }
        Err(failure) => telling.failed(failure),
    }
}

fn told_of_amazon(telling: &Telling<'_>, session: &Session, granted: AmazonGrant) -> Result<Exit, Failure> {
    let marketplaces = match granted.marketplaces {
        Ok(marketplaces) => marketplaces,
        Err(error) => {
            let failure = Failure::from(error);
            let message = format!(
                "the token is stored, but the marketplaces can't be read: {}",
                failure.message
            );
            return telling.failed(Failure { message, ..failure });
        }
    };
    let lines = amazon_lines(session, granted.seller.as_deref(), &marketplaces);
    let document = json!({
        "dryRun": false, "stored": true, "configLines": lines, "seller": granted.seller,
        "marketplaces": marketplaces.iter()
            .map(|marketplace| json!({"id": marketplace.id, "name": marketplace.name, "participating": marketplace.is_participating}))
            .collect::<Vec<_>>(),
    });
    let mut text = vec!["the refresh token is stored, sealed".to_owned()];
    text.extend(
        marketplaces
            .iter()
            .map(|marketplace| format!("marketplace {}  {}", marketplace.id, marketplace.name)),
    );
    if !lines.is_empty() {
        text.push(to_write(session, "[amazon]", &lines));
    }
    telling.done(document, &text);
    Ok(Exit::Done)
}

/// The lines that the configuration lacks: the seller who agreed, and a marketplace that is the seller's.
fn amazon_lines(session: &Session, seller: Option<&str>, marketplaces: &[Marketplace]) -> Vec<String> {
    let configured = &session.settings.amazon;
    let is_sold_in = |marketplace: &&Marketplace| marketplace.is_participating != Some(false);
    let mut lines = Vec::new();
    if let (Some(seller), None) = (seller, &configured.seller_id) {
        lines.push(format!("seller_id = {seller:?}"));
    }
    let sold_in: Vec<&Marketplace> = marketplaces.iter().filter(is_sold_in).collect();
    if !sold_in
        .iter()
        .any(|marketplace| marketplace.id == configured.marketplace_id)
    {
        lines.extend(
            sold_in
                .iter()
                .map(|marketplace| format!("marketplace_id = {:?}", marketplace.id)),
        );
    }
    lines
}
