//! Which causes a person was told of: each once, and once more when it is over (E168).

use super::event::Event;

/// A cause, and the sentence with which it is told.
pub type Cause = (String, String);

/// Returns the causes that stay told, and what is told now: an `error` for each of the `standing` ones that is new, an `error.resolved`
/// for each that stands no more. One that was only not looked at is not over.
#[must_use]
pub fn tell(told: Vec<Cause>, standing: Vec<Cause>, is_over: impl Fn(&str) -> bool) -> (Vec<Cause>, Vec<Event>) {
    tell_as(told, standing, is_over, |_, message| Event::Error {
        message: message.to_owned(),
    })
}

/// The same where a new cause, by its name and its sentence, has an event of its own.
#[must_use]
pub fn tell_as(
    told: Vec<Cause>,
    standing: Vec<Cause>,
    is_over: impl Fn(&str) -> bool,
    new: impl Fn(&str, &str) -> Event,
) -> (Vec<Cause>, Vec<Event>) {
    let is_among = |causes: &[Cause], name: &str| causes.iter().any(|(known, _)| known == name);
    let is_past = |(name, _): &Cause| !is_among(&standing, name) && is_over(name);
    let (past, mut kept): (Vec<Cause>, Vec<Cause>) = told.into_iter().partition(is_past);
    let resolved = past.into_iter().map(|(_, message)| Event::ErrorResolved { message });
    let mut events: Vec<Event> = resolved.collect();
    for (name, message) in standing {
        if !is_among(&kept, &name) {
            events.push(new(&name, &message));
            kept.push((name, message));
        }
    }
    (kept, events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(names: &[&str]) -> Vec<Cause> {
        let cause = |name: &&str| ((*name).to_owned(), format!("{name} is bad"));
        names.iter().map(cause).collect()
    }

    #[test]
    fn a_cause_is_told_once_and_once_more_when_it_is_over() {
        for (told, standing, over, kept, events) in [
            ("", "a", "ab", "a", "error a"),
            ("a", "a", "ab", "a", ""),
            ("a", "a b", "ab", "a b", "error b"),
            ("a b", "b", "ab", "b", "error.resolved a"),
            ("a b", "", "b", "a", "error.resolved b"),
            ("a", "", "", "a", ""),
            ("a", "b", "a", "b", "error.resolved a, error b"),
            ("", "a a", "", "a", "error a"),
        ] {
            let names = |text: &str| causes(&text.split_whitespace().collect::<Vec<_>>());
            let (now_told, now) = tell(names(told), names(standing), |name| over.contains(name));
            let told_now: Vec<String> = now
                .iter()
                .map(|event| {
                    let message = event.data()["message"].to_string();
                    format!("{} {}", event.kind(), &message[1..2])
                })
                .collect();
            assert_eq!(
                (now_told, told_now.join(", ")),
                (names(kept), events.to_owned()),
                "E168"
            );
        }
    }
}
