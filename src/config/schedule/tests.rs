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
        is_served: false,
        is_database_named: false,
        user: "seller",
        is_user_made: false,
        is_by_admin: false,
        name: None,
        metrics: None,
        backups: None,
        report: None,
        credentials: None,
        webhooks: 0,
        page: None,
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
    let report = "/var/lib/mcf/report";
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
            format!(
                "22 * * * * {{ mkdir -p {report} && {call} report --output {report}/mcf-shop.html; }} 2>&1 | logger -t mcf-shop-report"
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
    let units = systemd(&DEFAULT, &one);
    for unit in &units {
        assert!(!unit.is_not(&unit.text) && !unit.is_not(""), "{}", unit.name);
        assert!(
            unit.is_not("[Timer]\nOnCalendar=daily\n"),
            "{}: somebody's own",
            unit.name
        );
    }
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
    assert_eq!(units.len(), 14);
    let poll = &units[0];
    assert_eq!(poll.name, "mcf-poll.service");
    for line in [
        "ExecStart=/usr/local/bin/mcf --config \"/etc/my shop/50%%/c.toml\" --quiet poll",
        "User=seller",
        "SyslogIdentifier=mcf-poll",
        "SuccessExitStatus=75 143",
        "ProtectSystem=strict",
        "ReadWritePaths=/var/lib/mcf",
        "ProtectHome=yes",
        "LoadCredential=tiktok_app_secret:/etc/mcf-connector/credentials/tiktok_app_secret",
        "SetCredential=tiktok_app_secret:\\n",
    ] {
        assert!(poll.text.lines().any(|found| found == line), "{line}");
    }
    let timer = &units[1];
    assert_eq!(timer.name, "mcf-poll.timer");
    assert!(timer.text.contains("OnCalendar=*-*-* *:01/5:00\nPersistent=true\n"));
    assert!(units[11].text.contains("OnCalendar=*-*-* 03:37:00\n"));
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
        report: Some(Path::new("/srv/www/mcf.html")),
        ..named("shop")
    };
    let text = cron(&DEFAULT, &told);
    assert!(text.contains("--output /var/lib/node_exporter/shop.prom;"));
    assert!(text.contains("backup /mnt/backup/ --keep 14;"));
    assert!(text.contains("report --output /srv/www/mcf.html;"));
    assert!(
        text.contains("--metrics /var/lib/node_exporter/shop.prom --backups /mnt/backup --report /srv/www/mcf.html)")
    );
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

#[test]
fn one_user_is_made_for_all_jobs_of_a_shop_and_owns_the_folder_of_its_database() {
    let made = Invocation {
        is_user_made: true,
        ..named("shop")
    };
    let account = "DynamicUser=yes\nUser=mcf-shop\nStateDirectory=mcf\nStateDirectoryMode=0700\n";
    for unit in systemd(&DEFAULT, &made).iter().step_by(2) {
        assert!(unit.text.contains(account), "{}", unit.text);
        assert!(!unit.text.contains("ReadWritePaths="), "{}", unit.text);
    }
    let script = systemd_script(&systemd(&DEFAULT, &made), &made);
    let by_hand = "-p DynamicUser=yes -p User=mcf-shop -p StateDirectory=mcf /usr/local/bin/mcf --config /etc/mcf-connector/config.toml status\n";
    assert!(script.contains(by_hand), "{script}");
    let long = "x".repeat(32);
    let long = systemd(
        &DEFAULT,
        &Invocation {
            name: Some(&long),
            ..made
        },
    );
    let user = long[0]
        .text
        .lines()
        .find_map(|line| line.strip_prefix("User="))
        .expect("a user");
    assert!(account_name(user).is_ok(), "{user}");
    for (database, folder) in [
        ("/var/lib/mcf/shop/mcf.db", Some("mcf/shop")),
        ("/var/lib/mcf.db", None),
        ("/srv/mcf/mcf.db", None),
    ] {
        assert_eq!(
            state_directory(Path::new(database)),
            folder.map(Path::new),
            "{database}"
        );
    }
}

#[test]
fn credentials_are_those_that_the_program_finds_each_shop_in_a_folder_of_its_own() {
    let two = Invocation {
        webhooks: 2,
        ..named("shop")
    };
    let text = &systemd(&DEFAULT, &two)[0].text;
    for name in crate::config::credential::names(2) {
        let line =
            format!("LoadCredential={name}:/etc/mcf-connector/credentials/shop/{name}\nSetCredential={name}:\\n\n");
        assert!(text.contains(&line), "{name}");
    }
    let odd = Invocation {
        credentials: Some(Path::new("/etc/100% mine")),
        ..two
    };
    let text = &systemd(&DEFAULT, &odd)[0].text;
    assert!(text.contains("LoadCredential=webhook_2_secret:/etc/100%% mine/webhook_2_secret\n"));
}

#[test]
fn homes_are_hidden_unless_something_lies_in_one() {
    let at_home = invocation("/usr/local/bin/mcf", Some("/home/seller/c.toml"));
    assert!(systemd(&DEFAULT, &at_home)[0].text.contains("ProtectHome=read-only\n"));
}

#[test]
fn accounts_have_names_that_a_unit_may_bear() {
    for name in ["mcf", "_mcf", "mcf-2"] {
        assert_eq!(account_name(name).as_deref(), Ok(name));
    }
    for name in ["", "2mcf", "-mcf", "m cf", "m\nExecStart=x", &"x".repeat(32)] {
        assert!(account_name(name).is_err(), "{name}");
    }
}

#[test]
fn the_page_is_a_service_of_its_own_that_binds_its_port_and_no_other() {
    let page = Invocation {
        page: Some("127.0.0.1:8484".parse().expect("an address")),
        ..named("shop")
    };
    let units = systemd(&DEFAULT, &page);
    let unit = units.last().expect("a unit");
    assert_eq!((units.len(), unit.name.as_str()), (15, "mcf-shop-serve.service"));
    for line in [
        "ExecStart=/usr/local/bin/mcf --config /etc/mcf-connector/config.toml --quiet serve --listen 127.0.0.1:8484\n",
        "SocketBindAllow=ipv4:tcp:8484\nSocketBindDeny=any\n",
        "Restart=on-failure\n",
        "WantedBy=multi-user.target\n",
        "ProtectSystem=strict\n",
    ] {
        assert!(unit.text.contains(line), "{line}: {}", unit.text);
    }
    assert!(systemd_enable(&units).ends_with(" mcf-shop-serve.service\n"));
}
