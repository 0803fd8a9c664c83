"""Single requests over HTTP: what goes in, and what is around the answer."""
import gzip
import json
import unittest

from server import CONFIG_MAPS, Server, config_map, read_all

BODY_BYTES_MAX = 3145728
CLUSTER_SETS = "/apis/lib.projectsveltos.io/v1beta1/clustersets"


def cluster_set(name, **spec):
    return {"apiVersion": "lib.projectsveltos.io/v1beta1", "kind": "ClusterSet",
            "metadata": {"name": name}, "spec": spec}


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def raw(self, text):
        with self.server.socket() as connection:
            connection.sendall(text)
            return read_all(connection)

    def test_answers_have_the_headers_of_a_real_server(self):
        response, _ = self.server.call("GET", "/api/v1/namespaces/default")
        self.assertEqual(response.status, 200)
        self.assertEqual(response.getheader("Content-Type"), "application/json")
        self.assertEqual(response.getheader("Cache-Control"), "no-cache, private")
        self.assertRegex(response.getheader("Audit-Id"),
                         "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertIsNone(response.getheader("X-Content-Type-Options"))

    def test_each_answer_has_an_audit_id_of_its_own(self):
        ids = {self.server.call("GET", "/version")[0].getheader("Audit-Id") for _ in range(20)}
        self.assertEqual(len(ids), 20)

    def test_unknown_paths_are_plain_text(self):
        response, content = self.server.call("GET", "/nothing")
        self.assertEqual((response.status, content), (404, b"404 page not found\n"))
        self.assertEqual(response.getheader("X-Content-Type-Options"), "nosniff")

    def test_health_and_version_are_told(self):
        for path in ("/healthz", "/livez", "/readyz", "/readyz/ping"):
            response, content = self.server.call("GET", path)
            self.assertEqual((response.status, content), (200, b"ok"), path)
        self.assertEqual(self.server.ask("GET", "/version")[1]["major"], "1")

    def test_one_connection_serves_many_requests(self):
        connection = self.server.connect()
        for _ in range(50):
            connection.request("GET", "/api/v1/namespaces/default")
            self.assertEqual(json.loads(connection.getresponse().read())["kind"], "Namespace")
        connection.close()

    def test_requests_may_be_sent_before_the_answers_are_read(self):
        request = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
        last = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        self.assertEqual(self.raw(4 * request + last).count(b"HTTP/1.1 200"), 5)

    def test_bodies_may_come_in_chunks(self):
        text = json.dumps(config_map("chunked", a="b" * 5000)).encode()
        pieces = (text[i:i + 700] for i in range(0, len(text), 700))
        response, content = self.server.call("POST", CONFIG_MAPS, pieces,
                                             Content_Type="application/json")
        self.assertEqual(response.status, 201)
        self.assertEqual(json.loads(content)["data"]["a"], "b" * 5000)

    def test_bodies_may_be_yaml(self):
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata: {a: b}\n"
        response, _ = self.server.call("POST", CONFIG_MAPS, text, Content_Type="application/yaml")
        self.assertEqual(response.status, 201)

    def test_warnings_are_headers(self):
        connection = self.server.connect()
        connection.request("POST", CLUSTER_SETS, json.dumps(cluster_set("warned", b=1, c=2)),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        connection.close()
        self.assertEqual(response.msg.get_all("Warning"),
                         ['299 - "unknown field \\"spec.%s\\""' % name for name in "bc"])

    def test_too_many_warnings_are_cut(self):
        body = cluster_set("very-warned", **{"field%02d" % i + "x" * 100: 1 for i in range(90)})
        response, _ = self.server.call("POST", CLUSTER_SETS, json.dumps(body),
                                       Content_Type="application/json")
        self.assertEqual(response.status, 201)
        self.assertLess(len(response.getheader("Warning")), 3 * 4096)

    def test_head_tells_the_length_of_what_get_sends(self):
        response, content = self.server.call("HEAD", "/api/v1/namespaces/default")
        _, whole = self.server.call("GET", "/api/v1/namespaces/default")
        self.assertEqual(content, b"")
        self.assertEqual(int(response.getheader("Content-Length")), len(whole))

    def test_large_answers_are_compressed_for_who_takes_it(self):
        for i in range(3):
            self.server.ask("POST", CONFIG_MAPS, config_map("large-%d" % i, a="x" * 60000))
        plain, whole = self.server.call("GET", CONFIG_MAPS)
        packed, content = self.server.call("GET", CONFIG_MAPS, Accept_Encoding="deflate, gzip")
        small, _ = self.server.call("GET", "/api/v1/namespaces", Accept_Encoding="gzip")
        self.assertIsNone(plain.getheader("Content-Encoding"))
        self.assertIsNone(small.getheader("Content-Encoding"))
        self.assertEqual(packed.getheader("Content-Encoding"), "gzip")
        self.assertEqual(packed.getheader("Vary"), "Accept-Encoding")
        self.assertEqual(gzip.decompress(content), whole)
        self.assertLess(len(content), len(whole) // 10)

    def test_a_body_may_have_three_mebibytes_and_no_more(self):
        largest, _ = self.server.call("POST", CONFIG_MAPS, b" " * BODY_BYTES_MAX,
                                      Content_Type="application/json")
        larger, content = self.server.call("POST", CONFIG_MAPS, b" " * (BODY_BYTES_MAX + 1),
                                           Content_Type="application/json")
        much, _ = self.server.call("POST", CONFIG_MAPS, b" " * (4 * BODY_BYTES_MAX),
                                   Content_Type="application/json")
        self.assertEqual((largest.status, larger.status, much.status), (400, 413, 413))
        self.assertEqual(json.loads(content)["message"],
                         "Request entity too large: limit is 3145728")

    def test_a_target_may_have_eight_kibibytes_and_no_more(self):
        path = "/api/v1/namespaces?labelSelector="
        fits, _ = self.server.call("GET", path + "a" * 60)
        longer, content = self.server.call("GET", path + "a" * (8193 - len(path)))
        longest = self.raw(b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual((fits.status, longer.status), (200, 414))
        self.assertEqual(json.loads(content)["code"], 414)
        self.assertTrue(longest.startswith(b"HTTP/1.1 414"), longest[:80])

    def test_a_head_may_have_32_kibibytes_and_no_more(self):
        fits, _ = self.server.call("GET", "/version", X_Long="a" * 30000)
        larger, _ = self.server.call("GET", "/version", X_Long="a" * 33000)
        head = b"".join(b"X-%d: %s\r\n" % (i, b"a" * 1000) for i in range(100))
        largest = self.raw(b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n")
        self.assertEqual((fits.status, larger.status), (200, 431))
        self.assertTrue(largest.startswith(b"HTTP/1.1 431"), largest[:80])

    def test_what_is_no_http_is_refused(self):
        for text in (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nodd\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n"):
            self.assertTrue(self.raw(text).startswith(b"HTTP/1.1 400"), text)
        self.assertNotIn(b" 200 ", self.raw(b"hello\r\n\r\n"))
        self.assertEqual(self.server.ask("GET", "/version")[0], 200)

    def test_the_clock_of_the_server_is_told(self):
        status, clock = self.server.ask("GET", "/_sim/clock")
        self.assertEqual((status, clock["paused"], clock["speed"]), (200, False, 1))


if __name__ == "__main__":
    unittest.main()
