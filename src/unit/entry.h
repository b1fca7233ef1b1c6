/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_ENTRY_H
#define UNIT_ENTRY_H

#include "model/span.h"
#include "unit/unit.h"

/*
 * An object that the unit knows: this header, then the program's struct. The
 * program gets the struct's address; the header is found before it.
 *
 *	NEW	added, not in the database yet; no snapshot
 *	LOADED	in the database; snapshot is what it holds, as far as known.
 *		No snapshot: a read_only unit
 *	REMOVED	to be deleted at the next flush; snapshot as LOADED
 *	GONE	deleted, or forgotten: memory only
 *
 * Invariants: NEW with a key of its own, LOADED and REMOVED entries are in the
 * repository's identity map, NEW ones whose key is to be generated, or to come
 * from a parent, and GONE ones are not. hash is that of the key. Text that the
 * snapshot points at is in the unit's arena.
 */
enum entry_state { ENTRY_NEW, ENTRY_LOADED, ENTRY_REMOVED, ENTRY_GONE };

enum {
	ENTRY_STALE = 1 << 0,	/* what it holds is not the row (any more):
				   loaded in a scope that was rolled back, row
				   written by criterion, row never read */
	ENTRY_HOOKED = 1 << 1,	/* during a flush: its row hooks have run */
	ENTRY_LINKED = 1 << 2,	/* during a flush: a parent's key is awaited */
	ENTRY_ADDS = 1 << 3,	/* there is a pending_add of it */
	ENTRY_EDITED = 1 << 4,	/* attached: all columns count as assigned */
	ENTRY_UNSEEN = 1 << 5,	/* see spelling.h, these three */
	ENTRY_CHECKED = 1 << 6,
	ENTRY_CLAIMED = 1 << 7
};

struct entry {
	struct uow_repository *repo;
	struct entry *next;	/* repository's list, in order of arrival */
	void *snapshot;
	uint32_t hash;
	unsigned char state, flags;
	uint16_t undo_depth;	/* scope whose undo list has it, 0: none */
};

/*
 * A slot of the identity map. The entry's address lies there byte by byte:
 * aligned it would take 16 bytes instead of 12, of up to three slots for an
 * object.
 */
struct identity_slot {
	uint32_t hash;
	uint32_t entry[sizeof(struct entry *) / sizeof(uint32_t)];
};

/* Open addressing, linear probing, at most 3/4 full, power of two. */
struct identity {
	struct identity_slot *slots;	/* freed with its repository */
	size_t capacity, count;
};

void identity_release(struct identity *map);
/* Make room for count more: afterwards insert cannot fail. */
int identity_reserve(struct identity *map, size_t count);
/* A removed row and the new one of its key are both here: the new one wins. */
struct entry *identity_find(const struct identity *map,
			    const struct mapping *m, const void *row,
			    uint32_t hash);
void identity_insert(struct identity *map, struct entry *e);
/*
 * Both in one walk, for rows that are read: *place is where an entry of this
 * hash belongs if none was found, until the map changes. There is room for it
 * (identity_reserve()).
 */
struct entry *identity_look(const struct identity *map,
			    const struct mapping *m, const void *row,
			    uint32_t hash, size_t *place);
void identity_put(struct identity *map, struct entry *e, size_t place);
/* Is this very entry there, under e->hash? */
bool identity_has(const struct identity *map, const struct entry *e);
/* Nothing if it is not. */
void identity_remove(struct identity *map, const struct entry *e);

struct uow_repository {
	uow_unit *unit;
	const struct mapping *mapping;
	struct identity identity;
	struct entry *entries, **entries_end;
	size_t entry_count;
	struct entry *spare;		/* allocated, not used by its read */
	void *scratch;			/* a struct for keys; zeroed members */
	struct span *spans;		/* of mapped members; made with the
					   first entry */
	size_t span_count;
	size_t seen, unseen;		/* see spelling.h */
	bool spelling_doubt, spelling_checks;
	struct uow_repository *next;
};

enum { ENTRY_SIZE = (sizeof(struct entry) + 15) / 16 * 16 };

static inline void *entry_object(const struct entry *e)
{
	return (char *)(uintptr_t)e + ENTRY_SIZE;
}

/*
 * The entry of an object the program hands in, or NULL: not an object of u.
 * Decided by address (arena first, then the header), never by reading memory
 * that is not u's.
 */
struct entry *entry_of(const uow_unit *u, const void *object);

/* Row whose key members are the entry's: snapshot, else the object. */
const void *entry_key_row(const struct entry *e);

/* Allocate in the arena, not yet in the list or the map. NULL: no memory. */
struct entry *entry_new(uow_repository *r);
void entry_append(struct entry *e);

/*
 * Are all mapped bytes of object and snapshot the same? Then nothing has
 * changed; the other way round it may still be (a text at another place). The
 * padding between members is not looked at: programs may leave it undefined,
 * which checkers of memory would then find in every flush.
 */
bool entry_same(const struct entry *e);

/*
 * The key of e's object is another one now: its place in the map follows.
 * There is room for it (identity_reserve()). to_map: whether it belongs there.
 */
void entry_rekey(struct entry *e, bool to_map);

/*
 * Snapshot := object. Texts that the program has put there since are copied
 * first; fresh: there are none, all have just been copied.
 */
int entry_snapshot(struct entry *e, bool fresh);

#endif
