"use strict";
// Small helpers: elements, scales, the tip, and what the page shows right now.
// Names from the data reach the page through textContent and setAttribute alone, never as HTML.

const DATA = JSON.parse(document.getElementById("data").textContent);
const STATE = { protocol: document.body.dataset.protocolNow, metric: "srcc", sort: "srcc", order: "descending", theme: "" };
const METRIC_NAMES = {
  srcc: "SRCC", krcc: "KRCC", plcc: "PLCC", plcc_raw: "PLCC, raw", plcc_test_mapped: "PLCC, map on test", rmse: "RMSE", mae: "MAE",
};
const ERRORS = ["rmse", "mae"]; // smaller is better
const now = () => DATA.protocols[STATE.protocol];

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A number as the field prints it: .783, −.030, – when missing. */
function decimal(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(digits).replace(/^0\./, ".");
  return value < 0 && Number(text) !== 0 ? "−" + text : text;
}

/** A difference with its sign: +.031, −.030, .000. */
function signed(value, digits = 3) {
  return Number(value.toFixed(digits)) > 0 ? "+" + decimal(value, digits) : decimal(value, digits);
}

const finite = (values) => values.filter((value) => value !== null && Number.isFinite(value));

/** Value at a fraction of a sorted list, linear between neighbours. */
function quantile(sorted, fraction) {
  const place = (sorted.length - 1) * fraction, low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

function linear(d0, d1, r0, r1) {
  const slope = (r1 - r0) / (d1 - d0 || 1);
  return (value) => r0 + (value - d0) * slope;
}

/** Round steps that cover [low, high]: about `count` of them. */
function ticks(low, high, count) {
  const raw = (high - low || 1) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= raw * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  found.digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return found;
}

/** The marker of a role around (x, y): shape tells what colour tells. */
function marker(role, x, y, size) {
  const at = { class: "mark", "data-role": role };
  if (role === "deep") return svg("path", { ...at, d: `M${x} ${y - size * 1.25}l${size * 1.25} ${size * 1.25}l${-size * 1.25} ${size * 1.25}l${-size * 1.25} ${-size * 1.25}z` });
  if (role === "fusion") return svg("path", { ...at, d: `M${x} ${y - size * 1.2}l${size * 1.2} ${size * 2.2}h${-size * 2.4}z` });
  if (role === "baseline") return svg("rect", { ...at, x: x - size, y: y - size, width: 2 * size, height: 2 * size });
  if (role === "handcrafted") return svg("circle", { ...at, cx: x, cy: y, r: size });
  return svg("path", { ...at, "data-role": "other", d: `M${x} ${y + size * 1.2}l${size * 1.2} ${-size * 2.2}h${-size * 2.4}z` });
}

/** Clear a chart's box and start a drawing as wide as it. */
function canvas(box, height, label) {
  const width = Math.max(240, Math.floor(box.clientWidth));
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label });
  box.replaceChildren(drawing);
  return { drawing, width, narrow: width < 560 };
}

function text(content, x, y, cls = "", extra = {}) {
  return svg("text", { x, y, class: cls, ...extra }, content);
}

/** Width that the longest of some labels takes, in the charts' letters. */
const room = (labels) => 7 * Math.max(0, ...labels.map((label) => label.length));

const TIP = document.getElementById("tip");

/** Show the tip beside a place in the window: a heading, lines (a text, or a name and a value), perhaps a picture. */
function tip(x, y, heading, lines, video) {
  TIP.replaceChildren(html("strong", {}, heading));
  const picture = video === undefined ? undefined : DATA.thumbnails[video];
  if (picture) TIP.append(html("img", { src: picture, alt: "" }));
  for (const line of lines) TIP.append(html("div", {}, ...[line].flat().map((part) => html("span", {}, part))));
  TIP.hidden = false;
  const box = TIP.getBoundingClientRect();
  TIP.style.left = Math.max(8, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
  TIP.style.top = (y + 16 + box.height > innerHeight ? Math.max(8, y - box.height - 12) : y + 16) + "px";
}

function hideTip() {
  TIP.hidden = true;
}
