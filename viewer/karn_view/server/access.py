"""Who may come in: exact Host, exact Origin, a token. Pure.

Loopback is no border of trust: any page in the same browser and any user of the same machine can
reach a port on it.
"""

import hmac
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Access:
    """Who may come in.

    Attributes:
        token: The secret that a request must bring; None lets everybody in who may connect.
        port: The port of this server, part of every allowed Host and of the cookie's name.
        names: Hosts allowed besides loopback, exact: ``name`` (any port) or ``name:port``.
        root_path: The prefix under which a reverse proxy shows this server, such as ``/karn``.
        open_to_addresses: The server listens beyond loopback, so its own addresses are allowed.
        proxies: Addresses whose ``X-Forwarded-Host`` and ``X-Forwarded-Proto`` are believed.
    """

    token: str | None
    port: int
    names: frozenset[str] = field(default_factory=frozenset)
    root_path: str = ""
    open_to_addresses: bool = False
    proxies: frozenset[str] = field(default_factory=frozenset)

    @property
    def cookie(self) -> str:
        """Cookies do not know ports, so the name tells two viewers of one machine apart."""
        return f"karn_view_{self.port}"

    def allows_host(self, host: str, server: tuple[str, int | None] | None) -> bool:
        if host in (f"{name}:{self.port}" for name in LOOPBACK_NAMES):
            return True
        if self._is_proxied(host):
            return True
        if not self.open_to_addresses or server is None:
            return False
        address = f"[{server[0]}]" if ":" in server[0] else server[0]
        return host == f"{address}:{self.port}"

    def allows_origin(self, origin: str, host: str, scheme: str | None) -> bool:
        """Same scheme, host and port as the request's own, by parsed parts.

        Args:
            origin: What the browser says.
            host: The request's own.
            scheme: The request's own, where a trusted proxy says it. Otherwise the server cannot
                tell whether a name of ``names`` is shown over TLS, and takes both.
        """
        try:
            parts = urlsplit(origin)
        except ValueError:  # a bracket that is no address
            return False
        rest = (parts.path, parts.query, parts.fragment)
        if any(rest) or "@" in parts.netloc or parts.netloc != host:
            return False
        if scheme is None:
            return parts.scheme == "http" or (parts.scheme == "https" and self._is_proxied(host))
        return parts.scheme == scheme

    def _is_proxied(self, host: str) -> bool:
        return host in self.names or host.rpartition(":")[0] in self.names

    def knows(self, secret: str) -> bool:
        """Whether it is the token; how long that takes tells nothing of it."""
        return self.token is not None and hmac.compare_digest(
            secret.encode(errors="replace"), self.token.encode()
        )
