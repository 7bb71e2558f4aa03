// Reads the page's weights: base64 of the numbers that packed.py wrote.

// Returns {name: {shape, data}} with float32 data, for a layout [[name, shape, bits]].
function readWeights(layout, text) {
  const bytes = fromBase64(text);
  const halves = halfTable();
  const weights = {};
  let at = 0;
  const take = (length, Type) =>
    new Type(bytes.slice(at, (at += length * Type.BYTES_PER_ELEMENT)).buffer);
  for (const [name, shape, bits] of layout) {
    const size = shape.reduce((product, length) => product * length);
    const data = new Float32Array(size);
    if (bits === 16) {
      take(size, Uint16Array).forEach((half, i) => (data[i] = halves[half]));
    } else {
      const scales = take(shape.at(-1), Float32Array);
      const levels = take(size, Int8Array);
      levels.forEach((level, i) => (data[i] = level * scales[i % scales.length]));
    }
    weights[name] = { shape, data };
  }
  return weights;
}

function fromBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

// The value of every float16: a sign, five bits of exponent, ten of fraction.
function halfTable() {
  return Float32Array.from({ length: 65536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = (half & 1023) / 1024;
    if (exponent === 0) return sign * 2 ** -14 * fraction;
    return sign * 2 ** (exponent - 15) * (1 + fraction);
  });
}
