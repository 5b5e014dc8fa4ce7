// Elements, texts that follow the document, and storage that may be forbidden.
const SVG = "http://www.w3.org/2000/svg";

let followers = [];

function put(node, child) {
	if (Array.isArray(child))
		child.forEach((c) => put(node, c));
	else if (child !== null && child !== undefined && child !== false)
		node.append(child);
}

function set(node, key, value) {
	if (key.startsWith("on"))
		node.addEventListener(key.slice(2), value);
	else if (key in node && key !== "list" && key !== "form" && !(node instanceof SVGElement))
		node[key] = value;
	else if (value === true)
		node.setAttribute(key, "");
	else if (value !== false && value !== null && value !== undefined)
		node.setAttribute(key, value);
}

function fill(node, props, children) {
	for (const [key, value] of Object.entries(props ?? {}))
		set(node, key, value);
	put(node, children);
	return node;
}

// h("p", {className: "note"}, "text", child, [children])
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) =>
	fill(document.createElementNS(SVG, tag), props, children);

export const icon = (name) =>
	svg("svg", { class: "icon", "aria-hidden": "true", focusable: "false" },
	    svg("use", { href: `icons.svg#${name}` }));

// What fn makes of the newest document is done at each new one, while the view is shown.
export const follow = (fn) => void followers.push(fn);

// A text node that follows the document.
export function live(fn) {
	const node = document.createTextNode("");

	follow((d) => {
		const text = String(fn(d));

		if (node.data !== text) // a live region speaks of changes only
			node.data = text;
	});
	return node;
}

export const tell = (d) => followers.forEach((fn) => fn(d));

// Forget the followers but those that @keep, a mark of before, covers.
export const mark = () => followers.length;
export const unfollow = (keep) => void (followers = followers.slice(0, keep));

// Again and again while @node is shown to somebody.
export function every(node, seconds, fn) {
	const timer = setInterval(() => {
		if (!node.isConnected)
			clearInterval(timer);
		else if (!document.hidden)
			fn();
	}, seconds * 1000);
}

export function remember(key, value) {
	try {
		if (value === null)
			localStorage.removeItem(key);
		else
			localStorage.setItem(key, value);
	} catch {
		// A browser that keeps nothing: the choice holds until it is closed.
	}
}

export function recall(key) {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}
