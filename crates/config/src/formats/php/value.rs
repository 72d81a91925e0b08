//! Values of PHP as far as they are known without running it.

use std::borrow::Cow;
use std::collections::HashMap;

use sternway_core::finding::Place;

use super::super::text::{Builder, Spot};
use crate::document::{Node, NodeValue};
use crate::secret::SecretText;
use crate::source::{Piece, Template};
use crate::variable::{Scalar, Step, Variable};

/// A value.
#[derive(Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Text, in which look-ups may stand.
    Text(Template),
    LookUp(Box<LookUp>),
    Array(Array),
    /// Why it is only known when the program runs.
    Unknown(Cow<'static, str>, Spot),
}

/// A look-up in the environment.
#[derive(Clone)]
pub(super) struct LookUp {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
    pub(super) default: Option<Value>,
    /// As `getenv()`: it gives false for what is not set, and not null.
    pub(super) or_false: bool,
    pub(super) or_file: bool,
    pub(super) spot: Spot,
}

/// An array: keys in their order.
#[derive(Clone, Default)]
pub(super) struct Array {
    pub(super) entries: Vec<Entry>,
    places: HashMap<String, usize>,
    next: i64,
}

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) spot: Spot,
    pub(super) value: Value,
}

impl Array {
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.places.get(key).map(|place| &self.entries[*place].value)
    }

    /// The entry with this key, a new one if there is none.
    pub(super) fn entry(&mut self, key: String, spot: Spot) -> &mut Entry {
        let place = *self.places.entry(key).or_insert_with_key(|key| {
            if let Some(number) = as_index(key) {
                self.next = self.next.max(number.saturating_add(1));
            }
            self.entries.push(Entry { key: key.clone(), spot, value: Value::Null });
            self.entries.len() - 1
        });
        &mut self.entries[place]
    }

    /// The key that `[]` stands for.
    pub(super) fn next_key(&self) -> String {
        self.next.to_string()
    }

    pub(super) fn remove(&mut self, key: &str) {
        if let Some(place) = self.places.remove(key) {
            self.entries.remove(place);
            self.places.values_mut().filter(|other| **other > place).for_each(|other| *other -= 1);
        }
    }
}

/// The number that PHP makes of a key.
fn as_index(key: &str) -> Option<i64> {
    let number: i64 = key.parse().ok()?;
    (number.to_string() == key).then_some(number)
}

