// From PyTorch's layouts, in which parameters and pictures come, to those of others.

/** [rows][columns] → [columns][rows] */
export function transposed(values, rows, columns) {
  const into = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      into[column * rows + row] = values[row * columns + column];
    }
  }
  return into;
}

/** A convolution's [out][in][height][width] → [height][width][in][out]. */
export const filtersLast = ({ weight, out, in: channels, kernel }) =>
  transposed(channelsLast(weight, out, channels, kernel, kernel), out, kernel * kernel * channels);

/** Pictures, or the columns that stand for a flattened one: [count][channels][height][width] → channels last. */
export function channelsLast(values, count, channels, height, width) {
  const size = channels * height * width;
  const into = new Float32Array(values.length);
  for (let at = 0; at < count; at += 1) {
    into.set(transposed(values.subarray(at * size, (at + 1) * size), channels, height * width), at * size);
  }
  return into;
}

/** The values of batch `at`, of so many a row. */
export const batchOf = ({ batch }, values, columns, at) =>
  values.slice(at * batch * columns, (at + 1) * batch * columns);

export const size = (shape) => shape.reduce((product, length) => product * length, 1);
