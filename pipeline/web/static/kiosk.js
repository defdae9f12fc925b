// On a library screen: what one person typed is never there for the next. Whoever does not touch it for a while is asked,
// and given half a minute; nothing is left to go back to; and staff are told how many forms wait. Needs device.js.
"use strict";

const START = "/kiosk";
const TELLS = "/kiosk-tells";
const IDLE_S = 90; // before it asks whether anybody is there
const WARNING_S = 30; // to say so; WCAG 2.2.1 asks for 20 at least
const TELL_EVERY_MS = 5 * 60_000;
const TELL_AFTER_MS = 3000; // of a change: while many forms are sent one after another, once for several of them
const LOOK_FOR_FORMS_MS = 15 * 60_000; // whether other forms have opened, and for newer copies of those kept

const dialog = document.getElementById("still-there");
const seconds = dialog.querySelector(".seconds");
const isStart = window.location.pathname === START;

// Every page takes the place of the one before, so that the way back leads to no answers.
const goTo = (address) => {
  document.querySelector("#answers")?.reset();
  window.location.replace(address);
};

let idleFor = 0;
let ticking;
const somebodyIsThere = () => {
  idleFor = 0;
  if (dialog.open) dialog.close();
};

const eachSecond = () => {
  idleFor += 1;
  const left = IDLE_S + WARNING_S - idleFor;
  seconds.textContent = left;
  if (left <= 0) {
    clearInterval(ticking); // going there once more would begin anew, and on a slow network never end
    goTo(START);
  } else if (left <= WARNING_S && !dialog.open) dialog.showModal();
};

const tell = async () => {
  const forms = await queue.all();
  const waiting = forms.filter((form) => form.state === "waiting");
  const refused = forms.filter((form) => form.state === "refused");
  const body = new URLSearchParams({ waiting: waiting.length, refused: refused.length, oldest: forms[0]?.finished ?? "" });
  await fetch(TELLS, { method: "POST", body });
};

for (const field of document.querySelectorAll("form, input, textarea")) field.autocomplete = "off";

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  goTo(link.href);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) goTo(START);
});

dialog.querySelector("[value=stay]").addEventListener("click", somebodyIsThere);
dialog.addEventListener("close", () => (idleFor = 0)); // Escape, too, is somebody
dialog.querySelector("[value=leave]").addEventListener("click", () => goTo(START));

if (isStart) {
  setInterval(() => goTo(START), LOOK_FOR_FORMS_MS);
} else {
  for (const name of ["pointerdown", "keydown", "input", "scroll"]) {
    document.addEventListener(name, () => dialog.open || somebodyIsThere(), { capture: true, passive: true });
  }
  ticking = setInterval(eachSecond, 1000);
}

if (canKeep) {
  const tellQuietly = () => tell().catch(() => {}); // without a network the next time will do
  let soon;
  new BroadcastChannel("pillarbox").addEventListener("message", () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      tellQuietly();
    }, TELL_AFTER_MS);
  });
  setInterval(tellQuietly, TELL_EVERY_MS);
  tellQuietly();
}
