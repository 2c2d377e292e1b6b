#!/usr/bin/env python3
"""Stands in for the Core of FME Flow with its WebSocket server, which cannot be had for tests.

It holds what the vendor's text says of the product: the three directives are read when it starts, from the server's file
and from the publisher's and the subscriber's, without quotes; the keystore is read then and never again; a WebSocket is
served at /websocket of WEBSOCKET_REQUEST_PORT, by TLS if WEBSOCKET_ENABLE_SSL is true. It does not run without that.

    websocket_standin.py FMEFLOWDIR

Files in FMEFLOWDIR make it misbehave: "deaf" (there is no /websocket), "both" (plain text is served beside TLS).
"""
import base64
import hashlib
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

NAMES = ("WEBSOCKET_ENABLE_SSL", "WEBSOCKET_KEYSTORE_FILE_PATH", "WEBSOCKET_KEYSTORE_FILE_PASSWORD")


def directives(path):
    values = {}
    with open(path, encoding="ascii", newline="") as file:
        for line in file.read().splitlines():
            if "=" not in line or line.lstrip().startswith("#"):
                continue
            key, value = (part.strip() for part in line.split("=", 1))
            if key in values:
                sys.exit(f"{path}: {key} is there twice")
            values[key] = value
    return values


def tls_context(values):
    path, password = values[NAMES[1]], values[NAMES[2]]
    if any(mark in path + password for mark in "\"'\\"):
        sys.exit("quotes or back slashes in the keystore's path or password")
    pem = subprocess.run(["openssl", "pkcs12", "-in", path, "-passin", "stdin", "-nodes"], input=password + "\n",
                         capture_output=True, text=True, check=True).stdout
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def answer(head, fme):
    lines = head.decode("latin-1").split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if lines[0] != "GET /websocket HTTP/1.1" or os.path.exists(f"{fme}/deaf"):
        return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    if fields.get("upgrade", "").lower() != "websocket" or fields.get("sec-websocket-version") != "13":
        return "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    digest = hashlib.sha1((fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n\r\n")


def serve(connection, context, fme):
    try:
        connection.settimeout(20)
        hello = connection.recv(1, socket.MSG_PEEK) == b"\x16"
        if not context and hello:
            return
        if context and (hello or not os.path.exists(f"{fme}/both")):
            connection = context.wrap_socket(connection, server_side=True)
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 65536:
            part = connection.recv(4096)
            if not part:
                return
            head += part
        connection.sendall(answer(head, fme).encode("latin-1"))
        while connection.recv(4096):  # the WebSocket stays open until the client goes
            pass
    except (OSError, KeyError):
        pass
    finally:
        connection.close()


def main():
    fme = sys.argv[1]
    values = directives(f"{fme}/Server/fmeWebSocketConfig.txt")
    others = [directives(f"{fme}/Server/config/{name}/websocket.properties") for name in ("publishers", "subscribers")]
    for name in NAMES:
        if any(other.get(name) != values.get(name) for other in others):
            sys.exit(f"{name} differs between the server, the publisher and the subscriber")
    context = tls_context(values) if values.get(NAMES[0]) == "true" else None
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(values.get("WEBSOCKET_REQUEST_PORT", "7078"))))
    listener.listen(64)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, context, fme), daemon=True).start()


main()
