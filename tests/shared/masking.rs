//! What differs between two runs of the same commands, out of their way: clock readings, durations, random ids.

/// Clock readings and what is measured of a run become one sign; the rest of a line stays as it is.
pub fn masked(line: &str) -> String {
    // Amazon's stand-in counts its numbers up as orders arrive, and several arrive at once.
    let line = &without_head(&without_number(line, &["TBA305", "1Z50V7420"]));
    for measure in ["\"seconds\": ", "\"durationMs\": "] {
        if let Some((name, _)) = line.split_once(measure) {
            return format!("{name}{measure}SPAN");
        }
    }
    let mut out = String::with_capacity(line.len());
    let letters: Vec<char> = line.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        match measured(&letters[at..], at.checked_sub(1).map(|before| letters[before])) {
            Some((length, sign)) => {
                out.push_str(sign);
                at += length;
            }
            None => {
                out.push(letters[at]);
                at += 1;
            }
        }
    }
    out
}

/// Where the history's chain ends depends on how long each call took.
fn without_head(line: &str) -> String {
    let Some((before, rest)) = line.split_once("auditHead") else {
        return line.to_owned();
    };
    let Some(start) = rest.find(|letter: char| letter.is_ascii_hexdigit()) else {
        return line.to_owned();
    };
    let tail = rest[start..].trim_start_matches(|letter: char| letter.is_ascii_hexdigit());
    format!("{before}auditHead{}HEAD{tail}", &rest[..start])
}

fn without_number(line: &str, beginnings: &[&str]) -> String {
    let mut line = line.to_owned();
    for beginning in beginnings {
        let mut parts = line.split(beginning);
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            kept.push_str(beginning);
            kept.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
        }
        line = kept;
    }
    line
}

/// The length of a reading that stands at the beginning, and its sign: `2026-01-05T08:00:00.123Z`, `2026-01-05 08:00`, `(0.1 s)`,
/// `3 minutes ago`, `08:00:12`, a vendor's request id.
fn measured(rest: &[char], before: Option<char>) -> Option<(usize, &'static str)> {
    if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '.') || !rest.first()?.is_ascii_digit() {
        return None;
    }
    let fits = |form: &str| {
        form.chars().count() <= rest.len()
            && form.chars().zip(rest).all(|(wanted, letter)| match wanted {
                '0' => letter.is_ascii_digit(),
                'T' => matches!(letter, 'T' | ' '),
                other => other == *letter,
            })
    };
    if fits("0000-00-00T00:00") {
        let is_part = |letter: &&char| letter.is_ascii_digit() || ":.TZ+-".contains(**letter);
        let tail = rest[16..].iter().take_while(is_part).count();
        return Some((16 + tail, "TIME"));
    }
    if fits("00:00:00") {
        return Some((8, "TIME"));
    }
    let is_id = |letter: &&char| letter.is_ascii_hexdigit() || **letter == '-';
    let id = rest.iter().take_while(is_id).count();
    if id >= 32 {
        return Some((id, "REQUEST"));
    }
    let digits = rest
        .iter()
        .take_while(|letter| letter.is_ascii_digit() || **letter == '.')
        .count();
    let unit: String = rest[digits..].iter().take(9).collect();
    let units = [" seconds", " second", " minutes", " minute", " ms", " s"];
    let unit = units.into_iter().find(|known| {
        unit.starts_with(known) && !unit[known.len()..].starts_with(|letter: char| letter.is_alphanumeric())
    })?;
    Some((digits + unit.len(), "SPAN"))
}

/// Takes every number out of a text.
pub fn without_figures(text: &str) -> String {
    let parts = text.split(|letter: char| letter.is_ascii_digit() || letter == '.');
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("#")
}
