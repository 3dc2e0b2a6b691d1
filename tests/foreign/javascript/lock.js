// Locks on the first node; the others ask it.
// WRONG=apart: each node keeps locks of its own. WRONG=thief: every tenth request gets a lock that is taken.
'use strict';

const { Failure, led } = require('./node.js');

const owners = new Map();
let asked = 0;

led({
  acquire({ name, owner }) {
    const wrong = process.env.WRONG === 'thief' && ++asked % 10 === 0;
    if (owners.has(name) && owners.get(name) !== owner && !wrong) throw new Failure(22, 'taken');
    owners.set(name, owner);
    return { type: 'acquire_ok' };
  },
  release({ name, owner }) {
    if (owners.get(name) !== owner) throw new Failure(22, 'not held');
    owners.delete(name);
    return { type: 'release_ok' };
  },
});
