// Finished forms, kept on this device until the server has taken them. Pages and worker.js both load this file.
//
// A form is on the device, whole, before anything is sent, and under a key made here: should the answer to it be lost,
// it goes again under the same key and counts once. Its answers are removed as soon as the server has them.
"use strict";

const queue = (() => {
  const STORES = ["forms", "pace"];
  const SHORTEST_WAIT_MS = 15_000; // after a first failure; then twice as long each time
  const LONGEST_WAIT_MS = 30 * 60_000;
  const BETWEEN_FORMS_MS = 500; // a library's tablet that comes back after days shares the server with residents
  const GIVE_UP_MS = 60_000; // on one answer
  const RECEIPT_DAYS = 60; // that a receipt, which shows no answers, is still told here
  const told = new BroadcastChannel("pillarbox");

  const outcomeOf = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  const opened = () => {
    const request = indexedDB.open("pillarbox", 1);
    request.onupgradeneeded = () => {
      for (const name of STORES) request.result.createObjectStore(name, { keyPath: "key" });
    };
    return outcomeOf(request);
  };

  // Runs one transaction; it is done once it has reached the disk.
  const within = async (store, mode, work) => {
    const database = await opened();
    try {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      const result = await outcomeOf(work(transaction.objectStore(store)));
      await done;
      return result;
    } finally {
      database.close();
    }
  };

  const put = async (store, row) => {
    await within(store, "readwrite", (rows) => rows.put(row));
    told.postMessage("changed");
  };
  const get = (store, key) => within(store, "readonly", (rows) => rows.get(key));
  const remove = async (key) => {
    await within("forms", "readwrite", (rows) => rows.delete(key));
    told.postMessage("changed");
  };

  // Every form on this device, the longest finished first.
  const all = async () => {
    const forms = await within("forms", "readonly", (rows) => rows.getAll());
    return forms.sort((one, other) => one.finished.localeCompare(other.finished));
  };

  const keep = (form) => put("forms", { ...form, state: "waiting", finished: new Date().toISOString() });
  const again = async (key) => put("forms", { ...(await get("forms", key)), state: "waiting" });

  // How long the server or the network wants to be left alone. `asked` is the server's own word.
  const pace = async () => (await get("pace", "pace")) ?? { key: "pace", failures: 0, notBefore: 0, asked: 0 };
  const wentWell = () => put("pace", { key: "pace", failures: 0, notBefore: 0, asked: 0 });
  const wentWrong = async (asked) => {
    const failures = (await pace()).failures + 1;
    const doubled = Math.min(SHORTEST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
    const wait = doubled * (0.75 + Math.random() / 2); // so that a whole library does not come back at one moment
    return put("pace", { key: "pace", failures, notBefore: Math.max(Date.now() + wait, asked), asked });
  };

  // The moment named by Retry-After, which is a number of seconds or a date (RFC 9110, 10.2.3); 0 where none is.
  const askedUntil = (answer) => {
    const said = answer.headers.get("retry-after");
    if (!said) return 0;
    const until = /^\d+$/.test(said) ? Date.now() + 1000 * Number(said) : Date.parse(said);
    return Number.isFinite(until) ? until : 0;
  };

  const post = (form) =>
    fetch(form.address, {
      method: "POST",
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        "finished-at": form.finished, // of a library screen, the server counts what was finished before it closed
      },
      body: form.body,
      redirect: "error", // what a network's sign-in page answers with
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });

  // Only an answer in the server's own words counts: anything else comes from something in between.
  const inOurWords = async (answer) => {
    try {
      const said = await answer.json();
      return typeof said.receipt === "string" || Array.isArray(said.errors) ? said : {};
    } catch {
      return {};
    }
  };

  const PASSING = [408, 425, 429]; // client errors that say nothing of the form (RFC 9110, 8470, 6585)

  const sendNow = async (form) => {
    let answer;
    try {
      answer = await post(form);
    } catch {
      await wentWrong(0);
      return form;
    }
    const { receipt, errors } = await inOurWords(answer);
    if (answer.status === 201 && receipt) {
      const { key, kiosk, title, language, address, finished } = form;
      const sent = { key, title, language, address, finished, state: "sent", receipt, sent: new Date().toISOString() };
      await (kiosk ? remove(key) : put("forms", sent));
      await wentWell();
      return sent;
    }
    if (answer.status >= 400 && answer.status < 500 && !PASSING.includes(answer.status) && errors) {
      const refused = { ...form, state: "refused", errors };
      await put("forms", refused);
      await wentWell();
      return refused;
    }
    await wentWrong(askedUntil(answer));
    return form;
  };

  // Sends one form, whoever else is at it: what another page has sent meanwhile is not sent twice.
  const send = (key) =>
    navigator.locks.request("pillarbox-send", async () => {
      const form = await get("forms", key);
      const mayGo = form?.state === "waiting" && Date.now() >= (await pace()).asked;
      return mayGo ? sendNow(form) : form;
    });

  const paused = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const forgetOldReceipts = async (forms) => {
    const oldest = new Date(Date.now() - RECEIPT_DAYS * 86_400_000).toISOString();
    for (const form of forms) if (form.state === "sent" && form.sent < oldest) await remove(form.key);
  };

  // Sends all that waits, one after another, until one cannot be sent. One page or worker does so at a time.
  // `atOnce`: the network is said to be back, so that only the server's own word still holds anything up.
  const sendAll = (atOnce = false) =>
    navigator.locks.request("pillarbox-send-all", { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      const forms = await all();
      await forgetOldReceipts(forms);
      const { notBefore, asked } = await pace();
      if (Date.now() < (atOnce ? asked : notBefore)) return;
      for (const { key } of forms.filter((form) => form.state === "waiting")) {
        const form = await send(key);
        if (form?.state === "waiting") return;
        await paused(BETWEEN_FORMS_MS);
      }
    });

  return { keep, all, get: (key) => get("forms", key), remove, again, send, sendAll };
})();
