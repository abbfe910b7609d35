/** The program behind `npm run simulate`. */

import { simulate } from "./simulation.js";
import { runScenario } from "./world/run.js";
import { describeFailure } from "./xs/program.js";

// Whoever read our output has had enough: `… | head -1`.
process.stdout.on("error", () => process.exit(0));

/** `npm run --silent simulate -- --scenario NAME --seed N --hours H --engine node|xs [--random COUNT]` */
simulate(process.argv.slice(2), {
	run: runScenario,
	print: line => void process.stdout.write(`${JSON.stringify(line)}\n`),
	help: text => void process.stdout.write(text),
	complain: text => console.error(text),
}).then(
	code => {
		process.exitCode = code;
	},
	(error: Error) => {
		// A fault of the world itself, or an engine that is not there.
		console.error(`npm run simulate: ${describeFailure(error)}`);
		process.exitCode = 2;
	},
);
