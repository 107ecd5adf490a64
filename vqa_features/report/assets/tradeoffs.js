// Accuracy against extraction time and against training size.

/** Place a label where it overlaps no other: right of its point, else left, above or below. */
function placeLabel(drawing, taken, words, x, y, width, role) {
  const size = labelWidth([words]),
    left = -14 - size; // a ring around the point has a radius of 10
  const spots = [
    [14, 4],
    [left, 4],
    [-size / 2, -12],
    [-size / 2, 20],
    [14, -10],
    [14, 18],
    [left, -10],
    [left, 18],
  ];
  const area = ([dx, dy]) => ({ x0: x + dx, x1: x + dx + size, y0: y + dy - 12, y1: y + dy + 3 });
  const clear = (spot) => {
    const { x0, x1, y0, y1 } = area(spot);
    const free = (other) => x1 < other.x0 || other.x1 < x0 || y1 < other.y0 || other.y1 < y0;
    return x0 >= 0 && x1 <= width && y0 >= 0 && taken.every(free);
  };
  const spot = spots.find(clear) ?? spots[0];
  taken.push(area(spot));
  drawing.append(text(words, x + spot[0], y + spot[1], "tag halo", { "data-role": role }));
}

/** Time with its unit: milliseconds below one second. */
function duration(seconds) {
  return seconds >= 1
    ? `${Number(seconds.toPrecision(2))} s`
    : `${Number((seconds * 1000).toPrecision(2))} ms`;
}

/** Logarithms of the decades in [from, to]; also of their 2 and 5 multiples when there are few decades. */
function decades(from, to) {
  const found = [];
  for (let power = Math.floor(from); power <= to; power++) {
    for (const digit of to - from < 2 ? [1, 2, 5] : [1]) found.push(power + Math.log10(digit));
  }
  return found.filter((log) => from <= log && log <= to);
}

const hundredths = (value) => decimal(value, 2);

CHARTS.cost = (box) => {
  const rows = now().cost;
  box.closest("section").hidden = rows.length < 2;
  if (rows.length < 2) return;
  const height = 340,
    { drawing, width } = canvas(box, height, `${now().statistic} against extraction time per video`);
  const frame = { left: 44, right: width - (isNarrow(box) ? 10 : 120), top: 26, bottom: height - 44 };
  const logs = rows.map((row) => Math.log10(row.seconds));
  const [least, most] = extent(logs, 0),
    [from, to] = [least - 0.25, most + 0.25];
  const [low, high] = extent(
    rows.flatMap((row) => [row.low, row.high]),
    0.06,
  );
  const x = linear(from, to, frame.left, frame.right),
    y = linear(low, high, frame.bottom, frame.top);
  axes(
    drawing,
    frame,
    { marks: decades(from, to), scale: x, print: (log) => duration(10 ** log) },
    { marks: ticks(low, high, 6), scale: y, print: hundredths },
  );
  drawing.append(text(`↑ ${now().statistic}`, 0, 12, "soft"));
  drawing.append(text("extraction time per video →", frame.right, height - 6, "soft end"));
  const points = rows.map((row) => ({ ...row, x: x(Math.log10(row.seconds)), y: y(row.srcc) }));
  drawing.append(path("front", front(points.filter((point) => point.on_front)) + `H${frame.right}`));
  const taken = points.map((point) => ({
    x0: point.x - 6,
    x1: point.x + 6,
    y0: point.y - 6,
    y1: point.y + 6,
  }));
  for (const point of points) {
    const { model } = point,
      srcc = decimal(point.srcc) + (point.low === null ? "" : ` [${decimal(point.low)}, ${decimal(point.high)}]`);
    const lines = [
      ["SRCC", srcc],
      ["per video", duration(point.seconds)],
      ["Pareto front", point.on_front ? "yes" : "no"],
    ];
    const about = `SRCC ${srcc}, ${duration(point.seconds)} per video${point.on_front ? ", on the Pareto front" : ""}`;
    const group = focusable(model.role, `${model.label}: ${about}`);
    if (point.low !== null) group.append(line("line whisker", point.x, y(point.low), point.x, y(point.high)));
    if (point.on_front) group.append(svg("circle", { class: "ring", cx: point.x, cy: point.y, r: 10 }));
    group.append(marker(model.role, point.x, point.y, 6));
    drawing.append(withTip(group, () => [model.label, lines]));
  }
  for (const point of points) {
    placeLabel(drawing, taken, fitted(point.model.table, 220), point.x, point.y, width, point.model.role);
  }
};

