"""
hosts - network namespaces as computers on one cable: with addresses that
change, and cuts in one direction or both (nftables).
"""

import itertools
import os
import subprocess

NETWORK = "10.78.0.%d"

def run(*args):
    done = subprocess.run([str(a) for a in args], check=False,
                          capture_output=True)
    if done.returncode:
        raise OSError("%s: %s" % (" ".join(str(a) for a in args),
                                  done.stderr.decode().strip()))


def missing():
    """Why there can be no hosts; None: there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = "palmares-try-%d" % os.getpid()
    try:
        run("ip", "netns", "add", name)
        try:
            run("ip", "netns", "exec", name, "nft", "add", "table", "inet", "t")
        finally:
            run("ip", "netns", "del", name)
    except OSError as e:
        return "no network namespaces here: %s" % e
    return None


class Host:
    def __init__(self, cable, number):
        self.name = "%s-%d" % (cable.name, number)
        self.number = number
        run("ip", "netns", "add", self.name)
        cable.names.append(self.name)
        port = "port%d" % number
        run("ip", "link", "add", "wire", "netns", self.name, "type", "veth",
            "peer", "name", port, "netns", cable.name)
        run("ip", "-n", cable.name, "link", "set", port, "master", "bridge",
            "up")
        run("ip", "-n", self.name, "link", "set", "lo", "up")
        run("ip", "-n", self.name, "link", "set", "wire", "up")
        self.address = None
        self.move(number)
        for line in ("add table inet cut",
                     "add chain inet cut in { type filter hook input priority "
                     "0 ; }",
                     "add chain inet cut out { type filter hook output "
                     "priority 0 ; }"):
            self.nft(line)

    def inside(self):
        """What comes before the words of a program that runs on this host."""
        return ["ip", "netns", "exec", self.name]

    def nft(self, line):
        run(*self.inside(), "nft", line)

    def move(self, number):
        """As DHCP does: another address, and the old one is gone at once."""
        if self.address is not None:
            run("ip", "-n", self.name, "address", "flush", "dev", "wire")
        self.address = NETWORK % number
        run("ip", "-n", self.name, "address", "add", self.address + "/24",
            "dev", "wire")

    def cut(self, way, address):
        """Drops what comes "in" from, or goes "out" to that address."""
        self.nft("add rule inet cut %s ip %s %s drop" %
                 (way, "saddr" if way == "in" else "daddr", address))

    def heal(self):
        self.nft("flush chain inet cut in")
        self.nft("flush chain inet cut out")


class Cable:
    """A switch, and hosts on it; close() takes all away."""

    _numbers = itertools.count(1)

    def __init__(self):
        self.name = "palm-%d-%d" % (os.getpid(), next(self._numbers))
        self.names = [self.name]
        run("ip", "netns", "add", self.name)
        run("ip", "-n", self.name, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", self.name, "link", "set", "bridge", "up")

    def host(self):
        return Host(self, len(self.names))

    def close(self):
        for name in reversed(self.names):
            run("ip", "netns", "del", name)
