-- SPDX-License-Identifier: BSD-2-Clause
-- W6 for pgbench -M prepared -c 4 -D i=-1 -D n=N: the transfers of two threads,
-- one after the other, by each of four clients. See transfer.sql.
\set i :i + 1
\set thread :client_id * 2 + :i / :n
\set k mod(:i, :n)
\set source :thread * 2500 + mod(mod(:k * 7919, 20000) + 1, 2500) + 1
\set target :thread * 2500 + mod(mod(:k * 104729 + 1, 20000) + 1, 2500) + 1
\set again :thread * 2500 + mod(:source, 2500) + 1
\set target case when :target = :source then :again else :target end
\set amount :k % 90 + 1
\set entry :thread * 1000000 + :k + 1
\set card :thread + 1
\set points :k + 1
\set next :k + 2
BEGIN;
SELECT version AS source_version, balance AS source_balance, customer AS c1, rate AS r1, owner AS o1 FROM bench_account WHERE id = :source \gset
SELECT version AS target_version, balance AS target_balance, customer AS c2, rate AS r2, owner AS o2 FROM bench_account WHERE id = :target \gset
UPDATE bench_account SET balance = :source_balance::bigint - :amount, version = :source_version::bigint + 1 WHERE id = :source AND version = :source_version;
UPDATE bench_account SET balance = :target_balance::bigint + :amount, version = :target_version::bigint + 1 WHERE id = :target AND version = :target_version;
INSERT INTO bench_entry (id, debit, credit, amount, memo) VALUES (:entry, :source, :target, :amount, 'transfer');
UPDATE bench_loyalty SET points = :points, version = :next WHERE id = :card AND version = :points;
COMMIT;
