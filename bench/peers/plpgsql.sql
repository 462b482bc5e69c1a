--
-- The rules, hand-written in PL/pgSQL the way a careful engineer would: triggers fire only
-- where their WHEN says that there is something to do, statements are static (so their plans
-- are kept), one conditional UPDATE reserves a refund, and no NOTIFY, which would queue the commits.
--

ALTER TABLE payment_intents
	ADD FOREIGN KEY (billing_account_id, tenant_id) REFERENCES billing_accounts,
	ADD CHECK (amount > 0),
	ADD CHECK (capture_method IN ('automatic', 'automatic_async', 'manual')),
	ADD CHECK (confirmation_method IN ('automatic', 'manual')),
	ADD CHECK (setup_future_usage IN ('on_session', 'off_session'));
ALTER TABLE payments
	ADD FOREIGN KEY (billing_account_id, tenant_id) REFERENCES billing_accounts,
	ADD FOREIGN KEY (payment_intent_id, tenant_id) REFERENCES payment_intents,
	ADD CHECK (authorized > 0),
	ADD CHECK (gross >= 0),
	ADD CHECK (refund_reserved >= 0 AND refunded >= 0 AND dispute_held >= 0),
	ADD CHECK (num_nulls(settled_gross, fee, net, settled_at) IN (0, 4)),
	ADD CHECK (net = settled_gross - fee),
	ADD CHECK (status <> 'succeeded' OR (gross IS NOT NULL AND captured_at IS NOT NULL));
ALTER TABLE payment_intents
	ADD FOREIGN KEY (payment_id, tenant_id) REFERENCES payments;
ALTER TABLE refunds
	ADD FOREIGN KEY (payment_id, tenant_id) REFERENCES payments,
	ADD CHECK (amount > 0),
	ADD CHECK (kind IN ('refund', 'auth_release'));
ALTER TABLE status_changes
	ADD CHECK (source IN ('api', 'webhook', 'response', 'poll', 'sql'));
ALTER TABLE idempotency_keys
	ADD CHECK (length(key) BETWEEN 1 AND 255);
ALTER TABLE outbox
	ADD CHECK (status IN ('pending', 'sending', 'resolving', 'dead', 'done', 'declined', 'refused', 'obsolete',
		'too_late', 'withdrawn', 'expired', 'discarded')),
	ADD CHECK ((finished_at IS NULL) = (status IN ('pending', 'sending', 'resolving', 'dead')));

CREATE TABLE transitions (object text, from_status text, to_status text, PRIMARY KEY (object, from_status, to_status));
INSERT INTO transitions SELECT 'payment_intent', from_status, to_status
	FROM paycore.transitions('paycore.intent_status') WHERE by = 'user';
INSERT INTO transitions SELECT 'payment', from_status, to_status
	FROM paycore.transitions('paycore.payment_status') WHERE by = 'user';
INSERT INTO transitions SELECT 'refund', from_status, to_status
	FROM paycore.transitions('paycore.refund_status') WHERE by = 'user';
ANALYZE transitions;

CREATE FUNCTION check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM transitions
		WHERE object = TG_ARGV[0] AND from_status = OLD.status::text AND to_status = NEW.status::text)
	THEN
		RAISE EXCEPTION '% cannot go from % to %', TG_ARGV[0], OLD.status, NEW.status;
	END IF;
	RETURN NEW;
END $$;

CREATE FUNCTION check_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% cannot start as %', TG_ARGV[0], NEW.status;
END $$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'this column of % is immutable', TG_TABLE_NAME;
END $$;

CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO status_changes (tenant_id, object_type, object_id, from_status, to_status, actor, source)
	VALUES (NEW.tenant_id, TG_ARGV[0], NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status,
		session_user, coalesce(current_setting('hand.source', true), 'sql'));
	RETURN NULL;
END $$;

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.updated_at := now();
	RETURN NEW;
END $$;

-- Counters are moved by this trigger only, so nobody else may.
CREATE FUNCTION reserve_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE payments SET refund_reserved = refund_reserved + NEW.amount
		WHERE id = NEW.payment_id AND tenant_id = NEW.tenant_id AND status = 'succeeded' AND currency = NEW.currency
			AND refund_reserved + refunded + dispute_held + NEW.amount <= gross;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'refund of % is more than what is left of payment %', NEW.amount, NEW.payment_id;
	END IF;
	RETURN NULL;
