"""The test of equivalence, on rows whose result is known."""

import csv

import pytest

from benchmarks import pages, verdict


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        columns = ("program", "dataset", "latent_dim", "kl_weight", "seed", "epoch")
        writer.writerow([*columns, "test_loss"])
        for program, kl_weight, seed, last in rows:
            for epoch in range(1, 21):
                # The mean of epochs 16 to 20 is last.
                loss = last + 18 - epoch if epoch > 15 else 999
                writer.writerow(
                    [program, "mnist", 5, kl_weight, seed, epoch, f"{loss:.3f}"]
                )


def means_of(tmp_path, here, original):
    rows = [("here", 1, seed, last) for seed, last in enumerate(here, 1)]
    rows += [("original", 1, seed, last) for seed, last in enumerate(original, 1)]
    rows += [("here", 0, 1, 50.0)]  # without KL, which is not compared
    write(tmp_path / "rows.csv", rows)
    return verdict.read(tmp_path / "rows.csv")


HERE = [116.5, 117.5, 117.0, 116.0, 118.0]


def test_the_last_five_epochs_of_each_training(tmp_path):
    means = means_of(tmp_path, HERE, HERE[:2])
    assert means["here", "mnist", 5] == pytest.approx(dict(enumerate(HERE, 1)))
    assert [*means["original", "mnist", 5]] == [1, 2]


@pytest.mark.parametrize(
    ("shift", "words"),
    [(0.0, "**equivalent**"), (0.5, "**equivalent**"), (0.6, "**not shown**")],
)
def test_the_interval_has_to_lie_within_the_margin(tmp_path, shift, words):
    """Both deviations are 0.79; the half interval is 1.860 * sqrt(2 * 0.625 / 5)."""
    text = verdict.table(means_of(tmp_path, HERE, [value + shift for value in HERE]))
    (line,) = [line for line in text.splitlines() if "90%" not in line and "**" in line]
    assert words in line
    assert f"{-shift - 0.93:+.2f} to {-shift + 0.93:+.2f}" in line


def test_without_all_seeds_there_is_no_verdict(tmp_path):
    text = verdict.table(means_of(tmp_path, HERE, HERE[:4]))
    assert "not all seeds yet" in text
    assert "too few seeds" in verdict.table(means_of(tmp_path, HERE, HERE[:1]))


def test_the_originals_source_is_a_witness(tmp_path):
    means = means_of(tmp_path, HERE, HERE) | verdict.read(verdict.SOURCE_ROWS, "source")
    lines = verdict.table(means).splitlines()
    assert (
        "| MNIST, z = 5 | the original's source | 117.8 | 117.1 | 116.9 | 116.8 |  "
        "| 117.15 |" in lines[4]
    )
    assert any(
        "the original's source" in line and "a witness" in line for line in lines
    )


def test_the_pages_say_what_the_trainings_say():
    for place, text in verdict.parts().items():
        assert pages.read(*place) == text


def test_a_table_is_replaced_and_the_rest_of_the_page_stays(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- one -->\nold\n<!-- end of one -->\n\nText.\n")
    for _ in range(2):
        pages.write(page, "one", "| new |")
        assert page.read_text() == (
            "# Page\n\n<!-- one -->\n\n| new |\n\n<!-- end of one -->\n\nText.\n"
        )
    assert pages.read(page, "one") == "| new |"
    with pytest.raises(ValueError, match="page.md lacks the marks of two"):
        pages.write(page, "two", "")
