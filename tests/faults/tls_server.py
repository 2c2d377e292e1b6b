"""A TLS server as small as a product can be: serves key and chain from two files, reads them anew on SIGHUP.

usage: tls_server.py FOLDER [KEY CHAIN]

Writes FOLDER/port when it listens, FOLDER/pid, and a line to FOLDER/reloads for each SIGHUP: "ok" or why the files were
not taken; the old certificate is served on then, as real products do. Without files it listens and lets every
handshake fail, until a SIGHUP finds some. While FOLDER/stuck exists a SIGHUP is answered "ok" and changes nothing.
"""
import os
import signal
import socket
import ssl
import sys
import threading

folder = sys.argv[1]
key, chain = sys.argv[2:4] if len(sys.argv) > 2 else (folder + "/key.pem", folder + "/chain.pem")
context = None


def load():
    fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    fresh.load_cert_chain(chain, key)
    return fresh


def note(line):
    with open(folder + "/reloads", "a", encoding="ascii", errors="replace") as file:
        file.write(line + "\n")


def put(name, text):
    with open(folder + "/" + name + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.rename(folder + "/" + name + ".new", folder + "/" + name)


def answer(connection):
    try:
        connection.settimeout(5)
        if context:
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(1)
    except (OSError, ssl.SSLError):
        pass
    finally:
        connection.close()


def serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP, signal.SIGTERM])
try:
    context = load()
except (OSError, ssl.SSLError):
    pass
listener = socket.create_server(("127.0.0.1", 0), backlog=512)
threading.Thread(target=serve, args=(listener,), daemon=True).start()
put("pid", "%d\n" % os.getpid())
put("port", "%d\n" % listener.getsockname()[1])
while signal.sigwait([signal.SIGHUP, signal.SIGTERM]) == signal.SIGHUP:
    if os.path.exists(folder + "/stuck"):
        note("ok")
        continue
    try:
        context = load()
        note("ok")
    except (OSError, ssl.SSLError) as error:
        note(str(error))
