# paycore: the billing domain inside PostgreSQL.
#
#   make && make install      build against the pg_config on PATH and install
#   make check                every test, in a private copy of PostgreSQL (see docs/testing.md)
#   make demo                 the main job, told as a story
#   make bench                the ratios the project holds itself to
#   make docs                 writes anew the pages of docs/ that are made from the code

EXTENSION = paycore
EXTVERSION = 0.1
MODULE_big = paycore

# The order of the install script, as a reader wants it.
SQL_PARTS = currency money interval calendar pricing lifecycle_types lifecycle uuid common tenant rows guards checks install \
	outbox catalogue tax_rates subscriptions coupons usage usage_thresholds invoices schedule extra_charges drafts credit_notes subscription_changes mrr accounts intents declines setups payments collecting dunning refunds disputes lists receipts documents payouts feed push webhooks worker balances ledger reports verify_billing verify_credit_notes verify_usage verify_collecting verify rights

# The lifecycles, and whose status each is.
LIFECYCLES = intent_status/a_payment_intent payment_status/a_payment refund_status/a_refund payout_status/a_payout \
	setup_intent_status/a_setup_intent mandate_status/a_mandate dispute_status/a_dispute \
	subscription_status/a_subscription invoice_status/an_invoice

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
DATA_built = sql/paycore--$(EXTVERSION).sql
STATEMENTS = $(patsubst %.sql,%.inc,$(wildcard src/*/*.sql))
GENERATED = src/install/script.inc src/common/not_null.inc src/types/currency_table.inc src/documents/style.inc src/documents/report_style.inc $(STATEMENTS) sql/lifecycle_types.sql
EXTRA_CLEAN = src/common/paycore.h.gch $(GENERATED) sql/paycore--$(EXTVERSION).sql

PG_CPPFLAGS = -Isrc $(CPPFLAGS_EXTRA)
PG_CFLAGS = -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -fvisibility=hidden $(CFLAGS_EXTRA)
SHLIB_LINK = -lcurl -lcrypto -licui18n -licuuc $(LDFLAGS_EXTRA)

# Bitcode would need one particular clang on every machine, for no gain measured here.
override with_llvm = no

# The targets below need no PostgreSQL yet: they install what is missing.
TESTING = check check-regress check-isolation check-tap check-pgtap check-asan check-warnings \
	check-cppcheck check-symbols check-docs check-fuzz check-versions soak fuzz demo demo-stop docs bench bench-billing distclean

ifneq ($(filter $(TESTING),$(MAKECMDGOALS)),)

.PHONY: $(MAKECMDGOALS)

check:
	@test/check all

$(filter check-%,$(TESTING)): check-%:
	@test/check $*

fuzz:
	@test/fuzz/run

soak:
	@test/soak

demo:
	@test/demo

docs:
	@docs/generate

demo-stop:
	@test/demo stop

bench:
	@bench/run

bench-billing:
	@SUBSCRIPTIONS=1000000 SHARED_BUFFERS=6GB bench/run billing

distclean:
	$(MAKE) clean
	rm -rf "$$(readlink -f build)" build

$(filter-out $(TESTING),$(MAKECMDGOALS)):
	$(MAKE) $@

else

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

.DELETE_ON_ERROR:

$(OBJS): $(wildcard src/*/*.h)
$(OBJS): | $(GENERATED)

# For builds of tests: half of the time of a compiler goes into reading PostgreSQL's headers.
ifneq ($(PRECOMPILED),)
$(OBJS): private override CPPFLAGS += -include src/common/paycore.h
$(OBJS): src/common/paycore.h.gch
src/common/paycore.h.gch: src/common/paycore.h src/common/compat.h src/common/errors.h Makefile
	$(CC) $(CFLAGS) $(CPPFLAGS) -x c-header $< -o $@
endif

sql/paycore--$(EXTVERSION).sql: $(SQL_PARTS:%=sql/%.sql) sql/column_comments.awk Makefile
	awk -f sql/column_comments.awk $(SQL_PARTS:%=sql/%.sql) > $@

sql/lifecycle_types.sql: sql/lifecycle_type.sql.in Makefile
	for type in $(LIFECYCLES); do sed -e "s/@type@/$${type%%/*}/g" -e "s/@what@/$$(echo "$${type#*/}" | tr _ ' ')/g" $<; done > $@

# What init() runs, as C string literals.
INIT_PARTS = $(wildcard $(addprefix sql/init/,tables.sql keys.sql indexes.sql guards.sql policies.sql catalogue.sql tax_rates.sql subscriptions.sql coupons.sql usage.sql invoices.sql usage_thresholds.sql credit_notes.sql mrr.sql schedule.sql subscription_changes.sql collecting.sql dunning.sql views.sql))
src/install/install.o: src/install/script.inc
src/install/script.inc: $(INIT_PARTS) Makefile
	@mkdir -p $(@D)
	cat $(INIT_PARTS) /dev/null | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' > $@

# The columns that init() makes NOT NULL: our statements rely on it.
src/common/catalog.o: src/common/not_null.inc
src/common/not_null.inc: $(INIT_PARTS) Makefile
	awk '/^ALTER TABLE paycore\./ { sub("paycore.", "", $$3); table = $$3 } \
		{ while (match($$0, /ALTER COLUMN [a-z0-9_]+ SET NOT NULL/)) { split(substr($$0, RSTART, RLENGTH), w, " "); \
		printf "{\"%s\", \"%s\"},\n", table, w[3]; $$0 = substr($$0, RSTART + RLENGTH) } }' $(INIT_PARTS) > $@

# Statements that are too long for a C file, as C string literals; @NAME@ in one is a macro of who includes it.
src/invoices/batch.o: $(filter src/invoices/bill_%,$(STATEMENTS))
src/invoices/collect.o: $(filter src/invoices/collect_%,$(STATEMENTS))
src/invoices/credit_notes.o: src/invoices/credit_note.inc
src/invoices/document.o: $(filter src/invoices/%_data.inc,$(STATEMENTS))
src/invoices/rebill.o: $(filter src/invoices/rebill_%,$(STATEMENTS))
src/invoices/tenants.o: src/invoices/tenants_due.inc
src/items/change_apply.o: src/items/prorate.inc
src/api/ledger_repair.o: src/api/ledger_missing.inc
src/api/repair.o: $(filter src/api/repair_%.inc,$(STATEMENTS))
src/ledger/documents.o: $(filter src/ledger/%,$(STATEMENTS))
src/reports/report.o: $(filter src/reports/%,$(STATEMENTS))
src/usage/late.o src/usage/rollup.o src/usage/alerts.o: $(filter src/usage/%,$(STATEMENTS))
src/drafts/row.o src/drafts/lines.o src/drafts/finalize.o: $(filter src/drafts/%,$(STATEMENTS)) $(filter src/invoices/bill_%,$(STATEMENTS))
$(STATEMENTS): %.inc: %.sql
	grep -v '^[[:space:]]*--' $< | sed -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' -e 's/@\([A-Z][A-Z]*\)@/" \1 "/g' > $@

# The style sheets of documents, as C string literals.
src/documents/page.o: src/documents/style.inc
src/documents/style.inc: src/documents/document.css
src/reports/page.o: src/documents/report_style.inc
src/documents/report_style.inc: src/documents/report.css
src/documents/style.inc src/documents/report_style.inc:
	sed -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $< > $@

src/types/iso4217.o: src/types/currency_table.inc
src/types/currency_table.inc: data/iso4217.csv data/withdrawn.csv src/types/currency_table.awk
	awk -f src/types/currency_table.awk data/iso4217.csv data/withdrawn.csv > $@

endif
