--
-- Guards on paycore's own tables.  Names start with a capital so that they
-- fire before the foreign keys' triggers (RI_...): a wrong tenant or an
-- over-refund is then refused in paycore's words.
--

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.gateway_accounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.gateway_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'name', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.gateway_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('name', 'psp_account_id', 'paused_reason', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.gateway_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();
CREATE OR REPLACE TRIGGER "Paycore_95_announce" AFTER INSERT OR UPDATE OR DELETE ON paycore.gateway_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.announce_changes();
ALTER TABLE paycore.gateway_accounts ENABLE ALWAYS TRIGGER "Paycore_95_announce";

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.billing_accounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.billing_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'currency', 'gateway_account', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_write_once" BEFORE UPDATE ON paycore.billing_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('psp_customer_id');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.billing_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('name', 'email', 'phone', 'external_ref', 'status_reason', 'address_line1', 'address_line2', 'city', 'state',
		'postal_code', 'tax_id', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.billing_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.billing_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.billing_accounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.billing_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=billing_account');

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.payment_methods
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.payment_methods
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'gateway_account', 'created_at');
-- A gateway may answer a token with a method that has an id of its own: the first answer says which.
CREATE OR REPLACE TRIGGER "Paycore_25_token" BEFORE UPDATE OF psp_payment_method_id ON paycore.payment_methods
	FOR EACH ROW WHEN (OLD.status NOT IN ('pending', 'failed')) EXECUTE FUNCTION paycore.keep_immutable('psp_payment_method_id');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.payment_methods
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>pending', '>attached',
		'pending>attached', 'pending>failed', 'pending>detached', 'failed>attached', 'attached>detached', 'failed>detached');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.payment_methods
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.payment_methods
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.payment_methods
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=payment_method');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.payment_methods
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('psp_payment_method_id', 'details', 'billing_details', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.payment_methods
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.payment_intents
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'gateway_account', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_25_currency" BEFORE UPDATE OF amount ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_currency('amount');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>created');
CREATE OR REPLACE TRIGGER "Paycore_35_positive" BEFORE INSERT OR UPDATE OF amount ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.require_positive('amount');
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT OR UPDATE ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=one_currency', 'amount', 'amount_capturable', 'amount_received',
		'=known:capture_method', 'capture_method', '=known:confirmation_method', 'confirmation_method',
		'=known:setup_future_usage', 'setup_future_usage');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE OF psp_intent_id ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('psp_intent_id');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.payment_intents
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=payment_intent');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF payment_method, description, statement_descriptor_suffix, return_url, gateway_params, metadata
	ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('payment_method', 'description', 'statement_descriptor_suffix', 'return_url', 'gateway_params', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.payment_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.payment_attempts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT ON paycore.payment_attempts
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=known:attempt_outcome', 'outcome');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.payment_attempts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.payment_attempts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.payments
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'payment_intent_id',
		'gateway_account', 'authorized', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status');
CREATE OR REPLACE TRIGGER "Paycore_35_positive" BEFORE INSERT ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.require_positive('authorized', 'gross');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('psp_charge_id', '|', 'gross', 'captured_at', '|',
		'settled_gross', 'fee', 'fee_details', 'platform_fee', 'net', 'exchange_rate', 'balance_transaction_ids',
		'available_on', 'settled_at', '|', 'failure_code', '|', 'failure_balance_transaction');
CREATE OR REPLACE TRIGGER "Paycore_39_counters" BEFORE INSERT OR UPDATE ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_counters('authorized', 'refund_reserved', 'refunded', 'dispute_held');
-- After the counters have their zeros.
CREATE OR REPLACE TRIGGER "Paycore_39_values" BEFORE INSERT OR UPDATE ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=not_negative', 'gross', 'refund_reserved', 'refunded', 'dispute_held',
		'=one_currency', 'authorized', 'gross', 'refund_reserved', 'refunded', 'dispute_held',
		'=whole', 'settled_gross', 'fee', 'net', 'settled_at', '|', 'fee_details', 'exchange_rate', 'balance_transaction_ids', 'available_on',
		'=difference', 'net', 'settled_gross', 'fee', '=with:succeeded', 'status', 'gross', 'captured_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.payments
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=payment');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF description, external_ref, receipt_email, reconciliation_notes, metadata
	ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description', 'external_ref', 'receipt_email', 'reconciliation_notes', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.refunds
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'payment_id', 'payment_intent_id',
		'billing_account_id', 'gateway_account', 'kind', 'amount', 'requested_by', 'credit_note_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>requested', '>pending');
