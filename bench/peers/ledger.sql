--
-- The usual hand-written ledger, tuned: running balances on the accounts' rows, which every transfer locks, in one order.
-- Rows of accounts are updated in place, one round trip a transfer. Foreign keys, as ours holds by its guard that accounts exist.
--

CREATE SCHEMA peer;

CREATE TABLE peer.accounts (
	id uuid PRIMARY KEY,
	currency char(3) NOT NULL,
	balance bigint NOT NULL DEFAULT 0,
	updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE peer.transfers (
	id uuid PRIMARY KEY,
	description text,
	metadata jsonb,
	created_at timestamptz NOT NULL
);

CREATE TABLE peer.entries (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	transfer_id uuid NOT NULL REFERENCES peer.transfers,
	account_id uuid NOT NULL REFERENCES peer.accounts,
	amount bigint NOT NULL,
	balance_after bigint NOT NULL,
	created_at timestamptz NOT NULL
);
CREATE INDEX ON peer.entries (account_id, id);
CREATE INDEX ON peer.entries (transfer_id);

CREATE FUNCTION peer.transfer(debit uuid, credit uuid, cents bigint, description text) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
	transfer uuid := paycore.uuid_v7();
	locked record;
	found_accounts int := 0;
	currency_of char(3);
	debit_balance bigint;
	credit_balance bigint;
BEGIN
	IF cents <= 0 OR debit = credit THEN
		RAISE EXCEPTION 'a transfer moves an amount above zero between two accounts';
	END IF;
	FOR locked IN SELECT a.id, a.currency, a.balance FROM peer.accounts a WHERE a.id IN (debit, credit) ORDER BY a.id FOR NO KEY UPDATE LOOP
		found_accounts := found_accounts + 1;
		IF currency_of <> locked.currency THEN
			RAISE EXCEPTION 'two currencies';
		END IF;
		currency_of := locked.currency;
		IF locked.id = debit THEN
			debit_balance := locked.balance + cents;
		ELSE
			credit_balance := locked.balance - cents;
		END IF;
	END LOOP;
	IF found_accounts <> 2 THEN
		RAISE EXCEPTION 'no such account';
	END IF;
	INSERT INTO peer.transfers (id, description, created_at) VALUES (transfer, description, now());
	INSERT INTO peer.entries (transfer_id, account_id, amount, balance_after, created_at)
		VALUES (transfer, debit, cents, debit_balance, now()), (transfer, credit, - cents, credit_balance, now());
	UPDATE peer.accounts SET balance = debit_balance, updated_at = now() WHERE id = debit;
	UPDATE peer.accounts SET balance = credit_balance, updated_at = now() WHERE id = credit;
	RETURN transfer;
END
$$;
