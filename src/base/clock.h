/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <uow/db.h>

/* Deadlines are absolute, in microseconds of the clock they were made from. */
#define DEADLINE_NONE UINT64_MAX

/* CLOCK_MONOTONIC and nanosleep. */
extern const uow_clock clock_system;

uint64_t clock_now(const uow_clock *clock);
void clock_sleep(const uow_clock *clock, uint64_t usec);

/* Since the system was started; counts its suspends where they can be told. */
uint64_t clock_boot(void);

/* 0 ms is no deadline. */
uint64_t deadline_after(const uow_clock *clock, unsigned ms);
uint64_t deadline_left(const uow_clock *clock, uint64_t deadline);
uint64_t deadline_sooner(uint64_t a, uint64_t b);

#endif