END $$;

CREATE FUNCTION keep_counters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF pg_trigger_depth() < 2 THEN
		RAISE EXCEPTION 'counters of % are kept by a trigger', TG_TABLE_NAME;
	END IF;
	RETURN NEW;
END $$;

CREATE TRIGGER a_start BEFORE INSERT ON payment_intents FOR EACH ROW
	WHEN (NEW.status <> 'created') EXECUTE FUNCTION check_start('payment_intent');
CREATE TRIGGER a_immutable BEFORE UPDATE ON payment_intents FOR EACH ROW
	WHEN ((OLD.id, OLD.tenant_id, OLD.billing_account_id, OLD.gateway_account, OLD.created_at, OLD.currency)
		IS DISTINCT FROM (NEW.id, NEW.tenant_id, NEW.billing_account_id, NEW.gateway_account, NEW.created_at, NEW.currency)
		OR (OLD.psp_intent_id IS NOT NULL AND OLD.psp_intent_id IS DISTINCT FROM NEW.psp_intent_id))
	EXECUTE FUNCTION refuse_change();
CREATE TRIGGER b_transition BEFORE UPDATE OF status ON payment_intents FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_transition('payment_intent');
CREATE TRIGGER c_touch BEFORE UPDATE ON payment_intents FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER d_history AFTER INSERT ON payment_intents FOR EACH ROW EXECUTE FUNCTION record_change('payment_intent');
CREATE TRIGGER d_history_of_update AFTER UPDATE OF status ON payment_intents FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION record_change('payment_intent');

CREATE TRIGGER a_immutable BEFORE UPDATE ON payments FOR EACH ROW
	WHEN ((OLD.id, OLD.tenant_id, OLD.billing_account_id, OLD.payment_intent_id, OLD.gateway_account, OLD.authorized,
			OLD.currency, OLD.created_at)
		IS DISTINCT FROM (NEW.id, NEW.tenant_id, NEW.billing_account_id, NEW.payment_intent_id, NEW.gateway_account,
			NEW.authorized, NEW.currency, NEW.created_at)
		OR (OLD.psp_charge_id IS NOT NULL AND OLD.psp_charge_id IS DISTINCT FROM NEW.psp_charge_id)
		OR (OLD.gross IS NOT NULL AND (OLD.gross, OLD.captured_at) IS DISTINCT FROM (NEW.gross, NEW.captured_at))
		OR (OLD.settled_gross IS NOT NULL AND (OLD.settled_gross, OLD.fee, OLD.fee_details, OLD.platform_fee, OLD.net,
			OLD.exchange_rate, OLD.balance_transaction_ids, OLD.available_on, OLD.settled_at)
			IS DISTINCT FROM (NEW.settled_gross, NEW.fee, NEW.fee_details, NEW.platform_fee, NEW.net,
			NEW.exchange_rate, NEW.balance_transaction_ids, NEW.available_on, NEW.settled_at))
		OR (OLD.failure_code IS NOT NULL AND OLD.failure_code IS DISTINCT FROM NEW.failure_code)
		OR (OLD.failure_balance_transaction IS NOT NULL
			AND OLD.failure_balance_transaction IS DISTINCT FROM NEW.failure_balance_transaction))
	EXECUTE FUNCTION refuse_change();
CREATE TRIGGER b_transition BEFORE UPDATE OF status ON payments FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_transition('payment');
CREATE TRIGGER b_counters BEFORE UPDATE ON payments FOR EACH ROW
	WHEN ((OLD.refund_reserved, OLD.refunded, OLD.dispute_held)
		IS DISTINCT FROM (NEW.refund_reserved, NEW.refunded, NEW.dispute_held)) EXECUTE FUNCTION keep_counters();
CREATE TRIGGER b_counters_of_insert BEFORE INSERT ON payments FOR EACH ROW
	WHEN ((NEW.refund_reserved, NEW.refunded, NEW.dispute_held) IS DISTINCT FROM (0, 0, 0)) EXECUTE FUNCTION keep_counters();
