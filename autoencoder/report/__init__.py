"""The report of a run, and the page that sets its figures beside the post's."""
