import hmac

import pytest
from karn_view.server.access import Access


def test_a_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert Access("token", 80).knows("token")
    assert not Access("token", 80).knows("tokem")
    assert compared == [(b"token", b"token"), (b"tokem", b"token")]
