/** Reads metrics with Prometheus' own parsers. */
import { spawnSync } from "node:child_process";

const program = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as modern
from prometheus_client.parser import text_string_to_metric_families as old
parse = modern if sys.argv[1] == "modern" else old
families = list(parse(sys.stdin.read()))
print(json.dumps([{"name": f.name, "type": f.type, "unit": f.unit, "samples": [[s.name, s.labels, s.value] for s in f.samples]} for f in families]))
`;

export interface Family {
	name: string;
	type: string;
	unit: string;
	samples: [string, Record<string, string>, number][];
}

/** What Prometheus' own parser for Python (Debian's package) makes of a page; throws on what is not to the letter. */
export function parseMetrics(page: string, format: "modern" | "old"): Family[] {
	const { stdout, stderr, status } = spawnSync("/usr/bin/python3", ["-c", program, format], {
		input: page,
		encoding: "utf8",
	});
	if (status !== 0) throw new Error(`python3-prometheus-client (npm run setup installs it): ${stderr}`);
	return JSON.parse(stdout) as Family[];
}
