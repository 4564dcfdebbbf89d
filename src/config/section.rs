//! Reads the keys of one section, each from the environment or the file, and remembers which keys exist.
//!
//! A key exists when it is asked for: [`Section::finish`] refuses all others, so that no list of keys can fall behind.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::catalogue;
use super::credential;
use super::environment::Environment;
use super::error::{Error, Meant, Origin, Problem};
use super::file::{ConfigFile, read_credential, read_secret};
use super::nearest::nearest;
use super::web;
use crate::secret::Secret;

mod tables;

/// A text and where it was read.
pub(super) type Found = (String, Origin);

/// One section of the settings while it is being read.
pub(super) struct Section<'a> {
    /// The name for messages: `tiktok`, `webhooks[1]`; empty for the whole file.
    name: String,
    /// What the names of its environment variables begin with; `None` where it has none.
    variable_prefix: Option<String>,
    environment: &'a Environment,
    file: Option<&'a ConfigFile>,
    table: Option<&'a DeTable<'a>>,
    /// Where the section begins.
    start: Origin,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// Returns the whole file as a section of sections.
    pub fn root(environment: &'a Environment, file: Option<&'a ConfigFile>, table: Option<&'a DeTable<'a>>) -> Self {
        Self {
            name: String::new(),
            variable_prefix: None,
            environment,
            file,
            table,
            start: Origin::Default,
            known: Vec::new(),
        }
    }

    /// Returns a section of this one, empty where the file has none.
    pub fn section(&mut self, key: &'static str, variable_prefix: Option<&str>) -> Result<Self, Error> {
        let value = self.in_file(key);
        self.child(key, self.full_key(key), variable_prefix.map(str::to_owned), value)
    }

    /// Returns every `[[key]]` of the file; the variables of the first begin with `<PREFIX>_1_`. Where the file has no more,
    /// further ones follow for as long as there is a variable `<PREFIX>_<NUMBER>_<FIRST_KEY>`.
    pub fn sections(&mut self, key: &'static str, variable_prefix: &str, first_key: &str) -> Result<Vec<Self>, Error> {
        let mut items = match self.in_file(key) {
            None => [].iter(),
            Some(value) => match value.get_ref().as_array() {
                Some(items) => items.iter(),
                None => return Err(self.wrong_type(key, value, "a list of tables ([[…]])")),
            },
        };
        let mut sections = Vec::new();
        for number in 1.. {
            let name = format!("{}[{number}]", self.full_key(key));
            let prefix = format!("{variable_prefix}_{number}_");
            let item = items.next();
            let section = self.child(key, name, Some(prefix), item)?;
            if item.is_none() && section.variable(first_key)?.is_none() {
                break;
            }
            sections.push(section);
        }
        Ok(sections)
    }

    fn child(
        &self,
        key: &str,
        name: String,
        variable_prefix: Option<String>,
        value: Option<&'a Spanned<DeValue<'a>>>,
    ) -> Result<Self, Error> {
        let as_table = |value: &'a Spanned<DeValue<'a>>| {
            let table = value.get_ref().as_table();
            table.ok_or_else(|| self.wrong_type(key, value, "a table"))
        };
        Ok(Self {
            name,
            variable_prefix,
            environment: self.environment,
            file: self.file,
            table: value.map(as_table).transpose()?,
            start: value.map_or(Origin::Default, |value| self.origin(value.span())),
            known: Vec::new(),
        })
    }

    /// Refuses every key that nobody asked for, the first in the file first.
    pub fn finish(self) -> Result<(), Error> {
        let entries = self.table.iter().copied().flatten();
        let unknown = entries
            .map(|(key, _)| key)
            .filter(|key| !self.known.iter().any(|known| known == key.get_ref()))
            .min_by_key(|key| key.span().start);
        let Some(key) = unknown else {
            return Ok(());
        };
        Err(Error::UnknownKey {
            origin: self.origin(key.span()),
            section: if self.name.is_empty() {
                "the file".to_owned()
            } else {
                format!("[{}]", self.name)
            },
            key: key.get_ref().chars().take(40).flat_map(char::escape_debug).collect(),
            meant: self.meant(key.get_ref()),
        })
    }

    fn meant(&self, key: &str) -> Meant {
        let tables = catalogue::tables_of(key);
        if !tables.is_empty() {
            return Meant::Elsewhere(tables);
        }
        nearest(key, &self.known).map_or(Meant::Nothing, Meant::Nearest)
    }

    /// Reads text; empty counts as not set.
    pub fn text(&mut self, key: &'static str) -> Result<Option<Found>, Error> {
        let in_file = self.text_in_file(key)?;
        Ok(self.variable(key)?.or(in_file))
    }

    /// Reads text of at most `max` characters.
    pub fn text_up_to(&mut self, max: usize, key: &'static str) -> Result<Option<String>, Error> {
        let Some((text, origin)) = self.text(key)? else {
            return Ok(None);
        };
        if text.chars().count() > max {
            return Err(self.refusal(key, origin, Problem::TooLong { max }));
        }
        if text.chars().any(char::is_control) {
            return Err(self.refusal(key, origin, Problem::ControlCharacters));
        }
        Ok(Some(text))
    }

    /// Reads an id that a vendor gave: one piece, no placeholder.
    pub fn identifier(&mut self, key: &'static str) -> Result<Option<String>, Error> {
        let Some((text, origin)) = self.text(key)? else {
            return Ok(None);
        };
        credential::checked(&text)
            .map(Some)
            .map_err(|problem| self.refusal(key, origin, problem))
    }

    /// Reads a secret from its variable, its systemd credential, the file, or the file named under `file_key`.
    ///
    /// A secret in a file that everybody can read is refused even where it is overridden.
    pub fn secret(&mut self, key: &'static str, file_key: &'static str) -> Result<Option<Secret>, Error> {
        self.secret_that_is(credential::checked, key, file_key)
    }

    /// From now on the names of its variables begin so.
    pub fn variables_begin_with(&mut self, prefix: &str) {
        self.variable_prefix = Some(prefix.to_owned());
    }

    /// Reads a secret as [`Self::secret`] does, with a check of its own.
    pub fn secret_that_is(
        &mut self,
        checked: fn(&str) -> Result<String, Problem>,
        key: &'static str,
        file_key: &'static str,
    ) -> Result<Option<Secret>, Error> {
        Ok(self.secret_from(checked, key, file_key)?.map(|(secret, _)| secret))
    }

    /// The same, with where it was read.
    pub fn secret_from(
        &mut self,
        checked: fn(&str) -> Result<String, Problem>,
        key: &'static str,
        file_key: &'static str,
    ) -> Result<Option<(Secret, Origin)>, Error> {
        self.refuse_exposed(key)?;
        let Some((text, origin)) = self.secret_text(key, file_key)? else {
            return Ok(None);
        };
        match checked(&text) {
            Ok(text) => Ok(Some((Secret::new(text), origin))),
            Err(problem) => Err(self.refusal(key, origin, problem)),
        }
    }

    /// Finds the text of a secret.
    pub fn secret_text(&mut self, key: &'static str, file_key: &'static str) -> Result<Option<Found>, Error> {
        let inline = self.text_in_file(key)?;
        let named = self.text_in_file(file_key)?;
        if let (Some(_), Some((_, origin))) = (&inline, &named) {
            return Err(Error::BothGiven {
                origin: origin.clone(),
                key: self.full_key(key),
            });
        }
        if let Some(found) = self.variable(key)?.or(self.credential(key)?).or(inline) {
            return Ok(Some(found));
        }
        let Some((path, origin)) = named else {
            return Ok(None);
        };
        let path = self.beside_file(&path);
        let text = self.read_named(&path).map_err(|error| Error::NamedFile {
            origin,
            key: self.full_key(file_key),
            source: Box::new(error),
        })?;
        Ok(Some((text, Origin::SecretFile(path))))
    }

    fn read_named(&self, path: &Path) -> Result<String, Error> {
        let text = read_secret(path, self.environment.user_id)?;
        if text.trim().is_empty() {
            return Err(Error::Empty { path: path.to_owned() });
        }
        Ok(text)
    }

    /// Returns a path of the file as an absolute one: relative paths start from the file's folder.
    pub fn beside_file(&self, path: &str) -> PathBuf {
        let folder = self.file.and_then(|file| file.path.parent());
        folder.unwrap_or(&self.environment.working_directory).join(path)
    }

    /// Reads a whole number.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<u32>, default: u32) -> Result<u32, Error> {
        let in_file = self.number_in_file(key)?;
        let number = match self.variable(key)? {
            Some((text, origin)) => match text.parse() {
                Ok(number) => Some((Some(number), origin)),
                Err(_) => return Err(self.refusal(key, origin, Problem::NotANumber)),
            },
            None => in_file,
        };
        let Some((number, origin)) = number else {
            return Ok(default);
        };
        let fitting = number.and_then(|number| u32::try_from(number).ok());
        fitting.filter(|number| range.contains(number)).ok_or_else(|| {
            let (min, max) = (*range.start(), *range.end());
            self.refusal(key, origin, Problem::OutOfRange { min, max })
        })
    }

    /// Reads `true` or `false`.
    pub fn flag(&mut self, key: &'static str, default: bool) -> Result<bool, Error> {
        let in_file = match self.in_file(key) {
            Some(value) => {
                let flag = value.get_ref().as_bool();
                flag.ok_or_else(|| self.wrong_type(key, value, "true or false"))?
            }
            None => default,
        };
        let Some((text, origin)) = self.variable(key)? else {
            return Ok(in_file);
        };
        text.parse().map_err(|_| {
            let allowed = &["true", "false"];
            self.refusal(key, origin, Problem::NotOneOf { allowed })
        })
    }

    /// Reads one of the `allowed` words and returns what it stands for.
    pub fn choice<T: Clone>(
        &mut self,
        key: &'static str,
        allowed: &'static [&'static str],
        meanings: &[T],
        default: T,
    ) -> Result<T, Error> {
        let Some((text, origin)) = self.text(key)? else {
            return Ok(default);
        };
        let position = allowed.iter().position(|word| word.eq_ignore_ascii_case(&text));
        let meaning = position.and_then(|position| meanings.get(position)).cloned();
        meaning.ok_or_else(|| self.refusal(key, origin, Problem::NotOneOf { allowed }))
    }

    /// Reads a list of texts; `None` where the key is absent.
    pub fn list(&mut self, key: &'static str) -> Result<Option<Vec<Found>>, Error> {
        let Some(value) = self.in_file(key) else {
            return Ok(None);
        };
        let Some(items) = value.get_ref().as_array() else {
            return Err(self.wrong_type(key, value, "a list of texts"));
        };
        let texts = items.iter().map(|item| self.text_of(key, item));
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// Reads the base URL of an API.
    pub fn base_url(&mut self, key: &'static str, default: &str) -> Result<Url, Error> {
        let (text, origin) = self.text(key)?.unwrap_or_else(|| (default.to_owned(), Origin::Default));
        web::base_url(&text).map_err(|problem| self.refusal(key, origin, problem))
    }

    /// Returns the refusal of a value.
    pub fn refusal(&self, key: &str, origin: Origin, problem: Problem) -> Error {
        let key = self.full_key(key);
        Error::Value { origin, key, problem }
    }

    /// Returns the refusal of a key that the section needs and lacks.
    pub fn absence(&self, key: &str) -> Error {
        self.refusal(key, self.start.clone(), Problem::Missing)
    }

    /// Refuses a file that everybody can read when this key of it has a value.
    pub fn refuse_exposed(&mut self, key: &'static str) -> Result<(), Error> {
        match (self.text_in_file(key)?, self.file) {
            (Some(_), Some(file)) => file.refuse_readable_by_others(),
            (_, _) => Ok(()),
        }
    }

    fn full_key(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn origin(&self, span: std::ops::Range<usize>) -> Origin {
        self.file.map_or(Origin::Default, |file| file.origin(span))
    }

    fn in_file(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.push(key);
        self.table?.get(key)
    }

    /// Reads text from the file alone; empty counts as not set.
    pub fn text_in_file(&mut self, key: &'static str) -> Result<Option<Found>, Error> {
        let Some(value) = self.in_file(key) else {
            return Ok(None);
        };
        Ok(Some(self.text_of(key, value)?).filter(|(text, _)| !text.is_empty()))
    }

    fn text_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Found, Error> {
        let text = value.get_ref().as_str();
        let text = text.ok_or_else(|| self.wrong_type(key, value, "text in quotes"))?;
        Ok((text.trim().to_owned(), self.origin(value.span())))
    }

    /// The inner `None` is a number beyond 64 bits.
    fn number_in_file(&mut self, key: &'static str) -> Result<Option<(Option<i64>, Origin)>, Error> {
        let Some(value) = self.in_file(key) else {
            return Ok(None);
        };
        let Some(digits) = value.get_ref().as_integer() else {
            return Err(self.wrong_type(key, value, "a whole number"));
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        Ok(Some((number, self.origin(value.span()))))
    }

    fn variable_name(&self, key: &str) -> Option<String> {
        let prefix = self.variable_prefix.as_ref()?;
        Some(format!("{prefix}{}", key.to_ascii_uppercase()))
    }

    fn variable(&self, key: &str) -> Result<Option<Found>, Error> {
        let Some(name) = self.variable_name(key) else {
            return Ok(None);
        };
        let text = self.environment.variable(&name)?.map(str::to_owned);
        Ok(text.map(|text| (text, Origin::Variable(name))))
    }

    fn credential(&self, key: &str) -> Result<Option<Found>, Error> {
        let Some(name) = self.variable_name(key) else {
            return Ok(None);
        };
        let found = read_credential(self.environment, &name.to_ascii_lowercase())?;
        let found = found.filter(|(_, text)| !text.trim().is_empty());
        Ok(found.map(|(path, text)| (text, Origin::SecretFile(path))))
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &'static str) -> Error {
        Error::WrongType {
            origin: self.origin(value.span()),
            key: self.full_key(key),
            expected,
            found: value.get_ref().type_str(),
        }
    }
}
