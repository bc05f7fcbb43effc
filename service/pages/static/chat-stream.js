// The service's event stream: what is said from now on, and what was said while we were away.

import { request } from "./chat-api.js";

let running = null;
let control;

document.addEventListener("visibilitychange", () => document.hidden && control?.abort());

// For ever, until ``stop``; what comes after ``chat.last()`` comes once and in order.
export async function follow(chat) {
  if (running) return;
  const me = (running = {});
  let pause = 0;
  while (running === me) {
    await shown(); // a page nobody looks at holds no connection
    control = new AbortController();
    try {
      const response = await request("GET", "/chat/events", {
        headers: { "Last-Event-ID": chat.last() },
        signal: control.signal,
      });
      if (response.status === 401) await chat.expired();
      if (response.status === 401 || response.status === 204) break;
      if (!response.ok) throw new Error(`the stream answered ${response.status}`);
      pause = 0;
      chat.connected();
      for await (const [event, data] of eventsOf(response)) {
        if (running === me) chat.hear(event, data);
      }
    } catch {
      if (!document.hidden) chat.broken(pause > 0); // said at the second failure: a restart takes a moment
    }
    pause = Math.min(pause * 2 || 500, 30000);
    await quietFor(pause * (0.75 + Math.random() / 2));
  }
  if (running === me) running = null;
}

export function stop() {
  running = null;
  control?.abort();
}

export function quietFor(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    window.addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

function shown() {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    look();
  });
}

// Server-sent events over fetch, as EventSource could not send the session's header. The service
// pings every 15 seconds; a stream silent for 45 is dead. An event cut in the middle is not
// counted: it comes again.
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const dead = setTimeout(() => control.abort(), 45000);
    const { value, done } = await reader.read().finally(() => clearTimeout(dead));
    if (done) return;
    const blocks = (rest + value).split(/\r\n\r\n|\n\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split(/\r?\n/).map((line) => line.match(/^(\w*): ?(.*)$/s)?.slice(1) ?? ["", ""]),
      );
      if (fields.data) yield [fields.event, JSON.parse(fields.data)];
    }
  }
}
