#!/bin/sh
# Files as C arrays.   embed.sh OUT NAME FILE [NAME FILE]...
set -eu
out=$1
shift
{
	echo '#include "gateway/api_text.h"'
	while [ $# -ge 2 ]; do
		echo "const unsigned char $1[] = {"
		od -An -v -tx1 "$2" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
		echo "};"
		echo "const size_t $1_size = sizeof($1);"
		shift 2
	done
} >"$out"
