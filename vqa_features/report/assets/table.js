// Table of the videos on the page: those of largest error, or those whose id holds the text of the search.

const MOST_LISTED = 15;

const count = (number) => number.toLocaleString("en");

/** Greatest absolute error of the first two models, which are compared. */
function worstError(index) {
  const { mos, predicted } = now().videos;
  const errors = finite(predicted.slice(0, 2).map((values) => values[index]));
  return errors.reduce((worst, value) => Math.max(worst, Math.abs(value - mos[index])), 0);
}

function listVideos() {
  const table = document.getElementById("videos-table");
  if (!table) return;
  const { ids, mos, models, predicted, digits } = now().videos;
  const wanted = document.getElementById("search").value.trim().toLowerCase();
  const found = ids.map((_, index) => index).filter((index) => ids[index].toLowerCase().includes(wanted));
  const errors = new Map(found.map((index) => [index, worstError(index)]));
  const listed = found.sort((a, b) => errors.get(b) - errors.get(a)).slice(0, MOST_LISTED);
  const head = (content) => html("th", { scope: "col" }, content);
  const names = models.map((model) => head(fitted(model.label, 240)));
  table.tHead.replaceChildren(html("tr", {}, head("Video"), head(DATA.target), ...names));
  table.tBodies[0].replaceChildren();
  for (const index of listed) {
    const values = [mos[index], ...predicted.map((column) => column[index])];
    const row = html("tr", {}, html("th", { scope: "row" }, ids[index]));
    for (const value of values) row.append(html("td", {}, decimal(value, digits)));
    table.tBodies[0].append(row);
  }
  const matching = wanted ? `${count(found.length)} of the ${count(ids.length)} videos on this page match` : "";
  const shown = `${count(listed.length)} of ${count(wanted ? found.length : ids.length)} are listed`;
  document.getElementById("found").textContent = `${matching ? matching + "; " : ""}${shown}.`;
}