CREATE TRIGGER c_touch BEFORE UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER d_history AFTER INSERT ON payments FOR EACH ROW EXECUTE FUNCTION record_change('payment');
CREATE TRIGGER d_history_of_update AFTER UPDATE OF status ON payments FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION record_change('payment');

CREATE TRIGGER a_start BEFORE INSERT ON refunds FOR EACH ROW
	WHEN (NEW.status NOT IN ('requested', 'pending')) EXECUTE FUNCTION check_start('refund');
CREATE TRIGGER a_immutable BEFORE UPDATE ON refunds FOR EACH ROW
	WHEN ((OLD.id, OLD.tenant_id, OLD.payment_id, OLD.payment_intent_id, OLD.billing_account_id, OLD.gateway_account,
			OLD.kind, OLD.amount, OLD.currency, OLD.requested_by, OLD.created_at)
		IS DISTINCT FROM (NEW.id, NEW.tenant_id, NEW.payment_id, NEW.payment_intent_id, NEW.billing_account_id,
			NEW.gateway_account, NEW.kind, NEW.amount, NEW.currency, NEW.requested_by, NEW.created_at))
	EXECUTE FUNCTION refuse_change();
CREATE TRIGGER b_transition BEFORE UPDATE OF status ON refunds FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_transition('refund');
CREATE TRIGGER c_touch BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER d_reserve AFTER INSERT ON refunds FOR EACH ROW
	WHEN (NEW.kind = 'refund') EXECUTE FUNCTION reserve_refund();
CREATE TRIGGER e_history AFTER INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION record_change('refund');
CREATE TRIGGER e_history_of_update AFTER UPDATE OF status ON refunds FOR EACH ROW
	WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION record_change('refund');

-- The accounts are known, as ids in the code: the leanest way to post.
CREATE FUNCTION post_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger_entries (debit_account_id, credit_account_id, amount, currency, fact, object_id, nth, billing_account_id)
	VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', NEW.gross, NEW.currency,
		'charge', NEW.id, 0, NEW.billing_account_id);
	RETURN NULL;
END $$;

CREATE TRIGGER f_ledger AFTER INSERT ON payments FOR EACH ROW
	WHEN (NEW.status = 'succeeded') EXECUTE FUNCTION post_charge();

-- Nothing where the key is new; else the object that the first call made.
CREATE FUNCTION claim_key(key text, operation text, digest bytea, object_type text, object_id uuid) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
	earlier idempotency_keys;
BEGIN
	INSERT INTO idempotency_keys (key, operation, request_digest, object_type, object_id, expires_at)
		VALUES ($1, $2, $3, $4, $5, now() + interval '1 day') ON CONFLICT DO NOTHING;
	IF FOUND THEN
		RETURN NULL;
	END IF;
	SELECT * INTO STRICT earlier FROM idempotency_keys k WHERE k.tenant_id = 'default' AND k.key = $1;
	IF earlier.request_digest <> $3 OR earlier.operation <> $2 THEN
		RAISE EXCEPTION 'idempotency key % was used before for another request', $1;
	END IF;
	RETURN earlier.object_id;
END $$;

CREATE FUNCTION create_payment_intent(account uuid, cents bigint, currency char(3), payment_method text, confirm boolean,
	description text, metadata jsonb, key text) RETURNS payment_intents
LANGUAGE plpgsql AS $$
DECLARE
	billing billing_accounts;
	intent payment_intents;
	made uuid;
	new_id uuid := paycore.uuid_v7();
	gateway text;
	attach uuid;
