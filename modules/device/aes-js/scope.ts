/** The two globals that aes-js's `index.js` looks for, in place before it runs; it finds no `this` in a module. */
const scope = globalThis as unknown as { module: { exports: object }; exports: object };
scope.exports = {};
scope.module = { exports: scope.exports };
