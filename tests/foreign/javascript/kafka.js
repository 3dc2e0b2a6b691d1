// Logs on the first node; the others ask it.
// WRONG=reuse: an offset is now and then given twice. WRONG=commits: commits are ignored.
'use strict';

const { led } = require('./node.js');

const logs = new Map();
const committed = new Map();
const log = (key) => logs.get(key) ?? logs.set(key, []).get(key);
let sent = 0;

led({
  send({ key, msg }) {
    const entries = log(key);
    sent += 1;
    if (process.env.WRONG === 'reuse' && sent % 10 === 0 && entries.length) {
      entries[entries.length - 1] = msg;
    } else {
      entries.push(msg);
    }
    return { type: 'send_ok', offset: entries.length - 1 };
  },
  poll({ offsets }) {
    const msgs = {};
    for (const [key, from] of Object.entries(offsets)) {
      msgs[key] = log(key).slice(from, from + 50).map((msg, n) => [from + n, msg]);
    }
    return { type: 'poll_ok', msgs };
  },
  commit_offsets({ offsets }) {
    if (process.env.WRONG === 'commits') return { type: 'commit_offsets_ok' };
    for (const [key, offset] of Object.entries(offsets)) {
      committed.set(key, Math.max(offset, committed.get(key) ?? 0));
    }
    return { type: 'commit_offsets_ok' };
  },
  list_committed_offsets({ keys }) {
    const offsets = {};
    for (const key of keys) if (committed.has(key)) offsets[key] = committed.get(key);
    return { type: 'list_committed_offsets_ok', offsets };
  },
});
