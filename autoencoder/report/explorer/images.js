// The page's images, a PNG file in rows, and pixels on a canvas.

// Returns pixels(i), the i-th image as float32 in [0, 1], and draw(canvas, i).
async function openSheet(element, { shape, columns }) {
  const [height, width, channels] = shape;
  await element.decode();
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [element.naturalWidth, element.naturalHeight];
  const context = sheet.getContext("2d", { willReadFrequently: true });
  context.drawImage(element, 0, 0);

  const place = (i) => [(i % columns) * width, Math.floor(i / columns) * height];
  const tile = (i) => context.getImageData(...place(i), width, height);
  return {
    pixels(i) {
      const { data } = tile(i);
      const size = height * width * channels;
      return Float32Array.from({ length: size }, (_, at) => {
        const pixel = Math.floor(at / channels);
        return data[4 * pixel + (at % channels)] / 255;
      });
    },
    draw(canvas, i) {
      [canvas.width, canvas.height] = [width, height];
      canvas.getContext("2d").putImageData(tile(i), 0, 0);
    },
  };
}

// Paints an image of [height, width, 1 or 3] values in [0, 1].
function paint(canvas, values, [height, width, channels]) {
  [canvas.width, canvas.height] = [width, height];
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = values[pixel * channels + (channels === 3 ? channel : 0)];
      image.data[4 * pixel + channel] = Math.round(255 * value);
    }
    image.data[4 * pixel + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// What the i-th image is: "test image 12, Sneaker".
function caption(i, { source, numbers, labels, classes }) {
  const name = labels ? `, ${classes[labels[i]].name}` : "";
  return `${source} ${numbers[i]}${name}`;
}

// Fills an element with the images to choose from, as radio buttons. Calls onPick(i);
// returns check(i), which marks one as chosen.
function picker(element, name, explorer, onPick) {
  const { sheet, values } = explorer;
  const inputs = new Map();
  for (const i of values.choices) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const canvas = document.createElement("canvas");
    [input.type, input.name] = ["radio", name];
    input.setAttribute("aria-label", caption(i, values));
    label.title = caption(i, values);
    sheet.draw(canvas, i);
    input.addEventListener("change", () => onPick(i));
    label.append(input, canvas);
    element.append(label);
    inputs.set(i, input);
  }
  return (i) => {
    if (i !== null) inputs.get(i).checked = true;
    else for (const input of inputs.values()) input.checked = false;
  };
}
