// Charts with one row per model or pair: tested differences, scores by split.

const CHARTS = {};
const MOST_ROWS = 20; // above this number, only the best of each table is drawn
const VERDICTS = { better: "better", worse: "worse", equal: "equal", open: "no evidence" };

/** Tested differences of the headline, as points with intervals. */
CHARTS.contrasts = (box) => {
  const rows = now().contrasts.filter((row) => row.low !== null && row.high !== null);
  box.hidden = rows.length === 0;
  if (box.hidden) return;
  const narrow = isNarrow(box),
    step = narrow ? 66 : 38;
  const name = (row) => `${row.first.label} − ${row.second.label}`;
  const { drawing, width } = canvas(
    box,
    8 + rows.length * step + 40,
    "Differences in SRCC with their intervals",
  );
  const left = narrow ? 8 : Math.min(width * 0.45, 14 + labelWidth(rows.map(name)));
  const room = narrow ? width : left - 14;
  const frame = { left, right: width - (narrow ? 8 : 160), top: 8, bottom: 12 + rows.length * step };
  const ends = extent(
    rows.flatMap((row) => [row.low, row.high]),
    0,
  );
  const reach = 1.15 * Math.max(0.01, -ends[0], ends[1]);
  const low = ends[0] < -reach / 3 ? -reach : -reach / 3;
  const high = ends[1] > reach / 3 ? reach : reach / 3;
  const scale = linear(low, high, frame.left, frame.right),
    marks = ticks(low, high, narrow ? 5 : 6);
  axes(drawing, frame, { marks, scale, print: (value) => signed(value, Math.max(2, marks.digits)) });
  drawing.append(line("zero", scale(0), frame.top, scale(0), frame.bottom));
  drawing.append(
    text("difference in SRCC, 95 % interval", (left + frame.right) / 2, frame.bottom + 34, "soft mid"),
  );
  rows.forEach((row, index) => {
    const base = frame.top + index * step,
      y = narrow ? base + 48 : base + step / 2;
    const interval = `${decimal(row.difference)} from ${decimal(row.low)} to ${decimal(row.high)}`;
    const group = focusable(row.first.role, `${name(row)}: ${interval}, ${row.p}, ${VERDICTS[row.verdict]}`);
    const value = `${signed(row.difference)}  ${row.p}`;
    if (narrow) group.append(text(fitted(name(row), room), 0, base + 16, "halo"), text(value, 0, base + 33, "halo strong"));
    else
      group.append(text(fitted(name(row), room), left - 14, y + 4, "end"), text(value, frame.right + 14, y + 4, "strong"));
    group.append(line("line", scale(row.low), y, scale(row.high), y));
    group.append(marker(row.first.role, scale(row.difference), y, 6));
    drawing.append(group);
  });
};

/** Models that have the metric shown, best first. */
function ranked(metric) {
  const { models, tables, scores } = now();
  const rows = models
    .map((model, index) => ({ model, table: tables[index], ...scores[index][metric] }))
    .filter((row) => row.spread.length > 0)
    .map((row) => ({ ...row, median: row.spread[2] }))
    .sort((a, b) => (ERRORS.includes(metric) ? a.median - b.median : b.median - a.median));
  if (rows.length <= MOST_ROWS) return rows;
  return rows.filter((row, index) => index === rows.findIndex((other) => other.table === row.table));
}

/** Offset of a dot across its row; fixed, so a redraw is identical. */
const jitter = (index) => ((index * 0.618034) % 1) - 0.5;

CHARTS.boxes = (box) => {
  const metric = STATE.metric,
    title = METRIC_NAMES[metric],
    rows = ranked(metric);
  if (rows.length === 0)
    return box.replaceChildren(html("p", { class: "lead" }, `No model has a value of ${title}.`));
  const narrow = isNarrow(box),
    step = narrow ? 60 : 44;
  const where = now().single ? "on the fixed test part" : "over the splits";
  const { single, limits } = now();
  const [low, high] = extent(single ? rows.flatMap((row) => row.spread) : limits[metric], 0.03);
  const outside = beyond(rows.flatMap((row) => row.values), low, high, "score");
  const { drawing, width } = canvas(box, rows.length * step + (outside ? 52 : 34), `${title} ${where}`);
  const left = narrow ? 4 : Math.min(width * 0.4, 36 + labelWidth(rows.map((row) => row.model.label)));
  const frame = { left, right: width - (narrow ? 8 : 64), top: 0, bottom: rows.length * step + 4 };
  const onto = linear(low, high, frame.left, frame.right),
    x = (value) => onto(held(value, low, high)),
    marks = ticks(low, high, narrow ? 5 : 9);
  const digits = Math.max(ERRORS.includes(metric) ? 0 : 1, marks.digits);
  axes(drawing, frame, { marks, scale: x, print: (value) => decimal(value, digits) });
  if (outside) drawing.append(text(outside, frame.right, frame.bottom + 36, "soft end"));
  rows.forEach((row, index) =>
    drawing.append(boxOf(row, { index, step, narrow, width, frame, x, title, drawing })),
  );
};

/** One row of the box plot: name, dots, box, median; of a single score its marker and interval. */
function boxOf({ model, values, spread, median, count }, { index, step, narrow, width, frame, x, title, drawing }) {
  const y = index * step + (narrow ? 40 : step / 2),
    half = 10;
  const [least, lower, , upper, most] = spread;
  const { single, interval } = now(),
    ends = `${decimal(least)} to ${decimal(most)}`;
  const words = single
    ? decimal(median) + (least < most ? `, ${interval} ${ends}` : "")
    : `median ${decimal(median)}, quartiles ${decimal(lower)} to ${decimal(upper)}, ${count} splits`;
  const group = focusable(model.role, `${model.label}, ${title}: ${words}`);
  group.append(svg("rect", { x: 0, y: index * step, width, height: step, fill: "transparent" }));
  const [start, height, end] = narrow ? [frame.left + 6, y - 26, width - 4] : [8, y, frame.right + 14];
  group.append(marker(model.role, start, height, 4.5), text(fitted(model.label, narrow ? width - 80 : frame.left - 24), start + 14, height + 4));
  group.append(text(decimal(median), end, height + 4, narrow ? "strong end" : "strong"));
  if (single) {
    group.append(line("line", x(least), y, x(most), y), marker(model.role, x(median), y, 5));
    return withTip(group, () => [model.label, [[title, decimal(median)], ...(least < most ? [[interval, ends]] : [])]]);
  }
  const dots = values
    .map((value, k) => ({ value, split: now().splits[k], x: x(value), y: y + jitter(k) * 15 }))
    .filter((dot) => dot.value !== null);
  for (const dot of dots) group.append(svg("circle", { class: "mark faint", cx: dot.x, cy: dot.y, r: 2.4 }));
  group.append(line("line", x(least), y, x(lower), y), line("line", x(upper), y, x(most), y));
  const size = { width: Math.max(1, x(upper) - x(lower)), height: 2 * half };
  group.append(svg("rect", { class: "box", x: x(lower), y: y - half, ...size, rx: 2 }));
  group.append(line("line median", x(median), y - half, x(median), y + half));
  return withTip(group, (event) => {
    const at = toDrawing(drawing, event),
      near = nearest(dots, at.x, at.y);
    return [
      model.label,
      [
        [`split ${near.split}`, decimal(near.value)],
        ["median", decimal(median)],
      ],
    ];
  });
}
