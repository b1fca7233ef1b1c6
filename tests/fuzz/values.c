/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <string.h>

#include "base/text.h"
#include "model/text.h"

/* Whatever is read as a value, written and read again, is that value. */

static void decimals(const char *text, size_t n, unsigned precision,
		     unsigned scale)
{
	int64_t value = 0, again = 1;
	char out[64];

	if (!decimal_parse(text, n, precision, scale, &value))
		return;
	MUST(decimal_fits(value, precision));
	decimal_format(out, value, scale);
	MUST(strlen(out) < 32);
	MUST(decimal_parse(out, strlen(out), precision, scale, &again));
	MUST(value == again);
}

static void times(const char *text, size_t n)
{
	uow_timestamp t, t2;
	uow_date d, d2;
	uow_time h, h2;
	char out[64];

	if (date_parse(text, n, &d)) {
		MUST(date_valid(&d));
		date_format(out, &d);
		MUST(date_parse(out, strlen(out), &d2));
		MUST(!memcmp(&d, &d2, sizeof(d)));
	}
	if (time_parse(text, n, &h)) {
		MUST(time_valid(&h));
		time_format(out, &h);
		MUST(time_parse(out, strlen(out), &h2));
		MUST(!memcmp(&h, &h2, sizeof(h)));
	}
	if (timestamp_parse(text, n, &t)) {
		MUST(timestamp_valid(&t));
		timestamp_format(out, &t, 9);
		MUST(timestamp_parse(out, strlen(out), &t2));
		MUST(!memcmp(&t, &t2, sizeof(t)));
	}
}

static void others(const char *text, size_t n)
{
	uow_uuid id, id2;
	int64_t i, i2;
	double r, r2;
	char out[64];

	if (uuid_parse(text, n, &id)) {
		uuid_format(out, &id);
		MUST(strlen(out) == 36 && uuid_parse(out, 36, &id2));
		MUST(!memcmp(&id, &id2, sizeof(id)));
	}
	if (text_to_int64(text, n, &i)) {
		snprintf(out, sizeof(out), "%lld", (long long)i);
		MUST(text_to_int64(out, strlen(out), &i2) && i == i2);
	}
	if (text_to_double(text, n, &r)) {
		text_from_double(out, r);
		MUST(text_to_double(out, strlen(out), &r2));
		MUST(!memcmp(&r, &r2, sizeof(r)));
	}
	text_utf8(text, n, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, data + size };
	unsigned precision = 1 + take_byte(&b) % 18;
	unsigned scale = take_byte(&b) % (precision + 1);
	const char *text = (const char *)b.at;
	size_t n = (size_t)(b.end - b.at);

	decimals(text, n, precision, scale);
	times(text, n);
	others(text, n);
	return 0;
}
