import { runScenario } from "./world/run.js";
const [scenario, seed, hours, engine] = process.argv.slice(2);
const start = performance.now();
const s = await runScenario({ scenario: scenario!, seed: Number(seed), hours: Number(hours), engine: engine as "node", onNote: line => process.env.V && console.log(JSON.stringify(line)) });
console.log(JSON.stringify({...s, violations: s.violations.slice(0, 10), count: s.violations.length}));
console.error(`${((performance.now() - start) / 1000).toFixed(1)} s`);
