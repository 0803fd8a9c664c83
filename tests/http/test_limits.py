"""Clients that want too much, or never come to an end."""
import json
import os
import resource
import signal
import socket
import unittest

from server import CONFIG_MAPS, Server, await_true, config_map, open_files, read_all

IDLE = 10000


def allow_files(count):
    """As many as the system lets this process have, `count` at most."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if most == resource.RLIM_INFINITY else min(count, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return wanted


def resident_bytes(server):
    with open("/proc/%d/statm" % server.process.pid, encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class Limits(unittest.TestCase):
    def test_ten_thousand_idle_connections_hold_nobody_up(self):
        count = min(IDLE, allow_files(IDLE + 500) - 500)
        with Server() as server:
            idle = [server.socket() for _ in range(count)]
            idle[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(idle[0].recv(65536).startswith(b"HTTP/1.1 200"))
            connection = server.connect()
            for i in range(100):
                connection.request("POST", CONFIG_MAPS, json.dumps(config_map("a%d" % i)),
                                   {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
                self.assertEqual(response.status, 201)
            connection.close()
            self.assertLess(resident_bytes(server) / count, 64 << 10)
            for one in idle:
                one.close()

    def test_half_requests_hold_nobody_up(self):
        halves = (b"GET", b"GET /version HTTP/1.1\r\nHost: a\r\nX-Half: ",
                  b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{" %
                  CONFIG_MAPS.encode(),
                  b"POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{" %
                  CONFIG_MAPS.encode())
        with Server() as server:
            open_ones = []
            for half in 50 * halves:
                connection = server.socket()
                connection.sendall(half)
                open_ones.append(connection)
            self.assertEqual(server.ask("GET", "/version")[0], 200)
            for connection in open_ones:
                connection.close()
            self.assertEqual(server.ask("GET", CONFIG_MAPS)[1]["items"], [])

    def test_half_requests_of_peers_that_are_gone_are_forgotten(self):
        with Server() as server:
            server.ask("GET", "/version")
            before = open_files(server)
            os.kill(server.process.pid, signal.SIGSTOP) # bytes and their end come at once
            for _ in range(100):
                connection = server.socket()
                connection.sendall(b"GET /ver")
                connection.close()
            os.kill(server.process.pid, signal.SIGCONT)
            self.assertEqual(server.ask("GET", "/version")[0], 200)
            await_true(lambda: open_files(server) <= before)

    def test_heads_without_end_hold_little_memory(self):
        half = b"GET /version HTTP/1.1\r\nHost: a\r\nX-Half: " + b"a" * 30000
        with Server() as server:
            server.ask("GET", "/version")
            before = resident_bytes(server)
            open_ones = [server.socket() for _ in range(500)]
            for connection in open_ones:
                connection.sendall(half)
            await_true(lambda: resident_bytes(server) > before + 500 * 30000)
            self.assertEqual(server.ask("GET", "/version")[0], 200)
            self.assertLess(resident_bytes(server), before + 500 * (48 << 10))
            for connection in open_ones:
                connection.close()

    def test_bodies_under_way_have_a_limit_together(self):
        head = (b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: 3145728\r\n\r\n" % CONFIG_MAPS.encode())
        most = b" " * 3145727
        with Server() as server:
            senders = []
            for _ in range(85): # 255 MiB
                connection = server.socket()
                connection.sendall(head + most)
                senders.append(connection)
            await_true(lambda: resident_bytes(server) > 240 << 20)
            response, content = server.call("POST", CONFIG_MAPS, b" " * 3145728)
            self.assertEqual(response.status, 429)
            self.assertEqual(response.getheader("Retry-After"), "1")
            self.assertEqual(json.loads(content)["reason"], "TooManyRequests")
            self.assertEqual(server.ask("POST", CONFIG_MAPS, config_map("small"))[0], 201)
            for connection in senders:
                connection.close()
            await_true(lambda: server.call("POST", CONFIG_MAPS, b" " * 3145728)[0].status == 400)

    def test_an_answer_that_nobody_reads_holds_nobody_up(self):
        with Server() as server:
            for i in range(40):
                server.ask("POST", CONFIG_MAPS, config_map("a%d" % i, text="x" * 100000))
            slow = []
            for _ in range(20):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect(("127.0.0.1", server.port))
                connection.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" %
                                   CONFIG_MAPS.encode())
                slow.append(connection)
            for _ in range(100):
                self.assertEqual(server.ask("GET", "/api/v1/namespaces/default")[0], 200)
            content = read_all(slow[0]).partition(b"\r\n\r\n")[2]
            self.assertEqual(len(json.loads(content)["items"]), 40)
            for connection in slow:
                connection.close()

    def test_a_body_without_end_is_cut_off(self):
        with Server() as server:
            connection = server.socket()
            connection.sendall(b"POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
                               b"\r\n\r\n" % CONFIG_MAPS.encode())
            chunk = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
            with self.assertRaises((ConnectionResetError, BrokenPipeError)):
                for _ in range(200):
                    connection.sendall(chunk)
            connection.close()
            self.assertLess(resident_bytes(server), 64 << 20)
            self.assertEqual(server.ask("GET", "/version")[0], 200)


if __name__ == "__main__":
    unittest.main()
