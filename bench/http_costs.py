#!/usr/bin/env python3
"""What HTTP costs: start, GETs, PATCHes and watches of `fakeapi`, each beside a reference that is
measured in the same run, in turns. Prints the table; --write also puts it into reports/http.md.

  bench/http_costs.py [--build build/release] [--seconds 3] [--rounds 3] [--write]

Needs wrk and nginx (Debian's packages). On a machine with other work, look at the ratios and at the
server's own time for one operation rather than at the rates.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PROMOTIONS = "/apis/config.projectsveltos.io/v1beta1/clusterpromotions"
WATCHERS = 1000
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on; tcp_nodelay on;
  open_file_cache max=10; types {{ application/json json; }}
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }} }}
"""


def promotion():
    """About 3.6 kB as it is stored."""
    charts = [{"repositoryURL": "https://kyverno.github.io/kyverno/", "repositoryName": "kyverno",
               "chartName": "kyverno/kyverno", "chartVersion": "v3.%d.0" % i,
               "releaseName": "kyverno-%d" % i, "releaseNamespace": "kyverno",
               "helmChartAction": "Install", "values": "x" * 120} for i in range(6)]
    stages = [{"name": "stage-%d" % i, "clusterSelector": {"matchLabels": {"env": "e%d" % i}},
               "trigger": {"auto": {"delay": "5m0s"}}} for i in range(4)]
    return {"apiVersion": "config.projectsveltos.io/v1beta1", "kind": "ClusterPromotion",
            "metadata": {"name": "bench"},
            "spec": {"profileSpec": {"syncMode": "Continuous", "helmCharts": charts},
                     "stages": stages}}


