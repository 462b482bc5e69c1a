SELECT $page$# The ledger

Every money fact is written down twice over: once in its own table, and once in a double-entry ledger, in the same transaction. The ledger says where
money is and where it came from, now and at any time in the past. You can open accounts of your own and post transfers to them.

```sql
SELECT id AS account FROM paycore.create_billing_account('Ada Lovelace', currency => 'EUR') \gset
SELECT id AS intent FROM paycore.create_payment_intent(:'account', '99.00 EUR', payment_method => 'pm_card_visa', confirm => true) \gset
CALL paycore.drain_outbox();
SELECT amount FROM paycore.await_payment_intent(:'intent');

SELECT fact, code, side, amount FROM paycore.ledger_postings ORDER BY entry_id, side DESC;
```

```text
  fact  |          code           |  side  |   amount
--------+-------------------------+--------+------------
 charge | gateway_balance:default | debit  | 99.00 EUR
 charge | revenue                 | credit | -99.00 EUR
 fee    | gateway_fees            | debit  | 3.17 EUR
 fee    | gateway_balance:default | credit | -3.17 EUR
```

```sql
SELECT paycore.ledger_balance(id) FROM paycore.ledger_accounts WHERE code = 'gateway_balance:default'; --> 95.83 EUR
```

## Entries

A row of `ledger_entries` names an account that is debited, one that is credited, and one amount above zero. So there is no way to write a row that does not
balance: not for the owner of the tables, not with triggers switched off. A guard sees to the rest: both accounts are of the tenant and in the currency
of the amount. Entries of one transfer share `transfer_id`; the view `ledger_postings` shows each entry as two rows, debits above zero and credits below.

Entries are never changed or removed; what was wrong is posted the other way round. Each entry keeps two times: `occurred_at`, when it happened, and
`recorded_at`, when it was written. `txn` is the number of its transaction.

## What is posted

A trigger on the fact's own table posts it, so that it is in the ledger whichever way the row came: function, webhook, raw SQL. `fact`, `object_id` and `nth` name it, and a
unique index over them holds that it is posted once. A fact that undoes another is posted only while that other stands. `gateway_balance` stands for
`cash` where a payment came without a gateway.

| fact | of a | debit | credit | amount | when |
|---|---|---|---|---|---|$page$;
SELECT pg_catalog.format('| `%s` | %s | `%s` | `%s` | %s | %s%s |', fact, replace(object, '_', ' '), debit, credit, amount, occasion,
	'; undoes `' || undoes || '`')
FROM paycore.ledger_rules();
SELECT $page$
An amount below zero (a fee that is given back) is posted with the sides exchanged; of zero nothing is posted. The same table in SQL: `SELECT * FROM
paycore.ledger_rules()`.

## The chart

Paycore opens these accounts for a tenant and currency when it first needs one of them.

| code | what it holds | kind | grows by | |
|---|---|---|---|---|$page$;
SELECT pg_catalog.format('| `%s` | %s | %s | %s | %s |', code || CASE WHEN per_gateway_account THEN ':name' ELSE '' END, name, kind, normal_side,
	CASE WHEN per_gateway_account THEN 'one for each gateway account, by its name' ELSE '' END)
FROM paycore.ledger_chart();
SELECT $page$
A charge that settles in another currency leaves `gateway_balance` of its own currency and comes to that of the settlement, by way of `currency_exchange`: the balances of
that account, in all currencies together, are what exchange has gained or lost.

Refunds, bounces and disputes go the same way back: what they were of the payment is posted in its currency, and what left the balance for it in that of the settlement. Of a dispute each
movement is posted by itself, as one transfer, at the time of its balance transaction: a win is a `reinstatement`, with a `dispute_fee_return` where the fee comes back, too. Where an exchange
rate is not known, the movement is posted as it was booked, in the currency of the settlement.

## Your own accounts and transfers

```sql
SELECT id AS deferred FROM paycore.open_ledger_account('deferred revenue', 'liability', 'EUR') \gset
SELECT id AS revenue FROM paycore.ledger_accounts WHERE code = 'revenue' \gset

SELECT amount FROM paycore.post_entry(:'revenue', :'deferred', '90.00 EUR', 'A year in advance', idempotency_key => 'deferral-1'); --> 90.00 EUR
SELECT paycore.ledger_balance(:'deferred'); --> 90.00 EUR
```

`open_ledger_account` gives the account that is there if one has the code and currency already. `normal_side` is `debit` for assets and expenses and `credit` for the rest, unless you
say otherwise; `ledger_balance` is above zero where the balance lies on that side. Accounts are never removed, and only their name and metadata change.

`post_transfer` takes any number of legs, in any currencies; each currency must sum to zero:

```sql
SELECT id AS tax FROM paycore.open_ledger_account('sales tax', 'liability', 'EUR') \gset
SELECT amount FROM paycore.post_transfer(
    ARRAY[(:'revenue', '20.00 EUR'), (:'tax', '-19.00 EUR'), (:'deferred', '-1.00 EUR')]::paycore.ledger_leg[], 'Tax of order 7');
SELECT paycore.ledger_balance(:'tax'); --> 19.00 EUR

SELECT paycore.post_transfer(ARRAY[(:'revenue', '20.00 EUR'), (:'tax', '-19.00 EUR')]::paycore.ledger_leg[]); -- ERROR: PY080
SELECT paycore.post_entry(:'revenue', :'tax', '1.00 USD'); -- ERROR: PY081
```

`list_ledger_accounts` and `list_ledger_entries(account)` give pages, newest first.

## Balances, then and now

```sql
SELECT paycore.post_entry(:'revenue', :'deferred', '10.00 EUR', occurred_at => '2026-01-31 12:00:00+00');

SELECT paycore.ledger_balance(:'deferred', '2026-02-01 00:00:00+00'); --> 10.00 EUR
SELECT paycore.ledger_balance(:'deferred', '2026-02-01 00:00:00+00', 'record'); --> 0.00 EUR
```

The second argument is a time, the third what it is a time of: `event` (the default) counts what had happened by then, `record` what had been written down by then.

Posting never touches an account's row, so two thousand charges a second to one revenue account do not wait for each other. The worker adds up busy accounts behind the entries
(`ledger_balances`, by the hour `ledger_periods`, and by the day `ledger_days`); a balance is that sum and what came since. Only entries of transactions older than every one still running are
added up, so the sum misses nothing; a transaction left open for hours holds the sums back, and makes balances slower, not wrong. Without the worker, or before a
report, the owner may do it by hand:

```sql
SELECT paycore.roll_up_ledger(at_least => 1) > 0; --> t
```

## Switching it off

`paycore.ledger` is on. Where no ledger is wanted, a superuser writes `ALTER DATABASE ... SET paycore.ledger = off`; what that saves is a line of `bench/run ledger`. Transfers of
your own go on working. Switched on again, `verify()` names every fact that is missing (PostgreSQL's own settings apply: new sessions, a restarted worker), and the owner has them posted, at the time they happened:

```sql
SELECT paycore.repair_ledger(); --> 0
SELECT count(*) FROM paycore.verify(); --> 0
```

The same makes a ledger for rows that are older than it: run it once after an upgrade from a version without one. `verify()` checks that both sides of every entry are in its currency, that every
fact is posted once and in its amount, and that all rolled-up sums are those of the entries.$page$;