CREATE OR REPLACE TRIGGER "Paycore_35_positive" BEFORE INSERT ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.require_positive('amount');
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=known:refund_kind', 'kind');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('psp_refund_id', '|', 'approved_by', 'approved_at', '|',
		'failure_balance_transaction');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.refunds
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_reserve" AFTER INSERT OR UPDATE OF status ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.reserve_refund();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=refund');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF reason, requested_by, approved_by, description, metadata
	ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('reason', 'requested_by', 'approved_by', 'description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.status_changes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT ON paycore.status_changes
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=known:change_source', 'source');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.status_changes
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.status_changes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.change_consumers
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.change_consumers
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('tenant_id', 'name', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.change_consumers
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('name');

CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT OR UPDATE ON paycore.idempotency_keys
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=length:255', 'key');

CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT OR UPDATE ON paycore.outbox
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=known:outbox_status', 'status', '=unless:outbox_open', 'status', 'finished_at');

CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT OR UPDATE ON paycore.webhook_events
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=known:event_status', 'status');

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.payouts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'gateway_account', 'psp_payout_id', 'amount',
		'automatic', 'initiated_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description', 'statement_descriptor', 'failure_message', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('psp_balance_transaction_id', '|', 'failure_balance_transaction', '|',
		'original_payout', '|', 'reversed_by');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.payouts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=payout');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.balance_transactions
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.balance_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'gateway_account', 'psp_balance_transaction_id',
		'type', 'reporting_category', 'amount', 'fee', 'net', 'exchange_rate', 'fee_details', 'description', 'psp_source_id',
		'occurred_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT OR UPDATE ON paycore.balance_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=one_currency', 'amount', 'fee', 'net', '=difference', 'net', 'amount', 'fee',
		'=known:balance_status', 'status');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.balance_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.balance_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('source_type', '|', 'source_tenant_id', '|', 'payment_id', '|', 'refund_id', '|',
		'dispute_id', '|', 'source_payout_id', '|', 'payout_id');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.balance_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.balance_transactions
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.balance_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.account_transactions
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT ON paycore.account_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=length:255', 'reason', '=one_currency', 'amount', 'balance_after');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.account_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('reason', 'description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.account_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.account_transactions
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_balance" AFTER INSERT ON paycore.account_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.move_account_balance();
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT ON paycore.account_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=account_transaction',
		'id', 'tenant_id', 'billing_account_id', 'amount', 'created_at');

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.account_balances
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.account_balances
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.account_balances
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_accounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.ledger_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'code', 'kind', 'currency', 'normal_side', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.ledger_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('code', 'name', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.ledger_accounts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.ledger_accounts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_entries
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_30_entry" BEFORE INSERT ON paycore.ledger_entries
	FOR EACH ROW EXECUTE FUNCTION paycore.check_ledger_entry('id', 'tenant_id', 'transfer_id', 'debit_account_id', 'credit_account_id',
		'amount', 'fact', 'object_id', 'nth', 'occurred_at', 'recorded_at', 'txn');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.ledger_entries
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('description', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.ledger_entries
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.ledger_entries
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_balances
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_balances
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.ledger_balances
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_periods
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_periods
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.ledger_periods
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_days
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_days
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.ledger_days
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_20_kept" BEFORE INSERT OR UPDATE OR DELETE ON paycore.ledger_clock
	FOR EACH ROW EXECUTE FUNCTION paycore.kept_by_guards();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.ledger_clock
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_95_announce" AFTER INSERT OR UPDATE OR DELETE ON paycore.ledger_clock
	FOR EACH ROW EXECUTE FUNCTION paycore.announce_changes();

-- Money facts: each is posted in the transaction that makes it, whoever writes it.
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT OR UPDATE OF status, gross, fee, settled_gross ON paycore.payments
	FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=payment', 'id', 'tenant_id', 'billing_account_id', 'gateway_account',
		'psp_charge_id', 'status', 'gross', 'captured_at', 'fee', 'settled_gross', 'settled_at', 'failed_at');
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT OR UPDATE OF status ON paycore.payouts
	FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=payout', 'id', 'tenant_id', 'gateway_account', 'status', 'amount',
		'paid_at', 'failed_at', 'gw_time');
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT OR UPDATE OF payment_id, refund_id, source_payout_id ON paycore.balance_transactions
	FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=balance_transaction', 'id', 'tenant_id', 'gateway_account', 'reporting_category',
		'amount', 'fee', 'net', 'payment_id', 'refund_id', 'source_payout_id', 'occurred_at');
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT OR UPDATE OF amount, balance_transactions ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=dispute', 'id', 'tenant_id', 'billing_account_id', 'gateway_account',
		'amount', 'held', 'balance_transactions');