/** Outline of the Pareto front: the highest SRCC within each time. */
function front(points) {
  const ordered = [...points].sort((a, b) => a.x - b.x);
  return ordered.map(({ x, y }, index) => (index === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join("");
}

CHARTS.curve = (box) => {
  const rows = now().curve;
  box.closest("section").hidden = rows.length === 0;
  if (rows.length === 0) return;
  const narrow = isNarrow(box),
    plot = 340,
    legend = narrow ? 20 * rows.length + 8 : 0;
  const { drawing, width } = canvas(box, plot + legend, "SRCC against the number of training videos");
  const margin = narrow ? 12 : Math.min(width * 0.3, 20 + labelWidth(rows.map((row) => row.model.label)));
  const frame = { left: 44, right: width - margin, top: 26, bottom: plot - 44 };
  const [from, to] = extent(
    rows.flatMap((row) => row.n_train),
    0,
  );
  const [low, high] = extent(rows.flatMap((row) => [...row.low, ...row.high]));
  const x = linear(from, to, frame.left, frame.right),
    y = linear(low, high, frame.bottom, frame.top);
  axes(
    drawing,
    frame,
    { marks: ticks(from, to, narrow ? 4 : 7), scale: x, print: String },
    { marks: ticks(low, high, 6), scale: y, print: hundredths },
  );
  drawing.append(text("↑ SRCC", 0, 12, "soft"), text("training videos →", frame.right, plot - 6, "soft end"));
  for (const row of rows) drawing.append(curveOf(row, x, y, drawing));
  let lowest = -Infinity;
  const ends = rows.map((row) => ({ model: row.model, y: y(row.srcc.at(-1)) })).sort((a, b) => a.y - b.y);
  ends.forEach(({ model, y: end }, k) => {
    const tag = { "data-role": model.role },
      below = plot + 20 * k + 14;
    lowest = Math.max(lowest + 16, end + 4);
    if (narrow)
      drawing.append(marker(model.role, 8, below, 4.4), text(fitted(model.label, width - 22), 22, below + 4, "tag", tag));
    else drawing.append(text(fitted(model.label, margin - 12), frame.right + 12, lowest, "tag", tag));
  });
};

/** One learning curve: band, line, points. */
function curveOf({ model, n_train: sizes, srcc, low, high }, x, y, drawing) {
  const points = sizes.map((size, k) => ({ size, srcc: srcc[k], x: x(size), y: y(srcc[k]) }));
  const values = points.map((point) => `${decimal(point.srcc)} at ${point.size}`).join(", ");
  const trace = (values) => values.map((value, k) => `${x(sizes[k])} ${y(value)}`);
  const group = focusable(model.role, `${model.label}: ${values}`);
  group.append(path("band", `M${[...trace(high), ...trace(low).reverse()].join("L")}Z`));
  group.append(path("line", `M${trace(srcc).join("L")}`));
  for (const point of points) group.append(marker(model.role, point.x, point.y, 3.6));
  return withTip(group, (event) => {
    const at = toDrawing(drawing, event),
      near = nearest(points, at.x, at.y);
    return [
      model.label,
      [
        ["SRCC", decimal(near.srcc)],
        ["training videos", String(near.size)],
      ],
    ];
  });
}
