CREATE TEMPORARY TABLE type (place int, name text, title text, intro text);
INSERT INTO type VALUES
	(1, 'intent_status', 'Payment intents',
	'A decline is not a status: the intent goes back to `requires_payment_method`, and the attempt is kept in `payment_attempts`. `failed` means that nothing exists at the gateway.'),
	(2, 'payment_status', 'Payments',
	'Refunded and partly refunded are not statuses: they follow from the amounts. A payment that `succeeded` and then `failed` was taken back by the payer''s bank.'),
	(3, 'refund_status', 'Refunds',
	'`requested` waits for somebody''s approval and already holds its share of the payment. `succeeded` is not the end: a bank can send a refund back days later.'),
	(4, 'payout_status', 'Payouts',
	'Only the gateway moves a payout. `paid` means that it is expected to arrive: a bank can send it back for some days, and it is then `failed`.'),
	(10, 'setup_intent_status', 'Setup intents',
	'A payment intent without money. `failed` means that nothing exists at the gateway.'),
	(11, 'mandate_status', 'Mandates',
	'`inactive` is the end: revoked, refused or used up. A method whose mandates are all inactive is not charged without the payer.'),
	(5, 'dispute_status', 'Disputes',
	'The `warning_` statuses are an inquiry, which takes no money; it may become a dispute that does. A decided dispute can be heard again: `paycore.health()` says so. See [disputes](disputes.md).'),
	(20, 'subscription_status', 'Subscriptions',
	'`scheduled` begins later. `past_due` has an invoice that could not be collected; `paused` bills nothing.'),
	(21, 'invoice_status', 'Invoices',
	'A final invoice never changes: `void` and credit notes undo it; a `draft` that is discarded is `void`, too, without a number. A payment that bounces makes a paid invoice `open` again; `uncollectible` is given up, and may still be paid.');

CREATE TEMPORARY TABLE step AS
SELECT t.name AS type, s.from_status, s.to_status, s.by
FROM type t, LATERAL paycore.transitions(('paycore.' || t.name)::regtype) s;

CREATE TEMPORARY TABLE state AS
SELECT DISTINCT ON (type, name) type, name, place
FROM (SELECT type, from_status AS name, 1 AS place FROM step UNION ALL SELECT type, to_status, 2 FROM step) s
ORDER BY type, name, place;
-- In the order of the lifecycle, which the type itself knows.
UPDATE state SET place = (SELECT count(*) FROM state o WHERE o.type = state.type AND CASE state.type
	WHEN 'intent_status' THEN o.name::paycore.intent_status OPERATOR(paycore.<) state.name::paycore.intent_status
	WHEN 'payment_status' THEN o.name::paycore.payment_status OPERATOR(paycore.<) state.name::paycore.payment_status
	WHEN 'refund_status' THEN o.name::paycore.refund_status OPERATOR(paycore.<) state.name::paycore.refund_status
	WHEN 'payout_status' THEN o.name::paycore.payout_status OPERATOR(paycore.<) state.name::paycore.payout_status
	WHEN 'setup_intent_status' THEN o.name::paycore.setup_intent_status OPERATOR(paycore.<) state.name::paycore.setup_intent_status
	WHEN 'mandate_status' THEN o.name::paycore.mandate_status OPERATOR(paycore.<) state.name::paycore.mandate_status
	WHEN 'dispute_status' THEN o.name::paycore.dispute_status OPERATOR(paycore.<) state.name::paycore.dispute_status
	WHEN 'subscription_status' THEN o.name::paycore.subscription_status OPERATOR(paycore.<) state.name::paycore.subscription_status
	WHEN 'invoice_status' THEN o.name::paycore.invoice_status OPERATOR(paycore.<) state.name::paycore.invoice_status END);

