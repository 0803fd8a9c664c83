"""A fakeapi of one's own for the length of a test, and raw sockets to it."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAM = os.environ.get("FAKEAPI", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin/fakeapi"))
PATIENCE_S = 60  # until a test that waits gives up; nothing is measured by it


class Server:
    """Runs the program with the flags until the end of the `with` block."""

    def __init__(self, *flags, listen="127.0.0.1:0"):
        self.folder = tempfile.mkdtemp(prefix="fakeapi-")
        self.port_file = os.path.join(self.folder, "port")
        self.kubeconfig = os.path.join(self.folder, "kubeconfig")
        self.command = [PROGRAM, "--listen", listen, "--port-file", self.port_file,
                        "--kubeconfig-out", self.kubeconfig, *flags]
        self.process, self.port = None, None

    def __enter__(self):
        self.start()
        return self

    def start(self):
        if os.path.exists(self.port_file):
            os.unlink(self.port_file)
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        await_true(lambda: os.path.exists(self.port_file) or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise AssertionError("fakeapi ended: " + self.process.stdout.read())
        with open(self.port_file, encoding="utf-8") as file:
            self.port = int(file.read())

    def stop(self, how=signal.SIGTERM):
        """The exit code and all that was printed."""
        self.process.send_signal(how)
        printed = self.process.communicate(timeout=PATIENCE_S)[0]
        return self.process.returncode, printed

    def __exit__(self, *_):
        if self.process.poll() is None:
            code, printed = self.stop()
            assert code == 0, "exit code %d: %s" % (code, printed)
        self.process.stdout.close()
        shutil.rmtree(self.folder)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def call(self, method, path, body=None, **headers):
        """One request on a connection of its own: the response, and its body."""
        connection = self.connect()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def ask(self, method, path, body=None, **headers):
        """As call, with JSON both ways: the status, and the object."""
        text = None if body is None else json.dumps(body)
        if text is not None:
            headers.setdefault("Content_Type", "application/json")
        response, content = self.call(method, path, text, **headers)
        return response.status, json.loads(content)


def await_true(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.002)


def open_files(server):
    return len(os.listdir("/proc/%d/fd" % server.process.pid))


def read_all(connection):
    """All bytes until the peer closes."""
    content = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            return content
        content += piece


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
