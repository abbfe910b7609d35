/**
 * `npm start`: the gateway for a real meter where the words ask for it, or else the try-out with a simulated one. Each is loaded only
 * when it is wanted, because the try-out's packages are not on a machine that is a gateway.
 */
import { gatewayUsage, isGateway } from "../gateway/arguments.js";
import { readStartArguments, type StartArguments, usage } from "./arguments.js";

async function main(words: readonly string[]): Promise<void> {
	if (isGateway(words)) {
		await import("../gateway/main.js");
		return;
	}
	const settings = readStartArguments(words);
	if (typeof settings === "string") {
		process.stderr.write(`npm start: ${settings}\n`);
		process.exitCode = 2;
	} else if (settings.help) {
		process.stdout.write(`${usage}\n${gatewayUsage}`);
	} else {
		process.exitCode = await tryOut(settings);
	}
}

async function tryOut(settings: StartArguments): Promise<number> {
	const loaded = await import("./try-out.js").catch(findMissingPackage);
	if (typeof loaded !== "string") return loaded.runTryOut(settings);
	const remedy = "`npm ci` installs it; a real meter needs --port, see --help";
	process.stderr.write(
		`npm start: the simulated meter needs the package ${loaded}, which is not installed: ${remedy}\n`,
	);
	return 2;
}

/** The name of the package that could not be found; any other error is thrown again. */
function findMissingPackage(error: NodeJS.ErrnoException): string {
	const name = /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
	if (error.code !== "ERR_MODULE_NOT_FOUND" || name === undefined) throw error;
	return name;
}

await main(process.argv.slice(2));
