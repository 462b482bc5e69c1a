SELECT $page$# Declines and errors of gateways

A payment that fails carries codes. One table in paycore says what each means: whether to try again, when, and what the payer may be told.
It is the table behind everything on this page.

| class | what to do |
|---|---|
| `retry_later` | The same method may work later. `retry_at` says when, `retries_left` how often at most. |
| `new_method` | The payer gives another method, or corrects what was typed. |
| `authenticate` | The payer confirms: bring them back and confirm the same intent. |
| `never` | Do not try again as it is. |

## Look one up

```sql
SELECT id AS account FROM paycore.create_billing_account('Ada', currency => 'EUR') \gset
SELECT id AS intent FROM paycore.create_payment_intent(
    :'account', '20.00 EUR', payment_method => 'pm_card_chargeDeclinedInsufficientFunds', confirm => true) \gset
SELECT status FROM paycore.await_payment_intent(:'intent');                                        --> requires_payment_method
SELECT class, payer_message, retries_left FROM paycore.explain_payment_intent(:'intent');          --> retry_later | Not enough funds. Try later or use another method. | 15
SELECT id, status, error_class, payer_message, retry_at FROM paycore.payment_intents_overview WHERE error_class = 'retry_later';
SELECT error_class, retry_at - attempted_at AS wait FROM paycore.payment_attempts_overview WHERE payment_intent_id = :'intent';  --> retry_later | 1 day
SELECT class, retries_left FROM paycore.explain_error('card_declined', 'do_not_honor', failures => 2);  --> retry_later | 1
```

Paycore does not retry a decline by itself: confirm the intent again at `retry_at`. Failures are counted for the intent and the method in use; with another method the count starts anew.

- **Precedence.** An error may carry several codes. `advice_code` is obeyed before `network_advice_code`, that before `decline_code`, that
  before `code`, that before the type of the error. `decided_by` names the one that counted.
- **When.** The first retry comes after the time in the table, each further one after twice as long, at most a week. A time that the card
  network names is used as it is. At most 15 retries: the least that a network allows in 30 days. When none is left, the class is `new_method`.
- **Network advice codes** are Mastercard's merchant advice codes; codes that are not in the table are ignored.
- **Unknown codes** are treated as `generic_decline`, for gateways add codes at any time. `known` is then false.
- **What the payer is told** never speaks of fraud, a lost or stolen card or a block list: such declines read like any other. The gateway's own
  text, in `error_message`, is for you.
- **Party** says who can fix it: the `payer`, the `caller` (the request is wrong), the `merchant` (keys, capabilities, balance at the gateway),
  `state` (the object is in another status than you think: look at it first) or the `gateway` (it passes by itself; paycore's worker repeats its requests
  without being asked).$page$;

CREATE TEMPORARY TABLE kind (place int, kind text, title text);
INSERT INTO kind VALUES (1, 'advice_code', 'Advice codes'), (2, 'network_advice_code', 'Network advice codes'),
	(3, 'decline_code', 'Decline codes'), (4, 'code', 'Error codes'), (5, 'type', 'Types of error');
CREATE TEMPORARY VIEW line AS
SELECT place, 0 AS part, '' AS code, E'\n## ' || title || E'\n\n| code | class | retries | first after | party | the payer is told |\n|---|---|---|---|---|---|' AS text FROM kind
UNION ALL
SELECT place, 1, c.code, pg_catalog.format('| `%s` | `%s` | %s | %s | %s | %s%s |', c.code, c.class, c.max_retries,
	CASE WHEN c.retry_after >= '1 day' THEN pg_catalog.to_char(extract(epoch FROM c.retry_after) / 86400, 'FM99" d"')
		WHEN c.retry_after >= '1 hour' THEN '1 h' WHEN c.retry_after IS NOT NULL THEN '1 min' END,
	c.party, c.payer_message, CASE WHEN c.hidden THEN ' (reason hidden)' ELSE '' END)
FROM kind JOIN paycore.gateway_error_codes() c USING (kind);
SELECT text FROM line ORDER BY place, part, code COLLATE "C";
SELECT $page$
The same table in SQL: `SELECT * FROM paycore.gateway_error_codes()`.$page$;
