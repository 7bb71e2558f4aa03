// The tab Sample: a draw from the prior, its mean, or the code of a class.

function sample({ root, values, state, change }) {
  const panel = root.querySelector(".panel.sample");
  const draws = panel.querySelector(".draws");
  panel.querySelector(".prior")?.addEventListener("click", () =>
    change({ z: state.z.map(normal) }),
  );
  panel.querySelector(".mean").addEventListener("click", () =>
    change({ z: state.z.map(() => 0) }),
  );
  panel.querySelectorAll(".class").forEach((button, i) => {
    const group = values.classes[i];
    button.disabled = !group.mean;
    button.addEventListener("click", () =>
      change({ z: draws?.checked ? drawn(group) : [...group.mean] }),
    );
  });
  return () => {}; // z stays where it is
}
