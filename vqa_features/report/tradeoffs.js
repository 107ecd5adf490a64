// Charts that weigh one thing against another: accuracy against cost, accuracy against training size.

/** Put a label where it covers no other: right of its point, else left, above, below. */
function placeLabel(drawing, taken, words, x, y, width, role) {
  const size = room([words]), spots = [[10, 4], [-10 - size, 4], [-size / 2, -12], [-size / 2, 20], [10, -10], [10, 18], [-10 - size, -10], [-10 - size, 18]];
  const clear = ([dx, dy]) => {
    const box = { x0: x + dx, x1: x + dx + size, y0: y + dy - 12, y1: y + dy + 3 };
    const inside = box.x0 >= 0 && box.x1 <= width && box.y0 >= 0;
    return inside && taken.every((other) => box.x1 < other.x0 || other.x1 < box.x0 || box.y1 < other.y0 || other.y1 < box.y0);
  };
  const [dx, dy] = spots.find(clear) ?? spots[0];
  taken.push({ x0: x + dx, x1: x + dx + size, y0: y + dy - 12, y1: y + dy + 3 });
  drawing.append(text(words, x + dx, y + dy, "tag halo", { "data-role": role }));
}

const duration = (seconds) => seconds >= 1 ? `${Number(seconds.toPrecision(2))} s` : `${Number((seconds * 1000).toPrecision(2))} ms`;

