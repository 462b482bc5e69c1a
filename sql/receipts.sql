--
-- Receipts.
--

CREATE FUNCTION paycore.set_seller(details jsonb) RETURNS paycore.seller
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_set_seller';
COMMENT ON FUNCTION paycore.set_seller IS 'Says who this tenant''s documents are from. details: name, email, phone, website, address_line1, address_line2, city, state, postal_code, country, tax_id, footer, logo (data: URI of a png, jpeg, gif or webp), locale, time_zone, tax_rounding (line or invoice). What is not named stays; a null removes it.';

CREATE FUNCTION paycore.is_logo(uri text) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'paycore_is_logo';
COMMENT ON FUNCTION paycore.is_logo IS 'Whether a document may hold this picture: a data: URI of a png, jpeg, gif or webp, base64, that is what it says, of at most 128 kB.';

CREATE FUNCTION paycore.issue_receipt(payment_id uuid, number text DEFAULT NULL) RETURNS paycore.receipt
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_issue_receipt';
COMMENT ON FUNCTION paycore.issue_receipt IS 'Issues the receipt of a payment that succeeded; another call gives the same receipt. number: one of your own, unique in the tenant; without it paycore draws one.';

CREATE FUNCTION paycore.issue_refund_receipt(refund_id uuid, number text DEFAULT NULL) RETURNS paycore.receipt
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_issue_refund_receipt';
COMMENT ON FUNCTION paycore.issue_refund_receipt IS 'Issues the receipt of a refund that succeeded; another call gives the same receipt.';

CREATE FUNCTION paycore.receipt_html(id uuid, locale text DEFAULT NULL) RETURNS text
LANGUAGE C VOLATILE	-- sees the receipt that the same statement has issued
AS 'MODULE_PATHNAME', 'paycore_receipt_html';
COMMENT ON FUNCTION paycore.receipt_html IS 'A receipt as one printable HTML page without scripts and outside resources; id is the receipt''s, its payment''s or its refund''s. In the account''s locale unless another is given.';

CREATE FUNCTION paycore.list_receipts(
	billing_account_id uuid DEFAULT NULL,
	payment_id uuid DEFAULT NULL,
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.receipt
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_receipts IS 'A page of the receipts of a payment and its refunds, of an account, or of the tenant, newest first; after is the last id of the page before.';

CREATE FUNCTION paycore.format_money(amount paycore.money_cents, locale text) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'paycore_format_money';
COMMENT ON FUNCTION paycore.format_money IS 'An amount as a language and region write it: decimal mark, grouping, digits, sign of the currency. For people only: the text is ICU''s, and may differ between its versions.';

REVOKE EXECUTE ON FUNCTION paycore.set_seller, paycore.issue_receipt, paycore.issue_refund_receipt, paycore.receipt_html FROM PUBLIC;
