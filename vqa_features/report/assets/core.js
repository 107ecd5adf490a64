"use strict";
// Helpers: elements, scales, axes, the tooltip, and the state of the page.
// Names from the data reach the page through textContent and setAttribute only, never as HTML.

const DATA = JSON.parse(document.getElementById("data").textContent);
const STATE = {
  protocol: document.body.dataset.protocolNow,
  metric: "srcc",
  sort: "srcc",
  order: "descending",
  theme: "",
};
const METRIC_NAMES = DATA.metrics;
const ERRORS = DATA.errors; // smaller is better
const now = () => DATA.protocols[STATE.protocol];

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Number as correlations are printed: .783, −.030, – when missing. */
function decimal(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(digits).replace(/^0\./, ".");
  return value < 0 && Number(text) !== 0 ? "−" + text : text;
}

/** Difference with its sign: +.031, −.030, .000. */
function signed(value, digits = 3) {
  return Number(value.toFixed(digits)) > 0 ? "+" + decimal(value, digits) : decimal(value, digits);
}

const finite = (values) => values.filter((value) => value !== null && Number.isFinite(value));

/** Lowest and highest value, each moved outwards by a fraction of the range. */
function extent(values, pad = 0.04) {
  let [low, high] = [Infinity, -Infinity];
  // a loop, because a call takes no more arguments than fit on the stack; so no list is spread into a call
  for (const value of finite(values)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const more = (high - low || 1) * pad;
  return [low - more, high + more];
}

/** Value on an axis; one beyond an end is drawn at the end. */
const held = (value, low, high) => Math.min(high, Math.max(low, value));

/** How many values lie beyond the ends of an axis, as text; empty if none. */
function beyond(values, low, high, what) {
  const number = finite(values).filter((value) => value < low || value > high).length;
  return number ? `${number} ${number === 1 ? what : what + "s"} beyond the axes, drawn at the edge` : "";
}

function linear(d0, d1, r0, r1) {
  const slope = (r1 - r0) / (d1 - d0 || 1);
  return (value) => r0 + (value - d0) * slope;
}

/** About `count` round values in [low, high]. */
function ticks(low, high, count) {
  const raw = (high - low || 1) / count,
    power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= raw * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  found.digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return found;
}

/** Marker of a role centred on (x, y); each role has its own shape. */
function marker(role, x, y, size) {
  const wide = size * 1.2,
    tall = size * 2.2;
  if (role === "handcrafted")
    return svg("circle", { class: "mark", "data-role": role, cx: x, cy: y, r: size });
  const outline = {
    deep: `M${x} ${y - wide}l${wide} ${wide}l${-wide} ${wide}l${-wide} ${-wide}z`,
    fusion: `M${x} ${y - wide}l${wide} ${tall}h${-2 * wide}z`,
    baseline: `M${x - size} ${y - size}h${2 * size}v${2 * size}h${-2 * size}z`,
    other: `M${x} ${y + wide}l${wide} ${-tall}h${-2 * wide}z`,
  };
  const known = Object.hasOwn(outline, role) ? role : "other";
  return svg("path", { class: "mark", "data-role": known, d: outline[known] });
}

const line = (cls, x1, y1, x2, y2) => svg("line", { class: cls, x1, y1, x2, y2 });
const path = (cls, d) => svg("path", { class: cls, d });

/** Group in the colour of a role, with keyboard focus and a label for screen readers. */
function focusable(role, words) {
  return svg("g", { "data-role": role, tabindex: 0, role: "img", "aria-label": words });
}

/** Show the tooltip over a shape; `content(event)` returns its heading and lines. */
function withTip(shape, content) {
  shape.addEventListener("pointermove", (event) => tip(event.clientX, event.clientY, ...content(event)));
  shape.addEventListener("pointerleave", hideTip);
  return shape;
}

/** Position of the pointer in the coordinates of a drawing. */
function toDrawing(drawing, event) {
  const box = drawing.getBoundingClientRect(),
    view = drawing.viewBox.baseVal;
  return {
    x: (event.clientX - box.left) * (view.width / box.width),
    y: (event.clientY - box.top) * (view.height / box.height),
  };
}

function nearest(points, x, y) {
  let best = points[0],
    least = Infinity;
  for (const point of points) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

/** Grid lines with their values: `across` below the frame, `up` on its left; each {marks, scale, print}. */
function axes(drawing, frame, across, up) {
  for (const value of across.marks) {
    const x = across.scale(value);
    drawing.append(line("grid", x, frame.top, x, frame.bottom));
    drawing.append(text(across.print(value), x, frame.bottom + 17, "soft mid"));
  }
  for (const value of up?.marks ?? []) {
    const y = up.scale(value);
    drawing.append(line("grid", frame.left, y, frame.right, y));
    drawing.append(text(up.print(value), frame.left - 8, y + 4, "soft end"));
  }
}

/** Print values with the digits that their steps need. */
const plainly = (marks) => (value) => value.toFixed(marks.digits).replace("-", "−");

const isNarrow = (box) => box.clientWidth < 560;

/** Empty the box of a chart and start a drawing of its width. */
function canvas(box, height, label) {
  const width = Math.max(240, Math.floor(box.clientWidth));
  const drawing = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "group",
    "aria-label": label,
  });
  box.replaceChildren(drawing);
  return { drawing, width };
}

function text(content, x, y, cls = "", extra = {}) {
  return svg("text", { x, y, class: cls, ...extra }, content);
}

/** Approximate width of the longest label, in pixels. */
const labelWidth = (labels) => labels.reduce((widest, label) => Math.max(widest, 7 * label.length), 0);

/** Label that fits into a width: longer ones are cut in the middle. */
function fitted(label, width) {
  const most = Math.max(8, Math.floor(width / 7)),
    head = Math.ceil((most - 1) / 2);
  return label.length <= most ? label : label.slice(0, head) + "…" + label.slice(head + 1 - most);
}

// a map, because an id may be the name of a property that every object has
const PICTURES = new Map(Object.entries(DATA.thumbnails));

const TIP = document.getElementById("tip");

/** Show the tooltip near (x, y) of the window: heading, lines (a text, or a name and a value), optional picture. */
function tip(x, y, heading, lines, video) {
  TIP.replaceChildren(html("strong", {}, heading));
  const picture = PICTURES.get(video);
  if (picture) TIP.append(html("img", { src: picture, alt: "" }));
  for (const line of lines)
    TIP.append(html("div", {}, ...[line].flat().map((part) => html("span", {}, part))));
  TIP.hidden = false;
  const box = TIP.getBoundingClientRect();
  TIP.style.left = Math.max(8, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
  TIP.style.top = (y + 16 + box.height > innerHeight ? Math.max(8, y - box.height - 12) : y + 16) + "px";
}

function hideTip() {
  TIP.hidden = true;
}
