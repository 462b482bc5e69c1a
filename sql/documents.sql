--
-- Invoices and credit notes as documents.
--

CREATE FUNCTION paycore.invoice_data(id uuid) RETURNS jsonb
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_invoice_data';
COMMENT ON FUNCTION paycore.invoice_data IS 'All that the document of an invoice says: seller and account as frozen on it, lines with periods, tiers, discounts and taxes, sums, taxes by rate, payments and credit notes so far. Amounts are texts ("12.34 EUR"), times are in UTC. Of a draft: as it would be now.';

CREATE FUNCTION paycore.invoice_html(id uuid, locale text DEFAULT NULL, pay_url text DEFAULT NULL) RETURNS text
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_invoice_html';
COMMENT ON FUNCTION paycore.invoice_html IS 'An invoice as one printable HTML page without scripts and outside resources, in the account''s locale unless another is given. pay_url: an https address of yours where it can be paid, which the page of an invoice that is owed links to.';

CREATE FUNCTION paycore.credit_note_data(id uuid) RETURNS jsonb
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_credit_note_data';
COMMENT ON FUNCTION paycore.credit_note_data IS 'All that the document of a credit note says, in the terms of invoice_data(): with number and date of its invoice, and the parties as frozen on that.';

CREATE FUNCTION paycore.credit_note_html(id uuid, locale text DEFAULT NULL) RETURNS text
LANGUAGE C STABLE
AS 'MODULE_PATHNAME', 'paycore_credit_note_html';
COMMENT ON FUNCTION paycore.credit_note_html IS 'A credit note as one printable HTML page without scripts and outside resources, in the account''s locale unless another is given.';

REVOKE EXECUTE ON FUNCTION paycore.invoice_data, paycore.invoice_html, paycore.credit_note_data, paycore.credit_note_html FROM PUBLIC;
