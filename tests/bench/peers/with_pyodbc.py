# SPDX-License-Identifier: BSD-2-Clause
"""pyodbc: a cursor for each statement, so that each stays prepared."""
import queue

import pyodbc

import peer

SELECT = ("SELECT id, version, customer, balance, rate, owner "
          "FROM bench_account")
UPDATE = ("UPDATE bench_account SET balance = ?, version = ? "
          "WHERE id = ? AND version = ?")


class Side:
    def __init__(self, connection, dbms):
        self.connection, self.dbms = connection, dbms
        pyodbc.pooling = False
        self.c = pyodbc.connect(connection, autocommit=False)


def put(cursor, a, by):
    cursor.execute(UPDATE, a.balance + by, a.version + 1, a.id, a.version)
    peer.one(cursor.rowcount)


def get(cursor, key):
    return peer.Account(*cursor.execute(SELECT + " WHERE id = ?",
                                        key).fetchone())


class Steps:
    """What a transfer needs on one connection."""

    def __init__(self, c, lock):
        self.c = c
        self.getter, self.putter, self.add, self.card = (
            c.cursor() for _ in range(4))
        self.lock = c.cursor() if lock else None

    def transfer(self, x, entry, owner, i):
        """Transfer i of the owner of a card."""
        source, target, amount = x
        # Two that have read could both not write.
        if self.lock:
            self.lock.execute("DELETE FROM bench_entry WHERE 0")
        a = get(self.getter, source)
        b = get(self.getter, target)
        put(self.putter, a, -amount)
        put(self.putter, b, amount)
        self.add.execute("INSERT INTO bench_entry (id, debit, credit, amount, "
                         "memo) VALUES (?, ?, ?, ?, ?)", entry, source, target,
                         amount, "transfer")
        self.card.execute("UPDATE bench_loyalty SET points = ?, version = ? "
                          "WHERE id = ? AND version = ?", i + 1, i + 2, owner,
                          i + 1)
        peer.one(self.card.rowcount)
        self.c.commit()
        return peer.account_sum(peer.account_sum(0, a), b)


def transfers(side, n):
    steps = Steps(side.c, False)
    return sum(steps.transfer(peer.transfer(i), i + 1, 1, i)
               for i in range(n))


def threads(side, n):
    pool = queue.Queue()
    for i in range(peer.CONNECTIONS):
        c = side.c if not i else pyodbc.connect(side.connection,
                                                autocommit=False)
        pool.put(Steps(c, side.dbms == "sqlite"))

    def work(t):
        for i in range(n):
            steps = pool.get()
            try:
                steps.transfer(peer.transfer_of(t, i), peer.entry_id(t, i),
                               t + 1, i)
            finally:
                pool.put(steps)

    peer.start()
    peer.threads(work)
    return 0


def insert(side, n):
    side.c.cursor().executemany(
        "INSERT INTO bench_account (id, version, customer, balance, rate, "
        "owner) VALUES (?, ?, ?, ?, ?, ?)",
        [peer.account(i) for i in range(n)])
    side.c.commit()
    return 0


def insert_keys(side, n):
    add, last = side.c.cursor(), side.c.cursor()
    text = ("INSERT INTO bench_fresh (version, customer, balance, rate, "
            "owner) VALUES (?, ?, ?, ?, ?)")
    ask = {"sqlite": "SELECT last_insert_rowid()",
           "virtuoso": "SELECT identity_value()",
           "mariadb": "SELECT last_insert_id()"}.get(side.dbms)
    if not ask:
        text += " RETURNING id"
    keys = []
    for i in range(n):
        add.execute(text, *peer.account(i)[1:])
        row = (last.execute(ask) if ask else add).fetchone()
        keys.append(int(row[0]))
    side.c.commit()
    return peer.keys_rising(keys)


def load(side):
    rows = side.c.cursor().execute(SELECT).fetchall()
    return [peer.Account(*row) for row in rows]


def sum_of(rows):
    total = 0
    for a in rows:
        total = peer.account_sum(total, a)
    return total


def update(side, n):
    rows = load(side)
    total = sum_of(rows)
    putter = side.c.cursor()
    for a in rows:
        put(putter, a, peer.BALANCE_STEP)
    side.c.commit()
    return total


def read_all(side, n):
    rows = load(side)
    side.c.commit()
    return sum_of(rows)


def get_each(side, n):
    getter = side.c.cursor()
    total = sum_of(get(getter, peer.key_of(i)) for i in range(n))
    side.c.commit()
    return total


def empty(side, n):
    for _ in range(n):
        side.c.commit()
    return 0


peer.main("pyodbc", Side, {
    "W1": transfers, "W2": insert, "W2g": insert_keys, "W3": update,
    "W4": read_all, "W5": get_each, "W6": threads, "W7": empty})
