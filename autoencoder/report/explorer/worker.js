// The worker's side of connection.js: encodes and decodes off the page's main thread.

let network = null; // {weights, flags}, where flags are the page's values

const TASKS = {
  load({ text, flags }) {
    network = { weights: readWeights(flags.layout, text), flags };
  },

  encode({ X }) {
    const image = { shape: network.flags.shape, data: X };
    const { mean, stdDev } = encoder(image, network.weights, network.flags);
    const [means, stdDevs] = [[...mean.data], [...stdDev.data]];
    return { mean: means, stdDev: stdDevs, terms: latentTerms(means, stdDevs) };
  },

  // With an image X the answer has its loss, too.
  decode({ z, X }) {
    const { shape } = network.flags;
    const code = { shape: [z.length], data: z };
    const { output, logits } = decoder(code, shape, network.weights, network.flags);
    return { image: output.data, imageLoss: X && imageLoss({ shape, data: X }, logits) };
  },
};

onmessage = ({ data: { id, task, values } }) => {
  const start = performance.now();
  const answer = TASKS[task](values);
  postMessage({ id, answer, milliseconds: performance.now() - start });
};
