"""Watches over HTTP: streams that begin, go on, fall behind and end."""
import json
import socket
import unittest

from server import CONFIG_MAPS, Server, await_true, config_map, open_files, read_all

WATCH = CONFIG_MAPS + "?watch=1"


def open_watch(server, path=WATCH, buffer_bytes=None):
    """A socket that asked for a watch; its head is read."""
    connection = socket.socket()
    if buffer_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert b"HTTP/1.1 200" in head and b"chunked" in head, head
    return connection


def dechunk(content):
    """The bytes of the chunks, and whether the last one came."""
    body = b""
    while content:
        size, _, content = content.partition(b"\r\n")
        count = int(size, 16)
        if count == 0:
            return body, True
        body, content = body + content[:count], content[count + 2:]
    return body, False


def events(connection):
    """All events until the end, and whether the stream ended as it should."""
    body, whole = dechunk(read_all(connection))
    return [json.loads(line) for line in body.splitlines()], whole


def create(server, name, **data):
    status, answer = server.ask("POST", CONFIG_MAPS, config_map(name, **data))
    assert status == 201, answer
    return answer


class Watches(unittest.TestCase):
    def test_the_head_comes_before_the_first_event(self):
        with Server() as server, open_watch(server) as watch:
            watch.settimeout(0.05)
            self.assertRaises(TimeoutError, watch.recv, 1)

    def test_an_event_is_sent_at_once(self):
        with Server() as server, open_watch(server) as watch:
            for i in range(20):
                create(server, "a%d" % i)
                body, whole = dechunk(watch.recv(65536))
                self.assertEqual(json.loads(body)["object"]["metadata"]["name"], "a%d" % i)
                self.assertFalse(whole)

    def test_a_watch_that_times_out_ends_with_the_last_chunk(self):
        with Server("--paused") as server:
            with open_watch(server, WATCH + "&timeoutSeconds=5") as watch:
                create(server, "a")
                server.ask("POST", "/_sim/clock", {"advance": "5s"})
                content = b""
                while not content.endswith(b"0\r\n\r\n"):
                    content += watch.recv(65536)
                told, whole = dechunk(content)
                self.assertTrue(whole)
                self.assertEqual(json.loads(told)["type"], "ADDED")

    def test_its_connection_serves_the_next_request(self):
        with Server("--paused") as server:
            connection = server.connect()
            connection.request("GET", WATCH + "&timeoutSeconds=1")
            response = connection.getresponse()
            server.ask("POST", "/_sim/clock", {"advance": "1s"})
            self.assertEqual(response.read(), b"")
            connection.request("GET", "/healthz")
            self.assertEqual(connection.getresponse().read(), b"ok")
            connection.close()

    def test_sigterm_ends_all_watches_with_the_last_chunk(self):
        with Server() as server:
            watches = [open_watch(server) for _ in range(50)]
            create(server, "a")
            code, printed = server.stop()
            self.assertEqual((code, printed.count("\n")), (0, 1))
            for watch in watches:
                seen, whole = events(watch)
                self.assertEqual(([event["type"] for event in seen], whole), (["ADDED"], True))
                watch.close()

    def test_a_thousand_watchers_see_every_event_in_order(self):
        with Server() as server:
            watches = [open_watch(server) for _ in range(1000)]
            for i in range(20):
                create(server, "a%02d" % i)
            server.stop()
            expected = ["a%02d" % i for i in range(20)]
            for watch in watches:
                seen, whole = events(watch)
                self.assertEqual([e["object"]["metadata"]["name"] for e in seen], expected)
                self.assertTrue(whole)
                watch.close()

    def test_a_watcher_that_goes_away_leaves_nothing_behind(self):
        with Server() as server:
            server.ask("GET", "/version")
            before = open_files(server)
            watches = [open_watch(server) for _ in range(100)]
            self.assertGreaterEqual(open_files(server), before + 99)
            for watch in watches:
                watch.close()
            await_true(lambda: open_files(server) <= before)

    def test_a_watcher_that_breaks_off_leaves_nothing_behind(self):
        with Server() as server:
            other = server.connect()
            other.request("GET", "/version")
            other.getresponse().read()
            before = open_files(server)
            watches = [open_watch(server) for _ in range(50)]
            create(server, "a")
            for watch in watches:
                watch.recv(1)
            for watch in watches:
                watch.close() # with an event unread: the kernel resets the connection
            await_true(lambda: open_files(server) <= before)
            other.close()

    def test_a_watcher_that_does_not_read_is_cut_off_and_holds_nobody_up(self):
        with Server("--history", "16") as server:
            slow = open_watch(server, buffer_bytes=4096)
            quick = server.connect()
            quick.request("GET", WATCH)
            stream = quick.getresponse()
            # More than the sockets' buffers hold, and far more than the history keeps.
            for i in range(400):
                create(server, "a%03d" % i, text="x" * 50000)
                event = json.loads(stream.readline())
                self.assertEqual(event["object"]["metadata"]["name"], "a%03d" % i)
            seen, _ = events_of_slow(slow)
            self.assertLess(len(seen), 400)
            self.assertEqual(seen[-1]["type"], "ERROR")
            self.assertEqual(seen[-1]["object"]["code"], 410)
            slow.close()
            quick.close()

    def test_a_watch_of_what_is_forgotten_is_told_so(self):
        with Server("--history", "4") as server:
            first = create(server, "a")["metadata"]["resourceVersion"]
            for i in range(10):
                create(server, "b%d" % i)
            response, content = server.call("GET", WATCH + "&resourceVersion=" + first)
            self.assertEqual(response.status, 200)
            self.assertEqual(json.loads(content)["object"]["code"], 410)


def events_of_slow(connection):
    """As events: a stream that ends with an error stays open for the next request."""
    content = b""
    while not content.endswith(b"0\r\n\r\n"):
        piece = connection.recv(65536)
        if not piece:
            break
        content += piece
    body, whole = dechunk(content)
    return [json.loads(line) for line in body.splitlines()], whole


if __name__ == "__main__":
    unittest.main()
