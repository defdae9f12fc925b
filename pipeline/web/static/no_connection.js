// On the page that stands in for one that cannot be reached: the forms that open on this device all the same.
"use strict";

const openHere = document.getElementById("open-here");

const listKept = async () => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const { pathname, searchParams, href } = new URL(request.url);
      if (!/^\/f\/[^/]+\/all$/.test(pathname)) continue;
      const copy = await cache.match(request, { ignoreVary: true });
      const title = new DOMParser().parseFromString(await copy.text(), "text/html").querySelector("h1");
      const link = document.createElement("a");
      link.href = href;
      link.lang = searchParams.get("lang") ?? "";
      link.textContent = title.textContent;
      openHere.appendChild(document.createElement("li")).append(link);
    }
  }
};

if (canKeep) listKept();
