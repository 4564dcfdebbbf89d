//! Even steps of time that both cron and systemd can express.

/// What both cron and systemd can say evenly: steps that divide the hour or the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rhythm {
    Minutes(u32),
    Hours(u32),
}

/// The hour of what runs once a day.
const DAILY_HOUR: u32 = 3;

impl Rhythm {
    /// Returns the longest even step that is no longer than the interval.
    pub fn within(minutes: u32) -> Self {
        let longest_divisor = |whole: u32, limit: u32| {
            let mut steps = (1..=limit.clamp(1, whole)).rev();
            steps.find(|step| whole.is_multiple_of(*step)).unwrap_or(1)
        };
        if minutes < 60 {
            Self::Minutes(longest_divisor(60, minutes))
        } else {
            Self::Hours(longest_divisor(24, minutes / 60))
        }
    }

    pub fn minutes(self) -> u32 {
        match self {
            Self::Minutes(step) => step,
            Self::Hours(step) => step * 60,
        }
    }

    /// Returns cron's minute and hour.
    pub fn cron(self, offset: u32) -> String {
        match self {
            Self::Minutes(1) => "* *".to_owned(),
            Self::Minutes(step) => format!("{}-59/{step} *", offset % step),
            Self::Hours(1) => format!("{offset} *"),
            Self::Hours(24) => format!("{offset} {DAILY_HOUR}"),
            Self::Hours(step) => format!("{offset} */{step}"),
        }
    }

    /// Returns systemd's `OnCalendar`.
    pub fn calendar(self, offset: u32) -> String {
        match self {
            Self::Minutes(1) => "*-*-* *:*:00".to_owned(),
            Self::Minutes(step) => format!("*-*-* *:{:02}/{step}:00", offset % step),
            Self::Hours(1) => format!("*-*-* *:{offset:02}:00"),
            Self::Hours(24) => format!("*-*-* {DAILY_HOUR:02}:{offset:02}:00"),
            Self::Hours(step) => format!("*-*-* 00/{step}:{offset:02}:00"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_is_even_and_never_slower_than_the_interval() {
        for minutes in 1..=1440 {
            let rhythm = Rhythm::within(minutes);
            assert!(rhythm.minutes() <= minutes, "{minutes}");
            assert_eq!(1440 % rhythm.minutes(), 0, "{minutes}");
        }
        assert_eq!(Rhythm::within(7), Rhythm::Minutes(6));
        assert_eq!(Rhythm::within(45), Rhythm::Minutes(30));
        assert_eq!(Rhythm::within(90), Rhythm::Hours(1));
        assert_eq!(Rhythm::within(300), Rhythm::Hours(4));
        assert_eq!(Rhythm::within(1440), Rhythm::Hours(24));
    }
}
