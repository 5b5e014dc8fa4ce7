# shellcheck shell=bash
# shellcheck disable=SC2154 # lock and here come from the caller
# Debian packages in the versions, and with the sums, that a lock file names. A line of it:
#   KIND PACKAGE=VERSION SHA256
# KIND is an architecture for a built package, "source" for a source package. Source apt.sh first.

# The newest sources: those of Debian 11 are no longer complete on every mirror.
source_suite=bookworm

apt_source() {
	apt_foreign arm64 $source_suite apt-get -qq --download-only source "$1"
}

# package_file "PACKAGE=VERSION" ARCH - the name that apt gives the file.
package_file() {
	local version=${1#*=}
	echo "${1%%=*}_${version//:/%3a}_$2.deb"
}

# check_sum FILE SHA256
check_sum() {
	echo "$2  $1" | sha256sum --quiet -c - >&2 || {
		echo "${0##*/}: $1 is not the file of ${lock##*/}; if Debian has replaced it," \
			"read what changed and run ${0##*/} --lock" >&2
		exit 1
	}
}

# write_lock SUITE "PACKAGE..." "SOURCE..." - the lock file as it would be today, to standard output.
write_lock() {
	local suite=$1 kind package version work
	work=$(mktemp -d)
	(
		cd "$work" || exit
		for kind in armhf arm64; do
			for package in $2; do
				version=$(apt_foreign "$kind" "$suite" apt-cache show --no-all-versions "$package" |
					sed -n 's/^Version: //p')
				apt_foreign "$kind" "$suite" apt-get -qq download "$package=$version"
				echo "$kind $package=$version $(sha256sum <"$(package_file "$package=$version" "$kind")" | cut -c 1-64)"
			done
		done
		for package in $3; do
			apt_source "$package" >&2
			version=$(sed -n 's/^Version: //p' "$package"_*.dsc)
			echo "source $package=$version $(sha256sum <"$(ls "$package"_*.dsc)" | cut -c 1-64)"
		done
	)
	rm -rf "$work"
}

# unpack_packages ARCH SUITE TREE - the built packages of the lock file.
unpack_packages() {
	local kind package sum file
	while read -r kind package sum; do
		[ "$kind" = "$1" ] || continue
		file=$(package_file "$package" "$1")
		[ -e "$file" ] || apt_foreign "$1" "$2" apt-get -qq download "$package"
		check_sum "$file" "$sum"
		dpkg-deb --fsys-tarfile "$file" | tar -x -C "$3"
	done <"$lock"
}

# unpack_sources TREE - its source packages, as source-PACKAGE here; their licences into TREE.
unpack_sources() {
	local kind package sum
	while read -r kind package sum; do
		[ "$kind" = source ] || continue
		[ -e "$(echo "${package%%=*}"_*.dsc)" ] || apt_source "$package"
		check_sum "$(ls "${package%%=*}"_*.dsc)" "$sum"
		rm -rf "source-${package%%=*}"
		# No keyring has the maintainers' keys; the sum above vouches for the file.
		dpkg-source -x "${package%%=*}"_*.dsc "source-${package%%=*}" >dpkg-source.log 2>&1 ||
			{ cat dpkg-source.log >&2; exit 1; }
		install -D -m 644 "source-${package%%=*}/debian/copyright" "$1/licenses/${package%%=*}.txt"
	done <"$lock"
}
