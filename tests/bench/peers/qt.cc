/* SPDX-License-Identifier: BSD-2-Clause */
#include <cstring>
#include <vector>

#include <QtCore/QCoreApplication>
#include <QtCore/QVariant>
#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlError>
#include <QtSql/QSqlQuery>

#include "peer.h"

/* Qt's QODBC: queries prepared once, forward only, values as QVariant. */

struct side {
	QSqlDatabase db;
	QString dbms;
};

#define SELECT "SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"
#define UPDATE "UPDATE bench_account SET balance = ?, version = ? " \
	"WHERE id = ? AND version = ?"

static void fail(const QSqlError &e)
{
	peer_fail("%s", qPrintable(e.text()));
}

static void *open_side(const char *connection, const char *dbms)
{
	side *s = new side{ QSqlDatabase::addDatabase("QODBC"), dbms };

	s->db.setDatabaseName(connection);
	if (!s->db.open())
		fail(s->db.lastError());
	return s;
}

static void close_side(void *arg)
{
	side *s = static_cast<side *>(arg);

	s->db.close();
	delete s;
}

static QSqlQuery prepare(side *s, const char *sql)
{
	QSqlQuery q(s->db);

	q.setForwardOnly(true);
	if (!q.prepare(sql))
		fail(q.lastError());
	return q;
}

static void execute(QSqlQuery &q)
{
	if (!q.exec())
		fail(q.lastError());
}

static void execute_one(QSqlQuery &q)
{
	execute(q);
	if (q.numRowsAffected() != 1)
		peer_fail("a row was stale");
}

static void begin(side *s)
{
	if (!s->db.transaction())
		fail(s->db.lastError());
}

static void commit(side *s)
{
	if (!s->db.commit())
		fail(s->db.lastError());
}

static void bind(QSqlQuery &q, int i, int64_t value)
{
	q.bindValue(i, QVariant(static_cast<qlonglong>(value)));
}

static void take(const QSqlQuery &q, struct account *a)
{
	a->id = q.value(0).toLongLong();
	a->version = q.value(1).toLongLong();
	a->customer = q.value(2).toLongLong();
	a->balance = q.value(3).toLongLong();
	a->rate = q.value(4).toLongLong();
	strncpy(a->owner, q.value(5).toString().toUtf8().constData(),
		sizeof(a->owner) - 1);
	a->owner[sizeof(a->owner) - 1] = '\0';
}

static void get(QSqlQuery &q, int64_t id, struct account *a)
{
	bind(q, 0, id);
	execute(q);
	if (!q.next())
		peer_fail("no account");
	take(q, a);
	q.finish();
}

static void put(QSqlQuery &q, const struct account *a, int64_t by)
{
	bind(q, 0, a->balance + by);
	bind(q, 1, a->version + 1);
	bind(q, 2, a->id);
	bind(q, 3, a->version);
	execute_one(q);
}

/* What a transfer needs on one connection. */
struct steps {
	side *s;
	bool lock;
	QSqlQuery getter, putter, add, card;

	steps(side *on, bool one_writer)
		: s(on), lock(one_writer),
		getter(prepare(on, SELECT " WHERE id = ?")),
		putter(prepare(on, UPDATE)),
		add(prepare(on, "INSERT INTO bench_entry (id, debit, credit, "
			"amount, memo) VALUES (?, ?, ?, ?, ?)")),
		card(prepare(on, "UPDATE bench_loyalty SET points = ?, "
			"version = ? WHERE id = ? AND version = ?"))
	{
	}

	/* Transfer i of a card's owner. */
	uint64_t transfer(struct transfer x, int64_t entry, int64_t owner,
			  int64_t i)
	{
		struct account from, to;

		begin(s);
		/* Two that have read could both not write. */
		if (lock)
			s->db.exec("DELETE FROM bench_entry WHERE 0");
		get(getter, x.from, &from);
		get(getter, x.to, &to);
		put(putter, &from, -x.amount);
		put(putter, &to, x.amount);
		bind(add, 0, entry);
		bind(add, 1, x.from);
		bind(add, 2, x.to);
		bind(add, 3, x.amount);
		add.bindValue(4, QString("transfer"));
		execute(add);
		bind(card, 0, i + 1);
		bind(card, 1, i + 2);
		bind(card, 2, owner);
		bind(card, 3, i + 1);
		execute_one(card);
		commit(s);
		return account_sum(account_sum(0, &from), &to);
	}
};

static uint64_t transfers(void *arg, int64_t n)
{
	steps t(static_cast<side *>(arg), false);
	uint64_t sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += t.transfer(transfer_make(i), entry_id(0, i), 1, i);
	return sum;
}

