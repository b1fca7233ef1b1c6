/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "recorder.h"
#include "unit/entry.h"

struct order {
	int64_t id;
	char number[8];
};

struct line {
	int64_t id;
	int64_t order_id;
	bool order_id_is_null;
	int64_t other_id;
	char order_number[8];
	int64_t amount;
	int64_t part;			/* of a key of two columns */
};

static const uow_column order_columns[] = {
	UOW_INT64(struct order, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_CHARS(struct order, number, "number", UOW_UNIQUE),
};
static const uow_entity order_entity =
	UOW_ENTITY(struct order, "order", order_columns);

static const uow_column line_columns[] = {
	UOW_INT64(struct line, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_NULLABLE_REFERENCE(struct line, order_id, "order_id",
			       &order_entity, 0),
	UOW_INT64(struct line, other_id, "other_id", 0),
	UOW_CHARS(struct line, order_number, "order_number", 0),
	UOW_INT64(struct line, amount, "amount", 0),
	UOW_INT64(struct line, part, "part", 0),
};
static const uow_foreign_key line_keys[] = {
	UOW_FOREIGN_KEY(&order_entity, { "order_number" }, { "number" }),
	UOW_FOREIGN_KEY(&order_entity, { "other_id" }, { "id" }),
	UOW_FOREIGN_KEY(&order_entity, { "part", "order_number" },
			{ "id", "number" }),
};
static const uow_entity line_entity =
	UOW_ENTITY_FOREIGN(struct line, NULL, "line", line_columns, line_keys);

/* One row beside each order, and one that refers to such a row. */
struct invoice {
	int64_t order_id;
};

static const uow_column invoice_columns[] = {
	UOW_REFERENCE(struct invoice, order_id, "order_id", &order_entity,
		      UOW_KEY),
};
static const uow_entity invoice_entity =
	UOW_ENTITY(struct invoice, "invoice", invoice_columns);

struct payment {
	int64_t id;
	int64_t invoice_id;
};

static const uow_column payment_columns[] = {
	UOW_INT64(struct payment, id, "id", UOW_KEY | UOW_GENERATED),
	UOW_REFERENCE(struct payment, invoice_id, "invoice_id",
		      &invoice_entity, 0),
};
static const uow_entity payment_entity =
	UOW_ENTITY(struct payment, "payment", payment_columns);

static uow_unit *u;
static uow_repository *orders, *lines;

static void begin(void **state)
{
	u = recorder_begin(*state, NULL);
	orders = uow_repository_of(u, &order_entity);
	lines = uow_repository_of(u, &line_entity);
	assert_int_equal(uow_status(u), 0);
}

static struct order *add_order(int64_t id)
{
	struct order o = { 0, "A1" };

	o.id = id;
	return uow_add(orders, &o);
}

static struct line *add_line(void)
{
	struct line l;

	memset(&l, 0, sizeof(l));
	l.order_id_is_null = true;
	return uow_add(lines, &l);
}

static void known_key_is_assigned_at_once(void **state)
{
	struct line *l;

	begin(state);
	l = add_line();
	assert_int_equal(uow_refer(u, l, "order_id", add_order(30)), 0);
	assert_int_equal(l->order_id, 30);
	assert_false(l->order_id_is_null);
	assert_null(u->links);
	uow_unit_free(u);
}

static void generated_key_follows_with_the_flush(void **state)
{
	struct order *o;
	struct line *l;

	begin(state);
	l = add_line();
	o = add_order(0);
	assert_int_equal(uow_refer(u, l, "order_id", o), 0);
	assert_false(l->order_id_is_null);
	assert_int_equal(l->order_id, 0);
	assert_int_equal(uow_flush(u), 0);
	assert_int_not_equal(o->id, 0);
	assert_int_equal(l->order_id, o->id);
	assert_false(l->order_id_is_null);
	uow_unit_free(u);
}

/* Also where one of them will be known with the flush only. */
static void column_of_a_longer_key_sets_all_of_it(void **state)
{
	struct order *o;
	struct line *l;

	begin(state);
	l = add_line();
	o = add_order(0);
	assert_int_equal(uow_refer(u, l, "part", o), 0);
	assert_string_equal(l->order_number, "A1");
	assert_int_equal(uow_flush(u), 0);
	assert_int_not_equal(o->id, 0);
	assert_int_equal(l->part, o->id);
	uow_unit_free(u);
	begin(state);
	l = add_line();
	assert_int_equal(uow_refer(u, l, "order_number", add_order(30)), 0);
	assert_string_equal(l->order_number, "A1");
	assert_int_equal(l->part, 0);	/* a key by itself goes before */
	uow_unit_free(u);
}

static void later_reference_replaces_an_earlier_one(void **state)
{
	struct order *first, *second;
	struct line *l;

	begin(state);
	l = add_line();
	first = add_order(0);
	second = add_order(0);
	assert_int_equal(uow_refer(u, l, "order_id", first), 0);
	assert_int_equal(uow_refer(u, l, "order_id", second), 0);
	assert_int_equal(uow_flush(u), 0);
	assert_int_not_equal(first->id, second->id);
	assert_int_equal(l->order_id, second->id);
	uow_unit_free(u);
}

static void known_key_replaces_a_pending_one(void **state)
{
	struct line *l;

	begin(state);
	l = add_line();
	assert_int_equal(uow_refer(u, l, "order_id", add_order(0)), 0);
	assert_int_equal(uow_refer(u, l, "other_id", add_order(0)), 0);
	assert_int_equal(uow_refer(u, l, "order_id", add_order(30)), 0);
	assert_non_null(u->links);
	assert_null(u->links->next);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(l->order_id, 30);
	assert_int_not_equal(l->other_id, 0);
	uow_unit_free(u);
}

static void foreign_keys_of_one_column_are_references(void **state)
{
	struct order *o;
	struct line *l;

	begin(state);
	l = add_line();
	o = add_order(0);
	assert_int_equal(uow_refer(u, l, "order_number", o), 0);
	assert_string_equal(l->order_number, "A1");
	assert_int_equal(uow_refer(u, l, "other_id", o), 0);
	assert_int_equal(uow_flush(u), 0);
	assert_int_equal(l->other_id, o->id);
	uow_unit_free(u);
}

static void reference_to_a_key_that_waits_itself_waits_too(void **state)
{
	struct invoice invoice = { 0 }, *i;
	struct payment payment = { 0, 0 }, *p;
	struct order *o;

	begin(state);
	o = add_order(0);
	i = uow_add(uow_repository_of(u, &invoice_entity), &invoice);
	p = uow_add(uow_repository_of(u, &payment_entity), &payment);
	assert_int_equal(uow_refer(u, i, "order_id", o), 0);
	assert_int_equal(uow_refer(u, p, "invoice_id", i), 0);
	assert_int_equal(uow_flush(u), 0);
	assert_int_not_equal(o->id, 0);
	assert_int_equal(i->order_id, o->id);
	assert_int_equal(p->invoice_id, o->id);
	uow_unit_free(u);
}

static void read_only_units_refer_to_nothing(void **state)
{
	uow_options o = UOW_OPTIONS_INIT;
	struct order *a;

	begin(state);
	add_order(30);
	assert_int_equal(uow_commit(u), 0);
	uow_unit_free(u);
	o.read_only = true;
	u = recorder_begin(*state, &o);
	a = uow_get(uow_repository_of(u, &order_entity), uow_id(30));
	assert_non_null(a);
	assert_int_equal(uow_refer(u, a, "id", a), UOW_ESTATE);
	uow_unit_free(u);
}

static void other_columns_are_no_references(void **state)
{
	static const char *const wrong[] = {
		"amount", "nowhere", NULL
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		begin(state);
		assert_int_equal(uow_refer(u, add_line(), wrong[i],
					   add_order(30)), UOW_EINVAL);
		uow_unit_free(u);
	}
	begin(state);
	assert_int_equal(uow_refer(u, add_line(), "amount", add_order(30)),
			 UOW_EINVAL);
	assert_string_equal(uow_unit_error(u)->message, "line: column "
			    "'amount' is no reference to order");
	uow_unit_free(u);
}

static void parent_must_be_of_the_right_entity(void **state)
{
	begin(state);
	assert_int_equal(uow_refer(u, add_line(), "order_id", add_line()),
			 UOW_EINVAL);
	uow_unit_free(u);
}

static void strangers_are_refused(void **state)
{
	struct order o = { 30, "A1" };

	begin(state);
	assert_int_equal(uow_refer(u, add_line(), "order_id", &o),
			 UOW_EINVAL);
	uow_unit_free(u);
	begin(state);
	assert_int_equal(uow_refer(u, NULL, "order_id", add_order(30)),
			 UOW_EINVAL);
	uow_unit_free(u);
	assert_int_equal(uow_refer(NULL, &o, "order_id", &o), UOW_ESTATE);
}

static void removed_parent_is_refused(void **state)
{
	struct order *o;

	begin(state);
	o = add_order(30);
	uow_remove(orders, o);
	assert_int_equal(uow_refer(u, add_line(), "order_id", o), UOW_ESTATE);
	uow_unit_free(u);
}

static void parent_removed_before_the_flush_is_told(void **state)
{
	struct order *o;

	begin(state);
	o = add_order(0);
	assert_int_equal(uow_refer(u, add_line(), "order_id", o), 0);
	uow_remove(orders, o);
	assert_int_equal(uow_flush(u), UOW_ESTATE);
	uow_unit_free(u);
}

static void removed_child_takes_its_references_along(void **state)
{
	struct line *l;

	begin(state);
	l = add_line();
	assert_int_equal(uow_refer(u, l, "order_id", add_order(0)), 0);
	uow_remove(lines, l);
	assert_null(u->links);
	assert_int_equal(uow_flush(u), 0);
	uow_unit_free(u);
}

static void key_that_does_not_fit_is_data(void **state)
{
	struct order *o;

	begin(state);
	o = add_order(30);
	memcpy(o->number, "12345678", 8);
	assert_int_equal(uow_refer(u, add_line(), "order_number", o),
			 UOW_EDATA);
	uow_unit_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDER_TEST(known_key_is_assigned_at_once),
		RECORDER_TEST(generated_key_follows_with_the_flush),
		RECORDER_TEST(column_of_a_longer_key_sets_all_of_it),
		RECORDER_TEST(later_reference_replaces_an_earlier_one),
		RECORDER_TEST(known_key_replaces_a_pending_one),
		RECORDER_TEST(foreign_keys_of_one_column_are_references),
		RECORDER_TEST(reference_to_a_key_that_waits_itself_waits_too),
		RECORDER_TEST(read_only_units_refer_to_nothing),
		RECORDER_TEST(other_columns_are_no_references),
		RECORDER_TEST(parent_must_be_of_the_right_entity),
		RECORDER_TEST(strangers_are_refused),
		RECORDER_TEST(removed_parent_is_refused),
		RECORDER_TEST(parent_removed_before_the_flush_is_told),
		RECORDER_TEST(removed_child_takes_its_references_along),
		RECORDER_TEST(key_that_does_not_fit_is_data),
	};

	return cmocka_run_group_tests_name("refer", tests, NULL, NULL);
}
