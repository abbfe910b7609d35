/** Renders Home Assistant's templates with Jinja itself. */
import { spawnSync } from "node:child_process";

const program = `
import json, sys
from jinja2.sandbox import ImmutableSandboxedEnvironment
templates, payload = json.load(sys.stdin)
environment = ImmutableSandboxedEnvironment()
value_json = json.loads(payload)
print(json.dumps([environment.from_string(template).render(value=payload, value_json=value_json) for template in templates]))
`;

/** What Home Assistant makes of templates and a message: Debian's Jinja, the engine that it uses, with its two variables. */
export function renderTemplates(templates: readonly string[], payload: string): string[] {
	const { stdout, stderr, status } = spawnSync("/usr/bin/python3", ["-c", program], {
		input: JSON.stringify([templates, payload]),
		encoding: "utf8",
	});
	if (status !== 0) throw new Error(`python3-jinja2 (npm run setup installs it): ${stderr}`);
	return JSON.parse(stdout) as string[];
}
