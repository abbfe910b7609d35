/** Elements of the page. Texts only ever become text: nothing that a meter or a broker says is read as HTML. */

export type Child = Node | string | null | false;
export type Attributes = Record<string, string | number | boolean | null | ((event: Event) => void)>;

/** An element of HTML. A function becomes a listener, `true` an empty attribute; null and `false` leave it out. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	attributes: Attributes = {},
	...children: Child[]
): HTMLElementTagNameMap[Tag] {
	return build(document.createElement(tag), attributes, children);
}

/** An element of SVG. */
export function s<Tag extends keyof SVGElementTagNameMap>(
	tag: Tag,
	attributes: Attributes = {},
	...children: Child[]
): SVGElementTagNameMap[Tag] {
	return build(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function build<Made extends Element>(element: Made, attributes: Attributes, children: Child[]): Made {
	for (const [name, value] of Object.entries(attributes)) {
		if (typeof value === "function") element.addEventListener(name, value);
		else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
	}
	for (const child of children) if (child !== null && child !== false) element.append(child);
	return element;
}

/** A part of the page with a heading; `aside` stands at its right. */
export function card(className: string, title: string, aside: Child, ...children: Child[]): HTMLElement {
	const head = h("div", { class: "head" }, h("h2", {}, title), h("span", { class: "aside" }, aside));
	return h("section", { class: `card ${className}` }, head, ...children);
}
