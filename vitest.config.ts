/** How `npm test` finds and runs the tests. */
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * A limit on the clock on the wall says how busy the computer is, not how good the code is: with twenty programs on two processors a
 * test takes twenty times as long. So this one only ends what hangs: the longest test needs less than a minute of processor time.
 * Within a test, waiting ends after five minutes (`tests/support/wait.ts`) and says for what; an XS machine's call ends by the processor
 * time that it used (`simulator/engines/watchdog.ts`), and the cost of an algorithm is measured in it (`tests/support/processor.ts`).
 */
const hangMs = 900_000;

/** Files of a minute and more, the longest first. Where one is missing nothing is lost but time. */
const long = [
	"simulator/world/engines",
	"tools/bench",
	"simulator/world/nights",
	"simulator/world/everything",
	"tools/growth",
];

/** Long files first, so that no worker is left alone with one at the end. */
class LongFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const usual = await super.sort(files);
		const isLong = (name: string) => (file: TestSpecification) => file.moduleId.endsWith(`/tests/${name}.test.ts`);
		const first = long.flatMap(name => usual.filter(isLong(name)));
		return [...first, ...usual.filter(file => !first.includes(file))];
	}
}

export default defineConfig({
	test: {
		include: ["tests/**/*.test.ts"],
		reporters: ["default", "./tests/support/closing-line.ts"],
		// One worker would leave a processor idle while the other waits for a program.
		maxWorkers: 2,
		sequence: { sequencer: LongFirst },
		testTimeout: hangMs,
		hookTimeout: hangMs,
	},
});
