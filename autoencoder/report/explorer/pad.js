// The drawing pad: pen, eraser and clear, for pointer, finger and arrow keys. What is
// drawn becomes an image like those of training: their ground, stroke and size.

const LEAST_WIDTH = 2; // of the pen, in pixels of the image
const WIDTHS_IN_SIDE = 11.5; // 2.4 pixels for MNIST's 28; the eraser is twice as wide

// Calls onDraw(X) after each stroke and while one is drawn. Returns clear().
function pad(panel, { shape, drawing }, onDraw) {
  const [height, width] = shape;
  const canvas = panel.querySelector(".pad");
  const scale = Math.max(4, Math.round(280 / Math.max(height, width)));
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const penWidth = Math.max(LEAST_WIDTH, Math.max(height, width) / WIDTHS_IN_SIDE);
  const grey = (value) => `rgb(${value}, ${value}, ${value})`;
  const cursor = { x: width / 2, y: height / 2, isDown: false };
  [context.lineCap, context.lineJoin] = ["round", "round"];

  function clear() {
    context.fillStyle = grey(drawing.ground);
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  function line(from, to) {
    const erases = panel.querySelector("[value=eraser]").checked;
    context.strokeStyle = grey(erases ? drawing.ground : drawing.stroke);
    context.lineWidth = scale * penWidth * (erases ? 2 : 1);
    context.beginPath();
    context.moveTo(from.x * scale, from.y * scale);
    context.lineTo(to.x * scale + 0.01, to.y * scale); // no length would leave no dot
    context.stroke();
    onDraw(asImage(context, scale, shape, drawing));
  }

  // Where a pointer is, in pixels of the image.
  function place(event) {
    const box = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    };
  }

  let last = null;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = place(event);
    line(last, next);
    last = next;
  });
  for (const type of ["pointerup", "pointercancel"])
    canvas.addEventListener(type, () => (last = null));
  canvas.addEventListener("keydown", (event) => {
    moveCursor(event, cursor, shape, line);
    showCursor(panel.querySelector(".cursor"), cursor, shape);
  });
  panel.querySelector(".clear").addEventListener("click", clear);
  clear();
  return clear;
}

// Space puts the pen down or lifts it; arrow keys move it by a pixel of the image.
function moveCursor(event, cursor, [height, width], line) {
  const move = ARROWS[event.key];
  if (!move && event.key !== " ") return;
  event.preventDefault();
  const from = { ...cursor };
  if (move) {
    cursor.x = Math.min(width, Math.max(0, cursor.x + move[0]));
    cursor.y = Math.min(height, Math.max(0, cursor.y - move[1]));
  } else {
    cursor.isDown = !cursor.isDown;
  }
  if (cursor.isDown) line(from, cursor);
}

// Filled while the pen is down; hidden until the pad has the keyboard's focus.
function showCursor(element, { x, y, isDown }, [height, width]) {
  element.style.left = `${(100 * x) / width}%`;
  element.style.top = `${(100 * y) / height}%`;
  element.classList.toggle("down", isDown);
}

// The pad as an image: float32 in [0, 1], each pixel the mean of scale x scale.
function asImage(context, scale, [height, width], drawing) {
  const source = drawing.box ? centred(context, scale, drawing) : context;
  const { data } = source.getImageData(0, 0, width * scale, height * scale);
  const image = new Float32Array(height * width);
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const pixel = Math.floor(y / scale) * width + Math.floor(x / scale);
      image[pixel] += data[4 * (y * width * scale + x)] / (255 * scale * scale);
    }
  }
  return drawing.is_binary ? image.map((value) => (value < 0.5 ? 0 : 1)) : image;
}

// As MNIST's images were made: the drawing fits into a box, with its mass in the middle.
function centred(context, scale, { ground, box }) {
  const { width, height } = context.canvas;
  const ink = extent(context.getImageData(0, 0, width, height), ground);
  if (!ink) return context;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const copy = canvas.getContext("2d", { willReadFrequently: true });
  copy.fillStyle = `rgb(${ground}, ${ground}, ${ground})`;
  copy.fillRect(0, 0, width, height);
  const zoom = (box * scale) / Math.max(ink.right - ink.left, ink.bottom - ink.top);
  copy.translate(width / 2 - zoom * ink.x, height / 2 - zoom * ink.y);
  copy.scale(zoom, zoom);
  copy.imageSmoothingQuality = "high";
  copy.drawImage(context.canvas, 0, 0);
  return copy;
}

// The edges of what is not ground, and its centre of mass; null if nothing is drawn.
function extent({ data, width, height }, ground) {
  const ink = { left: width, right: 0, top: height, bottom: 0, x: 0, y: 0 };
  let mass = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weight = Math.abs(data[4 * (y * width + x)] - ground);
      if (weight === 0) continue;
      mass += weight;
      ink.x += weight * (x + 0.5);
      ink.y += weight * (y + 0.5);
      ink.left = Math.min(ink.left, x);
      ink.right = Math.max(ink.right, x + 1);
      ink.top = Math.min(ink.top, y);
      ink.bottom = Math.max(ink.bottom, y + 1);
    }
  }
  return mass ? { ...ink, x: ink.x / mass, y: ink.y / mass } : null;
}
