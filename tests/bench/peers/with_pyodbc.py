# SPDX-License-Identifier: BSD-2-Clause
"""pyodbc: a cursor for each statement, so that each stays prepared."""
import pyodbc

import peer

SELECT = ("SELECT id, version, customer, balance, rate, owner "
          "FROM bench_account")
UPDATE = ("UPDATE bench_account SET balance = ?, version = ? "
          "WHERE id = ? AND version = ?")


class Side:
    def __init__(self, connection, dbms):
        self.dbms = dbms
        pyodbc.pooling = False
        self.c = pyodbc.connect(connection, autocommit=False)


def put(cursor, a, by):
    cursor.execute(UPDATE, a.balance + by, a.version + 1, a.id, a.version)
    peer.one(cursor.rowcount)


def get(cursor, key):
    return peer.Account(*cursor.execute(SELECT + " WHERE id = ?",
                                        key).fetchone())


def transfers(side, n):
    getter, putter, add, card = (side.c.cursor() for _ in range(4))
    total = 0
    for i in range(n):
        source, target, amount = peer.transfer(i)
        a = get(getter, source)
        b = get(getter, target)
        total = peer.account_sum(peer.account_sum(total, a), b)
        put(putter, a, -amount)
        put(putter, b, amount)
        add.execute("INSERT INTO bench_entry (id, debit, credit, amount, memo)"
                    " VALUES (?, ?, ?, ?, ?)", i + 1, source, target, amount,
                    "transfer")
        card.execute("UPDATE bench_loyalty SET points = ?, version = ? "
                     "WHERE id = ? AND version = ?", i + 1, i + 2, 1, i + 1)
        peer.one(card.rowcount)
        side.c.commit()
    return total


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
    "W4": read_all, "W5": get_each, "W7": empty})
