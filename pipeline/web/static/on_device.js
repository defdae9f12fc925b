// The page that tells which forms are on this device, what became of each, and what to do. Needs device.js.
"use strict";

const list = document.getElementById("kept");
const pattern = document.getElementById("kept-form");
const told = list.dataset;
const language = document.documentElement.lang;

// On a library screen answers are shown to staff alone: to whoever knows the code that set the screen up.
let mayShow = !("kiosk" in document.body.dataset);

const inDays = (moment) =>
  new Date(moment).toLocaleString(language === "en" ? "en-GB" : language, { dateStyle: "long", timeStyle: "short" });

const answersOf = (form) =>
  form.said.flatMap(({ asked, said }) => {
    const question = document.createElement("dt");
    question.textContent = asked;
    const answers = said.map((each) => {
      const answer = document.createElement("dd");
      answer.textContent = each;
      return answer;
    });
    return [question, ...answers];
  });

const shown = (form) => {
  const item = pattern.content.cloneNode(true);
  const put = (name, text) => (item.querySelector(`.${name}`).textContent = text);
  put("title", form.title);
  put("when", `${told.finished} ${inDays(form.finished)}`);
  put("state", told[form.state]);
  if (form.state === "sent") {
    put("receipt", `${form.receipt.slice(0, 5)} ${form.receipt.slice(5)}`);
  } else {
    item.querySelector(".answers").replaceChildren(...answersOf(form));
  }
  if (form.state === "refused") {
    put("why", form.errors.map((each) => each.message).join(" "));
    put("help", form.help);
    const whole = form.address.replace("?", "/all?"); // the page with all questions is filled in again
    item.querySelector(".open").href = `${whole}#again=${encodeURIComponent(form.key)}`;
    item.querySelector(".again").addEventListener("click", () => queue.again(form.key).then(() => queue.send(form.key)));
  }
  for (const part of item.querySelectorAll("[data-for]")) {
    if (!part.dataset.for.split(" ").includes(form.state)) part.remove();
  }
  if (!mayShow) for (const part of item.querySelectorAll(".ways, .answers-kept, .remove")) part.remove();
  item.querySelector(".remove")?.addEventListener("click", () => {
    if (form.state === "sent" || window.confirm(told.removing)) queue.remove(form.key);
  });
  return item;
};

const showKept = async () => {
  const forms = await queue.all();
  list.replaceChildren(...forms.map(shown));
  document.getElementById("nothing").hidden = forms.length > 0;
};

const fingerprint = async (code) => {
  const tidy = code.toUpperCase().replace(/[^A-Z0-9]/g, "");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(tidy));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

document.getElementById("staff")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  mayShow = (await fingerprint(event.target.elements.staff_code.value)) === document.body.dataset.kiosk;
  event.target.reset();
  showKept();
});

if (canKeep) {
  new BroadcastChannel("pillarbox").addEventListener("message", showKept);
  showKept();
}
