# What the scripts of this folder share; sourced, never run.
#
# Root builds, but a server refuses to run as root: whatever talks to one runs
# through as_tester, as an unprivileged user.

umask 022
export LC_ALL=C

TOP=$(cd "$(dirname "$0")/.." && pwd -P)

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# The newest PostgreSQL that extensions can be built for here, else the one that apt offers.
find_pg_major() {
	installed=$(ls -d /usr/lib/postgresql/*/lib/pgxs 2>/dev/null | cut -d/ -f5 | sort -n | tail -1)
	if [ -n "$installed" ]; then
		say "$installed"
	else
		apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -1
	fi
}

find_tester() {
	if ! is_root; then
		id -un
	elif id postgres >/dev/null 2>&1; then
		say postgres
	else
		say nobody
	fi
}

as_tester() {
	if is_root; then
		setpriv --reuid="$TESTER" --regid="$(id -g "$TESTER")" --init-groups env HOME=/tmp "$@"
	else
		"$@"
	fi
}

# Sets PG_MAJOR, TESTER and BUILD, and enters BUILD.  The tester must be able to reach it; where
# the checkout is private (say, under /root), build/ becomes a link to a folder under /var/tmp.
setup_paths() {
	PG_MAJOR=${PG_MAJOR:-$(find_pg_major)}
	TESTER=$(find_tester)
	[ -e "$TOP/build/" ] || { rm -f "$TOP/build"; mkdir "$TOP/build"; }
	BUILD=$(cd "$TOP/build" && pwd -P)
	if ! as_tester test -x "$BUILD"; then
		BUILD=$(mktemp -d /var/tmp/paycore-build.XXXXXX)
		chmod 755 "$BUILD"
		rm -rf "$TOP/build"
		ln -s "$BUILD" "$TOP/build"
	fi
	PGCONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config
	export PG_MAJOR TESTER BUILD PGCONFIG
	cd "$BUILD"		# from a folder that the tester may not enter, its programs print a warning into their output
}

# A variant's private installation, and the folders inside it.
prefix_dir() {
	case $1 in
		normal) say "$BUILD/pg$PG_MAJOR" ;;
		*) say "$BUILD/pg$PG_MAJOR-$1" ;;
	esac
}

prefix_bin() {
	say "$(prefix_dir "$1")/usr/lib/postgresql/$PG_MAJOR/bin"
}

prefix_pgxs() {
	say "$(prefix_dir "$1")/usr/lib/postgresql/$PG_MAJOR/lib/pgxs"
}

# The environment of a server of this variant, as words for env(1).
server_env() {
	if [ "$1" = asan ]; then
		say "LD_PRELOAD=$(gcc -print-file-name=libasan.so):$(prefix_dir asan)/no-nls.so" \
			"ASAN_OPTIONS=detect_leaks=0:malloc_context_size=4:quarantine_size_mb=8:thread_local_quarantine_size_kb=64:detect_stack_use_after_return=0:abort_on_error=1" \
			"UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1"
	fi
}

CLUSTERS=
SOCKET_DIRS=

# cluster_start DIR VARIANT [setting...]: a throw-away cluster that only its socket reaches.
# DIR must belong to the tester.  Sets PGHOST, PGPORT, PGUSER and CLUSTER_LOG.
cluster_start() {
	cluster=$1
	variant=$2
	shift 2
	bin=$(prefix_bin "$variant")
	PGHOST=$(mktemp -d /tmp/paycore.XXXXXX)
	PGPORT=5432
	PGUSER=tester
	CLUSTER_LOG=$cluster/server.log
	export PGHOST PGPORT PGUSER
	is_root && chown "$TESTER" "$PGHOST"
	SOCKET_DIRS="$SOCKET_DIRS $PGHOST"

	as_tester "$bin/initdb" -D "$cluster/data" -U "$PGUSER" -A trust -N --no-locale -E UTF8 \
		>"$cluster/initdb.log" 2>&1 || { cat "$cluster/initdb.log"; return 1; }
	{
		cat "$TOP/test/postgresql.conf"
		say "listen_addresses = ''"
		say "unix_socket_directories = '$PGHOST'"
		for setting; do say "$setting"; done
	} | as_tester tee -a "$cluster/data/postgresql.conf" >/dev/null

	CLUSTERS="$CLUSTERS $variant:$cluster/data"
	# shellcheck disable=SC2046
	as_tester env $(server_env "$variant") "$bin/pg_ctl" -D "$cluster/data" \
		-l "$CLUSTER_LOG" -w -t 60 start >"$cluster/start.log" 2>&1 ||
		{ cat "$cluster/start.log" "$CLUSTER_LOG"; return 1; }
}

# Stops every cluster that this process started.
clusters_stop() {
	for cluster in $CLUSTERS; do
		as_tester "$(prefix_bin "${cluster%%:*}")/pg_ctl" -D "${cluster#*:}" \
			-m fast -w -t 30 stop >/dev/null 2>&1 ||
			as_tester "$(prefix_bin "${cluster%%:*}")/pg_ctl" -D "${cluster#*:}" \
				-m immediate -w stop >/dev/null 2>&1 || true
	done
	CLUSTERS=
	for dir in $SOCKET_DIRS; do
		rm -rf "$dir"
	done
	SOCKET_DIRS=
}
