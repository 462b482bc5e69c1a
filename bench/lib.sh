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
	sql "$1" "CREATE EXTENSION paycore" "SELECT paycore.init()" >/dev/null
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
