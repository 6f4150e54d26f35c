"""Writes digits.bin and iris.bin from scikit-learn's copies: see README.md. Run in this folder."""

import zlib

import numpy as np
from sklearn.datasets import load_digits, load_iris


def write(name, inputs, targets):
    assert np.array_equal(inputs, inputs.round()) and inputs.min() >= 0 and inputs.max() < 256
    raw = inputs.astype(np.uint8).tobytes() + targets.astype(np.uint8).tobytes()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    with open(name, "wb") as file:
        file.write(deflate.compress(raw) + deflate.flush())


digits, iris = load_digits(), load_iris()
write("digits.bin", digits.data, digits.target)
write("iris.bin", (iris.data * 10).round(), iris.target)
