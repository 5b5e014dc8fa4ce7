# A port's lock is a link to the number of the process that has it.
lock_dir=/var/lock/serial-starter
mkdir -p $lock_dir

lock_tty() {
	holder=$(readlink "$lock_dir/$1") && [ ! -d "/proc/$holder" ] && rm -f "$lock_dir/$1"
	ln -s $$ "$lock_dir/$1" 2>/dev/null
}

unlock_tty() { rm -f "$lock_dir/$1"; }
