// Keys for the desk: 1-9 choose (at a second look at once), B blank, C cannot be read, S skip, E edit what was
// read, M more of the page, U take back, arrows from tile to tile, O one at a time, Enter save (with Ctrl where Enter
// starts a new line). Without it every page works by mouse, touch and Tab; the keys are shown only once they work.
"use strict";

const form = document.getElementById("settle");
const typing = (element) => element.matches("textarea, input:not([type=radio]):not([type=checkbox])");

const tiles = [...document.querySelectorAll(".tile input[type=checkbox]")];

// From one tile of a grid to the next; the first key enters the grid at its beginning.
const toTile = (from, key) => {
  const top = (tile) => tile.parentElement.offsetTop;
  const columns = tiles.filter((tile) => top(tile) === top(tiles[0])).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  tiles[from < 0 ? 0 : Math.min(Math.max(from + step, 0), tiles.length - 1)].focus();
};

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
  if (tiles.length && event.key.startsWith("Arrow")) {
    event.preventDefault();
    toTile(tiles.indexOf(focused), event.key);
    return;
  }
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
