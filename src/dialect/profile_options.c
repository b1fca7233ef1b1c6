/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/errors.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialect/profile_file.h"

/* The list of a profile's options of connections. */

struct profile_option *profile_option_find(struct profile *p,
					   const char *name)
{
	struct profile_option *o;

	for (o = p->options; o; o = o->next)
		if (text_same(o->name, name))
			return o;
	return NULL;
}

int profile_option_add(struct profile *p, const char *name,
		       struct profile_option **out, uow_error *err)
{
	struct profile_option **end, *o = mem_alloc(sizeof(*o));

	if (!o)
		return error_nomem(err);
	o->name = mem_dup(name);
	if (!o->name) {
		mem_free(o);
		return error_nomem(err);
	}
	for (end = &p->options; *end; end = &(*end)->next)
		;
	*end = o;
	*out = o;
	return 0;
}

void profile_option_remove(struct profile *p, struct profile_option *o)
{
	struct profile_option **at = &p->options;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	mem_free(o->name);
	mem_free(o->value);
	mem_free(o->aliases);
	mem_free(o->refuse);
	mem_free(o);
}
