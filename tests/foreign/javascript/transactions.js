// Transactions on the first node, one after the other, for lists ("append") and registers ("w").
// WRONG=apart: each node keeps a store of its own. WRONG=lost: an append or write is now and then dropped.
'use strict';

const { led } = require('./node.js');

const store = new Map();
let done = 0;

function run([kind, key, value]) {
  done += 1;
  const at = JSON.stringify(key);
  if (kind === 'r') return [kind, key, store.get(at) ?? null];
  if (process.env.WRONG === 'lost' && done % 7 === 0) return [kind, key, value];
  if (kind === 'append') store.set(at, [...(store.get(at) ?? []), value]);
  else store.set(at, value);
  return [kind, key, value];
}

led({ txn: ({ txn }) => ({ type: 'txn_ok', txn: txn.map(run) }) });
