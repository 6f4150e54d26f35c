import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStore } from '../../www/store.js';

/** @import { Experiment, Problem } from '../../www/experiment.js' */

/**
 * A store of documents of which only the seed and the title matter: a negative seed is wrong in itself, the title
 * "unfit" does not fit the rest.
 */
function storeOf() {
  let time = 0;
  /** @param {string} code @returns {Problem} */
  const problem = (code) => ({ path: 'seed', code, params: {}, message: code });
  const store = createStore({
    document: /** @type {Experiment} */ (/** @type {unknown} */ ({ seed: 0, title: '' })),
    check: (document) => ({
      document,
      problems:
        document.seed < 0
          ? [problem('negative')]
          : document.title === 'unfit'
            ? [problem('output_count')]
            : [],
    }),
    now: () => time,
  });
  return {
    store,
    seed: () => store.state.document.seed,
    /** @param {number} seed @param {string} [merge] */
    set: (seed, merge) => store.edit({ ...store.state.document, seed }, merge),
    /** @param {number} milliseconds */
    wait: (milliseconds) => {
      time += milliseconds;
    },
  };
}

test('edits are undone and done again, in their order', () => {
  const { store, seed, set } = storeOf();
  set(1);
  set(2);
  assert.equal(store.undo(), true);
  assert.equal(seed(), 1);
  store.undo();
  assert.equal(seed(), 0);
  assert.equal(store.undo(), false);
  store.redo();
  store.redo();
  assert.equal(seed(), 2);
  assert.deepEqual([store.state.canUndo, store.state.canRedo], [true, false]);
});

test('an edit after an undo forgets what was undone', () => {
  const { store, seed, set } = storeOf();
  set(1);
  store.undo();
  set(5);
  assert.equal(store.redo(), false);
  assert.equal(seed(), 5);
});

test('what a slider does in one go is undone in one go', () => {
  const { store, seed, set, wait } = storeOf();
  for (const value of [1, 2, 3]) set(value, 'slider');
  wait(5000);
  set(4, 'slider');
  store.undo();
  assert.equal(seed(), 3);
  store.undo();
  assert.equal(seed(), 0);
});

test('a wrong field is refused and the last good state stays', () => {
  const { store, seed, set } = storeOf();
  set(1);
  const { revision } = store.state;
  assert.deepEqual(
    set(-1).map(({ code }) => code),
    ['negative'],
  );
  assert.equal(seed(), 1);
  assert.equal(store.state.revision, revision);
});

test('fields that do not fit together are kept, with the problem', () => {
  const { store } = storeOf();
  assert.deepEqual(store.edit({ ...store.state.document, title: 'unfit' }), []);
  assert.deepEqual(
    store.state.problems.map(({ code }) => code),
    ['output_count'],
  );
  store.undo();
  assert.deepEqual(store.state.problems, []);
});

test('listeners hear of every change until they leave', () => {
  const { store, set } = storeOf();
  /** @type {number[]} */
  const heard = [];
  const leave = store.subscribe(({ document }) => heard.push(document.seed));
  set(1);
  store.look({ logY: true });
  leave();
  set(2);
  assert.deepEqual(heard, [1, 1]);
  assert.equal(store.state.view.logY, true);
});

test('what was done to the training is undone in its turn, and forgotten with the training', () => {
  const { store, seed, set } = storeOf();
  /** @type {string[]} */
  const did = [];
  const act = (/** @type {string} */ name) => ({
    undo: () => (did.push(`undo ${name}`), name),
    redo: () => (did.push(`redo ${name}`), name),
  });
  set(1);
  const { revision } = store.state;
  store.did(act('a'));
  assert.equal(store.state.revision, revision, 'the document is the same');
  set(2);
  store.did(act('b'));
  assert.equal(store.undo(), 'b');
  assert.equal(store.undo(), true);
  assert.deepEqual([seed(), did], [1, ['undo b']]);
  assert.equal(store.undo(), 'a');
  assert.equal(store.undo(), true);
  assert.deepEqual([seed(), store.state.canUndo, store.undo()], [0, false, false]);
  assert.deepEqual([store.redo(), store.redo(), store.redo()], [true, 'a', true]);
  assert.deepEqual([seed(), did], [2, ['undo b', 'undo a', 'redo a']]);
  // Both ways; the edits stay.
  store.forgetActs();
  assert.equal(store.state.canRedo, false);
  store.undo();
  assert.equal(seed(), 1);
  store.undo();
  assert.deepEqual([seed(), store.state.canUndo], [0, false]);
});

test('cells that wait beside the document are edits in their turn', () => {
  const { store, seed, set } = storeOf();
  const { state } = store;
  const held = (/** @type {number} */ row) => ({
    table: { inputs: ['x'], targets: ['y'], rows: [['one', 2]] },
    problems: [{ row, column: 0, code: 'word' }],
    fresh: false,
  });
  const waiting = () => store.state.view.pending?.problems[0]?.row;
  store.hold(held(0));
  assert.equal(store.state.canUndo, true);
  assert.equal(store.state.revision, state.revision, 'the document is the same');
  store.hold(held(1));
  // An edit of something else leaves them.
  set(1);
  assert.deepEqual([waiting(), seed()], [1, 1]);
  store.undo();
  assert.deepEqual([waiting(), seed()], [1, 0]);
  store.undo();
  assert.equal(waiting(), 0);
  store.undo();
  assert.equal(waiting(), undefined);
  assert.equal(store.state.canUndo, false);
  store.redo();
  assert.equal(waiting(), 0);
  // Other rows take their place, and undoing them brings them back.
  const data = /** @type {any} */ ({ kind: 'bundled', name: 'iris' });
  store.edit({ ...store.state.document, data });
  assert.equal(waiting(), undefined);
  store.undo();
  assert.equal(waiting(), 0);
});
