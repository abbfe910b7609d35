/** The reporter that prints `N passed, N failed` as the last line. */

import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";

/**
 * Prints `N passed, N failed` as the last line of a run, for people and scripts that read only that. A test that was
 * skipped has failed, and the run with it; one whose name the option `-t` does not want is neither.
 */
export default class ClosingLine implements Reporter {
	private vitest: Vitest | null = null;

	onInit(vitest: Vitest): void {
		this.vitest = vitest;
	}

	onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
		const pattern = this.vitest?.getGlobalTestNamePattern();
		let passed = 0;
		let failed = unhandledErrors.length;
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				if (test.result().state === "passed") passed += 1;
				else if (pattern === undefined || nameOf(test).match(pattern) !== null) failed += 1;
			}
			failed += module.errors().length;
		}
		// After the default reporter's own summary, which it writes when the run has ended.
		process.once("exit", () => {
			console.log(`${passed} passed, ${failed} failed`);
			if (failed > 0) process.exitCode ||= 1;
		});
	}
}

/** What `-t` looks at: the names of the suites and the test's own, with spaces between them. */
function nameOf(test: TestCase | TestSuite): string {
	return test.parent.type === "module" ? test.name : `${nameOf(test.parent)} ${test.name}`;
}
