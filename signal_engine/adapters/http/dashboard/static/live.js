// Keeps a page up to date with parts that the server renders. Pages also work without this script.
"use strict";

const POLL = 5000;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const toast = document.querySelector("[data-toast]");
const types = JSON.parse(toast.dataset.types);
const pulse = document.querySelector('[data-part="health"]') ? "health" : "fault"; // asked for again and again
let streaming = false;
let decidedAsked = 0;

// What the stream tells may be newer than the answer on its way, so after that one it is asked again.
async function refresh(part, news = false) {
  const place = document.querySelector(`[data-part="${part}"]`);
  if (!place) return;
  if (place.dataset.asking) {
    if (news) place.dataset.again = "yes";
    return;
  }
  place.dataset.asking = "yes";
  const headers = place.dataset.etag ? { "If-None-Match": place.dataset.etag } : {};
  try {
    const answer = await fetch(`/part/${part}${location.search}`, { headers, cache: "no-store" });
    if (answer.status === 200) {
      put(place, await answer.text());
      place.dataset.etag = answer.headers.get("ETag") || "";
    }
    if (answer.status !== 304 && answer.status !== 200) cannot(`The server answered ${answer.status}.`);
    else if (part === pulse) document.querySelector("[data-lost]").hidden = true;
  } catch {
    cannot("The server is unreachable.");
  } finally {
    delete place.dataset.asking;
  }
  if (place.dataset.again) {
    delete place.dataset.again;
    await refresh(part);
  }
}

function cannot(why) {
  const lost = document.querySelector("[data-lost]");
  lost.hidden = false;
  lost.querySelector("[data-why]").textContent = why;
}

// Rows slide to their new place; a changed score is highlighted for a moment. Focus stays with its row.
function put(place, html) {
  const before = new Map();
  for (const row of place.querySelectorAll("[data-row]"))
    before.set(row.dataset.row, { top: row.getBoundingClientRect().top, score: row.dataset.score });
  const focused = document.activeElement?.closest("[data-row]")?.dataset.row;
  const button = document.activeElement?.dataset.act;
  const open = place.querySelector("details")?.open;
  place.innerHTML = html;
  if (open && place.querySelector("details")) place.querySelector("details").open = true;
  place.dispatchEvent(new Event("put", { bubbles: true }));
  for (const row of place.querySelectorAll("[data-row]")) {
    if (row.dataset.row === focused)
      (row.querySelector(`[data-act="${button}"]`) || row.querySelector("a"))?.focus({ preventScroll: true });
    const was = before.get(row.dataset.row);
    if (!was && before.size) isNew(row.dataset.row);
    if (still.matches || !before.size) continue;
    if (!was) row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 700 });
    else {
      const by = was.top - row.getBoundingClientRect().top;
      if (Math.abs(by) > 1)
        row.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 500, easing: "ease" });
      if (was.score !== row.dataset.score)
        row.querySelector(".score")?.animate([{ opacity: 0.25 }, { opacity: 1 }], { duration: 900 });
    }
  }
}

function tell(alert) {
  if (alert.recorded || !concerns(alert)) return;
  isNew(alert.account_id);
  const link = document.createElement("a");
  link.href = `/accounts/${encodeURIComponent(alert.account_id)}`;
  link.textContent = alert.name || alert.account_id;
  say(`${types[alert.type]}: `, link, ` \u2014 ${alert.why_now}`);
}

function say(...words) {
  const line = document.createElement("p");
  line.append(...words);
  toast.prepend(line);
  while (toast.children.length > 3) toast.lastElementChild.remove();
  const end = () => (line.contains(document.activeElement) ? setTimeout(end, 2000) : line.remove());
  setTimeout(end, line.querySelector("button") ? 30000 : 12000);
}

// What was decided about the account of this page, by somebody else, too.
async function refreshDecided() {
  const place = document.querySelector("[data-decided]");
  if (!place) return;
  const mine = ++decidedAsked; // of two answers on their way the later question counts
  const answer = await fetch(`/part/decided/${encodeURIComponent(place.dataset.decided)}`, { cache: "no-store" });
  if (!answer.ok) return;
  const html = await answer.text();
  if (mine !== decidedAsked || html === place.dataset.shown) return;
  const focused = place.contains(document.activeElement) && document.activeElement.dataset.act;
  place.innerHTML = place.dataset.shown = html;
  if (focused) (place.querySelector(`[data-act="${focused}"]`) || place.querySelector("[data-act]"))?.focus();
}

function decidedElsewhere() {
  if (!document.querySelector("dialog[open]")) refreshDecided().catch(() => cannot("The server is unreachable."));
}

const shown = document.querySelector('[data-part="list"]');
const stream = new EventSource("/v1/events");
stream.addEventListener("open", () => {
  streaming = true;
  refresh("alerts", true); // of those that came before it was open nobody tells
});
stream.addEventListener("error", () => { streaming = false; });
stream.addEventListener("list", (event) => {
  const news = JSON.parse(event.data);
  decidedElsewhere();
  if (shown && news.list === shown.dataset.list && news.etag !== shown.dataset.etag) {
    refresh("list", true);
    refresh("moves", true);
  }
});
stream.addEventListener("alert", (event) => {
  tell(JSON.parse(event.data));
  refresh("alerts", true);
});
refresh("moves");
addEventListener("pagehide", () => stream.close());

setInterval(() => {
  if (document.hidden) return;
  refresh(pulse);
  if (!streaming) { refresh("list"); refresh("moves"); refresh("alerts"); decidedElsewhere(); }
}, POLL);
