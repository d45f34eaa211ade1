// What a message may contain: the harmless part of the HTML that Matrix allows, nothing that runs or loads.

const KEPT = new Set(
  ("P BR STRONG B EM I U S DEL CODE PRE BLOCKQUOTE UL OL LI H3 H4 H5 H6 TABLE THEAD TBODY TR TH TD CAPTION " +
    "DETAILS SUMMARY HR A SPAN DIV SUP SUB").split(" "),
);
const DROPPED = new Set(["SCRIPT", "STYLE", "MX-REPLY", "TEMPLATE", "IFRAME", "OBJECT", "SVG", "MATH", "HEAD"]);

/** Nodes that are safe to show. */
export function sanitised(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const result = document.createDocumentFragment();
  copy(parsed.body, result);
  return result;
}

function copy(from, to) {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) to.append(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE && !DROPPED.has(child.tagName.toUpperCase())) copyElement(child, to);
  }
}

function copyElement(element, to) {
  const tag = /^H[12]$/.test(element.tagName) ? "H3" : element.tagName; // the page has its own first headings
  if (!KEPT.has(tag)) {
    copy(element, to);
    return;
  }
  const clean = document.createElement(tag);
  if (tag === "A") link(element, clean);
  if (tag === "OL" && /^\d+$/.test(element.getAttribute("start") ?? "")) clean.start = element.getAttribute("start");
  copy(element, clean);
  to.append(clean);
}

function link(element, clean) {
  const href = element.getAttribute("href") ?? "";
  if (!/^(https?:|mailto:|tel:)/i.test(href)) return;
  Object.assign(clean, { href, target: "_blank", rel: "noopener noreferrer" });
}
