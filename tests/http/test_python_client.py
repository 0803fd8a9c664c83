"""Python's client of Kubernetes, as Debian has it, against the server."""
import sys
import threading
import unittest

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts it
try:
    from kubernetes import client, config, watch
    from kubernetes.client.rest import ApiException
except ImportError:
    print("python3-kubernetes is not installed")
    sys.exit(77)

from server import PATIENCE_S, Server, await_true

GROUP, VERSION, PLURAL = "config.projectsveltos.io", "v1beta1", "clusterprofiles"


def profile(name, tier=100):
    return {"apiVersion": "%s/%s" % (GROUP, VERSION), "kind": "ClusterProfile",
            "metadata": {"name": name}, "spec": {"tier": tier}}


def api_of(server):
    return client.CustomObjectsApi(config.new_client_from_config(server.kubeconfig))


class Informer(threading.Thread):
    """Lists, watches from there, and lists again when that is over: keeps a cache of tiers."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.cache, self.lists, self.stopped = server, {}, 0, False

    def run(self):
        while not self.stopped:
            try:
                self.list_and_watch()
            except Exception:  # the server is away, or has forgotten the version
                pass

    def list_and_watch(self):
        api = api_of(self.server)
        listed = api.list_cluster_custom_object(GROUP, VERSION, PLURAL)
        self.cache = {o["metadata"]["name"]: o["spec"]["tier"] for o in listed["items"]}
        self.lists += 1
        stream = watch.Watch().stream(api.list_cluster_custom_object, GROUP, VERSION, PLURAL,
                                      resource_version=listed["metadata"]["resourceVersion"],
                                      _request_timeout=PATIENCE_S)
        for event in stream:
            name, spec = event["object"]["metadata"]["name"], event["object"]["spec"]
            if event["type"] == "DELETED":
                self.cache.pop(name)
            else:
                self.cache[name] = spec["tier"]


class PythonClient(unittest.TestCase):
    def test_objects_are_created_read_patched_and_deleted(self):
        with Server() as server:
            api = api_of(server)
            made = api.create_cluster_custom_object(GROUP, VERSION, PLURAL, profile("a"))
            self.assertEqual(made["metadata"]["generation"], 1)
            read = api.get_cluster_custom_object(GROUP, VERSION, PLURAL, "a")
            self.assertEqual(read, made)
            patched = api.patch_cluster_custom_object(GROUP, VERSION, PLURAL, "a",
                                                      {"spec": {"tier": 7}})
            self.assertEqual(patched["spec"]["tier"], 7)
            replaced = api.replace_cluster_custom_object(
                GROUP, VERSION, PLURAL, "a", dict(patched, spec={"tier": 8}))
            self.assertEqual(replaced["metadata"]["generation"], 3)
            api.delete_cluster_custom_object(GROUP, VERSION, PLURAL, "a")
            with self.assertRaises(ApiException) as raised:
                api.get_cluster_custom_object(GROUP, VERSION, PLURAL, "a")
            self.assertEqual(raised.exception.status, 404)

    def test_built_in_kinds_are_objects_of_the_client(self):
        with Server() as server:
            core = client.CoreV1Api(config.new_client_from_config(server.kubeconfig))
            core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="shop")))
            core.create_namespaced_config_map("shop", client.V1ConfigMap(
                metadata=client.V1ObjectMeta(name="a"), data={"k": "v"}))
            core.patch_namespaced_config_map("a", "shop", {"data": {"k": "w"}})
            self.assertEqual(core.read_namespaced_config_map("a", "shop").data, {"k": "w"})
            core.patch_namespace("shop", {"metadata": {"finalizers": ["example.org/b"]}})
            core.patch_namespace("shop", {"metadata": {"finalizers": ["example.org/a"]}})
            self.assertEqual(core.read_namespace("shop").metadata.finalizers,
                             ["example.org/b", "example.org/a"])
            with self.assertRaises(ApiException):
                core.patch_namespace("shop", {"metadata": {"$patch": "replace"}})
            names = [n.metadata.name for n in core.list_namespace().items]
            self.assertEqual(names, ["default", "kube-node-lease", "kube-public", "kube-system",
                                     "shop"])
            core.delete_namespaced_config_map("a", "shop")
            self.assertEqual(core.list_namespaced_config_map("shop").items, [])

    def test_refusals_are_told_in_the_words_of_a_real_server(self):
        with Server() as server:
            api = api_of(server)
            api.create_cluster_custom_object(GROUP, VERSION, PLURAL, profile("a"))
            with self.assertRaises(ApiException) as raised:
                api.create_cluster_custom_object(GROUP, VERSION, PLURAL, profile("a"))
            self.assertEqual(raised.exception.status, 409)
            self.assertIn('clusterprofiles.config.projectsveltos.io \\"a\\" already exists',
                          raised.exception.body)

    def test_the_version_is_told(self):
        with Server() as server:
            version = client.VersionApi(config.new_client_from_config(server.kubeconfig))
            self.assertEqual(version.get_code().major, "1")

    def test_a_watch_tells_what_happens(self):
        with Server() as server:
            api, seen = api_of(server), []
            api.create_cluster_custom_object(GROUP, VERSION, PLURAL, profile("a"))
            for event in watch.Watch().stream(api.list_cluster_custom_object, GROUP, VERSION,
                                              PLURAL):
                seen.append(event["type"])
                if len(seen) == 1:
                    api.patch_cluster_custom_object(GROUP, VERSION, PLURAL, "a",
                                                    {"spec": {"tier": 7}})
                if len(seen) == 2:
                    api.delete_cluster_custom_object(GROUP, VERSION, PLURAL, "a")
                if len(seen) == 3:
                    break
            self.assertEqual(seen, ["ADDED", "MODIFIED", "DELETED"])

    def test_an_informer_follows_a_server_that_is_stopped_and_started_again(self):
        with Server() as server:
            server.command[server.command.index("127.0.0.1:0")] = "127.0.0.1:%d" % server.port
            informer = Informer(server)
            informer.start()
            await_true(lambda: informer.lists == 1)
            api_of(server).create_cluster_custom_object(GROUP, VERSION, PLURAL, profile("a", 1))
            await_true(lambda: informer.cache == {"a": 1})
            server.stop()
            server.process.stdout.close()
            server.start()
            api_of(server).create_cluster_custom_object(GROUP, VERSION, PLURAL, profile("b", 2))
            await_true(lambda: informer.cache == {"b": 2})
            api_of(server).patch_cluster_custom_object(GROUP, VERSION, PLURAL, "b",
                                                       {"spec": {"tier": 3}})
            await_true(lambda: informer.cache == {"b": 3})
            informer.stopped = True


if __name__ == "__main__":
    unittest.main()
