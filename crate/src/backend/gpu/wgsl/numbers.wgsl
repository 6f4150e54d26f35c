// exp, log and their kin as the CPU computes them (backend/cpu/elementary.rs tells where the polynomials come
// from): WGSL's own may be off by more, and differ from device to device.

const LN_2_HIGH: f32 = 0.693359375;
const LN_2_LOW: f32 = -2.1219444e-4;

// 2ⁿ for whole n from -126 to 127
fn exp2_whole(n: f32) -> f32 {
    return bitcast<f32>(u32(i32(n) + 127) << 23u);
}

fn beyond_linear(r: f32) -> f32 {
    return r * r * ((((1.3941166e-3 * r + 8.363205e-3) * r + 4.1666374e-2) * r + 0.16666576) * r + 0.5);
}

fn exp_(x: f32) -> f32 {
    if (is_nan(x)) {
        return x;
    }
    if (x > 88.8) {
        return infinity();
    }
    let y = max(x, -104.0);
    let n = round(y * 1.4426950408889634);
    let r = (y - n * LN_2_HIGH) - n * LN_2_LOW;
    let half = round(n * 0.5);
    return ((beyond_linear(r) + r) + 1.0) * exp2_whole(half) * exp2_whole(n - half);
}

fn expm1_(x: f32) -> f32 {
    if (is_nan(x) || abs(x) < 2.0e-8) {
        return x;
    }
    if (x > 88.8) {
        return infinity();
    }
    let y = max(x, -20.0);
    let n = round(y * 1.4426950408889634);
    let r = (y - n * LN_2_HIGH) - n * LN_2_LOW;
    // Halved, since 2¹²⁸ would overflow.
    let power = exp2_whole(n - 1.0);
    return (power * (beyond_linear(r) + r) + (power - 0.5)) * 2.0;
}

// ln(m 2ᵉ), where m is the positive, normal x and e counts the twos taken out before; `lost` is added to m
fn log_of(x: f32, before: f32, lost: f32) -> f32 {
    let bits = bitcast<u32>(x);
    var e = f32(i32(bits >> 23u) - 127);
    var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
    if (m > 1.4142135) {
        m = m * 0.5;
        e = e + 1.0;
    }
    let f = m - 1.0 + lost * exp2_whole(-min(e, 30.0));
    e = e - before;
    let square = f * f;
    let tail = (((((((6.746647e-2 * f - 0.11675654) * f + 0.118881606) * f - 0.124055885) * f + 0.14219552) * f
        - 0.16667996) * f + 0.2000212) * f - 0.2500001) * f + 0.33333313;
    let y = (f * square * tail + e * LN_2_LOW) - 0.5 * square;
    return (f + y) + e * LN_2_HIGH;
}

fn log_(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    // Also negative numbers, whose sign bit makes them larger.
    if (bits > 0x7f800000u) {
        return select(nan(), -infinity(), (bits & 0x7fffffffu) == 0u);
    }
    if (bits == 0x7f800000u) {
        return x;
    }
    if (bits == 0u) {
        return -infinity();
    }
    if (x < 1.17549435e-38) {
        return log_of(x * 33554432.0, 25.0, 0.0);
    }
    return log_of(x, 0.0, 0.0);
}

fn log1p_(x: f32) -> f32 {
    if (is_nan(x) || abs(x) < 2.0e-8) {
        return x;
    }
    if (x < -1.0) {
        return nan();
    }
    if (x == -1.0) {
        return -infinity();
    }
    let u = 1.0 + x;
    if (bitcast<u32>(u) == 0x7f800000u) {
        return u;
    }
    // What the sum has lost.
    let lost = select(1.0 - (u - x), x - (u - 1.0), x < 1.0);
    return log_of(u, 0.0, lost);
}

fn tanh_(x: f32) -> f32 {
    if (is_nan(x)) {
        return x;
    }
    let a = abs(x);
    let square = a * a;
    let series = (((-5.7049864e-3 * square + 2.0639086e-2) * square - 5.3739715e-2) * square + 0.13331442) * square
        - 0.3333328;
    let small = a + a * square * series;
    let large = 1.0 - 2.0 / (exp_(min(a, 10.0) * 2.0) + 1.0);
    let y = select(large, small, a < 0.625);
    return select(y, -y, x < 0.0);
}

fn sigmoid_(x: f32) -> f32 {
    let e = exp_(-abs(x));
    return select(1.0, e, x < 0.0) / (1.0 + e);
}

fn log_sigmoid_(x: f32) -> f32 {
    return min(x, 0.0) - log1p_(exp_(-abs(x)));
}

fn softplus_(x: f32, threshold: f32) -> f32 {
    if (x > threshold) {
        return x;
    }
    return log1p_(exp_(x));
}

