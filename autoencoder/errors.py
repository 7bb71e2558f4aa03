"""The one exception whose message the user sees."""


class UserError(Exception):
    """Something the user can fix; the message is one line that says what and how."""
