"""What the post says, measured on trained runs. docs/claims.md has every rule in words.

judge.py       an image's class, and whether it is valid, by the nearest training images
measures.py    what is measured on one run
measuring.py   measures the runs that were not measured before
claim.py       what a claim is
rules.py       the claims: which measures each needs, and when a seed fulfils it
verdicts.py    over the seeds: mean, interval and verdict
records.py     finds runs; claims.json
tables.py      the result as text
statistics.py  Student's t
"""
