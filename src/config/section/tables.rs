//! Tables whose keys the operator chooses.

use std::ops::RangeInclusive;

use super::Section;
use crate::config::error::{Error, Problem};

impl Section<'_> {
    /// Reads a table whose keys are the operator's own.
    pub fn names(&mut self, key: &'static str) -> Result<Vec<(String, String)>, Error> {
        let section = self.section(key, None)?;
        let entries = section.table.into_iter().flatten();
        entries
            .map(|(name, value)| {
                let (text, origin) = section.text_of(name.get_ref(), value)?;
                if text.is_empty() {
                    return Err(section.refusal(name.get_ref(), origin, Problem::Missing));
                }
                Ok((name.get_ref().clone().into_owned(), text))
            })
            .collect()
    }

    /// Reads a table of whole numbers whose keys the operator chooses.
    pub fn numbers(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Result<Vec<(String, u32)>, Error> {
        let section = self.section(key, None)?;
        let entries = section.table.into_iter().flatten();
        entries
            .map(|(name, value)| {
                let Some(digits) = value.get_ref().as_integer() else {
                    return Err(section.wrong_type(name.get_ref(), value, "a whole number"));
                };
                let number = u32::from_str_radix(digits.as_str(), digits.radix());
                let number = number.ok().filter(|number| range.contains(number));
                let out_of_range = Problem::OutOfRange {
                    min: *range.start(),
                    max: *range.end(),
                };
                let origin = section.origin(value.span());
                let number = number.ok_or_else(|| section.refusal(name.get_ref(), origin, out_of_range))?;
                Ok((name.get_ref().clone().into_owned(), number))
            })
            .collect()
    }

    /// Reads a table of words whose keys are the operator's own; each is one of the `allowed` and stands for its meaning.
    pub fn choices<T: Clone>(
        &mut self,
        key: &'static str,
        allowed: &'static [&'static str],
        meanings: &[T],
    ) -> Result<Vec<(String, T)>, Error> {
        let section = self.section(key, None)?;
        let entries = section.table.into_iter().flatten();
        entries
            .map(|(name, value)| {
                let (text, origin) = section.text_of(name.get_ref(), value)?;
                let position = allowed.iter().position(|word| word.eq_ignore_ascii_case(&text));
                let meaning = position.and_then(|position| meanings.get(position)).cloned();
                let refused = || section.refusal(name.get_ref(), origin, Problem::NotOneOf { allowed });
                Ok((name.get_ref().clone().into_owned(), meaning.ok_or_else(refused)?))
            })
            .collect()
    }
}