CHARTS.cost = (box) => {
  const rows = now().cost;
  box.closest("section").hidden = rows.length < 2;
  if (rows.length < 2) return;
  const height = 340, { drawing, width, narrow } = canvas(box, height, "Accuracy against seconds per video");
  const frame = { left: 44, right: width - (narrow ? 10 : 120), top: 26, bottom: height - 44 };
  const logs = rows.map((row) => Math.log10(row.seconds));
  const x = linear(Math.min(...logs) - 0.25, Math.max(...logs) + 0.25, frame.left, frame.right);
  const [low, high] = extent(rows.flatMap((row) => [row.low, row.high]), 0.06);
  const y = linear(low, high, frame.bottom, frame.top);
  const from = Math.min(...logs) - 0.25, to = Math.max(...logs) + 0.25;
  for (let power = Math.floor(from); power <= to; power++) {
    for (const log of (to - from < 2 ? [1, 2, 5] : [1]).map((digit) => power + Math.log10(digit))) {
      if (log < from || log > to) continue;
      drawing.append(svg("line", { class: "grid", x1: x(log), x2: x(log), y1: frame.top, y2: frame.bottom }));
      drawing.append(text(duration(10 ** log), x(log), frame.bottom + 18, "soft mid"));
    }
  }
  for (const value of ticks(low, high, 6)) {
    drawing.append(svg("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y(value), y2: y(value) }));
    drawing.append(text(decimal(value, 2), frame.left - 8, y(value) + 4, "soft end"));
  }
  drawing.append(text("↑ median SRCC", 0, 12, "soft"), text("extraction time per video →", frame.right, height - 6, "soft end"));
  const points = rows.map((row) => ({ ...row, x: x(Math.log10(row.seconds)), y: y(row.srcc) })).sort((a, b) => a.x - b.x || a.y - b.y);
  let path = "", best = -Infinity;
  for (const point of points) {
    if (point.srcc <= best) continue;
    path += best === -Infinity ? `M${point.x} ${point.y}` : `H${point.x}V${point.y}`;
    best = point.srcc;
  }
  drawing.append(svg("path", { class: "front", d: path + `H${frame.right}` }));
  const taken = points.map((point) => ({ x0: point.x - 6, x1: point.x + 6, y0: point.y - 6, y1: point.y + 6 }));
  for (const point of points) {
    const lines = [`SRCC ${decimal(point.srcc)} [${decimal(point.low)}, ${decimal(point.high)}]`, `${duration(point.seconds)} per video`];
    const group = svg("g", { "data-role": point.model.role, tabindex: 0, role: "img", "aria-label": `${point.model.label}: ${lines.join(", ")}` });
    group.append(svg("line", { class: "line", "stroke-opacity": 0.45, x1: point.x, x2: point.x, y1: y(point.low), y2: y(point.high) }), marker(point.model.role, point.x, point.y, 6));
    group.addEventListener("pointermove", (event) => tip(event.clientX, event.clientY, point.model.label, lines));
    group.addEventListener("pointerleave", hideTip);
    drawing.append(group);
  }
  for (const point of points) placeLabel(drawing, taken, point.model.table, point.x, point.y, width, point.model.role);
};

CHARTS.curve = (box) => {
  const rows = now().curve;
  box.closest("section").hidden = rows.length === 0;
  if (rows.length === 0) return;
  const plot = 340, height = plot + (box.clientWidth < 560 ? 20 * rows.length + 8 : 0);
  const { drawing, width, narrow } = canvas(box, height, "SRCC against the number of training videos");
  const frame = { left: 44, right: width - (narrow ? 12 : Math.min(width * 0.3, 20 + room(rows.map((row) => row.model.label)))), top: 26, bottom: plot - 44 };
  const sizes = rows.flatMap((row) => row.n_train);
  const x = linear(Math.min(...sizes), Math.max(...sizes), frame.left, frame.right);
  const [low, high] = extent(rows.flatMap((row) => [...row.low, ...row.high]));
  const y = linear(low, high, frame.bottom, frame.top);
  for (const value of ticks(Math.min(...sizes), Math.max(...sizes), narrow ? 4 : 7)) {
    drawing.append(svg("line", { class: "grid", x1: x(value), x2: x(value), y1: frame.top, y2: frame.bottom }), text(String(value), x(value), frame.bottom + 18, "soft mid"));
  }
  for (const value of ticks(low, high, 6)) {
    drawing.append(svg("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y(value), y2: y(value) }), text(decimal(value, 2), frame.left - 8, y(value) + 4, "soft end"));
  }
  drawing.append(text("↑ SRCC", 0, 12, "soft"), text("training videos →", frame.right, plot - 6, "soft end"));
  const ends = [];
  for (const row of rows) {
    const points = row.n_train.map((size, k) => ({ size, x: x(size), y: y(row.srcc[k]), low: y(row.low[k]), high: y(row.high[k]), srcc: row.srcc[k] }));
    const group = svg("g", { "data-role": row.model.role, tabindex: 0, role: "img", "aria-label": `${row.model.label}: ${points.map((point) => `${decimal(point.srcc)} at ${point.size}`).join(", ")}` });
    group.append(svg("path", { class: "band", d: "M" + points.map((point) => `${point.x} ${point.high}`).join("L") + "L" + points.slice().reverse().map((point) => `${point.x} ${point.low}`).join("L") + "Z" }));
    group.append(svg("path", { class: "line", d: "M" + points.map((point) => `${point.x} ${point.y}`).join("L") }));
    for (const point of points) group.append(marker(row.model.role, point.x, point.y, 3.6));
    group.addEventListener("pointermove", (event) => {
      const at = toDrawing(drawing, event), near = nearest(points, at.x, at.y);
      tip(event.clientX, event.clientY, row.model.label, [`SRCC ${decimal(near.srcc)} with ${near.size} training videos`]);
    });
    group.addEventListener("pointerleave", hideTip);
    drawing.append(group);
    ends.push({ row, y: points[points.length - 1].y });
  }
  ends.sort((a, b) => a.y - b.y);
  let floor = -Infinity;
  ends.forEach(({ row, y: end }, k) => {
    const tag = { "data-role": row.model.role };
    floor = Math.max(floor + 16, end + 4);
    if (narrow) drawing.append(marker(row.model.role, 8, plot + 20 * k + 14, 4.4), text(row.model.label, 22, plot + 20 * k + 18, "tag", tag));
    else drawing.append(text(row.model.label, frame.right + 12, floor, "tag", tag));
  });
};
