// Broadcast: each new message is told to every neighbour until that one has acknowledged it.
// WRONG=forgetful: told once, whether it arrives or not.
'use strict';

const { Node } = require('./node.js');

const seen = new Set();
let neighbours = [];

async function tell(dest, message) {
  for (;;) {
    try {
      return await node.call(dest, { type: 'tell', message }, 100);
    } catch (error) {
      if (process.env.WRONG === 'forgetful') return undefined;
    }
  }
}

function learn(message, from) {
  if (seen.has(message)) return;
  seen.add(message);
  for (const dest of neighbours) if (dest !== from) tell(dest, message);
}

const node = new Node({
  topology(body) {
    neighbours = body.topology[node.id];
    return { type: 'topology_ok' };
  },
  broadcast(body) {
    learn(body.message, null);
    return { type: 'broadcast_ok' };
  },
  tell(body, src) {
    learn(body.message, src);
    return { type: 'tell_ok' };
  },
  read: () => ({ type: 'read_ok', messages: [...seen] }),
});
