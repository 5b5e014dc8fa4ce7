# shellcheck shell=bash
# Debian packages of another architecture or suite, without touching the host's own
# package set-up: adding an architecture there can make "apt-get update" fail.
# Source this and set APT_CACHE to a folder for the indexes.

# The mirror that this machine itself uses.
apt_mirror() {
	# shellcheck disable=SC2016 # apt fills them in
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
		awk '$2 !~ /-/ && $3 == "main" && $1 ~ /debian\/*$/ { print $1; exit }'
}

# apt_foreign ARCH SUITE COMMAND... - run an apt command over an index of its own.
apt_foreign() {
	local arch=$1 suite=$2 index=$APT_CACHE/apt-$2-$1
	shift 2
	if [ ! -e "$index/ready" ]; then
		rm -rf "$index"
		mkdir -p "$index"/etc/{preferences.d,apt.conf.d,sources.list.d} \
			"$index"/state/lists/partial "$index"/cache/archives/partial
		: >"$index/state/status"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(apt_mirror) $suite main" \
			>"$index/etc/sources.list"
		sed 's/^deb /deb-src /' "$index/etc/sources.list" >"$index/etc/sources.list.d/source.list"
		cat >"$index/apt.conf" <<-CONF
			Dir::Etc "$index/etc";
			Dir::State "$index/state";
			Dir::State::status "$index/state/status";
			Dir::Cache "$index/cache";
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; };
			APT::Sandbox::User "root";
			APT::Install-Recommends "false";
		CONF
		APT_CONFIG=$index/apt.conf apt-get -qq update
		touch "$index/ready"
	fi
	APT_CONFIG=$index/apt.conf "$@"
}