static int64_t each_thread;

/*
 * A connection may be used by the thread only that has made it: there are as
 * many as threads, CONNECTIONS of them at work.
 */
static void thread(int number, void *arg)
{
	side *s = static_cast<side *>(arg);
	const QString name = QString::number(number);

	{
		side own{ QSqlDatabase::addDatabase("QODBC", name), s->dbms };

		own.db.setDatabaseName(getenv("BENCH_CONNECTION"));
		if (!own.db.open())
			fail(own.db.lastError());
		steps t(&own, s->dbms == "sqlite");
		for (int64_t i = 0; i < each_thread; i++) {
			void *permit = pool_take();

			t.transfer(transfer_of(number, i),
				   entry_id(number, i), number + 1, i);
			pool_give(permit);
		}
	}
	QSqlDatabase::removeDatabase(name);
}

static uint64_t threads(void *arg, int64_t n)
{
	each_thread = n;
	for (int i = 0; i < CONNECTIONS; i++)
		pool_give(&each_thread);
	peer_threads(thread, arg);
	return 0;
}

static void bind_account(QSqlQuery &q, const struct account *a, int keyed)
{
	int i = 0;

	if (keyed)
		bind(q, i++, a->id);
	bind(q, i++, a->version);
	bind(q, i++, a->customer);
	bind(q, i++, a->balance);
	bind(q, i++, a->rate);
	q.bindValue(i, QString(a->owner));
}

static uint64_t insert(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	QSqlQuery add = prepare(s, "INSERT INTO bench_account (id, version, "
		"customer, balance, rate, owner) VALUES (?, ?, ?, ?, ?, ?)");
	struct account a;

	begin(s);
	for (int64_t i = 0; i < n; i++) {
		account_make(&a, i);
		bind_account(add, &a, 1);
		execute(add);
	}
	commit(s);
	return 0;
}

static uint64_t insert_keys(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	bool returning = s->dbms == "postgresql";
	QSqlQuery add = prepare(s, returning ?
		"INSERT INTO bench_fresh (version, customer, balance, rate, "
		"owner) VALUES (?, ?, ?, ?, ?) RETURNING id" :
		"INSERT INTO bench_fresh (version, customer, balance, rate, "
		"owner) VALUES (?, ?, ?, ?, ?)");
	QSqlQuery key = returning ? QSqlQuery(s->db) :
		prepare(s, s->dbms == "sqlite" ? "SELECT last_insert_rowid()" :
			s->dbms == "virtuoso" ? "SELECT identity_value()" :
			"SELECT last_insert_id()");
	std::vector<int64_t> keys;
	struct account a;

	begin(s);
	for (int64_t i = 0; i < n; i++) {
		QSqlQuery &teller = returning ? add : key;

		account_make(&a, i);
		bind_account(add, &a, 0);
		execute(add);
		if (!returning)
			execute(key);
		if (!teller.next())
			peer_fail("no key");
		keys.push_back(teller.value(0).toLongLong());
		teller.finish();
	}
	commit(s);
	return keys_rising(keys.data(), n);
}

static uint64_t load(side *s, std::vector<struct account> &list)
{
	QSqlQuery all = prepare(s, SELECT);
	struct account a;
	uint64_t sum = 0;

	execute(all);
	while (all.next()) {
		take(all, &a);
		list.push_back(a);
	}
	for (const struct account &one : list)
		sum = account_sum(sum, &one);
	return sum;
}

static uint64_t update(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	std::vector<struct account> list;
	uint64_t sum;

	(void)n;
	begin(s);
	sum = load(s, list);
	QSqlQuery putter = prepare(s, UPDATE);
	for (const struct account &a : list)
		put(putter, &a, BALANCE_STEP);
	commit(s);
	return sum;
}

static uint64_t read_all(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	std::vector<struct account> list;
	uint64_t sum;

	(void)n;
	begin(s);
	sum = load(s, list);
	commit(s);
	return sum;
}

static uint64_t get_each(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	QSqlQuery getter = prepare(s, SELECT " WHERE id = ?");
	struct account a;
	uint64_t sum = 0;

	begin(s);
	for (int64_t i = 0; i < n; i++) {
		get(getter, i * 7919 % ACCOUNTS + 1, &a);
		sum = account_sum(sum, &a);
	}
	commit(s);
	return sum;
}

static uint64_t empty(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);

	while (n--) {
		begin(s);
		commit(s);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct peer peer = {
		"qt", open_side, close_side,
		{ transfers, insert, insert_keys, update, read_all, get_each,
		  nullptr, threads, empty, nullptr }
	};
	QCoreApplication app(argc, argv);

	return peer_main(&peer, argc, argv);
}
