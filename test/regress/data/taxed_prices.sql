-- Three prices a month: one with the tax of all, one with two taxes of its own, and one that includes a reduced tax.
SELECT id AS pro FROM paycore.create_product('pro', 'Professional') \gset
SELECT id AS seats FROM paycore.create_product('seats', 'Seats') \gset
SELECT id AS book FROM paycore.create_product('book', 'Book') \gset
SELECT code FROM paycore.create_price(:'pro', '{"USD": "9.99"}', 'month', code => 'pro');
SELECT code FROM paycore.create_price(:'seats', '{"USD": "3.33"}', 'month', code => 'seats');
SELECT code FROM paycore.create_price(:'book', '{"USD": "10.70"}', 'month', code => 'book', details => '{"tax_inclusive": true}');
SELECT code FROM paycore.create_tax_rate('vat', 'VAT', 19);
SELECT code FROM paycore.create_tax_rate('state', 'State tax', 6.25);
SELECT code FROM paycore.create_tax_rate('city', 'City tax', 2.5);
SELECT code FROM paycore.create_tax_rate('reduced', 'Reduced VAT', 7, '{"inclusive": true}');
SELECT code FROM paycore.set_default_tax_rates(ARRAY['vat']);
SELECT code FROM paycore.set_product_tax_rates(:'seats', ARRAY['state', 'city']);
SELECT code FROM paycore.set_product_tax_rates(:'book', ARRAY['reduced']);
