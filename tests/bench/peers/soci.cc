/* SPDX-License-Identifier: BSD-2-Clause */
#include <cstring>
#include <string>
#include <vector>

#include <soci/soci.h>
#include <soci/odbc/soci-odbc.h>

#include "peer.h"

/*
 * SOCI over ODBC: statements prepared once, bound to variables. With
 * BENCH_BULK W2 and W4 by vectors, SOCI's own way to send and read many rows;
 * it tells no row counts for those, so W3 has none.
 */

using namespace soci;

enum { VECTOR = 1000 };

struct side {
	session sql;
	std::string dbms;
	bool bulk;
};

#define SELECT "SELECT id, version, customer, balance, rate, owner " \
	"FROM bench_account"
#define UPDATE "UPDATE bench_account SET balance = :b, version = :n " \
	"WHERE id = :i AND version = :v"

struct row_of {
	long long id, version, customer, balance, rate;
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

static void *open_side(const char *connection, const char *dbms)
{
	connection_parameters p(odbc, connection);

	p.set_option(odbc_option_driver_complete, "0");
	return new side{ session(p), dbms, getenv("BENCH_BULK") != nullptr };
}

static void close_side(void *s)
{
	delete static_cast<side *>(s);
}

static void execute_one(statement &s)
{
	s.execute(true);
	if (s.get_affected_rows() != 1)
		peer_fail("a row was stale");
}

/* What a transfer needs on one connection. A statement may not be copied. */
struct steps {
	session &sql;
	bool lock;
	long long key = 0, balance = 0, next = 0, id = 0, version = 0,
		points = 0, card_next = 0, card = 1, card_version = 1,
		e_id = 0, debit = 0, credit = 0, amount = 0;
	std::string memo = "transfer";
	row_of r;
	statement get, put, add, touch;

	steps(session &on, bool one_writer)
		: sql(on), lock(one_writer),
		get((on.prepare << SELECT " WHERE id = :k", use(key),
			into(r.id), into(r.version), into(r.customer),
			into(r.balance), into(r.rate), into(r.owner))),
		put((on.prepare << UPDATE, use(balance), use(next), use(id),
			use(version))),
		add((on.prepare << "INSERT INTO bench_entry (id, debit, "
			"credit, amount, memo) VALUES (:a, :b, :c, :d, :e)",
			use(e_id), use(debit), use(credit), use(amount),
			use(memo))),
		touch((on.prepare << "UPDATE bench_loyalty SET points = :p, "
			"version = :n WHERE id = :i AND version = :v",
			use(points), use(card_next), use(card),
			use(card_version)))
	{
	}

