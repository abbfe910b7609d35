/** Reads the Markdown pages: headings, tables, links, and what they name of the project. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { projectRoot } from "./imports.js";

export interface Page {
	/** From the project's root, with `/`. */
	path: string;
	text: string;
}

const skipped = new Set(["node_modules", ".git", ".cache", "out"]);

/** Every Markdown page of the project. */
export function listPages(folder = ""): Page[] {
	return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap(entry => {
		if (skipped.has(entry.name)) return [];
		const path = posix.join(folder, entry.name);
		if (entry.isDirectory()) return listPages(path);
		return path.endsWith(".md") ? [{ path, text: readFileSync(join(projectRoot, path), "utf8") }] : [];
	});
}

/** The anchors that GitHub gives to a page's headings. */
export function listAnchors(text: string): string[] {
	const headings = [...withoutBlocks(text).matchAll(/^#{1,6} +(.*)$/gm)].map(([, heading]) => heading!);
	const counts = new Map<string, number>();
	return headings.map(heading => {
		const anchor = heading
			.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
			.trim()
			.toLowerCase()
			.replace(/[^\p{L}\p{N}_\- ]/gu, "")
			.replaceAll(" ", "-");
		const count = counts.get(anchor) ?? 0;
		counts.set(anchor, count + 1);
		return count === 0 ? anchor : `${anchor}-${count}`;
	});
}

/** The rows of the first table behind a heading, cells trimmed, without the two head rows. Cells must not hold a `|`. */
export function readTable(text: string, heading: string): string[][] {
	const [, part] = text.split(`\n${heading}\n`);
	if (part === undefined) throw new Error(`no heading ${heading}`);
	const lines = part.split("\n");
	const start = lines.findIndex(line => line.startsWith("|"));
	const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
	return lines.slice(start + 2, end).map(line =>
		line
			.split("|")
			.slice(1, -1)
			.map(cell => cell.trim()),
	);
}

/** Links of pages to nothing, code spans that name a file of the project that is not there, and commands that are none. */
export function findDeadReferences(pages: readonly Page[], scripts: readonly string[], exists = isThere): string[] {
	const anchors = new Map(pages.map(({ path, text }) => [path, listAnchors(text)]));
	return pages.flatMap(({ path, text }) => {
		const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
		const dead = links.filter(link => {
			if (/^[a-z]+:/.test(link)) return false;
			const [file = "", anchor] = link.split("#");
			const target = file === "" ? path : posix.join(posix.dirname(path), file);
			return !exists(target) || (anchor !== undefined && !anchors.get(target)?.includes(anchor));
		});
		const spans = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
		const files = spans.filter(span => namesFile.test(span) && !exists(span.replace(/\/?(\*[^/]*)?$/, "")));
		const tests = [...text.matchAll(/(?:vitest run|npm test --) (\w[\w./-]*)/g)].map(([, where]) => where!);
		const commands = [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, command]) => command!);
		const unknown = commands.filter(command => !scripts.includes(command)).map(command => `npm run ${command}`);
		const gone = tests.filter(where => !exists(where));
		return [...dead, ...files, ...gone, ...unknown].map(what => `${path}: ${what}`);
	});
}

/** What begins like a path of this project and is nothing else. */
const namesFile = /^(modules|simulator|tests|tools|targets|types|docs|hardware|contrib|certificates)\/[\w./*-]*$/;

function isThere(path: string): boolean {
	return existsSync(join(projectRoot, path));
}

function withoutBlocks(text: string): string {
	return text.replace(/^```[\s\S]*?^```/gm, "");
}

function withoutCode(text: string): string {
	return withoutBlocks(text).replace(/`[^`\n]*`/g, "");
}
