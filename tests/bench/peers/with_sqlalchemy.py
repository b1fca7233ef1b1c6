# SPDX-License-Identifier: BSD-2-Clause
"""
SQLAlchemy's ORM: a Session for each unit of work, its version_id_col for the
checks, the driver that its manual names first for each database. There is none
for Virtuoso.
"""
import sys

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.pool import QueuePool

import peer

Base = orm.declarative_base()


class Account(Base):
    __tablename__ = "bench_account"
    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    version = sa.Column(sa.BigInteger, nullable=False)
    customer = sa.Column(sa.BigInteger)
    balance = sa.Column(sa.BigInteger)
    rate = sa.Column(sa.BigInteger)
    owner = sa.Column(sa.String(32))
    __mapper_args__ = {"version_id_col": version}


class Fresh(Base):
    __tablename__ = "bench_fresh"
    id = sa.Column(sa.BigInteger().with_variant(sa.Integer, "sqlite"),
                   primary_key=True)
    version = sa.Column(sa.BigInteger, nullable=False)
    customer = sa.Column(sa.BigInteger)
    balance = sa.Column(sa.BigInteger)
    rate = sa.Column(sa.BigInteger)
    owner = sa.Column(sa.String(32))
    __mapper_args__ = {"version_id_col": version}


class Entry(Base):
    __tablename__ = "bench_entry"
    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    debit = sa.Column(sa.BigInteger)
    credit = sa.Column(sa.BigInteger)
    amount = sa.Column(sa.BigInteger)
    memo = sa.Column(sa.String(32))


class Loyalty(Base):
    __tablename__ = "bench_loyalty"
    id = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    version = sa.Column(sa.BigInteger, nullable=False)
    points = sa.Column(sa.BigInteger)
    __mapper_args__ = {"version_id_col": version}


def open_sqlite(parts):
    # Its own default would open the file anew for each transaction.
    engine = sa.create_engine("sqlite:///" + parts["database"],
                              poolclass=QueuePool, pool_size=4,
                              connect_args={"timeout": 100,
                                            "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_up(connection, _):
        connection.execute("PRAGMA journal_mode=" +
                           parts.get("journalmode", "WAL"))
        connection.execute("PRAGMA synchronous=" +
                           parts.get("syncpragma", "NORMAL"))
        # What its manual says that makes transactions whole.
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    return engine


def open_side(connection, dbms):
    parts = peer.options(connection)
    if dbms == "sqlite":
        engine = open_sqlite(parts)
    else:
        driver = {"postgresql": "postgresql+psycopg2",
                  "mariadb": "mysql+mysqldb"}.get(dbms)
        if not driver:
            print("sqlalchemy: no dialect for " + dbms, file=sys.stderr)
            sys.exit(3)
        engine = sa.create_engine(sa.engine.URL.create(
            driver, username=parts["uid"], password=parts["pwd"],
            host=parts["server"], port=int(parts["port"]),
            database=parts["database"]), pool_size=4, max_overflow=0)
    with engine.connect():
        pass
    return orm.sessionmaker(engine)


def transfer(session, x, entry, card):
    source, target, amount = x
    with session.begin() as s:
        a = s.get(Account, source)
        b = s.get(Account, target)
        total = peer.account_sum(peer.account_sum(0, a), b)
        a.balance -= amount
        b.balance += amount
        s.add(Entry(id=entry, debit=source, credit=target, amount=amount,
                    memo="transfer"))
        loyalty = Loyalty(id=card[0], version=card[1], points=card[2])
        orm.make_transient_to_detached(loyalty)
        s.add(loyalty)
        loyalty.points = card[2] + 1
    return total


def transfers(session, n):
    total = 0
    for i in range(n):
        total += transfer(session, peer.transfer(i), i + 1, (1, i + 1, i))
    return total


def threads(session, n):
    def work(t):
        for i in range(n):
            transfer(session, peer.transfer_of(t, i), peer.entry_id(t, i),
                     (t + 1, i + 1, i))

    peer.threads(work)
    return 0


def insert(session, n):
    names = ("id", "version", "customer", "balance", "rate", "owner")
    with session.begin() as s:
        s.add_all(Account(**dict(zip(names, peer.account(i))))
                  for i in range(n))
    return 0


def insert_keys(session, n):
    names = ("version", "customer", "balance", "rate", "owner")
    with session.begin() as s:
        rows = [Fresh(**dict(zip(names, peer.account(i)[1:])))
                for i in range(n)]
        s.add_all(rows)
        s.flush()
        return peer.keys_rising([r.id for r in rows])


def sum_of(rows):
    total = 0
    for a in rows:
        total = peer.account_sum(total, a)
    return total


def update(session, n):
    with session.begin() as s:
        rows = s.execute(sa.select(Account)).scalars().all()
        total = sum_of(rows)
        for a in rows:
            a.balance += peer.BALANCE_STEP
    return total


def read_all(session, n):
    with session.begin() as s:
        return sum_of(s.execute(sa.select(Account)).scalars().all())


def get_each(session, n):
    with session.begin() as s:
        rows = [s.get(Account, peer.key_of(i)) for i in range(n)]
        return sum_of(rows)


def get_again(session, n):
    with session.begin() as s:
        # Held: the identity map is weak.
        rows = [s.get(Account, peer.key_of(i)) for i in range(n)]
        peer.start()
        again = sum_of(s.get(Account, peer.key_of(i)) for i in range(n))
        return again if rows else 0


def empty(session, n):
    for _ in range(n):
        with session.begin():
            pass
    return 0


peer.main("sqlalchemy", open_side, {
    "W1": transfers, "W2": insert, "W2g": insert_keys, "W3": update,
    "W4": read_all, "W5": get_each, "W5i": get_again, "W6": threads,
    "W7": empty})
