"""What a database error means, by the servers' own codes."""

from sqlalchemy.exc import DBAPIError

_EXISTS = {1007, 1050, 1060, 1061, 1062, "42P04", "42P07", "23505", "42701", "42710"}
_MISSING = {1049, 1146, "3D000", "42P01"}


def _code(error: DBAPIError) -> object:
    original = error.orig
    state = getattr(original, "pgcode", None)
    if state:
        return state
    return original.args[0] if original.args else None


def already_there(error: DBAPIError) -> bool:
    """Somebody else created it a moment earlier."""
    return _code(error) in _EXISTS


def not_there(error: DBAPIError) -> bool:
    """The database or table has not been created yet."""
    # psycopg2 gives no code for errors while connecting
    return _code(error) in _MISSING or ('database "' in str(error.orig) and "does not exist" in str(error.orig))
