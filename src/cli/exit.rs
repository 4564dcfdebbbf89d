//! The exit codes, which cron jobs and monitors rely on.

use std::process::ExitCode;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: the run did its work. Orders may have been flagged; that is the business of `status` and the alerts.
    Done,
    /// 1: something unexpected.
    Unexpected,
    /// 2: the command line is wrong.
    Usage,
    /// 3: a person is needed: a `route` that was refused or did not send, a rejected import, a failed `check` or `status --check`, a
    /// stock push that the brake holds back, an order that is not known.
    PersonNeeded,
    /// 4: a vendor was unavailable or its answer unreadable, or the time until the next run was up; what was not done is stored and the
    /// next run goes on.
    VendorUnavailable,
    /// 5: a vendor refused the credentials.
    CredentialsRefused,
    /// 6: the configuration or the database is unusable.
    Unusable,
    /// 75: another run holds the lock; nothing was done.
    Busy,
    /// 130: stopped by Ctrl-C; what was begun is finished or stored as unknown.
    Interrupted,
    /// 143: stopped by SIGTERM, the same way.
    Terminated,
}

impl Exit {
    /// Returns the number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::PersonNeeded => 3,
            Self::VendorUnavailable => 4,
            Self::CredentialsRefused => 5,
            Self::Unusable => 6,
            Self::Busy => 75,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
