use super::systemd::{unit_quoted, unit_word};
use super::*;

const DEFAULT: ScheduleSettings = ScheduleSettings {
    order_poll_interval_minutes: 5,
    tracking_sync_interval_minutes: 30,
    inventory_sync_interval_minutes: 60,
};

fn invocation<'a>(program: &'a str, config: Option<&'a str>) -> Invocation<'a> {
    Invocation {
        program: Path::new(program),
        config: config.map(Path::new),
        database: Path::new("/var/lib/mcf/mcf.db"),
        is_database_named: false,
        user: "seller",
        is_by_admin: false,
        name: None,
        metrics: None,
        backups: None,
    }
}

fn named(name: &str) -> Invocation<'_> {
    Invocation {
        name: Some(name),
        ..invocation("/usr/local/bin/mcf", Some("/etc/mcf-connector/config.toml"))
    }
}

/// The lines that cron runs, without the shop's mark.
fn lines(text: &str, mark: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.strip_suffix(mark).expect("the mark").trim_end().to_owned())
        .collect()
}

#[test]
fn crontab_lines_spread_the_minutes_and_log() {
    let text = cron(&DEFAULT, &named("shop"));
    let call = "/usr/local/bin/mcf --config /etc/mcf-connector/config.toml --quiet";
    let (metrics, backups) = ("/var/lib/mcf/metrics", "/var/lib/mcf/backups/shop");
    assert_eq!(
        lines(&text, "# mcf:shop"),
        [
            format!("1-59/5 * * * * {call} poll 2>&1 | logger -t mcf-shop-poll"),
            format!("3-59/30 * * * * {call} sync-tracking 2>&1 | logger -t mcf-shop-sync-tracking"),
            format!("14 * * * * {call} sync-inventory 2>&1 | logger -t mcf-shop-sync-inventory"),
            format!(
                "0-59/5 * * * * {{ mkdir -p {metrics} && {call} metrics --format prometheus --output {metrics}/mcf-shop.prom; }} \
                 2>&1 | logger -t mcf-shop-metrics"
            ),
            format!("37 3 * * * {call} purge 2>&1 | logger -t mcf-shop-purge"),
            format!(
                "52 3 * * * {{ mkdir -p {backups} && {call} backup {backups}/ --keep 14; }} 2>&1 | logger -t mcf-shop-backup"
            ),
        ]
    );
}

#[test]
fn two_shops_share_no_unit_no_tag_no_metric_file_and_no_mark_e159() {
    let (first, second) = (named("a"), named("b"));
    let names = |invocation| -> Vec<String> {
        let units = systemd(&DEFAULT, invocation);
        units.into_iter().map(|unit| unit.name).collect()
    };
    assert!(names(&first).iter().all(|name| !names(&second).contains(name)));
    for (invocation, own, foreign) in [(&first, "mcf-a", "mcf-b"), (&second, "mcf-b", "mcf-a")] {
        let text = cron(&DEFAULT, invocation);
        assert!(
            text.contains(&format!("logger -t {own}-poll")) && !text.contains(foreign),
            "{text}"
        );
        assert!(text.contains(&format!("/metrics/{own}.prom")));
        let units = systemd(&DEFAULT, invocation);
        assert!(units[0].text.contains(&format!("SyslogIdentifier={own}-poll\n")));
        assert!(units.iter().all(|unit| !unit.text.contains(foreign)));
    }
    let one = invocation("/usr/local/bin/mcf", Some("/srv/a/config.toml"));
    let other = invocation("/usr/local/bin/mcf", Some("/srv/b/config.toml"));
    assert_ne!(one.mark(), other.mark(), "also without a name");
}

#[test]
fn a_unit_of_the_same_name_that_calls_for_another_shop_is_seen_e159() {
    let one = invocation("/usr/local/bin/mcf", Some("/srv/a/config.toml"));
    let other = invocation("/usr/local/bin/mcf", Some("/srv/a/config.toml.old"));
    let text = &systemd(&DEFAULT, &one)[0].text;
    assert!(!is_of_another_shop(text, &one) && is_of_another_shop(text, &other));
    assert!(!is_of_another_shop("[Timer]\nOnCalendar=daily\n", &other));
}

#[test]
fn names_are_short_and_plain() {
    for name in ["a", "shop-2", &"x".repeat(32)] {
        assert_eq!(instance_name(name).as_deref(), Ok(name));
    }
    for name in ["", "Shop", "a b", "a_b", "ä", "a.b", &"x".repeat(33)] {
        assert!(instance_name(name).is_err(), "{name}");
    }
}

#[test]
fn odd_paths_survive_the_crontab() {
    let text = cron(&DEFAULT, &invocation("/opt/my shop/mcf", Some("/etc/100%/c.toml")));
    assert!(text.contains(r"'/opt/my shop/mcf' --config '/etc/100\%/c.toml' --quiet poll"));
}

