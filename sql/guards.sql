--
-- Guards: trigger functions that any table may use.
--

CREATE FUNCTION paycore.enforce_transition() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_enforce_transition';
COMMENT ON FUNCTION paycore.enforce_transition() IS 'Trigger guard (''column'' [, ''>start'' ...] [, ''from>to'' ...]): a status moves along its lifecycle only. BEFORE INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.keep_immutable() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_keep_immutable';
COMMENT ON FUNCTION paycore.keep_immutable() IS 'Trigger guard (''column'', ...): the columns never change. BEFORE UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.write_once() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_write_once';
COMMENT ON FUNCTION paycore.write_once() IS 'Trigger guard (''column'', ... [''|'' further groups]): each group goes from NULL to its values in one UPDATE and then stays. BEFORE UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.keep_currency() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_keep_currency';
COMMENT ON FUNCTION paycore.keep_currency() IS 'Trigger guard (''column'', ...): money_cents columns may change their amount, not their currency. BEFORE UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.require_positive() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_require_positive';
COMMENT ON FUNCTION paycore.require_positive() IS 'Trigger guard (''column'', ...): money_cents columns are above zero, or NULL. BEFORE INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.require_values() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_require_values';
COMMENT ON FUNCTION paycore.require_values() IS 'Trigger guard (''=rule'', ''column'', ... [''=rule'', ...]): what the values of a row may be, alone and together. Rules: known:list, length:most, not_negative, one_currency, whole, difference, with:word, unless:list. BEFORE INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.refuse_card_data() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_refuse_card_data';
COMMENT ON FUNCTION paycore.refuse_card_data() IS 'Trigger guard (''column'', ...): no card number, full IBAN or security code gets into the text, text[], json or jsonb columns. BEFORE INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.card_data_in(value text) RETURNS text
	AS 'MODULE_PATHNAME', 'paycore_card_data_in_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.card_data_in(value text) IS 'What the guard refuse_card_data() would find: card_number, iban, security_code, or NULL.';
CREATE FUNCTION paycore.card_data_in(value jsonb) RETURNS text
	AS 'MODULE_PATHNAME', 'paycore_card_data_in_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION paycore.card_data_in(value jsonb) IS 'What the guard refuse_card_data() would find in keys and values at any depth: card_number, iban, security_code, or NULL.';

CREATE FUNCTION paycore.append_only() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_append_only';
COMMENT ON FUNCTION paycore.append_only() IS 'Trigger guard: refuses whichever of UPDATE, DELETE (FOR EACH ROW) and TRUNCATE (FOR EACH STATEMENT) it is attached to.';

CREATE FUNCTION paycore.record_status_change() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_record_status_change';
COMMENT ON FUNCTION paycore.record_status_change() IS 'Trigger guard (''column'' [, ''=object_type'']): each step of the status is kept in paycore.status_changes. AFTER INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.touch_updated_at() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_touch_updated_at';
COMMENT ON FUNCTION paycore.touch_updated_at() IS 'Trigger guard ([''column'']): sets updated_at to the time of the transaction. BEFORE UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.announce_changes() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_announce_changes';
COMMENT ON FUNCTION paycore.announce_changes() IS 'Trigger of tables whose rows sessions remember: they forget them once a change is committed. AFTER INSERT OR UPDATE OR DELETE FOR EACH ROW.';

CREATE FUNCTION paycore.keep_counters() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_keep_counters';
COMMENT ON FUNCTION paycore.keep_counters() IS 'Trigger guard (''amount'', ''counter'', ...): counters start at zero in the currency of amount, and only guards move them. BEFORE INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.reserve_refund() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_reserve_refund';
COMMENT ON FUNCTION paycore.reserve_refund() IS 'Trigger guard of refunds: each holds its share of the payment, and never more than was captured. AFTER INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.keep_count() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_keep_count';
COMMENT ON FUNCTION paycore.keep_count() IS 'Trigger guard (''counter'', ...): integer counters start at zero, and only guards move them. BEFORE INSERT OR UPDATE FOR EACH ROW.';

CREATE FUNCTION paycore.count_redemption() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_count_redemption';
COMMENT ON FUNCTION paycore.count_redemption() IS 'Trigger guard of discounts: each is counted by its coupon and its promotion code, and is within their limits. AFTER INSERT FOR EACH ROW.';

CREATE FUNCTION paycore.mark_voided_lines() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_mark_voided_lines';
COMMENT ON FUNCTION paycore.mark_voided_lines() IS 'Trigger guard of invoices that become void: their lines are marked, so that the time they are for may be billed again. AFTER UPDATE FOR EACH ROW, with a WHEN.';

CREATE FUNCTION paycore.keep_mark() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_keep_mark';
COMMENT ON FUNCTION paycore.keep_mark() IS 'Trigger guard (''mark''): only guards set the mark. BEFORE INSERT OR UPDATE FOR EACH ROW, WHEN it is set.';

CREATE FUNCTION paycore.require_api() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_require_api';
COMMENT ON FUNCTION paycore.require_api() IS 'Trigger guard: roles other than the owner write through paycore''s functions only. BEFORE INSERT OR UPDATE OR DELETE FOR EACH STATEMENT.';

CREATE FUNCTION paycore.kept_by_guards() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_kept_by_guards';
COMMENT ON FUNCTION paycore.kept_by_guards() IS 'Trigger guard: rows that only paycore''s guards write, such as balances. BEFORE INSERT OR UPDATE OR DELETE FOR EACH ROW.';

CREATE FUNCTION paycore.move_account_balance() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_move_account_balance';
COMMENT ON FUNCTION paycore.move_account_balance() IS 'Trigger guard of account transactions: each moves its account''s balance. AFTER INSERT FOR EACH ROW.';

CREATE FUNCTION paycore.hold_dispute() RETURNS trigger LANGUAGE C AS 'MODULE_PATHNAME', 'paycore_hold_dispute';
COMMENT ON FUNCTION paycore.hold_dispute() IS 'Trigger guard of disputes: works out what each holds of its payment (BEFORE INSERT OR UPDATE FOR EACH ROW) and moves the payment''s dispute_held by it (AFTER INSERT OR UPDATE FOR EACH ROW).';
