"""
disks - small disks of a test's own: ext4 on a loop device, whose power can be
cut, and memory; both can be filled up.

own_mounts() first: a mount that the namespace of another process has copied
(ip netns exec does) would stay alive there when the power is off.
"""

import ctypes
import errno
import fcntl
import glob
import os
import signal
import struct
import subprocess
import time

CLONE_NEWNS = 0x00020000
EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2  # what the journal has not written yet is lost, too
MEGABYTE = 1 << 20


def run(*args):
    done = subprocess.run([str(a) for a in args], check=False,
                          capture_output=True)
    if done.returncode:
        raise OSError("%s: %s" % (" ".join(str(a) for a in args),
                                  done.stderr.decode().strip()))


def own_mounts():
    """This process gets mounts of its own, before its threads start; what it
    starts follows them."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare: %s"
                      % os.strerror(ctypes.get_errno()))
    run("mount", "--make-rprivate", "/")
    run("mount", "--make-rshared", "/")


def missing(folder):
    """Why there can be no disks; None: there can.  Then mounts are our own."""
    if os.geteuid() != 0:
        return "mounting a disk needs root"
    try:
        own_mounts()
        Disk(os.path.join(folder, "try"), 8).close()
    except OSError as e:
        return "no loop devices here: %s" % e
    return None


def flushing(**how):
    """For the environment of a program whose disk is slow, or lies (flush.c);
    none where the library has not been built."""
    library = os.environ.get("PALMARES_FLUSH", "")
    return dict(how, LD_PRELOAD=library) if os.path.exists(library) else None


def stop(pid):
    """Every thread, each out of the system call that it was in."""
    os.kill(pid, signal.SIGSTOP)
    end = time.monotonic() + 60
    while True:
        states = set()
        for path in glob.glob("/proc/%d/task/*/stat" % pid):
            with open(path, encoding="ascii") as f:
                states.add(f.read().rpartition(")")[2].split()[0])
        if states <= {"T"}:
            return
        if time.monotonic() > end:
            raise OSError("process %d does not stop: %s" % (pid, states))
        time.sleep(0.001)


class Disk:
    """Mounted at path; an image of ext4 beside it, or memory."""

    def __init__(self, path, megabytes, kind="ext4"):
        self.path, self.kind = path, kind
        self.image = path + ".img"
        self.cuts = 0
        os.makedirs(path)
        if kind == "tmpfs":
            run("mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tmpfs",
                path)
            return
        with open(self.image, "wb") as f:
            f.truncate(megabytes * MEGABYTE)
        run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop", self.image, self.path)

    def unmount(self):
        """Once whoever had files open there has let them go."""
        end = time.monotonic() + 60
        while True:
            try:
                run("umount", self.path)
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def cut_power(self, pids):
        """
        From here on nothing reaches the image.  Those who write there are
        stopped before, at any moment but inside the flush itself: one that
        overlaps the cut tells 0 and may flush nothing (ext4 of Linux 6.18, in
        2 of 100 cuts), which would blame them.  Kill them next.
        """
        for pid in pids:
            stop(pid)
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(fd)
        self.cuts += 1

    def power_on(self):
        """Mounted again, which replays the journal; all is closed before."""
        self.unmount()
        self.mount()

    def settle(self):
        """What is there now was there long before the power went."""
        run("sync", "--file-system", self.path)

    def ballast(self):
        return os.path.join(self.path, "ballast")

    def fill(self):
        """To the last block, whoever else writes meanwhile."""
        with open(self.ballast(), "ab", buffering=0) as f:
            for size in (MEGABYTE, 4096, 1):
                try:
                    while True:
                        f.write(b"\xff" * size)
                except OSError as e:
                    if e.errno != errno.ENOSPC:
                        raise

    def make_room(self):
        os.remove(self.ballast())

    def close(self):
        if os.path.ismount(self.path):
            self.unmount()
        if self.kind != "tmpfs":
            os.remove(self.image)
