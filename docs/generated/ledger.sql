SELECT $page$# The ledger

Every money fact is written down twice: once in its own table and once in a double-entry ledger, in the same transaction. The ledger says where
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

A row of `ledger_entries` names an account that is debited, one that is credited, and one amount above zero. So nobody can write a row that does not
balance: not even the owner of the tables, not even with triggers switched off. A guard makes sure that both accounts belong to the tenant and are in the
currency of the amount. Entries of one transfer share `transfer_id`; the view `ledger_postings` shows each entry as two rows, debits above zero and credits below.

Entries are never changed or removed; a wrong one is corrected by another with the sides exchanged. Each entry keeps two times: `occurred_at`, when it happened, and
`recorded_at`, when it was written. `txn` is the number of its transaction.

## What is posted

A trigger on the fact's own table posts it, so it is in the ledger however the row came: by function, webhook or raw SQL. `fact`, `object_id` and `nth` name it, and a
unique index over them makes sure that it is posted once. A fact that undoes another is posted only while that other stands. Where a payment came without a
gateway, read `cash` for `gateway_balance`.

| fact | of a | debit | credit | amount | when |
|---|---|---|---|---|---|$page$;
SELECT pg_catalog.format('| `%s` | %s | `%s` | `%s` | %s | %s%s |', fact, replace(object, '_', ' '), debit, credit, amount, occasion,
	'; undoes `' || undoes || '`')
FROM paycore.ledger_rules();
SELECT $page$
An amount below zero (a fee that is given back, an invoice that gives back more than it asks for) is posted with the sides exchanged, and so is what is taken back; an amount of zero is not posted. The same table in SQL: `SELECT * FROM
paycore.ledger_rules()`.

## The chart

Paycore opens these accounts for a tenant and currency when it first needs one of them.

| code | what it holds | kind | grows by | |
|---|---|---|---|---|$page$;
SELECT pg_catalog.format('| `%s` | %s | %s | %s | %s |', code || CASE WHEN per_gateway_account THEN ':name' ELSE '' END, name, kind, normal_side,
	CASE WHEN per_gateway_account THEN 'one for each gateway account, by its name' ELSE '' END)
FROM paycore.ledger_chart();
SELECT $page$
A charge that settles in another currency leaves the `gateway_balance` of its own currency and enters that of the settlement, by way of `currency_exchange`: the balances of
that account, in all currencies together, are what exchange has gained or lost.

Refunds, bounces and disputes go back the same way: their share of the payment is posted in the payment's currency, and what left the balance for it in that of the settlement. Each movement of a
dispute is posted by itself, as one transfer, at the time of its balance transaction: a win is a `reinstatement`, with a `dispute_fee_return` where the fee comes back, too. Where an exchange
rate is not known, the movement is posted as it was booked, in the currency of the settlement.

## Invoices and credit notes

```sql
SELECT paycore.create_gateway_account('till', 'manual');
SELECT code FROM paycore.create_price((paycore.create_product('pro', 'Professional')).id, '{"EUR": "10.00"}', 'month', code => 'pro');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 20);
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
SELECT id AS eve FROM paycore.create_billing_account('Eve', currency => 'EUR', gateway => 'till') \gset
SELECT status FROM paycore.create_subscription(:'eve', '[{"price": "pro", "quantity": 3}]');
CALL paycore.run_billing();
SELECT id AS invoice FROM paycore.list_invoices(:'eve') \gset
SELECT gross FROM paycore.record_invoice_payment(:'invoice', '20.00 EUR'); --> 20.00 EUR

SELECT code, paycore.sum(amount) FROM paycore.ledger_postings WHERE billing_account_id = :'eve' GROUP BY code ORDER BY code;
  --> cash:till | 20.00 EUR, receivables | 16.00 EUR, revenue | 0.00 EUR, sales | -30.00 EUR, tax_payable | -6.00 EUR
```

An invoice is income (`sales`) and owed (`receivables`) when it becomes final. Money is posted to `revenue` when it comes in, whatever it is for; that it was for an invoice takes it out of there again. So nothing is income twice, and
`revenue` is what came in without an invoice. What happens is one fact or two, which come to this:

