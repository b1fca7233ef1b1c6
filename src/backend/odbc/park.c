/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/odbc/batch.h"

#include "base/mem.h"

/*
 * Statements on their way out. A driver that has a statement prepared at the
 * server tells it when the handle is freed. In the middle of a transaction that
 * is not harmless: one driver rolls the transaction back, without a word, if
 * the server does not know the name; and in a failed transaction, where it can
 * say nothing, it gives the next handle, at the same address, a name that the
 * server still has. So handles wait here until the transaction has ended.
 */

/* As many by-hand statements are kept from the server's memory. */
enum { PARKED_MAX = 1000 };

/*
 * On a connection that gives no answer freeing a handle could wait for ever.
 * SQLDisconnect frees what is left (ODBC, SQLDisconnect).
 */
static void stmt_free(const struct odbc_conn *c, struct stmt *st)
{
	size_t i;

	if (!st)
		return;
	if (st->handle && !c->unanswered)
		SQLFreeHandle(SQL_HANDLE_STMT, st->handle);
	for (i = 0; st->params && i < st->param_count; i++)
		slot_release(&st->params[i]);
	for (i = 0; st->columns && i < st->column_count; i++)
		slot_release(&st->columns[i]);
	array_free(st->array);
	rowset_free(st->rowset);
	mem_free(st->params);
	mem_free(st->columns);
	mem_free(st->shape);
	sql_text_release(&st->text);
	mem_free(st);
}

/* Nothing is open: not even what the owner of the connection has begun. */
static bool outside(const struct odbc_conn *c)
{
	return !c->active && !c->source->adopted;
}

void stmt_drop(struct odbc_conn *c, struct stmt *st)
{
	struct stmt **last;

	if (!st)
		return;
	if (outside(c)) {
		stmt_free(c, st);
		return;
	}
	st->next = c->parked;
	c->parked = st;
	if (++c->parked_count <= PARKED_MAX || c->failed)
		return;
	for (last = &c->parked; (*last)->next; last = &(*last)->next)
		;
	stmt_free(c, *last);
	*last = NULL;
	c->parked_count--;
}

void stmt_unpark(struct odbc_conn *c)
{
	struct stmt *st;

	while ((st = c->parked)) {
		c->parked = st->next;
		stmt_free(c, st);
	}
	c->parked_count = 0;
}

void stmt_release(struct odbc_conn *c)
{
	stmt_cache_clear(c);
	stmt_unpark(c);
	if (c->direct && !c->unanswered)
		SQLFreeHandle(SQL_HANDLE_STMT, c->direct);
	c->direct = NULL;
}

/* The transaction as it was before the statement that failed. */
static bool regain(struct odbc_conn *c)
{
	if (!c->source->profile->error_aborts || c->options.simple)
		return true;
	if (c->used || c->base.joined ||
	    !sql_ok(SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK)))
		return false;
	c->started = c->worked = false;
	return true;
}

int stmt_renew(struct odbc_conn *c, struct stmt *st, uow_error *err)
{
	const struct profile *p = c->source->profile;

	if (!error_rule_match(p->reprepare, err->sqlstate, err->native,
			      err->message))
		return err->code;
	if (!regain(c)) {
		c->definitions--;	/* the cache is made anew */
		return err->code;
	}
	c->failed = c->ended = false;
	SQLFreeStmt(st->handle, SQL_CLOSE);
	if (!sql_ok(SQLPrepare(st->handle, (SQLCHAR *)st->text.sql, SQL_NTS)))
		return diag_stmt(c, st->handle, err);
	return txn_start(c, err);
}