class Process:
    """A server until the end of the `with` block."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def cpu_s(self):
        """Of the process and its children (nginx works in one)."""
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
            return sum(cpu_of(one) for one in [pid, *file.read().split()])


def cpu_of(pid):
    with open("/proc/%s/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port():
    import socket
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def await_answer(url):
    for _ in range(3000):
        try:
            return urllib.request.urlopen(url).read()
        except OSError:
            time.sleep(0.01)
    sys.exit("bench/http_costs.py: %s does not answer" % url)


def create(base):
    request = urllib.request.Request(base + PROMOTIONS, json.dumps(promotion()).encode(),
                                     {"Content-Type": "application/json"})
    return urllib.request.urlopen(request).read()


def wrk(url, seconds, connections, script=None):
    """Requests per second; all must succeed."""
    command = ["wrk", "-t1", "-c%d" % connections, "-d%d" % seconds, url]
    if script:
        command[1:1] = ["-s", os.path.join(ROOT, "bench", script)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed:
        sys.exit("bench/http_costs.py: wrk was refused: " + printed)
    return float(re.search(r"Requests/sec:\s*([\d.]+)", printed).group(1))


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = tempfile.mkdtemp(prefix="bench-http-")
        os.chmod(self.folder, 0o755)  # nginx' worker is somebody else
        self.fakeapi = os.path.join(arguments.build, "bin", "fakeapi")
        self.port, self.nginx_port = free_port(), free_port()
        self.base = "http://127.0.0.1:%d" % self.port
        self.nginx = ["/usr/sbin/nginx", "-c", os.path.join(self.folder, "nginx.conf")]
        self.rows = []

    def program(self, name):
        return os.path.join(self.arguments.build, "bench", name)

    def row(self, what, ours, reference, goal, ours_us=(), theirs_us=(), form="{:,.0f}"):
        ours, reference = statistics.median(ours), statistics.median(reference)
        spent = ["%.1f" % statistics.median(us) if us else "" for us in (ours_us, theirs_us)]
        self.rows.append((what, form.format(ours), form.format(reference),
                          "%.2f" % (ours / reference), goal, *spent))
        print("%-52s %10s %10s %5s  goal %-16s us: %6s %6s" % self.rows[-1], flush=True)

    def timed(self, server, measure):
        """The rate that measure() finds, and the server's microseconds for one operation."""
        before = server.cpu_s()
        rate = measure()
        return rate, (server.cpu_s() - before) / (rate * self.arguments.seconds) * 1e6

    def start(self):
        program, ours, theirs = self.program("http_start"), [], []
        for _ in range(self.arguments.rounds):
            for into, path, port, command in (
                    (ours, PROMOTIONS, self.port,
                     [self.fakeapi, "--listen", "127.0.0.1:%d" % self.port]),
                    (theirs, "/p.json", self.nginx_port, self.nginx)):
                printed = subprocess.run([program, "10", str(port), path, *command],
                                         capture_output=True, text=True, check=True).stdout
                into.append(float(printed.split()[1]))
        self.row("exec to first 200, ms (reference: nginx)", ours, theirs, "10", form="{:.1f}")

    def rates(self, what, goal, url, reference, connections, script=None):
        seconds = self.arguments.seconds
        ours, theirs = [], []
        for _ in range(self.arguments.rounds):
            ours.append(self.timed(self.server, lambda: wrk(url, seconds, connections, script)))
            theirs.append(self.timed(self.reference, lambda: wrk(reference, seconds, connections)))
        self.row(what, *[[one[0] for one in them] for them in (ours, theirs)], goal,
                 *[[one[1] for one in them] for them in (ours, theirs)])

    def watches(self, line_bytes):
        program, ours, theirs, cpu_us, cut = self.program("http_watchers"), [], [], [], 0
        count, seconds = str(WATCHERS), str(self.arguments.seconds)
        for _ in range(self.arguments.rounds):
            readers = subprocess.Popen([program, count, seconds, str(self.port),
                                        PROMOTIONS + "?watch=1&resourceVersion=0"],
                                       stdout=subprocess.PIPE, text=True)
            readers.stdout.readline()
            before = self.server.cpu_s()
            wrk(self.base + PROMOTIONS + "/bench", self.arguments.seconds, 4, "http_patch.lua")
            rate, _, _, over = readers.stdout.read().split()
            cpu_us.append((self.server.cpu_s() - before) / (float(rate) * float(seconds)) * 1e6)
            ours.append(float(rate))
            cut += int(over)
            bare = subprocess.run([program, count, seconds, "bare", str(line_bytes)],
                                  capture_output=True, text=True, check=True).stdout
            theirs.append(float(bare.split()[1]))
        self.row("watch deliveries/s, %d watchers, %d cut" % (WATCHERS, cut), ours, theirs,
                 "200,000, 0 cut", cpu_us)

    def run(self):
        os.mkdir(os.path.join(self.folder, "www"))
        with Process(self.fakeapi, "--listen", "127.0.0.1:%d" % self.port):
            await_answer(self.base + PROMOTIONS)
            body = create(self.base)
        with open(os.path.join(self.folder, "www", "p.json"), "wb") as file:
            file.write(body)
        with open(os.path.join(self.folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=self.folder, port=self.nginx_port))
        self.start()
        ours = (self.fakeapi, "--listen", "127.0.0.1:%d" % self.port)
        with Process(*self.nginx) as self.reference, Process(*ours) as self.server:
            await_answer(self.base + PROMOTIONS)
            create(self.base)
            static = "http://127.0.0.1:%d/p.json" % self.nginx_port
            await_answer(static)
            one = self.base + PROMOTIONS + "/bench"
            self.rates("GETs/s of %d bytes (reference: nginx)" % len(body), "as many", one, static,
                       16)
            self.rates("PATCHes/s by one client (reference: GETs of nginx)", "10,000", one, static,
                       1, "http_patch.lua")
            self.watches(len(body) + 30)
        shutil.rmtree(self.folder)

    def text(self):
        commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                                capture_output=True, text=True, check=False).stdout.strip()
        with open("/proc/loadavg", encoding="ascii") as file:
            load = file.read().split()[0]
        head = ["# What HTTP costs", "",
                "Written by `bench/http_costs.py` at %s: medians of %d rounds of %d s, in turns" % (
                    commit, self.arguments.rounds, self.arguments.seconds),
                "with the references, all at niceness %d, on %d cores whose load was %s at the "
                "end:" % (os.nice(0), os.cpu_count(), load),
                "beyond the number of cores, rates say little. The last columns are the processor",
                "time that the servers took for one operation.", "",
                "| what | reached | reference | ratio | goal | µs | µs of the reference |",
                "|---|---|---|---|---|---|---|"]
        return "\n".join(head + ["| %s |" % " | ".join(row) for row in self.rows]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    for needed in ("wrk", "/usr/sbin/nginx"):
        if shutil.which(needed) is None:
            sys.exit("bench/http_costs.py: %s is missing: apt-get install wrk nginx-light" % needed)
    bench = Bench(parser.parse_args())
    bench.run()
    if bench.arguments.write:
        os.makedirs(os.path.join(ROOT, "reports"), exist_ok=True)
        with open(os.path.join(ROOT, "reports/http.md"), "w", encoding="utf-8") as file:
            file.write(bench.text())


if __name__ == "__main__":
    main()
