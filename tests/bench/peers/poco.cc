/* SPDX-License-Identifier: BSD-2-Clause */
#include <cstring>
#include <string>
#include <vector>

#include <Poco/Data/ODBC/Connector.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include "peer.h"

/* POCO's Data over ODBC: statements prepared once, bound to variables. */

using namespace Poco::Data::Keywords;
using Poco::Data::Session;
using Poco::Data::Statement;

struct side {
	Session sql;
	std::string dbms;
};

#define SELECT "SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"
#define UPDATE "UPDATE bench_account SET balance = ?, version = ? " \
	"WHERE id = ? AND version = ?"

struct row_of {
	Poco::Int64 id, version, customer, balance, rate;
	std::string owner;

	void to(struct account *a) const
	{
		a->id = id;
		a->version = version;
		a->customer = customer;
		a->balance = balance;
		a->rate = rate;
		strncpy(a->owner, owner.c_str(), sizeof(a->owner) - 1);
		a->owner[sizeof(a->owner) - 1] = '\0';
	}

	void from(const struct account *a)
	{
		id = a->id;
		version = a->version;
		customer = a->customer;
		balance = a->balance;
		rate = a->rate;
		owner = a->owner;
	}
};

/* begin() throws while autocommit is on. */
static void *open_side(const char *connection, const char *dbms)
{
	Poco::Data::ODBC::Connector::registerConnector();
	side *s = new side{ Session("ODBC", connection), dbms };

	s->sql.setFeature("autoCommit", false);
	return s;
}

static void close_side(void *s)
{
	delete static_cast<side *>(s);
}

static void execute_one(Statement &s)
{
	if (s.execute() != 1)
		peer_fail("a row was stale");
}

/* What a transfer needs on one connection. */
struct steps {
	Session &sql;
	bool lock;
	Poco::Int64 key = 0, balance = 0, next = 0, id = 0, version = 0,
		points = 0, card_next = 0, card = 1, card_version = 1,
		e_id = 0, debit = 0, credit = 0, amount = 0;
	std::string memo = "transfer";
	row_of r;
	Statement first, get, put, add, touch;

	steps(Session &on, bool one_writer)
		: sql(on), lock(one_writer), first(on), get(on), put(on),
		add(on), touch(on)
	{
		/* Two that have read could both not write. */
		if (lock)
			first << "DELETE FROM bench_entry WHERE 0";
		get << SELECT " WHERE id = ?", use(key), into(r.id),
			into(r.version), into(r.customer), into(r.balance),
			into(r.rate), into(r.owner);
		put << UPDATE, use(balance), use(next), use(id), use(version);
		add << "INSERT INTO bench_entry (id, debit, credit, amount, "
			"memo) VALUES (?, ?, ?, ?, ?)", use(e_id), use(debit),
			use(credit), use(amount), use(memo);
		touch << "UPDATE bench_loyalty SET points = ?, version = ? "
			"WHERE id = ? AND version = ?", use(points),
			use(card_next), use(card), use(card_version);
	}

	void fetch(int64_t which, struct account *a)
	{
		key = which;
		if (get.execute() != 1)
			peer_fail("no account");
		r.to(a);
	}

	void change(const struct account *a, int64_t by)
	{
		balance = a->balance + by;
		next = a->version + 1;
		id = a->id;
		version = a->version;
		execute_one(put);
	}

	/* Transfer i of the owner of a card. */
	uint64_t transfer(struct transfer x, int64_t entry, int64_t i)
	{
		struct account from, to;

		sql.begin();
		if (lock)
			first.execute();
		fetch(x.from, &from);
		fetch(x.to, &to);
		change(&from, -x.amount);
		change(&to, x.amount);
		e_id = entry;
		debit = x.from;
		credit = x.to;
		amount = x.amount;
		add.execute();
		points = i + 1;
		card_version = i + 1;
		card_next = i + 2;
		execute_one(touch);
		sql.commit();
		return account_sum(account_sum(0, &from), &to);
	}
};

static uint64_t transfers(void *arg, int64_t n)
{
	steps t(static_cast<side *>(arg)->sql, false);
	uint64_t sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += t.transfer(transfer_make(i), entry_id(0, i), i);
	return sum;
}

static int64_t each_thread;

static void thread(int number, void *)
{
	for (int64_t i = 0; i < each_thread; i++) {
		steps *t = static_cast<steps *>(pool_take());

		t->card = number + 1;
		t->transfer(transfer_of(number, i), entry_id(number, i), i);
		pool_give(t);
	}
}

static uint64_t threads(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg), *sides[CONNECTIONS];
	steps *all[CONNECTIONS];

	each_thread = n;
	for (int i = 0; i < CONNECTIONS; i++) {
		sides[i] = i ? static_cast<side *>(open_side(
			getenv("BENCH_CONNECTION"), s->dbms.c_str())) : s;
		all[i] = new steps(sides[i]->sql, s->dbms == "sqlite");
		pool_give(all[i]);
	}
	peer_start();
	peer_threads(thread, nullptr);
	for (int i = 0; i < CONNECTIONS; i++) {
		delete all[i];
		if (i)
			delete sides[i];
	}
	return 0;
}

