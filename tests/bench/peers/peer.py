# SPDX-License-Identifier: BSD-2-Clause
"""What peer.c is for programs in C: rows, the line that is printed."""
import ctypes
import os
import sys
import threading
import time

ACCOUNTS, THREADS, CONNECTIONS = 20000, 8, 4
BALANCE_STEP = 7
NAMES = ("W1", "W2", "W2g", "W3", "W4", "W5", "W5i", "W6", "W7", "W8")


class Account:
    """A row as the program wants it: an object with members."""

    __slots__ = ("id", "version", "customer", "balance", "rate", "owner")

    def __init__(self, *values):
        (self.id, self.version, self.customer, self.balance, self.rate,
         self.owner) = values


def account(i):
    return (i + 1, 1, i * 7 % 1000, 100000 + i * 31 % 5000, i % 100 * 125,
            "owner number %d" % i)


def account_sum(total, a):
    return (total + a.id * 3 + a.version + a.customer * 5 + a.balance +
            a.rate + len(a.owner))


def transfer(i):
    source = i * 7919 % ACCOUNTS + 1
    target = (i * 104729 + 1) % ACCOUNTS + 1
    if target == source:
        target = source % ACCOUNTS + 1
    return source, target, i % 90 + 1


def transfer_of(t, i):
    """Of thread t: no two share an account or a card."""
    share = ACCOUNTS // THREADS
    source, target, amount = transfer(i)
    source = t * share + source % share + 1
    target = t * share + target % share + 1
    if target == source:
        target = t * share + source % share + 1
    return source, target, amount


def entry_id(t, i):
    return t * 1000000 + i + 1


def threads(work):
    """work(t) for each of THREADS; the first failure is raised."""
    failures = []

    def run(t):
        try:
            work(t)
        except Exception as e:
            failures.append(e)

    all_threads = [threading.Thread(target=run, args=(t,))
                   for t in range(THREADS)]
    for t in all_threads:
        t.start()
    for t in all_threads:
        t.join()
    if failures:
        raise failures[0]


def key_of(i):
    return i * 7919 % ACCOUNTS + 1


def keys_rising(keys):
    return sum(b > a for a, b in zip(keys, keys[1:]))


def options(connection):
    """The parts of an ODBC connection string, names in lower case."""
    parts = (p.split("=", 1) for p in connection.split(";") if "=" in p)
    return {name.strip().lower(): value for name, value in parts}


def one(count):
    if count != 1:
        raise RuntimeError("%s rows, not 1" % count)


def _count(on):
    """count-shim.so, if it was loaded before."""
    try:
        ctypes.CDLL(None).bench_count(on)
    except AttributeError:
        pass


_began = 0.0


def start():
    """Measure from here, not from the workload's beginning."""
    global _began
    _count(1)
    _began = time.monotonic()


def main(name, open_side, runs):
    """runs: by the name of the workload, f(side, n) which gives the check."""
    if len(sys.argv) != 4 or sys.argv[1] not in NAMES:
        sys.exit("usage: BENCH_CONNECTION=... %s W1..W8 N DBMS" % sys.argv[0])
    workload, n, dbms = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if workload not in runs:
        print("%s: nothing for %s" % (name, workload), file=sys.stderr)
        sys.exit(3)
    try:
        side = open_side(os.environ.get("BENCH_CONNECTION", ""), dbms)
        start()
        check = runs[workload](side, n)
        took = time.monotonic() - _began
        _count(0)
    except Exception as e:
        text = str(e).strip().split("\n")[0]
        sys.exit("%s: %s: %s" % (name, type(e).__name__, text))
    print(name, workload, dbms, n, "%.6f" % took, check % 2 ** 64, sep="\t")
