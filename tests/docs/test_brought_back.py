"""Runs the rows of docs/migration.md that need tf-keras and tf-slim."""

from tests.page_rows import code, outcomes, rows, said


def test_each_row_does_what_the_page_says_and_its_replacement_works(tmp_path):
    snippets, expected = [], []
    for row in rows("with tf-keras and tf-slim"):
        replacements = code(row[2])
        snippets += [code(row[0])[0], *replacements]
        expected += [said(row[1]), *["works"] * len(replacements)]
    assert len(snippets) >= 8
    assert outcomes(snippets, tmp_path, legacy_keras="1") == expected
