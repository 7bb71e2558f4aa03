"""The one exception that is meant for the user's eyes."""


class UserError(Exception):
    """Something the user can mend; the message is one line that says what and how."""
