// Keys for the desk: 1-9 choose (at a second look at once), B blank, C cannot be read, S skip, E edit what was
// read, Enter save (with Ctrl where Enter starts a new line). Without it every page works by mouse, touch and Tab; the
// keys are shown only once they work.
"use strict";

const form = document.getElementById("settle");
const typing = (element) => element.matches("textarea, input:not([type=radio]):not([type=checkbox])");

document.documentElement.classList.add("with-keys");

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey || event.isComposing) return;
  const focused = document.activeElement;
  const save = () => {
    const primary = form?.querySelector(".primary");
    if (primary) form.requestSubmit(primary);
  };
  if (event.ctrlKey) {
    if (event.key === "Enter") save();
    return;
  }
  if (event.key === "Escape") {
    focused.blur();
    return;
  }
  if (typing(focused)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (target) {
    event.preventDefault();
    target.click();
    if (target.matches("input")) target.focus();
  } else if (event.key === "Enter" && !focused.matches("a, button")) {
    event.preventDefault();
    save();
  }
});
