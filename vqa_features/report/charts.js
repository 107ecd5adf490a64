// Charts of models: the tested differences, the spread over splits.

const CHARTS = {};

/** The headline's differences as points with intervals around zero. */
CHARTS.contrasts = (box) => {
  const rows = now().contrasts.filter((row) => row.low !== null && row.high !== null);
  box.hidden = rows.length === 0;
  if (box.hidden) return;
  const { drawing, width, narrow } = canvas(box, 0, "Differences in SRCC with their intervals");
  const step = narrow ? 66 : 38, top = 8, name = (row) => `${row.first.label} − ${row.second.label}`;
  const height = top + rows.length * step + 40;
  const left = narrow ? 8 : Math.min(width * 0.45, 14 + room(rows.map(name))), right = width - (narrow ? 8 : 160);
  drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
  drawing.setAttribute("height", height);
  const reach = 1.15 * Math.max(0.01, ...rows.flatMap((row) => [Math.abs(row.low), Math.abs(row.high)]));
  const low = Math.min(0, ...rows.map((row) => row.low)) < -reach / 3 ? -reach : -reach / 3;
  const high = Math.max(0, ...rows.map((row) => row.high)) > reach / 3 ? reach : reach / 3;
  const x = linear(low, high, left, right);
  const marks = ticks(low, high, narrow ? 4 : 6);
  for (const value of marks) {
    drawing.append(svg("line", { class: Math.abs(value) < 1e-9 ? "zero" : "grid", x1: x(value), x2: x(value), y1: top, y2: height - 36 }));
    drawing.append(text(signed(value, Math.max(2, marks.digits)), x(value), height - 20, "soft mid"));
  }
  drawing.append(text("difference in SRCC, 95 % interval", (left + right) / 2, height - 3, "soft mid"));
  rows.forEach((row, index) => {
    const base = top + index * step, y = narrow ? base + 48 : base + step / 2;
    const words = { better: "better", worse: "worse", equal: "equal", open: "no evidence" }[row.verdict];
    const value = `${signed(row.difference)}  ${row.p}`;
    const group = svg("g", { tabindex: 0, role: "img", "aria-label": `${name(row)}: ${decimal(row.difference)} from ${decimal(row.low)} to ${decimal(row.high)}, ${row.p}, ${words}`, "data-role": row.first.role });
    group.append(text(name(row), narrow ? 0 : left - 14, narrow ? base + 16 : y + 4, narrow ? "halo" : "halo end"));
    group.append(text(value, narrow ? 0 : right + 14, narrow ? base + 33 : y + 4, "halo strong"));
    group.append(svg("line", { class: "line", x1: x(row.low), x2: x(row.high), y1: y, y2: y, "stroke-width": 3 }));
    group.append(marker(row.first.role, x(row.difference), y, 6));
    drawing.append(group);
  });
};

const MOST_ROWS = 20; // of more, the best of each table is drawn

/** Fixed scatter of the dots across a row, so that a redraw looks the same. */
const jitter = (index) => ((index * 0.618034) % 1) - 0.5;

CHARTS.boxes = (box) => {
  const metric = STATE.metric, name = METRIC_NAMES[metric];
  let rows = now().models
    .map((model, index) => ({ model, values: now().scores[index][metric] }))
    .map((row) => ({ ...row, sorted: finite(row.values).sort((a, b) => a - b) }))
    .filter((row) => row.sorted.length > 0)
    .map((row) => ({ ...row, median: quantile(row.sorted, 0.5) }))
    .sort((a, b) => (ERRORS.includes(metric) ? a.median - b.median : b.median - a.median));
  if (rows.length > MOST_ROWS) rows = rows.filter((row, index) => index === rows.findIndex((other) => other.model.table === row.model.table));
  if (rows.length === 0) return box.replaceChildren(html("p", { class: "lead" }, `No model here has a ${name}.`));
  const narrow = box.clientWidth < 560, step = narrow ? 60 : 44, height = rows.length * step + 34;
  const { drawing, width } = canvas(box, height, `${name} over the splits`);
  const left = narrow ? 4 : Math.min(width * 0.4, 36 + room(rows.map((row) => row.model.label))), right = width - (narrow ? 8 : 64);
  const all = rows.flatMap((row) => row.sorted);
  const spread = Math.max(...all) - Math.min(...all) || 0.1;
  const [low, high] = [Math.min(...all) - spread * 0.03, Math.max(...all) + spread * 0.03];
  const x = linear(low, high, left, right), marks = ticks(low, high, narrow ? 5 : 9);
  for (const value of marks) {
    drawing.append(svg("line", { class: "grid", x1: x(value), x2: x(value), y1: 0, y2: height - 30 }));
    drawing.append(text(decimal(value, Math.max(ERRORS.includes(metric) ? 0 : 1, marks.digits)), x(value), height - 12, "soft mid"));
  }
  rows.forEach((row, index) => {
    const { model, sorted, median } = row;
    const y = index * step + (narrow ? 40 : step / 2), half = 10;
    const quart = [0.025, 0.25, 0.75, 0.975].map((fraction) => quantile(sorted, fraction));
    const group = svg("g", { tabindex: 0, role: "img", "data-role": model.role, "aria-label": `${model.label}, ${name}: median ${decimal(median)}, quartiles ${decimal(quart[1])} to ${decimal(quart[2])}, ${sorted.length} splits` });
    group.append(svg("rect", { x: 0, y: index * step, width, height: step, fill: "transparent" }));
    group.append(marker(model.role, narrow ? left + 6 : 8, narrow ? y - 26 : y, 4.5));
    group.append(text(model.label, narrow ? left + 18 : 22, narrow ? y - 22 : y + 4));
    group.append(text(decimal(median), narrow ? width - 4 : right + 14, narrow ? y - 22 : y + 4, narrow ? "strong end" : "strong"));
    row.dots = row.values.map((value, split) => value === null ? null : { value, split, x: x(value), y: y + jitter(split) * 15 }).filter(Boolean);
    for (const dot of row.dots) group.append(svg("circle", { class: "mark faint", cx: dot.x, cy: dot.y, r: 2.4 }));
    group.append(svg("line", { class: "line", x1: x(quart[0]), x2: x(quart[1]), y1: y, y2: y }));
    group.append(svg("line", { class: "line", x1: x(quart[2]), x2: x(quart[3]), y1: y, y2: y }));
    group.append(svg("rect", { class: "box", x: x(quart[1]), y: y - half, width: Math.max(1, x(quart[2]) - x(quart[1])), height: 2 * half, rx: 2 }));
    group.append(svg("line", { class: "line", "stroke-width": 3, x1: x(median), x2: x(median), y1: y - half, y2: y + half }));
    group.addEventListener("pointermove", (event) => {
      const at = toDrawing(drawing, event);
      const near = nearest(row.dots, at.x, at.y);
      tip(event.clientX, event.clientY, model.label, [`split ${near.split}: ${name} ${decimal(near.value)}`, `median ${decimal(median)}`]);
    });
    group.addEventListener("pointerleave", hideTip);
    drawing.append(group);
  });
};

function toDrawing(drawing, event) {
  const box = drawing.getBoundingClientRect(), view = drawing.viewBox.baseVal;
  return { x: (event.clientX - box.left) * (view.width / box.width), y: (event.clientY - box.top) * (view.height / box.height) };
}

function nearest(points, x, y) {
  let best = points[0], least = Infinity;
  for (const point of points) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}
