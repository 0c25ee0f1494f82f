"""Real reverse proxies in front of real viewers, on loopback and with files of their own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/both.pem;
        ssl_certificate_key {folder}/both.pem;
        location /karn/ {{
            proxy_pass http://127.0.0.1:{viewer}{rest};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 1h;
        }}
    }}
}}
"""

HAPROXY = """
defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    timeout tunnel 1h
frontend front
    bind 127.0.0.1:{port} {tls}
    {rules}
    default_backend viewers
backend viewers
    balance leastconn
    option redispatch
    retries 3
{servers}
"""


def missing(*programs: str) -> str:
    """Which of these programs are not installed; "" when all are."""
    return ", ".join(program for program in programs if not _found(program))


def _found(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def certificate(folder: Path, name: str) -> Path:
    """A key and a certificate that it signed itself, for a name."""
    key, made, both = folder / "key.pem", folder / "made.pem", folder / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    both.write_text(made.read_text() + key.read_text())
    return both


@contextmanager
def _running(port: int, *command: str) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 15
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, f"{command[0]} ended: {process.returncode}"
                assert time.monotonic() < deadline, f"{command[0]} does not listen"
                time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


@contextmanager
def nginx(folder: Path, port: int, viewer: int, *, takes_prefix_off: bool) -> Iterator[int]:
    """nginx with TLS and the prefix /karn before a viewer's port."""
    text = NGINX.format(
        folder=folder, port=port, viewer=viewer, rest="/" if takes_prefix_off else ""
    )
    config = folder / "nginx.conf"
    config.write_text(text)
    with _running(port, str(_found("nginx")), "-p", str(folder), "-c", str(config)):
        yield port


@contextmanager
def haproxy(
    folder: Path, port: int, viewers: Sequence[int], *, pem: Path | None = None
) -> Iterator[int]:
    """HAProxy before the ports of viewers; with a certificate it takes TLS and the prefix off."""
    rules = (
        "http-request set-header X-Forwarded-Proto https\n"
        "    http-request replace-path ^/karn(/.*)$ \\1"
    )
    servers = [
        f"    server v{n} 127.0.0.1:{viewer} check inter 500ms fall 1 rise 1"
        for n, viewer in enumerate(viewers)
    ]
    text = HAPROXY.format(
        port=port,
        tls=f"ssl crt {pem}" if pem else "",
        rules=rules if pem else "",
        servers="\n".join(servers),
    )
    config = folder / "haproxy.cfg"
    config.write_text(text)
    with _running(port, str(_found("haproxy")), "-db", "-q", "-f", str(config)):
        yield port
