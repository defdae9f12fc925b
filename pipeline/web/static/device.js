// On every page for residents: starts the service worker, sends what waits, and says how many forms wait on this device.
// Without it, or where service workers are not allowed (they need TLS or localhost), forms are sent as they always were.
"use strict";

const LOOK_EVERY_MS = 15_000; // at what waits: how long is then left to wait, the queue knows
const canKeep = "serviceWorker" in navigator && "locks" in navigator && "indexedDB" in window;

// Has the worker keep what this page is made of, so that it opens without a network. The browser has it all at hand.
const keepThisPage = async () => {
  const wanted = [...document.querySelectorAll("[data-keep]")].map((each) => each.dataset.keep);
  const isNobodys = !new URLSearchParams(window.location.search).has("code");
  if (isNobodys && !navigator.serviceWorker.controller) {
    const loaded = performance.getEntriesByType("resource").map((each) => each.name);
    const ours = loaded.filter((name) => name.startsWith(window.location.origin) && /\/static\/|\.css/.test(name));
    const language = document.documentElement.lang;
    const around = [`/on-this-device?lang=${language}`, `/no-connection?lang=${language}`];
    wanted.push(window.location.pathname + window.location.search, ...around, ...new Set(ours));
  }
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage(wanted);
};

const showCounts = async () => {
  const forms = await queue.all();
  for (const place of document.querySelectorAll("[data-counts]")) {
    const counted = forms.filter((form) => place.dataset.counts === "any" || form.state === place.dataset.counts);
    place.hidden = counted.length === 0;
    const number = place.querySelector(".count");
    if (number) number.textContent = counted.length;
  }
};

const startSending = () => {
  const send = (atOnce) => queue.sendAll(atOnce).catch(() => {});
  window.addEventListener("online", () => send(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send(false));
  setInterval(send, LOOK_EVERY_MS, false);
  send(false);
};

if (canKeep) {
  navigator.serviceWorker.register("/worker.js").then(keepThisPage, () => {});
  new BroadcastChannel("pillarbox").addEventListener("message", showCounts);
  showCounts();
  startSending();
}
