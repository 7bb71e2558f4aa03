"use strict";
// tf.layers on one image. A tensor is {shape, data}: [height, width, channels] or
// [units], channels last, as in TensorFlow. Sums are in double precision.

// The layers of a scope find their weights by TensorFlow's names. Those without a name
// of their own are numbered: conv2d, conv2d_1, ...
function scope(name, weights) {
  const counts = {};
  function variables(kind, own) {
    const count = (counts[kind] ??= 0);
    if (!own) counts[kind] += 1;
    const layer = own ?? (count ? `${kind}_${count}` : kind);
    const path = `${name}/${layer}`;
    return [weights[`${path}/kernel`], weights[`${path}/bias`]];
  }
  return {
    conv2d: (x, stride) => conv2d(x, ...variables("conv2d"), stride),
    conv2dTranspose: (x, stride) =>
      conv2dTranspose(x, ...variables("conv2d_transpose"), stride),
    dense: (x, own) => dense(x, ...variables("dense", own)),
  };
}

// "same" padding: each output pixel sums over a kernel's window of the input.
function conv2d(x, kernel, bias, stride) {
  const [height, width] = x.shape;
  const [rows, columns, inputs, outputs] = kernel.shape;
  const size = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const top = paddingBefore(height, size[0], rows, stride);
  const left = paddingBefore(width, size[1], columns, stride);
  const y = biased([...size, outputs], bias);
  const taps = matrices(kernel);
  for (let row = 0; row < size[0]; row++) {
    for (let column = 0; column < size[1]; column++) {
      const sums = vector(y, row, column, outputs);
      for (let tap = 0; tap < taps.length; tap++) {
        const fromRow = row * stride - top + Math.floor(tap / columns);
        const fromColumn = column * stride - left + (tap % columns);
        if (isInside(x, fromRow, fromColumn))
          addProduct(sums, vector(x, fromRow, fromColumn, inputs), taps[tap]);
      }
    }
  }
  return y;
}

// The gradient of conv2d: each input pixel is added to a window of the output, which
// has stride times its height and width.
function conv2dTranspose(x, kernel, bias, stride) {
  const [height, width] = x.shape;
  const [rows, columns, inputs, outputs] = kernel.shape;
  const top = paddingBefore(height * stride, height, rows, stride);
  const left = paddingBefore(width * stride, width, columns, stride);
  const y = biased([height * stride, width * stride, outputs], bias);
  const taps = matrices(kernel);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const values = vector(x, row, column, inputs);
      for (let tap = 0; tap < taps.length; tap++) {
        const toRow = row * stride - top + Math.floor(tap / columns);
        const toColumn = column * stride - left + (tap % columns);
        if (isInside(y, toRow, toColumn))
          addProduct(vector(y, toRow, toColumn, outputs), values, taps[tap]);
      }
    }
  }
  return y;
}

function dense(x, kernel, bias) {
  const y = biased([kernel.shape[1]], bias);
  addProduct(y.data, x.data, kernel.data);
  return y;
}

const flatten = (x) => ({ shape: [x.data.length], data: x.data });
const reshape = (x, shape) => ({ shape, data: x.data });
const relu = (x) => each(x, (value) => Math.max(value, 0));
const sigmoid = (x) => each(x, (value) => 1 / (1 + Math.exp(-value)));
const softplus = (x) => each(x, log1pExp);

// log(1 + exp(value)), which does not overflow.
function log1pExp(value) {
  return Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
}

function each(x, change) {
  return { shape: x.shape, data: x.data.map((value) => change(value)) };
}

// sums += values times a matrix [inputs, outputs]. The zeros of relu cost nothing.
function addProduct(sums, values, matrix) {
  const outputs = sums.length;
  for (let i = 0, at = 0; i < values.length; i++, at += outputs) {
    const value = values[i];
    if (value === 0) continue;
    for (let o = 0; o < outputs; o++) sums[o] += value * matrix[at + o];
  }
}

// TensorFlow's "same" puts the odd pixel of padding at the end.
function paddingBefore(input, output, kernel, stride) {
  return Math.max((output - 1) * stride + kernel - input, 0) >> 1;
}

function biased(shape, bias) {
  const data = new Float64Array(shape.reduce((product, length) => product * length));
  for (let at = 0; at < data.length; at += bias.data.length) data.set(bias.data, at);
  return { shape, data };
}

// A kernel's matrices [inputs, outputs], one for each of its pixels.
function matrices(kernel) {
  const [rows, columns, inputs, outputs] = kernel.shape;
  const size = inputs * outputs;
  return Array.from({ length: rows * columns }, (_, tap) =>
    kernel.data.subarray(tap * size, (tap + 1) * size),
  );
}

function isInside({ shape: [height, width] }, row, column) {
  return row >= 0 && row < height && column >= 0 && column < width;
}

// The channels of a pixel.
function vector(x, row, column, channels) {
  const at = (row * x.shape[1] + column) * channels;
  return x.data.subarray(at, at + channels);
}