static uint64_t insert(void *arg, int64_t n)
{
	Session &sql = static_cast<side *>(arg)->sql;
	Statement add(sql);
	struct account a;
	row_of r;

	sql.begin();
	account_make(&a, 0);
	r.from(&a);
	add << "INSERT INTO bench_account (id, version, customer, balance, "
		"rate, owner) VALUES (?, ?, ?, ?, ?, ?)", use(r.id),
		use(r.version), use(r.customer), use(r.balance), use(r.rate),
		use(r.owner);
	for (int64_t i = 0; i < n; i++) {
		account_make(&a, i);
		r.from(&a);
		add.execute();
	}
	sql.commit();
	return 0;
}

static uint64_t insert_keys(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	bool returning = s->dbms == "postgresql";
	Statement add(s->sql), get(s->sql);
	std::vector<int64_t> keys;
	Poco::Int64 key = 0;
	struct account a;
	row_of r;

	s->sql.begin();
	account_make(&a, 0);
	r.from(&a);
	if (returning)
		add << "INSERT INTO bench_fresh (version, customer, balance, "
			"rate, owner) VALUES (?, ?, ?, ?, ?) RETURNING id",
			use(r.version), use(r.customer), use(r.balance),
			use(r.rate), use(r.owner), into(key);
	else
		add << "INSERT INTO bench_fresh (version, customer, balance, "
			"rate, owner) VALUES (?, ?, ?, ?, ?)", use(r.version),
			use(r.customer), use(r.balance), use(r.rate),
			use(r.owner);
	if (!returning)
		get << (s->dbms == "sqlite" ? "SELECT last_insert_rowid()" :
			s->dbms == "virtuoso" ? "SELECT identity_value()" :
			"SELECT last_insert_id()"), into(key);
	for (int64_t i = 0; i < n; i++) {
		account_make(&a, i);
		r.from(&a);
		add.execute();
		if (!returning)
			get.execute();
		keys.push_back(key);
	}
	s->sql.commit();
	return keys_rising(keys.data(), n);
}

static uint64_t load(Session &sql, std::vector<struct account> &list)
{
	Statement all(sql);
	struct account a;
	uint64_t sum = 0;
	row_of r;

	all << SELECT, into(r.id), into(r.version), into(r.customer),
		into(r.balance), into(r.rate), into(r.owner), range(0, 1);
	while (!all.done()) {
		if (!all.execute())
			break;
		r.to(&a);
		list.push_back(a);
	}
	for (const struct account &one : list)
		sum = account_sum(sum, &one);
	return sum;
}

static uint64_t update(void *arg, int64_t n)
{
	Session &sql = static_cast<side *>(arg)->sql;
	std::vector<struct account> list;
	Poco::Int64 balance = 0, next = 0, id = 0, version = 0;
	Statement put(sql);
	uint64_t sum;

	(void)n;
	sql.begin();
	sum = load(sql, list);
	put << UPDATE, use(balance), use(next), use(id), use(version);
	for (const struct account &a : list) {
		balance = a.balance + BALANCE_STEP;
		next = a.version + 1;
		id = a.id;
		version = a.version;
		execute_one(put);
	}
	sql.commit();
	return sum;
}

static uint64_t read_all(void *arg, int64_t n)
{
	Session &sql = static_cast<side *>(arg)->sql;
	std::vector<struct account> list;
	uint64_t sum;

	(void)n;
	sql.begin();
	sum = load(sql, list);
	sql.commit();
	return sum;
}

static uint64_t get_each(void *arg, int64_t n)
{
	Session &sql = static_cast<side *>(arg)->sql;
	Statement get(sql);
	struct account a;
	uint64_t sum = 0;
	Poco::Int64 key = 0;
	row_of r;

	sql.begin();
	get << SELECT " WHERE id = ?", use(key), into(r.id), into(r.version),
		into(r.customer), into(r.balance), into(r.rate),
		into(r.owner);
	for (int64_t i = 0; i < n; i++) {
		key = i * 7919 % ACCOUNTS + 1;
		if (get.execute() != 1)
			peer_fail("no account");
		r.to(&a);
		sum = account_sum(sum, &a);
	}
	sql.commit();
	return sum;
}

static uint64_t empty(void *arg, int64_t n)
{
	Session &sql = static_cast<side *>(arg)->sql;

	while (n--) {
		sql.begin();
		sql.commit();
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct peer peer = {
		"poco", open_side, close_side,
		{ transfers, insert, insert_keys, update, read_all, get_each,
		  nullptr, threads, empty, nullptr }
	};

	try {
		return peer_main(&peer, argc, argv);
	} catch (const Poco::Exception &e) {
		peer_fail("%s", e.displayText().c_str());
	}
}
