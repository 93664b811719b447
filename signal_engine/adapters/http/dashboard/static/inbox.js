// Buttons in the messages of the inbox act; messages that changed are exchanged, and only those.
"use strict";

const INBOX_POLL = 2000;
const inbox = document.querySelector("[data-inbox]");

async function look() {
  const answer = await fetch("/part/inbox", { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  const there = new Map([...inbox.querySelectorAll("[data-message]")].map((one) => [one.dataset.message, one]));
  const wanted = [...fresh.content.children].map((one) => {
    const known = there.get(one.dataset.message);
    if (!known || known.dataset.version !== one.dataset.version) return one;
    known.querySelector(".envelope").replaceWith(one.querySelector(".envelope")); // how long ago
    return known;
  });
  const present = [...inbox.children];
  if (wanted.length === present.length && wanted.every((one, place) => one === present[place])) return;
  const focused = document.activeElement?.closest("[data-message]")?.dataset.message;
  const element = document.activeElement?.dataset.element;
  for (const one of present) if (!wanted.includes(one)) one.remove();
  wanted.forEach((one, place) => {
    if (inbox.children[place] !== one) inbox.insertBefore(one, inbox.children[place] || null);
  });
  if (focused && !inbox.contains(document.activeElement))
    inbox.querySelector(`[data-message="${CSS.escape(focused)}"] [data-element="${element}"]`)?.focus({ preventScroll: true });
}

async function press(element, option) {
  const message = element.closest("[data-message]").dataset.message;
  const clicked = { message, element: Number(element.dataset.element), ...(option === undefined ? {} : { option }) };
  const answer = await fetch("/inbox/clicks", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(clicked),
  });
  if (!answer.ok) say((await answer.json().catch(() => ({}))).detail || `The server answered ${answer.status}.`);
  await look();
}

const unreachable = () => cannot("The server is unreachable.");
inbox.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-element]");
  if (button) press(button).catch(unreachable);
});
inbox.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-element]");
  if (select && select.value !== "") press(select, Number(select.value)).catch(unreachable);
});
setInterval(() => { if (!document.hidden) look().catch(unreachable); }, INBOX_POLL);
