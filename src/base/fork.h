/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_FORK_H
#define BASE_FORK_H

/*
 * How many fork()s lie between this process and the one that called
 * fork_watch() first: another number is another process. Costs nothing, where
 * getpid() is a system call; what a child of vfork() does is not seen, nor
 * does it have memory of its own.
 */
unsigned fork_count(void);

/* Count from now on, once is enough. UOW_ENOMEM. */
int fork_watch(void);

#endif