CREATE OR REPLACE TRIGGER "Paycore_60_ledger" AFTER INSERT OR UPDATE OF status ON paycore.refunds
	FOR EACH ROW EXECUTE FUNCTION paycore.post_to_ledger('=refund', 'id', 'tenant_id', 'billing_account_id', 'gateway_account',
		'psp_refund_id', 'status', 'amount', 'kind', 'succeeded_at', 'failed_at', 'gw_time');

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.setup_intents
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'gateway_account', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status', '>created');
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT OR UPDATE ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=known:setup_future_usage', 'usage');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('payment_method', 'description', 'return_url', 'gateway_params', 'metadata');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('psp_setup_intent_id', '|', 'psp_mandate_id');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.setup_intents
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=setup_intent');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.setup_intents
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.mandates
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.mandates
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'billing_account_id', 'gateway_account', 'psp_mandate_id',
		'psp_payment_method_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.mandates
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.mandates
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.mandates
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.mandates
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=mandate');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.mandates
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.disputes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'payment_id', 'payment_intent_id',
		'billing_account_id', 'gateway_account', 'psp_dispute_id', 'opened_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_25_currency" BEFORE UPDATE OF amount ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_currency('amount');
CREATE OR REPLACE TRIGGER "Paycore_30_transition" BEFORE INSERT OR UPDATE OF status ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.enforce_transition('status');
CREATE OR REPLACE TRIGGER "Paycore_35_positive" BEFORE INSERT OR UPDATE OF amount ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.require_positive('amount');
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT OR UPDATE ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=known:dispute_kind', 'kind', '=not_negative', 'withdrawn', 'reinstated');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF reason, evidence, metadata ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('reason', 'evidence', 'metadata');
-- Works out the dispute's share of its payment; the one after the row moves it there.
CREATE OR REPLACE TRIGGER "Paycore_39_hold" BEFORE INSERT OR UPDATE ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.hold_dispute();
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.disputes
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_50_hold" AFTER INSERT OR UPDATE ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.hold_dispute();
CREATE OR REPLACE TRIGGER "Paycore_80_history" AFTER INSERT OR UPDATE ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.record_status_change('status', '=dispute');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.disputes
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.early_fraud_warnings
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.early_fraud_warnings
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'payment_id', 'payment_intent_id',
		'billing_account_id', 'gateway_account', 'psp_warning_id', 'warned_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.early_fraud_warnings
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.early_fraud_warnings
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.early_fraud_warnings
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.reviews
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.reviews
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'payment_intent_id',
		'billing_account_id', 'gateway_account', 'psp_review_id', 'opened_at', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE OF reason ON paycore.reviews
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('reason');
CREATE OR REPLACE TRIGGER "Paycore_38_write_once" BEFORE UPDATE ON paycore.reviews
	FOR EACH ROW EXECUTE FUNCTION paycore.write_once('payment_id');
CREATE OR REPLACE TRIGGER "Paycore_40_no_delete" BEFORE DELETE ON paycore.reviews
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.reviews
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.reviews
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.sellers
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.sellers
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('tenant_id', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.sellers
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('name', 'email', 'phone', 'website', 'address_line1', 'address_line2', 'city', 'state',
		'postal_code', 'country', 'tax_id', 'footer');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.sellers
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.receipts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_36_values" BEFORE INSERT ON paycore.receipts
	FOR EACH ROW EXECUTE FUNCTION paycore.require_values('=length:64', 'number');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT ON paycore.receipts
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('number', 'data', 'actor');
CREATE OR REPLACE TRIGGER "Paycore_40_append_only" BEFORE UPDATE OR DELETE ON paycore.receipts
	FOR EACH ROW EXECUTE FUNCTION paycore.append_only();
CREATE OR REPLACE TRIGGER "Paycore_40_no_truncate" BEFORE TRUNCATE ON paycore.receipts
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.append_only();

CREATE OR REPLACE TRIGGER "Paycore_10_api" BEFORE INSERT OR UPDATE OR DELETE ON paycore.webhook_endpoints
	FOR EACH STATEMENT EXECUTE FUNCTION paycore.require_api();
CREATE OR REPLACE TRIGGER "Paycore_20_immutable" BEFORE UPDATE ON paycore.webhook_endpoints
	FOR EACH ROW EXECUTE FUNCTION paycore.keep_immutable('id', 'tenant_id', 'name', 'created_at');
CREATE OR REPLACE TRIGGER "Paycore_37_card_data" BEFORE INSERT OR UPDATE ON paycore.webhook_endpoints
	FOR EACH ROW EXECUTE FUNCTION paycore.refuse_card_data('name', 'url', 'description', 'disabled_reason');
CREATE OR REPLACE TRIGGER "Paycore_90_touch" BEFORE UPDATE ON paycore.webhook_endpoints
	FOR EACH ROW EXECUTE FUNCTION paycore.touch_updated_at();
