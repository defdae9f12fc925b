// Handing in scans: files may be dropped anywhere on the page, how far sending is, and then what was read, are told as
// they go on. Without it files are chosen, and the page is loaded anew to see what was read.
"use strict";

const form = document.getElementById("hand-in");
const chosen = document.getElementById("scans");
const told = form.querySelector(".sending");

document.documentElement.classList.add("has-script");

const send = () => {
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) told.textContent = `${Math.round((100 * event.loaded) / event.total)} % sent`;
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      window.location.assign(request.responseURL);
    } else {
      const found = new DOMParser().parseFromString(request.responseText, "text/html");
      const why = found.querySelector(".error") ?? found.querySelector("main p");
      told.textContent = why ? why.textContent : "That could not be taken. Please try again.";
    }
  });
  request.addEventListener("error", () => {
    told.textContent = "Sending stopped. Please try again: what has arrived already is counted once.";
  });
  told.textContent = "Sending …";
  request.send(new FormData(form));
};

form.addEventListener("submit", (event) => {
  if (!chosen.files.length) return;
  event.preventDefault();
  send();
});

for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dropping", name === "dragover");
  });
}
document.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  chosen.files = event.dataTransfer.files;
  send();
});
document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));

const lookAgain = async () => {
  const list = document.getElementById("handed-in");
  if (list.dataset.goingOn !== "yes") return;
  try {
    const page = await (await fetch(window.location.href)).text();
    const found = new DOMParser().parseFromString(page, "text/html").getElementById("handed-in");
    if (found && found.innerHTML !== list.innerHTML) list.innerHTML = found.innerHTML;
    if (found) list.dataset.goingOn = found.dataset.goingOn;
  } catch {
    // the network is away for a moment: the next look will tell
  }
  setTimeout(lookAgain, 2000);
};
setTimeout(lookAgain, 2000);
