--
-- Tax rates: what is added to what is billed, or is within it.
--

CREATE TYPE paycore.tax_rate AS (
	id uuid,
	tenant_id text,
	code text, -- The application's name of it.
	name text, -- What invoices call it.
	percentage numeric, -- Percent.
	inclusive boolean, -- Whether amounts contain it.
	country text, -- Two capital letters of ISO 3166-1.
	state text, -- State, province or region.
	kind text, -- standard, exempt or reverse_charge.
	invoice_text text, -- Why nothing is due, for invoices.
	by_default boolean, -- Whether products without rates of their own have it.
	active boolean, -- Whether it can be used.
	metadata jsonb,
	created_at timestamptz,
	updated_at timestamptz
);
COMMENT ON TYPE paycore.tax_rate IS 'A tax in percent. What it comes to never changes: another percentage is another rate.';

CREATE TYPE paycore.product_tax_rate AS (
	product_id uuid, -- The product.
	tenant_id text,
	tax_rate_id uuid, -- The rate.
	created_at timestamptz
);
COMMENT ON TYPE paycore.product_tax_rate IS 'A tax that is due on a product.';

CREATE FUNCTION paycore.create_tax_rate(
	code text,
	name text,
	percentage numeric,
	details jsonb DEFAULT '{}'
) RETURNS paycore.tax_rate
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_create_tax_rate';
COMMENT ON FUNCTION paycore.create_tax_rate IS 'Adds a tax rate of 0 to 100 percent; code names it within the tenant. details: inclusive, country, state, kind (standard, exempt or reverse_charge), invoice_text, metadata.';

CREATE FUNCTION paycore.update_tax_rate(
	id uuid,
	changes jsonb
) RETURNS paycore.tax_rate
LANGUAGE C VOLATILE
AS 'MODULE_PATHNAME', 'paycore_update_tax_rate';
COMMENT ON FUNCTION paycore.update_tax_rate IS 'Changes what is named in changes: name, active, metadata. A rate that is due on something stays active.';

CREATE FUNCTION paycore.set_product_tax_rates(
	product_id uuid,
	codes text[]
) RETURNS SETOF paycore.tax_rate
LANGUAGE C VOLATILE ROWS 3
AS 'MODULE_PATHNAME', 'paycore_set_product_tax_rates';
COMMENT ON FUNCTION paycore.set_product_tax_rates IS 'Says which taxes are due on a product, in place of those before; with none the tenant''s default ones are. All of them are inclusive, or none is.';

CREATE FUNCTION paycore.set_default_tax_rates(codes text[]) RETURNS SETOF paycore.tax_rate
LANGUAGE C VOLATILE ROWS 3
AS 'MODULE_PATHNAME', 'paycore_set_default_tax_rates';
COMMENT ON FUNCTION paycore.set_default_tax_rates IS 'Says which taxes are due on products that have no rates of their own, in place of those before.';

CREATE FUNCTION paycore.tax_rates_of(product_id uuid) RETURNS SETOF paycore.tax_rate
LANGUAGE C STABLE ROWS 3
AS 'MODULE_PATHNAME', 'paycore_tax_rates_of';
COMMENT ON FUNCTION paycore.tax_rates_of IS 'The taxes that are due on a product: its own, or else the tenant''s default ones.';

CREATE FUNCTION paycore.list_tax_rates(
	after uuid DEFAULT NULL,
	page_size integer DEFAULT 50
) RETURNS SETOF paycore.tax_rate
LANGUAGE C STABLE ROWS 50
AS 'MODULE_PATHNAME', 'paycore_list';
COMMENT ON FUNCTION paycore.list_tax_rates IS 'A page of the tenant''s tax rates, newest first; after is the last id of the page before.';
