/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend/memory/fault.h"

#include <string.h>

#include "base/errors.h"
#include "base/mem.h"

struct fault {
	struct fault *next;
	uow_memory_fault what;
	char *message;			/* owned, or NULL */
	unsigned seen, owed;
};

/* -- asking for it -- */

static bool is_code(int code)
{
	return code <= UOW_ENOMEM && code >= UOW_EMANY;
}

static int check(const uow_memory_fault *f, uow_error *err)
{
	size_t i;

	for (i = 0; i < sizeof(f->reserved) / sizeof(f->reserved[0]); i++)
		if (f->reserved[i])
			return error_set(err, UOW_EINVAL, "uow_memory_fail: "
					 "reserved members are not zero");
	if ((unsigned)f->step > UOW_MEMORY_COMMIT)
		return error_set(err, UOW_EINVAL, "uow_memory_fail: there is "
				 "no step %d", (int)f->step);
	if (!is_code(f->code))
		return error_set(err, UOW_EINVAL, "uow_memory_fail: %d is no "
				 "code of the library's", f->code);
	if (f->later && !f->happened)
		return error_set(err, UOW_EINVAL, "uow_memory_fail: only what "
				 "happens can happen later");
	if (f->code == UOW_EINDOUBT && f->step != UOW_MEMORY_COMMIT)
		return error_set(err, UOW_EINVAL, "uow_memory_fail: only a "
				 "COMMIT can be in doubt");
	if (f->entity && f->step != UOW_MEMORY_READ &&
	    f->step != UOW_MEMORY_WRITE)
		return error_set(err, UOW_EINVAL, "uow_memory_fail: only "
				 "reads and writes are of one entity");
	/* Told to be rolled back, it would be done again. */
	if (f->happened && f->code != UOW_EINDOUBT)
		return error_set(err, UOW_EINVAL, "uow_memory_fail: what "
				 "happened is UOW_EINDOUBT and not %s",
				 uow_code_name(f->code));
	return 0;
}

static void fault_free(struct fault *f)
{
	mem_free(f->message);
	mem_free(f);
}

int fault_arm(struct memory *m, const uow_memory_fault *what, uow_error *err)
{
	struct fault *f, **end = &m->faults;
	int rc = check(what, err);

	if (rc)
		return rc;
	f = mem_alloc(sizeof(*f));
	if (f && what->message)
		f->message = mem_dup(what->message);
	if (!f || (what->message && !f->message)) {
		mem_free(f);
		return error_nomem(err);
	}
	f->what = *what;
	f->owed = what->times ? what->times : 1;
	if (!f->what.nth)
		f->what.nth = 1;
	while (*end)
		end = &(*end)->next;
	*end = f;
	return 0;
}

unsigned faults_clear(struct memory *m)
{
	struct fault *f = m->faults, *next;
	unsigned owed = 0;

	m->faults = NULL;
	for (; f; f = next) {
		next = f->next;
		owed += f->owed;
		fault_free(f);
	}
	return owed;
}

/* -- striking -- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_of(const struct fault *f, uow_memory_step step,
		  const struct mapping *m)
{
	const uow_entity *e = f->what.entity;

	if (f->what.step != step)
		return false;
	if (!e || (step != UOW_MEMORY_READ && step != UOW_MEMORY_WRITE))
		return true;
	return same_text(e->table, m->table) && same_text(e->schema, m->schema);
}

/* Those that databases give, since programs may look. */
static const char *state_of(int code)
{
	switch (code) {
	case UOW_ECONNECT:
		return "08S01";
	case UOW_EINDOUBT:
		return "08007";
	case UOW_EDEADLOCK:
	case UOW_ECONFLICT:
		return "40001";
	case UOW_ELOCKED:
	case UOW_ETIMEOUT:
		return "HYT00";
	case UOW_EDUPLICATE:
	case UOW_ECONSTRAINT:
		return "23000";
	}
	return "";
}

static int tell(const struct fault *f, const struct mapping *m,
		uow_error *err)
{
	static const char *const steps[] = {
		"BEGIN", "read", "write", "SAVEPOINT", "COMMIT"
	};
	const char *step = steps[f->what.step];

	if (f->message)
		error_set(err, f->what.code, "%s", f->message);
	else
		error_set(err, f->what.code, "this %s%s%s was asked to fail",
			  step, m ? " of " : "", m ? m->table : "");
	error_diag(err, state_of(f->what.code), 0);
	return f->what.code;
}

/* Counts the step; true if this one fails. */
static bool strikes(struct fault *f)
{
	if (f->seen < f->what.nth)
		f->seen++;
	if (f->seen < f->what.nth)
		return false;
	f->owed--;
	return true;
}

int fault_at(struct session *s, uow_memory_step step,
	     const struct mapping *mapping, struct late *late, uow_error *err)
{
	struct fault **at = &s->memory->faults, *f;
	int rc = 0;

	while ((f = *at)) {
		if (!is_of(f, step, mapping) || !strikes(f)) {
			at = &f->next;
			continue;
		}
		s->memory->struck++;
		if (!rc) {
			rc = tell(f, mapping, err);
			late->happened = f->what.happened;
			late->units = f->what.later;
		}
		if (f->owed) {
			at = &f->next;
		} else {
			*at = f->next;
			fault_free(f);
		}
	}
	if (rc == UOW_ECONNECT || rc == UOW_EINDOUBT)
		s->base.broken = true;
	return rc;
}
