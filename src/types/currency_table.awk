# Makes the C table of currencies, sorted by code, from data/iso4217.csv and
# data/withdrawn.csv.  A withdrawn code whose ISO number lives on in its
# successor is stored under a number of its own, from 1000 to 1023.

function fail(why)
{
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	failed = 1
	exit 1
}

BEGIN {
	FS = ","
}

FNR == 1 {
	file++
	next
}

{
	# Names are ASCII, so that they fit every server encoding.
	gsub(/’/, "'")
	gsub(/í/, "i")
	if ($0 ~ /[^ -~]/)
		fail("not ASCII: " $0)
	if (NF != (file == 1 ? 4 : 6) || $1 !~ /^[A-Z][A-Z][A-Z]$/ || $2 !~ /^[0-9][0-9][0-9]$/)
		fail("malformed: " $0)
	if ($3 > 4)
		fail("more decimals than PC_CURRENCY_DECIMALS: " $0)
	stored = file == 2 && $6 != "" ? $6 + 0 : $2 + 0
	if (stored in by_number)
		fail("number used twice: " $0)
	if ($1 in line)
		fail("code used twice: " $0)
	by_number[stored] = $1
	line[$1] = sprintf("\t{%d, %d, \"%s\", %d, %s, \"%s\", %s},", stored, $2, $1,
		$3 == "" ? -1 : $3, file == 2 ? "true" : "false", $4,
		file == 2 ? "\"" $5 "\"" : "NULL")
	for (i = n++; i > 0 && code[i - 1] > $1; i--)
		code[i] = code[i - 1]
	code[i] = $1
}

END {
	if (failed)
		exit 1
	if (n > 255)
		fail("the ranks no longer fit one byte")
	print "static const PcCurrencyInfo currencies[] = {"
	for (i = 0; i < n; i++) {
		print line[code[i]]
		rank[code[i]] = i + 1
	}
	print "};\n"
	print "const uint8_t pc_currency_ranks[PC_CURRENCY_NUMBERS] = {"
	for (i = 0; i < 1024; i++)
		if (i in by_number)
			printf "\t[%d] = %d,\n", i, rank[by_number[i]]
	print "};"
}