fn erf_(x: f32) -> f32 {
    if (is_nan(x)) {
        return x;
    }
    let a = abs(x);
    let q = a * a;
    let series = (((((7.85386e-5 * q - 8.0101937e-4) * q + 5.1883277e-3) * q - 2.685381e-2) * q + 0.112835854) * q
        - 0.37612626) * q + 0.12837917;
    let b = min(a, 4.0);
    let minus_log = ((((((2.1380905e-5 * b - 4.3776844e-4) * b + 4.187088e-3) * b - 2.516165e-2) * b + 0.10834543) * b
        + 0.6332875) * b + 1.1295444) * b - 1.8080331e-4;
    let y = select(1.0 - exp_(-minus_log), a + a * series, a < 1.0);
    return select(y, -y, x < 0.0);
}

// sin (x + quarters π / 2); π / 2 in three parts, the first two of which have products that are exact
fn sine(x: f32, quarters: i32) -> f32 {
    if ((bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u) {
        return nan();
    }
    let n = round(x * 0.636619772);
    let r = ((x - n * 1.5703125) - n * 4.837512969970703e-4) - n * 7.549789948768648e-8;
    let q = r * r;
    let s = r + r * q * ((-1.9515295891e-4 * q + 8.3321608736e-3) * q - 0.16666654611);
    let c = 1.0 - 0.5 * q + q * q * ((2.443315711809948e-5 * q - 1.388731625493765e-3) * q + 4.166664568298827e-2);
    let quarter = (i32(n) + quarters) & 3;
    let y = select(s, c, (quarter & 1) == 1);
    return select(y, -y, quarter >= 2);
}

fn sign_(x: f32) -> f32 {
    return select(0.0, 1.0, x > 0.0) - select(0.0, 1.0, x < 0.0);
}

// A NaN wins, whichever side it is on.
fn larger(a: f32, b: f32) -> f32 {
    return select(select(b, a, a > b), a, is_nan(a));
}

fn smaller(a: f32, b: f32) -> f32 {
    return select(select(b, a, a < b), a, is_nan(a));
}

fn pow_(a: f32, b: f32) -> f32 {
    if (b == 0.0 || a == 1.0) {
        return 1.0;
    }
    if (is_nan(a) || is_nan(b)) {
        return nan();
    }
    let whole = b == floor(b);
    let odd = whole && abs(b) < 16777216.0 && (i32(abs(b)) & 1) == 1;
    if (whole && abs(b) <= 16.0) {
        var y = 1.0;
        for (var i = 0; i < i32(abs(b)); i++) {
            y = y * a;
        }
        return select(y, 1.0 / y, b < 0.0);
    }
    if (a == 0.0) {
        let y = select(0.0, infinity(), b < 0.0);
        return select(y, -y, odd && bitcast<u32>(a) != 0u);
    }
    let edge = (bitcast<u32>(b) & 0x7fffffffu) == 0x7f800000u || bitcast<u32>(a) == 0xff800000u;
    if (a < 0.0 && !whole && !edge) {
        return nan();
    }
    if (edge && !odd) {
        return select(select(0.0, infinity(), (abs(a) > 1.0) == (b > 0.0)), 1.0, abs(a) == 1.0);
    }
    let y = exp_(b * log_(abs(a)));
    return select(y, -y, a < 0.0 && odd);
}

// Python's `//`
fn floor_div(a: f32, b: f32) -> f32 {
    if (b == 0.0) {
        return a / b;
    }
    let rest = a - b * trunc(a / b);
    var quotient = (a - rest) / b;
    if (rest != 0.0 && (b < 0.0) != (rest < 0.0)) {
        quotient = quotient - 1.0;
    }
    let down = floor(quotient);
    return select(down, down + 1.0, quotient - down > 0.5);
}

fn cross_entropy(p: f32, y: f32) -> f32 {
    return -(y * larger(log_(p), -100.0) + (1.0 - y) * larger(log1p_(-p), -100.0));
}

// Elements of another type: whole numbers, and 0 or 1.

fn floor_div_whole(a: i32, b: i32) -> i32 {
    let quotient = a / b;
    return select(quotient, quotient - 1, quotient * b != a && (a < 0) != (b < 0));
}

fn pow_whole(a: i32, b: i32) -> i32 {
    if (b < 0) {
        return select(select(0, 1 - 2 * (b & 1), a == -1), 1, a == 1);
    }
    var result = 1;
    var square = a;
    for (var rest = b; rest > 0; rest = rest >> 1u) {
        if ((rest & 1) == 1) {
            result = result * square;
        }
        square = square * square;
    }
    return result;
}
