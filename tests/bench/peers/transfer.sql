-- SPDX-License-Identifier: BSD-2-Clause
-- W1 for pgbench -M prepared -D i=-1: the same transfers as transfer_make().
-- It cannot compare counts of rows, so nothing stops at a stale one.
\set i :i + 1
\set source (:i * 7919) % 20000 + 1
\set target (:i * 104729 + 1) % 20000 + 1
\set target case when :target = :source then :source % 20000 + 1 else :target end
\set amount :i % 90 + 1
\set entry :i + 1
\set next :i + 2
BEGIN;
SELECT version AS source_version, balance AS source_balance, customer AS c1, rate AS r1, owner AS o1 FROM bench_account WHERE id = :source \gset
SELECT version AS target_version, balance AS target_balance, customer AS c2, rate AS r2, owner AS o2 FROM bench_account WHERE id = :target \gset
UPDATE bench_account SET balance = :source_balance::bigint - :amount, version = :source_version::bigint + 1 WHERE id = :source AND version = :source_version;
UPDATE bench_account SET balance = :target_balance::bigint + :amount, version = :target_version::bigint + 1 WHERE id = :target AND version = :target_version;
INSERT INTO bench_entry (id, debit, credit, amount, memo) VALUES (:entry, :source, :target, :amount, 'transfer');
UPDATE bench_loyalty SET points = :entry, version = :next WHERE id = 1 AND version = :entry;
COMMIT;
