# shellcheck shell=bash
# shellcheck disable=SC2034 # version is for the caller
# Archives that are the same for the same sources. Source it in the project's folder.

version=$(sed -n "s/^project(.* version : '\([^']*\)'.*/\1/p" meson.build)
# The time of every file in the archives: that of the last commit, or of the version's file.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y meson.build)}
export SOURCE_DATE_EPOCH

# write_manifest FOLDER - names and sums of all its files; modes that do not depend on who builds.
write_manifest() {
	chmod -R u=rwX,go=rX "$1"
	(cd "$1" && find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum) >"$1.manifest"
	install -m 644 "$1.manifest" "$1/MANIFEST"
}

# archive FILE FOLDER NAME... - a reproducible tar.gz.
archive() {
	local file=$1 folder=$2
	shift 2
	tar -C "$folder" --format=ustar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
		--numeric-owner -c "$@" | gzip -9n >"$file.new"
	mv "$file.new" "$file"
}
