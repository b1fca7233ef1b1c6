/* SPDX-License-Identifier: BSD-2-Clause */
#include "hand.h"

int main(int argc, char **argv)
{
	static const struct peer peer = {
		"hand", hand_open, link_close,
		{ hand_transfers, hand_insert, hand_insert_keys,
		  hand_update, hand_read, hand_get, NULL, hand_threads,
		  hand_empty, NULL }
	};

	return peer_main(&peer, argc, argv);
}
