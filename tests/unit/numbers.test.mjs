import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, fixed, formats, parseNumber, plain, shortest32, significant } from '../../www/numbers.js';

test('a typed number is read whatever keyboard it came from', () => {
  for (const [text, value] of /** @type {[string, number][]} */ ([
    ['3', 3],
    [' -0.5 ', -0.5],
    ['1e-3', 0.001],
    ['.25', 0.25],
    ['2.', 2],
    ['−7', -7],
    ['１２．５', 12.5],
    ['+4', 4],
  ])) {
    assert.deepEqual(parseNumber(text), { value }, text);
  }
});

test('a comma is a decimal one unless it could stand before thousands', () => {
  for (const [text, value] of /** @type {[string, number][]} */ ([
    ['1,5', 1.5],
    ['-0,125', -0.125],
    [',5', 0.5],
    ['1234,567', 1234.567],
    ['１，２５', 1.25],
    ['2,5e-3', 0.0025],
  ])) {
    assert.deepEqual(parseNumber(text), { value }, text);
  }
  for (const text of ['1,234', '-12,000']) assert.deepEqual(parseNumber(text), { error: 'comma' }, text);
  for (const text of ['1,2,3', '1,234.5', '1,', ',', '1 ,5'])
    assert.deepEqual(parseNumber(text), { error: 'word' }, text);
});

test('what is no number says why', () => {
  assert.deepEqual(parseNumber(''), { error: 'empty' });
  assert.deepEqual(parseNumber('four'), { error: 'word' });
  for (const text of ['NaN', 'inf', '-Infinity', '∞'])
    assert.deepEqual(parseNumber(text), { error: 'infinite' }, text);
  assert.deepEqual(parseNumber('1'.repeat(1000)), { error: 'word' });
  assert.deepEqual(parseNumber('0x10'), { error: 'word' });
  assert.deepEqual(parseNumber('1e39'), { error: 'huge' });
});

test('a float32 is written with as few digits as bring it back', () => {
  assert.equal(shortest32(Math.fround(0.1)), '0.1');
  assert.equal(shortest32(Math.fround(132.0424346923828)), '132.04243');
  assert.equal(shortest32(-0.005293981172144413), '-0.005293981');
  assert.equal(shortest32(0), '0');
  assert.equal(shortest32(Infinity), '∞');
  assert.equal(shortest32(NaN), 'NaN');
  for (const bits of [1, 0x3f800001, 0x7f7fffff, 0x00800000, 0x4b7fffff]) {
    const value = /** @type {number} */ (new Float32Array(new Uint32Array([bits]).buffer)[0]);
    assert.equal(Math.fround(Number(shortest32(value))), value);
  }
});

test('four decimals are never a false zero', () => {
  assert.equal(fixed(-0.005293981), '-0.0053');
  assert.equal(fixed(0.37932288), '0.3793');
  assert.equal(fixed(0), '0.0000');
  assert.equal(fixed(0.00001234), '1.23e-5');
  assert.equal(fixed(2.264e23), '2.26e23');
  assert.equal(fixed(16605), '16605.000');
  assert.equal(fixed(NaN), 'NaN');
});

test('data are shown without zeros that say nothing', () => {
  assert.equal(brief(3), '3');
  assert.equal(brief(0.5), '0.5');
  assert.equal(brief(100), '100');
  assert.equal(brief(-0.12345), '-0.1235');
});

test('a double is written as it would be typed', () => {
  assert.equal(plain(0.001), '0.001');
  assert.equal(plain(1e21), '1e21');
  assert.equal(plain(-0), '0');
  assert.equal(significant(0.012345, 2), 0.012);
});

test('large counts and speeds are short in both languages', () => {
  const [en, zh] = [formats('en'), formats('zh-CN')];
  assert.deepEqual([9_999_999, 79_027_412, 1e12].map(en.count), ['9,999,999', '79.027M', '1T']);
  assert.deepEqual([9_999_999, 79_027_412, 1e12].map(zh.count), ['9,999,999', '7902.7万', '1万亿']);
  assert.deepEqual([412, 98_765, 13_249_000].map(en.pace), ['412', '98,800', '13.2M']);
  assert.deepEqual([412, 98_765, 13_249_000].map(zh.pace), ['412', '98,800', '1320万']);
});
