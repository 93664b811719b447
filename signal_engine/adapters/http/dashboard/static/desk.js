// What makes a page a workplace: whose accounts it shows, what is new in the title of its tab, and copying a name.
"use strict";

const KEY = "signal-engine-person";
const asked = new URLSearchParams(location.search);
const chooser = document.querySelector("[data-remembers]");
const bare = document.title;
const fresh = new Set(); // accounts with an alert, or new on the list, since somebody last looked at this tab

// What has changed since yesterday is told by the clock of whoever looks; without the cookie by UTC, and it says so.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `signal-engine-zone=${zone}; path=/; max-age=31536000; samesite=lax`;

// The choice is a convenience: a browser that keeps nothing shows everybody's.
function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(person) {
  try {
    localStorage.setItem(KEY, person);
  } catch {
    // as above
  }
}

if (chooser) {
  const person = kept() ?? chooser.dataset.me;
  if (asked.has("person")) keep(asked.get("person"));
  else if (person) {
    asked.set("person", person);
    location.replace(`${location.pathname}?${asked}`);
  }
}

// Whether news of an account are the work of whoever is chosen; without a choice everything is. The page knows what
// else a person is called: accounts have names where claims have addresses.
function concerns(news) {
  const folded = (name) => name?.trim().replace(/\s+/g, " ").toLowerCase();
  const person = folded(asked.get("person") ?? kept() ?? "");
  const names = new Set([person, ...JSON.parse(chooser?.dataset.names ?? "[]")]);
  return !person || [news.owner, news.sdr, news.claimed_by].some((one) => names.has(folded(one)));
}

function isNew(account) {
  if (!document.hidden) return;
  fresh.add(account);
  document.title = `(${fresh.size} new) ${bare}`;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  fresh.clear();
  document.title = bare;
});

// Away from this machine and without TLS a browser has no clipboard for pages, but it still copies what is selected.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await copy(button.dataset.copy);
    say(`Copied ${button.dataset.copy}.`);
  } catch {
    say("The browser does not let this page copy: select the name and copy it by hand.");
  }
  button.focus();
});
