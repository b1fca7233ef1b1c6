/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/db.h"

#include "base/errors.h"
#include "base/mem.h"
#include "model/mapping.h"
#include "pool/slot.h"

/*
 * The mappings that a data source has seen, by the address of their entity.
 * Programs have some tens of entities and ask once per unit and entity, so a
 * list will do.
 */
struct mapping_entry {
	struct mapping *mapping;
	struct mapping_entry *next;
};

static struct mapping *find(const uow_db *db, const uow_entity *e)
{
	const struct mapping_entry *m;

	for (m = db->mappings; m; m = m->next) {
		if (m->mapping->entity == e)
			return m->mapping;
	}
	return NULL;
}

static int add(uow_db *db, const uow_entity *e, struct mapping **out,
	       uow_error *err)
{
	struct mapping_entry *m = mem_alloc(sizeof(*m));
	int rc;

	if (!m)
		return error_nomem(err);
	rc = mapping_new(&m->mapping, e, err);
	if (!rc)
		rc = mapping_check_names(m->mapping, db->backend->name_max,
					 err);
	if (rc) {
		mapping_free(m->mapping);
		mem_free(m);
		return rc;
	}
	m->next = db->mappings;
	db->mappings = m;
	*out = m->mapping;
	return 0;
}

int db_mapping(uow_db *db, const uow_entity *e, const struct mapping **out,
	       uow_error *err)
{
	struct mapping *m;
	int rc = db_check_process(db, err);

	if (rc)
		return rc;
	if (!e)
		return error_set(err, UOW_EINVAL, "no entity given");
	pthread_mutex_lock(&db->mutex);
	m = find(db, e);
	if (!m)
		rc = add(db, e, &m, err);
	pthread_mutex_unlock(&db->mutex);
	if (!rc)
		*out = m;
	return rc;
}

void registry_free(struct mapping_entry *list)
{
	while (list) {
		struct mapping_entry *next = list->next;

		mapping_free(list->mapping);
		mem_free(list);
		list = next;
	}
}
