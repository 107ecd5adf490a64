// Charts with one dot per video: predictions against MOS, residuals of two models. All mark the same video.

const PANELS = []; // {points: [{video, x, y}], ring, drawing}

function videoLines(index) {
  const { mos, models, predicted, digits } = now().videos;
  const values = models.map((model, k) => [model.label, decimal(predicted[k][index], digits)]);
  return [[DATA.target, decimal(mos[index], digits)], ...values];
}

/** Mark a video in every panel and show its tooltip near (x, y). */
function markVideo(index, x, y) {
  for (const panel of PANELS) {
    const point = panel.points.find((candidate) => candidate.video === index);
    panel.ring.setAttribute("visibility", point ? "visible" : "hidden");
    if (point) {
      panel.ring.setAttribute("cx", point.x);
      panel.ring.setAttribute("cy", point.y);
    }
  }
  const id = now().videos.ids[index];
  tip(x, y, id, videoLines(index), id);
}

function unmark() {
  for (const panel of PANELS) panel.ring.setAttribute("visibility", "hidden");
  hideTip();
}

/** Select the points of a drawing by mouse, touch and arrow keys. */
function makeSelectable(drawing, points) {
  const ring = svg("circle", { class: "lit", r: 6, fill: "none", visibility: "hidden" });
  drawing.append(ring);
  PANELS.push({ points, ring, drawing });
  let current = -1;
  const place = (point) => {
    const box = drawing.getBoundingClientRect(),
      view = drawing.viewBox.baseVal;
    return [box.left + point.x * (box.width / view.width), box.top + point.y * (box.height / view.height)];
  };
  drawing.addEventListener("pointermove", (event) => {
    const at = toDrawing(drawing, event),
      near = nearest(points, at.x, at.y);
    if (near && Math.hypot(near.x - at.x, near.y - at.y) < 28) markVideo(near.video, ...place(near));
    else unmark();
  });
  drawing.addEventListener("pointerleave", unmark);
  drawing.setAttribute("tabindex", 0);
  drawing.addEventListener("blur", unmark);
  drawing.addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape") unmark();
    if (!move || points.length === 0) return;
    event.preventDefault();
    current = (current + move + points.length) % points.length;
    markVideo(points[current].video, ...place(points[current]));
  });
}

/** Say how many videos are drawn at the edge of a frame because they lie outside. */
function tellOutside(drawing, frame, count) {
  if (count) drawing.append(text(`${count} beyond the axes`, frame.right, 12, "soft end"));
}

/** Radius of a dot by the number of dots. */
const dotSize = (count) => (count > 400 ? 2.2 : count > 120 ? 3 : 4);

CHARTS.scatter = (box) => {
  const { models } = now().videos;
  box.classList.toggle("one", models.length === 1);
  box.classList.toggle("three", models.length === 3 || models.length > 4);
  const figures = models.map((model) => html("figure", {}, html("figcaption", {}, model.label), html("div")));
  box.replaceChildren(...figures);
  figures.forEach((figure, index) => panel(figure.lastChild, index));
};

/** Predictions of one model against MOS or its proxy. */
function panel(box, index) {
  const { mos, models, predicted, drawn } = now().videos,
    { limits } = now();
  const model = models[index],
    height = Math.min(360, Math.max(270, box.clientWidth));
  const about = `${model.label}: predicted against ${DATA.target} of ${drawn} videos`;
  const { drawing, width } = canvas(box, height, `${about}; arrow keys select a video`);
  const frame = { left: 44, right: width - 6, top: 24, bottom: height - 40 };
  const [left, right] = extent(limits.mos),
    [low, high] = extent(limits.predicted);
  const x = linear(left, right, frame.left, frame.right),
    y = linear(low, high, frame.bottom, frame.top);
  const across = ticks(left, right, 5),
    up = ticks(low, high, 5);
  axes(
    drawing,
    frame,
    { marks: across, scale: x, print: plainly(across) },
    { marks: up, scale: y, print: plainly(up) },
  );
  const [from, to] = [Math.max(left, low), Math.min(right, high)];
  if (from < to) drawing.append(line("zero", x(from), y(from), x(to), y(to)));
  drawing.append(
    text(`${DATA.target} →`, frame.right, height - 5, "soft end"),
    text("↑ predicted", 0, 12, "soft"),
  );
  const points = mos
    .slice(0, drawn)
    .map((value, video) => ({ video, mos: value, predicted: predicted[index][video] }))
    .filter((point) => point.predicted !== null)
    .map((point) => ({ ...point, x: x(held(point.mos, left, right)), y: y(held(point.predicted, low, high)) }));
  const inside = (point) => held(point.mos, left, right) === point.mos && held(point.predicted, low, high) === point.predicted;
  tellOutside(drawing, frame, points.filter((point) => !inside(point)).length);
  const cloud = svg("g", { "data-role": model.role, "aria-hidden": "true" });
  for (const point of points) cloud.append(marker(model.role, point.x, point.y, dotSize(drawn)));
  for (const dot of cloud.children) dot.classList.add("faint");
  drawing.append(cloud);
  makeSelectable(drawing, points);
}

CHARTS.residuals = (box) => {
  const { mos, models, predicted, drawn, correlation } = now().videos;
  box.closest("section").hidden = models.length < 2;
  if (models.length < 2) return;
  const [one, two] = models,
    height = Math.min(440, Math.max(280, box.clientWidth * 0.8));
  const residual = [0, 1].map((k) =>
    predicted[k].slice(0, drawn).map((value, video) => (value === null ? null : value - mos[video])),
  );
  const [low, high] = extent(now().limits.residual),
    reach = Math.max(Math.abs(low), Math.abs(high));
  const about = `Residuals of ${one.label} and ${two.label}`;
  const { drawing, width } = canvas(box, height, `${about}; arrow keys select a video`);
  const frame = { left: 44, right: width - 6, top: 22, bottom: height - 40 };
  const x = linear(-reach, reach, frame.left, frame.right),
    y = linear(-reach, reach, frame.bottom, frame.top);
  const marks = ticks(-reach, reach, 6),
    print = plainly(marks);
  axes(drawing, frame, { marks, scale: x, print }, { marks, scale: y, print });
  drawing.append(
    line("zero", x(0), frame.top, x(0), frame.bottom),
    line("zero", frame.left, y(0), frame.right, y(0)),
  );
  drawing.append(
    text(`${fitted(one.label, frame.right - 90)}: residual →`, frame.right, height - 5, "tag end", { "data-role": one.role }),
  );
  drawing.append(text(`↑ ${fitted(two.label, frame.right - 90)}: residual`, 0, 12, "tag", { "data-role": two.role }));
  drawing.append(text(`r = ${decimal(correlation, 2)}`, frame.left + 10, frame.top + 18, "strong"));
  const points = residual[0]
    .map((value, video) => ({ video, pair: [value, residual[1][video]] }))
    .filter((point) => !point.pair.includes(null))
    .map((point) => ({ ...point, x: x(held(point.pair[0], -reach, reach)), y: y(held(point.pair[1], -reach, reach)) }));
  tellOutside(drawing, frame, points.filter((point) => point.pair.some((value) => Math.abs(value) > reach)).length);
  const cloud = svg("g", { "aria-hidden": "true", "data-role": "other" });
  const r = dotSize(drawn);
  for (const point of points)
    cloud.append(svg("circle", { class: "mark faint", cx: point.x, cy: point.y, r }));
  drawing.append(cloud);
  makeSelectable(drawing, points);
};
