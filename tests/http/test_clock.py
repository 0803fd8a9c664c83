"""The simulated clock, and the world that runs by it."""
import json
import os
import tempfile
import unittest

from server import Server, await_true

CLOCK = "/_sim/clock"
EVENTS = "/api/v1/namespaces/default/events"
PROFILES = "/apis/config.projectsveltos.io/v1beta1/clusterprofiles"
SUMMARIES = "/apis/config.projectsveltos.io/v1beta1/clustersummaries"
FLEET = '[{count: 3, name: "edge-{i}", namespace: edge, labels: {env: edge}}]\n'
PROFILE = {"apiVersion": "config.projectsveltos.io/v1beta1", "kind": "ClusterProfile",
           "metadata": {"name": "web"},
           "spec": {"clusterSelector": {"matchLabels": {"env": "edge"}},
                    "policyRefs": [{"kind": "ConfigMap", "namespace": "default", "name": "web"}]}}
SCENARIO = """
scenario: a cluster comes later
why: to have something to do
expect: {}
start: 2026-03-01T08:00:00Z
fleet: [{count: 1, name: "a-{i}", namespace: edge}]
script:
  - {at: +1h, restart-controller: true}
  - {at: +2h, create: {apiVersion: v1, kind: Namespace, metadata: {name: later}}}
"""


def fleet_file(text=FLEET):
    file = tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False)
    with file:
        file.write(text)
    return file.name


