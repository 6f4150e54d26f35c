//! Matrix products of the sizes that networks have, in operations (two for each multiplication and
//! addition) per second: `cargo bench --bench products -- NAME`.

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    native::products(&mut criterion::Criterion::default().configure_from_args());
}

/// Criterion is for native programs.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use criterion::{BenchmarkId, Criterion, Throughput};
    use gradus::backend::cpu::matmul::{Epilogue, Kernel, Product, Start, Strides};
    use gradus::rng::Generator;
    use std::hint::black_box;

    /// What a layer does: `x Wᵀ + b`, the gradients `gᵀ x` and `g W`, or a plain product.
    #[derive(Clone, Copy)]
    enum What {
        Forward,
        WeightGradient,
        InputGradient,
    }
    use What::{Forward, InputGradient, WeightGradient};

    /// Sizes (m, k, n) as in `[m, k] @ [k, n]`, for networks by their layers and batches.
    const PRODUCTS: [(&str, What, (usize, usize, usize)); 20] = [
        ("2-8-1, batch 4: 1st layer", Forward, (4, 2, 8)),
        ("2-8-1, batch 4: 2nd layer", Forward, (4, 8, 1)),
        ("2-8-1, batch 4: 1st layer's dW", WeightGradient, (8, 4, 2)),
        ("2-8-1, batch 4: 2nd layer's dW", WeightGradient, (1, 4, 8)),
        ("2-8-1, batch 4: 2nd layer's dx", InputGradient, (4, 1, 8)),
        ("2-8-8-1, batch 10: 2nd layer", Forward, (10, 8, 8)),
        ("2-8-8-1, batch 10: 2nd layer's dW", WeightGradient, (8, 10, 8)),
        ("64-128-64-10, batch 64: 1st layer", Forward, (64, 64, 128)),
        ("64-128-64-10, batch 64: 2nd layer", Forward, (64, 128, 64)),
        ("64-128-64-10, batch 64: 3rd layer", Forward, (64, 64, 10)),
        ("64-128-64-10, batch 64: 2nd layer's dW", WeightGradient, (64, 64, 128)),
        ("64-128-64-10, batch 64: 3rd layer's dW", WeightGradient, (10, 64, 64)),
        ("64-128-64-10, batch 64: 3rd layer's dx", InputGradient, (64, 10, 64)),
        ("784-512-256-10, batch 128: 1st layer", Forward, (128, 784, 512)),
        ("784-512-256-10, batch 128: 1st layer's dW", WeightGradient, (512, 128, 784)),
        ("784-512-256-10, batch 128: 1st layer's dx", InputGradient, (128, 512, 784)),
        ("square 512", InputGradient, (512, 512, 512)),
        ("square 1024", InputGradient, (1024, 1024, 1024)),
        ("one row", InputGradient, (1, 6400, 5000)),
        ("one row, turned", Forward, (1, 5000, 6400)),
    ];

    /// All of them with the kernel that is chosen, and those that are not large with each.
    pub fn products(criterion: &mut Criterion) {
        for (name, what, (m, k, n)) in PRODUCTS {
            let mut group = criterion.benchmark_group(name);
            group.throughput(Throughput::Elements(2 * (m * k * n) as u64));
            let (rows, turned) = (Strides::row_major, |n| Strides::row_major(n).transposed());
            let (a, b) = match what {
                Forward => (rows(k), turned(k)),
                WeightGradient => (turned(m), rows(n)),
                InputGradient => (rows(k), rows(n)),
            };
            let product = Product::new((m, k, n), a, b);
            let generator = &mut Generator::new(1);
            let a = generator.uniform(m * k, -1.0, 1.0);
            let b = generator.uniform(k * n, -1.0, 1.0);
            let mut out = vec![0.0; m * n];
            let others = [Kernel::Small, Kernel::Vector, Kernel::Packed];
            let others =
                others.into_iter().filter(|&kernel| kernel != product.kernel() && m * k * n < 1 << 20);
            for kernel in [product.kernel()].into_iter().chain(others) {
                let Some(product) = product.with_kernel(kernel) else { continue };
                group.bench_function(BenchmarkId::from_parameter(format!("{kernel:?}")), |bencher| {
                    bencher.iter(|| {
                        product.run(black_box(&a), black_box(&b), Start::Zero, Epilogue::None, &mut out);
                        black_box(&mut out);
                    });
                });
            }
            group.finish();
        }
    }
}
