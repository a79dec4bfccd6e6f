// Elements of the page, made in one expression.

const SVG = "http://www.w3.org/2000/svg";

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

let pages = "/resource";

// Says where this server tells of an IRI that it is given as a parameter.
export function setPages(address) {
  pages = address;
}

// A link to the page at which this server tells of an IRI of the data.
export function linked(iri, text, extra = {}) {
  return element("a", { href: `${pages}?${new URLSearchParams({ iri })}`, title: iri, ...extra }, text);
}

// A button that does something. extra: attributes.
export function button(text, run, extra = {}) {
  const made = element("button", { type: "button", ...extra }, text);
  made.addEventListener("click", run);
  return made;
}

// A field of choices, [value, text]; change(value) is called with the one that is chosen.
export function choice(label, options, chosen, change) {
  const field = element("select", {}, ...options.map(([value, text]) => element("option", { value, ...(value === chosen ? { selected: "" } : {}) }, text)));
  field.addEventListener("change", () => change(field.value));
  return element("label", { class: "choice" }, `${label} `, field);
}

// Has the browser save a text or a blob as a file.
export function save(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
