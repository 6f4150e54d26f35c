import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../www/views/files.js';

/** @param {number[]} bytes */
const read = (bytes) => textOf(new Blob([Uint8Array.from(bytes)]));

test('a file is read in the encoding that it is in', async () => {
  assert.equal(await read([0xe5, 0x9b, 0xbd]), '国');
  // Their marks are no letters of the text.
  assert.equal(await read([0xef, 0xbb, 0xbf, 0x61]), 'a');
  assert.equal(await read([0xff, 0xfe, 0xfd, 0x56, 0x2c, 0x00]), '国,');
  assert.equal(await read([0xfe, 0xff, 0x56, 0xfd]), '国');
  // As no UTF-8 is: what Excel saves in the reader's country, here an English one.
  assert.equal(await read([0x47, 0x72, 0xf6, 0xdf, 0x65]), 'Größe');
});
