// The service worker of the residents' pages: keeps what a form needs, so that it opens without a network, and sends what
// waits when the browser finds the network again. The server puts a line before this: `kept`, with a version of all files.
"use strict";

importScripts(kept.queue);

const CACHE = `pillarbox-${kept.version}`;
const PATIENCE_MS = 4000; // for the network, where a copy of the page is at hand
const ON_DEVICE = "/on-this-device";
const NO_CONNECTION = "/no-connection";
const PAGES = /^\/(on-this-device|no-connection|kiosk|f\/[^/]+(\/all)?)?$/;
const START = /^\/f\/[^/]+\/start$/;

const isFile = (url) => url.pathname.startsWith("/static/");

// A page with somebody's code from paper is nobody else's.
const isKept = (url) => !url.searchParams.has("code") && (PAGES.test(url.pathname) || url.pathname.endsWith(".css"));

const copyOf = async (request) => (await caches.open(CACHE)).match(request, { ignoreVary: true });

// Whatever is kept, is kept here: whole answers, and of the very address that was asked for. A browser refuses to open an
// address with the answer of another, which is what `cache.add` keeps of `/kiosk` on a device where that leads on to `/`.
// A device that is full keeps nothing more, and shows the answer all the same.
const keep = async (request, answer) => {
  const leadsOn = answer.redirected || answer.type === "opaqueredirect";
  const cache = await caches.open(CACHE);
  if (leadsOn) await cache.delete(request, { ignoreVary: true });
  else if (answer.status === 200) await cache.put(request, answer.clone()).catch(() => {});
  return answer;
};

const fetchAndKeep = async (address) => keep(address, await fetch(address));

const keptForSure = async (address) => {
  await fetchAndKeep(address);
  if (!(await copyOf(address))) throw new Error(`${address} could not be kept`);
};

const fromNetwork = async (request) => {
  const answer = await fetch(request);
  return isKept(new URL(request.url)) ? keep(request, answer) : answer;
};

// What is new first, and the copy where the network does not answer, or not soon.
const newest = async (request) => {
  const coming = fromNetwork(request);
  const copy = await copyOf(request);
  if (!copy) return coming;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, copy));
  return Promise.race([coming.catch(() => copy), late]);
};

const page = async (request) => {
  try {
    return await newest(request);
  } catch {
    const url = new URL(request.url);
    url.searchParams.delete("code");
    return (await copyOf(url.href)) ?? noConnection(url);
  }
};

// What stands in for a page that cannot be reached and has no copy, in the language of that page.
const noConnection = async (url) => {
  const spoken = await copyOf(`${NO_CONNECTION}?lang=${url.searchParams.get("lang")}`);
  return spoken ?? (await copyOf(NO_CONNECTION)) ?? Response.error();
};

// A file's address holds a stamp of its contents, so that a copy is never out of date.
const file = async (request) => {
  return (await copyOf(request)) ?? keep(request, await fetch(request));
};

// Pages that an earlier version kept are kept anew: whoever opened a form once finds it without a network after an update.
const pagesKeptBefore = async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("pillarbox-") && name !== CACHE);
  const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return requests.flat().filter((request) => !isFile(new URL(request.url)));
};

self.addEventListener("install", (event) => {
  const keepAll = async () => {
    await Promise.all([ON_DEVICE, NO_CONNECTION, ...kept.files].map(keptForSure));
    await Promise.allSettled((await pagesKeptBefore()).map((request) => fetchAndKeep(request.url)));
    await self.skipWaiting();
  };
  event.waitUntil(keepAll());
});

self.addEventListener("activate", (event) => {
  const forgetEarlier = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(forgetEarlier());
});

// One question a page needs the server. Without a network, whoever wants to start gets all questions on one page, with the
// code of a paper copy that was typed; who is on the way is told that nothing is lost.
const posted = async (request) => {
  const sent = request.clone();
  try {
    return await fetch(request);
  } catch {
    const url = new URL(request.url);
    if (!START.test(url.pathname)) return noConnection(url);
    const code = (await sent.formData()).get("code");
    if (code) url.searchParams.set("code", code);
    return Response.redirect(`${url.pathname.replace(/start$/, "all")}${url.search}`, 303);
  }
};

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const isOurs = url.origin === self.location.origin;
  const isPosted = event.request.method === "POST" && event.request.mode === "navigate";
  if (isOurs && isPosted) event.respondWith(posted(event.request));
  if (event.request.method !== "GET" || !isOurs) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (isFile(url)) event.respondWith(file(event.request));
  else if (isKept(url)) event.respondWith(newest(event.request));
});

// Pages ask for copies of what they are made of: what they loaded before this worker ran did not pass through it. A page may
// be one with somebody's answers on it, reloaded past this worker: that is not kept for whoever uses the device next.
self.addEventListener("message", (event) => {
  const keepThese = async () => {
    const urls = event.data.map((address) => new URL(address, self.location.origin));
    const wanted = urls.filter((url) => isFile(url) || isKept(url));
    await Promise.allSettled(wanted.map((url) => fetchAndKeep(url.href)));
  };
  event.waitUntil(keepThese());
});

// Background Sync, where the browser has it: also when no page is open. What still waits makes it try again.
self.addEventListener("sync", (event) => {
  const sendWaiting = async () => {
    await queue.sendAll(true);
    if ((await queue.all()).some((form) => form.state === "waiting")) throw new Error("some forms still wait");
  };
  event.waitUntil(sendWaiting());
});