class Clock(unittest.TestCase):
    def now(self, server):
        status, clock = server.ask("GET", CLOCK)
        self.assertEqual(status, 200)
        return clock["now"]

    def test_a_paused_clock_stands_still(self):
        with Server("--paused") as server:
            first = self.now(server)
            for _ in range(100):
                server.ask("GET", "/version")
            self.assertEqual(self.now(server), first)
            self.assertTrue(server.ask("GET", CLOCK)[1]["paused"])

    def test_it_is_set_and_advanced_exactly(self):
        with Server("--paused") as server:
            server.ask("POST", CLOCK, {"set": "2100-01-01T00:00:00Z"})
            self.assertEqual(self.now(server), "2100-01-01T00:00:00.000000Z")
            status, clock = server.ask("POST", CLOCK, {"advance": "1h0.25s"})
            self.assertEqual((status, clock["now"]), (200, "2100-01-01T01:00:00.250000Z"))

    def test_objects_bear_its_time(self):
        with Server("--paused") as server:
            server.ask("POST", CLOCK, {"set": "2100-01-01T00:00:07Z"})
            _, made = server.ask("POST", "/api/v1/namespaces", {
                "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}})
            self.assertEqual(made["metadata"]["creationTimestamp"], "2100-01-01T00:00:07Z")

    def test_events_go_an_hour_after_their_last_write(self):
        def event(name):
            return {"apiVersion": "v1", "kind": "Event", "metadata": {"name": name},
                    "involvedObject": {"namespace": "default"}, "reason": "Told"}

        def names():
            return [item["metadata"]["name"] for item in server.ask("GET", EVENTS)[1]["items"]]

        with Server("--paused") as server:
            for name in ("a", "b"):
                self.assertEqual(server.ask("POST", EVENTS, event(name))[0], 201)
            connection = server.connect()
            connection.request("GET", EVENTS + "?watch=1&timeoutSeconds=7200"
                               "&fieldSelector=metadata.name=a")
            stream = connection.getresponse()
            self.assertEqual(json.loads(stream.readline())["type"], "ADDED")
            server.ask("POST", CLOCK, {"advance": "30m"})
            self.assertEqual(server.ask("PATCH", EVENTS + "/b", {"count": 2},
                                        Content_Type="application/merge-patch+json")[0], 200)
            server.ask("POST", CLOCK, {"advance": "29m59s"})
            self.assertEqual(names(), ["a", "b"])
            server.ask("POST", CLOCK, {"advance": "62s"})
            self.assertEqual(names(), ["b"])
            self.assertEqual(json.loads(stream.readline())["type"], "DELETED")
            server.ask("POST", CLOCK, {"advance": "28m"})
            self.assertEqual(names(), ["b"])
            server.ask("POST", CLOCK, {"advance": "3m"})
            self.assertEqual(names(), [])
            server.ask("POST", EVENTS, event("a"))
            server.ask("POST", CLOCK, {"advance": "59m"})
            self.assertEqual(names(), ["a"])
            server.ask("POST", CLOCK, {"advance": "2m"})
            self.assertEqual(names(), [])
            connection.close()

    def test_it_never_goes_back(self):
        with Server("--paused") as server:
            before = self.now(server)
            for asked in ({"set": "2001-01-01T00:00:00Z"}, {"advance": "-1s"},
                          {"advance": "90000000h"}, {"set": "soon"}, {"advance": "1d"}, {},
                          {"advance": "1s", "set": "2100-01-01T00:00:00Z"}):
                status, answer = server.ask("POST", CLOCK, asked)
                self.assertEqual((status, answer["reason"]), (400, "BadRequest"), asked)
            self.assertEqual(server.call("POST", CLOCK, "{")[0].status, 400)
            self.assertEqual(server.ask("DELETE", CLOCK)[0], 405)
            self.assertEqual(self.now(server), before)

    def test_it_runs_faster_than_the_one_on_the_wall(self):
        with Server("--speed", "100000") as server:
            first = self.now(server)
            await_true(lambda: self.now(server)[:10] > first[:10])  # a day is within a second
            self.assertEqual(server.ask("GET", CLOCK)[1]["speed"], 100000)


class World(unittest.TestCase):
    def features(self, server):
        _, summaries = server.ask("GET", SUMMARIES)
        return [feature["status"] for item in summaries["items"]
                for feature in item.get("status", {}).get("featureSummaries", [])]

    def test_sveltos_deploys_to_the_fleet_as_time_goes_on(self):
        path = fleet_file()
        with Server("--fleet", path, "--paused") as server:
            self.assertEqual(server.ask("POST", PROFILES, PROFILE)[0], 201)
            self.assertEqual(server.ask("GET", SUMMARIES)[1]["items"], [])
            server.ask("POST", CLOCK, {"advance": "1s"})
            self.assertEqual(len(server.ask("GET", SUMMARIES)[1]["items"]), 3)
            self.assertNotIn("Provisioned", self.features(server))
            server.ask("POST", CLOCK, {"advance": "1m"})
            self.assertEqual(self.features(server), ["Provisioned"] * 3)
        os.unlink(path)

    def test_sveltos_deploys_at_speed(self):
        path = fleet_file()
        with Server("--fleet", path, "--speed", "60") as server:
            server.ask("POST", PROFILES, PROFILE)
            await_true(lambda: self.features(server) == ["Provisioned"] * 3)
        os.unlink(path)

    def test_a_watcher_sees_what_the_world_does(self):
        path = fleet_file()
        with Server("--fleet", path, "--paused") as server:
            connection = server.connect()
            connection.request("GET", SUMMARIES + "?watch=1")
            stream = connection.getresponse()
            server.ask("POST", PROFILES, PROFILE)
            server.ask("POST", CLOCK, {"advance": "1h"})
            seen = [json.loads(stream.readline())["type"] for _ in range(6)]
            self.assertEqual(seen[:1], ["ADDED"])
            self.assertIn("MODIFIED", seen)
            connection.close()
        os.unlink(path)

    def test_a_scenario_begins_at_its_time_and_plays_its_script(self):
        path = fleet_file(SCENARIO)
        with Server("--scenario", path, "--paused") as server:
            self.assertEqual(server.ask("GET", CLOCK)[1]["now"], "2026-03-01T08:00:00.000000Z")
            server.ask("POST", CLOCK, {"advance": "119m59.999s"})
            self.assertEqual(server.ask("GET", "/api/v1/namespaces/later")[0], 404)
            server.ask("POST", CLOCK, {"advance": "1ms"})
            self.assertEqual(server.ask("GET", "/api/v1/namespaces/later")[0], 200)
        os.unlink(path)


if __name__ == "__main__":
    unittest.main()