| what happens | facts | together debit | credit |
|---|---|---|---|
| an invoice is final | `invoice`, `invoice_tax` | `receivables` | `sales`, `tax_payable` |
| it is paid | `charge`, `invoice_payment` | `gateway_balance` | `receivables` |
| more comes in than is due | `charge`, `overpayment`, `balance_credit` | `gateway_balance` | `customer_balances` |
| the payment bounces | `charge_failure`, `invoice_payment` | `receivables` | `gateway_balance` |
| the account's balance pays it | `balance_debit`, `balance_applied` | `customer_balances` | `receivables` |
| it is of less than nothing | `invoice`, `balance_applied`, `balance_credit` | `sales` | `customer_balances` |
| it is given up | `write_off` | `bad_debts` | `receivables` |
| a credit note lowers what is due | `credit_note`, `credit_note_tax` | `sales`, `tax_payable` | `receivables` |
| ... or goes to the balance | and `credit_to_balance`, `balance_credit` | `sales`, `tax_payable` | `customer_balances` |
| ... or is refunded | and `credit_to_refund`, `refund` | `sales`, `tax_payable` | `gateway_balance` |
| ... or was given back out of band | and `credit_out_of_band` | `sales`, `tax_payable` | `out_of_band` |

The balance of `receivables` is what is due of all open invoices, and `billing_account_id` of its entries says of whom: `verify()` holds each account's against its invoices. Until a refund of a credit note has succeeded, `refunds` is
that much less; should it fail, what goes to the balance is posted as that. An invoice that is given up keeps its tax: where the law gives that back, post it yourself; so do what clears `out_of_band`, where the money came from. What of `sales` is still to be earned is in [`deferred_revenue()`](reports.md).

## Your own accounts and transfers

```sql
SELECT id AS deferred FROM paycore.open_ledger_account('deferred revenue', 'liability', 'EUR') \gset
SELECT id AS revenue FROM paycore.ledger_accounts WHERE code = 'revenue' \gset

SELECT amount FROM paycore.post_entry(:'revenue', :'deferred', '90.00 EUR', 'A year in advance', idempotency_key => 'deferral-1'); --> 90.00 EUR
SELECT paycore.ledger_balance(:'deferred'); --> 90.00 EUR
```

`open_ledger_account` returns the existing account if one has this code and currency already. Its kind is `asset`, `liability`, `income`, `expense` or `equity`. `normal_side` is `debit` for assets and expenses and
`credit` for the rest, unless you say otherwise; `ledger_balance` is above zero where the balance lies on that side. Accounts are never removed, and only their name and metadata change.

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

The second argument is a time. The third says which time of an entry it is compared with: `event` (the default) counts what had happened by then, `record` what had been written down by then.

Posting never touches an account's row, so two thousand charges a second to one revenue account do not wait for each other. The worker adds up the entries of busy accounts afterwards
(in `ledger_balances`, by the hour in `ledger_periods`, by the day in `ledger_days`); a balance is that sum plus what came since. An entry is added up only once every transaction that might still
bring an older one has ended, so the sum misses nothing; a transaction left open for hours makes balances slower, not wrong. Without the worker, or before a
report, the owner may add up by hand:

```sql
SELECT paycore.roll_up_ledger(at_least => 1) > 0; --> t
```

## Switching it off

`paycore.ledger` is on by default. If you want no ledger, a superuser runs `ALTER DATABASE ... SET paycore.ledger = off`, which holds for new sessions and a restarted worker; `bench/run ledger` measures what that saves.
Transfers of your own still work. After you switch it on again, `verify()` names every fact that is missing, and the owner has them posted, at the time they happened:

```sql
SELECT paycore.repair_ledger(); --> 0
SELECT count(*) FROM paycore.verify(); --> 0
```

The same call makes a ledger for rows that are older than it: run it once after an upgrade from a version without one. `verify()` checks that both sides of every entry are in its currency, that every
fact is posted once and with the right amount, and that all sums are those of the entries.$page$;