-- States that go to each other, and to the same states besides, are drawn as one box.
CREATE TEMPORARY TABLE box AS
SELECT a.type, a.name, a.place, coalesce(min(b.place), a.place) AS first_place
FROM state a
LEFT JOIN state b ON b.type = a.type AND b.name <> a.name
	AND EXISTS (SELECT FROM step s WHERE s.type = a.type AND s.from_status = a.name AND s.to_status = b.name AND s.by = 'user')
	AND EXISTS (SELECT FROM step s WHERE s.type = a.type AND s.from_status = b.name AND s.to_status = a.name AND s.by = 'user')
	AND NOT EXISTS (
		(SELECT s.to_status, s.by FROM step s WHERE s.type = a.type AND s.from_status = a.name AND s.to_status <> b.name
		EXCEPT SELECT s.to_status, s.by FROM step s WHERE s.type = a.type AND s.from_status = b.name)
		UNION ALL
		(SELECT s.to_status, s.by FROM step s WHERE s.type = a.type AND s.from_status = b.name AND s.to_status <> a.name
		EXCEPT SELECT s.to_status, s.by FROM step s WHERE s.type = a.type AND s.from_status = a.name))
GROUP BY a.type, a.name, a.place;
UPDATE box SET first_place = least(place, first_place);

CREATE TEMPORARY VIEW node AS
SELECT type, first_place AS place, count(*) AS states,
	CASE WHEN count(*) = 1 THEN min(name) ELSE 'any_of_' || first_place END AS id,
	string_agg(name, '<br>' ORDER BY place) AS label
FROM box
GROUP BY type, first_place;

CREATE TEMPORARY VIEW edge AS
SELECT DISTINCT s.type, f.first_place AS from_place, t.first_place AS to_place, s.by
FROM step s
JOIN box f ON f.type = s.type AND f.name = s.from_status
JOIN box t ON t.type = s.type AND t.name = s.to_status
WHERE f.first_place <> t.first_place;

CREATE TEMPORARY VIEW line AS
SELECT t.place AS type_place, 1 AS part, 0 AS place, 0 AS to_place, E'\n## ' || t.title || E'\n\n' || t.intro || E'\n\n```mermaid\nflowchart LR' AS text
FROM type t
UNION ALL
SELECT t.place, 2, n.place, 0, format('    %s["%s"]', n.id, n.label)
FROM type t JOIN node n ON n.type = t.name
UNION ALL
SELECT t.place, 3, e.from_place, e.to_place, format('    %s %s %s', f.id, CASE e.by WHEN 'user' THEN '-->' ELSE '-.->' END, n.id)
FROM type t JOIN edge e ON e.type = t.name
JOIN node f ON f.type = e.type AND f.place = e.from_place
JOIN node n ON n.type = e.type AND n.place = e.to_place
UNION ALL
SELECT t.place, 4, 0, 0, E'```\n\n| from | to, by any statement | to, only where the gateway says so |\n|---|---|---|'
FROM type t
UNION ALL
SELECT t.place, 5, s.place, 0, format('| `%s` | %s | %s |', s.name,
	coalesce((SELECT string_agg('`' || o.name || '`', ', ' ORDER BY o.place) FROM step p JOIN state o ON o.type = p.type AND o.name = p.to_status
		WHERE p.type = s.type AND p.from_status = s.name AND p.by = 'user'), 'none'),
	coalesce((SELECT string_agg('`' || o.name || '`', ', ' ORDER BY o.place) FROM step p JOIN state o ON o.type = p.type AND o.name = p.to_status
		WHERE p.type = s.type AND p.from_status = s.name AND p.by = 'gateway'), 'none'))
FROM type t JOIN state s ON s.type = t.name;

SELECT $page$# Lifecycles

These are the steps that the database allows; anything else is refused with `PY010`, also to the owner of the tables. A gateway's news can arrive
late or not at all, so the allowed steps are wider than the usual path. Paycore's functions are stricter: each says which statuses it works on.

States in one box may change into each other. A dotted arrow is a step that only the gateway can report: no SQL statement of yours can take it.$page$;
SELECT text FROM line ORDER BY type_place, part, place, to_place;
SELECT $page$
The same tables in SQL: `SELECT * FROM paycore.transitions('paycore.refund_status')`, and `paycore.can_transition(from, to)` for one step.$page$;
