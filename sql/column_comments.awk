# What stands behind a column of a row type becomes its COMMENT, and with it that of the table's.
# A column without words of its own has those below; one that has neither ends the build.

BEGIN {
	common["id"] = "Key: a UUID of version 7, so in order of time."
	common["tenant_id"] = "The tenant whose row it is."
	common["created_at"] = "When the row was written."
	common["updated_at"] = "When the row was last changed."
	common["metadata"] = "Keys and values of the application's own."
	common["billing_account_id"] = "The billing account it belongs to."
	common["gateway_account"] = "Name of the gateway account it is at."
	common["livemode"] = "Whether real money moves; false: the gateway's test mode; null: not heard of there yet."
	common["gw_time"] = "The gateway's time of the latest picture that the row shows; null: none yet."
	common["gw_digest"] = "Digest of that picture, which tells it from another one of the same second."
	common["gw_doubt"] = "Two pictures of one second differ, and which is the newer is being asked."
	common["sweeps"] = "How many times in a row it was looked at because nothing was heard of it."
	common["next_sweep_at"] = "When it is looked at if nothing is heard of it until then."
	common["currency"] = "Its currency."
	common["actor"] = "The role that did it."
}

function quoted(text) {
	gsub(/'/, "''", text)
	return "'" text "'"
}

function words(line, column) {
	if (match(line, / -- /))
		return substr(line, RSTART + RLENGTH)
	if (column in common)
		return common[column]
	print "no words for column " column " of " type > "/dev/stderr"
	exit 1
}

{ print }

/^CREATE TYPE [a-z_.]+ AS \($/ { type = $3; n = 0; next }
type != "" && /^\t/ { columns[++n] = $1; texts[n] = words($0, $1); next }
type != "" {
	for (i = 1; i <= n; i++)
		print "COMMENT ON COLUMN " type "." columns[i] " IS " quoted(texts[i]) ";"
	type = ""
}
