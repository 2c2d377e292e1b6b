#!/usr/bin/python3
"""A TLS server for tests: tls_server.py DIRECTORY

Serves DIRECTORY/cert.pem with key.pem on a port of 127.0.0.1; where there is none, each connection
is closed at once. SIGHUP loads anew: the files, or those that the file "which" names (other: other-cert.pem and
other-key.pem). It writes its port and pid to files of these names, and a line to "loads" for each load.
"""
import os
import signal
import socket
import ssl
import sys
import threading

directory = sys.argv[1]
context = None


def path(name):
    return os.path.join(directory, name)


def load(*_):
    global context
    prefix = ""
    if os.path.exists(path("which")):
        with open(path("which")) as file:
            prefix = file.read().strip()
    fresh = None
    if os.path.exists(path(prefix + "cert.pem")):
        fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            fresh.load_cert_chain(path(prefix + "cert.pem"), path(prefix + "key.pem"))
        except (OSError, ssl.SSLError):
            fresh = None
    context = fresh
    with open(path("loads"), "a") as file:
        file.write("load\n")


def serve(connection):
    connection.settimeout(5)
    try:
        if context:
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(1)
    except (OSError, ssl.SSLError):
        pass
    finally:
        connection.close()


def write(name, text):
    with open(path(name + ".new"), "w") as file:
        file.write(text)
    os.rename(path(name + ".new"), path(name))


listener = socket.create_server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), backlog=64)
load()
signal.signal(signal.SIGHUP, load)
write("pid", str(os.getpid()))
write("port", str(listener.getsockname()[1]))
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
