--
-- What the CHECK constraints of paycore's tables ask.
--

CREATE FUNCTION paycore.is_known(word text, list text) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_is_known';
COMMENT ON FUNCTION paycore.is_known IS 'Whether word is one of those that a column of paycore''s tables takes: capture_method, confirmation_method, setup_future_usage, attempt_outcome, refund_kind, change_source, outbox_status, outbox_open, event_status.';

CREATE FUNCTION paycore.one_currency(paycore.money_cents, paycore.money_cents, paycore.money_cents) RETURNS boolean
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_one_currency';
COMMENT ON FUNCTION paycore.one_currency(paycore.money_cents, paycore.money_cents, paycore.money_cents) IS 'Whether all amounts that are not null are in the currency of the first.';
CREATE FUNCTION paycore.one_currency(paycore.money_cents, paycore.money_cents, paycore.money_cents, paycore.money_cents, paycore.money_cents)
	RETURNS boolean
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_one_currency';
COMMENT ON FUNCTION paycore.one_currency(paycore.money_cents, paycore.money_cents, paycore.money_cents, paycore.money_cents, paycore.money_cents) IS 'Whether all amounts that are not null are in the currency of the first.';

CREATE FUNCTION paycore.none_negative(paycore.money_cents) RETURNS boolean
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_none_negative';
COMMENT ON FUNCTION paycore.none_negative(paycore.money_cents) IS 'Whether the amount is null, zero or above.';
CREATE FUNCTION paycore.none_negative(paycore.money_cents, paycore.money_cents, paycore.money_cents) RETURNS boolean
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_none_negative';
COMMENT ON FUNCTION paycore.none_negative(paycore.money_cents, paycore.money_cents, paycore.money_cents) IS 'Whether each amount is null, zero or above.';

CREATE FUNCTION paycore.is_positive(paycore.money_cents) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_is_positive';
COMMENT ON FUNCTION paycore.is_positive IS 'Whether the amount is above zero.';

CREATE FUNCTION paycore.settlement_is_whole(settled_gross paycore.money_cents, fee paycore.money_cents, net paycore.money_cents,
	settled_at timestamptz, fee_details jsonb, exchange_rate numeric, balance_transaction_ids text[], available_on timestamptz)
	RETURNS boolean
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_settlement_is_whole';
COMMENT ON FUNCTION paycore.settlement_is_whole IS 'Whether a settlement is there as a whole, or not at all.';

CREATE FUNCTION paycore.is_captured_if_succeeded(status paycore.payment_status, gross paycore.money_cents, captured_at timestamptz)
	RETURNS boolean
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'paycore_is_captured_if_succeeded';
COMMENT ON FUNCTION paycore.is_captured_if_succeeded IS 'Whether a succeeded payment says how much was captured, and when.';
