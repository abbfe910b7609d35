import type { Reporter, TestModule } from "vitest/node";

/** Prints `N passed, N failed` as the last line of a run, for people and scripts that read only that. */
export default class ClosingLine implements Reporter {
	onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
		let passed = 0;
		let failed = unhandledErrors.length;
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				if (test.result().state === "passed") passed += 1;
				else failed += 1;
			}
			failed += module.errors().length;
		}
		// After the default reporter's own summary, which it writes when the run has ended.
		process.once("exit", () => console.log(`${passed} passed, ${failed} failed`));
	}
}
