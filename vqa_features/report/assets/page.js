// Controls and state: sorting, protocol, theme, drawing, and the state in the address.

function draw() {
  PANELS.length = 0;
  for (const box of document.querySelectorAll("[data-chart]")) CHARTS[box.dataset.chart](box);
  hideTip();
}

function show() {
  for (const node of document.querySelectorAll("[data-protocol]"))
    node.hidden = node.dataset.protocol !== STATE.protocol;
  for (const button of document.querySelectorAll("[data-set-protocol]"))
    button.setAttribute("aria-pressed", button.dataset.setProtocol === STATE.protocol);
  for (const node of document.querySelectorAll(".now")) node.textContent = STATE.protocol;
  document.getElementById("metric").value = STATE.metric;
  if (STATE.theme) document.documentElement.dataset.theme = STATE.theme;
  sortTable();
  draw();
  listVideos();
  listContents();
}

/** List the sections that are shown. A click scrolls there and leaves the state in the address. */
function listContents() {
  const list = document.querySelector("#contents ul"),
    heads = [...document.querySelectorAll("main section h2")].filter((head) => head.checkVisibility());
  const entries = heads.map((head) => {
    const link = html("a", { href: "#" + (head.id || "") }, head.textContent);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      head.tabIndex = -1;
      head.focus({ preventScroll: true });
      head.scrollIntoView();
    });
    return html("li", {}, link);
  });
  list.replaceChildren(...entries);
  document.getElementById("contents").hidden = false;
}

function sortTable() {
  const table = document.getElementById("summary-table"),
    body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const column = heads.findIndex((head) => head.firstElementChild.dataset.sort === STATE.sort);
  heads.forEach((head, index) => head.setAttribute("aria-sort", index === column ? STATE.order : "none"));
  const sign = STATE.order === "ascending" ? 1 : -1;
  const key = (row) => row.cells[column].dataset.value;
  const missing = (value) => value === "" || value === "nan";
  const rows = [...body.rows].sort((a, b) => {
    const [p, q] = [key(a), key(b)];
    if (missing(p) || missing(q)) return missing(p) - missing(q);
    return sign * (STATE.sort === "label" ? p.localeCompare(q) : Number(p) - Number(q));
  });
  for (const row of rows) body.append(row);
}

function remember() {
  const words = { protocol: STATE.protocol, metric: STATE.metric, sort: STATE.sort, order: STATE.order };
  if (STATE.theme) words.theme = STATE.theme;
  history.replaceState(null, "", "#" + new URLSearchParams(words));
}

/** Restore the state from the address; unknown values are ignored. */
function recall() {
  const words = new URLSearchParams(location.hash.slice(1));
  const allowed = {
    protocol: Object.keys(DATA.protocols),
    metric: Object.keys(METRIC_NAMES),
    order: ["ascending", "descending"],
    theme: ["light", "dark"],
    sort: [...document.querySelectorAll("[data-sort]")].map((button) => button.dataset.sort),
  };
  for (const [name, values] of Object.entries(allowed))
    if (values.includes(words.get(name))) STATE[name] = words.get(name);
}

function change(state) {
  Object.assign(STATE, state);
  show();
  remember();
}

for (const swatch of document.querySelectorAll("svg.swatch"))
  swatch.append(marker(swatch.dataset.role, 0, 0, 4.4));
for (const button of document.querySelectorAll("[data-set-protocol]"))
  button.addEventListener("click", () => change({ protocol: button.dataset.setProtocol }));
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => {
    const sort = button.dataset.sort,
      first = ["label", "seconds", ...ERRORS].includes(sort) ? "ascending" : "descending";
    const other = { ascending: "descending", descending: "ascending" };
    change({ sort, order: STATE.sort === sort ? other[STATE.order] : first });
  });
}
document
  .getElementById("metric")
  .addEventListener("change", (event) => change({ metric: event.target.value }));
document.getElementById("theme").addEventListener("click", () => {
  const shown = STATE.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  change({ theme: shown === "dark" ? "light" : "dark" });
});
for (const card of document.querySelectorAll("[data-video]")) {
  const picture = PICTURES.get(card.dataset.video);
  if (picture) card.prepend(html("img", { src: picture, alt: `Still of ${card.dataset.video}` }));
}
document.getElementById("copy").addEventListener("click", async (event) => {
  const box = document.getElementById("methods-text"),
    button = event.currentTarget;
  const words = [...box.children].map((paragraph) => paragraph.textContent).join("\n\n");
  try {
    await navigator.clipboard.writeText(words);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(box); // the clipboard is refused to some pages: the reader copies
    button.textContent = "Selected";
  }
});
document.getElementById("search")?.addEventListener("input", listVideos);
document.getElementById("contents").open = innerWidth > 640;
recall();
show();
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth !== width) draw();
  width = innerWidth;
});