	void fetch(int64_t which, struct account *a)
	{
		key = which;
		if (!get.execute(true))
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
		transaction t(sql);

		/* Two that have read could both not write. */
		if (lock)
			sql << "DELETE FROM bench_entry WHERE 0";
		fetch(x.from, &from);
		fetch(x.to, &to);
		change(&from, -x.amount);
		change(&to, x.amount);
		e_id = entry;
		debit = x.from;
		credit = x.to;
		amount = x.amount;
		add.execute(true);
		points = i + 1;
		card_version = i + 1;
		card_next = i + 2;
		execute_one(touch);
		t.commit();
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

#define INSERT "INSERT INTO bench_account (id, version, customer, balance, " \
	"rate, owner) VALUES (:a, :b, :c, :d, :e, :f)"

static void insert_vectors(session &sql, int64_t n)
{
	std::vector<long long> id, version, customer, balance, rate;
	std::vector<std::string> owner;
	struct account a;

	for (int64_t i = 0; i < n; i++) {
		account_make(&a, i);
		id.push_back(a.id);
		version.push_back(a.version);
		customer.push_back(a.customer);
		balance.push_back(a.balance);
		rate.push_back(a.rate);
		owner.push_back(a.owner);
		if (id.size() < VECTOR && i + 1 < n)
			continue;
		sql << INSERT, use(id), use(version), use(customer),
			use(balance), use(rate), use(owner);
		id.clear();
		version.clear();
		customer.clear();
		balance.clear();
		rate.clear();
		owner.clear();
	}
}

static uint64_t insert(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	transaction t(s->sql);

	if (s->bulk) {
		insert_vectors(s->sql, n);
	} else {
		row_of r;
		statement add = (s->sql.prepare << INSERT, use(r.id),
			use(r.version), use(r.customer), use(r.balance),
			use(r.rate), use(r.owner));
		struct account a;

		for (int64_t i = 0; i < n; i++) {
			account_make(&a, i);
			r.from(&a);
			add.execute(true);
		}
	}
	t.commit();
	return 0;
}

static uint64_t insert_keys(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	std::string text = "INSERT INTO bench_fresh (version, customer, "
		"balance, rate, owner) VALUES (:b, :c, :d, :e, :f)";
	const char *last = s->dbms == "sqlite" ? "SELECT last_insert_rowid()" :
		s->dbms == "virtuoso" ? "SELECT identity_value()" :
		"SELECT last_insert_id()";
	bool returning = s->dbms == "postgresql";
	std::vector<int64_t> keys;
	transaction t(s->sql);
	statement add(s->sql), get(s->sql);
	struct account a;
	long long key;
	row_of r;

	add.exchange(use(r.version));
	add.exchange(use(r.customer));
	add.exchange(use(r.balance));
	add.exchange(use(r.rate));
	add.exchange(use(r.owner));
	if (returning) {
		add.exchange(into(key));
		text += " RETURNING id";
	}
	add.alloc();
	add.prepare(text);
	add.define_and_bind();
	if (!returning) {
		get.exchange(into(key));
		get.alloc();
		get.prepare(last);
		get.define_and_bind();
	}
	for (int64_t i = 0; i < n; i++) {
		account_make(&a, i);
		r.from(&a);
		add.execute(true);
		if (!returning)
			get.execute(true);
		keys.push_back(key);
	}
	t.commit();
	return keys_rising(keys.data(), n);
}

static void load_vectors(session &sql, std::vector<struct account> &list)
{
	std::vector<long long> id(VECTOR), version(VECTOR), customer(VECTOR),
		balance(VECTOR), rate(VECTOR);
	std::vector<std::string> owner(VECTOR);
	statement s = (sql.prepare << SELECT, into(id), into(version),
		into(customer), into(balance), into(rate), into(owner));

	s.execute();
	while (s.fetch()) {
		for (size_t i = 0; i < id.size(); i++) {
			row_of r = { id[i], version[i], customer[i],
				balance[i], rate[i], owner[i] };
			struct account a;

			r.to(&a);
			list.push_back(a);
		}
		id.resize(VECTOR);
		version.resize(VECTOR);
		customer.resize(VECTOR);
		balance.resize(VECTOR);
		rate.resize(VECTOR);
		owner.resize(VECTOR);
	}
}

static uint64_t load(side *s, std::vector<struct account> &list)
{
	uint64_t sum = 0;

	if (s->bulk) {
		load_vectors(s->sql, list);
	} else {
		row_of r;
		statement all = (s->sql.prepare << SELECT, into(r.id),
			into(r.version), into(r.customer), into(r.balance),
			into(r.rate), into(r.owner));
		struct account a;

		all.execute();
		while (all.fetch()) {
			r.to(&a);
			list.push_back(a);
		}
	}
	for (const struct account &a : list)
		sum = account_sum(sum, &a);
	return sum;
}

static uint64_t update(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	std::vector<struct account> list;
	long long balance, next, id, version;
	transaction t(s->sql);
	uint64_t sum = load(s, list);
	statement put = (s->sql.prepare << UPDATE, use(balance), use(next),
		use(id), use(version));

	(void)n;
	for (const struct account &a : list) {
		balance = a.balance + BALANCE_STEP;
		next = a.version + 1;
		id = a.id;
		version = a.version;
		execute_one(put);
	}
	t.commit();
	return sum;
}

static uint64_t read_all(void *arg, int64_t n)
{
	side *s = static_cast<side *>(arg);
	std::vector<struct account> list;
	transaction t(s->sql);
	uint64_t sum = load(s, list);

	(void)n;
	t.commit();
	return sum;
}

static uint64_t get_each(void *arg, int64_t n)
{
	session &sql = static_cast<side *>(arg)->sql;
	transaction t(sql);
	struct account a;
	uint64_t sum = 0;
	long long key;
	row_of r;
	statement get = (sql.prepare << SELECT " WHERE id = :k", use(key),
		into(r.id), into(r.version), into(r.customer),
		into(r.balance), into(r.rate), into(r.owner));

	for (int64_t i = 0; i < n; i++) {
		key = i * 7919 % ACCOUNTS + 1;
		if (!get.execute(true))
			peer_fail("no account");
		r.to(&a);
		sum = account_sum(sum, &a);
	}
	t.commit();
	return sum;
}

static uint64_t empty(void *arg, int64_t n)
{
	session &sql = static_cast<side *>(arg)->sql;

	while (n--) {
		transaction t(sql);

		t.commit();
	}
	return 0;
}

int main(int argc, char **argv)
{
	const bool bulk = getenv("BENCH_BULK") != nullptr;
	const struct peer peer = {
		"soci", open_side, close_side,
		{ bulk ? nullptr : transfers, insert,
		  bulk ? nullptr : insert_keys, bulk ? nullptr : update,
		  read_all, bulk ? nullptr : get_each, nullptr,
		  bulk ? nullptr : threads,
		  bulk ? nullptr : empty, nullptr }
	};

	try {
		return peer_main(&peer, argc, argv);
	} catch (const std::exception &e) {
		peer_fail("%s", e.what());
	}
}
