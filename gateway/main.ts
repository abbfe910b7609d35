/** The gateway's entry: `npm start -- --port …`, or `node --import tsx gateway/main.ts --port …` as a service. */
import { runGateway } from "./gateway.js";

/** How long what was written last may take to leave, before the process ends all the same. */
const drainMs = 2_000;

process.exitCode = await runGateway(process.argv.slice(2));
setTimeout(() => process.exit(), drainMs).unref();
