/** How `npm test` finds and runs the tests. */
import { defineConfig } from "vitest/config";

/**
 * A limit on the clock on the wall says how busy the computer is, not how good the code is: with twenty programs on two processors a
 * test takes twenty times as long. So this one only ends what hangs: the longest test needs less than a minute of processor time.
 * Within a test, waiting ends after five minutes (`tests/support/wait.ts`) and says for what; an XS machine's call ends by the processor
 * time that it used (`simulator/engines/watchdog.ts`), and the cost of an algorithm is measured in it (`tests/support/processor.ts`).
 */
const hangMs = 900_000;

export default defineConfig({
	test: {
		include: ["tests/**/*.test.ts"],
		reporters: ["default", "./tests/support/closing-line.ts"],
		// One worker would leave a processor idle while the other waits for a program.
		maxWorkers: 2,
		testTimeout: hangMs,
		hookTimeout: hangMs,
	},
});
