import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pendingOf } from '../../www/waiting.js';

const kept = () => ({
  table: { inputs: ['x'], targets: ['y'], rows: [[1, 'two'], [3, 4]], classes: [] }, // prettier-ignore
  problems: [{ row: 0, column: 1, code: 'word', params: { text: 'two' } }],
  fresh: true,
});

test('cells that were kept come back as they were', () => {
  assert.deepEqual(pendingOf(JSON.parse(JSON.stringify(kept()))), kept());
});

test('what is no table with a wrong cell is not taken for one', () => {
  const { table, problems } = kept();
  const [problem] = problems;
  for (const other of [
    undefined,
    null,
    'text',
    {},
    { ...kept(), problems: [] },
    { ...kept(), problems: [{ ...problem, row: 2 }] },
    { ...kept(), problems: [{ ...problem, column: -1 }] },
    { ...kept(), table: { ...table, rows: [[1]] } },
    { ...kept(), table: { ...table, rows: [[1, null]] } },
    { ...kept(), table: { ...table, targets: [] } },
    { ...kept(), table: { ...table, classes: 'cat' } },
  ])
    assert.equal(pendingOf(other), undefined, JSON.stringify(other));
});
