--
-- Webhook endpoints: the API, which events go where, and what is sent.
--
\set QUIET on
\set VERBOSITY terse
\o /dev/null
SELECT paycore.init();
ALTER SYSTEM SET paycore.worker = off;
UPDATE paycore.gateway_accounts SET gateway = 'manual';
INSERT INTO paycore.billing_accounts (id, name, currency) VALUES ('00000000-0000-7000-8000-00000000000a', 'Ada', 'EUR');
\o
\set QUIET off
SELECT name, url, enabled_events, status, applies_from FROM paycore.create_webhook_endpoint('shop', 'https://shop.example/hooks');
