//! The binary `mcf`: hands the command line to [`mcf_connector::cli`] and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    mcf_connector::cli::main(std::env::args_os())
}
