/** A text of an SVG picture with an estimate of the space it takes, in the units of the picture. */
export interface DrawnText {
	readonly content: string;
	readonly left: number;
	readonly right: number;
	readonly top: number;
	readonly bottom: number;
}

const sizes: Readonly<Record<string, number>> = { title: 22, label: 14, note: 14, small: 12, pin: 11, tiny: 9 };

function readAttribute(tag: string, name: string): string {
	return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
}

/** The texts of our own picture by their classes, or those of a KiCad picture by their sizes. */
export function listTexts(svg: string): DrawnText[] {
	return [...svg.matchAll(/<text([^>]*)>([^<]*)<\/text>/g)].map(([, tag = "", content = ""]) => {
		const size = sizes[readAttribute(tag, "class")] ?? Number(readAttribute(tag, "font-size"));
		const stated = Number(readAttribute(tag, "textLength"));
		const width = stated > 0 ? stated : content.length * size * 0.6;
		const anchor = readAttribute(tag, "text-anchor");
		const x = Number(readAttribute(tag, "x"));
		const y = Number(readAttribute(tag, "y"));
		const left = anchor === "middle" ? x - width / 2 : anchor === "end" ? x - width : x;
		return { content, left, right: left + width, top: y - size * 0.8, bottom: y + size * 0.1 };
	});
}

/** Pairs of texts that lie on each other, and texts that leave the sheet. */
export function findCrossedTexts(svg: string): string[] {
	const texts = listTexts(svg);
	const [, , width = 0, height = 0] = readAttribute(svg, "viewBox").split(" ").map(Number);
	const outside = texts.filter(item => item.left < 0 || item.top < 0 || item.right > width || item.bottom > height);
	const pairs = texts.flatMap((one, index) =>
		texts
			.slice(index + 1)
			.filter(two => one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom)
			.map(two => `"${one.content}" and "${two.content}"`),
	);
	return [...outside.map(item => `"${item.content}" leaves the sheet`), ...pairs];
}
