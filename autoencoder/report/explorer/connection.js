"use strict";
// Runs the network in a worker: a decode can take longer than a frame, and then sliders
// would stutter. A page from a file may start a worker only from a Blob.

// Returns encode(X) and decode(z, X), promises of what worker.js answers, and
// milliseconds, what the last of each took.
function connect(program, text, flags) {
  const blob = new Blob([program], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(blob));
  const waiting = new Map();
  const milliseconds = {};
  let count = 0;

  function ask(task, values) {
    const id = (count += 1);
    worker.postMessage({ id, task, values });
    return new Promise((resolve, reject) => waiting.set(id, { task, resolve, reject }));
  }

  worker.onmessage = ({ data }) => {
    const { task, resolve } = waiting.get(data.id);
    waiting.delete(data.id);
    milliseconds[task] = data.milliseconds;
    resolve(data.answer);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(event);
    waiting.clear();
  };
  return {
    milliseconds,
    loaded: ask("load", { text, flags }),
    encode: (X) => ask("encode", { X }),
    decode: (z, X) => ask("decode", { z, X }),
  };
}

// Wraps a slow task so that it runs for the newest value only: values that came while
// it ran for another, except the last, are dropped.
function newestOnly(task) {
  let next = null;
  let isRunning = false;
  return async (value) => {
    next = { value };
    if (isRunning) return;
    isRunning = true;
    while (next) {
      const current = next.value;
      next = null;
      await task(current);
    }
    isRunning = false;
  };
}
