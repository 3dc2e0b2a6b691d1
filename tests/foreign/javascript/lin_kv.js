// Registers on the first node; the others ask it.
// WRONG=apart: each node keeps registers of its own.
'use strict';

const { Failure, led } = require('./node.js');

const values = new Map(); // keys are numbers or strings; they are kept by their JSON
const at = (key) => JSON.stringify(key);

led({
  read({ key }) {
    if (!values.has(at(key))) throw new Failure(20, 'no such key');
    return { type: 'read_ok', value: values.get(at(key)) };
  },
  write({ key, value }) {
    values.set(at(key), value);
    return { type: 'write_ok' };
  },
  cas({ key, from, to }) {
    if (!values.has(at(key))) throw new Failure(20, 'no such key');
    if (values.get(at(key)) !== from) throw new Failure(22, `it is not ${from}`);
    values.set(at(key), to);
    return { type: 'cas_ok' };
  },
});
