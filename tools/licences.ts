/** The program behind `npm run licences`: writes the list of packages and their licences to docs/licences.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const page = new URL("../docs/licences.md", import.meta.url);

interface Package {
	version: string;
	license?: string;
	dev?: boolean;
}

function readPackages(lock: string): [string, Package][] {
	const { packages } = JSON.parse(readFileSync(new URL(`../${lock}`, import.meta.url), "utf8"));
	return (Object.entries(packages) as [string, Package][])
		.filter(([path]) => path !== "")
		.map(([path, entry]) => [path.slice(path.lastIndexOf("node_modules/") + 13), entry]);
}

/** By licence: the packages that have it, each with its version once. */
function formatTable(packages: readonly [string, Package][]): string {
	const found = new Map<string, Set<string>>();
	for (const [name, { version, license = "not told" }] of packages) {
		found.set(license, (found.get(license) ?? new Set()).add(`${name} ${version}`));
	}
	const rows = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
	const lines = rows.map(([licence, names]) => `| ${licence} | ${[...names].sort().join(", ")} |`);
	return ["| licence | packages |", "| --- | --- |", ...lines].join("\n");
}

/** The whole page, from the lock files. */
export function formatLicences(): string {
	const packages = readPackages("package-lock.json");
	return `# Licences

smarty-xs itself is [MIT](../LICENSE). \`npm run licences\` writes this page from the lock files, as each package's own
manifest tells it.

## On a gateway

What \`npm ci --omit=dev\` installs. The board's image has \`aes-js\` of these. It also contains the Moddable SDK's
runtime and ESP-IDF, which bring licences of their own.

${formatTable(packages.filter(([, { dev }]) => dev !== true))}

## For development

What \`npm ci\` installs besides: the simulated meter's broker, tests, and checks.

${formatTable(packages.filter(([, { dev }]) => dev === true))}

## For the recorder

What \`npm run setup:recorder\` installs, of which each machine gets the database of its own platform only.

${formatTable(readPackages("recorder/package-lock.json"))}

## For the benchmark

What it is compared with (\`tools/bench/package.json\`). \`npm run setup\` or the benchmark itself installs it.

${formatTable(readPackages("tools/bench/package-lock.json"))}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, formatLicences());
