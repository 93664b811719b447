// Claim, snooze, disposition, disqualify: asks in a dialog, sends, and shows the effect before the engine has published it.
"use strict";

const me = document.body.dataset.actor;
const SHOWN_FOR = 30000; // ms; after that the page shows what the server says, whatever was done here
const LEAVES = new Set(["snooze", "kill"]);
const KEEPS = new Set(["contacted", "meeting_booked"]);
const acted = new Map(); // account -> what was done here, as long as the server does not show it
const keys = new Map(); // request -> its action_id, as long as its outcome is not known: sent again it is the same action
let opener = null;

async function send(account, body) {
  const text = JSON.stringify(body);
  const request = `${account} ${text}`;
  if (!keys.has(request)) keys.set(request, crypto.randomUUID());
  let answer;
  try {
    answer = await fetch(`/v1/accounts/${encodeURIComponent(account)}/actions`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": keys.get(request) },
      body: text,
    });
  } catch {
    throw new Error("The server is unreachable. It may not have been saved. Try again.");
  }
  const answered = await answer.json().catch(() => ({}));
  if (answer.status !== 503) keys.delete(request);
  if (!answer.ok) throw new Error(sentence(answered.detail || `The server answered ${answer.status}.`));
  return answered.action;
}

// An e-mail address at the beginning keeps its case.
function sentence(text) {
  const begun = /^[a-z]+ /.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

async function act(place, body) {
  const { account, name } = place.dataset;
  const action = await send(account, body);
  remember(account, action);
  const back = reverse(action, body);
  say(...confirmation(action, name), ...(back ? [" ", undo({ account, name }, back)] : []));
  show();
  await refreshDecided();
}

function confirmation(action, name) {
  const day = action.until && new Date(action.until).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const words = {
    claim: `Claimed ${name} until ${day}.`,
    release: `Released ${name}.`,
    snooze: `Snoozed ${name} until ${day}.`,
    restore: `Restored ${name}.`,
    kill: `Disqualified ${name}${action.icp ? ` from ${action.icp}` : ""}.`,
    disposition: `Saved for ${name}.${day ? ` Back on the lists on ${day} at the latest.` : ""}`,
  };
  return [words[action.action]];
}

// What was done here, shown until the server shows something else than before

function remember(account, action) {
  const row = document.querySelector(`[data-row="${CSS.escape(account)}"]`);
  const was = row?.querySelector("[data-claimed]")?.dataset.claimed ?? "";
  const leaves = LEAVES.has(action.action) || (action.action === "disposition" && !KEEPS.has(action.outcome));
  const claimed = { claim: me, release: "" }[action.action];
  const before = acted.get(account);
  acted.set(account, { was: before?.was ?? was, claimed: claimed ?? before?.claimed, leaves, until: Date.now() + SHOWN_FOR });
}

function show() {
  for (const [account, done] of acted) {
    const row = document.querySelector(`[data-row="${CSS.escape(account)}"]`);
    if (!row) {
      acted.delete(account); // the server shows it
      continue;
    }
    const shown = row.querySelector("[data-claimed]");
    if (Date.now() > done.until || (done.claimed !== undefined && !shown.dataset.mine && shown.dataset.claimed !== done.was)) {
      acted.delete(account);
      continue;
    }
    if (done.leaves) leave(row);
    else if (done.claimed !== undefined) claim(row, shown, done.claimed);
  }
}

function leave(row) {
  if (row.contains(document.activeElement)) focusAfter(row);
  row.hidden = true;
}

// The next account that is still there; whoever works with the keyboard goes on from it.
function focusAfter(row) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((one) => one === row || !one.hidden);
  const at = rows.indexOf(row);
  ((rows[at + 1] || rows[at - 1])?.querySelector("a") || document.querySelector("main")).focus();
}

function claim(row, shown, by) {
  shown.hidden = !by;
  shown.dataset.mine = "yes";
  shown.querySelector("[data-claimer]").textContent = by ? "you" : "";
  const button = row.querySelector('[data-act="claim"], [data-act="release"]');
  button.dataset.act = by ? "release" : "claim";
  button.firstChild.data = by ? "Release" : "Claim";
}

// The action that takes another one back, where the door allows it; null: nothing does.
function reverse(action, asked) {
  const { action: kind, outcome, icp } = action;
  if (kind === "claim") return asked.take_over ? null : { action: "release" };
  if (kind === "release") return { action: "claim" };
  if (LEAVES.has(kind) || (kind === "disposition" && !KEEPS.has(outcome)))
    return { action: "restore", ...(icp ? { icp } : { everywhere: true }) };
  return null;
}

