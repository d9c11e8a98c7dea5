"""Asks a server, whose answers are those of another program."""

import socket
import sys

client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
answer = client.recv(16).decode()  # guilty
print("answer %s" % answer)
