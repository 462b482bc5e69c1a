--
-- Payment intents.
--

CREATE FUNCTION paycore.create_payment_intent(
	billing_account_id uuid,
	amount paycore.money_cents,
	payment_method text DEFAULT NULL,
	confirm boolean DEFAULT false,
	capture_method text DEFAULT 'automatic_async',
	off_session boolean DEFAULT false,
	setup_future_usage text DEFAULT NULL,
	description text DEFAULT NULL,
	metadata jsonb DEFAULT '{}',
	idempotency_key text DEFAULT NULL,
	return_url text DEFAULT NULL,
	gateway_params jsonb DEFAULT '{}',
	payment_method_types text[] DEFAULT NULL,
	statement_descriptor_suffix text DEFAULT NULL
) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_payment_intent';
COMMENT ON FUNCTION paycore.create_payment_intent IS 'Asks a billing account for an amount, in its currency. payment_method is a gateway''s token or the uuid of a saved one. It is sent to the gateway after COMMIT.';

CREATE FUNCTION paycore.update_payment_intent(
	id uuid,
	amount paycore.money_cents DEFAULT NULL,
	metadata jsonb DEFAULT NULL
) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_payment_intent';
COMMENT ON FUNCTION paycore.update_payment_intent IS 'Changes the amount while no money is held or on its way, and merges metadata while the intent is open (a null removes its key).';

CREATE FUNCTION paycore.confirm_payment_intent(
	id uuid,
	payment_method text DEFAULT NULL,
	return_url text DEFAULT NULL,
	gateway_params jsonb DEFAULT '{}'
) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_confirm_payment_intent';
COMMENT ON FUNCTION paycore.confirm_payment_intent IS 'Tries to charge an open intent. Where the payer is present, it is not sent any more after paycore.on_session_window.';

CREATE FUNCTION paycore.capture_payment_intent(
	id uuid,
	amount paycore.money_cents DEFAULT NULL
) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_capture_payment_intent';
COMMENT ON FUNCTION paycore.capture_payment_intent IS 'Takes the authorised amount, or less of it: the rest is let go.';

CREATE FUNCTION paycore.cancel_payment_intent(
	id uuid,
	reason text DEFAULT NULL
) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_cancel_payment_intent';
COMMENT ON FUNCTION paycore.cancel_payment_intent IS 'Cancels an open intent: at once where nothing was sent yet, else at the gateway. reason: duplicate, fraudulent, requested_by_customer, abandoned.';

CREATE FUNCTION paycore.refresh_payment_intent(id uuid) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_refresh_payment_intent';
COMMENT ON FUNCTION paycore.refresh_payment_intent IS 'Asks the gateway for the status of the intent, after COMMIT.';

CREATE FUNCTION paycore.complete_mock_action(
	id uuid,
	succeeds boolean DEFAULT true
) RETURNS paycore.payment_intent
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_complete_mock_action';
COMMENT ON FUNCTION paycore.complete_mock_action IS 'Mock gateway only: the payer does what the intent requires (3-D Secure), or fails to.';
