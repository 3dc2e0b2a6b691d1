// A node of Maelstrom's protocol on Node.js, in as few lines as it takes. Nothing else is assumed.
'use strict';

const readline = require('readline');

class Failure extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

class Node {
  constructor(handlers) {
    this.handlers = handlers; // by type: a function of (body, src) that gives the reply's body, or none
    this.id = null;
    this.ids = [];
    this.last = 0;
    this.waiting = new Map(); // msg_id -> [resolve, reject]
    readline.createInterface({ input: process.stdin }).on('line', (line) => this.take(JSON.parse(line)));
  }

  // Sends a message and expects nothing.
  send(dest, body) {
    process.stdout.write(JSON.stringify({ src: this.id, dest, body }) + '\n');
  }

  // Sends a request; a promise of the reply's body. It never comes after `ms`: then it fails with code 0.
  call(dest, body, ms = 1000) {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Failure(0, 'no answer'));
      }, ms);
      this.waiting.set(id, [
        (reply) => (clearTimeout(timer), resolve(reply)),
        (error) => (clearTimeout(timer), reject(error)),
      ]);
      this.send(dest, { ...body, msg_id: id });
    });
  }

  async take({ src, body }) {
    if (body.in_reply_to !== undefined) return this.wake(body);
    let reply;
    try {
      reply = await this.answer(src, body);
    } catch (error) {
      reply = { type: 'error', code: error.code ?? 13, text: error.message };
    }
    if (reply !== undefined && body.msg_id !== undefined) {
      this.send(src, { ...reply, in_reply_to: body.msg_id });
    }
  }

  wake(body) {
    const waiting = this.waiting.get(body.in_reply_to);
    this.waiting.delete(body.in_reply_to);
    if (waiting === undefined) return; // late
    if (body.type === 'error') waiting[1](new Failure(body.code, body.text));
    else waiting[0](body);
  }

  async answer(src, body) {
    if (body.type === 'init') {
      this.id = body.node_id;
      this.ids = body.node_ids;
      return { type: 'init_ok' };
    }
    const handler = this.handlers[body.type];
    if (handler === undefined) throw new Failure(10, `no ${body.type} here`);
    return handler(body, src);
  }
}

// A node whose first does all the work, and the others ask it: right, as long as that one lives.
function led(handlers) {
  const all = {};
  const node = new Node(all);
  for (const [type, handler] of Object.entries(handlers)) {
    all[type] = async (body, src) => {
      const leader = node.ids[0];
      if (node.id === leader) return handler(body, src);
      if (process.env.WRONG === 'apart') return handler(body, src); // each for itself
      const { msg_id, ...rest } = body;
      const reply = await node.call(leader, { type: 'lead', src, asked: rest }, 3000);
      return reply.said;
    };
  }
  all.lead = async (body) => ({ type: 'lead_ok', said: await handlers[body.asked.type](body.asked, body.src) });
  return node;
}

module.exports = { Failure, Node, led };