BEGIN
	IF cents <= 0 THEN
		RAISE EXCEPTION 'the amount of a payment intent must be above zero';
	END IF;
	IF confirm AND payment_method IS NULL THEN
		RAISE EXCEPTION 'an intent is not confirmed without a payment method';
	END IF;
	IF jsonb_typeof(metadata) <> 'object' OR length(description) > 1000 THEN
		RAISE EXCEPTION 'bad metadata or description';
	END IF;
	PERFORM set_config('hand.source', 'api', true);

	made := claim_key(key, 'create_payment_intent',
		sha256(convert_to(concat_ws('|', account, cents, currency, payment_method, confirm, description, metadata), 'UTF8')),
		'payment_intent', new_id);
	IF made IS NOT NULL THEN
		SELECT * INTO STRICT intent FROM payment_intents i WHERE i.id = made AND i.tenant_id = 'default';
		RETURN intent;
	END IF;

	SELECT * INTO billing FROM billing_accounts b WHERE b.id = account AND b.tenant_id = 'default';
	IF NOT FOUND OR billing.status <> 'active' OR billing.gw_deleted OR billing.currency <> $3 THEN
		RAISE EXCEPTION 'billing account % does not exist, is not active, or is of another currency', account;
	END IF;
	SELECT g.gateway INTO gateway FROM gateway_accounts g
		WHERE g.name = billing.gateway_account AND g.tenant_id = 'default';
	IF gateway IS NULL OR gateway = 'manual' THEN
		RAISE EXCEPTION 'gateway account % takes no requests', billing.gateway_account;
	END IF;
	-- A method that is still being attached goes first.
	SELECT o.id INTO attach FROM payment_methods m JOIN outbox o ON o.object_id = m.id AND o.tenant_id = m.tenant_id
		WHERE m.psp_payment_method_id = payment_method AND m.tenant_id = 'default' AND m.billing_account_id = account
			AND m.status = 'pending' AND o.operation = 'method.attach' AND o.finished_at IS NULL;

	INSERT INTO payment_intents AS i (id, billing_account_id, gateway_account, amount, amount_received, currency,
			payment_method, description, metadata)
		VALUES (new_id, account, billing.gateway_account, cents, 0, $3, $4, $6, $7) RETURNING i.* INTO intent;
	INSERT INTO outbox (gateway_account, operation, object_type, object_id, lane, depends_on, params, send_by, idempotency_key)
		VALUES (billing.gateway_account, 'intent.create', 'payment_intent', new_id, new_id,
			CASE WHEN attach IS NOT NULL THEN ARRAY[attach] END,
			jsonb_build_object('amount', cents, 'currency', currency, 'confirm', confirm, 'capture_method', 'automatic_async',
				'confirmation_method', 'automatic', 'off_session', false, 'payment_method', payment_method,
				'description', description, 'metadata', metadata),
			now() + interval '15 minutes', 'hand-' || new_id || '-1');
	PERFORM set_config('hand.source', 'sql', true);
	RETURN intent;
END $$;

CREATE FUNCTION create_refund(payment uuid, cents bigint, reason text, key text) RETURNS refunds
LANGUAGE plpgsql AS $$
DECLARE
	paid payments;
	refund refunds;
	made uuid;
	new_id uuid := paycore.uuid_v7();
BEGIN
	IF cents <= 0 OR length(reason) > 500 THEN
		RAISE EXCEPTION 'bad amount or reason';
	END IF;
	PERFORM set_config('hand.source', 'api', true);
	made := claim_key(key, 'create_refund', sha256(convert_to(concat_ws('|', payment, cents, reason), 'UTF8')), 'refund', new_id);
	IF made IS NOT NULL THEN
		SELECT * INTO STRICT refund FROM refunds r WHERE r.id = made AND r.tenant_id = 'default';
		RETURN refund;
	END IF;

	SELECT * INTO paid FROM payments p WHERE p.id = payment AND p.tenant_id = 'default';
	IF NOT FOUND OR paid.status <> 'succeeded' THEN
		RAISE EXCEPTION 'payment % does not exist or has not succeeded', payment;
	END IF;
	INSERT INTO refunds AS r (id, payment_id, payment_intent_id, billing_account_id, gateway_account, amount, currency,
			reason, requested_by, submitted_at)
		VALUES (new_id, payment, paid.payment_intent_id, paid.billing_account_id, paid.gateway_account, cents,
			paid.currency, $3, session_user, now()) RETURNING r.* INTO refund;
	INSERT INTO outbox (gateway_account, operation, object_type, object_id, lane, params, idempotency_key)
		VALUES (paid.gateway_account, 'refund.create', 'refund', new_id, coalesce(paid.payment_intent_id, paid.id),
			jsonb_build_object('amount', cents, 'currency', paid.currency, 'reason', reason), 'hand-' || new_id || '-1');
	PERFORM set_config('hand.source', 'sql', true);
	RETURN refund;
END $$;
