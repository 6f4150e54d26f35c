//! How far the elementary functions in f32 are from the true values, over all 2³² bit patterns (or every
//! N-th): `cargo run --release --example ulp -- [N]`.

#[path = "../tests/elementary/error.rs"]
mod error;

fn main() {
    let step: u32 = std::env::args().nth(1).map_or(1, |n| n.parse().expect("a number"));
    println!("function     largest error (ulp)  bound  at");
    for function in error::FUNCTIONS {
        let (ulp, at) = error::largest(&function, (0..=u32::MAX).step_by(step as usize).map(f32::from_bits));
        println!("{:12} {ulp:<20.3} {:<6} {at:e}", function.name, function.bound);
    }
}
