"""What `fakeapi` is told, writes, and refuses."""
import json
import os
import ssl
import subprocess
import tempfile
import unittest
import http.client

from server import CONFIG_MAPS, PROGRAM, Server, config_map

MANIFESTS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: List
items:
- apiVersion: example.org/v1
  kind: Widget
  metadata: {name: a, namespace: shop, resourceVersion: "77", uid: old}
  spec: {size: 3}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: b, namespace: shop}
"""
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.org"},
    "spec": {"group": "example.org", "scope": "Namespaced",
             "names": {"kind": "Widget", "plural": "widgets"},
             "versions": [{"name": "v1", "served": True, "storage": True,
                           "schema": {"openAPIV3Schema": {
                               "type": "object", "properties": {"spec": {
                                   "type": "object",
                                   "properties": {"size": {"type": "integer"}}}}}}}]}}


def run(*flags):
    done = subprocess.run([PROGRAM, *flags], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fakeapi-")
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class CommandLine(Folder):
    def refuses(self, words, *flags):
        code, printed, complained = run(*flags)
        self.assertEqual((code, printed, complained.count("\n")), (2, "", 1), complained)
        self.assertTrue(complained.startswith("fakeapi: "), complained)
        self.assertIn(words, complained)

    def test_help_and_version_are_told(self):
        code, printed, complained = run("--help")
        self.assertEqual((code, complained), (0, ""))
        for flag in ("--listen", "--port-file", "--kubeconfig-out", "--crds", "--manifests",
                     "--fleet", "--scenario", "--speed", "--paused", "--tls-dir", "--token-file",
                     "--history"):
            self.assertIn(flag, printed)
        self.assertRegex(run("--version")[1], r"^fakeapi \d+\.\d+\.\d+\n$")

    def test_bad_usage_is_one_line_and_exit_2(self):
        self.refuses('did you mean "--listen"', "--lissten", "a")
        self.refuses("expected only flags", "serve")
        self.refuses("expected ADDRESS:PORT", "--listen", "8001")
        self.refuses("expected ADDRESS:PORT", "--listen", "127.0.0.1:66000")
        self.refuses("127.0.0.300", "--listen", "127.0.0.300:0")
        self.refuses("expected 1 to", "--speed", "0")
        self.refuses("expected one of them", "--speed", "5", "--paused")
        self.refuses("expected one of them", "--fleet", "a", "--scenario", "b")
        self.refuses("needs an argument", "--port-file")

    def test_others_may_only_reach_it_by_tls_and_tokens(self):
        self.refuses("needs --tls-dir and --token-file", "--listen", "0.0.0.0:0")
        self.refuses("needs --tls-dir and --token-file", "--listen", "[::]:0", "--tls-dir", "a")

    def test_files_that_are_not_there_are_told(self):
        for flag in ("--crds", "--manifests", "--fleet", "--scenario", "--tls-dir",
                     "--token-file"):
            self.refuses("/nowhere", "--listen", "127.0.0.1:0", flag, "/nowhere")
        self.refuses("/nowhere/p", "--listen", "127.0.0.1:0", "--port-file", "/nowhere/p")
        self.refuses("found no *.yaml", "--manifests", self.folder.name)

    def test_broken_manifests_are_told_with_their_line(self):
        path = self.write("a.yaml", "apiVersion: v1\nkind: Gadget\nmetadata: {name: a}\n")
        self.refuses("a.yaml:1:1: Gadget of v1 is not served", "--manifests", path)
        path = self.write("b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: B}\n")
        self.refuses("b.yaml:1:1: ConfigMap/B is refused by the API: 422", "--manifests", path)
        path = self.write("c.yaml", "a: [1\n")
        self.refuses("c.yaml:", "--manifests", path)

    def test_a_port_in_use_is_told(self):
        with Server() as server:
            self.refuses("cannot listen on", "--listen", "127.0.0.1:%d" % server.port)

    def test_files_of_a_folder_are_loaded_in_order(self):
        self.write("crds/widgets.json", json.dumps(CRD))
        self.write("crds/README.md", "not a manifest")
        self.write("all/1.yaml", MANIFESTS)
        self.write("all/2.yaml", MANIFESTS.replace("size: 3", "size: 4"))
        with Server("--crds", os.path.join(self.folder.name, "crds"),
                    "--manifests", os.path.join(self.folder.name, "all")) as server:
            widgets = server.ask("GET", "/apis/example.org/v1/widgets")[1]["items"]
            self.assertEqual([w["spec"]["size"] for w in widgets], [4])
            self.assertEqual(server.ask("GET", "/api/v1/namespaces/shop/configmaps/b")[0], 200)

    def test_it_says_where_it_serves_and_nothing_else(self):
        with Server() as server:
            code, printed = server.stop()
            self.assertEqual((code, printed),
                             (0, "fakeapi: serving on http://127.0.0.1:%d\n" % server.port))

    def test_versions_begin_where_they_are_told_to(self):
        with Server("--first-version", "5000") as server:
            namespaces = server.ask("GET", "/api/v1/namespaces")[1]
            versions = [int(n["metadata"]["resourceVersion"]) for n in namespaces["items"]]
            self.assertTrue(all(5000 < version < 5100 for version in versions), versions)

    def test_clients_of_an_earlier_server_notice(self):
        many = [dict(config_map("c%d" % i), metadata={"name": "c%d" % i, "namespace": "default"})
                for i in range(200)]  # in fewer milliseconds than that
        path = self.write("many.json", "\n---\n".join(json.dumps(one) for one in many))
        with Server("--manifests", path) as server:
            last = server.ask("GET", CONFIG_MAPS)[1]["metadata"]["resourceVersion"]
            server.stop()
            server.process.stdout.close()
            server.start()
            _, content = server.call("GET", CONFIG_MAPS + "?watch=1&timeoutSeconds=1&"
                                     "resourceVersion=" + last)
            self.assertIn('"code":410', content.decode())


class Secured(Folder):
    def setUp(self):
        super().setUp()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=fakeapi", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        self.path("tls.key"), "-out", self.path("tls.crt")],
                       check=True, capture_output=True)
        self.tokens = self.write("tokens", "# of nobody\nfirst,alice,1\n  second  \n")

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def ask(self, server, path, token=None):
        context = ssl.create_default_context(cafile=self.path("tls.crt"))
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context,
                                                 timeout=60)
        headers = {} if token is None else {"Authorization": token}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content

    def test_tls_serves_the_same(self):
        with Server("--tls-dir", self.folder.name) as server:
            status, content = self.ask(server, "/api/v1/namespaces")
            self.assertEqual((status, json.loads(content)["kind"]), (200, "NamespaceList"))
            with open(server.kubeconfig, encoding="utf-8") as file:
                text = file.read()
            self.assertIn("server: https://127.0.0.1:%d\n" % server.port, text)
            self.assertIn("certificate-authority-data: ", text)
            self.assertNotIn("insecure", text)
            self.assertEqual(os.stat(server.kubeconfig).st_mode & 0o777, 0o600)

    def test_a_folder_without_a_certificate_gets_one(self):
        with tempfile.TemporaryDirectory() as empty, Server("--tls-dir", empty) as server:
            for name in ("tls.crt", "tls.key"):
                os.replace(os.path.join(empty, name), self.path(name))
            self.assertEqual(os.stat(self.path("tls.key")).st_mode & 0o777, 0o600)
            self.assertEqual(self.ask(server, "/api/v1/namespaces")[0], 200)

    def test_half_a_certificate_is_told(self):
        os.unlink(self.path("tls.crt"))
        code, _, complained = run("--listen", "127.0.0.1:0", "--tls-dir", self.folder.name)
        self.assertEqual(code, 2)
        self.assertIn("tls.crt", complained)

    def test_who_has_no_token_is_unauthorized(self):
        with Server("--tls-dir", self.folder.name, "--token-file", self.tokens,
                    listen="0.0.0.0:0") as server:
            for token in (None, "Bearer", "Bearer ", "Bearer firs", "Bearer first,alice",
                          "Basic first", "first", "Bearer # of nobody"):
                status, content = self.ask(server, "/api/v1/namespaces", token)
                self.assertEqual(status, 401, token)
                self.assertEqual(json.loads(content), {
                    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                    "message": "Unauthorized", "reason": "Unauthorized", "code": 401})
            for token in ("Bearer first", "Bearer second"):
                self.assertEqual(self.ask(server, "/api/v1/namespaces", token)[0], 200, token)
            self.assertEqual(self.ask(server, "/_sim/clock")[0], 401)
            with open(server.kubeconfig, encoding="utf-8") as file:
                text = file.read()
            self.assertIn("server: https://127.0.0.1:%d\n" % server.port, text)
            self.assertIn('token: "first"\n', text)
            self.assertEqual(self.ask(server, "/readyz")[0], 200)

    def test_a_key_that_does_not_fit_is_told(self):
        self.write("tls.key", "no key\n")
        code, _, complained = run("--listen", "127.0.0.1:0", "--tls-dir", self.folder.name)
        self.assertEqual((code, complained),
                         (2, "fakeapi: the certificate or its key is unusable\n"))


if __name__ == "__main__":
    unittest.main()
