"""What a person asked wrongly, in one line each. Pure."""


class KarnViewError(Exception):
    """Asked wrongly: the message is one line for a person, never a traceback.

    Attributes:
        exit_code: What the command exits with.
        http_status: What an HTTP request is answered with.
    """

    exit_code = 2
    http_status = 400


class UnknownRun(KarnViewError):
    """No run of this id, or nothing at this path of the interface."""

    http_status = 404


class UnknownMetric(KarnViewError):
    """The run has no metric of this name."""

    http_status = 404


class CannotServe(KarnViewError):
    """The machine says no: the port is taken, or the extra ``view`` is not installed."""

    exit_code = 1


class TooManyRuns(KarnViewError):
    """Runs are looked at in such number that no other one can be."""

    http_status = 503
