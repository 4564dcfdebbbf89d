//! What is another thing in each run or on each machine, out of the way of what commands say.

/// What `check` says of root, and what of everybody else.
const OF_ROOT: [(&str, &str); 3] = [
    (
        "warning user                 this is root: the jobs need a user of their own, and none of root's rights",
        "ok      user                 runs as seller",
    ),
    (
        "help: user: make a user of its own (README, Install) and type commands as that one\n",
        "",
    ),
    (
        "\"outcome\": \"warning\",
      \"message\": \"this is root: the jobs need a user of their own, and none of root's rights\",
      \"fix\": \"make a user of its own (README, Install) and type commands as that one\"",
        "\"outcome\": \"ok\",
      \"message\": \"runs as seller\",
      \"fix\": null",
    ),
];

/// The name of a file may hold when it was written.
pub fn without_day(text: &str) -> String {
    let mut parts = text.split("2026");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match part.split_at(digits) {
            (digits, rest) if digits.len() >= 4 => {
                let is_time = |letter: char| letter.is_ascii_digit() || "TZ-".contains(letter);
                format!("{kept}TIME{}", rest.trim_start_matches(is_time))
            }
            _ => format!("{kept}2026{part}"),
        }
    })
}

/// Who types, how much room there is and which SQLite is built in are other things on each machine.
pub fn without_machine(text: &str) -> String {
    let of_root = OF_ROOT.iter();
    let text = of_root.fold(text.to_owned(), |text, (root, other)| text.replace(root, other));
    let parts: Vec<String> = text.split(" MiB").map(without_number_at_end).collect();
    masked_after(&parts.join(" MiB"), "SQLite ", "VERSION", |letter| {
        letter.is_ascii_digit() || letter == '.'
    })
}

fn without_number_at_end(text: &str) -> String {
    let kept = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
    format!("{kept}{}", if kept.len() == text.len() { "" } else { "ROOM" })
}

/// How many rows a shop has depends on how long each call took: calls are tallied by that.
pub fn without_rows(text: &str) -> String {
    ["copied ", "\"rows\": "].iter().fold(text.to_owned(), |text, before| {
        masked_after(&text, before, "ROWS", |letter| letter.is_ascii_digit())
    })
}

/// The state of a link is made of chance.
pub fn without_secret_of_a_link(text: &str) -> String {
    masked_after(text, "state=", "STATE", |letter| {
        letter.is_ascii_hexdigit() || letter == '-'
    })
}

/// Puts a sign for the letters of a kind that stand behind a beginning.
fn masked_after(text: &str, beginning: &str, sign: &str, is_of_it: fn(char) -> bool) -> String {
    let mut parts = text.split(beginning);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        let rest = part.trim_start_matches(is_of_it);
        let sign = if rest.len() == part.len() { "" } else { sign };
        format!("{kept}{beginning}{sign}{rest}")
    })
}
