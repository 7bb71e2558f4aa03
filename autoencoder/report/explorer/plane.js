// The plane, where z has two dimensions: the codes of images, each in the colour of its
// class, and z, which follows pointer, finger and arrow keys.

const NEAR = 14; // CSS pixels within which an image counts as near
const STEPS = 47; // arrow keys from one side to the other

// Returns show(state): draws z, an encoded image's posterior and a line between codes.
function plane({ root, values, sheet, state, change }) {
  const canvas = root.querySelector(".plane");
  const { low, high, points, labels, classes } = values;
  const span = [high[0] - low[0], high[1] - low[1]];
  let backdrop = null; // the scatter, drawn once for each size and colour scheme

  const clamped = (code) =>
    code.map((value, axis) => Math.min(high[axis], Math.max(low[axis], value)));

  // Latent coordinates to CSS pixels; the second one points up.
  const toPixels = ([x, y]) => [
    ((x - low[0]) / span[0]) * canvas.clientWidth,
    ((high[1] - y) / span[1]) * canvas.clientHeight,
  ];

  // A mouse that crosses the plane moves z, but not away from an encoded image.
  function point(event) {
    if (event.type === "pointermove" && state.tab !== "sample" && !event.buttons) return;
    const box = canvas.getBoundingClientRect();
    const x = (event.clientX - box.left - canvas.clientLeft) / canvas.clientWidth;
    const y = (event.clientY - box.top - canvas.clientTop) / canvas.clientHeight;
    change({ z: clamped([low[0] + x * span[0], high[1] - y * span[1]]) });
  }

  function step(event) {
    const move = ARROWS[event.key];
    if (!move) return;
    event.preventDefault();
    const z = state.z.map((value, axis) => value + (move[axis] * span[axis]) / STEPS);
    change({ z: clamped(z) });
  }

  function resize() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    backdrop = document.createElement("canvas");
    [backdrop.width, backdrop.height] = [canvas.width, canvas.height];
    const context = backdrop.getContext("2d");
    context.scale(ratio, ratio);
    drawAxes(context, canvas, toPixels([0, 0]));
    points.forEach((code, i) => {
      context.fillStyle = labels ? classes[labels[i]].colour : "#888";
      context.beginPath();
      context.arc(...toPixels(code), 2.2, 0, 2 * Math.PI);
      context.fill();
    });
    show();
  }

  function show() {
    if (!backdrop) return;
    const context = canvas.getContext("2d");
    const ratio = canvas.width / canvas.clientWidth;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(backdrop, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineWidth = 2;
    if (state.line) drawLine(context, ...state.line.map(toPixels));
    if (state.posterior) drawPosterior(context, state, toPixels);
    else drawEllipse(context, toPixels(state.z), [7, 7]);
    if (state.tab === "sample") showNearest(context);
  }

  function showNearest(context) {
    const slot = root.querySelector(".slot.input");
    const nearest = closest(points.slice(0, values.images), state.z, toPixels);
    slot.hidden = nearest === null;
    if (nearest === null) return;
    drawEllipse(context, toPixels(points[nearest]), [4, 4]);
    sheet.draw(slot.querySelector("canvas"), nearest);
    slot.querySelector("p").textContent = `nearest: ${caption(nearest, values)}`;
  }

  for (const type of ["pointermove", "pointerdown"]) canvas.addEventListener(type, point);
  canvas.addEventListener("keydown", step);
  new ResizeObserver(resize).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", resize);
  return show;
}

// The index of the code that is nearest to z, or null where none is near.
function closest(codes, z, toPixels) {
  const [x, y] = toPixels(z);
  let nearest = null;
  let least = NEAR ** 2;
  codes.forEach((code, i) => {
    const [codeX, codeY] = toPixels(code);
    const distance = (codeX - x) ** 2 + (codeY - y) ** 2;
    if (distance < least) [nearest, least] = [i, distance];
  });
  return nearest;
}

function drawAxes(context, canvas, [x, y]) {
  context.strokeStyle = getComputedStyle(canvas).borderTopColor;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, canvas.clientHeight);
  context.moveTo(0, y);
  context.lineTo(canvas.clientWidth, y);
  context.stroke();
}

// Ellipses along the axes, at one and two standard deviations, and z as a dot in them.
function drawPosterior(context, { z, posterior: { mean, stdDev } }, toPixels) {
  const centre = toPixels(mean);
  const edge = toPixels(mean.map((value, axis) => value + stdDev[axis]));
  const radii = centre.map((value, axis) => Math.abs(edge[axis] - value));
  for (const times of [1, 2]) drawEllipse(context, centre, radii.map((r) => times * r));
  drawEllipse(context, toPixels(z), [1.5, 1.5]);
}

function drawEllipse(context, centre, radii) {
  context.beginPath();
  context.ellipse(...centre, ...radii, 0, 0, 2 * Math.PI);
  context.stroke();
}

function drawLine(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

// Without the network: shows the image of a plane decoded beforehand, nearest to z.
async function decodedPlane({ root, values, state }) {
  const { shape, side, low, high } = values;
  const element = root.querySelector(".decoded-plane");
  const canvas = root.querySelector(".slot.decoded canvas");
  const [height, width] = shape;
  await element.decode();
  return () => {
    [canvas.width, canvas.height] = [width, height];
    const [x, y] = state.z.map(
      (value, axis) => (value - low[axis]) / (high[axis] - low[axis]),
    );
    const left = Math.round(x * (side - 1)) * width;
    const top = Math.round((1 - y) * (side - 1)) * height;
    const size = [width, height];
    canvas.getContext("2d").drawImage(element, left, top, ...size, 0, 0, ...size);
    root.querySelector(".where").textContent = described(state.z);
  };
}