const CHANGED: &str = "it is changed after it was put together";

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Template::text(text))
    }

    pub(super) fn unknown(why: impl Into<Cow<'static, str>>, spot: Spot) -> Self {
        Self::Unknown(why.into(), spot)
    }

    /// Its text, when it is one and known.
    pub(super) fn plain(&self) -> Option<String> {
        if let Self::Text(template) = self { template.plain() } else { None }
    }

    /// Whether PHP takes it for true.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) => self.scalar().map(|scalar| scalar.is_true()),
            Self::Float(number) => Some(*number != 0.0),
            Self::Text(template) => template.plain().map(|text| Scalar::Text(text).is_true()),
            Self::Array(array) => Some(!array.entries.is_empty()),
            Self::LookUp(_) | Self::Unknown(..) => None,
        }
    }

    fn scalar(&self) -> Option<Scalar> {
        Some(match self {
            Self::Null => Scalar::Null,
            Self::Bool(value) => Scalar::Bool(*value),
            Self::Int(value) => Scalar::Int(*value),
            Self::Text(template) => Scalar::Text(template.plain()?),
            Self::Float(_) | Self::LookUp(_) | Self::Array(_) | Self::Unknown(..) => return None,
        })
    }

    /// Whether both are known, and then whether `===` holds.
    pub(super) fn identical(&self, other: &Self) -> Option<bool> {
        Some(self.scalar()? == other.scalar()?)
    }

    /// What a step makes of it.
    pub(super) fn after(self, step: Step, spot: Spot) -> Self {
        match self {
            Self::LookUp(mut look_up) => {
                look_up.default = look_up.default.map(|default| default.after(step, spot));
                if look_up.or_false && look_up.default.is_none() {
                    // What it is when it is not set stays not known.
                    look_up.or_false = false;
                }
                look_up.steps.push(step);
                Self::LookUp(look_up)
            }
            Self::Float(number) => match step {
                Step::Text => float(number, spot),
                Step::Boolean => Self::Bool(number != 0.0),
                Step::Not => Self::Bool(number == 0.0),
                _ => Self::unknown(CHANGED, spot),
            },
            Self::Array(array) => match step {
                Step::Boolean => Self::Bool(!array.entries.is_empty()),
                Step::Not => Self::Bool(array.entries.is_empty()),
                _ => Self::unknown("an array is used as text or number", spot),
            },
            Self::Unknown(why, spot) => Self::Unknown(why, spot),
            Self::Text(template) if step == Step::Text => Self::Text(template),
            known => match known.scalar() {
                None => Self::unknown(CHANGED, spot),
                Some(scalar) => match scalar.after(step) {
                    Err(why) => Self::unknown(why, spot),
                    Ok(Scalar::Null) => Self::Null,
                    Ok(Scalar::Bool(value)) => Self::Bool(value),
                    Ok(Scalar::Int(value)) => Self::Int(value),
                    Ok(Scalar::Text(text)) => Self::text(text),
                },
            },
        }
    }

    /// `this . other`.
    pub(super) fn concat(self, other: Self, spot: Spot, file: &str) -> Self {
        let mut built = Builder::default();
        for side in [self, other] {
            match side.after(Step::Text, spot) {
                Self::Unknown(why, spot) => return Self::Unknown(why, spot),
                side => built.extend(side.template(file)),
            }
        }
        Self::Text(built.finish())
    }

    /// As the value of a key. True and false are those words, null is empty.
    pub(super) fn template(self, file: &str) -> Template {
        let place = |spot: Spot| Place { file: file.to_owned(), line: spot.line, column: spot.column };
        match self {
            Self::Null => Template::default(),
            Self::Bool(value) => Template::text(value.to_string()),
            Self::Int(value) => Template::text(value.to_string()),
            Self::Float(value) => float(value, Spot::WHOLE).plain().map_or_else(
                || Template::unknown("it is a number that is written in several ways", place(Spot::WHOLE)),
                Template::text,
            ),
            Self::Text(template) => template,
            Self::LookUp(look_up) => {
                let LookUp { name, steps, default, or_file, spot, .. } = *look_up;
                let default = default.map(|default| default.template(file));
                Template(vec![Piece::Variable(Box::new(Variable {
                    name,
                    steps,
                    default,
                    or_file,
                    place: place(spot),
                }))])
            }
            Self::Array(_) => Template::unknown("it may be an array", place(Spot::WHOLE)),
            Self::Unknown(why, spot) => Template::unknown(why, place(spot)),
        }
    }

    /// As a node of a document.
    pub(super) fn node(self, spot: Spot, file: &str) -> Node {
        let place = |spot: Spot| Place { file: file.to_owned(), line: spot.line, column: spot.column };
        let value = match self {
            Self::Array(array) => {
                let entry = |entry: Entry| (entry.key, place(entry.spot), entry.value.node(entry.spot, file));
                NodeValue::Map(array.entries.into_iter().map(entry).collect())
            }
            other => NodeValue::Scalar(other.template(file)),
        };
        Node { place: place(spot), value }
    }

    /// About how much memory it takes, not counting beyond `limit`.
    pub(super) fn weight(&self, limit: usize) -> usize {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Unknown(..) => 1,
            Self::Text(template) => of_template(template),
            Self::LookUp(look_up) => 8 + look_up.default.as_ref().map_or(0, |default| default.weight(limit)),
            Self::Array(array) => array.entries.iter().fold(1, |weight, entry| {
                if weight > limit { weight } else { weight + 8 + entry.key.len() + entry.value.weight(limit - weight) }
            }),
        }
    }
}

fn of_template(template: &Template) -> usize {
    let of_piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.reveal().len(),
        Piece::Variable(variable) => 8 + variable.default.as_ref().map_or(0, of_template),
        _ => 8,
    };
    1 + template.0.iter().map(of_piece).sum::<usize>()
}

/// A number as PHP turns it into text, where that is plain.
fn float(number: f64, spot: Spot) -> Value {
    if number == 0.0 || (1e-4..1e15).contains(&number.abs()) {
        Value::Text(Template(vec![Piece::Text(SecretText::new(number.to_string()))]))
    } else {
        Value::unknown("it is a number that is written in several ways", spot)
    }
}
