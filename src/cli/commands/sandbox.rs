//! `mcf sandbox`: both vendors on loopback, until the operator stops them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::answer;
use super::file::write_private;
use crate::cli::arguments;
use crate::cli::context::Context;
use crate::cli::{Exit, Failure};
use crate::sandbox::scenario::{self, MAPPINGS_CSV};
use crate::sandbox::{NewCodes, Ports, Sandbox};

/// The first line of every configuration written here; a file without it is somebody else's and is not replaced.
const MARK: &str = "# Written by mcf sandbox: works against its two vendors on this machine, and nowhere else.";

/// How long the wish to stop may go unseen.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What `--json` shows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema: u32,
    tiktok_url: String,
    amazon_url: String,
    control_url: String,
    tiktok_code: &'a str,
    amazon_code: &'a str,
    config: &'a str,
    mappings: &'a str,
    config_file: Option<String>,
    mappings_file: Option<String>,
}

/// The files of `--write-config`.
struct Files {
    config: PathBuf,
    mappings: PathBuf,
}

pub fn run(context: &Context, arguments: &arguments::Sandbox) -> Result<Exit, Failure> {
    let sandbox = start(context, arguments)?;
    let config = config_text(&sandbox, "sandbox.db");
    let codes = sandbox.world().new_codes();
    let files = match &arguments.write_config {
        Some(path) => Some(write_files(&context.environment.working_directory.join(path), &config)?),
        None => None,
    };
    if context.output.json {
        let document = document(&sandbox, &codes, &config, files.as_ref());
        context.output.data(&crate::report::json(&document).unwrap_or_default());
    } else {
        context.output.data(&config);
    }
    context.output.talk(&next_steps(&sandbox, &codes, files.as_ref()));
    while !context.surroundings.stop.is_asked() {
        std::thread::sleep(LOOK_AGAIN);
    }
    context.output.talk("the sandbox is closed");
    Ok(Exit::Done)
}

fn start(context: &Context, arguments: &arguments::Sandbox) -> Result<Sandbox, Failure> {
    let mut world = if arguments.empty {
        scenario::shop(context.surroundings.clock)
    } else {
        scenario::demo(context.surroundings.clock)
    };
    world.settings.advance_every = arguments.advance_every.map(Duration::from_secs);
    let ports = Ports {
        tiktok: arguments.port,
        amazon: arguments.port + 1,
    };
    Sandbox::start_on(world, ports).map_err(|error| Failure {
        help: Some(format!(
            "ports {} and {} must be free; choose others with --port",
            ports.tiktok, ports.amazon
        )),
        exit: Exit::Unusable,
        ..Failure::unexpected(&error)
    })
}

/// Returns a configuration that works against a sandbox, with its database and waits that suit a vendor next door.
pub(super) fn config_text(sandbox: &Sandbox, database: &str) -> String {
    let vendors = sandbox.config_toml();
    format!("{MARK}\n\n{vendors}\n[store]\npath = {database:?}\n\n[retry]\nbackoff_ms = 50\n")
}

fn write_files(config: &Path, text: &str) -> Result<Files, Failure> {
    let files = Files {
        config: config.to_owned(),
        mappings: config.with_extension("mappings.csv"),
    };
    refuse_others(&files.config, |there| there.starts_with(MARK))?;
    refuse_others(&files.mappings, |there| there == MAPPINGS_CSV)?;
    write_private(&files.config, text)?;
    write_private(&files.mappings, MAPPINGS_CSV)?;
    Ok(files)
}

/// Refuses to replace a file that was not written here: it may be the operator's own configuration.
fn refuse_others(path: &Path, is_ours: impl Fn(&str) -> bool) -> Result<(), Failure> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Ok(there) if is_ours(&there) => Ok(()),
        Ok(_) | Err(_) => Err(Failure::usage(
            format!("{} is there already and is not the sandbox's", path.display()),
            "name another file with --write-config",
        )),
    }
}

fn document<'a>(sandbox: &Sandbox, codes: &'a NewCodes, config: &'a str, files: Option<&'a Files>) -> Document<'a> {
    Document {
        schema: crate::report::SCHEMA,
        tiktok_url: sandbox.tiktok_url(),
        amazon_url: sandbox.amazon_url(),
        control_url: format!("{}/sandbox/", sandbox.tiktok_url()),
        tiktok_code: &codes.tiktok,
        amazon_code: &codes.amazon,
        config,
        mappings: MAPPINGS_CSV,
        config_file: files.map(|files| answer::text(&files.config)),
        mappings_file: files.map(|files| answer::text(&files.mappings)),
    }
}

/// Says what to type in another terminal, in this order.
fn next_steps(sandbox: &Sandbox, codes: &NewCodes, files: Option<&Files>) -> String {
    let (config, import) = match files {
        Some(files) => (
            answer::named(&files.config),
            format!("  mcf mappings import {}", answer::named(&files.mappings)),
        ),
        None => (
            "sandbox.toml".to_owned(),
            format!("  mcf mappings import - <<'END'\n{MAPPINGS_CSV}END"),
        ),
    };
    let save = match files {
        Some(_) => "",
        None => "  # the configuration is on stdout: save it as sandbox.toml, chmod 600 sandbox.toml\n",
    };
    format!(
        "TikTok is at {tiktok}, Amazon at {amazon}. Ctrl-C closes both.\n\
         Next, in another terminal:\n{save}  export MCF_CONFIG={config}\n{import}\n  mcf poll\n  mcf status\n  \
         curl -X POST {tiktok}/sandbox/advance   # every order takes its next step; three ship the parcels\n  \
         mcf sync-tracking\n  mcf sync-inventory\n  \
         curl -X POST {tiktok}/sandbox/orders -d '{{\"kind\": \"plain\"}}'   # a buyer orders\n\
         mcf auth can be tried, too: echo {code} | mcf auth tiktok   # good once, for 30 minutes; another code: curl -X POST {tiktok}/sandbox/codes\n\
         A sandbox that is started anew knows nothing of the orders before: remove its database sandbox.db* with it.",
        tiktok = sandbox.tiktok_url(),
        amazon = sandbox.amazon_url(),
        code = codes.tiktok,
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::Clock;

    #[test]
    fn written_files_are_private_and_replace_only_their_own_kind() {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = Sandbox::start(scenario::shop(Clock::system())).expect("free ports");
        let path = folder.path().join("sandbox.toml");
        let text = config_text(&sandbox, "sandbox.db");
        for _ in 0..2 {
            let files = write_files(&path, &text).expect("A8: its own files are replaced");
            for written in [&files.config, &files.mappings] {
                let mode = std::fs::metadata(written).expect("a file").permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "C5");
            }
        }
        std::fs::write(&path, "[tiktok]\napp_key = \"real\"\n").expect("a file");
        let refused = write_files(&path, &text).err().map(|failure| failure.exit);
        assert_eq!(refused, Some(Exit::Usage), "A8: somebody's configuration stays");
    }
}
