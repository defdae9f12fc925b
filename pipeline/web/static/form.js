// On a form: what is sent is first kept on this device, so that nothing is lost without a network. The server checks it
// all the same. Needs device.js and put_right.js; without them the form is posted, and the server's own pages answer.
"use strict";

const form = document.getElementById("answers");
const PATIENCE_MS = 5000; // a person's, with a network that neither answers nor fails; sending goes on meanwhile
const keyField = form.elements.submission_key;
const isKiosk = "kiosk" in document.body.dataset;

const fieldsOf = (submitter) => new URLSearchParams(new FormData(form, submitter));

// What was asked and answered, in words: to be read out or typed in by staff, should the server not take it.
const saidIn = () =>
  [...form.querySelectorAll(".question")].flatMap((question) => {
    const words = (element) => element.innerText.replace(/\s+/g, " ").trim();
    const ticked = [...question.querySelectorAll(":checked")].map((box) => {
      const statement = box.closest(".statement")?.querySelector("legend");
      return (statement ? `${words(statement)}: ` : "") + words(box.labels[0]);
    });
    const typed = [...question.querySelectorAll("input[inputmode], textarea")].map((box) => box.value.trim());
    const said = [...ticked, ...typed].filter(Boolean);
    return said.length ? [{ asked: words(question.querySelector("legend, .asked")), said }] : [];
  });

const fill = (body) => {
  for (const [name, value] of new URLSearchParams(body)) {
    if (name === "version") continue; // what is put right, is put right on the form as it is now
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.matches("[type=radio], [type=checkbox]")) field.checked ||= field.value === value;
      else field.value = value;
    }
  }
};

const showSaved = () => {
  const saved = document.getElementById("saved").content.cloneNode(true);
  const main = document.getElementById("main");
  main.replaceChildren(saved);
  document.title = `${main.querySelector("h1").innerText} – ${document.title}`;
  main.querySelector("h1").focus();
  window.scrollTo(0, 0);
  showCounts();
};

const askForSync = async () => {
  const worker = await navigator.serviceWorker.ready;
  await worker.sync?.register("pillarbox-send");
};

// Emptied before it is left: browsers bring back what was typed to whoever goes back, who may be the next person.
const onwards = (sent) => {
  form.reset();
  const address = `${form.dataset.received}/${sent.receipt}?lang=${encodeURIComponent(document.documentElement.lang)}`;
  if (isKiosk) goTo(address);
  else window.location.assign(address);
};

// Keeps the answers, tries to send them at once, and says what came of it.
const finish = async () => {
  const key = keyField.value;
  const wasKeptBefore = await queue.get(key);
  await queue.keep({
    key,
    address: form.getAttribute("action"),
    title: form.dataset.title,
    language: document.documentElement.lang,
    body: fieldsOf().toString(),
    help: form.dataset.help,
    said: saidIn(),
    kiosk: isKiosk,
  });
  navigator.storage?.persist?.(); // asks the browser not to tidy this away when the disk is nearly full
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)).then(() => queue.get(key));
  const kept = await Promise.race([queue.send(key), late]);
  if (kept.state === "sent") {
    onwards(kept);
  } else if (kept.state === "refused") {
    if (!wasKeptBefore) await queue.remove(key); // nobody has left yet: they put it right here
    putRight.show(kept.errors);
  } else {
    showSaved();
    askForSync().catch(() => {});
  }
};

// Answers that the server did not take, opened again to be put right: they keep their key.
const fillAgain = async (key) => {
  const kept = await queue.get(key);
  if (kept?.body) fill(kept.body);
};

if (canKeep) {
  const again = new URLSearchParams(window.location.hash.slice(1)).get("again");
  if (again) fillAgain(again);
  else if (form.dataset.posted === "no") keyField.value = crypto.randomUUID(); // a kept copy has somebody else's
  const code = new URLSearchParams(window.location.search).get("code");
  if (code && !form.elements.code.value) form.elements.code.value = code;
  let isGoing = false;
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (isGoing) return; // pressed twice
    const wrong = putRight.found(form, saidIn());
    if (wrong.length) {
      putRight.show(wrong);
      return;
    }
    isGoing = true;
    await finish().catch(() => form.submit()); // where nothing can be kept here, it is posted
    isGoing = false;
  });
}
