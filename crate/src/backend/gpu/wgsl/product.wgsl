// Products: y[b, m, n] = Σₖ a(b, m, k) b(b, k, n), where a and b say how an operand is read. A convolution is
// such a product, too, of windows that are never written out.
//
// words: 0 m, 1 n, 2 k, 3 products, 4 parts that k is divided in, 5 elements of such a part, 6 offset of a,
// 7 of b, 8 of y, 9 to 11 strides of a: product, m, k; 12 to 14 of b: product, k, n; 15 to 17 of y: product,
// m, n; 18 elements of y, 19 offset of the bias, 20 its stride

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
$BIAS_DECLARE
@group(0) @binding($Y) var<storage, read_write> y: array<f32>;

$LOAD

// What belongs to y[b, m, n]; each part of a sum has a y of its own.
fn put(product: u32, m: u32, n: u32, part: u32, sum: f32) {
    y[part * word(18u) + place_of(product, m, n)] = sum + $BIAS;
}

$MAIN
