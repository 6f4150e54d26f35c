//! Points made by a formula: five classifications with classes 0 and 1, three regressions. Inputs lie
//! within about ±1.
//!
//! circle, xor, spiral and gaussian_bumps follow playground.tensorflow.org (Smilkov and Carter), moons
//! follows scikit-learn's `make_moons`; all are scaled to ±1.

use crate::error::{Error, Result};
use crate::rng::Generator;
use libm::{cos, sin};
use std::f64::consts::PI;

/// Inputs and one target a row, row-major.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    /// Inputs in a row
    pub columns: usize,
    /// `rows · columns` values
    pub inputs: Vec<f32>,
    /// A value or a class for each row
    pub targets: Vec<f32>,
}

/// The names that [`generate`] takes.
pub const NAMES: [&str; 8] = ["circle", "xor", "gauss", "spiral", "moons", "plane", "gaussian_bumps", "sine"];

/// `points` points that stray from their places by a normal deviation of `noise`, in the units of the
/// inputs. Classes alternate. A class is that of the place; a regression's target is the function
/// where the point has strayed to. The same seed draws the same numbers whatever the noise.
///
/// # Errors
/// For another name.
pub fn generate(name: &str, points: usize, noise: f64, seed: u64) -> Result<Sample> {
    let place: Place = match name {
        "circle" => circle,
        "xor" => xor,
        "gauss" => gauss,
        "spiral" => spiral,
        "moons" => moons,
        "plane" => |_, g| square(g, |x, y| (x + y) / 2.0),
        "gaussian_bumps" => |_, g| square(g, bumps),
        "sine" => {
            |_, g| Point { at: (2.0 * g.rand_f64() - 1.0, 0.0), target: Target::Of(|x, _| sin(PI * x)) }
        }
        _ => return Err(Error::Value(format!("there is no generated data set {name:?}"))),
    };
    let columns = if name == "sine" { 1 } else { 2 };
    let mut generator = Generator::new(seed);
    let mut sample = Sample { columns, ..Sample::default() };
    for index in 0..points {
        let Point { at: (x, y), target } = place((index, points), &mut generator);
        let stray = generator.normal(2);
        let strayed = (x + noise * f64::from(stray[0]), y + noise * f64::from(stray[1]));
        let (inputs, target) = match target {
            Target::Class(class) => (strayed, f64::from(class)),
            Target::Of(f) => ((x, y), f(strayed.0, strayed.1)),
        };
        sample.inputs.extend([inputs.0, inputs.1][..columns].iter().map(|&v| v as f32));
        sample.targets.push(target as f32);
    }
    Ok(sample)
}

/// A point's place from its number and the number of all.
type Place = fn((usize, usize), &mut Generator) -> Point;

struct Point {
    at: (f64, f64),
    target: Target,
}

enum Target {
    Class(u8),
    Of(fn(f64, f64) -> f64),
}

fn class(index: usize) -> u8 {
    (index % 2) as u8
}

/// Which of its class a point is, from 0 to 1.
fn along((index, points): (usize, usize)) -> f64 {
    let of_class = (points + 1 - index % 2) / 2;
    (index / 2) as f64 / (of_class.max(2) - 1) as f64
}

/// Anywhere in the square from −1 to 1.
fn square(g: &mut Generator, f: fn(f64, f64) -> f64) -> Point {
    let (x, y) = (2.0 * g.rand_f64() - 1.0, 2.0 * g.rand_f64() - 1.0);
    Point { at: (x, y), target: Target::Of(f) }
}

/// Class 1 is a disc of radius 0.5, class 0 a ring from 0.7 to 1 around it.
fn circle((index, _): (usize, usize), g: &mut Generator) -> Point {
    let (low, high) = if class(index) == 1 { (0.0, 0.5) } else { (0.7, 1.0) };
    let r = low + (high - low) * g.rand_f64();
    let angle = 2.0 * PI * g.rand_f64();
    Point { at: (r * sin(angle), r * cos(angle)), target: Target::Class(class(index)) }
}

/// Class 1 where exactly one of x and y is positive; 0.05 of room along the axes.
fn xor((index, _): (usize, usize), g: &mut Generator) -> Point {
    let (x, y) = (0.05 + 0.95 * g.rand_f64(), 0.05 + 0.95 * g.rand_f64());
    let right = if g.rand_f64() < 0.5 { 1.0 } else { -1.0 };
    let up = if class(index) == 1 { -right } else { right };
    Point { at: (x * right, y * up), target: Target::Class(class(index)) }
}

/// Normal around (0.5, 0.5) for class 1 and (−0.5, −0.5) for class 0, with a deviation of 0.2.
fn gauss((index, _): (usize, usize), g: &mut Generator) -> Point {
    let centre = if class(index) == 1 { 0.5 } else { -0.5 };
    let stray = g.normal(2);
    let at = |i: usize| centre + 0.2 * f64::from(stray[i]);
    Point { at: (at(0), at(1)), target: Target::Class(class(index)) }
}

/// Two arms of 1.75 turns.
fn spiral(place: (usize, usize), _: &mut Generator) -> Point {
    let r = along(place);
    let angle = 1.75 * 2.0 * PI * r + if class(place.0) == 1 { 0.0 } else { PI };
    Point { at: (r * sin(angle), r * cos(angle)), target: Target::Class(class(place.0)) }
}

/// Two half circles, each with an end inside the other: `make_moons`, moved and scaled by 2/3.
fn moons(place: (usize, usize), _: &mut Generator) -> Point {
    let angle = PI * along(place);
    let (x, y) = match class(place.0) {
        0 => (cos(angle), sin(angle)),
        _ => (1.0 - cos(angle), 0.5 - sin(angle)),
    };
    Point { at: ((x - 0.5) / 1.5, (y - 0.25) / 1.5), target: Target::Class(class(place.0)) }
}

/// Six cones of radius 1/3, up and down like the fields of a board.
fn bumps(x: f64, y: f64) -> f64 {
    let centres = [
        (-2.0, 1.25, 1.0),
        (0.0, 1.25, -1.0),
        (2.0, 1.25, 1.0),
        (-2.0, -1.25, -1.0),
        (0.0, -1.25, 1.0),
        (2.0, -1.25, -1.0),
    ];
    let heights = centres.map(|(cx, cy, sign)| {
        let (dx, dy) = (3.0 * x - cx, 3.0 * y - cy);
        sign * (1.0 - (dx * dx + dy * dy).sqrt()).max(0.0)
    });
    heights.into_iter().fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a })
}
