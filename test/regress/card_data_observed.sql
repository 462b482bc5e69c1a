--
-- Card data in what a gateway says: the fact is recorded, the number is not.
--
\getenv srcdir PG_ABS_SRCDIR
\set setup :srcdir '/data/reduce_setup.sql'
\i :setup
SELECT ours('pi_1') AS ours \gset
SELECT event(pi('pi_1', 'requires_confirmation'), 0);
SELECT event(pi('pi_1', 'processing', '{"description": "card 4242 4242 4242 4242, thanks", "metadata": {"a": "DE89370400440532013000", "b": {"cvc": 123},
	"c": ["5555555555554444", 4242424242424242], "d": "order 17"}}'), 1);
SELECT description, metadata FROM paycore.payment_intents WHERE id = :'ours';
SELECT event(pi('pi_1', 'succeeded', '{"latest_charge": "ch_1", "amount_received": 1000}'), 2), event(ch('ch_1', 'pi_1', 'succeeded', '{"description": "4242-4242-4242-4242"}'), 2);
SELECT intent('pi_1'), payment('ch_1');
SELECT description FROM paycore.payments;
-- The owner's own UPDATE is no gateway's word.
\set VERBOSITY sqlstate
UPDATE paycore.payments SET description = '4242-4242-4242-4242';
-- What got in while the guard was off is found.
ALTER TABLE paycore.payments DISABLE TRIGGER "Paycore_37_card_data";
UPDATE paycore.payments SET description = '4242-4242-4242-4242';
ALTER TABLE paycore.payments ENABLE TRIGGER "Paycore_37_card_data";
SELECT rule, object_type, detail FROM paycore.verify() WHERE rule LIKE '%card%';
