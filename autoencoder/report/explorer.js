"use strict";
// The latent explorer: the point under the pointer, finger or cursor is decoded at once.
// Everything it shows is in the page: a plane of decoded images and a sheet of test
// images, both PNG sprites, and the numbers in a JSON script element.

for (const root of document.querySelectorAll(".explorer")) explore(root);

function explore(root) {
  const data = JSON.parse(root.querySelector("script").textContent);
  const plane = root.querySelector(".plane");
  const decoded = root.querySelector(".decoded");
  const nearest = root.querySelector(".nearest");
  const where = root.querySelector(".where");
  const what = root.querySelector(".what");
  const [width, height] = data.tile;
  const span = [data.high[0] - data.low[0], data.high[1] - data.low[1]];
  const near = 14; // CSS pixels within which a test image counts as near
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(...span))));
  let at = [clamp(0, 0), clamp(0, 1)];
  let backdrop = null; // the scatter, drawn once for each size and colour scheme

  const sprites = root.querySelectorAll("img");
  Promise.all([...sprites].map((image) => image.decode())).then(() => {
    plane.addEventListener("pointermove", point);
    plane.addEventListener("pointerdown", point);
    plane.addEventListener("keydown", step);
    new ResizeObserver(resize).observe(plane);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", resize);
    resize();
  });

  function clamp(value, axis) {
    return Math.min(data.high[axis], Math.max(data.low[axis], value));
  }

  // Latent coordinates to CSS pixels of the plane; the second one points up.
  function toPixels([x, y]) {
    return [
      ((x - data.low[0]) / span[0]) * plane.clientWidth,
      ((data.high[1] - y) / span[1]) * plane.clientHeight,
    ];
  }

  function point(event) {
    const box = plane.getBoundingClientRect();
    const x = (event.clientX - box.left - plane.clientLeft) / plane.clientWidth;
    const y = (event.clientY - box.top - plane.clientTop) / plane.clientHeight;
    at = [
      clamp(data.low[0] + x * span[0], 0),
      clamp(data.high[1] - y * span[1], 1),
    ];
    show();
  }

  function step(event) {
    const moves = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    at = [0, 1].map((axis) =>
      clamp(at[axis] + (move[axis] * span[axis]) / (data.side - 1), axis),
    );
    show();
  }

  function resize() {
    const ratio = window.devicePixelRatio || 1;
    plane.width = Math.round(plane.clientWidth * ratio);
    plane.height = Math.round(plane.clientHeight * ratio);
    backdrop = document.createElement("canvas");
    backdrop.width = plane.width;
    backdrop.height = plane.height;
    const context = backdrop.getContext("2d");
    context.scale(ratio, ratio);
    axes(context);
    data.points.forEach((code, i) => {
      const [x, y] = toPixels(code);
      context.fillStyle = data.colours[data.labels ? data.labels[i] : 0];
      context.beginPath();
      context.arc(x, y, 2.2, 0, 2 * Math.PI);
      context.fill();
    });
    show();
  }

  function axes(context) {
    context.strokeStyle = getComputedStyle(plane).borderTopColor;
    context.lineWidth = 1;
    const [x, y] = toPixels([0, 0]);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, plane.clientHeight);
    context.moveTo(0, y);
    context.lineTo(plane.clientWidth, y);
    context.stroke();
  }

  function show() {
    const context = plane.getContext("2d");
    const ratio = plane.width / plane.clientWidth;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, plane.width, plane.height);
    context.drawImage(backdrop, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    ring(context, at, 7, getComputedStyle(plane).color);

    const column = Math.round(((at[0] - data.low[0]) / span[0]) * (data.side - 1));
    const row = Math.round(((data.high[1] - at[1]) / span[1]) * (data.side - 1));
    copy(sprites[0], column, row, decoded);
    where.textContent = `z = (${at[0].toFixed(digits)}, ${at[1].toFixed(digits)})`;

    const found = closest();
    nearest.hidden = found === null;
    if (found === null) {
      what.textContent = "no test image here";
      return;
    }
    ring(context, data.points[found], 4, getComputedStyle(plane).color);
    const line = Math.floor(found / data.columns);
    copy(sprites[1], found % data.columns, line, nearest);
    const label = data.labels ? `, ${data.names[data.labels[found]]}` : "";
    what.textContent = `test image ${found}${label}`;
  }

  function ring(context, code, radius, colour) {
    const [x, y] = toPixels(code);
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }

  function copy(sprite, column, row, canvas) {
    canvas.width = width;
    canvas.height = height;
    canvas
      .getContext("2d")
      .drawImage(sprite, column * width, row * height, width, height, 0, 0, width, height);
  }

  // The index of the test image nearest to the point, or null where none is near.
  function closest() {
    const [x, y] = toPixels(at);
    let best = null;
    let least = near * near;
    data.points.forEach((code, i) => {
      const [px, py] = toPixels(code);
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  }
}
