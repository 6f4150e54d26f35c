// The class `Tensor` of the module, as a script uses it. The expected numbers are worked out by hand.

import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { withModule } from './module.mjs';

browserTest('tensors multiply, add and give their elements back', {}, async ({ page }) => {
  const results = await withModule(page, ({ Tensor }) => {
    const a = new Tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const b = new Tensor(Float32Array.of(1, 0, 0, 1, 1, -1), [3, 2]);
    const row = new Tensor([10, -20]);
    const product = a.matmul(b);
    const all = {
      a,
      row,
      product,
      sum: product.add(row),
      difference: product.sub(row),
      times: product.mul(row),
      relu: product.mul(row).relu(),
      total: a.sum(),
      reshaped: a.reshape([3, -1]),
      transposed: a.transpose(0, -1),
    };
    return Object.fromEntries(
      Object.entries(all).map(([name, tensor]) => [name, [tensor.shape, Array.from(tensor.toArray())]]),
    );
  });
  const expected = {
    a: [
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ],
    row: [[2], [10, -20]],
    // [1·1 + 2·0 + 3·1, 1·0 + 2·1 + 3·-1], [4 + 6, 5 - 6]
    product: [
      [2, 2],
      [4, -1, 10, -1],
    ],
    sum: [
      [2, 2],
      [14, -21, 20, -21],
    ],
    difference: [
      [2, 2],
      [-6, 19, 0, 19],
    ],
    times: [
      [2, 2],
      [40, 20, 100, 20],
    ],
    relu: [
      [2, 2],
      [40, 20, 100, 20],
    ],
    total: [[], [21]],
    reshaped: [
      [3, 2],
      [1, 2, 3, 4, 5, 6],
    ],
    transposed: [
      [3, 2],
      [1, 4, 2, 5, 3, 6],
    ],
  };
  assert.deepEqual(results, expected);
});

browserTest('what is wrong with tensors is an error in words, and no trap', {}, async ({ page }) => {
  const messages = await withModule(page, ({ Tensor }) => {
    const a = new Tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    const gone = new Tensor([1]);
    gone.dispose();
    const freed = new Tensor([1]);
    freed.free();
    const wrong = [
      () => new Tensor([1, 2, 3], [2, 2]),
      // Sizes whose product is 0 in 32 bits.
      () => new Tensor([], [65536, 65536]),
      () => a.matmul(a),
      () => a.add(new Tensor([1, 2])),
      () => a.reshape([4, -1]),
      () => a.transpose(0, 2),
      () => gone.toArray(),
      () => gone.shape,
      () => a.add(gone),
      () => gone.dispose(),
      () => freed.sum(),
      () => freed.free(),
    ];
    const messages = wrong.map((call) => {
      try {
        call();
        return 'nothing was thrown';
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError || !(error instanceof Error)) return `a trap: ${error}`;
        return error.message;
      }
    });
    // And the module goes on.
    return [...messages, String(a.sum().toArray()[0])];
  });
  const disposed = 'this tensor was disposed';
  assert.deepEqual(messages, [
    "shape '[2, 2]' is invalid for input of size 3",
    "shape '[65536, 65536]' is invalid for input of size 0",
    'mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)',
    'The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1',
    "shape '[4, -1]' is invalid for input of size 6",
    'Dimension out of range (expected to be in range of [-2, 1], but got 2)',
    disposed,
    disposed,
    disposed,
    disposed,
    'null pointer passed to rust',
    'null pointer passed to rust',
    '21',
  ]);
});

browserTest('disposed tensors give their memory back', {}, async ({ page }) => {
  const pages = await withModule(page, async (gradus) => {
    const { memory } = await gradus.default();
    const elements = new Float32Array(1 << 20);
    const use = () => {
      const tensor = new gradus.Tensor(elements);
      tensor.relu().dispose();
      tensor.dispose();
    };
    use();
    const before = memory.buffer.byteLength;
    for (let time = 0; time < 100; time += 1) use();
    return memory.buffer.byteLength - before;
  });
  // 100 times 8 MiB would have been 800.
  assert.ok(pages <= 8 << 20, `${pages} bytes more`);
});
