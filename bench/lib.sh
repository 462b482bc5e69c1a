# What the parts of the benchmark share; sourced by each, with RUN in the environment.

TOP=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$TOP/test/lib/common.sh"
TOP=$(cd "$(dirname "$0")/../.." && pwd -P)
setup_paths
PART=$(basename "$0")
WORK=$RUN/$PART
PATH=$(prefix_bin plain):$PATH
export PGOPTIONS='-c client_min_messages=warning'
mkdir -p "$WORK"
! is_root || chown "$TESTER" "$WORK"

SERVERS=
trap 'servers_stop; clusters_stop' EXIT
trap 'exit 1' INT TERM HUP

servers_stop() {
	for server in $SERVERS; do
		kill "$server" 2>/dev/null || true
	done
	SERVERS=
}

# A database server as it runs in production: durable, with room to work.
# bench_cluster [setting...]
bench_cluster() {
	cluster_start "$WORK" plain "fsync = on" "synchronous_commit = on" "full_page_writes = on" \
		"shared_preload_libraries = 'paycore'" "shared_buffers = 512MB" "max_wal_size = 8GB" \
		"checkpoint_timeout = 30min" "log_min_messages = warning" "$@"
}

# sql DATABASE COMMAND...: each command in a transaction of its own.
sql() {
	database=$1
	shift
	for command; do
		set -- "$@" -c "$command"
		shift
	done
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"
}

# A database with paycore in it, and its tables.
paycore_database() {
	createdb "$1"
	sql "$1" "CREATE EXTENSION paycore CASCADE" "SELECT paycore.init()" >/dev/null
}

# median FILE: of the numbers in it, one a line.
median() {
	sort -g "$1" | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# tps DATABASE SCRIPT CLIENTS SECONDS [option...]: transactions a second, by pgbench.
tps() {
	database=$1
	script=$2
	clients=$3
	seconds=$4
	shift 4
	if ! pgbench -n -M prepared -f "$script" -c "$clients" -j 2 -T "$seconds" "$@" "$database" >"$WORK/pgbench.out" 2>&1 ||
		grep -q 'ERROR\|aborted' "$WORK/pgbench.out"; then
		tail -n 5 "$WORK/pgbench.out" >&2
		return 1
	fi
	sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$WORK/pgbench.out"
}

# ratio FILE_A FILE_B: the median over the rounds of A / B; what disturbs one half of a round mostly disturbs both.
ratio() {
	paste "$1" "$2" | awk 'NF == 2 && $2 > 0 { print $1 / $2 }' >"$WORK/ratios"
	median "$WORK/ratios"
}

# divide A B: nothing where one of them was not measured.
divide() {
	awk -v a="$1" -v b="$2" 'BEGIN { if (a > 0 && b > 0) printf "%.3f", a / b }'
}

# verdict WHAT RATIO at-most|at-least LIMIT: one line of the report.
verdict() {
	[ -n "$2" ] || die "not measured: $1"
	if awk -v r="$2" -v how="$3" -v l="$4" 'BEGIN { exit !(how == "at-most" ? r <= l : r >= l) }'; then
		word=PASS
	else
		word=FAIL
		say "$1" >>"$RUN/shortfalls"
	fi
	printf '%s  %-62s %6.2f  (%s %s)  bench/run %s\n' "$word" "$1" "$2" "$(say "$3" | tr - ' ')" "$4" "$PART"
}

# The gateway's program, which takes little of the processors that it shares with what is measured.
gateway_build() {
	gcc -O2 -Wall -Wextra -Werror -o "$WORK/gateway" "$TOP"/bench/gateway/*.c -levent -levent_openssl -lnghttp2 -lssl -lcrypto ||
		die "bench/gateway does not compile"
}

# A gateway that answers after this many milliseconds and lists so many intents; sets GATEWAY to its address.
# The file arrivals has a line for each request about an intent: its id, and when it came, in microseconds since 1970.
# Call before bench_cluster, with "paycore.secrets_file = '$SECRETS'" among its settings.
# gateway_start DELAY_MS [LISTED]
gateway_start() {
	gateway_build
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout "$WORK/key.pem" \
		-out "$WORK/cert.pem" -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	"$WORK/gateway" "$1" "${2:-0}" "$WORK/key.pem" "$WORK/cert.pem" "$WORK/arrivals" >"$WORK/port" 2>"$WORK/gateway.log" &
	SERVERS="$SERVERS $!"
	for _ in $(seq 100); do
		[ ! -s "$WORK/port" ] || break
		sleep 0.05
	done
	GATEWAY=https://127.0.0.1:$(cat "$WORK/port")
	SECRETS=$WORK/secrets
	{
		say "instance = bench"
		say "[default]"
		say "api_key = sk_test_bench"
		say "webhook_secret = whsec_bench"
		say "base_url = $GATEWAY"
		say "ca_file = $WORK/cert.pem"
	} >"$SECRETS"
	chmod 600 "$SECRETS"
	! is_root || chown "$TESTER" "$SECRETS"
}

# A database whose worker talks to that gateway without a limit of rate, with a hundred accounts.
gateway_database() {
	paycore_database "$1"
	sql "$1" "UPDATE paycore.gateway_accounts SET gateway = 'stripe', livemode = false, rate_limit = 1000000,
			endpoint_rate_limit = 1000000 WHERE name = 'default'" \
		"INSERT INTO paycore.billing_accounts (name, currency, psp_customer_id)
			SELECT 'Account ' || n, 'USD', 'cus_bench_' || n FROM generate_series(1, 100) n" \
		"CREATE SCHEMA bench" \
		"CREATE FUNCTION bench.create_intents(n integer) RETURNS bigint LANGUAGE sql AS \$\$
			SELECT count(id) FROM (SELECT (paycore.create_payment_intent(account, paycore.money_cents(1000 + i, 'USD'),
				payment_method => 'pm_card_visa', confirm => true, description => 'Order ' || i)).id
				FROM (SELECT id AS account, row_number() OVER (ORDER BY id) AS r FROM paycore.billing_accounts LIMIT 100) a
				JOIN generate_series(1, n) i ON a.r = 1 + i % 100 OFFSET 0) x \$\$" \
		"VACUUM ANALYZE"
}

# await_drained DATABASE SECONDS: until nothing is unfinished.
await_drained() {
	for _ in $(seq $(($2 * 5))); do
		[ "$(sql "$1" "SELECT count(*) FROM paycore.outbox WHERE finished_at IS NULL")" != 0 ] || return 0
		sleep 0.2
	done
	sql "$1" "SELECT status, error_code, error_message, count(*) FROM paycore.outbox GROUP BY 1, 2, 3" "SELECT paycore.health()" >&2
	die "the outbox was not drained in $2 seconds"
}
