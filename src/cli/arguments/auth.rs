//! What is typed to get the first tokens of a vendor. The code itself is never typed on the command line.

use clap::{Args, Subcommand};

/// `mcf auth`.
#[derive(Debug, Subcommand)]
pub enum Auth {
    /// TikTok Shop: print the link, read the code or the redirect address, store the tokens, name the shops
    #[command(
        after_help = "Examples:\n  mcf auth tiktok                          asks for the code or the whole address, hidden\n  mcf auth tiktok < address.txt\n  mcf auth tiktok --service-id 7172345678901234567 --dry-run"
    )]
    Tiktok(AuthTiktok),
    /// Amazon: print the link, read the refresh token, a code or the redirect address, store the token, name the marketplaces
    #[command(
        after_help = "Examples:\n  mcf auth amazon                          asks for the token, hidden\n  mcf auth amazon < token.txt\n  mcf auth amazon --dry-run"
    )]
    Amazon(AuthAmazon),
}

/// `mcf auth tiktok`.
#[derive(Debug, Args)]
pub struct AuthTiktok {
    /// The app's service id in Partner Center: then the links of the US and of other markets are printed
    #[arg(long, value_name = "ID", value_parser = service_id)]
    pub service_id: Option<String>,
    /// Print the link; read, ask and store nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `mcf auth amazon`.
#[derive(Debug, Args)]
pub struct AuthAmazon {
    /// Print the link; read, ask and store nothing
    #[arg(long)]
    pub dry_run: bool,
}

fn service_id(text: &str) -> Result<String, String> {
    let is_id = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| text.to_owned()).ok_or_else(|| "not a number".to_owned())
}