function undo(place, body) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Undo";
  button.setAttribute("data-undo", "");
  button.setAttribute("aria-keyshortcuts", "Control+Z Meta+Z");
  button.addEventListener("click", async () => {
    if (button.ariaBusy) return;
    button.ariaBusy = "true";
    const { account, name } = place;
    try {
      const action = await send(account, body);
      const row = document.querySelector(`[data-row="${CSS.escape(account)}"]`);
      if (row) row.hidden = false;
      if (LEAVES.has(body.action) || body.action === "restore") acted.delete(account);
      else remember(account, action);
      button.parentElement.remove();
      say(`Undone. ${confirmation(action, name)}`);
      show();
      (row?.querySelector("a") || document.querySelector("[data-decided] [data-act]"))?.focus();
      await refreshDecided();
    } catch (error) {
      button.ariaBusy = null;
      say(error.message);
    }
  });
  return button;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, dialog");
  const button = document.querySelector("[data-undo]");
  if (typing || !button || event.key.toLowerCase() !== "z" || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  button.click();
});

// Buttons and dialogs

document.addEventListener("put", show);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  const place = button.closest("[data-acts]");
  const dialog = document.querySelector(`[data-dialog="${button.dataset.act}"]`);
  if (dialog) ask(dialog, place);
  else now(button, place);
});

async function now(button, place) {
  const body = { action: button.dataset.act };
  if (button.dataset.act === "claim" && button.firstChild.data === "Take over") body.take_over = true;
  if (button.dataset.act === "restore") Object.assign(body, button.dataset.icp ? { icp: button.dataset.icp } : { everywhere: true });
  if (button.ariaBusy) return; // not `disabled`, which would take the focus away
  button.ariaBusy = "true";
  try {
    await act(place, body);
  } catch (error) {
    say(error.message);
  } finally {
    button.ariaBusy = null;
  }
}

function ask(dialog, place) {
  opener = place;
  dialog.querySelector("form").reset();
  dialog.querySelector("[data-who]").textContent = place.dataset.name;
  dialog.querySelector("[data-wrong]").textContent = "";
  const places = dialog.querySelector("[data-places]");
  if (places) {
    const kills = JSON.parse(place.dataset.kills);
    const options = kills.map((icp) => new Option(icp ? `the list ${icp}` : "every list", icp));
    places.querySelector("select").replaceChildren(...options);
    places.hidden = kills.length === 1;
    dialog.querySelector("[data-from]").textContent = kills.length === 1 ? ` ${kills[0]}` : "";
    dialog.querySelector("[data-stays]").hidden = kills.length !== 1 || !kills[0];
  }
  dialog.showModal();
}

for (const dialog of document.querySelectorAll("[data-dialog]")) {
  dialog.addEventListener("submit", (event) => {
    if (event.submitter?.value === "cancel") return;
    event.preventDefault();
    submit(dialog);
  });
  dialog.addEventListener("close", () => {
    const buttons = document.querySelectorAll(`[data-act="${dialog.dataset.dialog}"]`);
    const back = [...buttons].find((one) => one.closest("[data-acts]").dataset.account === opener.dataset.account);
    const row = back?.closest("[data-row]");
    if (row?.hidden) focusAfter(row);
    else (back || document.querySelector("[data-act], main")).focus();
  });
}

async function submit(dialog) {
  const given = new FormData(dialog.querySelector("form"));
  const body = { action: dialog.dataset.dialog };
  const reason = (given.get("reason") || "").trim();
  if (reason) body.reason = reason;
  if (given.has("outcome")) body.outcome = given.get("outcome");
  if (given.has("icp")) Object.assign(body, given.get("icp") ? { icp: given.get("icp") } : { everywhere: true });
  if (given.has("days")) body.until = until(Number(given.get("days")));
  const go = dialog.querySelector(".go");
  if (go.ariaBusy) return;
  go.ariaBusy = "true";
  try {
    await act(opener, body);
    dialog.close();
  } catch (error) {
    dialog.querySelector("[data-wrong]").textContent = error.message;
  } finally {
    go.ariaBusy = null;
  }
}

// To the minute, so that a request sent again a moment later is the same request.
function until(days) {
  const at = new Date(Date.now() + days * 86400000);
  at.setUTCSeconds(0, 0);
  return at.toISOString();
}