#[test]
fn the_database_is_named_without_a_file_and_where_only_the_shell_named_it() {
    let text = cron(&DEFAULT, &invocation("/usr/local/bin/mcf", None));
    assert!(text.contains("/usr/local/bin/mcf --db /var/lib/mcf/mcf.db --quiet poll"));
    let both = Invocation {
        is_database_named: true,
        ..invocation("/usr/local/bin/mcf", Some("/etc/c.toml"))
    };
    assert!(cron(&DEFAULT, &both).contains("mcf --config /etc/c.toml --db /var/lib/mcf/mcf.db --quiet poll"));
}

#[test]
fn an_interval_that_cron_cannot_say_is_shortened_openly() {
    let schedule = ScheduleSettings {
        order_poll_interval_minutes: 7,
        ..DEFAULT
    };
    let text = cron(&schedule, &named("shop"));
    assert!(text.contains("cannot say every 7 minutes evenly; this is every 6 # mcf:shop\n1-59/6 * * * * "));
}

#[test]
fn the_recipe_adds_and_calls_the_service_user_where_an_administrator_asks() {
    let own = cron_recipe(&named("shop"));
    assert_eq!(
        own,
        "lines=$(/usr/local/bin/mcf --config /etc/mcf-connector/config.toml schedule cron --name shop) && \
         { crontab -l 2>/dev/null | grep -v '# mcf:shop$'; printf '%s\\n' \"$lines\"; } | crontab -"
    );
    let by_admin = cron_recipe(&Invocation {
        is_by_admin: true,
        ..named("shop")
    });
    assert!(
        by_admin.starts_with("lines=$(sudo -u seller -H /usr/local/bin/mcf "),
        "{by_admin}"
    );
    assert!(by_admin.ends_with("| sudo crontab -u seller -"), "{by_admin}");
}

#[test]
fn units_are_hardened_catch_up_and_write_to_the_database_only() {
    let units = systemd(
        &DEFAULT,
        &invocation("/usr/local/bin/mcf", Some("/etc/my shop/50%/c.toml")),
    );
    assert_eq!(units.len(), 12);
    let poll = &units[0];
    assert_eq!(poll.name, "mcf-poll.service");
    for line in [
        "ExecStart=/usr/local/bin/mcf --config \"/etc/my shop/50%%/c.toml\" --quiet poll",
        "User=seller",
        "SyslogIdentifier=mcf-poll",
        "SuccessExitStatus=75 143",
        "ProtectSystem=strict",
        "ReadWritePaths=/var/lib/mcf",
        "#LoadCredential=tiktok_app_secret:/etc/mcf-connector/credentials/tiktok_app_secret",
    ] {
        assert!(poll.text.lines().any(|found| found == line), "{line}");
    }
    let timer = &units[1];
    assert_eq!(timer.name, "mcf-poll.timer");
    assert!(timer.text.contains("OnCalendar=*-*-* *:01/5:00\nPersistent=true\n"));
    assert!(units[9].text.contains("OnCalendar=*-*-* 03:37:00\n"));
    assert!(
        units[6]
            .text
            .contains("ExecStartPre=/bin/mkdir -p /var/lib/mcf/metrics\n")
    );
}

#[test]
fn metrics_and_backups_go_where_they_are_told() {
    let told = Invocation {
        metrics: Some(Path::new("/var/lib/node_exporter/shop.prom")),
        backups: Some(Path::new("/mnt/backup")),
        ..named("shop")
    };
    let text = cron(&DEFAULT, &told);
    assert!(text.contains("--output /var/lib/node_exporter/shop.prom;"));
    assert!(text.contains("backup /mnt/backup/ --keep 14;"));
    assert!(text.contains("--metrics /var/lib/node_exporter/shop.prom --backups /mnt/backup)"));
    let units = systemd(&DEFAULT, &told);
    assert!(units[6].text.contains("ReadWritePaths=-/var/lib/node_exporter\n"));
}

#[test]
fn signs_of_systemd_stand_for_themselves() {
    assert_eq!(unit_word("/srv/$shop"), "/srv/$$shop");
    assert_eq!(unit_quoted("/srv/$shop"), "/srv/$shop");
    assert_eq!(unit_quoted(r#"/srv/a "b" 5%\c"#), r#""/srv/a \"b\" 5%%\\c""#);
}

#[test]
fn unit_files_display_as_commands_to_paste() {
    let invocation = invocation("/usr/local/bin/mcf", None);
    let units = systemd(&DEFAULT, &invocation);
    let shown = units[1].to_string();
    assert!(shown.starts_with("sudo tee /etc/systemd/system/mcf-poll.timer >/dev/null <<'END'\n[Unit]\n"));
    assert!(shown.ends_with("WantedBy=timers.target\nEND\n"));
    assert!(systemd_enable(&units).contains("enable --now mcf-poll.timer mcf-sync-tracking.timer"));
    let script = systemd_script(&units, &invocation);
    assert!(script.contains("for unit in mcf-poll.service mcf-sync-tracking.service "));
}
