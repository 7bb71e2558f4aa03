// The network on one image, like encoder.py, decoder.py and loss.py: the same names in
// the same order. flags are the run's, and shape is [height, width, channels].

const MAPS = { dense: 1, upsampling: 64 };
const SMALLEST_STD_DEV = 1e-30;

// An image in [0, 1] to the mean and standard deviation of its code.
function encoder(X, weights, flags) {
  const layers = scope("Encoder", weights);
  let x = X;
  for (let stage = 0; stage < flags.stages; stage++) x = relu(layers.conv2d(x, 2));
  x = relu(layers.conv2d(x, 1));
  x = flatten(x);

  const mean = layers.dense(x, "mean");
  const stdDev = softplus(layers.dense(x));
  return { mean, stdDev };
}

// A code to an image: probabilities in [0, 1], and the logits before the sigmoid.
function decoder(z, shape, weights, flags) {
  const [height, width] = shape;
  let [rows, columns] = [height >> flags.stages, width >> flags.stages];
  if (flags.inputs_decoder !== null) rows = columns = Math.sqrt(flags.inputs_decoder);

  const layers = scope("Decoder", weights);
  let x = relu(layers.dense(z));
  x = relu(layers.dense(x));
  x = reshape(x, [rows, columns, MAPS[flags.decoder]]);
  const build = flags.decoder === "upsampling" ? upsampling : denseDecoder;
  const logits = build(x, layers, flags.stages);
  return { output: sigmoid(logits), logits };
}

// The post's code: convolutions of stride 1, then two dense layers.
function denseDecoder(x, layers) {
  for (let i = 0; i < 3; i++) x = relu(layers.conv2dTranspose(x, 1));
  x = flatten(x);
  x = layers.dense(x);
  return layers.dense(x);
}

// The post's prose: the encoder's convolutions, backwards.
function upsampling(x, layers, stages) {
  x = relu(layers.conv2dTranspose(x, 1));
  for (let stage = 1; stage < stages; stage++) x = relu(layers.conv2dTranspose(x, 2));
  return layers.conv2dTranspose(x, 2);
}

// Binary cross entropy from the logits, summed over the pixels, in nats.
function imageLoss(X, logits) {
  return X.data.reduce(
    (sum, x, i) => sum + log1pExp(logits.data[i]) - x * logits.data[i],
    0,
  );
}

// KL(N(mean, std²) || N(0, 1)) of each latent dimension, in nats.
function latentTerms(mean, stdDev) {
  return mean.map((value, i) => {
    const logStdDev = Math.log(Math.max(stdDev[i], SMALLEST_STD_DEV));
    return 0.5 * (value ** 2 + stdDev[i] ** 2 - 2 * logStdDev - 1);
  });
}
